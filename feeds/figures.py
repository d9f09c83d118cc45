"""The figures of watching, storing and serving: what each counts. Shown by `bot.metrics`, if at all.

Labels are few by design: newspapers and channels of the settings, and closed sets; never chats or URLs.
"""

from feeds.errors import Unreadable
from feeds.models import EntryKind, FoundBy
from feeds.tally import Count, Spread

FIELDS = ("title", "kicker", "subtitle", "byline", "published", "reads", "page", "images", "body")
NOT_FOUND = "none"
"""The rule of a field that no rule found."""
NOT_AN_ARTICLE = "not_an_article"
CRASHED = "reader_failed"
NO_ANSWER = "none"
"""The status of a request without a usable answer."""

_FAILED = ("refused", "unreachable", "bad_status", "too_large", "unreadable", "broken")
_QUICK = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900)
_SLOW = (1, 5, 15, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 43_200)

LOOKS = Count(
    "looks",
    "Looks at newspapers, by what came of them.",
    {"source": (), "outcome": ("changed", "unchanged", *_FAILED)},
)
LOOK_SECONDS = Spread("look_duration_seconds", "How long a look at a newspaper took.", _QUICK)
ISSUE_SECONDS = Spread(
    "issue_reading_duration_seconds",
    "From the first sight of a new issue to the moment when it was whole and told in the journal.",
    _SLOW,
    {"source": ()},
)
UNSEEN_SECONDS = Spread(
    "issue_discovery_delay_seconds",
    "How long at most a new issue was out before it was seen: since the last look that did not find it.",
    _SLOW,
    {"source": ()},
)
FETCHES = Count(
    "fetch_requests",
    "Requests to newspapers, each hop of a redirect by itself, by class of status.",
    {"status": ("2xx", "304", "3xx", "4xx", "5xx", NO_ANSWER)},
)
FETCHED_BYTES = Count("fetch_received_bytes", "Bytes of newspapers' answers, as they came in.")
SSRF_BLOCKED = Count(
    "ssrf_blocked",
    "Requests that were not made because they led to a private address or a port that is not the "
    "newspaper's.",
    {"by": ("fetch", "hub")},
)
DOCUMENTS = Count("documents_read", "Documents of newspapers that were read.", {"source": ()})
UNREADABLE = Count(
    "documents_unreadable",
    "Documents of newspapers that could not be read, by the reason.",
    {"source": (), "reason": (*Unreadable, NOT_AN_ARTICLE, CRASHED)},
)
FOUND = Count(
    "article_fields",
    "Fields of articles' documents, by the rule that found them.",
    {"source": (), "field": (), "rule": (*FoundBy, NOT_FOUND)},
)
NEWS = Count("journal_entries", "Entries of the journal.", {"source": (), "kind": tuple(EntryKind)})
REQUESTS = Count("http_requests", "Requests to our pages and feeds.", {"route": (), "code": ()})
HUB_DELIVERIES = Count(
    "hub_deliveries",
    "Tries to tell a subscriber or another hub (WebSub) of news.",
    {"kind": ("content", "ping"), "outcome": ("told", "gone", "failed", "given_up")},
)
HUB_VERIFICATIONS = Count(
    "hub_verifications",
    "Questions to callbacks whether they want what was asked for in their name.",
    {"outcome": ("confirmed", "not_confirmed")},
)

COUNTS = (
    LOOKS, FETCHES, FETCHED_BYTES, SSRF_BLOCKED, DOCUMENTS, UNREADABLE, FOUND, NEWS, REQUESTS,
    HUB_DELIVERIES, HUB_VERIFICATIONS,
)  # fmt: skip
SPREADS = (LOOK_SECONDS, ISSUE_SECONDS, UNSEEN_SECONDS)
