"""/top: what is read most, and how the counts grew."""

from bot.channels.base import Answer
from bot.commands.base import LIMITS, Asked, alert, say
from bot.commands.papers import unknown_paper
from bot.commands.reading import my_papers
from bot.compose import paper_of
from bot.ledger.subscriptions import ALL
from bot.message import Button, Line, Part, Span
from bot.messages.actions import Action, Verb, about_source, button
from bot.messages.options import DOT, counted_text, day_text
from bot.messages.reading import Listed, list_message, only_day
from config.models import SourceConfig
from feeds.models import ArticleKind
from feeds.store import ranking
from feeds.words import N_, Translate

SHOWN = 10
DAY, WEEK = 1, 7
SPANS = {DAY: N_("最新一天"), WEEK: N_("最近一周")}
_SPAN_WORDS = {
    **dict.fromkeys(("day", "一天", "今天", "日"), DAY),
    **dict.fromkeys(("week", "一周", "本周", "周"), WEEK),
}


async def top(asked: Asked) -> Answer:
    """`/top [paper] [day|week]`: of one paper, or of those that this chat reads, or of all."""
    name, _, last = asked.words.rpartition(" ")
    days = _SPAN_WORDS.get(last.casefold())
    if days is None:
        name, days = asked.words, DAY
    if not name.strip():
        return await _show(asked, days, ALL, await my_papers(asked))
    source = asked.stand.find(name)
    if source is None:
        return unknown_paper(asked, name)
    return await _show(asked, days, about_source(source.id), (source,))


async def press_top(asked: Asked, action: Action) -> Answer:
    """The other span, or back from an article."""
    days, about = action.row(), action.about.partition(":")[2]
    source = asked.stand.of_button(about)
    if days not in SPANS or (source is None and about != ALL):
        return alert(asked._("这个按钮已经旧了。"))
    sources = (source,) if source else await my_papers(asked)
    return await _show(asked, days, about, sources, replace=True)


async def _show(
    asked: Asked,
    days: int,
    about: str,
    sources: tuple[SourceConfig, ...],
    *,
    replace: bool = False,
) -> Answer:
    papers = sources or asked.stand.papers
    if not papers:
        return say(asked._("还没有报纸。"))
    async with asked.store.read() as tx:
        ids, skip = [source.id for source in papers], _skipped(papers)
        found = await ranking.most_read(tx, ids, days, SHOWN, skip)
    if not found:
        words = asked._("还没有看到阅读数。")
        return alert(words) if replace else say(words)
    rows = [
        Listed(paper_of(source), one.article, one.grown)
        for one in found
        if (source := asked.stand.get(one.article.source)) is not None
    ]
    return Answer((_listed(asked, days, about, papers, rows),), replace=replace)


def _listed(
    asked: Asked,
    days: int,
    about: str,
    papers: tuple[SourceConfig, ...],
    rows: list[Listed],
) -> Part:
    _ = asked._
    options = asked.options(papers[0])
    titles = papers[0].title if len(papers) == 1 else _("{count} 份报纸").format(count=len(papers))
    day = only_day(rows)
    when = _(SPANS[days]) if days != DAY or day is None else day_text(day, options)
    head = Line((Span(_("读得最多"), bold=True), Span(DOT + titles + DOT + when)))
    part = list_message(head, rows, str(Action(Verb.TOP, f"{days}:{about}")), LIMITS, options)
    counted = counted_text([row.article for row in rows], papers[0].timezone, options)
    blocks = (*part.blocks, *([Line((Span(counted),))] if counted else []))
    return Part(blocks, buttons=(*part.buttons, _spans(days, about, _)))


def _skipped(papers: tuple[SourceConfig, ...]) -> list[ArticleKind]:
    """The kinds that all of these papers leave out."""
    kinds = frozenset.intersection(*(frozenset(source.skip) for source in papers))
    return [ArticleKind(kind) for kind in kinds]


def _spans(days: int, about: str, _: Translate) -> tuple[Button, ...]:
    return tuple(
        button(_(words), Verb.TOP, f"{span}:{about}")
        for span, words in SPANS.items()
        if span != days
    )
