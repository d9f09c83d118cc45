"""Gathers many small writes into few transactions, without making the first of them wait."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

GATHER_SECONDS = 0.02  # between two groups, so that under load a group is worth its transaction


class Grouped(Generic[Item, Result]):
    """`write` gets what came since the last group: one item when it is calm, many when it is not.
    Every caller gets its own item's result, or the group's exception.
    """

    def __init__(self, write: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]) -> None:
        self._write = write
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._task: asyncio.Task[None] | None = None

    async def put(self, item: Item) -> Result:
        """Returns once the item is written. Cancelling the caller does not unwrite it."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="grouped writes")
        return await future

    async def finish(self) -> None:
        """Waits until everything that was put is written."""
        while self._task is not None and not self._task.done():
            await asyncio.shield(self._task)

    async def _run(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                results = await self._write([item for item, _ in group])
            except Exception as error:  # noqa: BLE001 - every caller of the group gets it
                for _, future in group:
                    if not future.done():
                        future.set_exception(error)
            else:
                for (_, future), result in zip(group, results, strict=True):
                    if not future.done():
                        future.set_result(result)
            await asyncio.sleep(GATHER_SECONDS)
