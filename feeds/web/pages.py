"""The pages over HTTP: which address shows which view, and what the answer says about it."""

from collections.abc import Callable, Coroutine, Sequence
from datetime import date
from typing import Any

from aiohttp import web

from config.models import Settings
from feeds.models import Paper
from feeds.shelf import build_body
from feeds.store import library
from feeds.store.engine import Store
from feeds.web.papers import Papers
from feeds.web.serving import respond
from feeds.web.sitemap import read_sitemap, read_sitemap_index, robots_txt
from feeds.web.templating import Templates, View
from feeds.web.views.article import read_article
from feeds.web.views.back_issues import read_back_issues
from feeds.web.views.issue import GoneView, read_issue
from feeds.web.views.most_read import read_most_read
from feeds.web.views.search import ask, read_search
from feeds.web.views.stand import read_stand

MAX_AGE = 60  # seconds; read counts move
SITEMAP_MAX_AGE = 3600
RETRY_AFTER = 60  # seconds; a paper that is not read yet
BotName = Callable[[], str | None]
"""The Telegram bot's user name, or None while none is known."""

_Handler = Callable[[web.Request], Coroutine[Any, Any, web.StreamResponse]]
_SOURCE = "{source:[a-z0-9-]{1,64}}"
_ISSUE = "{issue:[A-Za-z0-9._-]{1,64}}"
_ARTICLE = "{article:[A-Za-z0-9._-]{1,64}}"
_MONTH = "{month:[12][0-9]{3}-(?:0[1-9]|1[0-2])}"


def page_routes(
    store: Store, settings: Settings, templates: Templates, bot_name: BotName
) -> list[web.RouteDef]:
    """All of them. A folder without its closing slash leads to the one with it, an article with one
    to the one without.
    """
    pages = Pages(store, settings, templates, bot_name)
    folders: tuple[tuple[_Handler, tuple[str, ...]], ...] = (
        (pages.most_read, ("most_read",)),
        (pages.most_read, ("most_read", _SOURCE)),
        (pages.back_issues, ("back_issues", _SOURCE)),
        (pages.back_issues, ("back_issues", _SOURCE, _MONTH)),
        (pages.issue, (_SOURCE,)),
        (pages.issue, (_SOURCE, _ISSUE)),
    )
    article = (_SOURCE, _ISSUE, _ARTICLE)
    return [
        web.get("/", pages.stand),
        web.get("/search", pages.search),
        web.get("/robots.txt", pages.robots),
        web.get("/sitemap.xml", pages.sitemap_index),
        web.get(f"/sitemap.{_SOURCE}.{_MONTH}.xml", pages.sitemap),
        *(web.get(f"/{'/'.join(parts)}/", handler) for handler, parts in folders),
        *(web.get(f"/{'/'.join(parts)}", pages.moved(parts, "/")) for _, parts in folders),
        web.get(f"/{'/'.join(article)}", pages.article),
        web.get(f"/{'/'.join(article)}/", pages.moved(article, "")),
    ]


class Pages:
    """The handlers. Every page is rendered from one consistent view of the archive."""

    def __init__(
        self, store: Store, settings: Settings, templates: Templates, bot_name: BotName
    ) -> None:
        self._store = store
        self._settings = settings
        self._papers = Papers(settings)
        self._templates = templates
        self._bot_name = bot_name

    async def stand(self, request: web.Request) -> web.Response:
        """`/`: all papers, and what is most read."""
        async with self._store.read() as tx:
            view = await read_stand(tx, self._papers)
        return self._show(request, view)

    async def issue(self, request: web.Request) -> web.Response:
        """`/{source}/`: the newest issue; `/{source}/{issue}/`: that one. One that was taken back is
        410, a paper of the settings that was not read yet 503.
        """
        source, key = request.match_info["source"], request.match_info.get("issue")
        async with self._store.read() as tx:
            view = await read_issue(tx, self._papers, source, key)
        configured = self._papers.configured(source)
        if view is None and key is None and configured is not None:
            return self._wait(request, configured)
        return self._show(request, view)

    async def article(self, request: web.Request) -> web.Response:
        """`/{source}/{issue}/{article}`: 内容详情. An article that was taken back is 410."""
        names = request.match_info
        async with self._store.read() as tx:
            view = await read_article(
                tx, self._papers, names["source"], names["issue"], names["article"]
            )
        return self._show(request, view)

    async def most_read(self, request: web.Request) -> web.Response:
        """`/most_read/` and `/most_read/{source}/`."""
        async with self._store.read() as tx:
            view = await read_most_read(tx, self._papers, request.match_info.get("source"))
        return self._show(request, view)

    async def back_issues(self, request: web.Request) -> web.Response:
        """`/back_issues/{source}/`: the newest month; `/back_issues/{source}/2024-04/`: that one."""
        source, month = request.match_info["source"], _month(request)
        async with self._store.read() as tx:
            view = await read_back_issues(tx, self._papers, source, month)
        return self._show(request, view)

    async def search(self, request: web.Request) -> web.Response:
        """`/search?q=&paper=&page=`."""
        words = request.query
        asked = ask(words.get("q", ""), words.get("paper", ""), words.get("page", ""))
        async with self._store.read() as tx:
            view = await read_search(tx, self._papers, asked)
        return self._show(request, view)

    async def sitemap_index(self, request: web.Request) -> web.Response:
        """`/sitemap.xml`: its parts."""
        async with self._store.read() as tx:
            view = await read_sitemap_index(tx, self._papers)
        return self._show(request, view, SITEMAP_MAX_AGE)

    async def sitemap(self, request: web.Request) -> web.Response:
        """`/sitemap.{source}.{month}.xml`."""
        source, month = request.match_info["source"], _month(request)
        assert month is not None
        async with self._store.read() as tx:
            view = await read_sitemap(tx, self._papers, source, month)
        return self._show(request, view, SITEMAP_MAX_AGE)

    async def robots(self, request: web.Request) -> web.Response:
        """`/robots.txt`; crawlers look for it at the root of a host only."""
        body = build_body(robots_txt(self._settings).encode(), "text/plain; charset=utf-8")
        return respond(request, body, SITEMAP_MAX_AGE)

    def moved(self, parts: Sequence[str], end: str) -> _Handler:
        """Leads to the address of these parts with that end, for a paper that there is. It is built
        from names that a route let through, never from the request's own path, so it leads to no
        other host.
        """

        async def lead(request: web.Request) -> web.StreamResponse:
            async with self._store.read() as tx:
                known = {paper.id for paper in self._papers.all(await library.papers(tx))}
            names = request.match_info
            if "source" in names and names["source"] not in known:
                raise web.HTTPNotFound
            root = self._templates.environment.globals["root"]
            said = (names[part[1:].partition(":")[0]] if part[0] == "{" else part for part in parts)
            raise web.HTTPPermanentRedirect(f"{root}{'/'.join(said)}{end}")

        return lead

    def _wait(self, request: web.Request, paper: Paper) -> web.Response:
        body = self._templates.render("waiting.html", paper=paper)
        response = respond(request, body, 0, status=503)
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response

    def _show(
        self, request: web.Request, view: View | None, max_age: int = MAX_AGE
    ) -> web.Response:
        """Raises HTTPNotFound where there is nothing to show."""
        if view is None:
            raise web.HTTPNotFound
        body = self._templates.page(view, self._bot_name())
        return respond(request, body, max_age, status=410 if isinstance(view, GoneView) else 200)


def _month(request: web.Request) -> date | None:
    said = request.match_info.get("month")
    return date(int(said[:4]), int(said[5:]), 1) if said else None
