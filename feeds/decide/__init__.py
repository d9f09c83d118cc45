"""Deciding what a document means for the archive: pure, and the same answer however often asked.

    Known (what the store holds) + Reading (what the document says) + Asked (what it was fetched for)
        ──decide──▶ Changes (rows to write, entries to append)

Deciding on the outcome of a decision changes nothing. What a document no longer lists is kept;
unknown never overwrites known; a read count is never part of what an article is.
"""

from feeds.decide.decision import decide, decide_failure
from feeds.decide.known import (
    Asked,
    Changes,
    Content,
    Known,
    KnownArticle,
    KnownIssue,
    KnownPage,
    News,
    Policy,
    Revision,
    Sample,
    Seen,
)
from feeds.decide.reads import READ_LOOKS, RUNGS
from feeds.decide.work import open_work

__all__ = [
    "READ_LOOKS",
    "RUNGS",
    "Asked",
    "Changes",
    "Content",
    "Known",
    "KnownArticle",
    "KnownIssue",
    "KnownPage",
    "News",
    "Policy",
    "Revision",
    "Sample",
    "Seen",
    "decide",
    "decide_failure",
    "open_work",
]
