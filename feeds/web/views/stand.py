"""The newsstand: all papers with the front page's titles of their newest issues, and the most read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from feeds.models import ArticleKind, Paper
from feeds.store import headlines, library, ranking
from feeds.store.engine import Transaction
from feeds.store.headlines import Front, Headline
from feeds.store.ranking import Ranked
from feeds.web.papers import Papers

STALLS = 60  # papers with their titles; further ones are names
NAMES = 1000  # and beyond these, OPML and the search know the rest
RANKED = 10
RANKED_DAYS = 7
NEVER_RANKED = (ArticleKind.AD, ArticleKind.CREDITS)
# A page stays small: the more papers there are, the fewer titles of each.
_TITLES = ((12, 6), (30, 3), (STALLS, 1))


@dataclass(frozen=True, slots=True)
class Stall:
    """A paper at the stand; `front` is None while nothing was read of it."""

    paper: Paper
    front: Front | None
    titles: tuple[Headline, ...]


@dataclass(frozen=True, slots=True)
class StandView:
    """`others` are papers named without their titles, `unnamed` how many are not even that."""

    template: ClassVar[str] = "stand.html"

    stalls: tuple[Stall, ...]
    others: tuple[Paper, ...]
    unnamed: int
    ranked: tuple[Ranked, ...]
    papers: Mapping[str, Paper]


async def read_stand(tx: Transaction, papers: Papers) -> StandView:
    """Costs the same number of statements for any number of papers."""
    everyone = papers.all(await library.papers(tx))
    shown = everyone[:STALLS]
    fronts = await headlines.fronts(tx, [paper.id for paper in shown])
    most = next(titles for papers_up_to, titles in _TITLES if len(shown) <= papers_up_to)
    others = everyone[STALLS : STALLS + NAMES]
    return StandView(
        stalls=tuple(_stall(paper, fronts.get(paper.id), most) for paper in shown),
        others=others,
        unnamed=len(everyone) - len(shown) - len(others),
        ranked=await ranking.most_read(
            tx, [paper.id for paper in shown], RANKED_DAYS, RANKED, NEVER_RANKED
        ),
        papers={paper.id: paper for paper in shown},
    )


def _stall(paper: Paper, front: Front | None, most: int) -> Stall:
    held = front.sheet.headlines if front and front.sheet else ()
    standing = tuple(headline for headline in held if not headline.withdrawn)
    return Stall(paper, front, standing[:most])
