"""Who is an operator: by numeric id alone, as `operators:` lists it. A name, a title or an @username can be
given up and taken by somebody else, so none of them counts.

A person whose own id is listed is one wherever they write. Where a group's id is listed, its members may
look (that is what was told there anyway), and its administrators may change things.
"""

import re
from collections.abc import Collection
from enum import IntEnum

from bot.address import Address, ChatKind
from bot.channels.base import Incoming
from bot.commands.base import Asked

_NUMBER = re.compile(r"-?[0-9]{1,20}")
_SHARED = frozenset({"777000", "136817688", "1087968824"})
"""Telegram's own accounts, in whose names many people write: forwards, channels, anonymous administrators."""


class Power(IntEnum):
    """What somebody may do here."""

    NONE = 0
    LOOKS = 1
    CHANGES = 2


def power_by_id(operators: Collection[str], incoming: Incoming) -> Power:
    """What the ids say: pure. In a listed group it may be more, for an administrator."""
    listed = [Address.parse(text) for text in operators]
    mine = [to for to in listed if to.channel == incoming.address.channel and _counts(to)]
    if any(_is_person(to, incoming) for to in mine):
        return Power.CHANGES
    return Power.LOOKS if any(_is_here(to, incoming) for to in mine) else Power.NONE


async def power_of(asked: Asked) -> Power:
    """What the person may do here; a listed group's administrators are asked for where it matters."""
    incoming = asked.incoming
    power = power_by_id(asked.settings.operators, incoming)
    if power is not Power.LOOKS:
        return power
    if incoming.is_admin is not None:
        return Power.CHANGES if incoming.is_admin else power
    rights = await asked.rights(asked.to)
    return Power.CHANGES if rights is not None and rights.is_admin else power


def _counts(to: Address) -> bool:
    """The terminal has no ids, and nobody but whoever started us sits at it."""
    return to.channel == ChatKind.CONSOLE or bool(_NUMBER.fullmatch(to.chat))


def _is_person(to: Address, incoming: Incoming) -> bool:
    return to.chat == incoming.person and to.topic is None and to.chat not in _SHARED


def _is_here(to: Address, incoming: Incoming) -> bool:
    """A topic that is listed is not the whole group."""
    here = incoming.address
    is_there = to.chat == here.chat and to.topic in {None, here.topic}
    return is_there and incoming.kind is ChatKind.GROUP


def chats(operators: Collection[str]) -> tuple[Address, ...]:
    """The chats of a service with ids that are listed, each once, without their topics."""
    listed = (Address.parse(text) for text in operators)
    ids = ((to.channel, to.chat) for to in listed if _NUMBER.fullmatch(to.chat))
    return tuple(Address(*one) for one in dict.fromkeys(ids) if one[1] not in _SHARED)
