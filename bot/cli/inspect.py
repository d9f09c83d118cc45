"""`baotong inspect`: fetches one page and shows what its family reads in it, and by which rule; or looks for the
newspaper's data in a browser's recording.
"""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from bot.cli.loop import run_async
from bot.cli.network import allowing, fail
from bot.cli.readings import as_plain, echo, echo_suggestion
from bot.cli.settings import load_settings
from config.files import explain
from config.models import FetchConfig
from config.sources import AutoSource, BaseSource
from feeds.clock import SystemClock
from feeds.decide import Asked
from feeds.errors import BaotongError, NotReadable, Unreadable
from feeds.finding import instead
from feeds.http import build_fetcher
from feeds.models import Document, Reading, Request
from feeds.sources.recording.har import MAX_BYTES, read_har
from feeds.sources.recording.suggestion import suggest
from feeds.sources.table import Recognised, build_source, concrete, recognise

_AT_ONCE = FetchConfig.model_validate({"gap": "0s"})
_NOBODYS = AutoSource(kind="auto", id="inspect", title="inspect", url="http://newspaper.invalid/")
_LABELS = Recognised("yunbao")
"""The family that reads any page by its labels."""


def look(
    url: str | None,
    kind: str | None,
    source: str | None,
    config: Path,
    har: Path | None,
    allow_hosts: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Shows what is read at an address, or in a browser's recording."""
    if har is not None:
        _inspect_recording(har, as_json=as_json)
        return
    if url is None:
        raise click.UsageError("写上一个网址,或者 --har FILE (give a URL, or --har FILE)")
    rules, fetch = _configured(config, source) if source else (None, _AT_ONCE)
    fetch = allowing(fetch, allow_hosts)
    try:
        reading = run_async(lambda _stop: _read(url, kind, rules, fetch))
    except BaotongError as error:
        fail(error)
    echo(as_plain(reading, url, rules.timezone if rules else None), as_json=as_json)


def _inspect_recording(path: Path, *, as_json: bool) -> None:
    try:
        with path.open("rb") as file:
            suggestion = suggest(read_har(file.read(MAX_BYTES + 1)))
    except BaotongError as error:
        fail(error)
    except OSError as error:
        fail(BaotongError(f"录制文件{explain(error)}"))
    echo_suggestion(suggestion, as_json=as_json)


def _configured(path: Path, source: str) -> tuple[BaseSource, FetchConfig]:
    settings = load_settings(path)
    known = {one.id: one for one in settings.sources}
    if source not in known:
        raise click.BadParameter(
            f"没有 {source} 这份报纸;有:{'、'.join(known)}", param_hint="--source"
        )
    return known[source], settings.fetch


async def _read(
    url: str, kind: str | None, rules: BaseSource | None, fetch: FetchConfig
) -> Reading:
    request = build_source(rules).ask(Asked(url)) if rules else Request(url)
    if rules and urlsplit(request.url).netloc == urlsplit(rules.url).netloc:
        request = replace(request, headers={**rules.headers, **request.headers})
    fetcher = build_fetcher(fetch, SystemClock())
    try:
        obey = rules is None or rules.robots == "obey"
        document = await fetcher.fetch(request, site=rules.url if rules else None, robots=obey)
    finally:
        await fetcher.close()
    assert isinstance(document, Document)  # nothing was known, so nothing can be unchanged
    return build_source(rules).read(document) if rules else read_document(document, kind)


def read_document(document: Document, kind: str | None) -> Reading:
    """Reads a document by a family's rules, or by those of the family it looks like.

    Raises `NotReadable`.
    """
    found = recognise(document) or _LABELS
    named = None if kind == "auto" else kind
    if named not in {None, found.kind}:
        found = Recognised(str(named))
    try:
        return build_source(concrete(_NOBODYS, found)).read(document)
    except BaotongError as error:
        if (reason := instead([document], found.kind, error)) is not None:
            by_rules = (
                "" if isinstance(error, NotReadable) else ";配置里写好了规则的,用 --source 看"
            )
            raise NotReadable(document.url, Unreadable.UNKNOWN, reason + by_rules) from error
        raise
