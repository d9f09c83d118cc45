"""/check: looks at a newspaper once, now, as `baotong check` does, and writes nothing."""

import asyncio

import structlog

from bot.channels.base import Answer
from bot.commands import papers
from bot.commands.base import Asked, say
from bot.message import Line, Part, Span
from bot.messages.options import DOT
from config.sources import SourceConfig
from feeds.counts import show
from feeds.errors import BaotongError
from feeds.explore import Exploration
from feeds.text import cut
from feeds.words import Count

log = structlog.get_logger(__name__)

MOST = 10  # newspapers at once
_LONGEST = 200  # characters of a title or a reason


async def check(asked: Asked) -> Answer:
    """`/check [paper]`; without one, all, where they are few. It may take a minute, so the answer says
    first that it is under way.
    """
    _ = asked._
    found = asked.stand.find(asked.words) if asked.words else None
    named = () if found is None else (found,)
    chosen: tuple[SourceConfig, ...] = named if asked.words else asked.stand.papers
    if not chosen:
        return papers.unknown_paper(asked, asked.words)
    if len(chosen) > MOST:
        return say(_("报纸太多，写明是哪一份：/check 报名"))

    async def more() -> Answer:
        return await _report(asked, chosen)

    return Answer(say(_("正在看……")).parts, more=more)


async def _report(asked: Asked, chosen: tuple[SourceConfig, ...]) -> Answer:
    told = await asyncio.gather(*(_look(asked, paper) for paper in chosen))
    return Answer((Part(tuple(line for lines in told for line in lines)),))


async def _look(asked: Asked, paper: SourceConfig) -> list[Line]:
    head = Line((Span(paper.title, bold=True),))
    try:
        said = _found(asked, await asked.house.explore(paper))
    except BaotongError as error:
        said = ["✗ " + str(error)]
    except Exception:
        log.exception("not checked", source=paper.id)
        said = ["✗ " + asked._("出了点问题，已经记下来了。过一会儿再试试。")]
    return [head, *(Line((Span(cut(text, _LONGEST)),)) for text in said)]


def _found(asked: Asked, found: Exploration) -> list[str]:
    _, issue, article = asked._, found.issue, found.article
    number = _("第{number}期").format(number=issue.number) if issue.number else ""
    pages = _("{pages}版").format(pages=Count(len(issue.pages)))
    lines = ["✓ " + DOT.join(filter(None, (issue.key, number, pages)))]
    if article is None:
        return [*lines, _("没有读到文章")]
    reads = _("阅读数:{count}").format(count=show(article.reads)) if article.reads else ""
    lines.append(DOT.join(filter(None, (article.title, reads))))
    by_rule: dict[str, list[str]] = {}
    for name, rule in sorted(article.found_by.items()):
        by_rule.setdefault(str(rule), []).append(name)
    rules = (f"{rule}: {', '.join(names)}" for rule, names in sorted(by_rule.items()))
    return [*lines, *rules]
