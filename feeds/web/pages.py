"""The pages that people read: all papers, an issue, an article."""

from dataclasses import dataclass

from aiohttp import web

from config.models import Settings
from feeds.models import Article, Issue, IssueStatus, Neighbours, Page, Paper
from feeds.store import library
from feeds.store.engine import Store
from feeds.summary import article_summary
from feeds.web.serving import respond
from feeds.web.templating import Templates
from feeds.words import translator
from feeds.writers.entries import credit, paper_of

MAX_AGE = 60  # seconds; read counts move
RETRY_AFTER = 60  # seconds; a paper that is not read yet
_FRONT_TITLES = 6


@dataclass(frozen=True, slots=True)
class Shown:
    """An issue with all that its pages say around it."""

    paper: Paper
    issue: Issue
    neighbours: Neighbours
    full: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """An article in its issue: its page and the articles before and after it."""

    article: Article
    page: Page
    before: Article | None
    after: Article | None


class Pages:
    """The handlers. Every page is rendered from one consistent view of the archive."""

    def __init__(self, store: Store, settings: Settings, templates: Templates) -> None:
        self._store = store
        self._settings = settings
        self._templates = templates

    async def stand(self, request: web.Request) -> web.Response:
        """`/`: all papers with the front page's titles of their newest issues."""
        async with self._store.read() as tx:
            papers = self._all_papers(await library.papers(tx))
            issues = [(paper, await library.newest_issue(tx, paper.id)) for paper in papers]
        body = self._templates.render("stand.html", stalls=issues, front_titles=_FRONT_TITLES)
        return respond(request, body, MAX_AGE)

    async def paper(self, request: web.Request) -> web.Response:
        """`/{source}/`: the newest issue."""
        source = request.match_info["source"]
        async with self._store.read() as tx:
            newest = await library.newest_issue(tx, source)
        if newest is None:
            return self._not_read_yet(request, source)
        return await self._show(request, await self._open(source, newest.key))

    async def issue(self, request: web.Request) -> web.Response:
        """`/{source}/{issue}/`: one issue by its 版."""
        shown = await self._open(request.match_info["source"], request.match_info["issue"])
        return await self._show(request, shown)

    async def article(self, request: web.Request) -> web.Response:
        """`/{source}/{issue}/{article}`: 内容详情. An article that was taken back is 410."""
        shown = await self._open(request.match_info["source"], request.match_info["issue"])
        opened = _turn_to(shown.issue, request.match_info["article"])
        _ = translator(self._settings.language)
        line = credit(shown.paper, shown.issue, opened.page, opened.article, _)
        body = self._templates.render(
            "article.html",
            shown=shown,
            opened=opened,
            source_line=line,
            summary=article_summary(opened.article),
        )
        return respond(request, body, MAX_AGE, status=410 if opened.article.withdrawn else 200)

    async def to_folder(self, request: web.Request) -> web.Response:
        """The same address with its closing slash, for a paper that there is. It is built from names
        that a route let through, never from the request's own path, so it leads to no other host.
        """
        async with self._store.read() as tx:
            known = {paper.id for paper in self._all_papers(await library.papers(tx))}
        if request.match_info["source"] not in known:
            raise web.HTTPNotFound
        root = self._templates.environment.globals["root"]
        path = "".join(f"{part}/" for part in request.match_info.values())
        raise web.HTTPPermanentRedirect(f"{root}{path}")

    async def _show(self, request: web.Request, shown: Shown) -> web.Response:
        return respond(request, self._templates.render("issue.html", shown=shown), MAX_AGE)

    async def _open(self, source: str, key: str) -> Shown:
        """Raises HTTPNotFound where the archive has no such complete issue, HTTPGone where the
        newspaper took it back.
        """
        async with self._store.read() as tx:
            paper = await library.paper(tx, source)
            issue = await library.issue(tx, source, key)
            neighbours = await library.neighbours(tx, source, key)
        if paper is None or issue is None or issue.status is IssueStatus.PARTIAL:
            raise web.HTTPNotFound
        if issue.status is IssueStatus.WITHDRAWN:
            raise web.HTTPGone
        return Shown(self._named(paper), issue, neighbours, self._may_show_all(source))

    def _not_read_yet(self, request: web.Request, source: str) -> web.Response:
        config = self._settings.source(source)
        if config is None:
            raise web.HTTPNotFound
        body = self._templates.render("waiting.html", paper=paper_of(config))
        response = respond(request, body, 0, status=503)
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response

    def _all_papers(self, archived: tuple[Paper, ...]) -> tuple[Paper, ...]:
        """Those of the settings in their order, then those that only the archive remembers."""
        configured = tuple(paper_of(source) for source in self._settings.sources)
        known = {paper.id for paper in configured}
        return configured + tuple(paper for paper in archived if paper.id not in known)

    def _named(self, paper: Paper) -> Paper:
        """The paper as the settings name it now, where they do."""
        config = self._settings.source(paper.id)
        return paper if config is None else paper_of(config)

    def _may_show_all(self, source: str) -> bool:
        """The content rule; a paper that is no longer configured has no licence to tell of."""
        config = self._settings.source(source)
        if config is None:
            return not self._settings.is_public
        return self._settings.content_of(config) == "full"


def _turn_to(issue: Issue, key: str) -> Opened:
    """Raises HTTPNotFound where the issue has no such article."""
    placed = [(page, article) for page in issue.pages for article in page.articles]
    keys = [article.key for _, article in placed]
    if key not in keys:
        raise web.HTTPNotFound
    at = keys.index(key)
    page, article = placed[at]
    before = placed[at - 1][1] if at > 0 else None
    after = placed[at + 1][1] if at + 1 < len(placed) else None
    return Opened(article, page, before, after)
