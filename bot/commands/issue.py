"""/latest, /issue and the buttons 上一期 and 下一期: reading in the chat."""

from bot.channels.base import Answer
from bot.commands.base import LIMITS, Asked, paper_of, say
from bot.commands.papers import unknown_paper, which_paper
from bot.ledger import subscriptions
from bot.ledger.subscriptions import ALL
from bot.messages import issue_message
from bot.messages.actions import Verb
from config.models import SourceConfig
from feeds.dates import parse_date
from feeds.models import Issue
from feeds.store import library
from feeds.store.engine import Transaction


async def latest(asked: Asked) -> Answer:
    """`/latest [paper]`: the newest issue of one paper, or of each that this chat reads."""
    name = asked.incoming.words
    if name:
        source = asked.paper(name)
        return await show_newest(asked, source) if source else unknown_paper(asked, name)
    wanted = await _mine(asked)
    if not wanted:
        return which_paper(asked, Verb.ISSUE, asked._("看哪一份？"))
    answers = [await show_newest(asked, source) for source in wanted]
    return Answer(parts=tuple(part for answer in answers for part in answer.parts))


async def _mine(asked: Asked) -> tuple[SourceConfig, ...]:
    """The papers that this chat reads; the only one there is, if it reads none."""
    sources = asked.settings.sources
    if len(sources) == 1:
        return sources
    async with asked.store.read() as tx:
        read = {s.source for s in await subscriptions.of_chat(tx, asked.to)}
    return sources if ALL in read else tuple(s for s in sources if s.id in read)


async def issue(asked: Asked) -> Answer:
    """`/issue [paper] [date]`: an issue with its buttons."""
    name, day = _name_and_day(asked.incoming.words)
    mine = await _mine(asked)
    source = asked.paper(name) if name else mine[0] if len(mine) == 1 else None
    if source is None:
        if name:
            return unknown_paper(asked, name)
        return which_paper(asked, Verb.ISSUE, asked._("看哪一份？"))
    if not day:
        return await show_newest(asked, source)
    async with asked.store.read() as tx:
        found = await _issue_of(tx, source.id, day)
    if found is None:
        words = asked._("{paper} 没有收录 {day} 这一期。")
        return say(words.format(paper=source.title, day=day[:40]))
    return show(asked, source, found)


def _name_and_day(words: str) -> tuple[str, str]:
    """The last word is a day where it reads as one; the whole, where all of it does."""
    if parse_date(words) is not None:
        return "", words
    name, _, last = words.rpartition(" ")
    return (name.strip(), last) if parse_date(last) is not None else (words.strip(), "")


async def _issue_of(tx: Transaction, source: str, day: str) -> Issue | None:
    wanted = parse_date(day)
    found = await library.issue(tx, source, wanted.isoformat()) if wanted else None
    return found or await library.issue(tx, source, day)


async def show_newest(asked: Asked, source: SourceConfig) -> Answer:
    """The newest issue."""
    async with asked.store.read() as tx:
        newest = await library.newest_issue(tx, source.id)
    if newest is None:
        return say(asked._("{paper} 还没有读到，过一会儿再来看看。").format(paper=source.title))
    return show(asked, source, newest)


def show(asked: Asked, source: SourceConfig, found: Issue, *, replace: bool = False) -> Answer:
    """An issue as messages, or as the one that replaces the button's."""
    options = asked.options(source)
    if replace:
        options = options.within_one_part()
    return Answer(issue_message(paper_of(source), found, LIMITS, options), replace=replace)


async def turn(asked: Asked, issue_id: int, verb: Verb) -> Answer:
    """上一期 and 下一期 of the issue that the button stands under."""
    _ = asked._
    async with asked.store.read() as tx:
        here = await library.issue_by_id(tx, issue_id)
        source = asked.settings.source(here.source) if here else None
        if here is None or source is None:
            return Answer(alert=_("这份报纸已经不在了"))
        sides = await library.neighbours(tx, here.source, here.key)
        key = sides.previous if verb is Verb.PREVIOUS else sides.next
        there = await library.issue(tx, here.source, key) if key else None
    if there is None:
        return Answer(alert=end_words(asked, here, verb))
    return show(asked, source, there, replace=True)


def end_words(asked: Asked, here: Issue, verb: Verb) -> str:
    """What is said at an end of the row (design.md section 1)."""
    _ = asked._
    if verb is Verb.NEXT:
        return _("这已经是最后一期了哦!")
    return _("这已经是最早的一期了哦!") if here.is_first else _("更早的报纸还没有收录")
