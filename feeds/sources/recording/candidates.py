"""What in a JSON value may be an article, a list of articles, of pages, or of issues: told by what the values
look like, and by their names where several look alike.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from feeds.models import ReadCount
from feeds.sources.convert import convert
from feeds.sources.labels.landmarks import has_stop, loose_label, parse_label
from feeds.text import is_wide

Path = tuple[str | int, ...]

MAX_NODES = 200_000
_SHORTEST_BODY = 60
_SHORTEST_TITLE = 3
_LONGEST_TITLE = 100
_ZONE = ZoneInfo("Asia/Shanghai")
# Of the fields of one object: what their names say, best first.
_NAMES = {
    "title": r"(?:document|article|news|main|doc)?_?(?:title|biaoti|bt|headline|topic|subject)",
    "kicker": r"(?:intro|lead|pre|yin|kicker|shoulder)\w*(?:title|ti|bt)?",
    "subtitle": r"(?:sub|fu|vice|second)\w*(?:title|ti|bt)?",
    "byline": r"(?:author|writer|zuozhe|zz|reporter|byline|editor)\w*",
    "published": r"\w*(?:publish|pub|issue|period|release|create)\w*(?:time|date|at)?|\w*(?:date|time|day|rq|riqi)",
    "reads": r"\w*(?:click|read|view|visit|hit|browse|pv|yd|yds|clickcount|count)\w*",
    "images": r"\w*(?:pic|img|image|photo|tupian)\w*(?:list|s)?",
    "id": r"(?:file|doc|article|news|detail|layoutdetail|content)?_?(?:id|uuid|guid|fileid)",
    "name": r"\w*(?:edition|page|layout|ban|bm|section)\w*(?:name|title|mc)?|name|title",
    "label": r"\w*(?:code|no|num|number|label|edition|order|bc|bh)\w*",
    "page": r"\w+",
    "image": r"\w*(?:pic|img|image)\w*(?:url|path)?",
    "pdf": r"\w*pdf\w*",
    "url": r"\w*(?:share|web|page|detail)?url|link|href",
}
_COMPILED = {field: re.compile(pattern, re.IGNORECASE) for field, pattern in _NAMES.items()}
# Of a page's number and its name, pageNo and pageName, the name says so.
_NAMELY = re.compile(r"\w*(?:name|title|mc)", re.IGNORECASE)
_CONSTANT_COUNT = re.compile(
    r"\w*(?:initial|praise|discuss|comment|share|like|word|total|size)\w*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Spot:
    """An object that looks like an article: where it is, and which of its keys holds which field."""

    path: Path
    fields: Mapping[str, str]
    raw: Mapping[str, Any]

    @property
    def weight(self) -> int:
        """How much of an article it is: the more fields, the longer the text, the better."""
        return 100 * len(self.fields) + min(len(str(self.raw[self.fields["body"]])), 2000)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, and where it is. `items` are its objects, or its dates."""

    path: Path
    items: Sequence[Any]


def walk(root: Any) -> Iterator[tuple[Path, Any]]:
    """Every object and list in a value, outermost first, at most `MAX_NODES` values."""
    waiting: deque[tuple[Path, Any]] = deque([((), root)])
    seen = 0
    while waiting and seen < MAX_NODES:
        path, value = waiting.popleft()
        if isinstance(value, Mapping):
            yield path, value
            inner: list[tuple[Path, Any]] = [((*path, key), one) for key, one in value.items()]
        elif isinstance(value, list):
            yield path, value
            inner = [((*path, place), one) for place, one in enumerate(value)]
        else:
            inner = []
        seen += len(inner)
        waiting.extend(inner)


def articles(root: Any) -> list[Spot]:
    """The objects that look like articles, best first."""
    spots = [spot for path, value in walk(root) if (spot := _spot(path, value)) is not None]
    return sorted(spots, key=lambda spot: -spot.weight)


def _spot(path: Path, value: Any) -> Spot | None:
    if not isinstance(value, Mapping):
        return None
    body = max(
        (k for k, v in value.items() if _is_body(v)), key=lambda k: len(value[k]), default=None
    )
    if body is None:
        return None
    fields = {"body": body}
    for field in ("title", "kicker", "subtitle", "byline", "published", "reads", "images"):
        key = best_key(value, field, taken=fields.values())
        if key is not None:
            fields[field] = key
    return Spot(path, fields, value) if "title" in fields else None


def _is_body(value: Any) -> bool:
    if not isinstance(value, str) or len(value) < _SHORTEST_BODY or not is_wide(value[:2000]):
        return False
    body = convert("body", value[:20_000], "http://x/", _ZONE)
    return body is not None and len(body.text) >= _SHORTEST_BODY and has_stop(body.text)


def best_key(value: Mapping[str, Any], field: str, taken: Any = ()) -> str | None:
    """The key of an object that holds a field, by its value's looks and its name."""
    fits = _LOOKS[field]
    keys = [k for k, v in value.items() if isinstance(k, str) and k not in set(taken) and fits(v)]
    named = [key for key in keys if _COMPILED[field].fullmatch(key)]
    if field == "reads":
        named = [key for key in named if not _CONSTANT_COUNT.fullmatch(key)]
    if field == "name":
        named = [key for key in named if _NAMELY.fullmatch(key)] or named
    return min(named, key=len, default=None)


def _is_title(value: Any) -> bool:
    return _is_short(value) and len(value.strip()) >= _SHORTEST_TITLE and is_wide(value)


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST_TITLE


def _is_date(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    found = convert("published", value, "http://x/", _ZONE)
    year = found.year if found else 0
    return 2000 <= year <= datetime.now(UTC).year + 1  # noqa: PLR2004 - the web has no older papers


def _is_count(value: Any) -> bool:
    return isinstance(convert("reads", value, "http://x/", _ZONE), ReadCount) and not _is_date(
        value
    )


def _is_id(value: Any) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return True
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9._-]{1,64}", value) is not None


def _is_images(value: Any) -> bool:
    return isinstance(value, list) and bool(convert("images", value, "http://x/", _ZONE))


def _is_address(value: Any) -> bool:
    return (
        isinstance(value, str) and re.fullmatch(r"\S{0,400}/\S{0,100}", value.strip()) is not None
    )


def _is_web(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def _is_page(value: Any) -> bool:
    return (
        isinstance(value, str | int)
        and not isinstance(value, bool)
        and loose_label(str(value)) is not None
    )


_LOOKS = {
    "title": _is_title,
    "kicker": _is_short,
    "subtitle": _is_short,
    "byline": _is_short,
    "published": _is_date,
    "reads": _is_count,
    "images": _is_images,
    "id": _is_id,
    "name": _is_short,
    "label": _is_page,
    "page": lambda value: isinstance(value, str) and parse_label(value) is not None,
    "image": _is_address,
    "pdf": _is_address,
    "url": _is_web,
}


def lists(root: Any) -> list[Listing]:
    """The lists of objects in a value."""
    found = []
    for path, value in walk(root):
        if (
            isinstance(value, list)
            and value
            and all(isinstance(one, Mapping) for one in value[:20])
        ):
            found.append(Listing(path, [one for one in value if isinstance(one, Mapping)]))
    return found


def date_lists(root: Any) -> list[tuple[Listing, str]]:
    """The lists of dates, or of objects that have one, with the expression for the date of each."""
    found: list[tuple[Listing, str]] = []
    for path, value in walk(root):
        if not isinstance(value, list) or not value:
            continue
        if all(_is_date(one) for one in value[:20]):
            found.append((Listing(path, value), "@"))
        elif isinstance(value[0], Mapping) and (key := best_key(value[0], "published")):
            found.append((Listing(path, value), expression((key,))))
    return found


def expression(path: Path) -> str:
    """The JMESPath of a place: data.rows[0]."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = step if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", step) else _quoted(step)
            text += f".{name}" if text else name
    return text or "@"


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
