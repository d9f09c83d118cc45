"""/unsubscribe, /pause, /resume and their buttons."""

from collections.abc import Sequence
from dataclasses import replace

from bot.channels.base import Answer
from bot.commands import papers
from bot.commands.base import Asked, alert, say
from bot.commands.describe import line, paper_title
from bot.ledger import subscriptions
from bot.ledger.subscriptions import ALL, CHAT, Subscription, deciding_of
from bot.messages.actions import Action, Verb, about_source, button
from bot.messages.options import rows_of
from feeds.store import journal
from feeds.store.engine import Transaction
from feeds.words import Count

MOST_BUTTONS = 40
EVERYTHING = frozenset({"*", "all", "全部", "所有"})


async def unsubscribe(asked: Asked) -> Answer:
    """`/unsubscribe [paper|all]`."""
    _ = asked._
    name = asked.words
    async with asked.store.write() as tx:
        mine = await subscriptions.of_chat(tx, asked.about.to)
        own = [s for s in mine if s.origin == CHAT]
        if not own and not name:
            return nothing_yet(asked)
        if name.casefold() in EVERYTHING:
            ended = await subscriptions.unsubscribe(tx, asked.about.to, None)
            return say(_("退了 {count} 份。").format(count=Count(ended)))
        if not name and len(own) > 1:
            return _which(asked, own, _("退哪一份？"), Verb.UNSUBSCRIBE)
        source = own[0].source if not name else _source(asked, own, name)
        if source is None:
            return papers.unknown_paper(asked, name)
        return await _end(asked, tx, source, mine)


async def press_unsubscribe(asked: Asked, action: Action) -> Answer:
    """Ends the subscription of this row."""
    async with asked.store.write() as tx:
        one = await subscriptions.by_id(tx, action.row() or 0)
        if one is None or one.origin != CHAT:
            return alert(asked._("这一条已经不在了。"))
        mine = await subscriptions.of_chat(tx, one.to)
        ended = await _end(asked, tx, one.source, mine)
    return replace(ended, replace=True)


async def _end(asked: Asked, tx: Transaction, source: str, mine: Sequence[Subscription]) -> Answer:
    """Ends the chat's own subscription, and says what goes on all the same."""
    _ = asked._
    ended = await subscriptions.unsubscribe(tx, mine[0].to if mine else asked.about.to, source)
    title = paper_title(asked, source)
    rest = [s for s in mine if s.source != source or s.origin != CHAT]
    lines = [(_("退订了：{paper}。") if ended else _("现在没有订：{paper}。")).format(paper=title)]
    if (still := deciding_of(rest, source)) is not None:
        lines.append(_("这份报纸还会按「{other}」送来。").format(other=line(asked, still)))
    again = button(_("重新订阅"), Verb.SUBSCRIBE, ALL if source == ALL else about_source(source))
    return say(*lines, buttons=((again,),) if ended else ())


# ── pausing ─────────────────────────────────────────────────────────────────────────────────────


async def pause(asked: Asked) -> Answer:
    """`/pause [paper]`: nothing is sent until /resume."""
    return await _pause_or_resume(asked, Verb.PAUSE, asked.words)


async def resume(asked: Asked) -> Answer:
    """`/resume [paper]`: goes on with what comes out from now on."""
    return await _pause_or_resume(asked, Verb.RESUME, asked.words)


async def _pause_or_resume(asked: Asked, verb: Verb, name: str) -> Answer:
    async with asked.store.write() as tx:
        own = [s for s in await subscriptions.of_chat(tx, asked.about.to) if s.origin == CHAT]
        if not own:
            return nothing_yet(asked)
        source = None
        if name and name.casefold() not in EVERYTHING:
            source = _source(asked, own, name)
            if source is None:
                return papers.unknown_paper(asked, name)
        changed = await _change(tx, verb, own, source)
    return say(_changed_words(asked, verb, own, source, changed))


async def _change(
    tx: Transaction, verb: Verb, own: Sequence[Subscription], source: str | None
) -> int:
    if verb is Verb.PAUSE:
        return await subscriptions.pause(tx, own[0].to, source)
    return await subscriptions.resume(tx, own[0].to, source, await journal.end(tx))


def _changed_words(
    asked: Asked, verb: Verb, own: Sequence[Subscription], source: str | None, changed: int
) -> str:
    _ = asked._
    which = (
        paper_title(asked, source) if source else _("{count} 份订阅").format(count=Count(len(own)))
    )
    if verb is Verb.PAUSE:
        words = _("已暂停：{which}。/resume 接着送。") if changed else _("本来就停着：{which}。")
    else:
        words = _("接着送：{which}，从下一期起。") if changed else _("本来就没有停：{which}。")
    return words.format(which=which)


async def change_row(asked: Asked, verb: Verb, row: int) -> bool:
    """Pauses or resumes one subscription of a person's own. False where it is not there any more."""
    async with asked.store.write() as tx:
        one = await subscriptions.by_id(tx, row)
        if one is None or one.origin != CHAT:
            return False
        await _change(tx, verb, [one], one.source)
    return True


async def change_all(asked: Asked, verb: Verb) -> None:
    """Pauses or resumes all of the chat's own."""
    async with asked.store.write() as tx:
        own = [s for s in await subscriptions.of_chat(tx, asked.about.to) if s.origin == CHAT]
        if own:
            await _change(tx, verb, own, None)


# ── which ───────────────────────────────────────────────────────────────────────────────────────


def nothing_yet(asked: Asked) -> Answer:
    """There is no subscription."""
    return say(asked._("这里还没有订阅。/subscribe 订一份吧。"))


def _source(asked: Asked, own: Sequence[Subscription], name: str) -> str | None:
    """The paper that is meant; one that is no longer there, by its id."""
    found = asked.stand.find(name)
    return found.id if found else next((s.source for s in own if s.source == name), None)


def _which(asked: Asked, own: Sequence[Subscription], question: str, verb: Verb) -> Answer:
    rows = rows_of(
        (button(paper_title(asked, s.source), verb, s.id) for s in own[:MOST_BUTTONS]), 2
    )
    return say(question, buttons=rows)
