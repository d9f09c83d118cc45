"""The two languages in which operators point at things: CSS selectors and JMESPath expressions."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from feeds.errors import BaotongError

Search = Callable[[Any], Any]
"""A compiled expression: a JSON value in, what it points at out; None where that is nothing."""


def fault_in_selector(selector: str) -> str | None:
    """What is wrong with a CSS selector, or None."""
    try:
        LexborHTMLParser("<p>").css(selector)
    except (SelectolaxError, ValueError):
        return "不是 CSS 选择器,要写成 h1.title 这样 (not a CSS selector)"
    return None


def fault_in_expression(expression: str) -> str | None:
    """What is wrong with a JMESPath expression, or None. A function that there is not would otherwise
    show only where it is called, as a field that is never found.
    """
    try:
        compiled = jmespath.compile(expression)
        called = set(_functions_in(compiled.parsed))
    except (JMESPathError, RecursionError) as error:
        place = getattr(error, "lex_position", None)
        where = f",第 {place + 1} 个字起不对" if place is not None else ""
        return f"不是 JMESPath 表达式{where} (not a JMESPath expression)"
    if called <= set(Functions.FUNCTION_TABLE):
        return None
    return "JMESPath 里没有这个函数 (no such JMESPath function)"


def _functions_in(parsed: Mapping[str, Any]) -> Iterator[str]:
    if parsed["type"] == "function_expression":
        yield parsed["value"]
    for child in parsed["children"]:
        if isinstance(child, Mapping):
            yield from _functions_in(child)


def compile_css(place: str, selector: str) -> str:
    """The selector itself, once it was tried. Raises `BaotongError` that begins with `place`."""
    if fault := fault_in_selector(selector):
        raise BaotongError(f"{place}: {fault}")
    return selector


def compile_jmespath(place: str, expression: str) -> Search:
    """Raises `BaotongError` that begins with `place`."""
    if fault := fault_in_expression(expression):
        raise BaotongError(f"{place}: {fault}")
    compiled = jmespath.compile(expression)

    def search(root: Any) -> Any:
        try:
            return compiled.search(root)
        except (JMESPathError, RecursionError, ArithmeticError, TypeError, ValueError):
            return None  # a function applied to a value of another type: nothing found

    return search
