"""From marks to sheets: which issues each feed shows, set in type, under which head.

Only issues that are not set already are loaded. One printer a publisher; it holds the press.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from config.models import Settings
from config.sources import SourceConfig
from feeds.models import Correction, Issue
from feeds.publish.recipes import rules_of, rules_of_all
from feeds.store import corrections, library, marks
from feeds.store.engine import Transaction
from feeds.store.marks import Gone, Mark, Window
from feeds.text import clean
from feeds.writers.base import FeedEntry, FeedHead, Tombstone
from feeds.writers.digest import Digest
from feeds.writers.entries import Desk
from feeds.writers.heads import (
    NEVER,
    build_head,
    build_head_of_all,
    build_issues_head,
    paper_of,
)
from feeds.writers.links import (
    ALL,
    archive_name,
    archive_of_all_name,
    feed_path,
    feed_tag,
    issues_name,
)
from feeds.writers.press import Galley, Press

LEAST_ISSUES = 2  # whole, in every paper's feed
DIGEST_DAYS = 35  # more than a month: who comes monthly finds every issue
ALL_SPAN = timedelta(days=1)  # who comes daily finds every article of all papers,
ALL_MOST = 500  # up to so many; what came before lies in the archive
LATE_MOST = 20  # corrections of issues that the feed shows no more
GONE_MOST = 50  # tombstones
KEPT_LOADED = 4  # issues


@dataclass(frozen=True, slots=True)
class Sheet:
    """A feed that is ready to be printed in every format. `name` is its file's without the ending."""

    name: str
    head: FeedHead
    galleys: tuple[Galley, ...]

    @property
    def updated(self) -> datetime:
        """When the newest of its content changed."""
        return self.head.updated


_Loaded = tuple[Issue, Mapping[int, Correction]]
NameOf = Callable[[str, str], str]
Form = Callable[[Desk, Issue, Mapping[int, Correction]], tuple[FeedEntry, ...]]


def articles_form(
    desk: Desk, issue: Issue, corrected: Mapping[int, Correction]
) -> tuple[FeedEntry, ...]:
    """An entry an article."""
    return desk.entries(issue, corrected)


def together_form(
    desk: Desk, issue: Issue, corrected: Mapping[int, Correction]
) -> tuple[FeedEntry, ...]:
    """The same, in a feed of several papers."""
    return tuple(of_several(desk, entry) for entry in desk.entries(issue, corrected))


def of_several(desk: Desk, entry: FeedEntry) -> FeedEntry:
    """The entry as it stands in a feed of several papers: it names the one that it is from."""
    return replace(entry, origin=desk.origin, author=entry.author or clean(desk.paper.title))


def digest_form(
    desk: Desk, issue: Issue, _corrected: Mapping[int, Correction]
) -> tuple[FeedEntry, ...]:
    """One entry for the whole issue."""
    entry = Digest(desk).entry(issue)
    return () if entry is None else (entry,)


class Printer:
    """Makes sheets within one transaction. `hubs` are what the feeds name as theirs."""

    def __init__(self, settings: Settings, authority: str, hubs: Sequence[str]) -> None:
        self._settings = settings
        self._authority = authority
        self._hubs = tuple(hubs)
        self._press = Press()
        self._news: dict[int, int] = {}
        self._loaded: dict[int, tuple[Hashable, _Loaded]] = {}

    @property
    def papers(self) -> list[str]:
        """The ids of the configured papers."""
        return [source.id for source in self._settings.sources]

    def note(self, issue_ids: Sequence[int], seq: int) -> None:
        """These issues changed, as the journal's entry `seq` says: their type is old."""
        self._news.update(dict.fromkeys(issue_ids, seq))

    # ── the newest feeds ────────────────────────────────────────────────────────────────────────

    async def paper(self, tx: Transaction, source: SourceConfig) -> tuple[Sheet, ...]:
        """A paper's articles, and its issues one by one; nothing where it was not read yet."""
        desk = self.desk(source)
        window = Window(self._settings.feeds.entries, LEAST_ISSUES)
        shown = await marks.of_paper(tx, source.id, window, desk.rules.skip)
        if not shown:
            return ()
        galleys = [await self._galley(tx, desk, mark, articles_form) for mark in shown]
        galleys += await self._late(tx, desk, shown[-1])
        head = build_head(desk.paper, desk.rules, self._authority, _newest(galleys, shown))
        before, _ = await marks.archive_neighbours(tx, shown[-1])
        gone = await marks.gone(tx, [source.id], GONE_MOST)
        stones = self._stones(gone, of_issues=False)
        newest = _with(head, self._named(archive_name, before), stones)
        return Sheet(source.id, newest, tuple(galleys)), await self._issues(tx, desk, gone)

    async def together(self, tx: Transaction) -> tuple[Sheet, ...]:
        """The articles of all papers; nothing where none was read yet."""
        window = Window(self._settings.feeds.entries, span=ALL_SPAN, most=ALL_MOST)
        shown = await marks.arrived(tx, self.papers, window)
        if not shown:
            return ()
        galleys = [await self._together(tx, mark) for mark in shown]
        before, _ = await marks.arrival_neighbours(tx, self.papers, shown[-1])
        stones = self._stones(await marks.gone(tx, self.papers, GONE_MOST), of_issues=False)
        head = self._head_of_all(_newest(galleys, shown))
        newest = _with(head, self._named(archive_of_all_name, before), stones)
        return (Sheet(ALL, newest, tuple(galleys)),)

    async def _issues(self, tx: Transaction, desk: Desk, gone: Sequence[Gone]) -> Sheet:
        source = desk.paper.id
        shown = await marks.of_month(tx, source, DIGEST_DAYS, desk.rules.skip)
        galleys = [await self._galley(tx, desk, mark, digest_form) for mark in shown]
        head = build_issues_head(desk.paper, desk.rules, self._authority, _newest(galleys, shown))
        stones = self._stones(gone, of_issues=True)
        return Sheet(issues_name(source), _with(head, None, stones), tuple(galleys))

    # ── archives (RFC 5005, section 4): a document an issue ─────────────────────────────────────

    async def archive(self, tx: Transaction, source: SourceConfig, mark: Mark) -> Sheet:
        """One complete issue of a paper, for good."""
        desk = self.desk(source)
        galley = await self._galley(tx, desk, mark, articles_form)
        head = build_head(desk.paper, desk.rules, self._authority, _newest([galley], [mark]))
        before, after = await marks.archive_neighbours(tx, mark)
        return self._archived(head, archive_name, mark, before, after, galley)

    async def archive_of_all(self, tx: Transaction, mark: Mark) -> Sheet:
        """One issue as it arrived among all papers'."""
        galley = await self._together(tx, mark)
        before, after = await marks.arrival_neighbours(tx, self.papers, mark)
        head = self._head_of_all(_newest([galley], [mark]))
        return self._archived(head, archive_of_all_name, mark, before, after, galley)

    def _archived(
        self,
        head: FeedHead,
        name_of: NameOf,
        mark: Mark,
        before: Mark | None,
        after: Mark | None,
        galley: Galley,
    ) -> Sheet:
        """An archive document; it is no topic of a hub, since it does not change."""
        name = name_of(mark.source, mark.key)
        archived = replace(
            head,
            base=self._base(name),
            current=head.base,
            previous=self._named(name_of, before),
            next=self._named(name_of, after),
            hubs=(),
        )
        return Sheet(name, archived, (galley,))

    # ── parts ───────────────────────────────────────────────────────────────────────────────────

    def desk(self, source: SourceConfig) -> Desk:
        """Who makes this paper's entries."""
        rules = replace(rules_of(self._settings, source), hubs=self._hubs)
        return Desk(paper_of(source), rules, self._authority)

    async def _galley(self, tx: Transaction, desk: Desk, mark: Mark, form: Form) -> Galley:
        key, stamp = (form.__name__, mark.id), (mark.updated, self._news.get(mark.id, 0))
        standing = self._press.standing(key, stamp)
        if standing is not None:
            return standing
        issue, corrected = await self._load(tx, mark, stamp)
        return self._press.set(key, stamp, form(desk, issue, corrected))

    async def _load(self, tx: Transaction, mark: Mark, stamp: Hashable) -> _Loaded:
        """An issue with what its corrected articles said before. The last few are kept: a new issue
        goes into three feeds and two archives.
        """
        held = self._loaded.get(mark.id)
        if held is not None and held[0] == stamp:
            return held[1]
        issue = await library.issue_by_id(tx, mark.id)
        assert issue is not None  # a mark is a row, and rows of issues are never deleted
        loaded = (issue, await corrections.of_issue(tx, mark.id))
        self._loaded[mark.id] = (stamp, loaded)
        while len(self._loaded) > KEPT_LOADED:
            self._loaded.pop(next(iter(self._loaded)))
        return loaded

    async def _together(self, tx: Transaction, mark: Mark) -> Galley:
        source = self._settings.source(mark.source)
        assert source is not None  # only configured papers are asked for
        return await self._galley(tx, self.desk(source), mark, together_form)

    async def _late(self, tx: Transaction, desk: Desk, oldest: Mark) -> list[Galley]:
        """What was corrected or came late in issues that the feed shows no more."""
        found = await marks.changed_later(tx, desk.paper.id, oldest, LATE_MOST)
        entries: list[FeedEntry] = []
        for issue_id in dict.fromkeys(issue_id for issue_id, _ in found):
            issue = await library.issue_by_id(tx, issue_id)
            assert issue is not None  # it was just found
            keys = {key for number, key in found if number == issue_id}
            entries += desk.entries(issue, await corrections.of_issue(tx, issue_id), keys)
        return [self._press.set(("late", desk.paper.id), None, entries)] if entries else []

    def _head_of_all(self, updated: datetime) -> FeedHead:
        papers = [paper_of(source) for source in self._settings.sources]
        rules = replace(rules_of_all(self._settings), hubs=self._hubs)
        return build_head_of_all(papers, rules, self._authority, updated)

    def _stones(self, gone: Sequence[Gone], *, of_issues: bool) -> tuple[Tombstone, ...]:
        return tuple(
            Tombstone(feed_tag(self._authority, "/".join(filter(None, names))), one.at)
            for one in gone
            if (one.article is None) is of_issues
            for names in [(one.source, one.issue, one.article)]
        )

    def _named(self, name_of: NameOf, mark: Mark | None) -> str | None:
        return self._base(name_of(mark.source, mark.key)) if mark else None

    def _base(self, name: str) -> str:
        return self._settings.public_url + feed_path(name)


def _newest(galleys: Sequence[Galley], shown: Sequence[Mark]) -> datetime:
    moments = [moment for galley in galleys for moment in galley.moments]
    return max([*moments, *(mark.updated for mark in shown)], default=NEVER)


def _with(head: FeedHead, previous: str | None, gone: tuple[Tombstone, ...]) -> FeedHead:
    """The head of a newest feed. What was taken back is news too."""
    updated = max([head.updated, *(stone.at for stone in gone)])
    return replace(head, updated=updated, previous=previous, gone=gone)
