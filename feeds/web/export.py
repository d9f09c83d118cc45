"""Every page as a file for a static host: the same views and templates as the server's, with links that
lead from page to page wherever the folder is put.

    issue by issue ──views──▶ templates, one set a depth ──▶ (path, bytes)

There is no search where there is no server. What was taken back is written too, as its notice, so that
a newer export covers the text that an older one left there.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache

import structlog

from config.models import Settings
from feeds.models import Paper
from feeds.store import days, headlines, library
from feeds.store.engine import Store, Transaction
from feeds.web.addresses import Addresses
from feeds.web.papers import Papers
from feeds.web.sitemap import read_sitemap, read_sitemap_index, robots_txt
from feeds.web.static_files import static_files
from feeds.web.templating import Templates, View, build_templates
from feeds.web.views.article import Surroundings, show_article
from feeds.web.views.back_issues import read_back_issues
from feeds.web.views.issue import GoneView, IssueView, read_issue
from feeds.web.views.most_read import read_most_read
from feeds.web.views.stand import read_stand

log = structlog.get_logger(__name__)

INDEX = "index.html"
File = tuple[str, bytes]
"""A path relative to the exported folder, with slashes, and what the file holds."""


async def every_page(
    store: Store, settings: Settings, bot: str | None = None
) -> AsyncIterator[File]:
    """All pages, the style sheet, robots.txt, the sitemap and 404.html; the feeds are not among them.
    `bot` is the Telegram bot's user name. Never is more than one issue in memory.

    Paths hold what source ids and keys may hold: none leads out of the folder, and none comes twice.
    """
    export = _Export(store, settings, bot)
    for file in export.fixed():
        yield file
    async with store.read() as tx:
        papers = export.papers.all(await library.papers(tx))
        yield export.page("", await read_stand(tx, export.papers))
        yield export.page(export.to.most_read(), await read_most_read(tx, export.papers, None))
    async for file in export.sitemap():
        yield file
    for paper in papers:
        async for file in export.of_paper(paper):
            yield file


class _Export:
    def __init__(self, store: Store, settings: Settings, bot: str | None) -> None:
        self.papers = Papers(settings)
        self.to = Addresses(folders=True)
        self._store = store
        self._settings = settings
        self._bot = bot
        self._at_depth: Callable[[int], Templates] = cache(
            lambda depth: build_templates(settings, self.to, "../" * depth or "./")
        )

    def page(self, folder: str, view: View | None) -> File:
        """The page of a folder (`huaian/2024-04-08/`, or nothing for the topmost)."""
        assert view is not None
        return f"{folder}{INDEX}", self._at_depth(folder.count("/")).page(view, self._bot).data

    def fixed(self) -> Iterator[File]:
        """What does not come from the archive. 404.html is shown at any depth, so its links begin at
        the host's root.
        """
        for name, body in static_files().items():
            yield f"static/{name}", body.data
        yield "robots.txt", robots_txt(self._settings).encode()
        yield (
            "404.html",
            build_templates(self._settings, self.to).render("error.html", status=404).data,
        )

    async def sitemap(self) -> AsyncIterator[File]:
        """The index and its parts, in the addresses of a static host."""
        templates = self._at_depth(0)
        async with self._store.read() as tx:
            index = await read_sitemap_index(tx, self.papers)
            if index is None:
                return
            yield self.to.sitemap, templates.page(index, None).data
            for part in index.parts:
                view = await read_sitemap(tx, self.papers, part.source, part.first)
                if view is not None:
                    yield (
                        self.to.sitemap_of(part.source, part.first),
                        templates.page(view, None).data,
                    )

    async def of_paper(self, paper: Paper) -> AsyncIterator[File]:
        """A paper's newest issue, its calendar, its most read, and all its issues."""
        async with self._store.read() as tx:
            newest = await read_issue(tx, self.papers, paper.id, None)
            keys = await days.keys(tx, paper.id)
            yield self._front(paper, newest)
            yield self.page(
                self.to.most_read(paper.id), await read_most_read(tx, self.papers, paper.id)
            )
            for file in await self._calendar(tx, paper):
                yield file
        for key in keys:
            async with self._store.read() as tx:
                files = await self._issue(tx, paper, key)
            for file in files:
                yield file

    def _front(self, paper: Paper, newest: View | None) -> File:
        folder = self.to.paper(paper.id)
        if newest is not None:
            return self.page(folder, newest)
        return f"{folder}{INDEX}", self._at_depth(1).render("waiting.html", paper=paper).data

    async def _calendar(self, tx: Transaction, paper: Paper) -> list[File]:
        newest = await read_back_issues(tx, self.papers, paper.id, None)
        if newest is None:
            return []
        files = [self.page(self.to.back_issues(paper.id), newest)]
        for month in newest.months:
            view = await read_back_issues(tx, self.papers, paper.id, month.first)
            files.append(self.page(self.to.back_issues(paper.id, month.first), view))
        return files

    async def _issue(self, tx: Transaction, paper: Paper, key: str) -> list[File]:
        """An issue's page and those of its articles."""
        view = await read_issue(tx, self.papers, paper.id, key)
        if view is None or not _is_a_folder(key):
            return []
        files = [self.page(self.to.issue(paper.id, key), view)]
        files += [
            self.page(self.to.article(paper.id, key, name), article)
            for name, article in await self._articles(tx, view)
            if _is_a_folder(name)
        ]
        return files

    async def _articles(
        self, tx: Transaction, view: IssueView | GoneView
    ) -> list[tuple[str, View]]:
        sheets = await headlines.sheets(tx, view.issue.id, leads=False)
        if isinstance(view, GoneView):
            return [(headline.key, view) for sheet in sheets for headline in sheet.headlines]
        around = Surroundings(view.paper, view.issue, sheets, view.neighbours)
        whole = await library.issue_by_id(tx, view.issue.id)
        return [
            (article.key, await show_article(tx, self.papers, around, article))
            for article in (whole.articles if whole else ())
        ]


def _is_a_folder(key: str) -> bool:
    """A key may be the very name that a folder's page must have."""
    if key in {INDEX, ".", ".."}:
        log.warning("left out: no folder can have this name", key=key)
        return False
    return True
