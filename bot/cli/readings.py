"""Readings as people and scripts are shown them: a table, or JSON in a form that does not change."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.writing import settings_text
from feeds.models import ArticleReading, IssueReading, Reading
from feeds.sources.recording.suggestion import Suggestion
from feeds.summary import article_summary

_ZONE = "Asia/Shanghai"


def as_plain(reading: Reading, url: str, zone: str | None = None) -> dict[str, Any]:
    """A reading as JSON, in the form that scripts rely on. Unknown is null. `zone` is the paper's."""
    if reading.article is not None:
        return article_plain(reading.article, zone)
    if reading.issue is not None:
        return issue_plain(reading.issue)
    return {"kind": "signpost", "url": url, "follow": [request.url for request in reading.follow]}


def article_plain(article: ArticleReading, zone: str | None = None) -> dict[str, Any]:
    """An article as JSON."""
    return {
        "kind": "article",
        "url": article.url,
        "title": article.title,
        "kicker": article.kicker,
        "subtitle": article.subtitle,
        "byline": article.byline,
        "published": _iso(article.published, ZoneInfo(zone or _ZONE)),
        "reads": article.reads.value if article.reads else None,
        "reads_exact": article.reads is not None and article.reads.exact,
        "page": article.page,
        "images": [
            {"url": image.url, "caption": image.caption or None} for image in article.images
        ],
        "summary": article_summary(article) or None,
        "body_text": article.body_text,
        "body_html": article.body_html,
        "found_by": {field: rule.value for field, rule in article.found_by.items()},
    }


def issue_plain(issue: IssueReading) -> dict[str, Any]:
    """An issue as JSON."""
    return {
        "kind": "issue",
        "url": issue.url,
        "date": issue.date.isoformat(),
        "number": issue.number,
        "previous": issue.previous,
        "next": issue.next,
        "pages": [
            {
                "label": page.label,
                "name": page.name,
                "image": page.image,
                "pdf": page.pdf,
                "articles": [
                    {"title": link.title, "url": link.url} for link in page.articles or ()
                ],
            }
            for page in issue.pages
        ],
    }


def _iso(when: date | datetime | None, zone: ZoneInfo) -> str | None:
    """An instant in the paper's zone; a date is its midnight there."""
    if when is None:
        return None
    if isinstance(when, datetime):
        return when.astimezone(zone).isoformat()
    return datetime(when.year, when.month, when.day, tzinfo=zone).isoformat()


# ── table ───────────────────────────────────────────────────────────────────────────────────────

_NAMES = {
    "url": "网址", "title": "标题", "kicker": "引题", "subtitle": "副题", "byline": "作者", "published": "日期",
    "reads": "阅读数", "page": "版", "images": "图片", "summary": "摘要", "body_text": "正文", "date": "日期",
    "number": "期号", "previous": "上一期", "next": "下一期", "pages": "版面", "follow": "通往",
}  # fmt: skip
_RULES = {"data": "data: 里的表达式或网页自带的数据", "selector": "选择器", "label": "文字标签"}
_UNKNOWN = "(没有找到)"
_SHOWN = 300


def echo(plain: Mapping[str, Any], *, as_json: bool) -> None:
    """Prints what `as_plain` made: as JSON, or as a table."""
    if as_json:
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
    else:
        show(Console(), plain)


def echo_suggestion(suggestion: Suggestion, *, as_json: bool) -> None:
    """Prints the settings that a recording led to, and what reading it with them gives."""
    article = article_plain(suggestion.article) if suggestion.article else None
    issue = issue_plain(suggestion.issue) if suggestion.issue else None
    if as_json:
        plain = {
            "kind": suggestion.kind,
            "settings": suggestion.settings,
            "issue": issue,
            "article": article,
            "notes": suggestion.notes,
        }
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return
    click.echo("# 把下面几行贴到这份报纸下面 (paste these lines below your newspaper)")
    click.echo(settings_text(suggestion.settings, "    "))
    console = Console(stderr=True)
    for read in (issue, article):
        if read is not None:
            show(console, read)
    for note in suggestion.notes:
        console.print(f"注意:{printable(note)}", markup=False, highlight=False)


def show(console: Console, plain: Mapping[str, Any]) -> None:
    """Prints a reading as a table; with the rules, where any are told."""
    rows = list(_rows(plain))
    has_rules = any(rule for *_, rule in rows)
    table = Table(
        "项",
        "读到的",
        *(["找到它的规则"] if has_rules else ()),
        title={"article": "一篇文章", "issue": "一期报纸"}.get(plain["kind"], "路标"),
    )
    for name, value, rule in rows:
        cells = (name, Text(printable(value), overflow="fold"), rule)
        table.add_row(*cells if has_rules else cells[:2])
    console.print(table)


def printable(text: str) -> str:
    """What a newspaper wrote, without the terminal's control codes."""
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", "", text)


def _rows(plain: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    rules = plain.get("found_by", {})
    for field, name in _NAMES.items():
        if field in plain:
            rule = rules.get("body" if field == "body_text" else field, "")
            yield name, _shown(field, plain[field], plain), _RULES.get(rule, "")


def _shown(field: str, value: Any, plain: Mapping[str, Any]) -> str:
    if value is None or value == []:
        return _UNKNOWN
    if field == "pages":
        return "\n".join(_page_line(page) for page in value)
    if field == "images":
        return "\n".join(f"{image['url']} {image['caption'] or ''}".strip() for image in value)
    if field == "follow":
        return "\n".join(value)
    if field == "reads":
        return str(value) if plain["reads_exact"] else f"约 {value}"
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}……(共 {len(text)} 字)"


def _page_line(page: Mapping[str, Any]) -> str:
    titles = [f"  · {article['title']}" for article in page["articles"]]
    return "\n".join([f"第{page['label']}版 {page['name'] or ''}".rstrip(), *titles])
