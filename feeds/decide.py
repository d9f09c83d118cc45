"""Decides what a fetched document changes: known state + what it said + now in, changes out. Pure.

    IssueReading   ──decide_issue────▶ the issue's row, its pages, the articles they list
    ArticleReading ──decide_article──▶ the article, its old revision, its count
    a failure      ──decide_failure──▶ an attempt noted, or the page or article given up
                                         └─ each may be the one that completes the issue: ISSUE_COMPLETE

Deciding the same thing twice changes nothing the second time.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from feeds.models import (
    ArticleKind,
    ArticleLink,
    ArticleReading,
    EntryKind,
    Image,
    IssueReading,
    IssueStatus,
    PageReading,
    ReadCount,
)
from feeds.schedule import READ_LOOKS, next_read_look

MOST_ATTEMPTS = 3
UNTITLED = "（无题）"
TITLE_FROM_BODY = 30  # characters of the first line that stand in for a missing title
RUNGS = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)


# ── what was known ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """A stored article. `content_hash` is None until its own document was read. `reads` is the count
    that is shown, `last_reads` the newest sample: they differ while a fall waits to be confirmed.
    """

    id: int
    key: str
    url: str
    title: str
    page: str
    order: int
    content_hash: str | None = None
    revision: int = 1
    attempts: int = 0
    given_up: str | None = None
    first_seen: datetime | None = None
    reads: ReadCount | None = None
    last_reads: ReadCount | None = None
    reads_looks: int = 0
    content: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def is_settled(self) -> bool:
        """Whether it no longer holds its issue open."""
        return self.content_hash is not None or self.given_up is not None

    @property
    def is_open(self) -> bool:
        """Whether a look should still try to read it."""
        return self.content_hash is None and self.attempts < MOST_ATTEMPTS


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A stored 版. `is_read`: the articles it lists are known."""

    label: str
    order: int
    name: str | None = None
    url: str | None = None
    image: str | None = None
    pdf: str | None = None
    is_read: bool = False
    attempts: int = 0
    given_up: str | None = None

    @property
    def is_settled(self) -> bool:
        return self.is_read or self.given_up is not None

    @property
    def is_open(self) -> bool:
        return not self.is_read and self.url is not None and self.attempts < MOST_ATTEMPTS


@dataclass(frozen=True, slots=True)
class KnownIssue:
    """A stored 期 with its pages by label and its articles by key."""

    id: int
    key: str
    date: date
    url: str
    status: IssueStatus
    push: bool
    number: str | None = None
    previous: str | None = None
    next: str | None = None
    is_first: bool = False
    pages: Mapping[str, KnownPage] = field(default_factory=dict)
    articles: Mapping[str, KnownArticle] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return self.status is not IssueStatus.PARTIAL


# ── what changes ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class IssueChange:
    """The issue's own row, as it shall stand."""

    key: str
    date: date
    url: str
    number: str | None
    previous: str | None
    next: str | None
    is_first: bool
    push: bool


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """An article's content, as it shall stand. `published` is an instant only where the site gives a
    time of day. `old` is the revision that it replaces.
    """

    key: str
    title: str
    kicker: str | None
    subtitle: str | None
    byline: str | None
    published: datetime | None
    body_html: str
    body_text: str
    images: tuple[Image, ...]
    kind: ArticleKind
    content_hash: str
    revision: int
    old: KnownArticle | None = None


@dataclass(frozen=True, slots=True)
class ReadsChange:
    """One look at a count. `sample` goes into the series where the value is news; `shown` is what
    readers see from now on; `due` the next look, or None for no more.
    """

    key: str
    shown: ReadCount | None
    sample: ReadCount | None
    looks: int
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A failed try at a page (by label) or an article (by key)."""

    attempts: int
    given_up: str | None
    page: str | None = None
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A journal entry of this issue, about an article by key or about the whole."""

    kind: EntryKind
    article: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """All that one document changes in one issue; written in one transaction."""

    key: str
    issue: IssueChange | None = None
    pages: tuple[KnownPage, ...] = ()
    listed: tuple[KnownArticle, ...] = ()  # new rows; their id is 0
    article: ArticleChange | None = None
    reads: tuple[ReadsChange, ...] = ()
    attempt: Attempt | None = None
    completes: bool = False
    notes: tuple[Note, ...] = ()


# ── an issue's document ─────────────────────────────────────────────────────────────────────────


def decide_issue(known: KnownIssue | None, reading: IssueReading, push: bool) -> Changes:
    """`push` is what the policy says of an issue that is new; a known one keeps what it was given.

    What a document no longer lists stays: an issue that shrank is not believed.
    """
    pages = _merge_pages(known, reading.pages)
    listed = _new_articles(known, reading.pages)
    issue = _merge_issue(known, reading, push)
    before = known or KnownIssue(
        0, reading.key, reading.date, reading.url, IssueStatus.PARTIAL, push
    )
    changed_pages = tuple(p for label, p in pages.items() if before.pages.get(label) != p)
    after = replace(before, pages=pages, articles={**before.articles, **{a.key: a for a in listed}})
    changes = Changes(
        key=reading.key,
        issue=issue if known is None or issue != _as_change(known) else None,
        pages=changed_pages,
        listed=listed,
    )
    return _close(after, changes)


def _as_change(known: KnownIssue) -> IssueChange:
    return IssueChange(
        key=known.key,
        date=known.date,
        url=known.url,
        number=known.number,
        previous=known.previous,
        next=known.next,
        is_first=known.is_first,
        push=known.push,
    )


def _merge_issue(known: KnownIssue | None, reading: IssueReading, push: bool) -> IssueChange:
    """Known facts stay where the document is silent; key, date and URL are fixed once stored."""
    return IssueChange(
        key=reading.key,
        date=known.date if known else reading.date,
        url=known.url if known else reading.url,
        number=reading.number or (known.number if known else None),
        previous=reading.previous or (known.previous if known else None),
        next=reading.next or (known.next if known else None),
        is_first=reading.is_first or (known.is_first if known else False),
        push=known.push if known else push,
    )


def _merge_pages(known: KnownIssue | None, readings: Iterable[PageReading]) -> dict[str, KnownPage]:
    pages = dict(known.pages) if known else {}
    for reading in readings:
        old = pages.get(reading.label) or KnownPage(reading.label, reading.order)
        is_read = old.is_read or reading.articles is not None
        pages[reading.label] = replace(
            old,
            name=reading.name or old.name,
            url=reading.url or old.url,
            image=reading.image or old.image,
            pdf=reading.pdf or old.pdf,
            is_read=is_read,
            given_up=None if is_read else old.given_up or _unreachable(reading.url or old.url),
        )
    return pages


def _unreachable(url: str | None) -> str | None:
    """A page that neither lists articles nor has a document of its own can never be read."""
    return None if url else "no document of its own"


def _new_articles(
    known: KnownIssue | None, readings: Iterable[PageReading]
) -> tuple[KnownArticle, ...]:
    """An article is one however often it is listed; the first page that lists it has it."""
    seen = set(known.articles) if known else set()
    found: list[KnownArticle] = []
    for page in readings:
        for order, link in enumerate(page.articles or (), start=1):
            if link.key not in seen:
                seen.add(link.key)
                found.append(_listed(link, page.label, order))
    return tuple(found)


def _listed(link: ArticleLink, page: str, order: int) -> KnownArticle:
    return KnownArticle(
        id=0,
        key=link.key,
        url=link.url,
        title=link.title or UNTITLED,
        page=page,
        order=order,
        reads=link.reads,
    )


# ── an article's document ───────────────────────────────────────────────────────────────────────


def decide_article(
    known: KnownIssue,
    key: str,
    reading: ArticleReading,
    now: datetime,
    looks: tuple[timedelta, ...] = READ_LOOKS,
) -> Changes:
    """`key` is the article as the issue lists it, whatever the document calls itself."""
    old = known.articles[key]
    title = _title(reading, old)
    digest = content_hash(reading, title)
    is_new = old.content_hash is None
    is_changed = old.content_hash != digest
    change = _article_change(old, reading, title, digest) if is_changed else None
    notes: list[Note] = []
    if is_new and known.is_complete:
        notes.append(Note(EntryKind.ARTICLE_ADDED, key))
    elif is_changed and not is_new:
        notes.append(
            Note(EntryKind.ARTICLE_CORRECTED, key, {"changed": _changed(old, reading, title)})
        )
    reads = _decide_reads(old, reading.reads, now, looks)
    if known.is_complete and (rung := _rung(old.reads, reads.shown)):
        notes.append(Note(EntryKind.READS_RUNG, key, {"rung": rung}))
    changes = Changes(known.key, article=change, reads=(reads,), notes=tuple(notes))
    settled = replace(old, content_hash=digest)
    return _close(replace(known, articles={**known.articles, key: settled}), changes)


def content_hash(reading: ArticleReading, title: str) -> str:
    """Of everything that a correction could change; never of the read count."""
    images = [[image.url, image.caption] for image in reading.images]
    words = [title, reading.kicker, reading.subtitle, reading.byline, reading.body_text, images]
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()


def _title(reading: ArticleReading, old: KnownArticle) -> str:
    first_line = reading.body_text.strip().partition("\n")[0]
    listed = "" if old.title == UNTITLED else old.title
    return reading.title.strip() or listed or first_line[:TITLE_FROM_BODY] or UNTITLED


def _article_change(
    old: KnownArticle, reading: ArticleReading, title: str, digest: str
) -> ArticleChange:
    is_new = old.content_hash is None
    return ArticleChange(
        key=old.key,
        title=title,
        kicker=reading.kicker,
        subtitle=reading.subtitle,
        byline=reading.byline,
        published=reading.published if isinstance(reading.published, datetime) else None,
        body_html=reading.body_html,
        body_text=reading.body_text,
        images=reading.images,
        kind=reading.kind,
        content_hash=digest,
        revision=old.revision if is_new else old.revision + 1,
        old=None if is_new else old,
    )


def _changed(old: KnownArticle, reading: ArticleReading, title: str) -> list[str]:
    """The names of the fields that a correction changed."""
    new = {
        "title": title,
        "kicker": reading.kicker,
        "subtitle": reading.subtitle,
        "byline": reading.byline,
        "body_text": reading.body_text,
    }
    return [name for name, value in new.items() if old.content.get(name) != value] or ["images"]


def _decide_reads(
    old: KnownArticle, seen: ReadCount | None, now: datetime, looks: tuple[timedelta, ...]
) -> ReadsChange:
    """Unknown never overwrites; a fall is shown only when two good looks agree that it fell."""
    shown = old.reads
    if seen is not None:
        fell_twice = (
            old.last_reads is not None and shown is not None and old.last_reads.value < shown.value
        )
        if shown is None or seen.value >= shown.value or fell_twice:
            shown = seen
    count = old.reads_looks + 1
    due = next_read_look(old.first_seen or now, count, now, looks) if shown is not None else None
    sample = seen if seen != old.last_reads else None
    return ReadsChange(old.key, shown, sample, count, due)


def _rung(old: ReadCount | None, new: ReadCount | None) -> int | None:
    """The highest rung that was passed since the last count; a first count passes none."""
    if old is None or new is None:
        return None
    return max((rung for rung in RUNGS if old.value < rung <= new.value), default=None)


# ── a document that could not be had or read ────────────────────────────────────────────────────


def decide_failure(
    known: KnownIssue,
    reason: str,
    *,
    is_final: bool,
    page: str | None = None,
    article: str | None = None,
) -> Changes:
    """One page or article failed. A final failure (gone, not an article) lets go of it at once, a
    passing one after MOST_ATTEMPTS looks; later looks try again either way, up to that number.
    """
    old = known.pages[page] if page is not None else known.articles[article or ""]
    attempts = old.attempts + 1
    given_up = reason if is_final or attempts >= MOST_ATTEMPTS else None
    attempt = Attempt(attempts, given_up, page, article)
    changes = Changes(known.key, attempt=attempt)
    if isinstance(old, KnownPage):
        after = replace(known, pages={**known.pages, old.label: replace(old, given_up=given_up)})
    else:
        settled = replace(old, given_up=given_up)
        after = replace(known, articles={**known.articles, old.key: settled})
    return _close(after, changes)


# ── the end of an issue ─────────────────────────────────────────────────────────────────────────


def _close(after: KnownIssue, changes: Changes) -> Changes:
    """Completes the issue where these changes settled the last of it. An issue without a single
    article that was read is not complete: a redesign, a failure, or a paper still being made.
    """
    settled = all(p.is_settled for p in after.pages.values()) and all(
        a.is_settled for a in after.articles.values()
    )
    has_words = any(a.content_hash is not None for a in after.articles.values())
    if after.is_complete or not (after.pages and settled and has_words):
        return changes
    notes = (Note(EntryKind.ISSUE_COMPLETE), *changes.notes)
    return replace(changes, completes=True, notes=notes)
