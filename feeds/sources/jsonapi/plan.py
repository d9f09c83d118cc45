"""A source's steps, compiled: its calls, its expressions, and the addresses that readers are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from config.sources import JsonSource
from feeds.errors import BaotongError
from feeds.models import Request
from feeds.sources.expressions import Search
from feeds.sources.jsonapi.answers import compile_all, required
from feeds.sources.jsonapi.calls import NAMES, Caller, Mark, Step, compile_call
from feeds.sources.templates import Template
from feeds.text import absolute_url

_LINK_NAMES = frozenset({*NAMES, "url"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked, and how answers are read. `url` is the paper's own page."""

    url: str
    zone: ZoneInfo
    values: Mapping[str, object]
    callers: Mapping[Step, Caller]
    searches: Mapping[Step, Mapping[str, Search]]
    issue_link: Template | None
    article_link: Template | None

    @property
    def has_pages(self) -> bool:
        return Step.PAGES in self.searches

    @property
    def first(self) -> Caller:
        """The call that shows an issue of a known day."""
        return self.callers[Step.PAGES if self.has_pages else Step.ARTICLES]

    def toward(self, day: date, **more: str) -> Request:
        """The request for a day's issue: at once where its date says all, or by the list of issues."""
        issues = self.callers.get(Step.ISSUES)
        if issues is None or "issue_id" not in self.first.names:
            return self.first.request({"date": day.isoformat(), **more})
        return issues.request({**month_of(day), "want": day.isoformat(), **more})

    def before(self, day: date) -> str:
        """Our address of the issue before a day's."""
        if issues := self.callers.get(Step.ISSUES):
            return issues.address({**month_of(day), "before": day.isoformat()})
        day_before = (day - timedelta(days=1)).isoformat()
        return self.first.address({"date": day_before, "back": "1", "walk": "1"})

    def after(self, day: date) -> str | None:
        """Our address of the issue after a day's; to be asked only where there is one."""
        issues = self.callers.get(Step.ISSUES)
        return issues.address({**month_of(day), "after": day.isoformat()}) if issues else None

    def link(self, template: Template | None, mark: Mark, day: date | None) -> str:
        """Where readers are sent: what the operator's template makes, or else the paper's own page."""
        if template is None:
            return self.url
        filled = template.fill({**self.values, **mark, "date": day}, quoted=True)
        return absolute_url(filled, self.url) or self.url


def month_of(day: date) -> dict[str, str]:
    """What a list of issues is asked with, for the month of a day."""
    return {"month": day.replace(day=1).isoformat(), "offset": "0"}


def build_plan(config: JsonSource) -> Plan:
    """Raises `BaotongError` for a step that cannot be asked or read, naming its place."""
    if config.articles is None:
        raise BaotongError("articles: 必须写上:文章的列表在哪里 (required)")
    api, values = config.api or config.url, dict(config.values)
    sections = {
        Step.ISSUES: config.issues,
        Step.PAGES: config.pages,
        Step.ARTICLES: config.articles,
        Step.ARTICLE: config.article,
    }
    written = {step: section for step, section in sections.items() if section is not None}
    searches = {step: compile_all(step, section) for step, section in written.items()}
    calls = {
        step: caller
        for step, section in written.items()
        if (caller := compile_call(step, section, api, config.headers, values))
    }
    _check(calls, searches)
    known = {*_LINK_NAMES, *values}
    return Plan(
        url=config.url,
        zone=ZoneInfo(config.timezone),
        values=values,
        callers=calls,
        searches=searches,
        issue_link=_link("pages.link", config.pages.link if config.pages else None, known),
        article_link=_link("articles.link", config.articles.link, known),
    )


def _link(place: str, text: str | None, known: frozenset[str] | set[str]) -> Template | None:
    return Template(place, text, known) if text else None


def _check(calls: Mapping[Step, Caller], searches: Mapping[Step, Mapping[str, Search]]) -> None:
    for step in searches:
        if step is not Step.ARTICLE:
            required(step, searches[step], "list")
    required(Step.ARTICLES, searches[Step.ARTICLES], "id")
    first = Step.PAGES if Step.PAGES in searches else Step.ARTICLES
    for step in (Step.ISSUES, first):
        if step in searches and step not in calls:
            raise BaotongError(f"{step}: 要写 get 或 post:问哪个网址 (get or post is required)")
    if Step.ARTICLE not in calls and "body" not in searches[Step.ARTICLE]:
        raise BaotongError("article: 要写 get 或 post,或者正文在文章列表里的哪里 (body)")
