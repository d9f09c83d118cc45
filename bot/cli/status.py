"""`baotong status`: how everything stands, as a calm table or as JSON."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.archive import look_into_archive
from bot.cli.ending import EXIT_FAILED
from bot.cli.loop import run_async
from bot.cli.settings import load_settings
from bot.standing.document import document
from bot.standing.gather import gather
from bot.standing.needs import ALARMS, needs_of, shown_bytes
from bot.standing.report import Channel, Paper, Report
from config.models import Settings
from feeds.models import IssueStatus
from feeds.words import translator

MOST_REASON = 60  # characters
_CONTROLS = dict.fromkeys((*range(10), *range(11, 32), *range(127, 160)))  # but for the line's end
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def tell(config: Path, *, as_json: bool) -> None:
    """Prints how things stand; ends with 1 where something needs a hand."""
    settings = load_settings(config, builds=False)
    report = run_async(lambda _stop: _gather(settings))
    if as_json:
        found = document(report, translator(settings.language))
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _print(Console(), report, ZoneInfo(settings.timezone))
    if needs_of(report):
        raise SystemExit(EXIT_FAILED)


async def _gather(settings: Settings) -> Report:
    async with look_into_archive(settings) as store:
        return await gather(store, settings, datetime.now(UTC))


def _print(console: Console, report: Report, zone: ZoneInfo) -> None:
    for line in _head(report, zone):
        console.print(_cell(line))
    papers = Table("报纸", "最新一期", "上次读到", "下次看", "平常", "找到各项的规则")
    for paper in report.papers:
        papers.add_row(*(_cell(text) for text in _paper_cells(paper, report.at, zone)))
    channels = Table("渠道", "排队", "要改", "24 小时里", "上一条", "备注")
    for channel in report.channels:
        channels.add_row(*(_cell(text) for text in _channel_cells(channel, report.at, zone)))
    for table in (papers, channels):
        if table.rows:
            console.print(table)


def _cell(text: str) -> Text:
    """What others wrote is no markup of rich's, and steers no terminal."""
    return Text(text.translate(_CONTROLS))


def _head(report: Report, zone: ZoneInfo) -> Iterator[str]:
    disk = report.disk
    pid = "" if report.worker in {None, "?"} else f"（进程 {report.worker}）"
    runs = "没有在运行" if report.worker is None else f"在运行{pid}"
    free = "" if disk.free is None else f"，磁盘还有 {shown_bytes(disk.free)}"
    yield f"报童 {report.version} {runs}"
    yield f"{DATABASES[disk.kind]} {shown_bytes(disk.bytes)}{free}，结构 {disk.revision}"
    needs = needs_of(report)
    yield "要看一下：" if needs else "都好。"
    for need in needs:
        since = _time(need.since, report.at, zone) if need.since else ""
        yield f"  ▪ {need.said(lambda words: words, since)}"


def _paper_cells(paper: Paper, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    state = paper.state
    return (
        f"{paper.title}\n{paper.id}",
        _issue_cell(paper),
        "\n".join(_look_lines(paper, now, zone)),
        _next_cell(paper, now, zone),
        shown_usual(paper.usual) if paper.usual is not None else "",
        shown_rules(state.found_by or {}),
    )


def _issue_cell(paper: Paper) -> str:
    issue = paper.state.issue
    if issue is None:
        return "还没有"
    number = f" {issue.number}" if issue.number else ""
    is_whole = issue.status is not IssueStatus.PARTIAL
    return (
        f"{issue.key}{number}\n{issue.pages} 版 {issue.articles} 篇{'' if is_whole else '，还在读'}"
    )


def _look_lines(paper: Paper, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    state = paper.state
    yield _time(state.read_at, now, zone) if state.read_at else "还没有"
    if state.failures:
        yield f"连着 {state.failures} 次没读到：{(state.reason or '')[:MOST_REASON]}"
    for kind, since in state.alarms.items():
        yield f"⚠ {ALARMS.get(kind, str(kind))}（从 {_time(since, now, zone)} 起）"


def _next_cell(paper: Paper, now: datetime, zone: ZoneInfo) -> str:
    if paper.paused is not None:
        return f"停着，从 {_time(paper.paused.since, now, zone)} 起\n（{paper.paused.by}）"
    due = paper.state.next_look_at
    return _time(due, now, zone) if due else ""


def _channel_cells(channel: Channel, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    lately = channel.lately
    return (
        channel.name,
        "\n".join(_queue_lines(channel, now, zone)),
        str(channel.edits or ""),
        f"送到 {lately.sent}"
        + (f"，没送成 {lately.failed}" if lately.failed else "")
        + (f"，不知道 {lately.unknown}" if lately.unknown else ""),
        _time(lately.sent_at, now, zone) if lately.sent_at else "",
        "\n".join(_channel_remarks(channel, now, zone)),
    )


def _queue_lines(channel: Channel, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    waiting = channel.waiting
    yield str(waiting.pending) + (f"，正在送 {waiting.sending}" if waiting.sending else "")
    if waiting.oldest_due is not None:
        yield f"最早 {_time(waiting.oldest_due, now, zone)}"


def _channel_remarks(channel: Channel, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    if channel.paused is not None:
        yield f"停着，从 {_time(channel.paused.since, now, zone)} 起（{channel.paused.by}）"
    if not channel.is_configured:
        yield "配置里没有"
    if (stuck := channel.waiting.stuck) is not None:
        yield f"{stuck.chat} 的还没送到：{stuck.reason[:MOST_REASON]}"
    if channel.lately.reason:
        yield f"最近没送成：{channel.lately.reason[:MOST_REASON]}"


def shown_usual(usual: timedelta) -> str:
    """`06:10`; `前一天 22:30`."""
    days, rest = divmod(usual, timedelta(days=1))
    hours, minutes = divmod(rest // timedelta(minutes=1), 60)
    before = {-1: "前一天 ", 0: ""}.get(days, f"{days} 天后 ")
    return f"{before}{hours:02d}:{minutes:02d}"


def shown_rules(found_by: Mapping[str, str]) -> str:
    """`label：body_html、title`, a line for each rule."""
    by_rule: dict[str, list[str]] = {}
    for name, rule in sorted(found_by.items()):
        by_rule.setdefault(rule, []).append(name)
    return "\n".join(f"{rule}：{'、'.join(names)}" for rule, names in sorted(by_rule.items()))


def _time(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """`06:12` of today, `04-07 06:12` of another day."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%m-%d %H:%M}"
