"""`deliveries`, `withdraw` and `restore` as an operator uses them, on an archive that a worker filled."""

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from bot.compose import CORRECTION, FORMS, PERISHABLE
from bot.errors import Rejected, TryLater, Unknown
from bot.messages.names import FORM_NAMES
from feeds.clock import SystemClock
from feeds.store.build import FILE_NAME, open_store
from tests.fakes.clock import FakeClock
from tests.fakes.disk import small_disk
from tests.fakes.office import DAY, MONDAY, Office, office

Archive = Callable[..., None]
Run = Callable[..., Result]

READERS = ("to: telegram:7", "to: telegram:8, mode: article, max_messages: 3")


@pytest.fixture
def archive(tmp_path: Path) -> "Archive":
    """Does something in the archive, as a worker would some time ago, and closes it."""

    def at_work(work: Callable[[Office], Awaitable[object]], ago: timedelta = DAY * 5) -> None:
        async def main() -> None:
            store = await open_store(tmp_path / "data", None)
            clock = FakeClock(SystemClock().now() - ago)
            try:
                await work(office(store, tmp_path, clock, READERS))
            finally:
                await store.close()

        asyncio.run(main())

    return at_work


@pytest.fixture
def baotong(tmp_path: Path, archive: Archive) -> Callable[..., Result]:
    async def work(place: Office) -> None:
        await place.open()
        place.channel.answers["7"] = [Rejected("message text is empty")]
        await place.publish()
        await place.send()

    archive(work)

    def run(*command: str) -> Result:
        arguments = [*command, "--config", str(tmp_path / "baotong.yaml")]
        return CliRunner().invoke(main, arguments, env={"COLUMNS": "200"})

    return run


def test_deliveries_tells_what_became_of_each_and_why(baotong: Run) -> None:
    shown = baotong("deliveries").output
    assert "telegram:7" in shown
    assert "没送成" in shown
    assert "message text is empty" in shown
    assert "春耕新闻0408-1" in shown
    assert "2024-04-08 一期" in shown


@pytest.mark.parametrize(
    ("options", "there", "not_there"),
    [
        (["--chat", "telegram:7"], "没送成", "telegram:8"),
        (["--state", "sent"], "telegram:8", "telegram:7"),
        (["--source", "chuzhou"], "时间", "telegram"),
    ],
)
def test_deliveries_can_be_chosen(
    baotong: Run, options: list[str], there: str, not_there: str
) -> None:
    shown = baotong("deliveries", *options).output
    assert there in shown
    assert not_there not in shown


def test_what_failed_is_sent_again_when_asked_to_and_nothing_else(
    baotong: Run, archive: Archive
) -> None:
    assert "1 条会再送一次" in baotong("deliveries", "--retry").output
    assert "没有可以再送的" in baotong("deliveries", "--retry").output
    sent: list[str] = []

    async def work(place: Office) -> None:
        await place.send()  # age counts from the operator's word
        sent.extend(given.to for given in place.channel.sent)

    archive(work, timedelta(0))
    assert sent == ["telegram:7"]


def test_what_waits_for_its_chat_is_sent_at_once_when_the_chat_is_named(
    baotong: Run, archive: Archive
) -> None:
    sent: list[str] = []

    async def refuse(place: Office) -> None:
        place.channel.answers["8"] = [TryLater("HTTP 503", timedelta(hours=20))]
        await place.publish(MONDAY + DAY)
        await place.send()

    async def work(place: Office) -> None:
        await place.send()
        sent.extend(given.to for given in place.channel.sent)

    archive(refuse, timedelta(hours=1))
    archive(work, timedelta(0))
    assert sent == []
    assert "1 条会再送一次" in baotong("deliveries", "--retry", "--chat", "telegram:8").output
    archive(work, timedelta(0))
    assert set(sent) == {"telegram:8"}


def test_an_article_is_withdrawn_from_what_was_sent_and_given_back(
    baotong: Run, archive: Archive
) -> None:
    done = baotong("withdraw", "huaian", "2024-04-08/0408-1", "--reason", "来函")
    assert done.exit_code == 0
    assert "撤回了：春耕新闻0408-1" in done.output
    assert "发出的 1 条消息" in done.output
    texts: list[str] = []

    async def work(place: Office) -> None:
        place.clock.jump(DAY * 6)
        await place.spread()
        await place.edit()
        texts.extend(edit.text for edit in place.channel.edited)

    archive(work)
    assert [text.splitlines()[0] for text in texts] == ["此稿已由报社撤回"]
    assert "早就撤回了" in baotong("withdraw", "huaian", "0408-1").output
    assert "放回来了：春耕新闻0408-1" in baotong("restore", "huaian", "0408-1").output
    assert "没有撤回过" in baotong("restore", "huaian", "0408-1").output
    archive(work)
    assert texts[-1].startswith("春耕新闻0408-1")


def test_only_messages_that_tell_of_the_article_are_counted(baotong: Run, archive: Archive) -> None:
    async def work(place: Office) -> None:
        await place.publish(MONDAY + DAY, articles=5)
        await place.send()  # to 7 the issue, to 8 three articles and the rest in one

    archive(work, DAY * 4)
    shown = baotong("deliveries").output
    assert all(f"2024-04-09 {form}" in shown for form in ("一期", "一篇", "其余的"))
    assert "发出的 2 条消息" in baotong("withdraw", "huaian", "0409-1").output
    assert "发出的 2 条消息" in baotong("withdraw", "huaian", "0409-5").output


def test_a_message_that_may_have_arrived_is_counted_and_named_when_it_is_withdrawn(
    baotong: Run, archive: Archive
) -> None:
    async def work(place: Office) -> None:
        place.channel.answers["7"] = [Unknown("ServerDisconnectedError")]
        await place.publish(MONDAY + DAY)
        await place.send()

    archive(work, DAY * 4)
    done = baotong("withdraw", "huaian", "0409-1").output
    assert "发出的 1 条消息" in done
    assert "另有 1 条改不了" in done
    assert "telegram:7  2024-04-09 一期  不知道送到没有" in done


def test_every_form_has_a_name_for_people() -> None:
    assert {*FORMS, *PERISHABLE, CORRECTION, "summary", "said"} == set(FORM_NAMES)


def test_what_could_not_be_edited_is_listed(baotong: Run, archive: Archive) -> None:
    baotong("withdraw", "huaian", "0408-1")

    async def work(place: Office) -> None:
        place.channel.answers["8"] = [Rejected("message can't be edited")]
        place.clock.jump(DAY * 6)
        await place.spread()
        await place.edit()

    archive(work)
    again = baotong("withdraw", "huaian", "0408-1").output
    assert "有 1 条消息改不掉" in again
    assert "message can't be edited" in again
    assert "2024-04-08 一篇" in again
    shown = baotong("deliveries", "--edits").output
    assert "message can't be edited" in shown
    assert "2024-04-08 一篇" in shown


@pytest.mark.parametrize("more", [(), ("--retry",)])
def test_a_newspaper_or_chat_that_nobody_knows_is_no_empty_table(
    baotong: Run, more: tuple[str, ...]
) -> None:
    for option, name, words in (("--source", "nope", "huaian"), ("--chat", "telegram:70", "会话")):
        done = baotong("deliveries", option, name, *more)
        assert done.exit_code == 1
        assert f"没有叫 {name} 的" in done.output
        assert words in done.output
    assert baotong("deliveries", "--source", "chuzhou").exit_code == 0, "there, with nothing owed"


def test_a_newspaper_that_was_removed_is_known_by_what_was_owed(
    baotong: Run, tmp_path: Path
) -> None:
    path = tmp_path / "baotong.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("id: huaian", "id: huaian-new", 1), "utf-8")
    done = baotong("deliveries", "--source", "huaian")
    assert done.exit_code == 0
    assert "telegram:8" in done.output


def test_a_withdrawal_from_an_unknown_newspaper_says_which_there_are(baotong: Run) -> None:
    done = baotong("withdraw", "nope", "0408-1")
    assert done.exit_code == 1
    assert "没有叫 nope 的报纸；有的是：huaian、chuzhou" in done.output


@pytest.mark.parametrize(
    "name", ["http://paper.test/content?id=0408-2", "0408-2", "x/2024-04-08/0408-2"]
)
def test_an_article_is_found_by_its_url_by_ours_and_by_its_key(baotong: Run, name: str) -> None:
    assert "春耕新闻0408-2" in baotong("withdraw", "huaian", name).output


def test_an_article_that_is_not_there_is_an_error_with_1(baotong: Run) -> None:
    done = baotong("withdraw", "huaian", "nothing")
    assert done.exit_code == 1
    assert "没有 nothing 这一篇" in done.output


def test_a_key_that_two_issues_have_must_be_said_whole(baotong: Run, archive: Archive) -> None:
    async def work(place: Office) -> None:
        await place.publish(MONDAY + DAY)
        await place.change_article("0409-1", key="0408-1")

    archive(work)
    done = baotong("withdraw", "huaian", "0408-1")
    assert done.exit_code == 1
    assert "2024-04-08/0408-1" in done.output
    assert "2024-04-09/0408-1" in done.output
    assert baotong("withdraw", "huaian", "2024-04-09/0408-1").exit_code == 0


@pytest.mark.parametrize(
    "command", [("deliveries",), ("withdraw", "huaian", "0408-1"), ("restore", "huaian", "0408-1")]
)
def test_what_sends_nothing_needs_no_token(
    baotong: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    file = tmp_path / "baotong.yaml"
    text = file.read_text(encoding="utf-8")
    assert "1:x" in text
    file.write_text(text.replace("1:x", "${TELEGRAM_TOKEN}"), encoding="utf-8")
    monkeypatch.delenv("TELEGRAM_TOKEN", raising=False)
    assert baotong(*command).exit_code == 0
    assert "TELEGRAM_TOKEN" in baotong("check").output


def test_without_an_archive_there_is_one_line_and_2(tmp_path: Path) -> None:
    (tmp_path / "baotong.yaml").write_text("data_dir: nowhere\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["deliveries", "-c", str(tmp_path / "baotong.yaml")])
    assert done.exit_code == 2
    assert "还没有存档" in done.output
    assert not (tmp_path / "nowhere").exists()


def test_case_151_what_cannot_be_written_is_a_sentence_and_1(baotong: Run, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", mib=4) as disk:
        shutil.copytree(tmp_path / "data", disk / "data")
        worker = sqlite3.connect(disk / "data" / FILE_NAME)  # has it open, as one that runs
        worker.execute("SELECT count(*) FROM sources").fetchall()
        (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free))
        file = tmp_path / "baotong.yaml"
        text = file.read_text("utf-8").replace("data_dir: data", "data_dir: disk/data")
        file.write_text(text, "utf-8")
        commands = (
            ("pause", "huaian"),
            ("withdraw", "huaian", "0408-1"),
            ("deliveries", "--retry"),
        )
        for command in commands:
            result = baotong(*command)
            assert (result.exit_code, "磁盘满了" in result.output) == (1, True), result.output
            assert len(result.output.splitlines()) == 1
        worker.close()
