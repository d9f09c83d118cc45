"""A browser's recording (HAR) of a newspaper that was read: what its server was asked, and what it answered."""

import json
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.newspaper import Asked, Newspaper, Reply


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
