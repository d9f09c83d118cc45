"""Starts the event loop and turns the system's signals into one stop event."""

import asyncio
import importlib.util
import os
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_STOPS = (signal.SIGINT, signal.SIGTERM)


def run_async(main: Callable[[asyncio.Event], Awaitable[T]]) -> T:
    """Runs `main` with an event that SIGTERM or Ctrl-C sets; a second signal ends at once."""

    async def guarded() -> T:
        stop = asyncio.Event()
        _on_signals(stop)
        return await main(stop)

    before = {number: signal.getsignal(number) for number in _STOPS}
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(guarded())
    finally:
        # A command may go on without a loop, at a question: Ctrl-C must end it there too.
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


class _Early:
    """Remembers a SIGHUP that came before anybody could act on it."""

    def __init__(self) -> None:
        self.came = False

    def __call__(self, _number: int, _frame: object) -> None:
        self.came = True


def remember_hangups() -> None:
    """Called first of all: until `on_hangup` a SIGHUP would end the process, and imports take their time."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, _Early())


def on_hangup(call: Callable[[], None]) -> None:
    """Calls it in the running loop at every SIGHUP, which service managers send to have a configuration
    taken anew. A terminal that is closed sends it too, and then it ends the process as ever. Windows
    has none.
    """
    if not hasattr(signal, "SIGHUP"):
        return
    loop, has_terminal = asyncio.get_running_loop(), _has_terminal()

    def hung_up(_number: int, _frame: object = None) -> None:
        if has_terminal and not _has_terminal():
            signal.raise_signal(signal.SIGTERM)
        else:
            loop.call_soon_threadsafe(call)

    early = signal.getsignal(signal.SIGHUP)
    signal.signal(signal.SIGHUP, hung_up)
    if isinstance(early, _Early) and early.came:
        hung_up(signal.SIGHUP)


def _has_terminal() -> bool:
    """Whether this process has a terminal that is still there."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Uvloop where it is installed (the extra `speed`), asyncio's own otherwise."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module(
        "uvloop"
    ).new_event_loop
    return factory


def _on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def on_signal(number: int, _frame: object = None) -> None:
        signal.signal(number, signal.SIG_DFL)
        loop.call_soon_threadsafe(stop.set)

    for number in _STOPS:
        # Not loop.add_signal_handler: Windows has none.
        signal.signal(number, on_signal)
