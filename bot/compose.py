"""A delivery's words: what is owed + what the archive holds now → the parts that are frozen."""

from dataclasses import dataclass, replace

from bot.address import ChatKind
from bot.ledger import told
from bot.ledger.deliveries import Claimed
from bot.ledger.subscriptions import Subscription
from bot.ledger.told import Standing
from bot.message import Limits, Part
from bot.messages import Options, article_message, issue_message, reads_message
from bot.messages.changes import (
    article_gone,
    correction_message,
    issue_gone,
    withdrawn_article,
)
from bot.messages.daily import daily_message
from bot.selection import select
from config.models import Settings, SourceConfig
from feeds.models import Article, Entry, Issue, IssueStatus, Paper
from feeds.store import journal, library
from feeds.store.engine import Transaction
from feeds.summary import article_summary, issue_sentence


class Composer:
    """Composes within one transaction; what many chats read is loaded once."""

    def __init__(self, tx: Transaction, settings: Settings) -> None:
        self._tx = tx
        self._settings = settings
        self._issues: dict[int, Issue | None] = {}
        self._issue_of: dict[int, int | None] = {}
        self._entries: dict[int, Entry | None] = {}

    async def parts(
        self, claim: Claimed, reader: Subscription, limits: Limits, language: str | None
    ) -> tuple[Part, ...]:
        """The parts of this delivery; none where its subject is gone or its reader no longer wants
        anything of it.
        """
        source = self._settings.source(claim.source)
        issue = await self._issue(claim.subject)
        if source is None or issue is None or reader.paused:
            return ()
        options = options_for(
            self._settings,
            source,
            claim.kind,
            language,
            timezone=reader.timezone,
            silent=claim.silent,
        )
        job = _Job(claim, reader, paper_of(source), issue, source, limits, options)
        if claim.form in {"correction", "withdrawal"}:
            return await self._about_earlier(job)
        return await self._told(job, claim.form, claim.subject)

    async def _told(self, job: "_Job", form: str, subject: str) -> tuple[Part, ...]:
        """What is told in this form about this subject, as it stands now."""
        if job.issue.status is IssueStatus.WITHDRAWN:
            return ()
        articles = select(job.issue, job.reader, job.source.skip)
        if form in {"article", "reads"}:
            return await self._one(job, form, [a for a in articles if a.id == _number(subject)])
        if form == "rest":
            singly = await told.singly(self._tx, {job.claim.chat}, {a.id for a in articles})
            had = singly.get((job.claim.chat, job.claim.to.topic or ""), set())
            articles = tuple(a for a in articles if a.id not in had)
        if not articles:
            return ()
        options = replace(job.options, only=frozenset(article.id for article in articles))
        say = daily_message if form == "daily" else issue_message
        return say(job.paper, job.issue, job.limits, options)

    async def _one(self, job: "_Job", form: str, wanted: list[Article]) -> tuple[Part, ...]:
        if not wanted:
            return ()
        told_of = (job.paper, job.issue, wanted[0])
        if form == "article":
            return article_message(*told_of, job.limits, job.options)
        return reads_message(*told_of, job.reader.rung or 0, job.limits, job.options)

    # ── about a message that stands ─────────────────────────────────────────────────────────────

    async def _about_earlier(self, job: "_Job") -> tuple[Part, ...]:
        """The messages that told it, as they read now, and a word under the first of them. None where
        this chat was never told.
        """
        entry = await self._entry(job.claim.seq)
        subjects = [f"issue:{job.issue.id}"]
        if entry is not None and entry.article_id is not None:
            subjects.append(f"article:{entry.article_id}")
        to = job.claim.to
        stand = await told.standing(self._tx, job.claim.chat, to.topic or "", subjects)
        if entry is None or not stand:
            return ()
        words = await self._words(job, entry, stand)
        if job.claim.form == "correction" and not words:
            return ()
        edits = [part for one in stand for part in await self._again(job, one)]
        first = stand[0].message_ids[0]
        return (*edits, *(replace(part, answers=first) for part in words))

    async def _words(
        self, job: "_Job", entry: Entry, stand: tuple[Standing, ...]
    ) -> tuple[Part, ...]:
        article = next((a for a in job.issue.articles if a.id == entry.article_id), None)
        if article is None:
            return ()  # a whole issue: its own messages say it
        if job.claim.form == "withdrawal":
            is_in_issue = any(one.form not in {"article", "reads"} for one in stand)
            return withdrawn_article(job.issue, article, job.options) if is_in_issue else ()
        before = await library.text_before(self._tx, article.id, entry.at)
        if before is None:
            return ()
        old = replace(article, title=before[0], body_text=before[1])
        is_short = all(one.form in {"issue", "rest"} for one in stand)
        sentences = issue_sentence if is_short else article_summary
        said = (sentences(old), sentences(article))
        return correction_message(article, old.title, said, job.limits, job.options)

    async def _again(self, job: "_Job", one: Standing) -> list[Part]:
        """The messages of an earlier delivery as they read now, each in its place."""
        if job.issue.status is IssueStatus.WITHDRAWN:
            gone = issue_gone(job.paper, job.issue, job.options)
            return [replace(gone, edits=message) for message in one.message_ids]
        parts = await self._told(job, one.form, one.subject)
        if not parts and one.form in {"article", "reads"}:
            parts = (article_gone(job.paper, job.issue, job.options),)
        pairs = zip(parts, one.message_ids, strict=False)
        return [replace(part, edits=message) for part, message in pairs]

    # ── what is loaded once ─────────────────────────────────────────────────────────────────────

    async def _issue(self, subject: str) -> Issue | None:
        number: int | None = _number(subject)
        if subject.startswith("article:"):
            number = await self._issue_id(_number(subject))
        if number is None:
            return None
        if number not in self._issues:
            self._issues[number] = await library.issue_by_id(self._tx, number)
        return self._issues[number]

    async def _issue_id(self, article: int) -> int | None:
        if article not in self._issue_of:
            self._issue_of[article] = await library.issue_id_of(self._tx, article)
        return self._issue_of[article]

    async def _entry(self, seq: int) -> Entry | None:
        if seq not in self._entries:
            self._entries[seq] = await journal.entry(self._tx, seq)
        return self._entries[seq]


@dataclass(frozen=True, slots=True)
class _Job:
    """One delivery with all that its words depend on."""

    claim: Claimed
    reader: Subscription
    paper: Paper
    issue: Issue
    source: SourceConfig
    limits: Limits
    options: Options


def _number(subject: str) -> int:
    """The row in `issue:12`, `article:340`, `article:340:27`."""
    return int(subject.split(":")[1])


def paper_of(source: SourceConfig) -> Paper:
    """The paper as the settings name it now."""
    return Paper(source.id, source.title, source.url, source.timezone)


def options_for(
    settings: Settings,
    source: SourceConfig,
    kind: ChatKind,
    language: str | None,
    *,
    timezone: str | None = None,
    silent: bool = False,
) -> Options:
    """How to speak to this chat about this paper. Our own pages are linked only where the chat's
    people can reach them.
    """
    links_own = source.link == "own" and settings.is_public
    return Options(
        language=language or settings.language,
        own_base=settings.public_url if links_own else None,
        skip=frozenset(source.skip),
        turns=kind in {ChatKind.PRIVATE, ChatKind.GROUP},
        timezone=timezone or settings.timezone,
        silent=silent,
    )
