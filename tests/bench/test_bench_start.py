"""What an operator waits for: the command's help, and one page of 云报平台."""

import random
import subprocess
import sys
import time
from itertools import count, islice
from pathlib import Path
from statistics import median

from bot.cli.main import COMMANDS
from config.sources import YunbaoSource
from feeds.models import Document
from feeds.sources.base import Source
from feeds.sources.table import build_source
from tests.bench.report import show
from tests.feeds.sources.shells import STORY, build, document, random_shell

STARTS, PAGES, READS = 15, 300, 5
AT_MOST_CLICKS, AT_MOST_MS = 4, 2
BAOTONG = Path(sys.executable).parent / "baotong"


def _took(*command: str) -> float:
    """Seconds of one start."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def test_help_is_there_in_four_times_the_import_of_click() -> None:
    ours = median(_took(str(BAOTONG), "--help") for _ in range(STARTS))
    clicks = median(_took(sys.executable, "-c", "import click") for _ in range(STARTS))
    show(
        "baotong --help",
        ("", "ms"),
        [("baotong --help", ours * 1000), ("python -c 'import click'", clicks * 1000)],
    )
    show("ratio", ("ours / click", "at most"), [(ours / clicks, AT_MOST_CLICKS)])
    helps = [(name, _took(str(BAOTONG), name, "--help") * 1000) for name in COMMANDS]
    show("baotong COMMAND --help", ("command", "ms"), sorted(helps, key=lambda row: row[1]))


def _read(source: Source, page: Document) -> float:
    """Milliseconds of one reading."""
    begun = time.perf_counter()
    assert source.read(page).article is not None
    return (time.perf_counter() - begun) * 1000


def test_a_page_is_read_in_two_milliseconds() -> None:
    source = build_source(YunbaoSource(id="p", kind="yunbao", title="报", url="https://p.example/"))
    dice = random.Random(7)
    shells = islice((random_shell(dice) for _ in count()), PAGES)
    pages = [document(build(STORY, shell)) for shell in shells]
    took = sorted(min(_read(source, page) for _ in range(READS)) for page in pages)
    show(
        f"The seed's story in {PAGES} shells, read as 云报平台: the best of {READS} for each",
        ("median ms", "p99 ms", "worst ms", "to reach"),
        [(median(took), took[-1 - PAGES // 100], took[-1], AT_MOST_MS)],
    )
