"""The most read: of the newest issue's day, of a week, of a month; of one paper or of all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from feeds.models import Paper
from feeds.store import library, ranking
from feeds.store.engine import Transaction
from feeds.store.ranking import Ranked
from feeds.web.papers import Papers
from feeds.web.views.stand import NEVER_RANKED
from feeds.words import N_

LENGTH = 10
_SPANS = ((1, N_("最新一天")), (7, N_("近七天")), (30, N_("近三十天")))


@dataclass(frozen=True, slots=True)
class Chart:
    """One ranking; `name` is for the catalogue."""

    name: str
    ranked: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True)
class MostReadView:
    """`paper` is None for all papers. A chart that only repeats the shorter one before it is left out."""

    template: ClassVar[str] = "most_read.html"

    paper: Paper | None
    charts: tuple[Chart, ...]
    papers: Mapping[str, Paper]


async def read_most_read(
    tx: Transaction, papers: Papers, source: str | None
) -> MostReadView | None:
    """None where there is no such paper."""
    everyone = papers.all(await library.papers(tx))
    wanted = [paper for paper in everyone if source in (None, paper.id)]
    if source is not None and not wanted:
        return None
    return MostReadView(
        paper=wanted[0] if source is not None else None,
        charts=await _charts(tx, [paper.id for paper in wanted]),
        papers={paper.id: paper for paper in wanted},
    )


async def _charts(tx: Transaction, papers: Sequence[str]) -> tuple[Chart, ...]:
    charts: list[Chart] = []
    for days, name in _SPANS:
        ranked = await ranking.most_read(tx, papers, days, LENGTH, NEVER_RANKED)
        if ranked and ranked not in [chart.ranked for chart in charts]:
            charts.append(Chart(name, ranked))
    return tuple(charts)
