"""`baotong inspect`: fetches one page and shows what its family reads in it, and by which rule."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.loop import run_async
from config.models import FetchConfig
from config.sources import SourceConfig
from feeds.clock import SystemClock
from feeds.errors import BaotongError, NotReadable, Refused, Unreadable
from feeds.http import build_fetcher
from feeds.models import ArticleReading, Document, IssueReading, Reading, Request
from feeds.sources.table import KINDS, build_source, detect
from feeds.summary import article_summary

EXIT_FAILED = 1
_ZONE = ZoneInfo("Asia/Shanghai")
_LABELS_ONLY = "yunbao"
"""The family that reads any page by its labels."""
_CONFIGS = {
    get_args(model.model_fields["kind"].annotation)[0]: model
    for model in get_args(get_args(SourceConfig)[0])
}


@click.command()
@click.argument("url")
@click.option("--kind", type=click.Choice(sorted(KINDS)), help="报纸的平台;不写就自己认")
@click.option("--json", "as_json", is_flag=True, help="打印 JSON")
@click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST:PORT",
    help="这个内网地址也可以访问",
)
def inspect(url: str, kind: str | None, as_json: bool, allow_hosts: tuple[str, ...]) -> None:
    """看一个网页里能读到什么,用的是哪条规则。"""
    fetch = _fetch_config(allow_hosts)
    try:
        reading = run_async(lambda _stop: _read(url, kind, fetch))
    except Refused as error:
        _fail(f"{error}{_advice(url)}")
    except BaotongError as error:
        _fail(str(error))
    if as_json:
        click.echo(json.dumps(as_plain(reading, url), ensure_ascii=False, indent=2))
    else:
        _print(Console(), as_plain(reading, url))


def _fetch_config(allow_hosts: tuple[str, ...]) -> FetchConfig:
    try:
        return FetchConfig.model_validate({"gap": "0s", "allow_hosts": frozenset(allow_hosts)})
    except ValidationError:
        raise click.BadParameter(
            "要写成 HOST:PORT,如 127.0.0.1:9000", param_hint="--allow-host"
        ) from None


def _advice(url: str) -> str:
    """What to do about a refused address, where there is something to do."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    port = parts.netloc.rpartition(":")[2] if ":" in parts.netloc.rpartition("]")[2] else ""
    address = f"{parts.hostname}:{port or {'http': 80, 'https': 443}[parts.scheme]}"
    return f"。若这确实是要看的报纸,加上 --allow-host {address}"


def _fail(sentence: str) -> None:
    click.echo(sentence.replace("\n", " "), err=True)
    raise SystemExit(EXIT_FAILED)


async def _read(url: str, kind: str | None, fetch: FetchConfig) -> Reading:
    fetcher = build_fetcher(fetch, SystemClock())
    try:
        document = await fetcher.fetch(Request(url))
    finally:
        await fetcher.close()
    assert isinstance(document, Document)  # nothing was known, so nothing can be unchanged
    return read_document(document, kind)


def read_document(document: Document, kind: str | None) -> Reading:
    """Reads a document by a family's rules, or by those of the family it looks like.

    Raises `NotReadable`.
    """
    chosen = kind or detect(document) or _LABELS_ONLY
    if chosen not in _CONFIGS:
        raise NotReadable(document.url, Unreadable.UNKNOWN, f"{chosen} 这个平台还不能读")
    model = _CONFIGS[chosen]
    config = model(id="inspect", kind=chosen, title="inspect", url="http://newspaper.invalid/")
    return build_source(config).read(document)


# ── JSON ────────────────────────────────────────────────────────────────────────────────────────


def as_plain(reading: Reading, url: str) -> dict[str, Any]:
    """A reading as JSON, in the form that scripts rely on. Unknown is null."""
    if reading.article is not None:
        return _article(reading.article)
    if reading.issue is not None:
        return _issue(reading.issue)
    return {"kind": "signpost", "url": url, "follow": [request.url for request in reading.follow]}


def _article(article: ArticleReading) -> dict[str, Any]:
    return {
        "kind": "article",
        "url": article.url,
        "title": article.title,
        "kicker": article.kicker,
        "subtitle": article.subtitle,
        "byline": article.byline,
        "published": _iso(article.published),
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


def _issue(issue: IssueReading) -> dict[str, Any]:
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


def _iso(when: date | datetime | None) -> str | None:
    """An instant in the paper's zone; a date is its midnight there."""
    if when is None:
        return None
    if isinstance(when, datetime):
        return when.astimezone(_ZONE).isoformat()
    return datetime(when.year, when.month, when.day, tzinfo=_ZONE).isoformat()


# ── table ───────────────────────────────────────────────────────────────────────────────────────

_NAMES = {
    "url": "网址", "title": "标题", "kicker": "引题", "subtitle": "副题", "byline": "作者", "published": "日期",
    "reads": "阅读数", "page": "版", "images": "图片", "summary": "摘要", "body_text": "正文", "date": "日期",
    "number": "期号", "previous": "上一期", "next": "下一期", "pages": "版面", "follow": "通往",
}  # fmt: skip
_RULES = {"data": "data: 里的表达式或网页自带的数据", "selector": "选择器", "label": "文字标签"}
_UNKNOWN = "(没有找到)"
_SHOWN = 300


def _print(console: Console, plain: Mapping[str, Any]) -> None:
    table = Table(
        "项",
        "读到的",
        "找到它的规则",
        title={"article": "一篇文章", "issue": "一期报纸"}.get(plain["kind"], "路标"),
    )
    for name, value, rule in _rows(plain):
        table.add_row(name, Text(value, overflow="fold"), rule)
    console.print(table)


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
