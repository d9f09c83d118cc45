"""/subscriptions: what a chat gets, and a card for each subscription with buttons for all of it."""

from collections.abc import Sequence

from bot.channels.base import Answer
from bot.commands.base import Asked, Buttons, alert, say
from bot.commands.describe import (
    line,
    mode_text,
    overruled,
    pages_text,
    paper_title,
    quiet_text,
    rung_text,
    zone_text,
)
from bot.commands.ending import change_all, change_row, nothing_yet
from bot.ledger import subscriptions
from bot.ledger.subscriptions import ALL, CHAT, Subscription
from bot.messages.actions import Action, Verb, button
from bot.messages.options import rows_of

A_PAGE = 10


async def list_subscriptions(asked: Asked) -> Answer:
    """What this chat gets, and how."""
    return await show_list(asked, 0)


async def press_list(asked: Asked, action: Action) -> Answer:
    """The list in the card's place, or another page of it."""
    return await show_list(asked, action.row() or 0, replace=True)


async def show_list(asked: Asked, begin: int, *, replace: bool = False) -> Answer:
    """A page of the list; a button for each subscription of one's own."""
    _ = asked._
    async with asked.store.read() as tx:
        mine = await subscriptions.of_chat(tx, asked.about.to)
    if not mine:
        return nothing_yet(asked)
    begin = min(begin, (len(mine) - 1) // A_PAGE * A_PAGE)
    shown = mine[begin : begin + A_PAGE]
    lines = ["**" + _("这里的订阅")]
    for one in shown:
        lines.append("▪ " + line(asked, one))
        if note := overruled(asked, one, mine):
            lines.append(note)
    cards = rows_of(
        (
            button(paper_title(asked, one.source), Verb.SUBSCRIPTION, one.id)
            for one in shown
            if one.origin == CHAT
        ),
        2,
    )
    buttons = (*cards, *_pager(asked, begin, len(mine)), *_for_all(asked, mine))
    return say(*lines, buttons=buttons, replace=replace)


def _pager(asked: Asked, begin: int, count: int) -> Buttons:
    _ = asked._
    row = []
    if begin:
        row.append(button(_("‹ 前一页"), Verb.SUBSCRIPTIONS, begin - A_PAGE))
    if begin + A_PAGE < count:
        row.append(button(_("后一页 ›"), Verb.SUBSCRIPTIONS, begin + A_PAGE))
    return (tuple(row),) if row else ()


def _for_all(asked: Asked, mine: Sequence[Subscription]) -> Buttons:
    """What concerns all of them."""
    _ = asked._
    own = [one for one in mine if one.origin == CHAT]
    row = [button(_("时区：{zone}").format(zone=zone_text(asked.zone, _)), Verb.ZONE, "")]
    if len(own) > 1:
        is_still = all(one.paused for one in own)
        verb = Verb.RESUME if is_still else Verb.PAUSE
        row.insert(0, button(_("全部恢复") if is_still else _("全部暂停"), verb, ALL))
    return (tuple(row),)


# ── one ─────────────────────────────────────────────────────────────────────────────────────────


async def press_card(asked: Asked, action: Action) -> Answer:
    """The card of this row."""
    return await show_card(asked, action.row())


async def show_card(asked: Asked, row: int | None, *, replace: bool = True) -> Answer:
    """How a subscription is set, with a button for each setting."""
    async with asked.store.read() as tx:
        one = await subscriptions.by_id(tx, row) if row is not None else None
        mine = await subscriptions.of_chat(tx, one.to) if one else ()
    if one is None or one.origin != CHAT:
        gone = asked._("这一条已经不在了。")
        return alert(gone) if replace else say(gone)
    return say(*_card_lines(asked, one, mine), buttons=_card_buttons(asked, one), replace=replace)


def _card_lines(asked: Asked, one: Subscription, mine: Sequence[Subscription]) -> list[str]:
    _ = asked._
    lines = [
        f"**{paper_title(asked, one.source)}",
        _("方式：{value}").format(value=mode_text(one, _)),
        _("版面：{value}").format(value=pages_text(one.pages, _) if one.pages else _("全部")),
        _("筛选：{value}").format(value=one.filter or _("不筛选")),
        _("安静时段：{value}").format(value=quiet_text(one, _)),
        _("阅读数：{value}").format(value=rung_text(one, _)),
    ]
    if one.paused:
        lines.append(_("已暂停，恢复以后从下一期起送。"))
    if note := overruled(asked, one, mine):
        lines.append(note)
    return lines


def _card_buttons(asked: Asked, one: Subscription) -> Buttons:
    _ = asked._

    def choose(words: str, setting: str) -> tuple[str, Verb, str]:
        return words, Verb.CHOICES, f"{one.id}:{setting}"

    rows = [
        choose(_("方式"), "mode"),
        choose(_("筛选"), "filter"),
        choose(_("安静时段"), "quiet"),
        choose(_("阅读数"), "rung"),
    ]
    if one.source != ALL:
        rows.insert(1, choose(_("版面"), "pages"))
        rows.append((_("预览"), Verb.PREVIEW, str(one.id)))
    stop = (_("恢复"), Verb.RESUME) if one.paused else (_("暂停"), Verb.PAUSE)
    return (
        *rows_of((button(*row) for row in rows), 2),
        (button(*stop, one.id), button(_("退订"), Verb.UNSUBSCRIBE, one.id)),
        (button(_("‹ 订阅"), Verb.SUBSCRIPTIONS, 0),),
    )


async def press_pause(asked: Asked, action: Action) -> Answer:
    """Pauses or resumes this row, or all."""
    if action.about == ALL:
        await change_all(asked, action.verb)
        return await show_list(asked, 0, replace=True)
    row = action.row()
    if row is None or not await change_row(asked, action.verb, row):
        return alert(asked._("这一条已经不在了。"))
    return await show_card(asked, row)
