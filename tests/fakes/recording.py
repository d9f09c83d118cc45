"""A browser's recording (HAR) of a newspaper that was read: what its server was asked, and what it answered."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from config.models import FetchConfig
from config.sources import JsonSource
from feeds.explore import Exploration, explore
from feeds.http import build_fetcher
from feeds.sources.table import build_source
from tests.fakes.clock import FakeClock
from tests.fakes.newspaper import Asked, Newspaper, Reply
from tests.fakes.papers import FAMILIES

DAY = date(2024, 4, 8)
CLOCK = FakeClock(datetime(2024, 4, 8, 6, tzinfo=UTC))
SHELL = "<html><head><title>数字报</title></head><body><div id=app></div><script src=app.js></script></body></html>"


async def visit(paper: Newspaper, values: dict[str, Any]) -> Exploration:
    """Reads the newest issue, its first page and the first article, as a person would."""
    fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), CLOCK)
    try:
        config = JsonSource.model_validate(
            {"id": "p", "kind": "json", "title": "青禾日报"} | values
        )
        return await explore(build_source(config, CLOCK), fetcher)
    finally:
        await fetcher.close()


async def record(paper: Newspaper, name: str) -> bytes:
    """A recording of a person's visit to a newspaper of this family, the day its newest issue came out."""
    family = FAMILIES[name]
    for days in (1, 0):
        family.print(paper, DAY - timedelta(days=days))
    given = {
        k: v.replace("$SITE", paper.base) if isinstance(v, str) else v
        for k, v in family.settings.items()
    }
    await visit(paper, {"url": paper.url(family.url)} | given)
    return har_of(paper, page_entry(paper.url("/reader/"), SHELL))


def har_of(paper: Newspaper, *first: dict[str, Any]) -> bytes:
    """Everything that the newspaper's server was asked so far, behind what else the browser had to fetch."""
    entries = [*first, *(_entry(paper, asked) for asked in paper.asked)]
    return json.dumps(
        {"log": {"version": "1.2", "creator": {"name": "x"}, "entries": entries}}
    ).encode()


def page_entry(url: str, html: str) -> dict[str, Any]:
    return _exchange("GET", url, [], None, 200, "text/html; charset=utf-8", html)


def _entry(paper: Newspaper, asked: Asked) -> dict[str, Any]:
    program = paper.programs.get(asked.path, Reply(b"not here", 404))
    reply = program if isinstance(program, Reply) else program(asked)
    headers = [{"name": name, "value": value} for name, value in asked.headers.items()]
    kind = asked.headers.get("content-type", "")
    sent: dict[str, Any] | None = None
    if asked.method == "POST":
        sent = {"mimeType": kind, "text": asked.body.decode()}
        if "form" in kind:
            sent["params"] = [{"name": k, "value": v} for k, v in parse_qsl(asked.body.decode())]
    mime = reply.headers.get("Content-Type", "")
    return _exchange(
        asked.method, paper.url(asked.path), headers, sent, reply.status, mime, reply.body.decode()
    )


def _exchange(
    method: str,
    url: str,
    headers: list[dict[str, str]],
    sent: Any,
    status: int,
    mime: str,
    text: str,
) -> dict[str, Any]:
    request: dict[str, Any] = {"method": method, "url": url, "headers": headers}
    if sent is not None:
        request["postData"] = sent
    return {
        "request": request,
        "response": {
            "status": status,
            "content": {"mimeType": mime, "text": text, "size": len(text)},
        },
    }
