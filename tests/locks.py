"""What the three lock files say: each package with its version, its files' hashes and who asked for it."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.txt", "requirements-test.txt", "requirements-bench.txt")

_PIN = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?==(\S+)(?: ; (.*?))? \\")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"# {3}(\S.*)|# via (\S.*)")


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of one lock file. `marker` says where it is installed, empty: everywhere. `via` are the
    names of those that need it; ours stands there as `baotong (pyproject.toml)`.
    """

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    via: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its package URL, by which boms and advisories name it."""
        return f"pkg:pypi/{self.name}@{self.version}"


def read_lock(text: str) -> Iterator[Locked]:
    """The packages of a lock file in its order. Raises ValueError for a line that pins nothing."""
    for block in re.split(r"(?m)^(?=[^\s#])", text):
        if not block.strip() or block.startswith("#"):
            continue
        pin = _PIN.match(block)
        if pin is None:
            raise ValueError(f"pins nothing: {block.splitlines()[0]}")
        via = tuple(several or one for several, one in _VIA.findall(block))
        yield Locked(pin[1], pin[2], pin[3] or "", tuple(_HASH.findall(block)), via)


def locked(root: Path = ROOT, names: Iterable[str] = LOCKS) -> dict[str, tuple[Locked, ...]]:
    """Every lock file by its name."""
    return {name: tuple(read_lock((root / name).read_text("utf-8"))) for name in names}


def project(root: Path = ROOT) -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


def plain_name(requirement: str) -> str:
    """The name in a requirement as lock files write it (PEP 503)."""
    name = re.match(r"[\w.-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name.group()).lower()
