"""What is paused stays paused until somebody resumes it."""

from datetime import UTC, datetime, timedelta

from feeds.models import PauseKind
from feeds.store import pauses
from feeds.store.engine import Store
from feeds.store.pauses import Pause

NOW = datetime(2024, 4, 8, 6, 0, tzinfo=UTC)


async def test_a_pause_is_kept_as_it_began(store: Store) -> None:
    async with store.write() as tx:
        assert await pauses.pause(tx, PauseKind.SOURCE, "huaian", "telegram:7", NOW)
        later = NOW + timedelta(hours=1)
        assert not await pauses.pause(tx, PauseKind.SOURCE, "huaian", "telegram:8", later)
    async with store.read() as tx:
        assert await pauses.standing(tx, PauseKind.SOURCE) == {"huaian": Pause(NOW, "telegram:7")}
        assert await pauses.standing(tx, PauseKind.CHANNEL) == {}


async def test_what_is_resumed_rings_for_those_who_wait(store: Store) -> None:
    async with store.write() as tx:
        await pauses.pause(tx, PauseKind.CHANNEL, "wecom", "console", NOW)
    heard = store.bell(pauses.BELL).rung
    async with store.write() as tx:
        assert await pauses.resume(tx, PauseKind.CHANNEL, "wecom")
        assert not await pauses.resume(tx, PauseKind.CHANNEL, "huaian")
    assert store.bell(pauses.BELL).rung > heard
    async with store.read() as tx:
        assert await pauses.standing(tx, PauseKind.CHANNEL) == {}
