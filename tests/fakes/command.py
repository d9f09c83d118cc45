"""The `baotong` command in a process of its own, beside servers that run in the test's loop."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from tests.fakes import canary
from tests.fakes.nursery import bear

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


async def baotong(folder: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> Done:
    """Runs a command in this folder, in a wide terminal, with more variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BAOTONG_")}
    variables = {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "COLUMNS": "200"}
    with TemporaryFile() as out, TemporaryFile() as err, Path(os.devnull).open("rb") as nothing:
        files = [file.fileno() for file in (nothing, out, err)]
        process = bear(arguments, folder, variables | dict(environ or {}), files)
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            process.kill()
            raise
        said = [_all_of(file) for file in (out, err)]
    for one in said:
        canary.watch("a command's output", one)
    return Done(code, *said)


def _all_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()
