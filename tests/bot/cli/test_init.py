"""`baotong init` as a technician meets it: at a terminal, question by question, and by options in a script."""

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

import config
from bot.cli.main import main
from bot.cli.start.chats import CHATS
from bot.cli.usage import init as usage
from config.load import load
from config.models import Settings
from tests.fakes.botapi import TOKEN, BotApi
from tests.fakes.botapi import serve as serve_api
from tests.fakes.command import Done, baotong
from tests.fakes.newspaper import Newspaper, newspaper
from tests.fakes.papers import FAMILIES
from tests.fakes.robots import KEY, SECRET, Robots
from tests.fakes.robots import serve as serve_robots
from tests.fakes.terminal import Terminal, terminal
from tests.fakes.worker import free_port

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
LONG = "1234567:" + "A" * 35  # as long as a real one
URL, NAME, WHERE, HOOK = "报纸的网址", "给读者看的报名", "写一个数字", "Webhook 地址,或"
ALARMS, CONTACT, OWN = "也在这个群里说一声吗", "联系方式", "要看它吗"
WECOM, DINGTALK, FEISHU, TELEGRAM, NONE = "1", "2", "3", "4", "5"


@dataclass
class Place:
    """A newspaper, robots, and a folder to set up in."""

    folder: Path
    paper: Newspaper
    robots: Robots

    @property
    def url(self) -> str:
        return self.paper.url(FAMILIES["founder: classic"].url)

    @property
    def environ(self) -> dict[str, str]:
        """The robots stand here and not on the internet."""
        names = ("WECOM", "DINGTALK", "FEISHU")
        return {f"BAOTONG_CHANNELS__{name}__DESK__API_URL": self.robots.url for name in names}

    def settings(self, **environ: str) -> Settings:
        return load(self.folder / "baotong.yaml", environ)

    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}

    def written(self) -> str:
        return (self.folder / "baotong.yaml").read_text("utf-8")


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    folder = tmp_path / "here"
    folder.mkdir()
    async with newspaper() as paper, serve_robots(Robots()) as robots:
        for days in (1, 0):
            FAMILIES["founder: classic"].print(paper, TODAY - timedelta(days=days))
        yield Place(folder, paper, robots)


@asynccontextmanager
async def sitting(place: Place, *arguments: str, **environ: str) -> AsyncIterator[Terminal]:
    """At the terminal, with one robots' server for the chat that is chosen."""
    environ = {"BAOTONG_FETCH__GAP": "0s", **environ}
    async with terminal(place.folder, "init", *arguments, environ=environ) as screen:
        yield screen


def robots_of(place: Place, chat: str) -> dict[str, str]:
    name = f"BAOTONG_CHANNELS__{chat.upper()}__DESK__API_URL"
    return {name: place.environ[name]}


async def name_the_paper(screen: Terminal, place: Place) -> None:
    await screen.answer(URL, place.url)
    await screen.answer(OWN, "y")
    await screen.answer(NAME)


# ── at the terminal ─────────────────────────────────────────────────────────────────────────────


async def test_a_paper_and_a_wecom_group_are_set_up_by_answering(place: Place) -> None:
    hook = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
    async with sitting(place, **robots_of(place, "wecom")) as screen:
        await name_the_paper(screen, place)
        await screen.answer(WHERE, WECOM)
        await screen.until("添加群机器人")
        await screen.answer(HOOK, hook)
        await screen.until("好了:企业微信群机器人")
        await screen.answer(ALARMS)
        await screen.answer(CONTACT, "mailto:tech@example.com")
        await screen.until("写好了 baotong.yaml")
        await screen.until("都好了。下一步:baotong run")
        assert await screen.ended() == 0
        shown = screen.shown

    settings = place.settings()
    (source,) = settings.sources
    assert (source.kind, source.title, source.url) == ("founder", "青禾日报", place.url)
    assert settings.channels.wecom["desk"].key.get_secret_value() == KEY
    assert [(row.to, row.source) for row in settings.deliver] == [("wecom:desk", source.id)]
    assert settings.operators == ("wecom:desk",)
    assert settings.fetch.contact == "mailto:tech@example.com"
    assert settings.fetch.allow_hosts == {place.paper.host}
    assert place.files() == {"baotong.yaml", "wecom.key"}
    assert stat.S_IMODE((place.folder / "wecom.key").stat().st_mode) == 0o600
    assert KEY not in shown + place.written()
    assert "# 报童的配置" in place.written()
    assert f"{settings.public_url}feeds/{source.id}.rss" in shown
    assert place.robots.taken == []


async def test_a_wrong_key_is_told_at_once_with_the_way_out_and_asked_for_again(
    place: Place,
) -> None:
    async with sitting(place, **robots_of(place, "wecom")) as screen:
        await name_the_paper(screen, place)
        await screen.answer(WHERE, WECOM)
        await screen.answer(HOOK, "wrong")
        await screen.until("✗ errcode 93000")
        await screen.until("重新复制机器人的 Webhook 地址")
        assert place.files() == set()
        await screen.answer(HOOK, KEY)
        await screen.answer(ALARMS, "n")
        await screen.answer(CONTACT)
        assert await screen.ended() == 0
        assert "没有写 operators" in screen.shown
        assert "没有写 fetch.contact" in screen.shown
    assert place.settings().operators == ()


async def test_a_faulty_address_is_told_and_asked_for_again(place: Place) -> None:
    async with sitting(place) as screen:
        await screen.answer(URL, "paper.example.com")
        await screen.until("前面要写上 https://")
        await screen.answer(URL, place.paper.url("/nothing"))
        await screen.answer(OWN, "y")
        await screen.until("404")
        await name_the_paper(screen, place)
        await screen.answer(WHERE, "9")
        await screen.answer(WHERE, NONE)
        await screen.answer(CONTACT, "two words")
        await screen.until("要写网址或邮箱")
        await screen.answer(CONTACT)
        assert await screen.ended() == 0
    settings = place.settings()
    assert not settings.deliver
    assert place.files() == {"baotong.yaml"}


async def test_the_address_of_one_day_is_asked_about(place: Place) -> None:
    today = place.paper.url(f"/html/{TODAY:%Y-%m/%d}/node_2.htm")
    async with sitting(place) as screen:
        await screen.answer(URL, today)
        await screen.answer(OWN, "y")
        await screen.answer("还是用它吗")
        await name_the_paper(screen, place)
        await screen.answer(WHERE, NONE)
        await screen.answer(CONTACT)
        assert await screen.ended() == 0
    assert place.settings().sources[0].url == place.url


@pytest.mark.parametrize(
    ("number", "chat", "hook"),
    [
        (DINGTALK, "dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=" + KEY),
        (FEISHU, "feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/" + KEY),
    ],
)
async def test_a_signed_robot_has_two_secrets(
    place: Place, number: str, chat: str, hook: str
) -> None:
    async with sitting(place, **robots_of(place, chat)) as screen:
        await name_the_paper(screen, place)
        await screen.answer(WHERE, number)
        await screen.answer(HOOK, hook)
        await screen.answer("没有就回车")
        await screen.until("✗")
        await screen.answer(HOOK, hook)
        await screen.answer("没有就回车", SECRET)
        await screen.answer(ALARMS)
        await screen.answer(CONTACT)
        assert await screen.ended() == 0
        assert SECRET not in screen.shown + place.written()
    robot = getattr(place.settings().channels, chat)["desk"]
    assert robot.key.get_secret_value() == KEY
    assert robot.secret.get_secret_value() == SECRET
    assert place.files() == {"baotong.yaml", f"{chat}.key", f"{chat}.secret"}


async def test_a_variable_stands_in_the_file_by_its_name(place: Place) -> None:
    async with sitting(place, DESK_KEY=KEY, **robots_of(place, "wecom")) as screen:
        await name_the_paper(screen, place)
        await screen.answer(WHERE, WECOM)
        await screen.answer(HOOK, "$NO_SUCH_KEY")
        await screen.until("环境变量 NO_SUCH_KEY 没有设置")
        await screen.answer(HOOK, "$DESK_KEY")
        await screen.answer(ALARMS)
        await screen.answer(CONTACT)
        assert await screen.ended() == 0
    assert "${DESK_KEY}" in place.written()
    assert place.files() == {"baotong.yaml"}
    assert place.settings(DESK_KEY=KEY).channels.wecom["desk"].key.get_secret_value() == KEY


async def test_a_telegram_that_cannot_be_reached_leads_to_the_proxy(place: Place) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    async with sitting(place, BAOTONG_CHANNELS__TELEGRAM__API_URL=nobody) as screen:
        await name_the_paper(screen, place)
        await screen.answer(WHERE, TELEGRAM)
        await screen.until("@BotFather")
        await screen.answer("token(", TOKEN)
        await screen.until("连不上")
        await screen.answer("在中国大陆要走代理", "1080")
        await screen.until("要写成 http://主机:端口 或 socks5://主机:端口")
        await screen.answer("在中国大陆要走代理", "socks5://me:secret@127.0.0.1:1080")
        await screen.until("里面有密码")
        await screen.answer("在中国大陆要走代理", f"http://127.0.0.1:{free_port()}")
        await screen.answer("先这样写下来", "y")
        await screen.answer("推到哪个群或频道", "hello")
        await screen.until("Telegram 的会话是数字或 @频道名")
        await screen.answer("推到哪个群或频道", "-1001234567890")
        await screen.answer("出了问题告诉谁", "7")
        await screen.answer(CONTACT)
        assert await screen.ended() == 1  # check says that Telegram did not answer
        assert "channels.telegram.proxy" in screen.shown
        assert TOKEN not in screen.shown + place.written()
    settings = place.settings()
    assert settings.channels.telegram
    assert settings.channels.telegram.proxy
    assert settings.deliver[0].to == "telegram:-1001234567890"
    assert settings.operators == ("telegram:7",)


async def test_a_telegram_bot_without_fixed_subscribers_says_how_to_subscribe(
    place: Place,
) -> None:
    async with (
        serve_api(BotApi()) as api,
        sitting(place, BAOTONG_CHANNELS__TELEGRAM__API_URL=api.url) as screen,
    ):
        await name_the_paper(screen, place)
        await screen.answer(WHERE, TELEGRAM)
        await screen.answer("token(", "1234567:wrong")
        await screen.until("@BotFather,发 /token")
        await screen.answer("token(", TOKEN)
        await screen.until("好了:@newsboy_bot")
        await screen.answer("推到哪个群或频道")
        await screen.answer("出了问题告诉谁")
        await screen.answer(CONTACT)
        assert await screen.ended() == 0
        assert "给 @newsboy_bot 发 /subscribe" in screen.shown
    assert place.settings().deliver == ()


async def test_ctrl_c_at_any_question_leaves_nothing(place: Place) -> None:
    async with sitting(place, **robots_of(place, "wecom")) as screen:
        await screen.until(URL)
        screen.interrupt()
        assert await screen.ended() == 1
        assert "什么也没有写" in screen.shown
        assert "Traceback" not in screen.shown
    async with sitting(place, **robots_of(place, "wecom")) as screen:
        await name_the_paper(screen, place)
        await screen.answer(WHERE, WECOM)
        await screen.answer(HOOK, KEY)
        await screen.answer(ALARMS)
        await screen.until(CONTACT)
        screen.interrupt()
        assert await screen.ended() == 1
        assert "Traceback" not in screen.shown
    assert place.files() == set()


async def test_ctrl_c_while_the_paper_is_slow_ends_at_once(place: Place) -> None:
    async with serve_silence() as (host, heard), sitting(place) as screen:
        await screen.answer(URL, f"http://{host}/")
        await screen.answer(OWN, "y")
        await heard.wait()
        screen.interrupt()
        assert await screen.ended() == 1
        assert "什么也没有写" in screen.shown
    assert place.files() == set()


@asynccontextmanager
async def serve_silence() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A server that takes a connection and says nothing."""
    heard = asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        heard.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", heard
    finally:
        server.close()


async def test_no_address_gives_the_commented_example(place: Place) -> None:
    async with sitting(place, "new.yaml") as screen:
        await screen.answer(URL)
        assert await screen.ended() == 0
        assert "baotong check -c new.yaml" in screen.shown
    assert [one.id for one in load(place.folder / "new.yaml", {}).sources] == ["my-paper"]


async def test_a_file_that_is_there_is_not_asked_about(place: Place) -> None:
    (place.folder / "baotong.yaml").write_text("language: en\n")
    async with sitting(place) as screen:
        assert await screen.ended() == 1
        assert "--force" in screen.shown
        assert "baotong add 网址" in screen.shown
    assert place.written() == "language: en\n"


# ── by options ──────────────────────────────────────────────────────────────────────────────────


async def by_options(place: Place, *arguments: str, chat: str = "wecom") -> Done:
    here = ("--url", place.url, "--allow-host", place.paper.host)
    environ = {"BAOTONG_FETCH__GAP": "0s", **(robots_of(place, chat) if chat else {})}
    return await baotong(place.folder, "init", *here, *arguments, environ=environ)


async def test_options_answer_everything(place: Place) -> None:
    (place.folder / "keys").mkdir()
    (place.folder / "keys" / "desk").write_text(f"{KEY}\n")
    done = await by_options(
        place, "--id", "qinghe", "--title", "青禾晨报", "--chat", "wecom", "--key-file", "keys/desk",
        "--operator", "wecom:desk", "--contact", "https://example.com/about",
    )  # fmt: skip
    assert done.code == 0, done.err
    settings = place.settings()
    assert [(one.id, one.title) for one in settings.sources] == [("qinghe", "青禾晨报")]
    assert "key_file: keys/desk" in place.written()
    assert settings.deliver[0].to == "wecom:desk"
    assert settings.fetch.contact == "https://example.com/about"
    assert KEY not in done.out + done.err + place.written()
    assert place.files() == {"baotong.yaml", "keys"}


async def test_a_paper_alone_needs_its_address_alone(place: Place) -> None:
    done = await by_options(place, chat="")
    assert done.code == 0, done.err
    assert place.settings().channels.wecom == {}
    assert "先要做的" not in done.out
    assert "没有写 operators" not in done.out  # nobody is there to tell


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--url"),
        (["--chat", "wecom"], "--key-file 或 --key-env"),
        (["--key-file", "key"], "--chat"),
        (["--chat", "wecom", "--key-file", "none"], "不存在"),
        (["--chat", "wecom", "--key-env", "NO_SUCH_KEY"], "NO_SUCH_KEY 没有设置"),
        (["--chat", "wecom", "--key-file", "key", "--key-env", "PATH"], "只写一个"),
        (["--chat", "wecom", "--key-file", "hook.env"], "不放整个网址"),
        (["--chat", "wecom", "--key-file", "key", "--secret-file", "key"], "没有第二个密钥"),
        (["--chat", "wecom", "--key-file", "key", "--to", "telegram:7"], "wecom:desk"),
        (["--chat", "wecom", "--key-file", "key", "--proxy", "http://h:1"], "Telegram"),
        (["--chat", "telegram", "--key-file", "key", "--to", "hello"], "--to"),
        (["--chat", "telegram", "--key-file", "key", "--proxy", "h:1"], "--proxy"),
        (
            ["--chat", "telegram", "--key-file", "key", "--proxy", f"socks5://u:{KEY}@h:1"],
            "环境变量",
        ),
        (["https://paper.example.com/"], "--url 网址"),
        (["--contact", "two words"], "--contact"),
        (["--operator", "me"], "--operator"),
        (["--id", "青禾"], "--id"),
    ],
)
def test_a_faulty_option_is_said_before_anything_is_asked_of_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("key").write_text(KEY)
    Path("hook.env").write_text(f"https://qyapi.weixin.qq.com/?key={KEY}")
    url = ["--url", "https://paper.example.com/"] if arguments else ["--title", "报"]
    done = CliRunner().invoke(main, ["init", *url, *arguments])
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr
    assert KEY not in done.stderr
    assert not Path("baotong.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--chat", "wecom", "--key-file", "wrong"], "重新复制机器人的 Webhook 地址"),
        (["--kind", "paperindex"], "http://"),
    ],
)
async def test_what_is_refused_elsewhere_ends_it_and_nothing_is_written(
    place: Place, arguments: list[str], words: str
) -> None:
    (place.folder / "wrong").write_text("not-the-key")
    done = await by_options(place, *arguments)
    assert done.code == 1, done.out
    assert words in done.err
    assert "Traceback" not in done.err
    assert "not-the-key" not in done.out + done.err
    assert place.files() == {"wrong"}


async def test_what_does_not_go_together_is_said_before_anything_is_written(place: Place) -> None:
    done = await by_options(place, "--chat", "none", "--operator", "wecom:desk", chat="")
    assert (done.code, "operators" in done.err) == (1, True), done.out + done.err
    assert place.files() == set()


async def test_force_replaces_the_file_and_its_key(place: Place) -> None:
    (place.folder / "baotong.yaml").write_text("language: en\n")
    (place.folder / "baotong.yaml").chmod(0o644)
    refused = await by_options(place, chat="")
    done = await by_options(place, "--force", chat="")
    assert (refused.code, done.code) == (1, 0)
    assert place.settings().sources


async def test_a_key_that_lies_there_is_never_replaced(place: Place) -> None:
    (place.folder / "wecom.key").write_text("another's")
    async with sitting(place, **robots_of(place, "wecom")) as screen:
        await name_the_paper(screen, place)
        await screen.answer(WHERE, WECOM)
        await screen.answer(HOOK, KEY)
        await screen.answer(ALARMS)
        await screen.answer(CONTACT)
        assert await screen.ended() == 0
    assert (place.folder / "wecom.key").read_text() == "another's"
    assert (place.folder / "wecom-2.key").read_text() == f"{KEY}\n"


@pytest.mark.parametrize("name", ["Containerfile", "compose.yaml", "baotong.service", "windows.md"])
async def test_the_files_for_deployment_are_printed(tmp_path: Path, name: str) -> None:
    done = await baotong(tmp_path, "init", "--show", name)
    root = Path(__file__).parents[3]
    assert done.code == 0
    assert done.out == (root / "config" / "deploy" / name).read_text("utf-8")
    assert not list(tmp_path.iterdir())


def test_the_options_offer_every_chat_and_every_file_there_is() -> None:
    deploy = Path(config.__file__).parent / "deploy"
    assert (*(chat.name for chat in CHATS), "none") == usage.CHATS
    assert {*usage.DEPLOY, "Containerfile.dockerignore"} == {
        one.name for one in deploy.iterdir() if one.is_file()
    }


@pytest.mark.parametrize(
    ("chat", "pasted", "key"),
    [
        ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=ab-1", "ab-1"),
        ("wecom", "ab-1", "ab-1"),
        ("wecom", "https://qyapi.weixin.qq.com/", "https://qyapi.weixin.qq.com/"),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=ff0", "ff0"),
        ("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/ab-1/", "ab-1"),
        ("feishu", "ab-1", "ab-1"),
        ("telegram", f"Use this token: {LONG} Keep it", LONG),
        ("telegram", "an odd one", "an odd one"),
    ],
)
def test_a_key_is_read_from_what_was_pasted(chat: str, pasted: str, key: str) -> None:
    (one,) = [one for one in CHATS if one.name == chat]
    assert one.read(pasted) == key
