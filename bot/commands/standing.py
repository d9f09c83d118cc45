"""/status: how everything stands, in one calm message."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.channels.base import Answer
from bot.commands.base import LIMITS, Asked
from bot.message import Line, Part, Span
from bot.messages.actions import Verb, button
from bot.messages.measure import measure
from bot.messages.options import DOT
from bot.standing.gather import gather
from bot.standing.needs import needs_of, shown_bytes
from bot.standing.report import Channel, Paper, Report
from feeds.text import cut
from feeds.words import Count

MOST_NEEDS, MOST_PAPERS = 12, 20
_LONGEST = 200  # characters of a line


async def status(asked: Asked) -> Answer:
    """`/status`."""
    report = await gather(asked.store, asked.settings, asked.now)
    lines = [
        Line((Span(cut(text, _LONGEST), bold=is_bold),)) for text, is_bold in _lines(asked, report)
    ]
    while not measure(lines).fits(LIMITS):
        lines.pop()
    again = button(asked._("刷新"), Verb.OPERATE, "status")
    return Answer((Part(tuple(lines), buttons=((again,),)),))


def _lines(asked: Asked, report: Report) -> Iterator[tuple[str, bool]]:
    """What needs a hand, then the rest; and whether a line is a heading."""
    _ = asked._
    needs = needs_of(report)
    yield DOT.join((_("要看一下") if needs else _("都好"), _time(asked, report.at))), True
    for need in needs[:MOST_NEEDS]:
        yield "▪ " + need.said(_, _time(asked, need.since) if need.since else ""), False
    if len(needs) > MOST_NEEDS:
        yield (
            _("…… 还有 {count} 件，见 baotong status").format(count=len(needs) - MOST_NEEDS),
            False,
        )
    yield _("各份报纸"), True
    for paper in report.papers[:MOST_PAPERS]:
        yield "▪ " + DOT.join(_of_paper(asked, paper)), False
    if len(report.papers) > MOST_PAPERS:
        more = len(report.papers) - MOST_PAPERS
        yield _("…… 还有 {count} 份，见 baotong status").format(count=more), False
    yield _("渠道"), True
    for channel in report.channels:
        yield "▪ " + DOT.join(_of_channel(asked, channel)), False
    yield DOT.join(_of_worker(asked, report)), False


def _of_paper(asked: Asked, paper: Paper) -> Iterator[str]:
    _, state = asked._, paper.state
    yield paper.title
    if (issue := state.issue) is None:
        yield _("还没有读到")
    else:
        yield issue.key
        yield _("{pages}版 {articles}篇").format(
            pages=Count(issue.pages), articles=Count(issue.articles)
        )
    if state.failures:
        yield _("连着 {count} 次没有读到").format(count=Count(state.failures))
    if paper.paused is not None:
        yield _("停着，从 {since} 起（{by}）").format(
            since=_time(asked, paper.paused.since), by=paper.paused.by
        )
    elif state.next_look_at is not None:
        yield _("{at} 再看").format(at=_time(asked, state.next_look_at))


def _of_channel(asked: Asked, channel: Channel) -> Iterator[str]:
    _, lately = asked._, channel.lately
    yield channel.name
    yield _("在等 {count}").format(count=channel.waiting.pending + channel.waiting.sending)
    if channel.edits:
        yield _("要改 {count}").format(count=channel.edits)
    yield _("24 小时里送到 {count}").format(count=lately.sent)
    if lately.failed or lately.unknown:
        yield _("没有送成 {count}").format(count=lately.failed + lately.unknown)
    if channel.paused is not None:
        yield _("停着，从 {since} 起（{by}）").format(
            since=_time(asked, channel.paused.since), by=channel.paused.by
        )


def _of_worker(asked: Asked, report: Report) -> Iterator[str]:
    yield f"baotong {report.version}"
    yield asked._("数据库 {size}").format(size=shown_bytes(report.disk.bytes))
    if report.disk.free is not None:
        yield asked._("磁盘还有 {size}").format(size=shown_bytes(report.disk.free))


def _time(asked: Asked, at: datetime) -> str:
    """`06:12` of today, `04-07 06:12` of another day; on the clocks of this chat."""
    zone = ZoneInfo(asked.zone)
    local, today = at.astimezone(zone), asked.now.astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%m-%d %H:%M}"
