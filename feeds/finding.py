"""Finding out what a newspaper is by fetching it: its family, what it shows, what it calls itself."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from config.sources import FAMILIES, BaseSource
from config.values import RESERVED_IDS
from feeds.errors import BaotongError, FetchError, NotReadable, Unreadable
from feeds.explore import Exploration, explore
from feeds.http import Fetcher
from feeds.models import Document, Request
from feeds.sources.labels.signposts import find_refresh
from feeds.sources.page import open_page
from feeds.sources.presets import what_to_write
from feeds.sources.table import Recognised, build_source, recognise

MOST_DOORS = 3
ONE_ARTICLE = "这是一篇文章,不是报纸:写报纸首页的网址 (this is one article; give the address of the paper's front page)"
_LABELS = Recognised("yunbao")
_PAPER = re.compile(
    r"[\w·]{1,20}(?:日报|晚报|早报|时报|周报|商报|都市报|晨报|快报|导报|周刊|[区县市州]报|电讯|报)"
)
_NOISE = re.compile(r"数字报纸?|电子报|电子版|数字版|多媒体|读报|在线阅读|首页|欢迎")


@dataclass(frozen=True, slots=True)
class Found:
    """A newspaper that was found. `settings` are what its configuration needs besides id, title and url.
    `looks_like` is another family than was named, which it shows itself to be.
    """

    kind: str
    settings: Mapping[str, Any]
    exploration: Exploration
    title: str
    looks_like: str | None = None


async def find(url: str, fetcher: Fetcher, kind: str | None = None) -> Found:
    """The newspaper at an address. With `kind` only that family is tried.

    Raises `FetchError` or `NotReadable` of the likeliest family where none of them reads it.
    """
    documents = await _doors(url, fetcher)
    trouble: BaotongError | None = None
    for found in _likely(documents, kind):
        config = _config(url, found)
        try:
            source = build_source(config)
            _refuse_article(url, documents[-1], config)
            exploration = await explore(source, fetcher)
        except FetchError as error:
            trouble = trouble or error
            continue
        except BaotongError as error:
            if (reason := instead(documents, kind, error)) is not None:
                raise NotReadable(url, Unreadable.UNKNOWN, reason) from error
            if not isinstance(error, NotReadable) or error.reason == ONE_ARTICLE:
                raise
            trouble = trouble or error
            continue
        fronts = [document for document in documents if not _is_article(document, config)]
        title = await _title(fronts, exploration, fetcher)
        looks = _looks_like(documents, kind)
        return Found(found.kind, found.settings, exploration, title, looks)
    raise trouble or NotReadable(url, Unreadable.UNKNOWN, "认不出这是哪种系统的报纸")


def instead(documents: Sequence[Document], kind: str | None, error: BaotongError) -> str | None:
    """What to say of a family that was named and reads nothing in these documents: which it looks like, or
    what the named one wants to be told. None where the error says enough.
    """
    if kind is None or (isinstance(error, NotReadable) and error.why is Unreadable.CHALLENGE):
        return None
    if looks := _looks_like(documents, kind):
        return (
            f"按 {kind} 读不出报纸;它看起来是 {looks}:写 --kind {looks},或者不写 --kind "
            f"(this looks like {looks}; leave --kind out)"
        )
    is_told = isinstance(error, NotReadable) and (
        error.why is Unreadable.SCRIPT or error.reason == ONE_ARTICLE
    )
    more = what_to_write(kind)
    if not more or is_told:
        return None
    reason = error.reason if isinstance(error, NotReadable) else str(error)
    return f"{reason}。kind: {kind} 要有规则才能读。{more}"


def _looks_like(documents: Sequence[Document], kind: str | None) -> str | None:
    """Another family than was named whose documents these show themselves to be."""
    looks = next((one.kind for one in _seen(documents) if one.kind != _LABELS.kind), kind)
    return looks if kind is not None and looks != kind else None


def _refuse_article(url: str, document: Document, config: BaseSource) -> None:
    """Raises `NotReadable` for the address of an article. 云报's labels find one wherever there are words."""
    if getattr(config, "kind", None) != _LABELS.kind and _is_article(document, config):
        raise NotReadable(url, Unreadable.UNKNOWN, ONE_ARTICLE)


async def _doors(url: str, fetcher: Fetcher) -> list[Document]:
    """The document at an address, and those behind it where it is only a doorway."""
    documents: list[Document] = []
    way: str | None = url
    while way is not None and len(documents) <= MOST_DOORS:
        document = await fetcher.fetch(Request(way))
        assert isinstance(document, Document)  # no validators were sent
        documents.append(document)
        way = _behind(document)
    return documents


def _behind(document: Document) -> str | None:
    try:
        return find_refresh(open_page(document))
    except NotReadable:
        return None


def _likely(documents: list[Document], kind: str | None) -> Iterator[Recognised]:
    """The families to try, likeliest first: what the documents show, innermost first; a feed that a page
    names; and the words alone, which read whatever shows some.
    """
    seen = _seen(documents)
    if kind is not None:
        yield next((one for one in seen if one.kind == kind), Recognised(kind))
        return
    surer = [one for one in seen if one.kind != _LABELS.kind]
    tried: list[Recognised] = []
    for one in (*surer, _LABELS, Recognised("feed")):
        if one not in tried:
            tried.append(one)
            yield one


def _seen(documents: Sequence[Document]) -> list[Recognised]:
    return [found for document in reversed(documents) if (found := recognise(document))]


def _is_article(document: Document, config: BaseSource) -> bool:
    """Whether the newspaper that this may be reads one article there."""
    try:
        return build_source(config).read(document).article is not None
    except NotReadable:
        return False


def _config(url: str, found: Recognised) -> BaseSource:
    values = {"id": "found", "title": "found", "url": url, "kind": found.kind, **found.settings}
    return FAMILIES[found.kind].model_validate(values)


async def _title(documents: list[Document], exploration: Exploration, fetcher: Fetcher) -> str:
    """What the newspaper calls itself: by its pages' own titles, and by that of its front page."""
    titles = [title for document in reversed(documents) if (title := _title_of(document))]
    front = exploration.issue.url.partition("#")[0]
    if not titles and front not in {document.url for document in documents}:
        try:
            document = await fetcher.fetch(Request(front))
        except FetchError:
            document = None
        if isinstance(document, Document) and (title := _title_of(document)):
            titles.append(title)
    return next(iter(titles), "") or urlsplit(front).hostname or "?"


def _title_of(document: Document) -> str:
    """The newspaper's name in a page's title: 打造新型传媒集团·江西日报社数字报 → 江西日报."""
    try:
        title = open_page(document).title
    except NotReadable:
        return ""
    parts = [_NOISE.sub("", part).strip() for part in re.split(r"[-_|–—·:：,，\s]+", title)]
    named = [match[0] for part in parts if (match := _PAPER.match(part))]
    return (named or [part for part in parts if part] or [""])[0][:40]


def suggested_id(url: str, taken: Collection[str]) -> str:
    """A name for our URLs from the newspaper's address: /rmrb/pc/layout/… → rmrb; paper.example.com → example."""
    used = {*taken, *RESERVED_IDS}
    parts = urlsplit(url)
    steps = [step.lower() for step in parts.path.split("/") if step]
    labels = [
        label
        for label in (parts.hostname or "").split(".")[:-1]
        if label not in _COMMON_HOSTS and re.search("[a-z]", label)
    ]
    words = [
        step
        for step in steps
        if re.fullmatch(r"[a-z][a-z-]{1,20}", step) and step not in _COMMON_STEPS
    ]
    name = next(iter([*words[:1], *reversed(labels)]), "paper")
    name = re.sub(r"[^a-z0-9-]", "-", name).strip("-") or "paper"
    number = 1
    while (candidate := name if number == 1 else f"{name}-{number}") in used:
        number += 1
    return candidate


_COMMON_STEPS = frozenset(
    {"html", "pc", "pad", "layout", "index", "content", "paper", "epaper", "new", "newspaper", "news", "web", "shtml", "szb", "dzb",
     "statics", "static", "api", "www", "pages", "col", "con", "node", "m", "wap", "rss", "feed"}
)  # fmt: skip
_COMMON_HOSTS = frozenset(
    {"www", "paper", "epaper", "szb", "dzb", "digitalpaper", "newspaper", "e", "ep", "com", "net", "org", "gov", "edu", "news", "m"}
)  # fmt: skip
