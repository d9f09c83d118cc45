"""`baotong check`: reads each newspaper once and asks each channel who we are; writes nothing."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bot.channels.base import Channel
from bot.channels.table import build_channels
from bot.cli.ending import EXIT_FAILED
from bot.cli.loop import run_async
from bot.cli.network import advice
from bot.cli.next_steps import Steps, next_steps
from bot.cli.settings import load_settings
from bot.errors import ChannelError
from bot.logs import configure_logging
from config.files import DEFAULT_FILE
from config.models import Settings
from config.sources import SourceConfig
from feeds.clock import Clock, SystemClock
from feeds.counts import show
from feeds.errors import BaotongError
from feeds.explore import Exploration, explore
from feeds.http import Fetcher, build_fetcher
from feeds.sources.table import build_source


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    name: str
    is_good: bool
    cells: tuple[str, ...]
    error: Exception | None = None


def report(config: Path, sources: tuple[str, ...]) -> None:
    """Prints what was found of these newspapers, or of all, and of the channels."""
    settings = load_settings(config, sends=True)
    configure_logging(settings.secrets())
    chosen = _choose(settings, sources)
    console = Console()
    console.print(f"{config}: 配置无误,{len(settings.sources)} 份报纸", highlight=False)
    with console.status("正在看报……"):
        papers, channels = run_async(lambda _stop: _check(settings, chosen, SystemClock()))
    _print_papers(console, papers)
    _print_channels(console, channels)
    steps = _steps(settings, papers, channels, config)
    _print_steps(console, steps)
    if steps.broken:
        raise SystemExit(EXIT_FAILED)


def _steps(
    settings: Settings, papers: Sequence[Finding], channels: Sequence[Finding], config: Path
) -> Steps:
    bot = next((one.cells[0] for one in channels if one.is_good and one.name == "telegram"), None)
    return next_steps(
        settings,
        {finding.name: finding.error for finding in papers if not finding.is_good},
        {finding.name: finding.error for finding in channels if not finding.is_good},
        bot,
        "" if config == Path(DEFAULT_FILE) else f" -c {config}",
    )


def _choose(settings: Settings, wanted: Sequence[str]) -> tuple[SourceConfig, ...]:
    known = {source.id: source for source in settings.sources}
    for name in wanted:
        if name not in known:
            raise click.BadParameter(f"没有 {name} 这份报纸;有:{'、'.join(known)}")
    return tuple(known[name] for name in wanted) if wanted else settings.sources


async def _check(
    settings: Settings, sources: Sequence[SourceConfig], clock: Clock
) -> tuple[list[Finding], list[Finding]]:
    fetcher = build_fetcher(settings.fetch, clock)
    channels = build_channels(settings, clock)
    try:
        papers = await asyncio.gather(
            *(_check_paper(source, fetcher, settings.fetch.gap) for source in sources)
        )
        answers = await asyncio.gather(*(_check_channel(channel) for channel in channels.values()))
    finally:
        await fetcher.close()
        for channel in channels.values():
            await channel.close()
    return papers, [finding for findings in answers for finding in findings]


async def _check_paper(config: SourceConfig, fetcher: Fetcher, gap: timedelta) -> Finding:
    try:
        found = await explore(build_source(config), fetcher, robots=config.robots == "obey")
    except BaotongError as error:
        return Finding(config.id, False, (f"{error}{advice(error, in_file=True)}",), error)
    return Finding(
        config.id,
        True,
        (
            _issue_cell(found),
            _article_cell(found),
            f"{_time_cell(found, gap)}\n{_robots_cell(config)}",
        ),
    )


def _issue_cell(found: Exploration) -> str:
    issue = found.issue
    number = f" {issue.number}" if issue.number else ""
    return f"{issue.key}{number} · {len(issue.pages)} 版"


def _article_cell(found: Exploration) -> str:
    article = found.article
    if article is None:
        return "没有读到文章"
    rules = ", ".join(f"{field}={rule}" for field, rule in sorted(article.found_by.items()))
    reads = f" · 阅读数:{show(article.reads)}" if article.reads else ""
    counted = "\n注意:我们看一次,网站的阅读数就加一次" if found.looks_are_counted else ""
    return f"{article.title}{reads}\n{rules}{counted}"


def _time_cell(found: Exploration, gap: timedelta) -> str:
    """How long one issue takes to read: a request a page and an article, `gap` apart."""
    seconds = round(found.requests * max(gap.total_seconds(), found.seconds_per_request))
    return f"约 {found.requests} 次请求,{seconds // 60} 分 {seconds % 60} 秒"


def _robots_cell(config: SourceConfig) -> str:
    if config.robots == "obey":
        return "robots.txt 照办"
    return f"不理 robots.txt:{config.robots.removeprefix('ignore:').strip()}"


async def _check_channel(channel: Channel) -> list[Finding]:
    """A line for each key that may be wrong."""
    known = await channel.who_am_i()
    return [
        Finding(name, False, (str(answer),), answer)
        if isinstance(answer, ChannelError)
        else Finding(name, True, (answer,))
        for name, answer in known.items()
    ]


def _print_papers(console: Console, findings: Sequence[Finding]) -> None:
    table = Table("报纸", "最新一期", "读到的一篇,和找到各项的规则", "读完一期")
    for finding in findings:
        cells = finding.cells if finding.is_good else ("✗", *finding.cells)
        table.add_row(finding.name, *(_plain(cell) for cell in cells))
    console.print(table, highlight=False)


def _print_channels(console: Console, findings: Sequence[Finding]) -> None:
    table = Table("渠道", "")
    for finding in findings:
        mark = "" if finding.is_good else "✗ "
        table.add_row(finding.name, _plain(mark + finding.cells[0]))
    console.print(table, highlight=False)


def _print_steps(console: Console, steps: Steps) -> None:
    """One a line, so that an address can be copied out of the terminal whole."""
    for title, lines in (("先要做的", steps.broken), ("还可以做的", steps.missing)):
        if lines:
            console.print(f"\n{title}:", highlight=False)
        for line in lines:
            console.print(f"  · {_plain(line)}", highlight=False, soft_wrap=True)
    if steps.begin:
        console.print()
    for line in steps.begin:
        console.print(_plain(line), highlight=False, soft_wrap=True)


def _plain(text: str) -> str:
    """What a newspaper wrote is not rich's markup, and not the terminal's control codes."""
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", "", text).replace("[", r"\[")
