"""`baotong add`: finds out what a newspaper is, shows what it read there, and writes it into the configuration."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from bot.cli.ending import EXIT_FAILED
from bot.cli.loop import run_async
from bot.cli.network import allowing, fail
from bot.cli.notes import notes_on
from bot.cli.readings import article_plain, issue_plain, show
from bot.cli.settings import load_settings
from config.adding import add_source
from config.files import DEFAULT_FILE, explain
from config.models import FetchConfig, Settings
from config.values import SourceId
from config.writing import CannotAppend, source_text
from feeds.clock import SystemClock
from feeds.errors import BaotongError
from feeds.finding import Found, find, suggested_id
from feeds.http import build_fetcher


def find_and_write(
    url: str,
    config: Path,
    source_id: str | None,
    title: str | None,
    kind: str | None,
    allow_hosts: tuple[str, ...],
) -> None:
    """Adds the newspaper at this address to this file."""
    settings = load_settings(config) if config.exists() else None
    _refuse_twice(url, _checked(source_id), settings)
    fetch = allowing(settings.fetch if settings else FetchConfig(), allow_hosts)
    console = Console()
    try:
        with console.status("正在看报……"):
            named = None if kind == "auto" else kind
            found = run_async(lambda _stop: _find(url, named, fetch))
    except BaotongError as error:
        fail(error)
    _show(console, found, settings.timezone if settings else None)
    taken = [source.id for source in settings.sources] if settings else []
    source = {
        "id": source_id or suggested_id(url, taken),
        "kind": found.kind,
        "title": title or found.title,
        "url": url,
        **found.settings,
    }
    _write(config, source, settings)
    click.echo(f"写进了 {config}:\n\n{source_text(source)}")
    missing = set(allow_hosts) - (settings.fetch.allow_hosts if settings else frozenset())
    for note in _notes(source, found, sorted(missing)):
        click.echo(f"注意:{note}")
    option = "" if config == Path(DEFAULT_FILE) else f" -c {config}"
    click.echo(f"下一步:baotong check{option} {source['id']}")


async def _find(url: str, kind: str | None, fetch: FetchConfig) -> Found:
    fetcher = build_fetcher(fetch, SystemClock())
    try:
        return await find(url, fetcher, kind)
    finally:
        await fetcher.close()


def _show(console: Console, found: Found, zone: str | None) -> None:
    seen = found.exploration
    show(console, issue_plain(seen.issue))
    if seen.article is not None:
        show(console, article_plain(seen.article, zone))


# ── what is refused ─────────────────────────────────────────────────────────────────────────────


def _checked(source_id: str | None) -> str | None:
    try:
        return None if source_id is None else TypeAdapter(SourceId).validate_python(source_id)
    except ValidationError as error:
        (fault,) = error.errors(include_url=False, include_input=False)
        raise click.BadParameter(str(fault["ctx"]["error"]), param_hint="--id") from None


def _refuse_twice(url: str, source_id: str | None, settings: Settings | None) -> None:
    for source in settings.sources if settings else ():
        if _address(source.url) == _address(url):
            fail(BaotongError(f"这份报纸已经在配置里了:{source.id}"))
        if source.id == source_id:
            fail(BaotongError(f"已经有一份报纸叫 {source_id} 了,用 --id 另起一个"))


def _address(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.netloc.lower(), parts.path.rstrip("/"), parts.query


def _write(path: Path, source: Mapping[str, Any], settings: Settings | None) -> None:
    try:
        add_source(path, source, settings, os.environ)
    except (CannotAppend, OSError) as error:
        reason = f"文件{explain(error)}" if isinstance(error, OSError) else str(error)
        click.echo(f"{path} 没有动:{reason}。请自己把下面几行写进 sources:\n", err=True)
        click.echo(source_text(source))
        raise SystemExit(EXIT_FAILED) from None


def _notes(source: Mapping[str, Any], found: Found, allow_hosts: Sequence[str]) -> list[str]:
    """What to know about it, and what to do by hand."""
    notes = notes_on(source["url"], source["title"], found)
    if allow_hosts:
        notes.append(f"配置的 fetch.allow_hosts 里也要有 {'、'.join(allow_hosts)}")
    return notes
