"""Where our dependencies come from: the bill of materials, and the audit of what is locked."""

import json
import re
from pathlib import Path

import pytest

from tests.audit import Advisory, Unreachable, ask, verdict
from tests.fakes.advisories import Advisories
from tests.locks import LOCKS, ROOT, Locked, locked, project, read_lock
from tests.sbom import bill, write

PACKAGES = {one.purl: one for lock in locked().values() for one in lock}
CLICK = next(one for one in PACKAGES.values() if one.name == "click")
DECLARED = {
    "project": {
        "name": "ours",
        "version": "1",
        "description": "",
        "license": "MIT",
        "dependencies": ["a>=1"],
        "optional-dependencies": {"more": ["B_c[x]>=1"]},
    }
}
SMALL = """\
a==1 \\
    --hash=sha256:{0}
    # via ours (pyproject.toml)
b-c==2 ; python_full_version < '3.12' \\
    --hash=sha256:{0} \\
    --hash=sha256:{1}
    # via ours (pyproject.toml)
b-c==3 ; python_full_version >= '3.12' \\
    --hash=sha256:{0}
    # via ours (pyproject.toml)
below==1 \\
    --hash=sha256:{0}
    # via
    #   a
    #   b-c
tool==1 \\
    --hash=sha256:{0}
    # via ours (pyproject.toml:test)
""".format("0" * 64, "1" * 64)


# ── the bill of materials ───────────────────────────────────────────────────────────────────────


def test_the_bill_names_every_locked_package_with_its_hashes(tmp_path: Path) -> None:
    made = json.loads(write(tmp_path / "dist").read_text("utf-8"))
    listed = {
        (one["purl"], digest["content"])
        for one in made["components"]
        for reference in one["externalReferences"]
        for digest in reference["hashes"]
    }
    pinned = set()
    for name in LOCKS:
        for block in re.split(r"(?m)^(?=\S)", (ROOT / name).read_text("utf-8")):
            if pin := re.match(r"([\w.-]+)(?:\[.*?\])?==(\S+)", block):
                purl = f"pkg:pypi/{pin[1]}@{pin[2]}"
                pinned |= {(purl, digest) for digest in re.findall(r"sha256:(\w{64})", block)}

    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert pinned
    assert listed == pinned


def test_the_bill_says_who_needs_what_and_what_is_not_for_running() -> None:
    made = bill({"requirements.txt": tuple(read_lock(SMALL))}, DECLARED)
    needs = {one["ref"]: one["dependsOn"] for one in made["dependencies"]}
    scopes = {one["purl"]: one["scope"] for one in made["components"]}

    assert needs["baotong"] == ["pkg:pypi/a@1", "pkg:pypi/b-c@2", "pkg:pypi/b-c@3"]
    assert needs["pkg:pypi/b-c@3"] == ["pkg:pypi/below@1"]
    assert needs["pkg:pypi/below@1"] == []
    assert scopes == {
        "pkg:pypi/a@1": "required",
        "pkg:pypi/b-c@2": "optional",
        "pkg:pypi/b-c@3": "optional",
        "pkg:pypi/below@1": "required",
        "pkg:pypi/tool@1": "excluded",
    }


def test_every_package_of_the_bill_has_its_place_in_the_graph_and_nothing_else_has() -> None:
    made = bill(locked(), project())
    components = [one["bom-ref"] for one in made["components"]]
    needs = {one["ref"]: one["dependsOn"] for one in made["dependencies"]}
    reached = {ref for below in needs.values() for ref in below}

    assert len(set(components)) == len(components)
    assert list(needs) == ["baotong", *components]
    assert reached <= set(components)
    assert {one["bom-ref"] for one in made["components"] if one["scope"] == "required"} <= reached


def test_the_same_lock_files_give_the_same_bytes(tmp_path: Path) -> None:
    assert write(tmp_path / "a").read_bytes() == write(tmp_path / "b").read_bytes()


def test_a_line_that_pins_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="loose>=1"):
        list(read_lock(SMALL + "loose>=1\n"))


# ── the audit ───────────────────────────────────────────────────────────────────────────────────


async def test_every_locked_package_is_asked_for_and_none_of_them_is_known() -> None:
    async with Advisories().running() as source:
        answer = await ask(PACKAGES, source.url)

    assert answer == []
    assert sorted(source.asked) == sorted(PACKAGES)
    assert verdict(answer, len(PACKAGES), {})[0] == 0


async def test_a_known_vulnerability_is_named_with_the_version_that_mends_it() -> None:
    source = Advisories()
    affected = [
        {
            "package": {"name": "click"},
            "ranges": [
                {"type": "GIT", "events": [{"fixed": "0123456789abcdef"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]},
            ],
        },
        {"package": {"name": "other"}, "ranges": [{"type": "ECOSYSTEM", "events": []}]},
    ]
    source.knows(CLICK.purl, "GHSA-1", summary="Runs what it reads", affected=affected)
    async with source.running():
        answer = await ask(PACKAGES, source.url)
    status, lines = verdict(answer, len(PACKAGES), {})

    assert status == 1
    assert lines[0] == (
        f"VULNERABLE: click {CLICK.version}: Runs what it reads; fixed in 99.1 "
        "(https://osv.dev/vulnerability/GHSA-1)"
    )


async def test_an_answer_in_pages_is_read_to_its_end() -> None:
    source = Advisories(page_size=2)
    for number in range(5):
        source.knows(CLICK.purl, f"PYSEC-{number}")
    async with source.running():
        answer = await ask(PACKAGES, source.url)

    assert isinstance(answer, list)
    assert [one.id for one in answer] == [f"PYSEC-{number}" for number in range(5)]


async def test_a_known_vulnerability_counts_though_nobody_tells_more_of_it() -> None:
    source = Advisories(tells_more=False)
    source.knows(CLICK.purl, "GHSA-1")
    async with source.running():
        answer = await ask(PACKAGES, source.url)

    assert verdict(answer, len(PACKAGES), {})[0] == 1


@pytest.mark.parametrize("name", ["GHSA-1", "CVE-2026-1"])
def test_what_is_accepted_passes_and_is_named_with_its_reason(name: str) -> None:
    known = Advisory(CLICK, "GHSA-1", "Slow", (), frozenset({"CVE-2026-1"}))
    status, lines = verdict([known], 1, {name: "not reachable by us"})

    assert status == 0
    assert lines[0].startswith("accepted (not reachable by us): click")


@pytest.mark.parametrize("status", [403, 407, 429, 500, 503])
async def test_a_source_that_does_not_answer_passes_and_is_said(status: int) -> None:
    async with Advisories(status=status).running() as source:
        answer = await ask(PACKAGES, source.url)

    assert isinstance(answer, Unreachable)
    assert verdict(answer, 1, {})[0] == 0
    assert verdict(answer, 1, {})[1][0].startswith("NOT AUDITED")


async def test_a_question_that_is_refused_fails_for_it_would_never_be_answered() -> None:
    async with Advisories(status=400).running() as source:
        answer = await ask(PACKAGES, source.url)

    assert verdict(answer, 1, {})[0] == 1


async def test_where_there_is_nobody_the_audit_passes_and_says_so() -> None:
    async with Advisories().running() as source:
        pass

    answer = await ask({CLICK.purl: CLICK}, source.url)
    assert isinstance(answer, Unreachable)
    assert answer.why


def test_a_package_is_known_to_advisories_by_its_purl() -> None:
    assert Locked("a", "1", "", (), ()).purl == "pkg:pypi/a@1"
