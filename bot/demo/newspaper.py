"""The demo newspaper as a web site, in 云报平台's manner: an entry that leads to the newest issue, issues
with their 版, articles with 内容详情 and 阅读数. Its pages are a vendor's, not ours, and know nothing of
how they will be read.
"""

import hashlib
from datetime import date, timedelta
from typing import TypeVar

from aiohttp import ETag, web
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from bot.demo.press import FIRST_NUMBER, Edition, Piece, Press, Sheet
from feeds.clock import Clock
from feeds.dates import chinese_date, weekday

_Thing = TypeVar("_Thing")

PAPER_TITLE = "青禾日报"
SHELF = 60
"""往期 lists this many issues."""


def build_newspaper(
    clock: Clock,
    every: timedelta = timedelta(seconds=8),
    start: date = date(2024, 4, 8),
    history: int = 2,
) -> web.Application:
    """The newspaper, opened now with the issue of `start` as its newest and `history` older ones. A new
    issue comes out every `every`, dated the next day, until the clock's own day is reached.
    """
    first = start - timedelta(days=history)
    press = Press(clock, every, first, kept=history + 1, started=clock.monotonic())
    site = _Site(press)
    app = web.Application()
    app.router.add_get("/", site.entry)
    app.router.add_get("/qhrb/issues", site.shelf)
    app.router.add_get(r"/qhrb/issue/{number:\d{1,9}}", site.issue)
    app.router.add_get(r"/qhrb/issue/{number:\d{1,9}}/{label:\w+}.svg", site.sheet_image)
    app.router.add_get(r"/qhrb/detail/{id:\d{1,12}}", site.detail)
    app.router.add_get(r"/qhrb/photo/{id:\d{1,12}}.svg", site.photo)
    app.router.add_get("/qhrb/style.css", site.style)
    return app


class _Site:
    """The pages. Each is rendered when asked for: the press is cheap, and the time may have come."""

    def __init__(self, press: Press) -> None:
        self._press = press
        self._templates = Environment(
            loader=PackageLoader("bot.demo"),
            autoescape=select_autoescape(("html", "svg")),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {
            "paper": PAPER_TITLE,
            "chinese_date": chinese_date,
            "weekday": weekday,
        }

    async def entry(self, request: web.Request) -> web.Response:
        newest = FIRST_NUMBER + self._press.newest()
        return self._answer(request, "entry.html", newest=newest)

    async def shelf(self, request: web.Request) -> web.Response:
        newest = self._press.newest()
        indexes = range(newest, max(-1, newest - SHELF), -1)
        issues = [edition for index in indexes if (edition := self._press.edition(index))]
        return self._answer(request, "shelf.html", issues=issues)

    async def issue(self, request: web.Request) -> web.Response:
        edition = self._edition(request)
        return self._answer(
            request,
            "issue.html",
            issue=edition,
            has_previous=edition.index > 0,
            has_next=edition.index < self._press.newest(),
        )

    async def sheet_image(self, request: web.Request) -> web.Response:
        edition = self._edition(request)
        label = request.match_info["label"]
        sheet = _out(next((sheet for sheet in edition.sheets if sheet.label == label), None))
        return self._answer(request, "sheet.svg", issue=edition, sheet=sheet)

    async def detail(self, request: web.Request) -> web.Response:
        edition, sheet, piece = self._piece(request.match_info["id"])
        place = sheet.pieces.index(piece)
        return self._answer(
            request,
            "detail.html",
            issue=edition,
            sheet=sheet,
            piece=piece,
            reads=self._press.reads(edition.index, piece),
            before=sheet.pieces[place - 1] if place else None,
            after=sheet.pieces[place + 1] if place + 1 < len(sheet.pieces) else None,
        )

    async def photo(self, request: web.Request) -> web.Response:
        _, _, piece = self._piece(request.match_info["id"])
        return self._answer(request, "photo.svg", seed=int(piece.id))

    async def style(self, request: web.Request) -> web.Response:
        return self._answer(request, "style.css")

    def _edition(self, request: web.Request) -> Edition:
        return _out(self._press.edition(int(request.match_info["number"]) - FIRST_NUMBER))

    def _piece(self, piece_id: str) -> tuple[Edition, Sheet, Piece]:
        """A piece by its id, which begins with the number of its issue."""
        edition = _out(self._press.edition(int(piece_id[:-3] or 0) - FIRST_NUMBER))
        for sheet in edition.sheets:
            for piece in sheet.pieces:
                if piece.id == piece_id:
                    return edition, sheet, piece
        raise web.HTTPNotFound

    def _answer(self, request: web.Request, template: str, **values: object) -> web.Response:
        """A rendered template, or 304 where the client already has these very bytes."""
        body = self._templates.get_template(template).render(**values).encode()
        etag = ETag(hashlib.sha256(body).hexdigest()[:20])
        known = request.if_none_match or ()
        if any(tag.value in {etag.value, "*"} for tag in known):
            response = web.Response(status=304)
        else:
            kind = _CONTENT_TYPES[template.rpartition(".")[2]]
            response = web.Response(body=body, content_type=kind, charset="utf-8")
        response.etag = etag
        return response


def _out(thing: _Thing | None) -> _Thing:
    """What was asked for, if it is out."""
    if thing is None:
        raise web.HTTPNotFound
    return thing


_CONTENT_TYPES = {"html": "text/html", "svg": "image/svg+xml", "css": "text/css"}
