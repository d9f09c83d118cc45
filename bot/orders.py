"""Taking the configuration anew without a restart: who asked, what came of it, and what that changed.

SIGHUP ─────────┐
                ├─▶ Orders.next ─▶ read, compare ─▶ rebuild ─▶ Orders.answer
baotong reload ─┘ (a file in data_dir, so that it works on Windows and across containers)
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import structlog

from feeds.shelf import write_atomically

log = structlog.get_logger(__name__)

NAME = "reload.json"
POLL_SECONDS = 1.0
BY_SIGNAL = ""  # nobody waits for the answer of such an order


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an order, in lines for people."""

    order: str
    is_done: bool
    lines: Sequence[str]


class Orders:
    """The worker's end of the file."""

    def __init__(self, data_dir: Path, hung_up: asyncio.Event) -> None:
        self._file = data_dir / NAME
        self._hung_up = hung_up
        self._answered = _read(self._file).get("order")  # what was asked of a worker before us

    async def next(self) -> str:
        """Returns the id of the next order, or `BY_SIGNAL`."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hung_up.wait(), POLL_SECONDS)
                self._hung_up.clear()
                return BY_SIGNAL
            order = _read(self._file).get("order")
            if isinstance(order, str) and order != self._answered:
                return order

    def answer(self, answer: Answer) -> None:
        """Tells what came of it: in the log, and to whoever waits."""
        tell = log.info if answer.is_done else log.error
        tell("configuration taken anew" if answer.is_done else "configuration not taken",
             reason="; ".join(answer.lines))  # fmt: skip
        if answer.order == BY_SIGNAL:
            return
        self._answered = answer.order
        try:
            write_atomically(self._file, json.dumps(asdict(answer), ensure_ascii=False).encode())
        except OSError as error:
            log.warning("reload not answered", reason=error.strerror)


def give_order(data_dir: Path) -> str:
    """Asks the worker on this data to take its configuration anew; the order's id. Raises OSError."""
    order = uuid4().hex
    write_atomically(data_dir / NAME, json.dumps({"order": order}).encode())
    return order


def answer_to(data_dir: Path, order: str) -> Answer | None:
    """What the worker said to this order, once it has."""
    match _read(data_dir / NAME):
        case {"order": str(named), "is_done": bool(is_done), "lines": [*lines]} if named == order:
            return Answer(order, is_done, tuple(map(str, lines)))
    return None


def _read(file: Path) -> dict[str, object]:
    try:
        said = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
