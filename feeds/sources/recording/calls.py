"""A recorded call with the names of what it was made with in place of the values: id=5 becomes id={id}."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from feeds.sources.recording.chain import DATE_FORMS, Answer, Chain, leaves

_MONTH_FORMS = {"%Y-%m-01": "{month}", "%Y-%m": "{month:%Y-%m}", "%Y%m": "{month:%Y%m}", "%Y/%m": "{month:%Y/%m}"}  # fmt: skip
_PARTS = {
    "0": (re.compile(r"(?:start|offset|skip|begin|from)\w*", re.IGNORECASE), "{offset}"),
    "1": (
        re.compile(r"p|page|page_?(?:num|no|index)|current(?:_?page)?", re.IGNORECASE),
        "{number}",
    ),
}
_CONSTANT = re.compile(r"\w*(?:site|paper|app|tenant|channel|version)\w*", re.IGNORECASE)
_SHORT = 3
# A step of a path that may be somebody's id; /v2/ and words are an interface's own.
_NUMBERED = re.compile(r"[^/{}]{0,200}[0-9]{3}[^/{}]{0,200}")


class Names:
    """Which values have which names in one call, and the base its address is relative to."""

    def __init__(
        self,
        api: str,
        values: Mapping[str, str],
        day: date | None,
        *,
        is_list: bool = False,
        is_month: bool = False,
    ) -> None:
        self.api = api
        self._values = values
        self._dates = dict(_dates(day, is_month=is_month)) if day else {}
        self._is_list = is_list

    def fill(self, name: str, value: Any) -> Any:
        """The value, or the name in braces that it has."""
        if isinstance(value, Mapping):
            return {key: self.fill(str(key), inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(name, inner) for inner in value]
        if isinstance(value, bool) or not isinstance(value, str | int):
            return value
        return self._named(name, str(value)) or value

    def _named(self, name: str, text: str) -> str | None:
        """The name in braces of a value; short ones may be a site's own, by their names."""
        if text in self._dates:
            return self._dates[text]
        if self._is_list and (part := _PARTS.get(text)) and part[0].fullmatch(name):
            return part[1]
        is_sure = len(text) >= _SHORT or not _CONSTANT.fullmatch(name)
        return self._values.get(text) if is_sure else None

    def path(self, path: str) -> str:
        """A path with its steps' names. Dates may go over several steps: 2024/04/08."""
        for text, name in self._dates.items():
            if "/" in text:
                path = path.replace(f"/{text}/", f"/{name}/")
        return "/".join(
            _step(self.fill(f"/{n}", step), step) for n, step in enumerate(path.split("/"))
        )


def _step(filled: Any, step: str) -> str:
    """A step of a path is only filled in where it is a value whole, or one before a suffix."""
    return str(filled) if isinstance(filled, str) else step


def _dates(day: date, *, is_month: bool) -> list[tuple[str, str]]:
    forms = [
        (day.strftime(form), "{date}" if form == "%Y-%m-%d" else f"{{date:{form}}}")
        for form in DATE_FORMS
    ]
    months = [(day.strftime(form), name) for form, name in _MONTH_FORMS.items()]
    return [*months, *forms] if is_month else forms


class Templates:
    """The names that each step of a chain has for its values."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self.api = _base(chain.article)
        self._issue = (
            {chain.issues.value: "{issue_id}"} if chain.issues and chain.issues.key else {}
        )
        self._page = self._issue | ({chain.pages.value: "{page_id}"} if chain.pages else {})
        self._id = {chain.listed.value: "{id}"} if chain.listed and not chain.is_inline else {}

    def issues(self) -> Names:
        return Names(self.api, {}, self._chain.day, is_list=True, is_month=True)

    def pages(self) -> Names:
        return Names(self.api, self._issue, self._chain.day)

    def articles(self) -> Names:
        return Names(self.api, self._page, self._chain.day, is_list=True)

    def article(self) -> Names:
        return Names(self.api, self._id, self._chain.day)


def _base(answer: Answer) -> str:
    parts = urlsplit(answer.exchange.url)
    return f"{parts.scheme}://{parts.netloc}/"


def call_of(answer: Answer, names: Names) -> dict[str, Any]:
    """The call that was answered, as a step's get or post with query, form or payload."""
    exchange, parts = answer.exchange, urlsplit(answer.exchange.url)
    base = f"{parts.scheme}://{parts.netloc}/"
    path = names.path(parts.path)
    address = path.lstrip("/") if base == names.api else f"{base.rstrip('/')}{path}"
    call: dict[str, Any] = {"post" if exchange.method == "POST" else "get": address}
    query = {k: names.fill(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True)}
    if query:
        call["query"] = query
    sent = exchange.parameters()
    if exchange.method == "POST" and isinstance(sent, Mapping):
        call["form" if exchange.is_form else "payload"] = names.fill("", sent)
    return call


def constants(call: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The values of a call that have no name in them: what is the same whenever it is made."""
    address = str(call.get("get") or call.get("post") or "")
    for step in urlsplit(address).path.split("/"):
        if _NUMBERED.fullmatch(step):
            yield "网址", step
    for part in ("query", "form", "payload"):
        for name, value in leaves(call.get(part)):
            if value and "{" not in value:
                yield name, value
