"""The only door out for fetching newspapers.

Request ──site, port, robots.txt──▶ gate (one at a time, gap) ──guarded socket──▶ status, headers
    ──capped, decoded──▶ Document | NotModified         redirects: round again, at most five
"""

from feeds.http.fetcher import Fetcher, Limits, build_fetcher
from feeds.http.guard import is_public
from feeds.http.retry_after import parse_retry_after

__all__ = ["Fetcher", "Limits", "build_fetcher", "is_public", "parse_retry_after"]
