"""When to look at a newspaper again: pure. What is learned of its hours, and the pace that follows."""

from feeds.schedule.pace import (
    FLOOR,
    JITTER,
    back_off,
    calm,
    first_look,
    heat_of,
    next_look,
)
from feeds.schedule.rhythm import BIN, LATE_AFTER, Rhythm, Sighting, learn, usual_time

__all__ = [
    "BIN",
    "FLOOR",
    "JITTER",
    "LATE_AFTER",
    "Rhythm",
    "Sighting",
    "back_off",
    "calm",
    "first_look",
    "heat_of",
    "learn",
    "next_look",
    "usual_time",
]
