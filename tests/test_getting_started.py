"""docs/getting-started.zh-CN.md does what it says: its dialogue is held at a terminal and its commands are run, in order, with a
fake newspaper at the address that it names and a fake robots' server.
"""

import asyncio
import os
import re
import shlex
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cli.main import COMMANDS
from config.load import load
from tests.fakes.botapi import TOKEN, BotApi
from tests.fakes.botapi import serve as serve_api
from tests.fakes.command import baotong
from tests.fakes.newspaper import Newspaper, newspaper
from tests.fakes.papers import FAMILIES
from tests.fakes.robots import KEY, Robots
from tests.fakes.robots import serve as serve_robots
from tests.fakes.terminal import terminal
from tests.fakes.worker import free_port

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "docs" / "getting-started.zh-CN.md", ROOT / "docs" / "README.zh-CN.md"]
TEXT = PAGES[0].read_text("utf-8")
THERE = "https://paper.example.com"
HOOK = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


def fenced(kind: str) -> list[str]:
    return re.findall(rf"(?ms)^```{kind}\n(.*?)^```", TEXT)


@dataclass
class Town:
    folder: Path
    paper: Newspaper
    robots: Robots
    port: int

    @property
    def group(self) -> dict[str, str]:
        return {"BAOTONG_CHANNELS__WECOM__DESK__API_URL": self.robots.url}

    def environ(self, chat: Mapping[str, str]) -> dict[str, str]:
        """Everything that stands on the internet stands here."""
        return {
            "BAOTONG_FETCH__GAP": "0s",
            "BAOTONG_FETCH__ALLOW_HOSTS": self.paper.host,
            "BAOTONG_SERVER__LISTEN": f"127.0.0.1:{self.port}",
            **chat,
        }

    async def hold(self, dialogue: str) -> str:
        """Answers each question of the page with the page's answer."""
        first, *lines = dialogue.replace(THERE, self.paper.base).splitlines()
        assert first == "$ baotong init"
        async with terminal(self.folder, "init", environ=self.environ(self.group)) as screen:
            for line in lines:
                question, colon, answer = f"{line} ".partition(": ")
                if not colon:
                    await screen.until(line)
                elif "Webhook" in question:
                    await screen.answer(question, HOOK)
                else:
                    await screen.answer(question, answer.strip())
            assert await screen.ended() == 0
            return screen.shown

    async def run(self, line: str, chat: Mapping[str, str] | None = None) -> str:
        name, *words = shlex.split(line.replace(THERE, self.paper.base))
        assert name == "baotong"
        done = await baotong(
            self.folder, *words, environ=self.environ(self.group if chat is None else chat)
        )
        assert done.code == 0, done.out + done.err
        return done.out

    async def work(self) -> None:
        """`baotong run`, until the group has its message."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=self.folder, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **self.environ(self.group), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        )  # fmt: skip
        try:
            async with asyncio.timeout(60):
                while not self.robots.taken:
                    assert process.returncode is None
                    await asyncio.sleep(0.05)  # a process of its own rings no bell here
            process.send_signal(signal.SIGINT)
            await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with newspaper() as paper, serve_robots(Robots()) as robots:
        for family in ("founder: classic", "html: qpaper"):
            for days in (1, 0):
                FAMILIES[family].print(paper, TODAY - timedelta(days=days))
        yield Town(tmp_path, paper, robots, free_port())


async def test_the_first_ten_minutes_go_as_the_page_tells_them(town: Town) -> None:
    (dialogue,) = fenced("text")
    begin, again, add, check, telegram, show = [one for block in fenced("sh") for one in block.splitlines()]  # fmt: skip

    assert KEY not in await town.hold(dialogue)
    assert KEY not in (town.folder / "baotong.yaml").read_text("utf-8")
    assert (town.folder / "wecom.key").read_text() == f"{KEY}\n"
    assert begin == "baotong run"
    await town.work()
    assert "青禾日报" in town.robots.taken[0]

    await town.run(again)
    assert "都好了" in await town.run(check)
    await town.run(add)
    assert "都好了" in await town.run(check)
    settings = load(town.folder / "baotong.yaml", {})
    assert len(settings.sources) == 2
    assert settings.operators == ("wecom:desk",)
    assert "ExecStart=" in await town.run(show)
    await telegram_too(town, telegram)


async def telegram_too(town: Town, line: str) -> None:
    """Our proxy is one that answers every request as the Bot API does."""
    async with serve_api(BotApi()) as api:
        there = line.replace("http://127.0.0.1:1080", api.url)
        api_url = {"BAOTONG_CHANNELS__TELEGRAM__API_URL": api.url}
        assert "@newsboy_bot" in await town.run(there, {"TELEGRAM_TOKEN": TOKEN, **api_url})
    settings = load(town.folder / "baotong.yaml", {"TELEGRAM_TOKEN": TOKEN})
    assert settings.deliver[0].to == "telegram:-1001234567890"
    assert settings.channels.telegram
    assert settings.channels.telegram.proxy


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_is_one(page: Path) -> None:
    named = set(re.findall(r"`(?:\.venv/bin/)?baotong ([a-z]+)", page.read_text("utf-8")))
    assert named
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_links_is_there(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
