"""Lists in answers → issues to choose from, pages of an issue, articles of a page."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from feeds.models import ArticleLink, ArticleReading, PageReading
from feeds.sources.jsonapi.answers import MOST_ITEMS, Item, read_article
from feeds.sources.jsonapi.calls import Mark, Step
from feeds.sources.jsonapi.plan import Plan
from feeds.sources.labels.issue import ONLY_PAGE
from feeds.sources.labels.landmarks import PageLabel, loose_label
from feeds.text import cut, slug

_SPREAD = re.compile(r"\S(?: \S)+")


@dataclass(frozen=True, slots=True)
class Dated:
    """An issue as a list of issues names it."""

    day: date
    id: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as a list of pages names it. `mark` is what its articles are asked with."""

    reading: PageReading
    item: Item
    mark: Mark


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in a list: the link to it, and the whole of it where it stands there."""

    link: ArticleLink
    page: PageLabel
    whole: ArticleReading | None


def read_issues(plan: Plan, found: Sequence[Any], base: str, latest: date) -> list[Dated]:
    """Each day once, oldest first; none that is still to come."""
    dated: dict[date, Dated] = {}
    for raw in found:
        item = Item(raw, plan.searches[Step.ISSUES], base, plan.zone)
        day = item.day()
        if day is not None and day <= latest:
            dated.setdefault(day, Dated(day, item.text("id")))
    return [dated[day] for day in sorted(dated)]


def read_pages(plan: Plan, found: Sequence[Any], base: str, mark: Mark) -> list[Sheet]:
    """The pages in their order. What is no object (a sentence instead of a paper) is none. A label that
    comes twice is told apart by the page's place.
    """
    sheets: list[Sheet] = []
    labels: set[str] = set()
    for raw in found:
        if not isinstance(raw, Mapping):
            continue
        item, order = Item(raw, plan.searches[Step.PAGES], base, plan.zone), len(sheets) + 1
        label = _label(item, order)
        if label.label in labels:
            label = PageLabel(f"{label.label}-{order}", label.name)
        labels.add(label.label)
        own = {"page_id": item.text("id"), "page_label": label.label, "page_name": label.name or ""}
        own = {**{name: mark[name] for name in ("date", "issue_id") if name in mark}, **own}
        image, pdf = item.url("image"), item.url("pdf")
        reading = PageReading(label.label, order, label.name, None, image, pdf)
        sheets.append(Sheet(reading, item, own))
    return sheets


def _label(item: Item, order: int) -> PageLabel:
    """A page's label and name. Either field may say both (第02版:要 闻, whose space only spreads it)."""
    named, labelled = item.text("name"), item.text("label")
    both = (
        loose_label(named)
        if re.search(r"[0-9一二三四五六七八九十]\s*版|^[A-Z]?[0-9]", named)
        else None
    )
    name = both.name if both else named
    label = loose_label(labelled) or both
    if name and _SPREAD.fullmatch(name):
        name = name.replace(" ", "")
    return PageLabel(cut(label.label if label else labelled or f"{order:02}", 40), name or None)


def read_articles(
    plan: Plan, found: Sequence[Any], base: str, mark: Mark, day: date | None
) -> Iterator[Listed]:
    """The articles of a list, each key once. One without an id is none."""
    seen: set[str] = set()
    for raw in found[:MOST_ITEMS]:
        item = Item(raw, plan.searches[Step.ARTICLES], base, plan.zone)
        number = item.text("id")
        key = slug(number)
        if not number or key in seen:
            continue
        seen.add(key)
        names = {**mark, "id": number}
        url = item.url("url") or plan.link(plan.article_link, names, day)
        link = ArticleLink(key, url, item.text("title"), item.value("reads"))
        page = _page_of(item, mark)
        yield Listed(
            link, page, _whole(plan, item, link, page) if Step.ARTICLE not in plan.callers else None
        )


def _page_of(item: Item, mark: Mark) -> PageLabel:
    """The page on which an article is: the list's, or the one that it names itself."""
    if "page_label" in mark:
        return PageLabel(mark["page_label"], mark.get("page_name") or None)
    told = loose_label(item.text("page"))
    name = item.text("page_name") or (told.name if told else None)
    return PageLabel(told.label if told else item.text("page") or ONLY_PAGE, name or None)


def _whole(plan: Plan, item: Item, link: ArticleLink, page: PageLabel) -> ArticleReading | None:
    searches = plan.searches[Step.ARTICLE]
    inner = searches["item"](item.raw)
    own = Item(inner, searches, item.base, item.zone)
    article = read_article(own, link.key, link.url, page.name, link.title)
    return replace(article, reads=article.reads or link.reads) if article else None


def as_pages(listed: Sequence[Listed]) -> tuple[PageReading, ...]:
    """Articles grouped by the pages that they name, in the order of their first articles."""
    pages: dict[str, list[Listed]] = {}
    for one in listed:
        pages.setdefault(one.page.label, []).append(one)
    return tuple(
        PageReading(label, order, _name(held), articles=tuple(one.link for one in held))
        for order, (label, held) in enumerate(pages.items(), 1)
    )


def _name(held: Sequence[Listed]) -> str | None:
    return next((one.page.name for one in held if one.page.name), None)
