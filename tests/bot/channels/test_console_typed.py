"""The terminal as a chat that somebody types in: commands are answered, and Ctrl-C needs no return key."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.terminal import terminal
from tests.fakes.worker import Town, town


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        place.configure("to: telegram:7")
        yield place


async def test_what_is_typed_is_answered_over_a_reload_too(place: Town) -> None:
    async with terminal(place.folder, "run", environ=place.environ) as screen:
        await place.api.until(lambda: bool(place.api.sent), 60)
        await screen.answer("第一次看报", "/papers")
        await screen.until("青禾日报")
        file = place.folder / "baotong.yaml"
        file.write_text(file.read_text("utf-8").replace("青禾日报", "青禾晚报"), "utf-8")
        async with terminal(place.folder, "reload") as other:
            assert await other.ended() == 0
        await screen.answer("configuration taken anew", "/papers")
        await screen.until("青禾晚报")
        screen.interrupt()
        assert await screen.ended() == 0


async def test_ctrl_c_ends_it_while_nothing_is_typed(place: Town) -> None:
    async with terminal(place.folder, "run", environ=place.environ) as screen:
        await screen.until("第一次看报")
        screen.press(b"\x03")
        await screen.until("stopped", 20)
        assert await screen.ended() == 0
