"""/manage: a channel is looked after from a private chat with one of its administrators. And what is
said when we are added somewhere.
"""

from dataclasses import replace

from bot.address import Address, ChatKind
from bot.channels.base import Answer, Picked, Picks, Rights
from bot.commands.base import Asked, alert, chat_key, say
from bot.ledger import chats
from bot.message import Button, Line, Part, Span
from bot.messages.actions import Action, Verb, button
from feeds.words import N_

_END = frozenset({"off", "end", "结束", "退出", "自己"})
_NOT_ALLOWED = N_("只有频道的管理员能管它。")


async def manage(asked: Asked) -> Answer:
    """`/manage [@channel|end]`: from now on subscriptions here are the channel's."""
    _ = asked._
    if asked.incoming.kind is not ChatKind.PRIVATE:
        return say(_("频道在和我的私聊里管：打开私聊，发 /manage。"))
    if asked.words.casefold() in _END:
        return await _leave(asked)
    if asked.words:
        return await look_after(asked, asked.words.split()[0])
    lines = [Line((Span(_("要管哪个频道？我得是那里的管理员，能发消息。")),))]
    if asked.chat.manages:
        lines.append(Line((Span(_("/manage end 回到你自己的订阅。")),)))
    return Answer((Part(tuple(lines)),), asks=Picks(_("选一个频道")))


async def press_manage(asked: Asked, action: Action) -> Answer:
    """A channel's button, or the way back to one's own."""
    if asked.incoming.kind is not ChatKind.PRIVATE:
        return alert(asked._(_NOT_ALLOWED))
    if not action.about:
        return replace(await _leave(asked), replace=True)
    return await look_after(asked, action.about)


async def picked(asked: Asked) -> Answer:
    """The person picked a channel in the service's own chooser."""
    answer = await look_after(asked, asked.words)
    thanks = Part((Line((Span(asked._("选好了。")),)),))
    return replace(answer, parts=(thanks, *answer.parts), asks=Picked())


async def look_after(asked: Asked, chat: str) -> Answer:
    """Checks both sides' rights, and begins."""
    _ = asked._
    rights = await asked.rights(Address(asked.to.channel, chat))
    if rights is None:
        return say(_("我看不到这个频道：先把我加进去，设成能发消息的管理员。"))
    if not rights.is_admin or rights.kind is not ChatKind.CHANNEL:
        return say(_(_NOT_ALLOWED))
    if not rights.may_post:
        return say(
            _("我在《{title}》里还不能发消息：给我发消息的权限就行。").format(title=rights.title)
        )
    await _begin(asked, rights)
    words = [
        "**" + _("频道《{title}》").format(title=rights.title),
        _("从现在起，这里的 /subscribe、/subscriptions、/pause、/language 说的都是它。"),
    ]
    row = (
        button(_("订一份报纸"), Verb.PAPERS, "s0:"),
        button(_("看它的订阅"), Verb.SUBSCRIPTIONS, 0),
    )
    return say(*words, buttons=(row, (button(_("回到我自己"), Verb.MANAGE, ""),)))


async def _begin(asked: Asked, rights: Rights) -> None:
    channel = chat_key(rights.address)
    async with asked.store.write() as tx:
        await chats.remember(tx, channel, rights.kind, rights.title, asked.now)
        await chats.choose(tx, chat_key(asked.to), manages=channel)


async def _leave(asked: Asked) -> Answer:
    async with asked.store.write() as tx:
        await chats.choose(tx, chat_key(asked.to), manages=None)
    return say(asked._("好，现在说的又是你自己的订阅了。"))


# ── being added ─────────────────────────────────────────────────────────────────────────────────


async def joined(asked: Asked) -> Answer:
    """One message that says what to do; of a channel to whoever added us, if they ever wrote to us."""
    _ = asked._
    incoming = asked.incoming
    if incoming.kind is ChatKind.CHANNEL:
        alone = _("我进了频道《{title}》。要给它订报吗？").format(title=incoming.title)
        manage_it = button(_("管理这个频道"), Verb.MANAGE, incoming.address.chat)
        here = _("大家好，我是报童。频道的管理员在和我的私聊里发 /manage，就能给这里订报。")
        return Answer((_line(here),), alone=(_line(alone, manage_it),))
    if incoming.kind is not ChatKind.GROUP:
        return Answer()
    return say(
        _(
            "大家好，我是报童。管理员发 /subscribe 就能给群里订报；有话题的群，在哪个话题里订，就送到哪里。"
        ),
        buttons=((button(_("订一份报纸"), Verb.PAPERS, "s0:"),),),
    )


def _line(words: str, *buttons: Button) -> Part:
    return Part((Line((Span(words),)),), buttons=(buttons,) if buttons else ())
