"""The two languages in which operators point at things: CSS selectors and JMESPath expressions."""

from collections.abc import Callable
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from feeds.errors import BaotongError

Search = Callable[[Any], Any]
"""A compiled expression: a JSON value in, what it points at out; None where that is nothing."""


def compile_css(place: str, selector: str) -> str:
    """The selector itself, once it was tried. Raises `BaotongError` that begins with `place`."""
    try:
        LexborHTMLParser("<p>").css(selector)
    except (SelectolaxError, ValueError) as error:
        raise BaotongError(f"{place}: 这不是 CSS 选择器:{selector}") from error
    return selector


def compile_jmespath(place: str, expression: str) -> Search:
    """Raises `BaotongError` that begins with `place`."""
    try:
        compiled = jmespath.compile(expression)
    except JMESPathError as error:
        raise BaotongError(f"{place}: 这不是 JMESPath 表达式:{expression}") from error

    def search(root: Any) -> Any:
        try:
            return compiled.search(root)
        except (JMESPathError, RecursionError, ArithmeticError, TypeError, ValueError):
            return None  # a function applied to a value of another type: nothing found

    return search
