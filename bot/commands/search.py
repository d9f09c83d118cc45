"""/search: words in all stored articles."""

from bot.channels.base import Answer, Typed
from bot.commands.asking import ask_to_type
from bot.commands.base import LIMITS, Asked, Buttons, alert, say
from bot.compose import paper_of
from bot.message import Line, Part, Span
from bot.messages.actions import Action, Verb, button
from bot.messages.options import DOT
from bot.messages.reading import Listed, list_message
from feeds.store import search as index
from feeds.text.bigrams import phrases

A_PAGE = 8
LONGEST = 200  # characters of a query


async def search(asked: Asked) -> Answer:
    """`/search words`: the newest first."""
    words = " ".join(asked.words[:LONGEST].split())
    if not words:
        question = asked._("想找什么？写几个字，如：春耕 海棠")
        return ask_to_type(asked, question, Typed(asked._("春耕 海棠")), Action(Verb.ASK, "find"))
    return await find(asked, words, 0)


async def press_find(asked: Asked, action: Action) -> Answer:
    """Another page of the hits, or back from an article."""
    begin, words = action.row(), action.about.partition(":")[2]
    if begin is None or not words:
        return alert(asked._("这个按钮已经旧了。"))
    return await find(asked, words, begin, replace=True)


async def find(asked: Asked, words: str, begin: int, *, replace: bool = False) -> Answer:
    """A page of hits."""
    _ = asked._
    sources = asked.stand.papers
    if not sources or not phrases(words):
        return say(_("没有可以找的字，换个词试试。"))
    async with asked.store.read() as tx:
        hits = await index.find(tx, words, [s.id for s in sources], A_PAGE, begin)
    if not hits.articles:
        nothing = _("没有找到「{words}」，换个词试试。").format(words=words[:40])
        return alert(nothing) if replace else say(nothing)
    rows = [
        Listed(paper_of(source), article)
        for article in hits.articles
        if (source := asked.stand.get(article.source)) is not None
    ]
    place = _("共 {count} 条").format(count=len(rows))
    if begin or hits.is_more:
        place = _("第 {first}–{last} 条").format(first=begin + 1, last=begin + len(rows))
    head = Line((Span(_("搜索「{words}」").format(words=words), bold=True), Span(DOT + place)))
    here = str(Action(Verb.FIND, f"{begin}:{words}"))
    part = list_message(head, rows, here, LIMITS, asked.options(sources[0]))
    pages, more = _pager(asked, begin, words, is_more=hits.is_more)
    blocks = (*part.blocks, *more)
    return Answer((Part(blocks, buttons=(*part.buttons, *pages)),), replace=replace)


def _pager(
    asked: Asked, begin: int, words: str, *, is_more: bool
) -> tuple[Buttons, tuple[Line, ...]]:
    """The buttons to the pages around; or a line, where so many words fit into no button."""
    _ = asked._
    if not Action(Verb.FIND, f"{begin + A_PAGE}:{words}").fits:
        line = Line((Span(_("还有更多，再加几个字就更准了。")),))
        return (), (line,) if is_more else ()
    row = []
    if begin:
        row.append(button(_("‹ 前一页"), Verb.FIND, f"{max(0, begin - A_PAGE)}:{words}"))
    if is_more:
        row.append(button(_("后一页 ›"), Verb.FIND, f"{begin + A_PAGE}:{words}"))
    return ((tuple(row),) if row else ()), ()
