"""`baotong run` on a disk that is full, and on a database that somebody takes away."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from feeds.store.build import FILE_NAME
from tests.fakes.disk import small_disk
from tests.fakes.worker import Town, town


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        place.configure("to: telegram:7")
        yield place


async def test_case_151_a_first_start_on_a_full_disk_ends_with_a_sentence_and_later_begins(
    place: Town,
) -> None:
    with small_disk(place.folder / "var", mib=8) as disk:
        (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free))
        for _ in range(2):
            worker = await place.launch()
            assert await worker.ended() == 2
            assert "磁盘满了" in worker.said()
            assert "Traceback" not in worker.said()
        (disk / "filler").unlink()
        worker = await place.start()
        await place.api.until(lambda: len(place.api.to("7")) == 1, 60)
        assert await worker.stop() == 0


async def test_a_database_that_is_deleted_under_the_worker_is_saved_and_nothing_is_pushed_again(
    place: Town,
) -> None:
    worker = await place.start()
    await place.api.until(lambda: len(place.api.to("7")) == 1, 60)
    for file in (place.folder / "var").glob(f"{FILE_NAME}*"):
        file.unlink()
    assert await worker.ended() == 1  # which config/deploy/baotong.service restarts
    assert worker.said().splitlines()[-1].startswith("数据库文件被删掉或换掉了")

    await place.start()
    await place.print_issue()  # whose message proves that an older one would have come
    await place.api.until(lambda: len(place.api.to("7")) == 2, 60)
    assert "2024年04月09日" in place.api.to("7")[1].text
