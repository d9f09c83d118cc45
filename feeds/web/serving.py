"""How a body answers a request: conditions, encodings, caching (RFC 9110 sections 8, 12 and 13).

request ──▶ which representation (gzip or not), is the client's copy fresh? ──▶ 200 or 304
"""

import re
import time
from datetime import datetime
from email.utils import format_datetime, formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple

from aiohttp import HttpVersion11, hdrs, web
from multidict import CIMultiDict

from feeds.shelf import Body
from feeds.web.headers import SAFETY

Fields = tuple[tuple[str, str], ...]

_XML = "application/xml; charset=utf-8"
_VARIES: Fields = (("Vary", "Sec-Fetch-Dest"),)
_TAG = re.compile(r'(?:W/)?"([^"]*)"')


class Shown(NamedTuple):
    """A representation of a body, without its bytes."""

    media_type: str
    tag: str
    modified: datetime | None
    length: int
    packed: bool


def respond(request: web.Request, body: Body, max_age: int, *, status: int = 200) -> web.Response:
    """200 with the body, or 304. `max_age` is in seconds. Ranges are ignored, as RFC 9110 section
    14.2 allows, and said to be; HEAD's body is dropped by the server.
    """
    shown, data = _choose(request, body)
    if status == HTTPStatus.OK and is_fresh(request, body):
        return web.Response(status=304, headers=dict(_fields(304, shown, max_age)))
    return web.Response(status=status, body=data, headers=dict(_fields(status, shown, max_age)))


def send(
    request: web.BaseRequest, body: Body, max_age: int, more: Fields = ()
) -> web.StreamResponse:
    """The same for bodies that many ask for: all but the date is made beforehand and goes out in one
    write. `more` are further headers.

    A browser that opens a feed gets it as XML, so that it shows our stylesheet: under a feed's own type
    Chromium shows the source (measured).
    """
    shown, data = _choose(request, body)
    if "xml" in shown.media_type:
        more += _VARIES
        if request.headers.get("Sec-Fetch-Dest") == "document":
            shown = shown._replace(media_type=_XML)
    status = 304 if is_fresh(request, body) else 200
    if status == HTTPStatus.NOT_MODIFIED or request.method == hdrs.METH_HEAD:
        data = b""
    if is_simple(request):
        return _Ready(status, _head(status, shown, max_age, more), data)
    headers = CIMultiDict(_fields(status, shown, max_age) + more)
    if request.method == hdrs.METH_HEAD:
        headers[hdrs.CONTENT_LENGTH] = str(shown.length)
    return web.Response(status=status, body=data or None, headers=headers)


def is_simple(request: web.BaseRequest) -> bool:
    """Whether the connection stays as it is after the answer: HTTP/1.1, and nobody closes it."""
    return request.version == HttpVersion11 and request.keep_alive


def _choose(request: web.BaseRequest, body: Body) -> tuple[Shown, bytes]:
    """The representation that the client may have, and its bytes."""
    packed = accepts_gzip(",".join(request.headers.getall(hdrs.ACCEPT_ENCODING, ())))
    data, tag = (body.packed, body.packed_tag) if packed else (body.data, body.tag)
    return Shown(body.media_type, tag, body.modified, len(data), packed), data


# ── conditions ──────────────────────────────────────────────────────────────────────────────────


def is_fresh(request: web.BaseRequest, body: Body) -> bool:
    """Whether the client's copy is this body. Tags go before dates (RFC 9110 section 13.2.2)."""
    tags = request.headers.getall(hdrs.IF_NONE_MATCH, ())
    if tags:
        return matches_tag(",".join(tags), body)
    since = request.if_modified_since
    return since is not None and body.modified is not None and body.modified <= since


def matches_tag(condition: str, body: Body) -> bool:
    """If-None-Match: a star, or a list of tags compared weakly. The tag of either encoding will do:
    both stand for the same content.
    """
    if condition in (f'"{body.tag}"', f'"{body.packed_tag}"') or condition.strip() == "*":
        return True
    return not {body.tag, body.packed_tag}.isdisjoint(_TAG.findall(condition))


@lru_cache(maxsize=1024)
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether gzip is welcome: named, or meant by a star, with a weight above nothing."""
    weights = dict(_weight(item) for item in accept_encoding.lower().split(",") if item.strip())
    named = max((weights[name] for name in ("gzip", "x-gzip") if name in weights), default=None)
    return (weights.get("*", 0.0) if named is None else named) > 0


def _weight(item: str) -> tuple[str, float]:
    """`gzip;q=0.5` → ("gzip", 0.5). A weight that is no number counts as none."""
    name, *parameters = (part.strip() for part in item.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            return name, _number(value)
    return name, 1.0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


# ── what goes out ───────────────────────────────────────────────────────────────────────────────


def _fields(status: int, shown: Shown, max_age: int) -> Fields:
    fields = [
        (hdrs.ETAG, f'"{shown.tag}"'),
        (hdrs.CACHE_CONTROL, f"public, max-age={max_age}"),
        (hdrs.VARY, hdrs.ACCEPT_ENCODING),
        (hdrs.ACCEPT_RANGES, "none"),
    ]
    if shown.modified is not None:
        fields.append((hdrs.LAST_MODIFIED, format_datetime(shown.modified, usegmt=True)))
    if status != HTTPStatus.NOT_MODIFIED:
        fields.append((hdrs.CONTENT_TYPE, shown.media_type))
        if shown.packed:
            fields.append((hdrs.CONTENT_ENCODING, "gzip"))
    return tuple(fields)


@lru_cache(maxsize=4096)
def _head(status: int, shown: Shown, max_age: int, more: Fields) -> bytes:
    """The head of an answer, up to its date. A 304 has no length (RFC 9110, 8.6)."""
    fields = (*_fields(status, shown, max_age), *more, *SAFETY.items())
    if status != HTTPStatus.NOT_MODIFIED:
        fields += ((hdrs.CONTENT_LENGTH, str(shown.length)),)
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in fields]
    return "\r\n".join((*lines, "Date: ")).encode("ascii")


@lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    return f"{formatdate(second, usegmt=True)}\r\n\r\n".encode("ascii")


class _Ready(web.StreamResponse):
    """An answer whose bytes are known: aiohttp's own way costs a dictionary, a signal and a header
    at a time, which is most of what a 304 costs (tests/bench). For HTTP/1.1 with keep-alive only.
    """

    def __init__(self, status: int, head: bytes, data: bytes) -> None:
        super().__init__(status=status)
        self._ready = (head, data)

    @property
    def keep_alive(self) -> bool:
        """What it is for."""
        return True

    async def prepare(self, request: Any) -> None:
        """Writes it. Raises ConnectionResetError where nobody listens any more."""
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError
        head, data = self._ready
        transport.writelines((head, _date(int(time.time())), data))
        await request.writer.drain()  # a reader that does not read holds up itself alone

    async def write_eof(self, data: bytes = b"") -> None:
        """It is written already."""
