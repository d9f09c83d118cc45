"""How a kind of value is made: a check with its sentence, and the same rule as a pattern for editors.
And `Section`, what every part of the file is. No sentence repeats a value.
"""

import re
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

Checks = Mapping[str, Callable[[str], str | None]]
"""Languages that others know better, by name: a text → what is wrong with it, or None."""

# Controls, and what comes along unseen when text is copied from a chat: zero widths, bidi, BOM.
UNSEEN = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff"
BREAKS_LINE = re.compile(rf"[{UNSEEN}]")


class Section(BaseModel):
    """A part of the file: fixed once read, no unknown keys, no value in an error's text."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unwritten(cls, data: Any) -> Any:
        """A key whose lines are all commented out means its default, as if it were not there."""
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if not cls._is_empty(key, value)}

    @classmethod
    def _is_empty(cls, key: str, value: Any) -> bool:
        known = cls.model_fields.get(key)
        return value is None and known is not None and NoneType not in get_args(known.annotation)


def form(sentence: str, read: Callable[[str], Any]) -> BeforeValidator:
    """What `read` makes of a text. Whatever is no text, or of which it makes None, gets the sentence;
    `read` may raise ValueError with a better one.
    """

    def check(value: Any) -> Any:
        found = read(value) if isinstance(value, str) else None
        if found is None:
            raise ValueError(sentence)
        return found

    return BeforeValidator(check)


def matching(pattern: str) -> Callable[[str], str | None]:
    """For `form`: a text of which all matches."""
    compiled = re.compile(pattern)
    return lambda text: text if compiled.fullmatch(text) else None


def schema(pattern: str, *examples: str, **more: Any) -> WithJsonSchema:
    """For editors: a text of this form, or one that the environment completes."""
    shown = {"examples": list(examples)} if examples else {}
    return WithJsonSchema({"type": "string", "pattern": rf"^(?:{pattern})$|\$\{{", **shown, **more})


def in_language(name: str) -> AfterValidator:
    """Checked by the one of `Checks` that has this name, where the loader was given it."""

    def check(value: str, info: ValidationInfo) -> str:
        know: Checks = info.context or {}
        fault = know[name](value) if name in know else None
        if fault:
            raise ValueError(fault)
        return value

    return AfterValidator(check)
