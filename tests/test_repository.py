"""What must never be committed, and what must agree with each other."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LOCKS = ("requirements.txt", "requirements-test.txt", "requirements-bench.txt")

FORBIDDEN = {
    "an address of a package index": re.compile(
        rb"(?m)^\s*--?(?:extra-)?index-url|https?://[^\s\"']+/simple\b|file://[^\s\"']+/simple\b"
    ),
    "a path of somebody's machine": re.compile(rb"(?<![\w.])/(?:home|Users|work|root)/[\w.]+/"),
    "a Telegram token": re.compile(rb"\b[0-9]{9,10}:AA[A-Za-z0-9_-]{33}\b"),
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a key of a cloud": re.compile(rb"\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b"),
}


def _committed() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path != Path(__file__):
            yield path


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_committed_file_holds(what: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group().decode(errors='replace')}"
        for path in _committed()
        for match in FORBIDDEN[what].finditer(path.read_bytes())
    ]

    assert not found


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_one_version_and_its_hashes(name: str) -> None:
    blocks = re.split(r"(?m)^(?=\S)", (ROOT / name).read_text())
    packages = [block for block in blocks if block.strip() and not block.startswith("#")]

    assert packages
    for package in packages:
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==\S+", package), package
        assert "--hash=sha256:" in package, package


def test_the_locks_agree_with_each_other() -> None:
    """One of them may hold two versions of a package, each for some Pythons."""
    pinned: dict[str, dict[str, set[str]]] = {}
    for name in LOCKS:
        for line in re.findall(r"(?m)^([\w.-]+(?:\[[\w,]+\])?==\S+)", (ROOT / name).read_text()):
            package, _, version = line.partition("==")
            pinned.setdefault(package, {}).setdefault(name, set()).add(version)

    for package, locks in pinned.items():
        first, *others = locks.values()
        assert all(found == first for found in others), package


def test_the_locks_hold_every_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    extras = list(chain.from_iterable(project["project"]["optional-dependencies"].values()))
    needed = {
        "requirements.txt": project["project"]["dependencies"] + groups["build"],
        "requirements-test.txt": extras + groups["test"] + groups["lint"],
        "requirements-bench.txt": groups["bench"],
    }

    for name, requirements in needed.items():
        locked = set(re.findall(r"(?m)^([\w.-]+)", (ROOT / name).read_text()))
        declared = {_normal(requirement) for requirement in requirements}
        assert declared <= locked, name


def _normal(requirement: str) -> str:
    """The name in a requirement as lock files write it (PEP 503)."""
    name = re.match(r"[\w.-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name.group()).lower()


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    headings = re.findall(r"(?m)^## (\S+)", (ROOT / "docs" / "CHANGELOG.md").read_text())

    assert headings[0] == version
