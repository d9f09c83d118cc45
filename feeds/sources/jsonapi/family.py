"""A newspaper whose data comes from an interface (JSON), described by its operator step by step:

    issues ─newest date▶ pages ─each▶ articles ─each▶ article

Steps that need no call of their own read what the step before answered. Without `issues` the days are
asked one by one; without `pages` an issue is one page, or its articles say on which they are.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from config.sources import JsonSource
from feeds.clock import Clock
from feeds.dates import parse_date
from feeds.decide import Asked
from feeds.errors import NotReadable, Unreadable
from feeds.models import Document, IssueReading, PageReading, Reading, Request
from feeds.sources.jsonapi.answers import Item, items, parse, read_article
from feeds.sources.jsonapi.calls import Mark, Step, mark_of, number_of
from feeds.sources.jsonapi.listing import (
    Dated,
    Listed,
    Sheet,
    as_pages,
    read_articles,
    read_issues,
    read_pages,
)
from feeds.sources.jsonapi.plan import build_plan, month_of
from feeds.sources.presets import settled

MOST_DAYS_BACK = 10
MOST_DAYS_WALKED = 14  # from an issue to the one before
MOST_MONTHS = 3
MOST_LISTS = 20
_AHEAD = timedelta(days=1)


class JsonApi:
    """One paper. `clock` says what day it is, for interfaces that are asked by date.

    Raises `BaotongError` for steps that cannot be asked or read.
    """

    def __init__(self, config: JsonSource, clock: Clock) -> None:
        config = settled(config)
        self._plan = build_plan(config)
        self._clock = clock
        self._headers = dict(config.headers)
        self._steps: Mapping[str, Callable[[Document, Any, Mark], Reading]] = {
            Step.ISSUES: self._issues,
            Step.PAGES: self._pages,
            Step.ARTICLES: self._articles,
            Step.ARTICLE: self._article,
        }

    def entry(self) -> Request:
        today = self._today(self._clock.now())
        issues = self._plan.callers.get(Step.ISSUES)
        if issues is not None:
            return issues.request(month_of(today))
        return self._plan.first.request({"date": today.isoformat(), "back": "0"})

    def ask(self, asked: Asked) -> Request:
        """Our own addresses become their calls again; an article is asked for by its key."""
        mark = mark_of(asked.url)
        caller = self._plan.callers.get(Step(mark["step"])) if mark else None
        if caller is not None:
            return caller.request(mark)
        day = parse_date((asked.issue or "")[:10])
        if asked.article is not None:
            return self._ask_article(asked, asked.article, day)
        return self._plan.toward(day) if day else Request(asked.url, headers=self._headers)

    def _ask_article(self, asked: Asked, key: str, day: date | None) -> Request:
        context = {"url": asked.url, "page_name": asked.page_name or ""}
        caller = self._plan.callers.get(Step.ARTICLE)
        if caller is not None:
            return caller.request(
                {"id": key, **({"date": day.isoformat()} if day else {})}, context
            )
        if day is None:
            return Request(asked.url, headers=self._headers)
        return replace(self._plan.toward(day, article=key), context=context)

    def on_day(self, issue_url: str, day: date) -> Request | None:  # noqa: ARG002 - its interface knows the days
        return None

    def read(self, document: Document) -> Reading:
        """What an answer says; see `feeds.sources.base.Source`."""
        root = parse(document)
        mark = mark_of(document.request.url) or self._recognised(root)
        return self._steps[mark["step"]](document, root, mark)

    def _recognised(self, root: Any) -> dict[str, str]:
        """The step of a document that nobody asked for by it."""
        item = Item(
            self._plan.searches[Step.ARTICLE]["item"](root),
            self._plan.searches[Step.ARTICLE],
            "",
            self._plan.zone,
        )
        if Step.ISSUES not in self._plan.searches or item.value("body") is not None:
            return {"step": Step.ARTICLE}
        return {"step": Step.ISSUES}

    # ── issues ──────────────────────────────────────────────────────────────────────────────────

    def _issues(self, document: Document, root: Any, mark: Mark) -> Reading:
        """A signpost to the issue that was wanted, or to where it may be listed."""
        found = items(document, root, self._plan.searches[Step.ISSUES]["list"])
        latest = self._today(document.fetched_at) + _AHEAD
        listed = read_issues(self._plan, found, document.url, latest)
        chosen = _choose(listed, mark)
        if not chosen:
            further = self._further(document, mark, len(found), latest)
            return Reading(follow=(further,), is_signpost=True)
        newest = listed[-1].day
        more = {"article": mark["article"]} if "article" in mark else {}
        ways = [self._toward(one, newest, more, document.request.context) for one in chosen[:2]]
        return Reading(follow=tuple(ways), is_signpost=True)

    def _toward(self, one: Dated, newest: date, more: Mark, context: Mapping[str, str]) -> Request:
        mark = {"date": one.day.isoformat(), **({"issue_id": one.id} if one.id else {}), **more}
        newer = {"newer": "1"} if one.day < newest else {}
        return self._plan.first.request({**mark, **newer}, context)

    def _further(self, document: Document, mark: Mark, count: int, latest: date) -> Request:
        """The list to look into next. Raises `NotReadable` where there is none."""
        caller = self._plan.callers[Step.ISSUES]
        months, month = number_of(mark, "months"), parse_date(mark.get("month", ""))
        if "month" in caller.names and month is not None and months < MOST_MONTHS:
            there = (month + timedelta(days=31)) if "after" in mark else (month - timedelta(days=1))
            if there.replace(day=1) <= latest:
                return caller.request(
                    {**mark, **month_of(there), "months": str(months + 1)} | {"step": ""}
                )
        if "offset" in caller.names and count and months < MOST_LISTS:
            offset = number_of(mark, "offset") + count
            return caller.request({**mark, "offset": str(offset), "months": str(months + 1)})
        if "before" in mark:
            words = "接口的期次列表里没有更早的报纸"
            raise NotReadable(document.url, Unreadable.NO_ISSUE, words)
        raise NotReadable(document.url, Unreadable.UNKNOWN, "接口的期次列表里没有要找的一期")

    # ── pages ───────────────────────────────────────────────────────────────────────────────────

    def _pages(self, document: Document, root: Any, mark: Mark) -> Reading:
        """An issue with its pages, whose articles are listed with them or by calls of their own."""
        found = items(document, root, self._plan.searches[Step.PAGES]["list"])
        sheets = read_pages(self._plan, found, document.url, mark)
        told = Item(root, self._plan.searches[Step.PAGES], document.url, self._plan.zone).day()
        if not sheets or (told and told != parse_date(mark.get("date", ""))):
            return self._no_issue(document, mark)
        caller = self._plan.callers.get(Step.ARTICLES)
        if caller is None:
            return self._with_inline(document, sheets, mark)
        if "article" in mark:
            asked = {"article": mark["article"]}
            ways = [
                caller.request({**sheet.mark, **asked}, document.request.context)
                for sheet in sheets
            ]
            return Reading(follow=tuple(ways), is_signpost=True)
        pages = [replace(sheet.reading, url=caller.address(sheet.mark)) for sheet in sheets]
        return Reading(issue=self._issue(mark, pages))

    def _with_inline(self, document: Document, sheets: Sequence[Sheet], mark: Mark) -> Reading:
        """An issue whose pages hold their lists of articles."""
        pages, listed = [], list[Listed]()
        search, day = self._plan.searches[Step.ARTICLES]["list"], parse_date(mark.get("date", ""))
        for sheet in sheets:
            inner = search(sheet.item.raw)
            found = inner if isinstance(inner, list) else []
            held = list(read_articles(self._plan, found, document.url, sheet.mark, day))
            pages.append(replace(sheet.reading, articles=tuple(one.link for one in held)))
            listed += held
        return self._told(document, mark, pages, listed)

    def _no_issue(self, document: Document, mark: Mark) -> Reading:
        """No paper that day: where days are asked one by one, the day before."""
        is_walk = "walk" in mark
        most = MOST_DAYS_WALKED if is_walk else MOST_DAYS_BACK
        day, back = parse_date(mark.get("date", "")), number_of(mark, "back", most)
        if day is None or back >= most:
            if is_walk:
                words = f"接口里再往前 {most} 天都没有报纸"
                raise NotReadable(document.url, Unreadable.NO_ISSUE, words)
            raise NotReadable(document.url, Unreadable.EMPTY, "接口里还没有这一天的报纸")
        walk = {"walk": mark["walk"]} if is_walk else {}
        earlier = {"date": (day - timedelta(days=1)).isoformat(), "back": str(back + 1), **walk}
        return Reading(follow=(self._plan.first.request(earlier),), is_signpost=True)

    # ── articles ────────────────────────────────────────────────────────────────────────────────

    def _articles(self, document: Document, root: Any, mark: Mark) -> Reading:
        """The articles of a page, or of an issue without pages."""
        found = items(document, root, self._plan.searches[Step.ARTICLES]["list"])
        gathered: list[Any] = json.loads(document.request.context.get("gathered") or "[]")
        if (further := self._next_list(document, found, gathered, mark)) is not None:
            return Reading(follow=(further,), is_signpost=True)
        day = parse_date(mark.get("date", ""))
        listed = list(read_articles(self._plan, [*gathered, *found], document.url, mark, day))
        if "page_label" in mark:
            links = tuple(one.link for one in listed)
            name = mark.get("page_name") or None
            pages = [PageReading(mark["page_label"], 1, name, articles=links)]
        elif listed:
            pages = list(as_pages(listed))
        else:
            return self._no_issue(document, mark)
        return self._told(document, mark, pages, listed)

    def _next_list(
        self, document: Document, found: Sequence[Any], gathered: Sequence[Any], mark: Mark
    ) -> Request | None:
        """The call for the rest of a list that comes in parts: where the operator's call says `{offset}` or
        `{number}`, until a part is shorter than the first.
        """
        caller = self._plan.callers[Step.ARTICLES]
        number = number_of(mark, "number", 1)
        whole = number_of(document.request.context, "whole", len(found))
        if (
            not caller.names & {"offset", "number"}
            or len(found) < max(whole, 1)
            or number >= MOST_LISTS
        ):
            return None
        together = [*gathered, *found]
        context = {
            **document.request.context,
            "gathered": json.dumps(together),
            "whole": str(whole),
        }
        return caller.request(
            {**mark, "number": str(number + 1), "offset": str(len(together))}, context
        )

    def _told(
        self, document: Document, mark: Mark, pages: Sequence[PageReading], listed: Sequence[Listed]
    ) -> Reading:
        """An issue's pages with the articles that stand whole in them, or the one article that was wanted."""
        whole = tuple(one.whole for one in listed if one.whole is not None)
        if "article" not in mark:
            return Reading(issue=self._issue(mark, pages), articles=whole)
        wanted = next((article for article in whole if article.key == mark["article"]), None)
        if wanted is None:
            raise NotReadable(document.url, Unreadable.UNKNOWN, "列表里没有这篇文章了")
        return Reading(article=wanted)

    def _article(self, document: Document, root: Any, mark: Mark) -> Reading:
        searches = self._plan.searches[Step.ARTICLE]
        item = Item(searches["item"](root), searches, document.url, self._plan.zone)
        context, day = document.request.context, parse_date(mark.get("date", ""))
        key = mark.get("id") or "index"
        url = context.get("url") or self._plan.link(self._plan.article_link, mark, day)
        article = read_article(item, key, url, context.get("page_name") or None)
        if article is None:
            raise NotReadable(document.url, Unreadable.UNKNOWN, "接口的回答里没有正文")
        return Reading(article=article)

    # ── what they have in common ────────────────────────────────────────────────────────────────

    def _issue(self, mark: Mark, pages: Sequence[PageReading]) -> IssueReading:
        day = parse_date(mark.get("date", "")) or self._today(self._clock.now())
        is_page = "page_label" in mark
        return IssueReading(
            key=day.isoformat(),
            date=day,
            url=self._plan.link(self._plan.issue_link, mark, day),
            previous=None if is_page else self._plan.before(day),
            next=self._plan.after(day) if "newer" in mark else None,
            pages=tuple(pages),
        )

    def _today(self, now: datetime) -> date:
        return now.astimezone(self._plan.zone).date()


def _choose(listed: Sequence[Dated], mark: Mark) -> list[Dated]:
    """The issues that may be the wanted one, best first: a day's, the one before or after a day, or the newest."""
    want, before, after = (parse_date(mark.get(name) or "") for name in ("want", "before", "after"))
    if want:
        return [one for one in listed if one.day == want]
    if after:
        return [one for one in listed if one.day > after][:1]
    older = [one for one in listed if before is None or one.day < before]
    return older[::-1]
