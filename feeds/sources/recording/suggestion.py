"""The configuration that reads what a recording shows: `data:` where a page holds its article as JSON, else the
calls and places of a `kind: json`. Each is tried on the recording before it is shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from config.sources import FieldName
from feeds.errors import BaotongError, NotReadable
from feeds.models import ArticleReading, Document, IssueReading, Request, Validators
from feeds.sources.fields import Rules, find_json
from feeds.sources.labels.article import read_by_labels
from feeds.sources.labels.merge import merge
from feeds.sources.page import WebPage, open_page
from feeds.sources.recording.calls import Templates, call_of, constants
from feeds.sources.recording.candidates import articles, best_key, expression
from feeds.sources.recording.chain import Chain, Named, answers_of, find_chain
from feeds.sources.recording.har import Exchange
from feeds.sources.recording.trial import NOW, try_out

_ZONE = ZoneInfo("Asia/Shanghai")
_FIELDS: tuple[FieldName, ...] = (
    "title",
    "kicker",
    "subtitle",
    "byline",
    "published",
    "reads",
    "images",
    "body",
)
_PAGE_FIELDS = ("name", "label", "image", "pdf")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`settings` are to be pasted into a source; `article` and `issue` are what reading with them gave."""

    kind: str
    settings: Mapping[str, Any]
    article: ArticleReading | None = None
    issue: IssueReading | None = None
    notes: tuple[str, ...] = field(default=())


def suggest(exchanges: Sequence[Exchange]) -> Suggestion:
    """Raises `BaotongError` where nothing in the recording looks like an article."""
    found = _from_page(exchanges)
    if found is not None:
        return found
    chain = find_chain(answers_of(exchanges))
    if chain is None:
        raise BaotongError(
            "录制里没有像文章的 JSON。打开开发者工具以后再刷新,先看目录,再点开一篇文章,然后保存"
        )
    return _from_calls(exchanges, chain)


# ── a page that holds its article as JSON ───────────────────────────────────────────────────────


def _from_page(exchanges: Sequence[Exchange]) -> Suggestion | None:
    """`data:` for the page whose own JSON is most of an article."""
    best: tuple[int, WebPage, Mapping[str, str]] | None = None
    for exchange in exchanges:
        if exchange.text.lstrip()[:1] != "<":
            continue
        try:
            page = open_page(_document(exchange))
        except NotReadable:
            continue
        for spot in (spot for root in find_json(page) for spot in articles(root)[:1]):
            if best is None or spot.weight > best[0]:
                found = {name: expression((*spot.path, key)) for name, key in spot.fields.items()}
                best = (spot.weight, page, found)
    if best is None:
        return None
    _, page, rules = best
    kept = {name: rules[name] for name in _FIELDS if name in rules}
    values = Rules({}, kept).apply(page, _ZONE)
    article = merge(page, read_by_labels(page, _ZONE), values)
    return Suggestion("data", {"data": kept}, article)


def _document(exchange: Exchange) -> Document:
    request = Request(exchange.url)
    body = exchange.text.encode("utf-8", "replace")
    return Document(request, exchange.url, body, "text/html; charset=utf-8", Validators(), NOW)


# ── an interface ────────────────────────────────────────────────────────────────────────────────


def _from_calls(exchanges: Sequence[Exchange], chain: Chain) -> Suggestion:
    settings = dict(_settings(exchanges, chain))
    notes = list(_notes(chain, settings))
    issue, article, missing = try_out(settings, exchanges, chain)
    return Suggestion("json", settings, article, issue, (*notes, *missing))


def _settings(exchanges: Sequence[Exchange], chain: Chain) -> Iterator[tuple[str, Any]]:
    answers = [one for one in _answers(chain) if one is not None]
    templates = Templates(chain)
    yield "kind", "json"
    yield "url", _page_for_people(exchanges, answers[0].exchange.url)
    yield "api", templates.api
    headers = {k: v for answer in answers for k, v in answer.exchange.headers.items()}
    if headers:
        yield "headers", headers
    if chain.issues is not None:
        issues = chain.issues
        call = call_of(issues.answer, templates.issues())
        own = {"id": expression((issues.key,))} if issues.key else {}
        yield (
            "issues",
            {**call, "list": expression(issues.listing.path), "date": issues.dated, **own},
        )
    yield from _pages(chain, templates)
    yield from _articles(chain, templates)


def _answers(chain: Chain) -> list[Any]:
    pages = chain.pages.answer if chain.pages else chain.page_list[0] if chain.page_list else None
    listed = chain.listed.answer if chain.listed else None
    issues = chain.issues.answer if chain.issues else None
    return [chain.article, listed, pages, issues]


def _page_for_people(exchanges: Sequence[Exchange], url: str) -> str:
    """The first web page of the recording, else the interface's own site."""
    pages = (one.url for one in exchanges if one.text.lstrip()[:1] == "<")
    parts = urlsplit(url)
    return next(pages, f"{parts.scheme}://{parts.netloc}/").partition("#")[0]


def _pages(chain: Chain, templates: Templates) -> Iterator[tuple[str, Any]]:
    if chain.pages is not None:
        named = chain.pages
        call = call_of(named.answer, templates.pages())
        fields = dict(_keys(named.item, _PAGE_FIELDS, (named.key,)))
        place = {"list": _in_order(named, fields.get("label")), "id": expression((named.key,))}
        yield "pages", {**call, **place, **fields}
    elif chain.page_list is not None:
        answer, listing = chain.page_list
        call = call_of(answer, templates.pages())
        fields = dict(_keys(listing.items[0], _PAGE_FIELDS, ()))
        yield "pages", {**call, "list": expression(listing.path), **fields}


def _in_order(named: Named, label: str | None) -> str:
    """The expression for the list of pages: by their labels, where the server gives them in another order."""
    path = expression(named.listing.path)
    labels = [str(item.get((label or "").strip('"'))) for item in named.listing.items]
    is_in_order = label is None or labels == sorted(labels)
    return path if is_in_order else f"sort_by({path}, &to_string({label}))"


def _articles(chain: Chain, templates: Templates) -> Iterator[tuple[str, Any]]:
    spot, named = chain.spot, chain.listed
    fields = {name: expression((spot.fields[name],)) for name in _FIELDS if name in spot.fields}
    if named is not None:
        path = chain.inner if chain.page_list else named.listing.path
        call = {} if chain.page_list else call_of(named.answer, templates.articles())
        place = {"list": expression(path), "id": expression((named.key,))}
        is_alone = chain.pages is None and chain.page_list is None
        wanted = ("title", "reads", "url", *(("page",) if is_alone else ()))
        own = dict(_keys(named.item, wanted, (named.key,)))
        yield "articles", {**call, **place, **own}
    if chain.is_inline:
        yield "article", fields
    else:
        item = {"item": expression(spot.path)} if spot.path else {}
        yield "article", {**call_of(chain.article, templates.article()), **item, **fields}


def _keys(
    item: Mapping[str, Any], fields: Sequence[str], taken: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """The expressions of those fields that an item has."""
    used = list(taken)
    for name in fields:
        if (key := best_key(item, name, used)) is not None:
            used.append(key)
            yield name, expression((key,))


def _fixed(settings: Mapping[str, Any]) -> Iterator[str]:
    """The recorded values that stay as they are in the calls for lists, each with its place."""
    for step in ("issues", "pages", "articles"):
        for name, value in constants(settings.get(step, {})):
            yield f"{step} 的 {name}={value}"


def _notes(chain: Chain, settings: Mapping[str, Any]) -> Iterator[str]:
    if chain.listed is None:
        yield "没有找到列出这篇文章的请求:录制时先打开目录,再点开一篇文章,articles 才写得出来"
    elif chain.issues is None and chain.day is None:
        yield "没有找到按日期列出各期的请求:录制时先翻到别的一期"
    elif chain.issues is None:
        yield "没有找到期次列表,就从今天起一天天往回问;有列表的话写在 issues"
    if fixed := list(_fixed(settings)):
        yield f"照录下的写死了:{'、'.join(fixed)}。每一天、每一版都是这个值才对;会变的换成 {{date}}、{{issue_id}} 或 {{page_id}} (recorded values kept as constants: are they the same every day?)"
    if "url" not in settings.get("articles", {"url": ""}):
        yield "articles.link 写上读者看文章的网址样子,如 https://…/detail?id={id};不写就都链到 url"
    withheld = sorted({n for a in _answers(chain) if a for n in a.exchange.withheld})
    if withheld:
        yield f"请求里还有 {'、'.join(withheld)},像是密钥,没有抄下来;接口要它的话,写在 headers,值用 ${{环境变量}}"
