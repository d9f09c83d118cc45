"""Watching newspapers: each in a task of its own, from the entry to the journal.

    schedule ─▶ look:  entry ──signposts, 下一期──▶ the newest issue    (304: what is stored still holds)
                       ◀──上一期── what was missed between it and what we know (a gap stays stored until it is filled)
                       open pages, then open articles, of every issue not complete, oldest first
                       articles whose read count is due
                            │
    every document:    fetch ──▶ source.read ──▶ decide ──▶ record       one transaction: facts, their
                         │            pure         pure       │          validators, journal entries
                         └─ failure ──▶ decide_failure ───────┘

Nothing is kept in memory between two documents that the store does not know, so a kill costs at most
the document in flight. Watching never knows who reads.
"""

from feeds.watch.backfill import Ending, Goal, Passed, Step
from feeds.watch.service import Watch, walk_back

__all__ = ["Ending", "Goal", "Passed", "Step", "Watch", "walk_back"]
