"""Calls to a newspaper's interface, and addresses of our own for what they answer.

A POST has no address of its own: what is asked stands in its body. So each call is known by

    https://paper.example/api/edition/list#step=articles&date=2024-04-08&page_id=77

whose fragment stays with us (it is never sent) and holds all that makes the request again.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from config.declared import Call
from feeds.dates import parse_date
from feeds.errors import BaotongError
from feeds.models import Request
from feeds.sources.templates import Template

NAMES = (
    "date",
    "month",
    "offset",
    "number",
    "issue_id",
    "page_id",
    "page_label",
    "page_name",
    "id",
)
_BEGINNING = {"offset": "0", "number": "1"}
_LONG = 7
_DATES = frozenset({"date", "month"})


class Step(StrEnum):
    """The four questions that a newspaper's interface is asked."""

    ISSUES = "issues"
    PAGES = "pages"
    ARTICLES = "articles"
    ARTICLE = "article"


Mark = Mapping[str, str]
"""What a call was made with, by name: those of `NAMES`, and what only we need (`before`, `article`)."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One step's call, compiled. `names` are those that stand in it."""

    step: Step
    method: str
    url: Template
    query: Mapping[str, Any]
    body: Any
    is_form: bool
    headers: Mapping[str, str]
    values: Mapping[str, object]
    names: frozenset[str]

    def request(self, mark: Mark, context: Mapping[str, str] | None = None) -> Request:
        """The request with these values, under its address."""
        values = {**_BEGINNING, **self.values, **_typed(mark)}
        query = _filled(self.query, values)
        url = _with_query(self.url.fill(values, quoted=True), query)
        headers, body = dict(self.headers), None
        if self.method == "POST" and self.is_form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(_filled(self.body or {}, values)).encode()
        elif self.method == "POST":
            headers["Content-Type"] = "application/json"
            body = json.dumps(_filled(self.body or {}, values), ensure_ascii=False).encode()
        fragment = urlencode({**mark, "step": str(self.step)}, quote_via=quote)
        return Request(f"{url}#{fragment}", self.method, body, headers, dict(context or {}))

    def address(self, mark: Mark) -> str:
        """The request's address alone."""
        return self.request(mark).url


def compile_call(
    step: Step, call: Call, api: str, headers: Mapping[str, str], values: Mapping[str, object]
) -> Caller | None:
    """None for a step without a call. Raises `BaotongError` for a name that there is not."""
    if not call.is_call:
        return None
    known = {*NAMES, *values}
    method = "GET" if call.get is not None else "POST"
    path = call.get if call.get is not None else call.post
    url = Template(f"{step}.{method.lower()}", urljoin(api, path or ""), known)
    if urlsplit(url.text).scheme not in {"http", "https"}:
        raise BaotongError(f"{step}.{method.lower()}: 要写 http 或 https 的网址")
    query = _compiled(f"{step}.query", call.query, known)
    part = "form" if call.form is not None else "payload"
    body = _compiled(f"{step}.{part}", call.form if part == "form" else call.payload, known)
    names = frozenset({*url.names, *_names(query), *_names(body)})
    return Caller(
        step, method, url, query, body, call.form is not None, headers, dict(values), names
    )


def mark_of(url: str) -> dict[str, str]:
    """What an address of ours says; empty for any other URL."""
    said = dict(parse_qsl(urlsplit(url).fragment, keep_blank_values=True))
    return said if said.get("step") in set(Step) else {}


def number_of(mark: Mark, name: str, default: int = 0) -> int:
    """A small number that a call was made with."""
    text = mark.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONG else default


def _typed(mark: Mark) -> dict[str, object]:
    return {name: parse_date(text) if name in _DATES else text for name, text in mark.items()}


def _compiled(place: str, value: Any, known: set[str]) -> Any:
    """A value with templates for its texts."""
    if isinstance(value, str):
        return Template(place, value, known)
    if isinstance(value, Mapping):
        return {key: _compiled(f"{place}.{key}", inner, known) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_compiled(place, inner, known) for inner in value]
    return value


def _filled(value: Any, values: Mapping[str, object]) -> Any:
    if isinstance(value, Template):
        return value.fill(values)
    if isinstance(value, Mapping):
        return {key: _filled(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, values) for inner in value]
    return value


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Template):
        yield from value.names
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)


def _with_query(url: str, query: Mapping[str, Any]) -> str:
    parts = urlsplit(url)
    more = urlencode({name: value for name, value in query.items() if value is not None})
    whole = "&".join(filter(None, (parts.query, more)))
    return urlunsplit(parts._replace(query=whole, fragment=""))
