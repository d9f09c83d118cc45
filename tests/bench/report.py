"""What a bench prints: a small table with ratios to what a user would pick instead."""

import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints a table; numbers stand right."""
    cells = [[str(column) for column in columns], *([_shown(cell) for cell in row] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)) for row in cells]  # fmt: skip
    sys.stdout.write("\n".join(["", "", title, "-" * _width(title), *lines, ""]))
    sys.stdout.flush()


@dataclass
class Spent:
    """Seconds of this process's CPU, all threads, and of the wall's clock."""

    cpu: float = 0.0
    wall: float = 0.0


@contextmanager
def spent() -> Iterator[Spent]:
    """Measures what is done inside."""
    found = Spent()
    cpu, wall = time.process_time(), time.perf_counter()
    try:
        yield found
    finally:
        found.cpu, found.wall = time.process_time() - cpu, time.perf_counter() - wall


def memory() -> float:
    """MiB that this process holds now (Linux), or at most (elsewhere)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / (1 << 20)
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _shown(cell: object) -> str:
    return f"{cell:,.3g}" if isinstance(cell, float) and abs(cell) < 100 else f"{cell:,.0f}" if isinstance(cell, float) else str(cell)  # fmt: skip


def _padded(cell: str, width: int) -> str:
    space = " " * (width - _width(cell))
    return space + cell if cell[:1].isdigit() else cell + space


def _width(text: str) -> int:
    """Columns of a terminal; Chinese characters take two."""
    return sum(2 if ord(char) >= 0x2E80 else 1 for char in text)
