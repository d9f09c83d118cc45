"""Another day's issue by its address, for papers whose pages do not link the issue before: the family says how
its addresses follow the date, and whether there was a paper that day only the answer tells.
"""

from datetime import date, timedelta

from feeds.arrival import is_nothing
from feeds.errors import FetchError, NotReadable
from feeds.models import Document, Reading, Request
from feeds.watch.desk import Desk


def day_before(desk: Desk, url: str, day: date, previous: str | None) -> Request | None:
    """Where the issue of the day before lies, by the address of the day's; None where addresses do not follow
    the date, or where the page links an issue before that is not just this guess.
    """
    request = desk.source.on_day(url, day - timedelta(days=1))
    is_linked = previous is not None and (request is None or request.url != previous)
    return None if is_linked else request


async def open_day(desk: Desk, request: Request, day: date) -> tuple[Document, Reading] | None:
    """What lies at an address that nobody linked; None where there is no paper, or another day's.

    Raises `FetchError` and `NotReadable` where the server is in trouble, which says nothing of the day.
    """
    try:
        answer = await desk.open(request)
    except (FetchError, NotReadable) as error:
        if not is_nothing(error):
            raise
        return None
    issue = answer[1].issue if answer else None
    return answer if issue is not None and issue.date == day else None
