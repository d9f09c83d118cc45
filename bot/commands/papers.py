"""/papers: what there is to read, in pages and by name; a paper's card; and the question which is meant."""

from collections.abc import Sequence

from bot.channels.base import Answer
from bot.commands.base import LIMITS, Asked, Buttons, alert, say
from bot.commands.links import door, share
from bot.ledger import subscriptions
from bot.ledger.subscriptions import CHAT, Subscription
from bot.message import Block, Button, Line, Part, Span
from bot.messages.actions import Action, Verb, about_source, button
from bot.messages.measure import measure
from bot.messages.options import DOT, button_url, day_text, issue_link, rows_of
from config.models import SourceConfig
from feeds.models import Issue
from feeds.store import library
from feeds.words import Count, shown_date

A_PAGE = 8
_QUERY_BYTES = 40  # of the words that a button carries on to the next page
_FEEDS = ("rss", "atom", "json")
# What a list of papers is for: it stands before the list's place in a button.
_LOOK, _SUBSCRIBE = "p", "s"
_PRESSES = {_LOOK: Verb.PAPER, _SUBSCRIBE: Verb.SUBSCRIBE}


async def papers(asked: Asked) -> Answer:
    """`/papers [name]`: every paper with its newest issue, and a button to its card."""
    return await _list(asked, _LOOK, 0, asked.words)


async def subscribe_which(asked: Asked) -> Answer:
    """The same list, whose buttons subscribe."""
    return await _list(asked, _SUBSCRIBE, 0, "")


async def press_papers(asked: Asked, action: Action) -> Answer:
    """Another page of it."""
    place, _, words = action.about.partition(":")
    use, begin = place[:1], place[1:]
    if use not in _PRESSES or not begin.isdecimal() or len(begin) > 6:  # noqa: PLR2004 - digits
        return alert(asked._("这个按钮已经旧了。"))
    return await _list(asked, use, int(begin), words, replace=True)


async def _list(asked: Asked, use: str, begin: int, words: str, *, replace: bool = False) -> Answer:
    words = _cut(words)
    found = asked.stand.search(words)
    if not found:
        return unknown_paper(asked, words) if words else say(asked._("还没有报纸。"))
    begin = min(begin, (len(found) - 1) // A_PAGE * A_PAGE)
    shown = found[begin : begin + A_PAGE]
    rows = rows_of(
        (button(s.title, _PRESSES[use], about_source(s.id)) for s in shown),
        2 if len(shown) > 1 else 1,
    )
    return say(
        f"**{_head(asked, use, len(found), words)}",
        *await _lines(asked, shown),
        buttons=(*rows, *_pager(asked, use, begin, len(found), words)),
        replace=replace,
    )


def _head(asked: Asked, use: str, count: int, words: str) -> str:
    _ = asked._
    if use == _SUBSCRIBE:
        return _("订哪一份？")
    if words:
        named = _("名字里有「{words}」的报纸，共 {count} 份")
        return named.format(words=words, count=Count(count))
    return _("报纸，共 {count} 份").format(count=Count(count))


async def _lines(asked: Asked, shown: Sequence[SourceConfig]) -> list[str]:
    """Each paper with its newest issue's date, and whether it is subscribed."""
    _ = asked._
    async with asked.store.read() as tx:
        days = await library.newest_days(tx, [source.id for source in shown])
        mine = {s.source for s in await subscriptions.of_chat(tx, asked.about.to)}

    def line(source: SourceConfig) -> str:
        newest = shown_date(days[source.id], _) if source.id in days else _("还没有读到")
        return DOT.join([source.title, newest, *([_("订着")] if source.id in mine else [])])

    return [line(source) for source in shown]


def _cut(words: str) -> str:
    """As much of a name as a button can carry."""
    return words.strip().encode()[:_QUERY_BYTES].decode(errors="ignore").replace("\n", " ")


def _pager(asked: Asked, use: str, begin: int, count: int, words: str) -> Buttons:
    if count <= A_PAGE:
        return ()
    _ = asked._
    row = []
    if begin:
        row.append(button(_("‹ 前一页"), Verb.PAPERS, f"{use}{begin - A_PAGE}:{words}"))
    if begin + A_PAGE < count:
        row.append(button(_("后一页 ›"), Verb.PAPERS, f"{use}{begin + A_PAGE}:{words}"))
    return (tuple(row),)


def unknown_paper(asked: Asked, name: str) -> Answer:
    """No paper is called so, or several."""
    several = asked.stand.search(name)
    if name and len(several) > 1:
        words = asked._("叫「{name}」的不止一份，是哪一份？").format(name=name[:40])
        return say(words, buttons=_paper_buttons(several, Verb.PAPER))
    words = asked._("没有找到「{name}」这份报纸。/papers 看看都有哪些。")
    return say(words.format(name=name[:40]))


async def choose_paper(
    asked: Asked, verb: Verb, question: str, among: Sequence[SourceConfig] = ()
) -> Answer:
    """Asks which paper is meant: of those that this chat reads, or of all."""
    sources = among or asked.stand.papers
    if not sources:
        return say(asked._("还没有报纸。"))
    if len(sources) > A_PAGE * 2:
        return await _list(asked, _LOOK, 0, "")
    return say(question, buttons=_paper_buttons(sources, verb))


def _paper_buttons(sources: Sequence[SourceConfig], verb: Verb) -> Buttons:
    return rows_of((button(s.title, verb, about_source(s.id)) for s in sources[: A_PAGE * 2]), 2)


# ── a paper's card ──────────────────────────────────────────────────────────────────────────────


async def press_paper(asked: Asked, action: Action) -> Answer:
    """The card in the list's place."""
    source = asked.stand.of_button(action.about)
    if source is None:
        return alert(asked._("这份报纸已经不在了。"))
    return await card(asked, source, replace=True)


async def card(asked: Asked, source: SourceConfig, *, replace: bool = False) -> Answer:
    """What there is to know of a paper, and what can be done with it."""
    async with asked.store.read() as tx:
        newest = await library.newest_issue(tx, source.id)
        mine = await subscriptions.of_chat(tx, asked.about.to)
    own = next((s for s in mine if s.source == source.id and s.origin == CHAT), None)
    lines = [
        Line((Span(source.title, bold=True, url=button_url(source.url)),)),
        _newest_line(asked, source, newest),
        *_addresses(asked, source),
    ]
    part = Part(_fitting(lines), buttons=_card_buttons(asked, source, newest, own))
    return Answer((part,), replace=replace)


def _newest_line(asked: Asked, source: SourceConfig, newest: Issue | None) -> Line:
    _ = asked._
    if newest is None:
        return Line((Span(_("还没有读到，过一会儿再来看看。")),))
    options = asked.options(source)
    day = Span(day_text(newest.date, options, with_weekday=True), url=issue_link(newest, options))
    pages, articles = Count(len(newest.pages)), Count(len(newest.articles))
    size = _("{pages}版 {articles}篇").format(pages=pages, articles=articles)
    return Line((Span(_("最新一期：")), day, Span(DOT + size)))


def _card_buttons(
    asked: Asked, source: SourceConfig, newest: Issue | None, own: Subscription | None
) -> Buttons:
    _ = asked._
    about = about_source(source.id)
    subscribe = (
        button(_("订阅设置"), Verb.SUBSCRIPTION, own.id)
        if own
        else button(_("订阅"), Verb.SUBSCRIBE, about)
    )
    link = share(asked, source.id, source.title)
    passing_on = [Button(_("分享"), url=link)] if link else []
    reading = [button(_("看最新一期"), Verb.NEWEST, about)] if newest else []
    ranking = [button(_("读得最多"), Verb.TOP, f"1:{about}")] if newest else []
    back = [button(_("‹ 报纸"), Verb.PAPERS, f"{_LOOK}0:")] if len(asked.stand) > 1 else []
    rows = ((*reading, subscribe), (*ranking, *passing_on), tuple(back))
    return tuple(row for row in rows if row)


def _fitting(lines: list[Line]) -> tuple[Block, ...]:
    while len(lines) > 1 and not measure(lines).fits(LIMITS):
        lines.pop()
    return tuple(lines)


def _addresses(asked: Asked, source: SourceConfig) -> list[Line]:
    """The feeds, where others can reach them, and the link that leads here."""
    _ = asked._
    lines = []
    if asked.settings.is_public:
        base = f"{asked.settings.public_url}feeds/{source.id}."
        links = [Span(kind.upper(), url=base + kind) for kind in _FEEDS]
        joined = [piece for link in links for piece in (Span(DOT), link)][1:]
        lines.append(Line((Span(_("订阅源：")), *joined)))
    if (link := door(asked, source.id)) is not None:
        lines.append(Line((Span(_("链接：")), Span(link, url=link))))
    return lines
