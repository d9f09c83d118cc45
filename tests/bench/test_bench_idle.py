"""What a worker costs while nothing happens: ten papers looked at by their schedule, a bot that listens.

`pytest -s tests/bench/test_bench_idle.py`; IDLE_SECONDS=600 for a longer one, with a look or two at each
paper: they cost so little (test_bench_poll.py) that a minute says the same.
"""

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bench.report import show
from tests.bench.server import serving
from tests.fakes.botapi import BotApi, serve
from tests.fakes.clock import FakeClock
from tests.fakes.worker import Town, free_port

PAPERS, READERS = 10, 3
SECONDS = int(os.environ.get("IDLE_SECONDS", "60"))
SETTLING = 10  # seconds after the last paper was read: what was put off is done by then
MOST_MIB, MOST_PERCENT = 150, 1.0
MiB = 1 << 20

YAML = """\
data_dir: var
public_url: http://127.0.0.1:{port}/
server: {{listen: "127.0.0.1:{port}"}}
fetch: {{gap: 0s, allow_hosts: ["{paper}"]}}
sources:
{sources}
channels:
  telegram: {{token: "${{TELEGRAM_TOKEN}}", api_url: "{api}"}}
deliver:
{deliver}
"""
SOURCE = '  - {{id: p{n}, kind: yunbao, title: 报纸{n}, url: "http://{paper}/{n}/"}}'
DELIVER = '  - {{to: "telegram:{n}", source: "*", quiet: null}}'

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks Linux")


@dataclass(frozen=True)
class Held:
    """Bytes of a process and its children: resident in each, and the share of each that is its own."""

    processes: int
    resident: int
    share: int


def family(pid: int) -> list[int]:
    """The process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def held(pids: list[int]) -> Held:
    rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]
    return Held(len(pids), *(sum(_kilobytes(r, name) for r in rollups) for name in ("Rss", "Pss")))


def _kilobytes(rollup: str, name: str) -> int:
    line = next(line for line in rollup.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


def cpu(pids: list[int]) -> float:
    """Seconds that they have had, all threads, their ended children too."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return ticks / os.sysconf("SC_CLK_TCK")


async def test_a_worker_at_rest_holds_150_mib_and_takes_a_hundredth_of_a_core(
    tmp_path: Path,
) -> None:
    with serving() as paper:
        async with serve(BotApi()) as api:
            place = Town(tmp_path, api, FakeClock(), paper, free_port())
            _configure(place)
            worker = await place.start()
            try:
                pid = worker.process.pid
                await place.api.until(lambda: len(api.sent) >= PAPERS * READERS, 120)
                begun = cpu(family(pid))
                await asyncio.sleep(SETTLING)
                before, wall = cpu(family(pid)), time.monotonic()
                await asyncio.sleep(SECONDS)
                spent, took = cpu(family(pid)) - before, time.monotonic() - wall
                memory = held(family(pid))
            finally:
                code = await worker.stop()
    percent = 100 * spent / took
    show(
        f"A worker at rest: {PAPERS} papers, a bot that listens, {took:.0f} s",
        ("", "measured", "at most"),
        [
            ("MiB resident", memory.resident / MiB, MOST_MIB),
            ("MiB, its share of what processes share", memory.share / MiB, "-"),
            ("processes", memory.processes, "-"),
            ("% of a core", percent, MOST_PERCENT),
            ("s of CPU until everything was read and pushed", begun, "-"),
        ],
    )
    assert code == 0, worker.said()
    assert memory.share <= MOST_MIB * MiB
    assert percent <= MOST_PERCENT


def _configure(place: Town) -> None:
    papers = "\n".join(SOURCE.format(n=n, paper=place.paper) for n in range(PAPERS))
    deliver = "\n".join(DELIVER.format(n=n + 1) for n in range(READERS))
    text = YAML.format(
        port=place.port, paper=place.paper, api=place.api.url, sources=papers, deliver=deliver
    )
    (place.folder / "baotong.yaml").write_text(text, encoding="utf-8")
