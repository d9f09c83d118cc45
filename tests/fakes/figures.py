"""Figures as tests look at them: what a sheet holds, and what a scrape says."""

from collections.abc import Mapping

from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from feeds.store.engine import Store
from feeds.tally import Count, Spread, TallySheet

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


def counted_by(store: Store) -> TallySheet:
    """A sheet on which whoever uses this store counts from now on."""
    sheet = TallySheet()
    store.tally = sheet
    return sheet


def counts(sheet: TallySheet, what: Count) -> dict[tuple[str, ...], float]:
    """What was counted, by the labels' values."""
    return {tuple(map(str, labels)): n for (of, labels), n in sheet.counts.items() if of is what}


def spread(sheet: TallySheet, what: Spread) -> dict[tuple[str, ...], tuple[int, float]]:
    """How many were observed, and their sum."""
    return {
        labels: (sum(seen.numbers), seen.sum)
        for (of, labels), seen in sheet.spreads.items()
        if of is what
    }


def samples(text: bytes) -> list[Sample]:
    """Every value of a scrape in OpenMetrics; its parser is strict about names, units and order."""
    families = text_string_to_metric_families(text.decode())
    return [sample for family in families for sample in family.samples]


def value(text: bytes, name: str, labels: Mapping[str, str] | None = None) -> float | None:
    """One of them, or None where it is not there."""
    found = (s.value for s in samples(text) if s.name == name and s.labels == (labels or {}))
    return next(found, None)
