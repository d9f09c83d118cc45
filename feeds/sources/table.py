"""The families of newspapers by the `kind` of their configuration, and how to tell them apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from config.sources import BaseSource
from feeds.clock import Clock, SystemClock
from feeds.errors import NotReadable
from feeds.models import Document
from feeds.sources.base import Source
from feeds.sources.feed.family import UpstreamFeed, is_feed
from feeds.sources.founder.family import Founder, is_founder
from feeds.sources.htmlpages import HtmlPages
from feeds.sources.jsonapi.family import JsonApi
from feeds.sources.page import WebPage, open_page
from feeds.sources.paperindex import PaperIndex, is_paperindex
from feeds.sources.yunbao import Yunbao


@dataclass(frozen=True, slots=True)
class Family:
    """How a family is built from its configuration, and whether a page is one of its pages."""

    build: Callable[[Any, Clock], Source]
    owns: Callable[[WebPage], bool]


def _never(_page: WebPage) -> bool:
    """Of families that no page can be known by: their operators describe them."""
    return False


# In the order in which a page is asked whose it is: 云报 is read by its labels and owns whatever is left.
KINDS: Mapping[str, Family] = {
    "paperindex": Family(lambda config, _clock: PaperIndex(config), is_paperindex),
    "html": Family(lambda config, _clock: HtmlPages(config), _never),
    "json": Family(JsonApi, _never),
    "feed": Family(lambda config, _clock: UpstreamFeed(config), is_feed),
    "founder": Family(lambda config, _clock: Founder(config), is_founder),
    "yunbao": Family(lambda config, _clock: Yunbao(config), lambda page: bool(page.lines)),
}


_CLOCK = SystemClock()


def build_source(config: BaseSource, clock: Clock = _CLOCK) -> Source:
    """The source of a configured newspaper. Raises `BaotongError` for rules that cannot be read."""
    return KINDS[getattr(config, "kind")].build(config, clock)  # noqa: B009 - every member of the union has it


def detect(document: Document) -> str | None:
    """The family of a document, or None where nothing can be read in it at all."""
    try:
        page = open_page(document)
    except NotReadable:
        return None
    return next((kind for kind, family in KINDS.items() if family.owns(page)), None)
