"""The newsboy's nouns, one type per stage: what a document said, what the archive holds.

    Request ──http──▶ Document ──source.read──▶ Reading ──decide──▶ Changes ──store──▶ Issue, Page, Article

Everything here is frozen. Instants are aware and in UTC; an issue's date is the date printed on
the paper, in the paper's own zone. Text is plain and clean (`feeds.text.clean`); `body_html` alone
is HTML, already sanitised.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

CUT = '<p class="cut">…</p>'  # ends the HTML of a body that was too long to be kept whole


class ArticleKind(StrEnum):
    """What an article is, so that readers can leave kinds out. Nothing is thrown away for its kind."""

    NEWS = "news"
    PHOTO = "photo"
    CREDITS = "credits"
    AD = "ad"
    NOTICE = "notice"


class IssueStatus(StrEnum):
    """PARTIAL until every page and article was read or given up; then COMPLETE. OPEN is an issue that is
    shown as it grows and closes at the end of its day (an upstream feed's).
    """

    PARTIAL = "partial"
    OPEN = "open"
    COMPLETE = "complete"
    WITHDRAWN = "withdrawn"


class WithdrawnBy(StrEnum):
    """Who took an article back. What an operator withdrew no look at the newspaper brings back."""

    PAPER = "paper"
    OPERATOR = "operator"


class AlarmKind(StrEnum):
    """What may be wrong with a newspaper. REDESIGN: its pages no longer say what they said. UNREAD: no good
    look for long. LATE: no issue on a usual day. CHALLENGE: the site wants proof of a human.
    """

    REDESIGN = "redesign"
    UNREAD = "unread"
    LATE = "late"
    CHALLENGE = "challenge"


class FoundBy(StrEnum):
    """Which rule found a field: the operator's or family's data, a CSS selector, or a label in the text."""

    DATA = "data"
    SELECTOR = "selector"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class ReadCount:
    """阅读数 as the site shows it. `exact` is false for 1.2万 (rounded) and 10万+ (a lower bound)."""

    value: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Image:
    """An image of an article: an absolute http(s) URL and its caption, which may be empty."""

    url: str
    caption: str = ""


# ── what was fetched ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Validators:
    """A response's validators, verbatim, to be sent back as conditions (RFC 9110 section 13)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A document to fetch. `context` is the family's own and comes back in `Document.request`."""

    url: str
    method: str = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A fetched document: whole, decompressed, at most 10 MiB. `url` is where redirects ended."""

    request: Request
    url: str
    body: bytes
    content_type: str
    validators: Validators
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class NotModified:
    """304: the document is as it was when its validators were stored."""

    request: Request


# ── what a document said ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ArticleLink:
    """An article as a page lists it. `key` is its identity within the issue (see `Article.key`)."""

    key: str
    url: str
    title: str
    reads: ReadCount | None = None


@dataclass(frozen=True, slots=True)
class PageReading:
    """A 版 as one document shows it. `articles` is None where the page has a document of its own, at
    `url`, which was not this one. `order` counts from 1 in the order of the paper.
    """

    label: str
    order: int
    name: str | None = None
    url: str | None = None
    image: str | None = None
    pdf: str | None = None
    articles: tuple[ArticleLink, ...] | None = None


@dataclass(frozen=True, slots=True)
class IssueReading:
    """A 期 as one document shows it. `key` is normally the ISO date. `previous` and `next` are URLs
    of the neighbouring issues where the document links them; `is_first` is true only where the
    document shows that nothing is older (it links a next issue and has an inert 上一期). `closes_at` is
    set by families whose issue grows until then; elsewhere an issue closes once it is read.
    """

    key: str
    date: date
    url: str
    number: str | None = None
    previous: str | None = None
    next: str | None = None
    is_first: bool = False
    closes_at: datetime | None = None
    pages: tuple[PageReading, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleReading:
    """An article's own document. `published` is a date where the page gives no time of day.
    `found_by` names the rule for every field that was found.
    """

    key: str
    url: str
    title: str
    kicker: str | None = None
    subtitle: str | None = None
    byline: str | None = None
    published: date | datetime | None = None
    reads: ReadCount | None = None
    page: str | None = None
    images: tuple[Image, ...] = ()
    body_html: str = ""
    body_text: str = ""
    kind: ArticleKind = ArticleKind.NEWS
    found_by: Mapping[str, FoundBy] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one document turned out to say. `follow` are the documents that lead to the newest
    issue when this one only points the way (meta refresh, a list of issues): best first. `is_signpost`
    says more: that they lead to whatever this document was asked for, which is nothing in itself (a
    doorway, a month's list, a list that comes in parts). `articles` are those of `issue` that stand
    whole in this document and need none of their own.
    """

    issue: IssueReading | None = None
    article: ArticleReading | None = None
    follow: tuple[Request, ...] = ()
    is_signpost: bool = False
    articles: tuple[ArticleReading, ...] = ()


# ── what the archive holds ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Article:
    """A stored article.

    `key` is its identity within the issue and its name in our URLs: the platform's own article id or
    else a slug of its canonical URL path, always `[A-Za-z0-9._-]{1,64}`, the same for `?div=`, pc and
    pad twins. `published` is an instant; `published_exact` says whether the site gave a time of day
    (else it is the date's 00:00 in the paper's zone). `updated` moves with `revision` only, never
    with the read count. `order` counts from 1 within its page.
    """

    id: int
    source: str
    issue: str
    key: str
    page: str
    order: int
    url: str
    title: str
    kicker: str | None
    subtitle: str | None
    byline: str | None
    published: datetime
    published_exact: bool
    body_html: str
    body_text: str
    images: tuple[Image, ...]
    kind: ArticleKind
    reads: ReadCount | None
    reads_at: datetime | None
    revision: int
    first_seen: datetime
    updated: datetime
    withdrawn_at: datetime | None = None

    @property
    def is_cut(self) -> bool:
        """Only the beginning of its text is stored; the rest is at the newspaper."""
        return self.body_html.endswith(CUT)

    @property
    def withdrawn(self) -> bool:
        """撤稿: its text is shown nowhere any more."""
        return self.withdrawn_at is not None


@dataclass(frozen=True, slots=True)
class Correction:
    """What an article said until we saw it changed, at `at`. Its text now is the article's own."""

    at: datetime
    title: str
    kicker: str | None
    subtitle: str | None
    byline: str | None
    body_text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A stored 版 with its articles in order; the articles of kinds the source skips are in it too."""

    label: str
    order: int
    name: str | None
    url: str | None
    image: str | None
    pdf: str | None
    articles: tuple[Article, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """A stored 期, whole. `is_first`: the newspaper itself has nothing older."""

    id: int
    source: str
    key: str
    date: date
    number: str | None
    url: str
    status: IssueStatus
    is_first: bool
    completed_at: datetime | None
    updated: datetime
    pages: tuple[Page, ...] = ()

    @property
    def articles(self) -> tuple[Article, ...]:
        """All articles, in the order of the paper."""
        return tuple(article for page in self.pages for article in page.articles)


@dataclass(frozen=True, slots=True)
class Paper:
    """A source as readers know it."""

    id: str
    title: str
    url: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The complete issues on both sides of one: their keys, or None at an end of our archive."""

    previous: str | None
    next: str | None


# ── the journal ─────────────────────────────────────────────────────────────────────────────────


class PauseKind(StrEnum):
    """What an operator can pause."""

    SOURCE = "source"
    CHANNEL = "channel"


class EntryKind(StrEnum):
    """What can happen. Consumers ignore kinds that they do not know."""

    ISSUE_COMPLETE = "issue_complete"
    ARTICLE_ADDED = "article_added"
    ARTICLE_CORRECTED = "article_corrected"
    ARTICLE_WITHDRAWN = "article_withdrawn"
    ARTICLE_RESTORED = "article_restored"
    ISSUE_WITHDRAWN = "issue_withdrawn"
    ISSUE_RESTORED = "issue_restored"
    READS_RUNG = "reads_rung"
    ALARM_RAISED = "alarm_raised"
    ALARM_ENDED = "alarm_ended"


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry about to be appended. `push` is false for what nobody is to be told in a chat
    (backfill, `first: none`). `data` is JSON: what changed, an alarm's words, a rung.
    """

    kind: EntryKind
    source: str
    issue_id: int | None = None
    article_id: int | None = None
    push: bool = True
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal entry. `seq` has no gaps that could fill later: the order of commits."""

    seq: int
    at: datetime
    kind: EntryKind
    source: str
    issue_id: int | None
    article_id: int | None
    push: bool
    data: Mapping[str, object]
