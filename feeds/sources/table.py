"""The families of newspapers by the `kind` of their configuration, and how to tell them apart."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.sources import FAMILIES as CONFIGURED
from config.sources import AutoSource, BaseSource
from feeds.clock import Clock, SystemClock
from feeds.errors import BaotongError, NotReadable
from feeds.models import Document
from feeds.sources.auto import Auto
from feeds.sources.base import Source
from feeds.sources.feed.family import UpstreamFeed, is_feed
from feeds.sources.founder.family import Founder, is_founder
from feeds.sources.htmlpages import HtmlPages
from feeds.sources.jsonapi.family import JsonApi
from feeds.sources.page import WebPage, open_page
from feeds.sources.paperindex import PaperIndex, is_paperindex
from feeds.sources.presets import presets
from feeds.sources.yunbao import Yunbao

Recognise = Callable[[WebPage], Mapping[str, Any] | None]
"""The settings that a page's family needs besides its kind; None for a page that is none of its pages."""

_CLOCK = SystemClock()
_PLACE = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*")


@dataclass(frozen=True, slots=True)
class Family:
    """How a family is built from its configuration, and whether a page is one of its pages. `is_pages`:
    each of its documents is a page at an address of its own.
    """

    build: Callable[[Any, Clock], Source]
    recognise: Recognise
    is_pages: bool = True


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a document shows itself to be: a kind, and what else its configuration needs."""

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def _if(owns: Callable[[WebPage], bool]) -> Recognise:
    return lambda page: {} if owns(page) else None


def _by_preset(kind: str) -> Recognise:
    """The preset of this kind one of whose addresses the page has."""

    def recognise(page: WebPage) -> Mapping[str, Any] | None:
        for one in presets(kind):
            if any(pattern.match(page.url) is not None for pattern in one.detect):
                return {"preset": one.name}
        return None

    return recognise


def _build_auto(config: AutoSource, clock: Clock) -> Source:
    built: dict[tuple[str, str], Source] = {}

    def find(document: Document) -> tuple[str, Source | None]:
        found = recognise(document) or Recognised("yunbao")
        if not KINDS[found.kind].is_pages:
            return found.kind, None
        key = (found.kind, str(found.settings))
        if key not in built:
            built[key] = build_source(concrete(config, found), clock)
        return found.kind, built[key]

    return Auto(config, find)


# In the order in which a page is asked whose it is: 云报 is read by its labels and owns whatever is left.
KINDS: Mapping[str, Family] = {
    "auto": Family(_build_auto, _if(lambda _page: False)),
    "feed": Family(lambda config, _clock: UpstreamFeed(config), _if(is_feed), is_pages=False),
    "json": Family(JsonApi, _by_preset("json"), is_pages=False),
    "html": Family(lambda config, _clock: HtmlPages(config), _by_preset("html")),
    "paperindex": Family(lambda config, _clock: PaperIndex(config), _if(is_paperindex)),
    "founder": Family(lambda config, _clock: Founder(config), _if(is_founder)),
    "yunbao": Family(lambda config, _clock: Yunbao(config), _if(lambda page: bool(page.lines))),
}


def build_source(config: BaseSource, clock: Clock = _CLOCK) -> Source:
    """The source of a configured newspaper. Raises `BaotongError` for rules that cannot be read; its words
    begin with their place in the source's settings.
    """
    return KINDS[getattr(config, "kind")].build(config, clock)  # noqa: B009 - every member of the union has it


def fault_of_family(config: BaseSource) -> tuple[str, str] | None:
    """What is wrong with a newspaper's rules in a way that only its family knows (presets, calls, patterns):
    the place in its settings, blank for the whole, and the words; None where it can be built.
    """
    try:
        build_source(config)
    except BaotongError as error:
        place, colon, words = str(error).partition(": ")
        return (place, words) if colon and _PLACE.fullmatch(place) else ("", str(error))
    return None


def concrete(config: BaseSource, found: Recognised) -> BaseSource:
    """A configuration with the family that was recognised."""
    model = CONFIGURED[found.kind]
    named = config.model_dump(include={"id", "title", "url"})
    new = model.model_validate({**named, "kind": found.kind, **found.settings})
    kept = config.model_fields_set & model.model_fields.keys() - {"kind", *found.settings}
    return new.model_copy(update={name: getattr(config, name) for name in kept})


def recognise(document: Document) -> Recognised | None:
    """What a document is, or None where nothing can be read in it at all."""
    try:
        page = open_page(document)
    except NotReadable:
        return None
    return next(_recognised(page), None)


def _recognised(page: WebPage) -> Iterator[Recognised]:
    for kind, family in KINDS.items():
        settings = family.recognise(page)
        if settings is not None:
            yield Recognised(kind, settings)


def detect(document: Document) -> str | None:
    """The family of a document, or None where nothing can be read in it at all."""
    found = recognise(document)
    return found.kind if found else None
