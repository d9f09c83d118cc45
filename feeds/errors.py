"""The error tree of feeds/. Every error carries a sentence for a person; foreign errors are
translated once, at the door of the library that raised them.

    BaotongError
    ├── FetchError              one document could not be had
    │   ├── Refused             the guard or a limit of ours forbids it; asking again changes nothing
    │   │   ├── ByRobots        the site's robots.txt forbids it
    │   │   └── NotPublic       a private address, or a port of its own: only where the operator allows it
    │   ├── Unreachable         no usable answer: TLS, timeout, cut or broken body
    │   │   ├── NobodyThere     nothing answers under this name: DNS, connect
    │   │   ├── RobotsUnknown   the site's server fails when asked for robots.txt, so nothing is asked for
    │   │   └── Elsewhere       sent on to a site that is not the newspaper's
    │   ├── TooLarge            a cap was hit: wire or decoded bytes, redirects
    │   └── BadStatus           an HTTP status that is neither 2xx nor 304
    ├── NotReadable             the document is there, but not a page that this family can read
    ├── StoreError              the database is not usable as it is
    │   └── StoreSaved          it was deleted in use, and saved: a new start takes it from there
    └── AlreadyRunning          another process holds the data directory
"""

from datetime import timedelta
from enum import StrEnum


class BaotongError(Exception):
    """The root. `str(error)` is fit to be shown to an operator: no secrets, one line."""


class FetchError(BaotongError):
    """A document could not be had. `url` is redacted (no userinfo, no query secrets).
    `retry_after` is the server's own wait and a floor for ours.
    """

    def __init__(self, url: str, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason
        self.retry_after = retry_after


class Refused(FetchError):
    """A private address, a bad port, a redirect elsewhere, a scheme that is not http(s)."""


class ByRobots(Refused):
    """The site does not want to be read by programs; its publisher may allow it all the same."""


class NotPublic(Refused):
    """An address inside somebody's network, or a port that is not the newspaper's."""


class Unreachable(FetchError):
    """Soft: keep what is stored, back off, try again."""


class NobodyThere(Unreachable):
    """No such host, or nothing listens there: whatever was asked for, it is not to blame."""


class RobotsUnknown(Unreachable):
    """Whether the site wants to be read cannot be known now, because its server is in trouble."""


class Elsewhere(Unreachable):
    """A redirect to another site: a parked name, a login, a hijack. What is stored stays."""


class TooLarge(FetchError):
    """The answer is larger than a newspaper page may be, or redirects for ever."""


class BadStatus(FetchError):
    """A status that says no. 404 and 410 mean gone; all else is soft."""

    def __init__(
        self, url: str, status: int, reason: str, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(url, reason, retry_after)
        self.status = status

    @property
    def is_gone(self) -> bool:
        return self.status in {404, 410}


class Unreadable(StrEnum):
    """Why a document is not a page of a newspaper."""

    EMPTY = "empty"
    TRUNCATED = "truncated"
    SCRIPT = "script"
    CHALLENGE = "challenge"
    ERROR_PAGE = "error_page"  # the site is in trouble, or being mended
    NO_PAGE = "no_page"  # the site says, with status 200, that there is no such page
    TOO_DEEP = "too_deep"
    NO_ISSUE = "no_issue"  # a list of issues, and none that was asked for in it
    UNKNOWN = "unknown"


class NotReadable(BaotongError):
    """The document says nothing that this family understands. Soft: what is stored stays."""

    def __init__(self, url: str, why: Unreadable, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.why = why
        self.reason = reason


class StoreError(BaotongError):
    """The database is missing, foreign, newer than this program, or corrupt."""


class StoreSaved(StoreError):
    """The database's file was deleted or replaced while it was in use."""


class AlreadyRunning(BaotongError):
    """Exit code 3: the same data directory."""
