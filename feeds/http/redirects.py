"""Where a redirect leads, and what of the request goes there."""

from dataclasses import dataclass, replace

from aiohttp import ClientResponse
from yarl import URL

from feeds.errors import BadStatus, Refused
from feeds.http.guard import parse_url, redact
from feeds.models import Request

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BECOMES_GET = frozenset({301, 302, 303})  # as every browser does


@dataclass(frozen=True, slots=True)
class Redirect:
    """An answer that sends us on: the absolute URL `to`, not checked yet."""

    status: int
    to: str


def location(url: URL, response: ClientResponse) -> str:
    location = response.headers.get("Location", "").strip()
    if not location:
        raise BadStatus(
            redact(str(url)), response.status, "要转却没说转到哪里 (a redirect to nowhere)"
        )
    if "\\" in location:
        raise Refused(redact(location), "转去的网址里有反斜杠 (a redirect with a backslash in it)")
    try:
        return str(url.join(URL(location)))
    except ValueError as error:
        raise Refused(redact(str(url)), "转去的不是网址 (a redirect to what is no URL)") from error


def next_hop(request: Request, url: URL, answer: Redirect) -> tuple[Request, URL]:
    """The request for the next hop. Headers that the source set stay with its own site: they may be
    keys. A body that was posted is not posted elsewhere.
    """
    target = parse_url(answer.to)
    is_same = target.origin() == url.origin()
    becomes_get = request.method != "HEAD" and (answer.status in _BECOMES_GET or not is_same)
    return (
        replace(
            request,
            url=str(target),
            method="GET" if becomes_get else request.method,
            body=None if becomes_get else request.body,
            headers=request.headers if is_same else {},
        ),
        target,
    )
