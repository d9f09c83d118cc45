"""The types of a decision: what the store knows, what was asked, and what is to be written."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from feeds.models import ArticleKind, EntryKind, Image, IssueStatus, ReadCount, WithdrawnBy


@dataclass(frozen=True, slots=True)
class Policy:
    """What the settings say about one paper. `patience` is for how many looks something that fails
    softly holds its issue open, and how often it is tried again afterwards. `read_looks` are the ages
    of an issue, counted from its completion, at which articles whose own page tells their count are
    looked at again. `check_every` is the time between two looks that are to confirm each other.
    `is_backfill`: nothing found is news, and what is not of today or yesterday is not looked at again.
    """

    source: str
    timezone: str
    first: Literal["newest", "none", "all"]
    reads: Literal["auto", "list", "page", "off"]
    read_looks: tuple[timedelta, ...]
    patience: int = 3
    check_every: timedelta = timedelta(minutes=10)
    is_backfill: bool = False


class Failure(StrEnum):
    """How a document could not be read: SOFT passes, HARD is no page of this paper's, GONE is a plain
    404 or 410.
    """

    SOFT = "soft"
    HARD = "hard"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a document was fetched for: an article or a page (by its label) of a known issue, or
    nothing in particular (the entry and what it leads to). `page_name` (要闻, 广告) helps to tell an
    article's kind. `is_newest`: the entry led here, so that an issue not known yet has just come out.
    """

    url: str
    issue: str | None = None
    page: str | None = None
    article: str | None = None
    page_name: str | None = None
    is_newest: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """What an article says. `published` is None where the site gives no time of day."""

    title: str
    kicker: str | None = None
    subtitle: str | None = None
    byline: str | None = None
    body_html: str = ""
    body_text: str = ""
    images: tuple[Image, ...] = ()
    kind: ArticleKind = ArticleKind.NEWS
    published: datetime | None = None

    @property
    def hash(self) -> str:
        """Of the words and images that readers see; never of the count, nor of mere markup."""
        images = [(image.url, image.caption) for image in self.images]
        parts = (self.title, self.kicker, self.subtitle, self.byline, self.body_text, images)
        return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Seen:
    """A read count and when it was seen."""

    count: ReadCount
    at: datetime


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """An article as listed, and how far it was read. `id` is None where it is not stored yet, and
    `content_hash` None until its own document was read. `sample` is the newest count that was seen,
    which is not always the one that is shown (`reads`); `peak` is the highest ever. `attempts` counts
    failed tries; one that no patience helps spends it all at once. `listed` is the title in the list.
    `unlisted_at` is since when its page lists it no longer, `gone_at` when its document was found gone
    after that. `is_bare`: its document, when last read, had no title or no body. `is_whole`: it stands
    whole in its issue's document and has none of its own to be asked for. `reads_listed`: the list tells
    its count. `reads_due_at` is when its own document is looked at again.
    """

    key: str
    page: str
    order: int
    url: str
    title: str
    listed: str = ""
    id: int | None = None
    content_hash: str | None = None
    revision: int = 1
    attempts: int = 0
    given_up: str | None = None
    withdrawn: WithdrawnBy | None = None
    unlisted_at: datetime | None = None
    gone_at: datetime | None = None
    is_bare: bool = False
    is_whole: bool = False
    reads: ReadCount | None = None
    reads_at: datetime | None = None
    reads_listed: bool = False
    reads_looks: int = 0
    reads_due_at: datetime | None = None
    sample: Seen | None = None
    peak: int | None = None

    @property
    def is_read(self) -> bool:
        return self.content_hash is not None

    @property
    def is_settled(self) -> bool:
        """Whether its issue need not wait for it."""
        return self.is_read or self.given_up is not None


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page as listed, and whether its list of articles was read."""

    label: str
    order: int
    name: str | None = None
    url: str | None = None
    image: str | None = None
    pdf: str | None = None
    id: int | None = None
    is_read: bool = False
    attempts: int = 0
    given_up: str | None = None

    @property
    def is_settled(self) -> bool:
        return self.is_read or self.given_up is not None


@dataclass(frozen=True, slots=True)
class KnownIssue:
    """An issue with all its pages and articles. `id` is None where it is not stored yet. `unseen_at` is
    when a look last found it not out yet, `closes_at` until when it grows, `recheck_at` when its lists
    are looked at again, `gone_at` when its document was first found gone.
    """

    key: str
    date: date
    url: str
    number: str | None = None
    previous: str | None = None
    next: str | None = None
    is_first: bool = False
    status: IssueStatus = IssueStatus.PARTIAL
    push: bool = True
    first_seen: datetime | None = None
    unseen_at: datetime | None = None
    closes_at: datetime | None = None
    completed_at: datetime | None = None
    recheck_at: datetime | None = None
    gone_at: datetime | None = None
    withdrawn_by: WithdrawnBy | None = None
    id: int | None = None
    pages: tuple[KnownPage, ...] = ()
    articles: tuple[KnownArticle, ...] = ()

    @property
    def is_shown(self) -> bool:
        """Whether readers have it before them, so that a change in it is news."""
        return self.status in {IssueStatus.OPEN, IssueStatus.COMPLETE}


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows about the issue that a document belongs to. `oldest` is the first issue of
    the paper that is stored, as (date, key), or None before the first look. `contents` are those of the
    articles that the document may hold whole, by key. `looked_at` was the last good look at the paper.
    """

    issue: KnownIssue | None = None
    oldest: tuple[date, str] | None = None
    contents: Mapping[str, Content] = field(default_factory=dict)
    looked_at: datetime | None = None


# ── what is to be written ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Revision:
    """What an article said until now."""

    article: str
    revision: int
    content_hash: str
    content: Content


@dataclass(frozen=True, slots=True)
class Sample:
    """A point of an article's series of read counts."""

    article: str
    count: ReadCount


@dataclass(frozen=True, slots=True)
class News:
    """An entry for the journal, its article named by its key."""

    kind: EntryKind
    article: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a document changes. `issue` is how the whole issue stands afterwards, with the ids of what
    is stored already; `pages` and `articles` are those of it that differ from before, and
    `is_issue_changed` says whether its own row does. `contents` are by article key; `withdrawn` and
    `restored` are the keys of articles that the newspaper took back and gave back.
    """

    source: str
    issue: KnownIssue | None = None
    is_issue_changed: bool = False
    pages: tuple[KnownPage, ...] = ()
    articles: tuple[KnownArticle, ...] = ()
    contents: Mapping[str, Content] = field(default_factory=dict)
    revisions: tuple[Revision, ...] = ()
    samples: tuple[Sample, ...] = ()
    withdrawn: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    news: tuple[News, ...] = ()

    @property
    def is_empty(self) -> bool:
        rows = (self.pages, self.articles, self.contents, self.revisions, self.samples, self.news)
        return not self.is_issue_changed and not any(rows)
