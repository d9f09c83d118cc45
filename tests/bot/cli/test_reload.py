"""A configuration is changed under a running worker: what is in flight arrives, a bad file changes nothing."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientConnectorError, ClientSession

from tests.fakes.command import Done, baotong
from tests.fakes.figures import OPEN_METRICS, value
from tests.fakes.worker import Town, free_port, town

READER = "7"
TO_READER = "to: telegram:7"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        yield place


def change(place: Town, old: str, new: str) -> None:
    """What an operator does in an editor."""
    file = place.folder / "baotong.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


async def reload(place: Town) -> Done:
    async with asyncio.timeout(60):
        return await baotong(place.folder, "reload")


async def status_of(url: str) -> int:
    async with ClientSession() as session, session.get(url) as response:
        return response.status


async def at_work(place: Town, *deliver: str) -> None:
    """A worker whose subscribers have the newest issue."""
    place.configure(*(deliver or (TO_READER,)))
    await place.start()
    await place.api.until(lambda: len(place.api.sent) == len(deliver or (TO_READER,)), 60)


async def test_a_second_newspaper_is_read_at_once_and_nothing_is_sent_again(place: Town) -> None:
    await at_work(place)
    second = f'  - {{id: second, kind: yunbao, title: 第二份, url: "http://{place.paper}/?2"}}\n'
    change(place, "channels:\n", second + "channels:\n")
    done = await reload(place)

    assert (done.code, done.err) == (0, "")
    assert "多了报纸:second" in done.out
    await place.api.until(lambda: len(place.api.to(READER)) == 2, 60)
    assert [m.text.partition(" ")[0] for m in place.api.to(READER)] == ["青禾日报", "第二份"]
    assert await status_of(f"{place.site}/second/") == 200


async def test_pages_are_served_all_the_while(place: Town) -> None:
    await at_work(place)
    over = asyncio.Event()
    seen: list[int] = []

    async def read() -> None:
        while not over.is_set():
            seen.append(await status_of(f"{place.site}/qinghe/"))

    async with asyncio.TaskGroup() as group:
        group.create_task(read())
        change(place, "青禾日报", "青禾晚报")
        assert (await reload(place)).code == 0
        over.set()
    assert set(seen) == {200}
    async with ClientSession() as session, session.get(f"{place.site}/qinghe/") as response:
        assert "青禾晚报" in await response.text()


async def test_what_is_in_flight_arrives_once(place: Town) -> None:
    readers = [f"to: telegram:{chat}" for chat in range(1, 41)]
    await at_work(place, *readers)
    before = len(place.api.sent)
    await place.print_issue()
    await place.api.until(lambda: len(place.api.sent) > before, 60)
    change(place, "check_every: 1s", "check_every: 2s")
    assert (await reload(place)).code == 0

    await place.api.until(lambda: len(place.api.sent) >= 2 * before, 60)
    assert sorted(m.chat for m in place.api.sent[before:]) == sorted(map(str, range(1, 41)))


async def test_a_bad_file_changes_nothing_and_says_where(place: Town) -> None:
    await at_work(place)
    change(place, "check_every: 1s", "check_evry: 1s")
    done = await reload(place)
    place.workers[0].process.send_signal(signal.SIGHUP)

    assert done.code == 2
    assert "baotong.yaml:6:77 sources[0].check_evry" in done.err
    assert "check_every?" in done.err
    await place.print_issue()
    await place.api.until(lambda: len(place.api.to(READER)) == 2, 60)
    await place.workers[0].wrote("configuration not taken")


async def test_sighup_takes_the_file_anew(place: Town) -> None:
    await at_work(place)
    change(place, "青禾日报", "青禾晚报")
    place.workers[0].process.send_signal(signal.SIGHUP)
    await place.workers[0].wrote("configuration taken anew")
    await place.print_issue()
    await place.api.until(lambda: len(place.api.to(READER)) == 2, 60)

    assert place.api.to(READER)[1].text.startswith("青禾晚报")


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
async def test_a_sighup_that_comes_too_early_is_obeyed_a_little_later(place: Town) -> None:
    place.configure(TO_READER)
    place.is_alone = True  # with all the time that a real start takes
    worker = await place.launch()
    await worker.imported("pydantic_core")
    worker.process.send_signal(signal.SIGHUP)
    await worker.wrote("configuration taken anew")


async def test_a_secret_that_only_the_worker_misses_is_its_answer(place: Town) -> None:
    await at_work(place)
    change(place, "telegram: {", 'wecom: {desk: {key: "${NO_SUCH_KEY}"}}\n  telegram: {')
    done = await reload(place)

    assert done.code == 2
    assert "没有换上" in done.err
    assert "NO_SUCH_KEY" in done.err


async def test_pages_move_to_another_port(place: Town) -> None:
    await at_work(place)
    old, place.port = place.port, free_port()
    change(place, str(old), str(place.port))
    assert (await reload(place)).code == 0

    assert await status_of(f"{place.site}/qinghe/") == 200
    with pytest.raises(OSError, match=str(old)):
        await status_of(f"http://127.0.0.1:{old}/qinghe/")


async def test_a_port_that_is_taken_changes_nothing(place: Town) -> None:
    await at_work(place)
    old, taken = place.port, place.paper.rpartition(":")[2]
    change(place, f'listen: "127.0.0.1:{old}"', f'listen: "127.0.0.1:{taken}"')
    done = await reload(place)

    assert done.code == 2
    assert f"server.listen 127.0.0.1:{taken}" in done.err
    assert await status_of(f"{place.site}/qinghe/") == 200


async def test_case_149_a_removed_newspaper_keeps_its_data_and_may_come_back(place: Town) -> None:
    await at_work(place)
    change(place, "  - {id: qinghe", "  - {id: other")
    done = await reload(place)
    assert (done.code, done.err) == (0, "")
    assert "去掉了报纸(存下的都留着):qinghe" in done.out
    change(place, "  - {id: other", "  - {id: qinghe")
    assert (await reload(place)).code == 0

    assert await status_of(f"{place.site}/qinghe/2024-04-08/") == 200
    assert len(place.api.to(READER)) == 2  # the newest issue of each, once


async def test_another_data_dir_is_told_to_need_a_restart(place: Town) -> None:
    await at_work(place)
    change(place, "data_dir: var", "data_dir: elsewhere")
    done = await reload(place)
    assert (done.code, "elsewhere" in done.err, "停下再启动" in done.err) == (1, True, True)


async def test_nobody_is_told_to_reload_where_nobody_runs(place: Town) -> None:
    place.configure(TO_READER)
    change(place, "${TELEGRAM_TOKEN}", "1:made-up")
    done = await reload(place)

    assert done.code == 1
    assert "没有报童" in done.err


async def figures(port: int) -> bytes:
    async with (
        ClientSession(headers={"Accept": OPEN_METRICS}) as session,
        session.get(f"http://127.0.0.1:{port}/metrics") as response,
    ):
        assert response.status == 200
        return await response.read()


async def test_figures_are_turned_on_moved_and_off_again_and_go_on_counting(place: Town) -> None:
    await at_work(place)
    ports, sources = [free_port(), free_port()], "sources:\n"
    lines = [f'metrics: {{listen: "127.0.0.1:{port}"}}\n' for port in ports]
    change(place, sources, lines[0] + sources)
    assert "metrics" in (await reload(place)).out
    sent = {"channel": "telegram", "state": "sent"}  # counted before anybody could ask
    assert value(await figures(ports[0]), "baotong_deliveries_settled_total", sent) == 1

    change(place, lines[0], lines[1])
    assert (await reload(place)).code == 0
    assert value(await figures(ports[1]), "baotong_deliveries_settled_total", sent) == 1
    with pytest.raises(ClientConnectorError):
        await figures(ports[0])

    change(place, lines[1], "")
    assert (await reload(place)).code == 0
    with pytest.raises(ClientConnectorError):
        await figures(ports[1])


async def test_a_place_for_figures_that_is_taken_changes_nothing(place: Town) -> None:
    await at_work(place)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        change(place, "sources:\n", f'metrics: {{listen: "{address}"}}\nsources:\n')
        done = await reload(place)

    assert done.code != 0
    assert f"{address} 上提供数字(metrics.listen)" in done.err
    assert await status_of(f"{place.site}/qinghe/") == 200
