"""Figures in Prometheus' text formats: the one door of prometheus_client.

The registry is ours alone. Nothing is registered where the library's own global one would see it, so
that two workers in one process share nothing.
"""

import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import accumulate, product

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

import bot.figures
import feeds.figures
from bot.metrics.gauges import GAUGES, Gauge, Now
from feeds.tally import Count, Seen, Spread, TallySheet

PREFIX = "baotong_"
COUNTS = (*feeds.figures.COUNTS, *bot.figures.COUNTS)
SPREADS = (*feeds.figures.SPREADS, *bot.figures.SPREADS)
Labels = tuple[str, ...]


class Exposition:
    """Writes what the sheet holds and what `now` says."""

    def __init__(self, sheet: TallySheet) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._figures = _Figures(sheet)
        self._registry.register(self._figures)
        ProcessCollector(registry=self._registry)

    def write(self, now: Now, accept: str = "") -> tuple[bytes, str]:
        """The text and its media type, in the format that `accept` (an HTTP header) asks for."""
        self._figures.now = now
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type


class _Figures(Collector):
    """All figures, each with its description also where it has no value yet. The sheet is copied first,
    for it is counted on meanwhile.
    """

    def __init__(self, sheet: TallySheet) -> None:
        self._sheet = sheet
        self.now: Now | None = None

    def collect(self) -> Iterator[Metric]:
        assert self.now is not None  # written, not scraped by anybody else
        yield _build()
        yield from (_gauge(gauge, self.now) for gauge in GAUGES)
        known = {"source": tuple(self.now.sources), "channel": tuple(self.now.channels)}
        counts: dict[Count, dict[Labels, float]] = {what: _zeros(what, known) for what in COUNTS}
        for (what, labels), number in dict(self._sheet.counts).items():
            if _is_known(what, labels, known):
                counts[what][labels] = number
        yield from (_counter(what, rows) for what, rows in counts.items())
        spreads: dict[Spread, dict[Labels, Seen]] = {what: {} for what in SPREADS}
        for (spread, labels), seen in dict(self._sheet.spreads).items():
            if _is_known(spread, labels, known):
                spreads[spread][labels] = seen
        yield from (_histogram(what, rows) for what, rows in spreads.items())


def _build() -> Metric:
    labels = {"version": version("baotong"), "python": platform.python_version()}
    return InfoMetricFamily(f"{PREFIX}build", "The version that runs.", labels)


def _zeros(what: Count, known: Mapping[str, Labels]) -> dict[Labels, float]:
    """A figure that may be counted begins at 0, so that its first event is a rise that alerts can see."""
    values = [allowed or known.get(name, ()) for name, allowed in what.labels.items()]
    return dict.fromkeys(product(*values), 0.0)


def _is_known(what: Count | Spread, labels: Labels, known: Mapping[str, Labels]) -> bool:
    """Not of a newspaper or channel that a reload took away."""
    return all(
        value in known[name]
        for name, value in zip(what.labels, labels, strict=True)
        if name in known
    )


def _gauge(gauge: Gauge, now: Now) -> Metric:
    family = GaugeMetricFamily(PREFIX + gauge.name, gauge.help, labels=gauge.labels)
    for labels, value in gauge.rows(now):
        family.add_metric(labels, value)
    return family


def _counter(what: Count, rows: Mapping[Labels, float]) -> Metric:
    family = CounterMetricFamily(PREFIX + what.name, what.help, labels=tuple(what.labels))
    for labels, number in rows.items():
        family.add_metric(labels, number)
    return family


def _histogram(what: Spread, rows: Mapping[Labels, Seen]) -> Metric:
    family = HistogramMetricFamily(PREFIX + what.name, what.help, labels=tuple(what.labels))
    bounds: Sequence[str] = [*(str(float(bound)) for bound in what.bounds), "+Inf"]
    for labels, seen in rows.items():
        buckets = list(zip(bounds, accumulate(seen.numbers), strict=True))
        family.add_metric(labels, buckets, seen.sum)
    return family
