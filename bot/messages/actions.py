"""What a button says when it is pressed: a verb and a row's number, far below Telegram's 64 bytes.

A button names the issue that it stands under, not the one that it leads to: what comes next is looked
up when it is pressed, so that a button sent before the next issue existed finds it.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """What is wanted."""

    PREVIOUS = "prev"
    NEXT = "next"
    ISSUE = "issue"
    SUBSCRIBE = "sub"
    UNSUBSCRIBE = "unsub"


@dataclass(frozen=True, slots=True)
class Action:
    """`about` is an issue's row for PREVIOUS, NEXT and ISSUE, and a source (see
    `about_source`) otherwise.
    """

    verb: Verb
    about: str

    def __str__(self) -> str:
        return f"{self.verb}:{self.about}"


def parse_action(text: str) -> Action | None:
    """The action that a button carried; None for what no button of ours says."""
    verb, _, about = text.partition(":")
    try:
        return Action(Verb(verb), about) if about else None
    except ValueError:
        return None


MOST_OF_AN_ID = 40  # characters; a source's id may have 64, and a button's whole text no more


def about_source(source: str) -> str:
    """The source's id, or a digest of one that is too long for a button."""
    if len(source) <= MOST_OF_AN_ID:
        return source
    return "~" + hashlib.sha256(source.encode()).hexdigest()[:16]


def is_about(action: Action, source: str) -> bool:
    """Whether the action means this source."""
    return action.about == about_source(source)
