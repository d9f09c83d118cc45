"""Retry-After (RFC 9110 section 10.2.3): seconds, or a date in any of HTTP's three forms."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(hours=24)
_SECONDS = re.compile(r"[0-9]{1,10}")


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """How long the server asks us to wait, at most 24 h. None where it says nothing that can be
    understood, or names a time that is past: then our own delay holds.
    """
    text = (value or "").strip()
    wait = timedelta(seconds=int(text)) if _SECONDS.fullmatch(text) else _until(text, now)
    if wait is None or wait <= timedelta():
        return None
    return min(wait, LONGEST)


def _until(text: str, now: datetime) -> timedelta | None:
    try:
        at = parsedate_to_datetime(text)
        # `-0000` and the asctime form come back naive; HTTP's dates are always UTC.
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
