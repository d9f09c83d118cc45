"""What may be wrong with the worker itself, and with which part of it."""

from dataclasses import dataclass
from enum import StrEnum


class IncidentKind(StrEnum):
    """What may be wrong. REFUSED: a token or key. UNREACHABLE: nothing arrives. DISPUTED: another program
    takes this bot's updates. STALLED: what is due is not sent, and nobody knows why. DISK: nearly full.
    """

    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    DISPUTED = "disputed"
    STALLED = "stalled"
    DISK = "disk"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """`about` is a channel (`telegram`) or a robot (`wecom:desk`); "" is the worker."""

    kind: IncidentKind
    about: str
