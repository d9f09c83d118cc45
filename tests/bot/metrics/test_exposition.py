"""Figures follow Prometheus' conventions, and documents, dashboard and alert rules name the ones that
there are.
"""

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import REGISTRY, Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text
from ruamel.yaml import YAML

from bot.figures import PUSH_SECONDS, SETTLED
from bot.incident import IncidentKind
from bot.ledger.measures import Measures
from bot.metrics.exposition import COUNTS, SPREADS, Exposition
from bot.metrics.gauges import GAUGES, Now
from bot.services import Condition
from feeds.figures import FETCHES, ISSUE_SECONDS, LOOKS
from feeds.models import AlarmKind
from feeds.tally import TallySheet
from tests.fakes.figures import OPEN_METRICS, samples, value

ROOT = Path(__file__).parents[3]
DOCS = (ROOT / "docs/metrics.md").read_text("utf-8")
DASHBOARD = json.loads((ROOT / "config/deploy/grafana.json").read_text("utf-8"))
NOW = Now(
    ["huaian", "chuzhou"],
    ["telegram", "wecom"],
    Measures([], {}, {}, {}, set(), {}, 4096),
    {"watch": Condition.RUNNING, "hub": Condition.FAILED},
    datetime(2024, 4, 8, 6, tzinfo=UTC),
)
BASE_UNITS = ("seconds", "bytes")
NOT_BASE = re.compile(r"milli|micro|nano|minute|hour|day|kilo|mega|mib|percent")
NAME = re.compile(r"\b(?:baotong|process)_[a-z0-9_]+\b")
ENDLESS = re.compile(r"chat|url|address|callback|host|path|person|reader|article$|issue$")


def scrape(sheet: TallySheet | None = None, accept: str = OPEN_METRICS) -> bytes:
    return Exposition(sheet or TallySheet()).write(NOW, accept)[0]


def families() -> list[Metric]:
    """What there is, also where it has no value yet."""
    return list(open_metrics(scrape().decode()))


def shown_name(family: Metric) -> str:
    """As a document names it: a counter with `_total`, an info with `_info`."""
    return family.name + {"counter": "_total", "info": "_info"}.get(family.type, "")


def sample_names() -> set[str]:
    """Every name that a query may use."""
    suffixes = {
        "histogram": ("_bucket", "_sum", "_count"),
        "counter": ("_total",),
        "info": ("_info",),
    }
    return {
        family.name + suffix for family in families() for suffix in suffixes.get(family.type, ("",))
    }


# ── conventions ─────────────────────────────────────────────────────────────────────────────────


def test_each_figure_has_words_a_prefix_and_a_name_of_its_own() -> None:
    named = [family for family in families() if not family.name.startswith("process_")]

    assert (
        len({family.name for family in named})
        == len(named)
        == 1 + len((*COUNTS, *SPREADS, *GAUGES))
    )
    for family in named:
        assert family.name.startswith("baotong_"), family.name
        assert family.documentation.endswith("."), family.name
        assert re.fullmatch(r"[a-z][a-z_]*[a-z]", family.name), family.name


@pytest.mark.parametrize("figure", [*COUNTS, *SPREADS, *GAUGES], ids=lambda figure: figure.name)
def test_a_figure_is_in_base_units_and_its_labels_are_few(figure: object) -> None:
    name, labels = figure.name, figure.labels  # type: ignore[attr-defined]
    assert not NOT_BASE.search(name)
    assert not name.endswith(("_total", "_count", "_sum", "_bucket", "_info"))
    assert not [label for label in labels if ENDLESS.search(label)]
    if figure in SPREADS:
        assert name.endswith(BASE_UNITS)
        assert list(figure.bounds) == sorted(set(figure.bounds))  # type: ignore[attr-defined]
    for unit in BASE_UNITS:
        assert unit not in name or name.endswith(unit), name


@pytest.mark.parametrize("accept", ["", "text/plain", OPEN_METRICS])
def test_both_formats_are_read_by_their_parsers_and_say_the_same(accept: str) -> None:
    sheet = TallySheet()
    sheet.count(LOOKS, "huaian", "changed", by=3)
    sheet.observe(PUSH_SECONDS, 1.5, "telegram")
    text, media_type = Exposition(sheet).write(NOW, accept)
    parse = open_metrics if "openmetrics" in media_type else plain_text
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in parse(text.decode())
        for sample in family.samples
    }
    looks = ("baotong_looks_total", ("outcome", "changed"), ("source", "huaian"))
    assert found[looks] == 3
    assert found["baotong_push_latency_seconds_count", ("channel", "telegram")] == 1
    assert media_type.startswith(accept.partition(";")[0] or "text/plain")


def test_a_histogram_adds_up() -> None:
    sheet = TallySheet()
    for seconds in (0.1, 1, 1, 7, 100_000):
        sheet.observe(PUSH_SECONDS, seconds, "telegram")
    text = scrape(sheet)

    def below(bound: str) -> float | None:
        labels = {"channel": "telegram", "le": bound}
        return value(text, "baotong_push_latency_seconds_bucket", labels)

    assert [below(bound) for bound in ("0.5", "1.0", "5.0", "10.0", "43200.0", "+Inf")] == [
        1, 3, 3, 4, 4, 5,
    ]  # fmt: skip
    assert value(text, "baotong_push_latency_seconds_sum", {"channel": "telegram"}) == 100_009.1


def test_what_may_be_counted_begins_at_nothing_so_that_its_first_event_is_a_rise() -> None:
    text = scrape()
    assert value(text, "baotong_ssrf_blocked_total", {"by": "fetch"}) == 0
    for source in NOW.sources:
        assert value(text, "baotong_looks_total", {"source": source, "outcome": "broken"}) == 0
    for channel in NOW.channels:
        labels = {"channel": channel, "state": "failed"}
        assert value(text, f"baotong_{SETTLED.name}_total", labels) == 0


def test_all_words_come_out_whole_whatever_a_label_holds() -> None:
    sheet, odd = TallySheet(), 'a"b\\c\nd春'
    sheet.count(FETCHES, odd)

    assert value(scrape(sheet), "baotong_fetch_requests_total", {"status": odd}) == 1


def test_two_workers_in_one_process_share_nothing() -> None:
    one, other = TallySheet(), TallySheet()
    one.count(LOOKS, "huaian", "changed")
    labels = {"source": "huaian", "outcome": "changed"}
    assert value(scrape(one), "baotong_looks_total", labels) == 1
    assert value(scrape(other), "baotong_looks_total", labels) == 0
    assert not [family.name for family in REGISTRY.collect() if "baotong" in family.name]


def test_a_newspaper_that_a_reload_took_away_is_shown_no_more() -> None:
    sheet = TallySheet()
    for source in ("huaian", "removed"):
        sheet.count(LOOKS, source, "changed")
        sheet.observe(ISSUE_SECONDS, 1, source)
    sources = {sample.labels.get("source") for sample in samples(scrape(sheet))}
    assert sources == {None, "huaian", "chuzhou"}


def test_a_service_that_failed_is_down_and_the_process_is_measured() -> None:
    text = scrape()
    assert value(text, "baotong_service_up", {"service": "watch"}) == 1
    assert value(text, "baotong_service_up", {"service": "hub"}) == 0
    names = {sample.name for sample in samples(text)}
    if Path("/proc/self/stat").exists():
        assert {"process_resident_memory_bytes", "process_cpu_seconds_total"} <= names


def test_one_door_leads_to_the_library() -> None:
    importing = {
        path.relative_to(ROOT).as_posix()
        for package in ("bot", "feeds", "config")
        for path in (ROOT / package).rglob("*.py")
        if "prometheus_client" in set(_imported(path))
    }
    assert importing == {"bot/metrics/exposition.py"}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)


# ── what is written about them ──────────────────────────────────────────────────────────────────


def test_the_document_names_exactly_the_figures_that_there_are_with_their_labels() -> None:
    rows = re.findall(r"(?m)^\| `([a-z_]+)` \| ([a-z, ]*)\|", DOCS)
    labels = {name: {one.strip() for one in said.split(",") if one.strip()} for name, said in rows}

    assert len(labels) == len(rows)
    assert set(labels) == {shown_name(family) for family in families()}
    for figure in (*COUNTS, *SPREADS, *GAUGES):
        shown = f"baotong_{figure.name}" + ("_total" if figure in COUNTS else "")
        assert labels[shown] == set(figure.labels), shown


def test_the_document_explains_every_value_that_a_label_can_take() -> None:
    for figure in COUNTS:
        if figure.name == "journal_entries":  # its kinds are the journal's, "and so on"
            continue
        row = next(
            line for line in DOCS.splitlines() if f"| `baotong_{figure.name}_total` |" in line
        )
        for values in figure.labels.values():
            assert [one for one in values if f"`{one}`" not in row and one[1:] != "xx"] == [], row


def test_the_document_names_every_kind_of_alarm_and_incident() -> None:
    for kind in (*AlarmKind, *IncidentKind):
        assert f"`{kind}`" in DOCS, kind


def test_every_metric_of_the_dashboard_exists_and_every_important_one_is_on_it() -> None:
    asked = list(_expressions(DASHBOARD))
    named = {name for text in asked for name in NAME.findall(text)}

    assert len(asked) > 30
    assert named <= sample_names()
    bases = {re.sub(r"_(bucket|sum|count)$", "", name) for name in named}
    left_out = {shown_name(family) for family in families()} - bases
    assert left_out <= {"process_virtual_memory_bytes", "process_start_time_seconds"}


def _expressions(part: object) -> Iterator[str]:
    """Every query in the dashboard, wherever it stands."""
    if isinstance(part, dict):
        for key, inner in part.items():
            if key in {"expr", "query", "definition"} and isinstance(inner, str):
                yield inner
            else:
                yield from _expressions(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _expressions(inner)


def test_the_dashboard_is_whole_and_holds_nothing_of_a_certain_machine() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert {panel["datasource"]["uid"] for panel in panels if "datasource" in panel} == {
        "${datasource}"
    }
    places = [
        (panel["gridPos"]["x"] + dx, panel["gridPos"]["y"] + dy)
        for panel in panels
        for dx in range(panel["gridPos"]["w"])
        for dy in range(panel["gridPos"]["h"])
    ]
    assert len(places) == len(set(places))  # none covers another
    assert max(x for x, _ in places) == 23
    for text in _expressions(DASHBOARD):
        assert text.count("(") == text.count(")")
        assert text.count("{") == text.count("}")


def test_the_labels_that_the_dashboard_asks_for_exist() -> None:
    known = {"job", "instance", "le"}
    for figure in (*COUNTS, *SPREADS, *GAUGES):
        known |= set(figure.labels)
    for text in _expressions(DASHBOARD):
        for inside in re.findall(r"\b(?:by|ignoring) \(([^)]*)\)", text):
            assert {one.strip() for one in inside.split(",")} <= known, text
        for inside in re.findall(r"\{([^}]*)\}", text.replace("${datasource}", "")):
            assert set(re.findall(r"(\w+)(?:=|!=|=~|!~)\"", inside)) <= known, text


def test_the_three_rules_can_be_copied_and_ask_for_what_exists() -> None:
    blocks = re.findall(r"(?s)```yaml\n(groups:.*?)```", DOCS)
    rules = YAML(typ="safe").load(blocks[0])["groups"][0]["rules"]

    assert len(blocks) == 1
    assert len(rules) == 3
    for rule in rules:
        assert set(rule) == {"alert", "expr", "for", "annotations"}
        assert set(NAME.findall(rule["expr"])) <= sample_names()
        assert NAME.findall(rule["expr"])
