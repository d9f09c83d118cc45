"""Following signposts: from a request to the document that shows what was asked for."""

from collections.abc import Awaitable, Callable

from feeds.errors import BadStatus, FetchError, NotReadable, Refused, TooLarge, Unreadable
from feeds.models import Document, Reading, Request

MOST_DOCUMENTS = 25

Open = Callable[[Request], Awaitable[tuple[Document, Reading]]]
"""Fetches and reads one document. Raises `FetchError` or `NotReadable`."""


async def arrive(request: Request, open_: Open) -> tuple[Document, Reading]:
    """The first document on the way that is no signpost: most requests lead there at once, some by a
    doorway, a month's list of issues, or lists that come in parts. The ways of a signpost are tried
    best first; one that leads to nothing costs itself only. Where the server is in trouble that says
    nothing of what lies there, so the next way would be the wrong one: the whole is tried again, later.

    Raises what a way in trouble raised, or the last one, `NotReadable` where all ways ended or went in circles, and what
    the request itself raised.
    """
    document, reading = await open_(request)
    return await onward(request, reading, open_) if reading.is_signpost else (document, reading)


async def onward(request: Request, reading: Reading, open_: Open) -> tuple[Document, Reading]:
    """As `arrive`, from a signpost on which a request ended."""
    ways, tried = list(reading.follow), {(request.url, request.body)}
    trouble: FetchError | NotReadable | None = None
    while ways and len(tried) < MOST_DOCUMENTS:
        way = ways.pop(0)
        if (way.url, way.body) in tried:
            continue
        tried.add((way.url, way.body))
        try:
            document, reading = await open_(way)
        except (FetchError, NotReadable) as error:
            if not _leads_on(error):
                raise
            trouble = error
            continue
        if not reading.is_signpost:
            return document, reading
        ways = [*reading.follow, *ways]
    raise trouble or NotReadable(
        request.url, Unreadable.UNKNOWN, "顺着它的指引没有找到要看的那一页"
    )


def is_nothing(error: FetchError | NotReadable) -> bool:
    """Whether the site said that nothing lies there: gone, a page that says so, a list without it. That a
    server fails, or shows some other page, says nothing.
    """
    if isinstance(error, NotReadable):
        return error.why in {Unreadable.NO_PAGE, Unreadable.NO_ISSUE}
    return isinstance(error, BadStatus) and error.is_gone


def _leads_on(error: FetchError | NotReadable) -> bool:
    """Whether another way may be tried: nothing lies there, or something that waiting makes no newspaper."""
    if isinstance(error, NotReadable):
        return is_nothing(error) or error.why in _LASTING
    return is_nothing(error) or (isinstance(error, Refused | TooLarge) and not must_stop(error))


_LASTING = frozenset({Unreadable.UNKNOWN, Unreadable.TOO_DEEP})


def must_stop(error: FetchError | NotReadable) -> bool:
    """Whether the server asks us to go away for now."""
    if isinstance(error, FetchError):
        return error.retry_after is not None
    return error.why is Unreadable.CHALLENGE
