"""A family of newspapers whose documents say in JSON what they mean, and a small press that prints it."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from feeds.decide import Asked
from feeds.errors import NotReadable, Unreadable
from feeds.models import (
    ArticleLink,
    ArticleReading,
    Document,
    FoundBy,
    IssueReading,
    PageReading,
    ReadCount,
    Reading,
    Request,
)
from feeds.sources.base import plain_request
from tests.fakes.newspaper import Newspaper, Reply


class JsonSource:
    """Reads {"issue": …}, {"article": …}, {"follow": […]} and {"unreadable": why}; anything else is
    not of this family. {"broken": 1} makes the reader itself fail. {"articles": […]} beside an issue
    are those that stand whole in it.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def entry(self) -> Request:
        return Request(self._url)

    def ask(self, asked: Asked) -> Request:
        return plain_request(asked)

    def on_day(self, issue_url: str, day: date) -> Request | None:
        return None

    def read(self, document: Document) -> Reading:
        try:
            said = json.loads(document.body)
        except ValueError as error:
            raise NotReadable(document.url, Unreadable.UNKNOWN, "not JSON") from error
        if "broken" in said:
            raise ZeroDivisionError
        if "unreadable" in said:
            raise NotReadable(document.url, Unreadable(said["unreadable"]), "said so itself")
        return Reading(
            issue=_issue(said["issue"], document.url) if "issue" in said else None,
            article=_article(said["article"], document.url) if "article" in said else None,
            follow=tuple(Request(url) for url in said.get("follow", ())),
            articles=tuple(_article(a, document.url) for a in said.get("articles", ())),
        )


def _issue(said: dict[str, Any], url: str) -> IssueReading:
    pages = [
        PageReading(
            label=page["label"],
            order=order,
            name=page.get("name"),
            url=page.get("url"),
            articles=_links(page.get("articles")),
        )
        for order, page in enumerate(said["pages"], 1)
    ]
    return IssueReading(
        key=said["key"],
        date=date.fromisoformat(said["key"][:10]),
        url=url,
        previous=said.get("previous"),
        next=said.get("next"),
        is_first=said.get("is_first", False),
        closes_at=datetime.fromisoformat(said["closes_at"]) if "closes_at" in said else None,
        pages=tuple(pages),
    )


def _links(said: list[dict[str, Any]] | None) -> tuple[ArticleLink, ...] | None:
    if said is None:
        return None
    return tuple(ArticleLink(a["key"], a["url"], a["title"], _count(a.get("reads"))) for a in said)


def _article(said: dict[str, Any], url: str) -> ArticleReading:
    return ArticleReading(
        key=said["key"],
        url=url,
        title=said["title"],
        byline=said.get("byline"),
        reads=_count(said.get("reads")),
        body_html=f"<p>{said['body']}</p>",
        body_text=said["body"],
        found_by={name: FoundBy(rule) for name, rule in said.get("found_by", {}).items()},
    )


def _count(value: int | None) -> ReadCount | None:
    return None if value is None else ReadCount(value)


class Press:
    """Prints issues into a newspaper's server. Pages with documents of their own lie at
    `/{day}/{label}`, articles at `/{day}/{key}`; `/` is the newest issue, or a signpost to it.
    """

    def __init__(self, paper: Newspaper) -> None:
        self.paper = paper
        self.days: list[str] = []

    def print(
        self,
        day: str,
        pages: dict[str, Sequence[str]],
        *,
        own_pages: bool = True,
        reads: int | None = None,
        closes_at: datetime | None = None,
    ) -> None:
        """An issue with these article keys by page; becomes the newest. Printed again it is as it is now."""
        before = [one for one in self.days if one < day]
        previous = self.paper.url(f"/{before[-1]}/") if before else None
        self.days = [*before, day]
        listed = [
            self._page(day, label, keys, own_pages=own_pages) for label, keys in pages.items()
        ]
        for key in (key for keys in pages.values() for key in keys):
            self.write(day, key, reads=reads)
        whole: dict[str, object] = {"key": day, "previous": previous, "pages": listed}
        if closes_at is not None:
            whole["closes_at"] = closes_at.isoformat()
        self.put(f"/{day}/", {"issue": whole})
        self.put("/", {"issue": whole})

    def write(self, day: str, key: str, reads: int | None = None, **changes: object) -> None:
        """An article's own document."""
        said = {"key": key, "title": f"标题{key}", "body": f"正文{key}。", "reads": reads}
        self.put(f"/{day}/{key}", {"article": said | changes})

    def take_out(self, path: str) -> None:
        """The document is gone: 404."""
        del self.paper[path]

    def put(self, path: str, said: dict[str, object]) -> None:
        """A document with an ETag, which answers 304 to who knows it already."""
        body = json.dumps(said).encode()
        tag = f'"{hash(body)}"'
        self.paper[path] = lambda asked: (
            Reply(status=304)
            if asked.headers.get("if-none-match") == tag
            else Reply(body, headers={"ETag": tag, "Content-Type": "application/json"})
        )

    def _page(
        self, day: str, label: str, keys: Sequence[str], *, own_pages: bool
    ) -> dict[str, object]:
        links = [
            {"key": k, "url": self.paper.url(f"/{day}/{k}"), "title": f"目录{k}"} for k in keys
        ]
        if not own_pages:
            return {"label": label, "articles": links}
        url = self.paper.url(f"/{day}/{label}")
        whole = {"label": label, "url": url, "articles": links}
        self.put(f"/{day}/{label}", {"issue": {"key": day, "pages": [whole]}})
        return {"label": label, "url": url}
