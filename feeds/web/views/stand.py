"""The newsstand: all papers with the front page's titles of their newest issues, and the most read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from feeds.models import ArticleKind, Paper
from feeds.store import headlines, library, ranking
from feeds.store.engine import Transaction
from feeds.store.headlines import Front
from feeds.store.ranking import Ranked
from feeds.web.papers import Papers

STALLS = 60  # papers with their titles; further ones are names
NAMES = 1000  # and beyond these, OPML and the search know the rest
RANKED = 10
RANKED_DAYS = 7
NEVER_RANKED = (ArticleKind.AD, ArticleKind.CREDITS)
ROOMY = 12  # papers, up to which each has a sentence and its feeds
# A page stays small: the more papers there are, the fewer titles of each.
_TITLES = ((ROOMY, 6), (30, 3), (STALLS, 1))


@dataclass(frozen=True, slots=True)
class Stall:
    """A paper at the stand; `front` is None while nothing was read of it."""

    paper: Paper
    front: Front | None


@dataclass(frozen=True, slots=True)
class StandView:
    """`others` are papers named without their titles, `unnamed` how many are not even that."""

    template: ClassVar[str] = "stand.html"

    stalls: tuple[Stall, ...]
    is_roomy: bool
    others: tuple[Paper, ...]
    unnamed: int
    ranked: tuple[Ranked, ...]
    papers: Mapping[str, Paper]


async def read_stand(tx: Transaction, papers: Papers) -> StandView:
    """Costs the same number of statements for any number of papers."""
    everyone = papers.all(await library.papers(tx))
    shown = everyone[:STALLS]
    ids = [paper.id for paper in shown]
    most = next(titles for papers_up_to, titles in _TITLES if len(shown) <= papers_up_to)
    is_roomy = len(shown) <= ROOMY
    fronts = await headlines.fronts(tx, ids, most, leads=is_roomy)
    others = everyone[STALLS : STALLS + NAMES]
    return StandView(
        stalls=tuple(Stall(paper, fronts.get(paper.id)) for paper in shown),
        is_roomy=is_roomy,
        others=others,
        unnamed=len(everyone) - len(shown) - len(others),
        ranked=await ranking.most_read(tx, ids, RANKED_DAYS, RANKED, NEVER_RANKED),
        papers={paper.id: paper for paper in shown},
    )
