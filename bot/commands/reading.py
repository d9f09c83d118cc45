"""Reading in the chat: /latest, /issue, and the buttons that turn a message to another issue, page or
article.
"""

from bot.channels.base import Answer
from bot.commands.base import LIMITS, Asked, alert, say
from bot.commands.links import article_word, share
from bot.commands.papers import choose_paper, unknown_paper
from bot.compose import paper_of
from bot.ledger import subscriptions
from bot.ledger.subscriptions import ALL
from bot.messages import issue_message
from bot.messages.actions import Action, Verb
from bot.messages.reading import Around, opened_article, page_message
from config.models import SourceConfig
from feeds.dates import parse_date
from feeds.models import Article, Issue
from feeds.store import library, ranking
from feeds.store.engine import Transaction
from feeds.store.headlines import SHOWN
from feeds.words import N_

MOST_AT_ONCE = 3  # papers whose newest issues are sent for one /latest
GONE = N_("这份报纸已经不在了。")


async def latest(asked: Asked) -> Answer:
    """`/latest [paper]`: the newest issue of one paper, or of those that this chat reads."""
    if asked.words:
        source = asked.stand.find(asked.words)
        return await show_newest(asked, source) if source else unknown_paper(asked, asked.words)
    wanted = await my_papers(asked)
    if not 0 < len(wanted) <= MOST_AT_ONCE:
        return await choose_paper(asked, Verb.NEWEST, asked._("看哪一份？"), wanted)
    answers = [await show_newest(asked, source) for source in wanted]
    return Answer(parts=tuple(part for answer in answers for part in answer.parts))


async def my_papers(asked: Asked) -> tuple[SourceConfig, ...]:
    """The papers that this chat reads; the only one there is, if it reads none."""
    if len(asked.stand) == 1:
        return asked.stand.papers
    async with asked.store.read() as tx:
        read = {s.source for s in await subscriptions.of_chat(tx, asked.to)}
    return asked.stand.papers if ALL in read else tuple(s for s in asked.stand if s.id in read)


async def issue(asked: Asked) -> Answer:
    """`/issue [paper] [date]`: an issue with its buttons."""
    name, day = _name_and_day(asked.words)
    if name and day and asked.stand.find(name) is None and parse_date(asked.words):
        name, day = "", asked.words  # the other word was the day's name
    mine = await my_papers(asked)
    source = asked.stand.find(name) if name else mine[0] if len(mine) == 1 else None
    if source is None:
        if name:
            return unknown_paper(asked, name)
        return await choose_paper(asked, Verb.NEWEST, asked._("看哪一份？"), mine)
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
    name, _, last = words.rpartition(" ")
    if parse_date(last) is not None:
        return name.strip(), last
    return ("", words) if parse_date(words) is not None else (words.strip(), "")


async def _issue_of(tx: Transaction, source: str, day: str) -> Issue | None:
    wanted = parse_date(day)
    keys = [wanted.isoformat()] if wanted else []
    for key in (*keys, day):
        found = await library.issue(tx, source, key[:64])
        if found is not None and found.status in SHOWN:
            return found
    return None


async def show_newest(asked: Asked, source: SourceConfig, *, replace: bool = False) -> Answer:
    """The newest issue."""
    async with asked.store.read() as tx:
        newest = await library.newest_issue(tx, source.id)
    if newest is None:
        words = asked._("{paper} 还没有读到，过一会儿再来看看。").format(paper=source.title)
        return alert(words) if replace else say(words)
    return show(asked, source, newest, replace=replace)


def show(asked: Asked, source: SourceConfig, found: Issue, *, replace: bool = False) -> Answer:
    """An issue as messages, or as the one that replaces the button's."""
    options = asked.options(source)
    if replace:
        options = options.within_one_part()
    return Answer(issue_message(paper_of(source), found, LIMITS, options), replace=replace)


# ── buttons ─────────────────────────────────────────────────────────────────────────────────────


async def press_newest(asked: Asked, action: Action) -> Answer:
    """A paper's newest issue, as a message of its own."""
    source = asked.stand.of_button(action.about)
    return await show_newest(asked, source) if source else alert(asked._(GONE))


async def press_issue(asked: Asked, action: Action) -> Answer:
    """The whole issue again."""
    async with asked.store.read() as tx:
        found = await _issue_at(asked, tx, action.row())
    if found is None or found[1].status not in SHOWN:
        return alert(_why_not(asked, found))
    return show(asked, *found, replace=True)


async def turn(asked: Asked, action: Action) -> Answer:
    """上一期 and 下一期 of the issue that the button stands under."""
    async with asked.store.read() as tx:
        found = await _issue_at(asked, tx, action.row())
        if found is None:
            return alert(asked._(GONE))
        source, here = found
        there = await _beside(tx, here, action.verb)
    if there is None:
        return alert(end_words(asked, here, action.verb))
    return show(asked, source, there, replace=True)


async def _beside(tx: Transaction, here: Issue, verb: Verb) -> Issue | None:
    """The issue before or after; after the last whole one comes one that still grows."""
    sides = await library.neighbours(tx, here.source, here.key)
    key = sides.previous if verb is Verb.PREVIOUS else sides.next
    if key is not None or verb is Verb.PREVIOUS:
        return await library.issue(tx, here.source, key) if key else None
    newest = await library.newest_issue(tx, here.source)
    is_later = newest and (newest.date, newest.key) > (here.date, here.key)
    return newest if is_later else None


def end_words(asked: Asked, here: Issue, verb: Verb) -> str:
    """What is said at an end of the row (design.md section 1)."""
    _ = asked._
    if verb is Verb.NEXT:
        return _("这已经是最后一期了哦!")
    return _("这已经是最早的一期了哦!") if here.is_first else _("更早的报纸还没有收录")


async def press_page(asked: Asked, action: Action) -> Answer:
    """One page of an issue."""
    async with asked.store.read() as tx:
        found = await _issue_at(asked, tx, action.row())
    if found is None or found[1].status not in SHOWN:
        return alert(_why_not(asked, found))
    source, here = found
    page = next((p for p in here.pages if p.order == action.row(1)), None)
    if page is None:
        return alert(asked._("这一版已经不在了。"))
    part = page_message(paper_of(source), here, page, LIMITS, asked.options(source))
    return Answer((part,), replace=True)


async def press_article(asked: Asked, action: Action) -> Answer:
    """One article, in the message's place."""
    return await show_article(asked, action.row(), action.back, replace=True)


async def show_article(
    asked: Asked, row: int | None, back: str | None = None, *, replace: bool = False
) -> Answer:
    """One article with its summary, its count and how that grew, its page, and its links."""
    async with asked.store.read() as tx:
        article = await library.article_by_id(tx, row) if row is not None else None
        found = await _issue_around(asked, tx, article)
        if article is None or found is None or article.withdrawn:
            words = asked._("这篇文章已经不在了。")
            return alert(words) if replace else say(words)
        curve = await ranking.curve(tx, article.id)
    source, here = found
    around = Around(
        back=back,
        curve=[(point.at, point.count) for point in curve],
        share=share(asked, article_word(article), article.title),
    )
    options = asked.options(source)
    part = opened_article(paper_of(source), here, article, around, LIMITS, options)
    return Answer((part,), replace=replace)


async def show_issue(asked: Asked, row: int | None) -> Answer:
    """An issue by its row, as a message of its own."""
    async with asked.store.read() as tx:
        found = await _issue_at(asked, tx, row)
    if found is None or found[1].status not in SHOWN:
        return say(_why_not(asked, found))
    return show(asked, *found)


def _why_not(asked: Asked, found: tuple[SourceConfig, Issue] | None) -> str:
    """Why an issue is not shown."""
    return asked._("这一期已经撤回了。") if found else asked._(GONE)


async def _issue_around(
    asked: Asked, tx: Transaction, article: Article | None
) -> tuple[SourceConfig, Issue] | None:
    """The issue in which the article is shown."""
    row = await library.issue_id_of(tx, article.id) if article else None
    found = await _issue_at(asked, tx, row)
    return found if found and found[1].status in SHOWN else None


async def _issue_at(
    asked: Asked, tx: Transaction, row: int | None
) -> tuple[SourceConfig, Issue] | None:
    """The issue of this row, whatever became of it, while its paper is there."""
    found = await library.issue_by_id(tx, row) if row is not None else None
    source = asked.stand.get(found.source) if found else None
    return (source, found) if found and source else None
