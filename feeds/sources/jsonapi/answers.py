"""An interface's answers as values: strict JSON in, items and fields out. Nothing in them is trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from feeds.errors import BaotongError, NotReadable, Unreadable
from feeds.models import ArticleReading, Document, FoundBy
from feeds.sources.body import Body
from feeds.sources.conditions import why_unreadable
from feeds.sources.convert import convert
from feeds.sources.expressions import Search, compile_jmespath
from feeds.sources.fields import FIELDS
from feeds.sources.kinds import kind_of
from feeds.sources.page import open_page
from feeds.sources.strict_json import NotJson, read_json
from feeds.text import cut, decode, one_line

MOST_ITEMS = 2000
_UNTITLED = "（无题）"
_EXCUSES = ("msg", "message", "errmsg", "errorMsg", "errorinfo", "error", "info")


def parse(document: Document) -> Any:
    """The value of an answer. Raises `NotReadable`, in the words of a web page where it is one."""
    if document.body.lstrip()[:1] == b"<":
        raise why_unreadable(open_page(document))
    if not document.body.strip():
        raise NotReadable(document.url, Unreadable.EMPTY, "接口的回答是空的")
    try:
        return read_json(decode(document.body, document.content_type).strip())
    except NotJson as error:
        words = f"接口的回答不是合格的 JSON:{error}"
        raise NotReadable(document.url, Unreadable.UNKNOWN, words) from error


def compile_all(step: str, section: BaseModel) -> dict[str, Search]:
    """The expressions of a section by their names."""
    return {
        name: compile_jmespath(f"{step}.{name}", expression)
        for name in type(section).model_fields
        if name not in _NO_EXPRESSIONS and (expression := getattr(section, name)) is not None
    }


_NO_EXPRESSIONS = frozenset({"get", "post", "query", "form", "payload", "link"})


def required(step: str, searches: Mapping[str, Search], *names: str) -> None:
    """Raises `BaotongError` for an expression that a step cannot do without."""
    for name in names:
        if name not in searches:
            raise BaotongError(f"{step}.{name}: 必须写上 (required)")


def items(document: Document, root: Any, search: Search) -> list[Any]:
    """The list in an answer, perhaps empty. Raises `NotReadable` where there is none at all: what the
    interface says instead is told.
    """
    found = search(root)
    if isinstance(found, list):
        return found[:MOST_ITEMS]
    raise NotReadable(document.url, Unreadable.ERROR_PAGE, f"接口没有给出列表{_excuse(root)}")


def _excuse(root: Any) -> str:
    said = (root.get(name) for name in _EXCUSES) if isinstance(root, dict) else ()
    text = next((one for one in said if isinstance(one, str) and one.strip()), "")
    return f",它说:{one_line(text)[:80]}" if text else ""


@dataclass(frozen=True, slots=True)
class Item:
    """One value of a list, or an answer's article, with the expressions that read it."""

    raw: Any
    searches: Mapping[str, Search]
    base: str
    zone: ZoneInfo

    def text(self, name: str) -> str:
        """A field as plain text on one line; blank where there is none."""
        found = self._convert("title", name)
        return found if isinstance(found, str) else ""

    def day(self, name: str = "date") -> date | None:
        """A field as a date: 2024-04-08, 20240408, a Unix time."""
        found = self._convert("published", name)
        if isinstance(found, datetime):
            return found.astimezone(self.zone).date()
        return found if isinstance(found, date) else None

    def value(self, name: str) -> Any:
        """A field of an article as what it means there, or None."""
        return self._convert(name, name)

    def url(self, name: str) -> str | None:
        """A field as an absolute address, or None."""
        images = self._convert("images", name)
        return images[0].url if images else None

    def _convert(self, field: str, name: str) -> Any:
        search = self.searches.get(name)
        return convert(field, search(self.raw), self.base, self.zone) if search else None


def read_article(
    item: Item, key: str, url: str, page_name: str | None, listed: str = ""
) -> ArticleReading | None:
    """The article that an item is, or None where it has neither text nor images."""
    found = {name: value for name in FIELDS if (value := item.value(name)) is not None}
    body = found.pop("body", None) or Body("", "", ())
    images = found.pop("images", None) or body.images
    title = found.pop("title", None) or listed or cut(body.text.partition("\n")[0], 40)
    if not (body.text or images):
        return None
    names = [*found, "title", "body", *(["images"] if images else [])]
    return ArticleReading(
        key=key,
        url=url,
        title=title or _UNTITLED,
        **found,
        images=images,
        body_html=body.html,
        body_text=body.text,
        kind=kind_of(title, page_name),
        found_by=dict.fromkeys(names, FoundBy.DATA),
    )
