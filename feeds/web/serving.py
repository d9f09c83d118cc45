"""How a body answers a request: conditions, encodings, caching (RFC 9110 sections 8, 12 and 13)."""

import re
from email.utils import format_datetime

from aiohttp import hdrs, web

from feeds.shelf import Body

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def respond(request: web.Request, body: Body, max_age: int, *, status: int = 200) -> web.Response:
    """200 with the body, or 304. `max_age` is in seconds. Ranges are ignored, as RFC 9110 section
    14.2 allows, and said to be; HEAD's body is dropped by the server.
    """
    packed = accepts_gzip(",".join(request.headers.getall(hdrs.ACCEPT_ENCODING, ())))
    headers = {
        hdrs.ETAG: f'"{body.packed_tag if packed else body.tag}"',
        hdrs.CACHE_CONTROL: f"public, max-age={max_age}",
        hdrs.VARY: hdrs.ACCEPT_ENCODING,
        hdrs.ACCEPT_RANGES: "none",
    }
    if body.modified is not None:
        headers[hdrs.LAST_MODIFIED] = format_datetime(body.modified, usegmt=True)
    if status == 200 and is_fresh(request, body):  # noqa: PLR2004 - HTTP's own number
        return web.Response(status=304, headers=headers)
    headers[hdrs.CONTENT_TYPE] = body.media_type
    if packed:
        headers[hdrs.CONTENT_ENCODING] = "gzip"
    return web.Response(status=status, body=body.packed if packed else body.data, headers=headers)


def is_fresh(request: web.Request, body: Body) -> bool:
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
    if condition.strip() == "*":
        return True
    return not {body.tag, body.packed_tag}.isdisjoint(_TAG.findall(condition))


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
