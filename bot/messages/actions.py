"""What a button says when it is pressed: a verb and what it is about, within Telegram's 64 bytes.

A button names rows by their numbers, and an issue by the one that it stands under, not the one that it
leads to: what comes next is looked up when it is pressed, so that a button sent before the next issue
existed finds it. A view remembers where its reader came from, as a second action behind a line's end.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from bot.message import Button

MOST_BYTES = 64
_BACK = "\n"


class Verb(StrEnum):
    """What is wanted, and what `Action.about` then says."""

    PREVIOUS = "prev"
    """An issue's row: the issue before it."""
    NEXT = "next"
    """An issue's row: the issue after it."""
    ISSUE = "issue"
    """An issue's row: itself, whole."""
    PAGE = "page"
    """An issue's row and the order of a page in it: `12:3`."""
    ARTICLE = "art"
    """An article's row."""
    NEWEST = "newest"
    """A paper (see `about_source`): its newest issue."""
    PAPER = "paper"
    """A paper: what there is to know of it."""
    PAPERS = "papers"
    """Where a list of papers begins, and the words that it is of: `8:淮安`."""
    TOP = "top"
    """Days and a paper, or `*`: `7:huaian`."""
    FIND = "find"
    """Where a list of hits begins, and the words: `8:春耕`."""
    SUBSCRIBE = "sub"
    """A paper, or `*`."""
    UNSUBSCRIBE = "unsub"
    """A subscription's row."""
    SUBSCRIPTIONS = "subs"
    """Where the list begins."""
    SUBSCRIPTION = "card"
    """A subscription's row: how it is set."""
    CHOICES = "choose"
    """A subscription's row and a setting: what may be chosen of it: `12:mode`."""
    CHOOSE = "set"
    """The same and the value: `12:mode:daily`."""
    TYPE = "type"
    """The same without a value: it shall be typed."""
    ASK = "ask"
    """What else shall be typed: `zone`, `find`."""
    PREVIEW = "preview"
    """A subscription's row: what the last issue would have given."""
    SEND_NOW = "now"
    """A subscription's row: sends the newest issue to where it belongs."""
    PAUSE = "pause"
    """A subscription's row, or `*`."""
    RESUME = "resume"
    """A subscription's row, or `*`."""
    LANGUAGE = "lang"
    """A language's tag."""
    ZONE = "zone"
    """A time zone's name; empty: what may be chosen."""
    MANAGE = "manage"
    """A channel's id without the service's name; empty: one's own chat again."""
    FORGET = "forget"
    """`ask` or `yes`: delete what is kept of this chat."""
    OPERATE = "op"
    """What an operator does: `status`, `pause:source:huaian`, `resume:channel:telegram`, `withdraw:340`."""
    CLOSE = "close"
    """`no`: nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Action:
    """`back` is the action that leads back to where the reader came from, if one is remembered."""

    verb: Verb
    about: str
    back: str | None = None

    def __str__(self) -> str:
        return f"{self.verb}:{self.about}" + (f"{_BACK}{self.back}" if self.back else "")

    @property
    def fits(self) -> bool:
        return len(str(self).encode()) <= MOST_BYTES

    @property
    def parts(self) -> list[str]:
        return self.about.split(":")

    def row(self, place: int = 0) -> int | None:
        """The number that stands at this place, or None where none does."""
        parts = self.parts
        text = parts[place] if place < len(parts) else ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None  # noqa: PLR2004 - digits of a row


def parse_action(text: str) -> Action | None:
    """The action that a button carried; None for what no button of ours says."""
    here, _, back = text.partition(_BACK)
    verb, colon, about = here.partition(":")
    try:
        return Action(Verb(verb), about, back or None) if colon else None
    except ValueError:
        return None


def button(text: str, verb: Verb, about: str | int, back: str | None = None) -> Button:
    """A button that comes back to us. The way back is left out where it does not fit."""
    action = Action(verb, str(about), back)
    return Button(text, action=str(action if action.fits else Action(verb, str(about))))


MOST_OF_AN_ID = 40  # characters; a source's id may have 64, and a button's whole text no more


def about_source(source: str) -> str:
    """The source's id, or a digest of one that is too long for a button."""
    if len(source) <= MOST_OF_AN_ID:
        return source
    return "~" + hashlib.sha256(source.encode()).hexdigest()[:16]
