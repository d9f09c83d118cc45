"""Deciding what a document means for the archive: pure, and the same answer however often asked.

    Known (what the store holds) + Reading (what the document says) + Asked (what it was fetched for)
        ──decide──▶ Changes (rows to write, entries to append)

Deciding on the outcome of a decision changes nothing. What a document no longer lists is kept;
unknown never overwrites known; a read count is never part of what an article is.
"""

from feeds.decide.decision import (
    decide,
    decide_failure,
    decide_gone,
    decide_recheck,
    decide_unchanged,
)
from feeds.decide.health import Redesign, find_redesign
from feeds.decide.known import (
    Asked,
    Changes,
    Content,
    Failure,
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
from feeds.decide.listing import is_credible
from feeds.decide.reads import EDIT_LOOKS, READ_LOOKS, RUNGS
from feeds.decide.work import lists_of, open_work

__all__ = [
    "EDIT_LOOKS",
    "READ_LOOKS",
    "RUNGS",
    "Asked",
    "Changes",
    "Content",
    "Failure",
    "Known",
    "KnownArticle",
    "KnownIssue",
    "KnownPage",
    "News",
    "Policy",
    "Redesign",
    "Revision",
    "Sample",
    "Seen",
    "decide",
    "decide_failure",
    "decide_gone",
    "decide_recheck",
    "decide_unchanged",
    "find_redesign",
    "is_credible",
    "lists_of",
    "open_work",
]
