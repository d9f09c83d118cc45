"""/language, /timezone, /privacy and their buttons: what a chat chose, and what is kept of it."""

from bot.channels.base import Answer, Typed
from bot.commands.asking import ask_to_type
from bot.commands.base import Asked, alert, chat_key, say
from bot.commands.clocks import ZONES, is_zone, parse_zone
from bot.commands.describe import zone_text
from bot.ledger import chats
from bot.messages.actions import Action, Verb, button
from bot.messages.options import rows_of
from feeds.words import SOURCE_LANGUAGE, languages, translator

NAMES = {"zh-CN": "中文", "en": "English"}
"""Languages by their own names."""
_ASK, _YES = "ask", "yes"


# ── language ────────────────────────────────────────────────────────────────────────────────────


async def language(asked: Asked) -> Answer:
    """`/language [中文|English]`."""
    wanted = _language(asked.words)
    if wanted is not None:
        return await _speak(asked, wanted)
    rows = tuple((button(_name(tag), Verb.LANGUAGE, tag),) for tag in languages())
    return say(asked._("用哪种语言？"), buttons=rows)


def _language(text: str) -> str | None:
    plain = text.strip().casefold()
    if plain in {"zh", "zh-cn", "chinese", "中文", "汉语"}:
        return SOURCE_LANGUAGE
    return next((t for t in languages() if plain in {t.casefold(), _name(t).casefold()}), None)


def _name(tag: str) -> str:
    return NAMES.get(tag, tag)


async def press_language(asked: Asked, action: Action) -> Answer:
    """From now on in this language."""
    if action.about not in languages():
        return alert(asked._("这个按钮已经旧了。"))
    return await _speak(asked, action.about, replace=True)


async def _speak(asked: Asked, tag: str, *, replace: bool = False) -> Answer:
    async with asked.store.write() as tx:
        await chats.choose(tx, chat_key(asked.about.to), language=tag)
    _ = translator(tag)
    return say(_("好，以后都用中文。"), replace=replace)


# ── time zone ───────────────────────────────────────────────────────────────────────────────────


async def timezone(asked: Asked) -> Answer:
    """`/timezone [zone]`."""
    if not asked.words:
        return _zones(asked)
    zone = parse_zone(asked.words)
    if zone is None:
        words = asked._("没有「{zone}」这个时区。写城市或时差，如 Asia/Tokyo、UTC+9")
        return say(words.format(zone=asked.words[:40]))
    return await _set_zone(asked, zone)


async def press_zone(asked: Asked, action: Action) -> Answer:
    """What may be chosen, or a choice."""
    if not action.about:
        return _zones(asked)
    if not is_zone(action.about):
        return alert(asked._("这个按钮已经旧了。"))
    return await _set_zone(asked, action.about, replace=True)


def _zones(asked: Asked) -> Answer:
    _ = asked._
    rows = rows_of(
        (
            button(f"✓ {_(words)}" if zone == asked.zone else _(words), Verb.ZONE, zone)
            for zone, words in ZONES.items()
        ),
        3,
    )
    words = _("现在的时区：{zone}。换成哪里的？").format(zone=zone_text(asked.zone, _))
    return say(words, buttons=(*rows, (button(_("自己写"), Verb.ASK, "zone"),)))


async def press_ask(asked: Asked, _action: Action) -> Answer:
    """The zone shall be typed."""
    question = asked._("写城市或时差，如 Asia/Tokyo、UTC+9")
    return ask_to_type(asked, question, Typed("Asia/Tokyo"), Action(Verb.ASK, "zone"))


async def _set_zone(asked: Asked, zone: str, *, replace: bool = False) -> Answer:
    async with asked.store.write() as tx:
        await chats.choose(tx, chat_key(asked.about.to), timezone=zone)
    words = asked._("好，时区：{zone}。").format(zone=zone_text(zone, asked._))
    return say(words, replace=replace)


# ── privacy ─────────────────────────────────────────────────────────────────────────────────────


async def privacy(asked: Asked) -> Answer:
    """What is kept, in plain words, and a button that deletes all of it."""
    _ = asked._
    return say(
        "**" + _("我记着什么"),
        _("▪ 这个聊天的编号，群和频道的名字，选的语言和时区"),
        _("▪ 订阅和它们的设置"),
        _("▪ 送过哪些消息，好不送第二遍、能说清为什么送"),
        _("不记：你的名字，你写的话，你读了哪些文章。什么都不给别人。"),
        buttons=((button(_("全部删掉"), Verb.FORGET, _ASK),),),
    )


async def press_forget(asked: Asked, action: Action) -> Answer:
    """Asks once more, then deletes."""
    _ = asked._
    if action.about != _YES:
        row = (
            button(_("是，全部删掉"), Verb.FORGET, _YES),
            button(_("不删"), Verb.CLOSE, "no"),
        )
        words = _("真的全部删掉？订阅也就没有了。")
        return say(words, buttons=(row,), replace=True)
    async with asked.store.write() as tx:
        await chats.forget(tx, chat_key(asked.about.to))
    return say(_("都删掉了。想再订的时候，发 /start 就行。"), replace=True)


async def press_close(asked: Asked, _action: Action) -> Answer:
    """Nothing was done."""
    return say(asked._("好，什么都没有动。"), replace=True)
