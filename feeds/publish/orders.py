"""What a reader asks of a feed by its query: pure.

    ?page=01&page=要闻&kind=news&q=春耕 -公告&top=week&min_reads=100&content=summary&reads=1&limit=20

Each parameter has its row in a table: how its value is read, and what is said where it is wrong.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from feeds.errors import BaotongError
from feeds.filters import Filter, parse
from feeds.models import Article, ArticleKind, Page
from feeds.text import one_line
from feeds.words import N_, Translate
from feeds.writers.entries import KIND_WORDS

MOST_ENTRIES = 200
_LONGEST_WORDS = 200
_MOST_PARAMETERS = 20
_TOP_DAYS = {"day": 1, "week": 7}
_MOST_DIGITS = 12


class BadOrder(BaotongError):
    """A query that cannot be meant; its text says, line by line, what would be right."""


@dataclass(frozen=True, slots=True)
class Order:
    """A query. `top` is in days; `content` is what was asked for, which may be more than is allowed.
    Empty and None ask for nothing.
    """

    page: tuple[str, ...] = ()
    kind: tuple[ArticleKind, ...] = ()
    q: str = ""
    top: int | None = None
    min_reads: int | None = None
    content: str | None = None
    reads: bool = False
    limit: int | None = None

    @property
    def counts(self) -> bool:
        """Whether read counts decide what it holds."""
        return self.reads or self.top is not None or self.min_reads is not None

    def matcher(self) -> Callable[[Page, Article], bool]:
        """Whether an article on its page is wanted."""
        words, pages = parse(self.q), {name.casefold() for name in self.page}
        return lambda page, article: (
            (not pages or bool(pages & {page.label.casefold(), (page.name or "").casefold()}))
            and (not self.kind or article.kind in self.kind)
            and self._is_read_enough(article)
            and _matches(words, article)
        )

    def query(self) -> str:
        """The query in its one canonical spelling, with its question mark."""
        pairs = [(name, value) for name, values in self._pairs() for value in values]
        return f"?{urlencode(pairs)}" if pairs else ""

    def _pairs(self) -> Iterator[tuple[str, Iterable[str]]]:
        days = {number: word for word, number in _TOP_DAYS.items()}
        yield "page", self.page
        yield "kind", self.kind
        yield "q", (self.q,) if self.q else ()
        yield "top", (days[self.top],) if self.top else ()
        yield "min_reads", () if self.min_reads is None else (str(self.min_reads),)
        yield "content", (self.content,) if self.content else ()
        yield "reads", ("1",) if self.reads else ()
        yield "limit", (str(self.limit),) if self.limit else ()

    def title(self, _: Translate) -> Iterator[str]:
        """What it asks for, in words."""
        yield from self.page
        yield from (_(KIND_WORDS[kind]) for kind in self.kind)
        if self.q:
            yield self.q
        if self.top:
            yield _("一天里阅读最多") if self.top == 1 else _("一周里阅读最多")
        if self.min_reads is not None:
            yield _("阅读数不少于{count}").format(count=self.min_reads)

    def _is_read_enough(self, article: Article) -> bool:
        if self.min_reads is None:
            return True
        return article.reads is not None and article.reads.value >= self.min_reads


def _matches(words: Filter, article: Article) -> bool:
    """As a subscription's filter does in the chat."""
    return words.matches(f"{article.kicker or ''}\n{article.title}\n{article.body_text}")


# ── reading a query ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Parameter:
    """How a value is read (ValueError: it is wrong), and what would be right."""

    read: Callable[[str], Any]
    right: str
    is_list: bool = False
    of_issues: bool = True  # whether feeds with one entry an issue know it


def _text(value: str) -> str:
    """What may stand in a feed's title."""
    text = one_line(value)
    if not text or len(text) > _LONGEST_WORDS:
        raise ValueError
    return text


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit()) or len(value) > _MOST_DIGITS:
            raise ValueError
        number = int(value)
        if not least <= number <= most:
            raise ValueError
        return number

    return read


def _one_of(words: Mapping[str, Any]) -> Callable[[str], Any]:
    def read(value: str) -> Any:
        if value not in words:
            raise ValueError
        return words[value]

    return read


_PARAMETERS: Mapping[str, _Parameter] = {
    "page": _Parameter(_text, N_("版的号或名，如 page=01 或 page=要闻；可以写几个"), is_list=True),
    "kind": _Parameter(
        ArticleKind, N_("news、photo、credits、ad 或 notice；可以写几个"), is_list=True
    ),
    "q": _Parameter(_text, N_("要找的词，最多 200 个字，如 q=春耕 -公告")),
    "top": _Parameter(_one_of(_TOP_DAYS), N_("day 或 week"), of_issues=False),
    "min_reads": _Parameter(_number(0, 10**_MOST_DIGITS - 1), N_("一个整数，如 100")),
    "content": _Parameter(_one_of({"full": "full", "summary": "summary"}), N_("full 或 summary")),
    "reads": _Parameter(_one_of({"1": True}), N_("1，就带上阅读数"), of_issues=False),
    "limit": _Parameter(_number(1, MOST_ENTRIES), N_("1 到 200 的整数")),
}


@dataclass(slots=True)
class _Draft:
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def parse_order(pairs: Iterable[tuple[str, str]], *, of_issues: bool, _: Translate) -> Order:
    """The order that a query's pairs mean. Raises `BadOrder`, with every fault in it; nothing of the
    query is repeated in its text.
    """
    known = {n: p for n, p in _PARAMETERS.items() if p.of_issues or not of_issues}
    draft = _Draft()
    for number, (name, value) in enumerate(pairs):
        if name not in known or number >= _MOST_PARAMETERS:
            names = _("、").join(known)
            draft.faults.append(_("有不认识的参数。可以用的是：{names}").format(names=names))
            break
        _take(draft, name, known[name], value, _)
    if draft.faults:
        raise BadOrder("\n".join(dict.fromkeys(draft.faults)))
    return Order(**draft.values)


def _take(draft: _Draft, name: str, parameter: _Parameter, value: str, _: Translate) -> None:
    if name in draft.values and not parameter.is_list:
        draft.faults.append(_("{name} 只能写一次").format(name=name))
        return
    try:
        read = parameter.read(value)
    except ValueError:
        right = _(parameter.right)
        draft.faults.append(_("{name} 要写：{right}").format(name=name, right=right))
        return
    draft.values[name] = (*draft.values.get(name, ()), read) if parameter.is_list else read
