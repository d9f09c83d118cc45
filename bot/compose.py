"""A delivery's words: what is owed + what the archive holds now → the parts that are frozen.

The same function says what a message that was sent is to say now (`as_of`): an article that was taken
back since then is named as such, without its title.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from bot.address import ChatKind
from bot.alarms import Alarms
from bot.ledger import incidents, subscriptions, summaries, told
from bot.ledger.claiming import Claimed
from bot.ledger.subscriptions import Subscription, choice_of
from bot.message import Limits, Line, Part, Span
from bot.messages import Options, article_message, issue_message, reads_message
from bot.messages.changes import correction_message
from bot.messages.daily import daily_message
from bot.messages.options import DOT, article_link, day_text
from bot.messages.summary import MissedPaper, summary_message
from bot.selection import select
from config.models import Settings, SourceConfig
from feeds.models import Article, Issue, IssueStatus, Paper
from feeds.store import journal, library
from feeds.store.engine import Transaction
from feeds.summary import article_summary, issue_sentence
from feeds.words import translator


@dataclass(frozen=True, slots=True)
class SentAs:
    """How a message was sent that is to say something new: when it was frozen, in how many parts, and
    the words that it shows with their links.
    """

    frozen_at: datetime
    parts: int
    shows: frozenset[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class _Past:
    """What went before: articles that a message tells of, whatever its reader wants by now; those that
    were taken back after it did; and those that had a message of their own.
    """

    told: frozenset[int] = frozenset()
    lost: frozenset[int] = frozenset()
    singly: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class News:
    """What a form speaks of: an issue with the articles that its reader wants, those of them that had
    a message of their own (`singly`), and the rung of reads that one may have passed.
    """

    paper: Paper
    issue: Issue
    articles: Sequence[Article]
    subject: str
    singly: frozenset[int]
    rung: int
    limits: Limits
    options: Options

    @property
    def article(self) -> Article | None:
        """The one that the subject names, where it is wanted."""
        return next((one for one in self.articles if f"article:{one.id}" == self.subject), None)

    def of(self, articles: Sequence[Article]) -> Options:
        """The options by which these articles alone are shown."""
        return replace(self.options, only=frozenset(article.id for article in articles))


def _say_issue(news: News) -> tuple[Part, ...]:
    options = news.of(news.articles)
    return issue_message(news.paper, news.issue, news.limits, options) if news.articles else ()


def _say_rest(news: News) -> tuple[Part, ...]:
    """What had no message of its own."""
    rest = [article for article in news.articles if article.id not in news.singly]
    return _say_issue(replace(news, articles=rest))


def _say_daily(news: News) -> tuple[Part, ...]:
    options = news.of(news.articles)
    return daily_message(news.paper, news.issue, news.limits, options) if news.articles else ()


def _say_article(news: News) -> tuple[Part, ...]:
    one = news.article
    return article_message(news.paper, news.issue, one, news.limits, news.options) if one else ()


def _say_reads(news: News) -> tuple[Part, ...]:
    one = news.article
    if one is None:
        return ()
    return reads_message(news.paper, news.issue, one, news.rung, news.limits, news.options)


FORMS: dict[str, Callable[[News], tuple[Part, ...]]] = {
    "issue": _say_issue,
    "rest": _say_rest,
    "daily": _say_daily,
    "article": _say_article,
    "reads": _say_reads,
}
"""The forms that speak of an issue, by their name in the ledger."""

CORRECTION = "correction"
PERISHABLE = frozenset({"alarm", incidents.BEGAN, incidents.ENDED})
"""Forms whose words are worth nothing any more once what they tell of is over: asked at every try."""


class Composer:
    """Composes within one transaction and one channel's limits; what many chats read is loaded and
    said once.
    """

    def __init__(self, tx: Transaction, settings: Settings, limits: Limits) -> None:
        self._tx = tx
        self._settings = settings
        self._limits = limits
        self._issues: dict[int, Issue | None] = {}
        self._titles: dict[int, Mapping[int, frozenset[str]]] = {}
        self._said: dict[Any, tuple[Part, ...]] = {}
        self._others: dict[str, Callable[[Claimed], Awaitable[tuple[Part, ...]]]]
        alarms = Alarms(tx, settings, self._options, self._title)
        self._others = {
            "summary": self._summary,
            "alarm": alarms.alarm,
            incidents.BEGAN: alarms.incident,
            incidents.ENDED: alarms.recovery,
        }

    async def all(
        self, claims: Sequence[Claimed], before: Mapping[int, SentAs] | None = None
    ) -> dict[int, tuple[Part, ...]]:
        """The parts of each delivery; none where its subject is gone or its reader no longer wants
        anything of it. With `before` (by delivery), what a message that was sent is to say now.
        """
        readers = await self._readers(claims, also_ended=before is not None)
        composed: dict[int, tuple[Part, ...]] = {}
        for claim in claims:
            if claim.form in self._others:
                composed[claim.id] = await self._others[claim.form](claim)
            elif reader := readers.get((claim.chat, claim.topic, claim.source)):
                sent = before.get(claim.id) if before else None
                say = self._correction if claim.form == CORRECTION else self._news
                composed[claim.id] = await say(claim, reader, sent)
            else:
                composed[claim.id] = ()
        return composed

    async def _readers(
        self, claims: Collection[Claimed], *, also_ended: bool
    ) -> dict[tuple[str, str, str], Subscription]:
        """Whoever unsubscribed still has the messages that were sent."""
        deciding: dict[tuple[str, str, str], Subscription] = {}
        for source in {c.source for c in claims if c.form in FORMS or c.form == CORRECTION}:
            keys = {(claim.chat, claim.topic) for claim in claims if claim.source == source}
            found = await subscriptions.deciding(self._tx, keys, source, also_ended=also_ended)
            deciding |= {(chat, topic, source): one for (chat, topic), one in found.items()}
        return deciding

    async def _news(
        self, claim: Claimed, reader: Subscription, sent: SentAs | None
    ) -> tuple[Part, ...]:
        source = self._settings.source(claim.source)
        issue = await self._issue(claim)
        if issue is None or claim.form not in FORMS:
            return ()
        if sent is None and (source is None or reader.paused):
            return ()
        past = _Past(
            told=await self._told(claim, issue, sent) if sent else frozenset(),
            lost=_lost(issue, sent.frozen_at) if sent else frozenset(),
            singly=await self._singly(claim, issue) if claim.form == "rest" else frozenset(),
        )
        what = (claim.form, claim.subject, claim.source, past, sent and sent.parts)
        key = (what, claim.kind, claim.language, claim.silent, choice_of(reader))
        if key not in self._said:
            zone = reader.timezone or self._settings.timezone
            options = replace(self._options(claim), timezone=zone)
            if sent is not None:
                options = replace(options, most_parts=sent.parts)
            paper = await self._paper(claim.source)
            skip = source.skip if source else ()
            self._said[key] = self._say(claim, paper, issue, reader, skip, options, past)
        return self._said[key]

    def _say(
        self,
        claim: Claimed,
        paper: Paper,
        issue: Issue,
        reader: Subscription,
        skip: Collection[str],
        options: Options,
        past: _Past,
    ) -> tuple[Part, ...]:
        """An issue is withdrawn whole: nothing is sent of it, and what was sent says so."""
        if issue.status is IssueStatus.WITHDRAWN:
            return _withdrawn_issue(paper, issue, options) if past.lost else ()
        there = _with(issue, lambda a: replace(a, withdrawn_at=None) if a.id in past.lost else a)
        told = {a.id for a in there.articles if a.id in past.told and not a.withdrawn}
        chosen = told | {article.id for article in select(there, reader, skip)}
        words = _taken_back_words(options)
        said = _with(there, lambda a: _tombstone(a, words) if a.id in past.lost else a)
        news = News(
            paper=paper,
            issue=said,
            articles=[article for article in said.articles if article.id in chosen],
            subject=claim.subject,
            singly=past.singly,
            rung=reader.rung or 0,
            limits=self._limits,
            options=options,
        )
        return FORMS[claim.form](news)

    async def _told(self, claim: Claimed, issue: Issue, sent: SentAs) -> frozenset[int]:
        """The articles whose title, as it is or was, the message shows. Its reader's choice may have
        changed since, and so may the words by which an article was chosen.
        """
        if issue.id not in self._titles:
            self._titles[issue.id] = await library.titles_of(self._tx, issue)
        titles, options = self._titles[issue.id], self._options(claim)
        return frozenset(
            article.id
            for article in issue.articles
            for link in (article_link(article, options), None)
            if any((title, link) in sent.shows for title in titles[article.id])
        )

    async def _singly(self, claim: Claimed, issue: Issue) -> frozenset[int]:
        """The articles of the issue that this chat got a message of their own about."""
        found = await told.singly(self._tx, {claim.chat}, [a.id for a in issue.articles])
        return frozenset(found.get((claim.chat, claim.topic), ()))

    def _options(self, claim: Claimed) -> Options:
        source = self._settings.source(claim.source)
        return options_for(self._settings, source, claim.kind, claim.language, silent=claim.silent)

    async def _issue(self, claim: Claimed) -> Issue | None:
        number = claim.issue_id
        if number is None:  # what was owed without it
            what, _, row = claim.subject.partition(":")
            article = await library.article_by_id(self._tx, int(row)) if what == "article" else None
            if article is None:
                return None
            return await library.issue(self._tx, article.source, article.issue)
        if number not in self._issues:
            self._issues[number] = await library.issue_by_id(self._tx, number)
        return self._issues[number]

    async def _paper(self, name: str) -> Paper:
        """As the settings name it now, or where they do not any more, as they last did."""
        source = self._settings.source(name)
        known = paper_of(source) if source else await library.paper(self._tx, name)
        return known or Paper(name, name, "", self._settings.timezone)

    async def _correction(
        self, claim: Claimed, reader: Subscription, sent: SentAs | None
    ) -> tuple[Part, ...]:
        """A word under the message that told it: none where this chat was never told, or nothing that
        it was told changed.
        """
        options = self._options(claim)
        article = await library.article_by_id(self._tx, int(claim.subject.split(":")[1]))
        if article is None:
            return ()
        if article.withdrawn or sent is not None:
            return _taken_back(options) if article.withdrawn and sent is not None else ()
        entry = await journal.entry(self._tx, claim.seq)
        if entry is None or reader.paused:
            return ()
        subjects = (f"issue:{claim.issue_id}", f"article:{article.id}")
        stand = await told.standing(self._tx, claim.chat, claim.topic, subjects)
        before = await library.text_before(self._tx, article.id, entry.at)
        if not stand or before is None:
            return ()
        old = replace(article, title=before[0], body_text=before[1])
        is_short = all(one.form in {"issue", "rest"} for one in stand)
        sentences = issue_sentence if is_short else article_summary
        said = (sentences(old), sentences(article))
        parts = correction_message(article, old.title, said, self._limits, options)
        return tuple(replace(part, answers=stand[0].message_ids[0]) for part in parts)

    # ── what is about no issue ──────────────────────────────────────────────────────────────────

    async def _summary(self, claim: Claimed) -> tuple[Part, ...]:
        named = await summaries.named(self._tx, claim.chat, claim.topic, claim.subject)
        papers = [
            MissedPaper(self._title(source), tuple((one.date, one.url) for one in issues))
            for source, issues in groupby(named, key=lambda one: one.source)
        ]
        return summary_message(papers, self._limits, self._options(claim)) if papers else ()

    def _title(self, source: str) -> str:
        config = self._settings.source(source)
        return config.title if config else source


def _taken_back_words(options: Options) -> str:
    _ = translator(options.language)
    return _("此稿已由报社撤回")


def _taken_back(options: Options) -> tuple[Part, ...]:
    return (Part((Line((Span(_taken_back_words(options)),)),), silent=True),)


def paper_of(source: SourceConfig) -> Paper:
    """The paper as the settings name it now."""
    return Paper(source.id, source.title, source.url, source.timezone)


def _lost(issue: Issue, since: datetime) -> frozenset[int]:
    """The articles that a message frozen at `since` told of and that were taken back after it."""
    if issue.status is IssueStatus.WITHDRAWN:
        return frozenset(article.id for article in issue.articles)
    return frozenset(
        a.id for a in issue.articles if a.withdrawn_at is not None and a.withdrawn_at >= since
    )


def _with(issue: Issue, change: Callable[[Article], Article]) -> Issue:
    pages = (
        replace(page, articles=tuple(change(article) for article in page.articles))
        for page in issue.pages
    )
    return replace(issue, pages=tuple(pages))


def _tombstone(article: Article, words: str) -> Article:
    """Where it stood, and nothing of what it said."""
    return replace(
        article, title=words, url="", kicker=None, subtitle=None, byline=None, body_html="",
        body_text="", images=(), reads=None, reads_at=None,
    )  # fmt: skip


def _withdrawn_issue(paper: Paper, issue: Issue, options: Options) -> tuple[Part, ...]:
    _ = translator(options.language)
    when = day_text(issue.date, options, with_weekday=True)
    head = Line((Span(paper.title, bold=True), Span(DOT + when)))
    words = Line((Span(_("这一期已由报社撤回")),))
    return (Part((head, words), silent=options.silent),)


def fit(said: tuple[Part, ...], count: int, language: str | None) -> tuple[Part, ...]:
    """As many parts as the messages that were sent: one too few says that all is above it now; one
    too many is left out, for a sent message cannot become two.
    """
    if not said:
        return ()
    _ = translator(language)
    words = _("（并入上面一条）")
    filler = Part((Line((Span(words),)),), silent=True, reply=True)
    return (*said, *[filler] * count)[:count]


def options_for(
    settings: Settings,
    source: SourceConfig | None,
    kind: ChatKind,
    language: str | None,
    *,
    timezone: str | None = None,
    silent: bool = False,
) -> Options:
    """How to speak to this chat about this paper. Our own pages are linked only where the chat's
    people can reach them.
    """
    links_own = source is not None and source.link == "own" and settings.is_public
    return Options(
        language=language or settings.language,
        own_base=settings.public_url if links_own else None,
        skip=frozenset(source.skip) if source else frozenset(),
        turns=kind in {ChatKind.PRIVATE, ChatKind.GROUP},
        timezone=timezone or settings.timezone,
        silent=silent,
    )
