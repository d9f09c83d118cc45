"""`baotong status`, `pause` and `resume`: beside a worker or without one, and what they leave behind."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot.cli.main import main
from bot.standing.document import document
from bot.standing.gather import gather
from config.load import load
from feeds.clock import SystemClock
from feeds.errors import StoreError
from feeds.store import looks
from feeds.store.build import FILE_NAME, look_into, open_store
from feeds.store.lock import DataLock
from tests.fakes.archive import fill
from tests.fakes.command import baotong
from tests.fakes.press import evening, monday, papers
from tests.fakes.settings import TWO_PAPERS
from tests.fakes.worker import Town, town

Run = Callable[..., Result]
SECRET = 'channels: {telegram: {token: "${NO_SUCH_TOKEN}"}}'


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A configuration whose token nobody has here, and an archive of two papers."""
    written = TWO_PAPERS.format(public_url="http://127.0.0.1:8080/", more=SECRET, huaian="skip: []")
    (tmp_path / "baotong.yaml").write_text(written, encoding="utf-8")

    async def make() -> None:
        store = await open_store(tmp_path / "data", None)
        await fill(store, papers(), [monday(), evening()])
        await store.close()

    asyncio.run(make())
    return tmp_path


@pytest.fixture
def run(archive: Path) -> Run:
    def run(*command: str) -> Result:
        arguments = [*command, "--config", str(archive / "baotong.yaml")]
        return CliRunner().invoke(main, arguments, env={"COLUMNS": "160"})

    return run


def test_all_is_well(run: Run, archive: Path) -> None:
    with DataLock(archive / "data"):
        result = run("status")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert "在运行（进程 " in lines[0]
    assert lines[2] == "都好。"
    for words in ("淮安区报", "2024-04-08 5208", "4 版 8 篇", "telegram"):
        assert words in result.output


def test_something_needs_a_hand(run: Run) -> None:
    result = run("status")
    assert result.exit_code == 1
    assert "▪ 报童没有在运行：baotong run" in result.output


def test_what_others_wrote_steers_no_terminal(run: Run, archive: Path) -> None:
    async def fail() -> None:
        store = await open_store(archive / "data", None)
        async with store.write() as tx:
            now = SystemClock().now()
            await looks.note_failure(tx, "huaian", now, now, 1, "[bold]\x1b[2J\x9b没有回答")
        await store.close()

    asyncio.run(fail())
    output = run("status").output
    assert "连着 1 次没读到：[bold][2J没有回答" in output
    assert not {"\x1b", "\x9b"} & set(output)


def test_the_json_is_what_its_help_says(run: Run, archive: Path) -> None:
    with DataLock(archive / "data"):
        result = run("status", "--json")
    assert result.exit_code == 0
    said = json.loads(result.output)
    assert (said["ok"], said["needs"], said["worker"]["running"]) == (True, [], True)
    assert said["sources"][0]["issue"] == {
        "key": "2024-04-08", "date": "2024-04-08", "number": "5208", "status": "complete",
        "pages": 4, "articles": 8,
    }  # fmt: skip
    told = CliRunner().invoke(main, ["status", "--help"]).output
    assert [key for key in set(_keys(said)) if key not in told] == []


def _keys(said: Any) -> Iterator[str]:
    if isinstance(said, dict):
        for key, value in said.items():
            yield key
            yield from _keys(value)
    elif isinstance(said, list):
        for one in said:
            yield from _keys(one)


def test_nothing_is_written(run: Run, archive: Path) -> None:
    def state() -> dict[str, tuple[int, bytes]]:
        files = sorted((archive / "data").iterdir())
        return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}

    before = state()
    for command in (("status",), ("status", "--json")):
        run(*command)
    assert state() == before


async def test_who_looks_cannot_write(archive: Path) -> None:
    store = await look_into(archive / "data", None)
    with pytest.raises(OperationalError, match="readonly"):
        async with store.write() as tx:
            await tx.execute(text("UPDATE sources SET title = 'x'"))
    await store.close()


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("pause", "huaian"),
        ("withdraw", "huaian", "x"),
        ("restore", "huaian", "x"),
        ("deliveries", "--retry"),
        ("export", "out"),
    ],
)
def test_a_database_that_waits_for_its_migration_is_left_alone(
    run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """An older worker may be at work on it."""
    monkeypatch.chdir(archive)
    monkeypatch.setenv("NO_SUCH_TOKEN", "1:x")
    with sqlite3.connect(archive / "data" / FILE_NAME) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    before = (archive / "data" / FILE_NAME).read_bytes()
    result = run(*command)
    assert result.exit_code == (2 if command[0] == "export" else 1)
    assert "baotong run 启动时会升级它" in result.output
    assert (archive / "data" / FILE_NAME).read_bytes() == before


def test_where_there_is_nothing_yet_it_says_what_to_do(run: Run, archive: Path) -> None:
    for file in (archive / "data").iterdir():
        file.unlink()
    result = run("status")
    assert result.exit_code == 2
    assert "先运行 baotong run" in result.output
    (archive / "baotong.yaml").write_text("sources: {}", encoding="utf-8")
    assert run("status").exit_code == 2


def gone(file: Path) -> None:
    file.unlink()


def empty(file: Path) -> None:
    file.write_bytes(b"")


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("lose", [gone, empty, folder])
def test_case_156_what_run_refuses_is_not_sent_to_run(
    run: Run, archive: Path, lose: Callable[[Path], None]
) -> None:
    lose(archive / "data" / FILE_NAME)
    with pytest.raises(StoreError) as refusal:
        asyncio.run(open_store(archive / "data", None))
    for command in (("status",), ("pause", "huaian"), ("backup", "b.db")):
        result = run(*command)
        assert (result.exit_code, result.output) == (1, f"{refusal.value}\n")
    assert "权限" not in str(refusal.value)


def test_a_paper_and_a_channel_are_paused_from_the_shell(run: Run) -> None:
    assert "停了：huaian" in run("pause", "huaian").output
    assert "停了：telegram" in run("pause", "telegram").output
    assert "本来就停着：huaian" in run("pause", "huaian").output
    assert run("status").output.count("停着，从 ") == 2
    assert "接着来：huaian" in run("resume", "huaian").output
    assert "本来就没有停：huaian" in run("resume", "huaian").output
    said = json.loads(run("status", "--json").output)
    assert [source["paused"] for source in said["sources"]] == [None, None]
    assert said["channels"][0]["paused"]["by"] == "console"
    unknown = run("pause", "nobody")
    assert unknown.exit_code == 1
    assert "报纸：huaian、chuzhou；渠道：telegram" in unknown.output
    chat = run("pause", "telegram:7")
    assert (chat.exit_code, "整个渠道 telegram" in chat.output) == (1, True)


# ── beside a worker ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        place.configure("to: telegram:9")
        with (tmp_path / "baotong.yaml").open("a", encoding="utf-8") as file:
            file.write('operators: ["telegram:7"]\n')
        yield place


async def status(place: Town) -> Any:
    return json.loads((await baotong(place.folder, "status", "--json")).out)


async def test_what_an_operator_pauses_in_the_chat_rests_until_it_is_resumed_in_the_shell(
    place: Town,
) -> None:
    """A restart lies between, and `status` is asked while the worker runs."""
    worker = await place.start()
    await place.api.until(lambda: len(place.api.to(9)) == 1, 60)
    await place.api.write("/pause qinghe")
    await place.api.until(lambda: len(place.api.to(7)) == 1)
    assert place.api.to(7)[0].text.startswith("停了：《青禾日报》")
    said = await status(place)
    assert said["worker"] == {"running": True, "pid": worker.process.pid}
    assert said["sources"][0]["paused"]["by"] == "telegram:7"
    assert said["sources"][0]["found_by"]["title"]

    await worker.stop()
    worker = await place.start()
    await place.print_issue()
    await place.api.write("/check qinghe")  # which an operator may do all the same
    await place.api.until(lambda: bool(place.api.edited), 30)
    assert "✓ 2024-04-09" in place.api.edited[0].text
    assert len(place.api.to(9)) == 1
    assert (await status(place))["sources"][0]["issue"]["key"] == "2024-04-08"

    assert (await baotong(place.folder, "resume", "qinghe")).code == 0
    await place.api.until(lambda: len(place.api.to(9)) == 2, 30)
    await place.api.write("/status")
    await place.api.until(lambda: "各份报纸" in place.api.to(7)[-1].text)
    assert "2024-04-09" in place.api.to(7)[-1].text
    assert await worker.stop() == 0


async def test_a_report_is_the_same_from_a_store_that_only_reads(archive: Path) -> None:
    settings = load(archive / "baotong.yaml", {}, sends=False)
    now = SystemClock().now()
    writing = await open_store(archive / "data", None)
    reading = await look_into(archive / "data", None)
    try:
        one, other = [await gather(store, settings, now) for store in (writing, reading)]
    finally:
        await writing.close()
        await reading.close()
    assert document(one, str)["sources"] == document(other, str)["sources"]
