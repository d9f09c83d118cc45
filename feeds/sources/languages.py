"""What the configuration's rules are written in, for its loader to check: a text goes in, and out comes what is
wrong with it, or None.
"""

from collections.abc import Callable, Mapping

from feeds.errors import BaotongError
from feeds.filters import fault_in_filter
from feeds.sources.expressions import fault_in_expression, fault_in_selector
from feeds.sources.presets import preset
from feeds.sources.templates import Pattern, Template


def _fault(build: Callable[[str], object]) -> Callable[[str], str | None]:
    """What building from a text complains of, without the place that the loader knows better."""

    def fault(text: str) -> str | None:
        try:
            build(text)
        except BaotongError as error:
            return str(error).partition(": ")[2]
        return None

    return fault


RULE_LANGUAGES: Mapping[str, Callable[[str], str | None]] = {
    "css": fault_in_selector,
    "jmespath": fault_in_expression,
    "pattern": _fault(lambda text: Pattern("", text)),
    "dated": _fault(lambda text: Template("", text, {"date"})),
    "preset": _fault(preset),
    "filter": fault_in_filter,
}
