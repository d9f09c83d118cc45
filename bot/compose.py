"""A delivery's words: what is owed + what the archive holds now → the parts that are frozen."""

from dataclasses import replace

from bot.address import ChatKind
from bot.ledger.deliveries import Claimed
from bot.ledger.subscriptions import Subscription
from bot.message import Limits, Part
from bot.messages import Options, article_message, issue_message
from bot.messages.daily import daily_message
from bot.selection import select
from config.models import Settings, SourceConfig
from feeds.models import Issue, Paper
from feeds.store import library
from feeds.store.engine import Transaction


class Composer:
    """Composes within one transaction; what many chats read is loaded once."""

    def __init__(self, tx: Transaction, settings: Settings) -> None:
        self._tx = tx
        self._settings = settings
        self._issues: dict[int, Issue | None] = {}

    async def parts(
        self, claim: Claimed, reader: Subscription, limits: Limits, language: str | None
    ) -> tuple[Part, ...]:
        """The parts of this delivery; none where its subject is gone or its reader no longer wants
        anything of it.
        """
        source = self._settings.source(claim.source)
        issue = await self._issue(claim)
        if source is None or issue is None:
            return ()
        paper = Paper(source.id, source.title, source.url, source.timezone)
        options = self.options(source, claim.kind, language, silent=claim.silent)
        articles = select(issue, reader, source.skip)
        if claim.form == "article":
            wanted = [a for a in articles if f"article:{a.id}" == claim.subject]
            return article_message(paper, issue, wanted[0], limits, options) if wanted else ()
        if claim.form == "rest":
            articles = articles[reader.max_messages :]
        if not articles:
            return ()
        options = replace(options, only=frozenset(article.id for article in articles))
        say = daily_message if claim.form == "daily" else issue_message
        return say(paper, issue, limits, options)

    def options(
        self, source: SourceConfig, kind: ChatKind, language: str | None, *, silent: bool = False
    ) -> Options:
        return options_for(self._settings, source, kind, language, silent=silent)

    async def _issue(self, claim: Claimed) -> Issue | None:
        what, _, number = claim.subject.partition(":")
        if what == "article":
            article = await library.article_by_id(self._tx, int(number))
            if article is None:
                return None
            return await library.issue(self._tx, article.source, article.issue)
        if int(number) not in self._issues:
            self._issues[int(number)] = await library.issue_by_id(self._tx, int(number))
        return self._issues[int(number)]


def options_for(
    settings: Settings,
    source: SourceConfig,
    kind: ChatKind,
    language: str | None,
    *,
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
        silent=silent,
    )
