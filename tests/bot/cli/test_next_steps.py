"""What `baotong check` says at its end, case by case."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.channels.robots import wecom
from bot.channels.robots.base import RobotChannel
from bot.cli.next_steps import Steps, next_steps
from bot.errors import TryLater
from config.channels import RobotConfig
from config.models import Settings
from feeds.errors import BadStatus, ByRobots, NobodyThere, RobotsUnknown
from tests.fakes.clock import FakeClock
from tests.fakes.office import MONDAY
from tests.fakes.settings import read_settings

PAPER = "sources: [{id: huaian, kind: yunbao, title: 淮安区报, url: 'http://paper.test/?token=canary'}]\n"
WECOM = "channels: {wecom: {desk: {key: abc}}}\n"
TELEGRAM = "channels: {telegram: {token: '1:a'}}\n"
TOLD = "deliver: [{to: 'wecom:desk', source: huaian}]\n"
CALM = (
    "public_url: http://10.0.0.2:8080/\nfetch: {contact: 'mailto:a@example.com'}\n"
    "operators: ['wecom:desk']\n"
)


SettingsOf = Callable[..., Settings]


@pytest.fixture
def settings_of(tmp_path: Path) -> SettingsOf:
    def read(*parts: str) -> Settings:
        return read_settings(tmp_path, "".join(parts))

    return read


def steps(
    settings: Settings, papers: tuple[str, ...] = (), channels: tuple[str, ...] = (), bot: str = ""
) -> Steps:
    failed = dict.fromkeys(papers), dict.fromkeys(channels)
    return next_steps(settings, *failed, bot or None, "")


def test_where_all_is_well_there_is_only_how_to_begin(settings_of: SettingsOf) -> None:
    found = steps(settings_of(PAPER, WECOM, TOLD, CALM))
    assert found == Steps(
        (), (), ("都好了。下一步:baotong run", "订阅源:http://10.0.0.2:8080/feeds/huaian.rss")
    )


def test_another_file_is_named_in_every_command(settings_of: SettingsOf) -> None:
    settings = settings_of(PAPER)
    well = next_steps(settings, {}, {}, None, " -c my.yaml")
    ill = next_steps(settings, {"huaian": None}, {}, None, " -c my.yaml")
    none = next_steps(settings_of("language: en\n"), {}, {}, None, " -c my.yaml")
    assert well.begin[0].endswith("baotong run -c my.yaml")
    assert "--source huaian -c my.yaml" in ill.broken[0]
    assert none.missing == ("还没有报纸:baotong add 网址 -c my.yaml",)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((PAPER, WECOM, CALM), '{to: wecom:desk, source: "*"}'),
        ((PAPER, WECOM, TOLD, CALM.replace("10.0.0.2", "127.0.0.1")), "0.0.0.0:8080"),
        ((PAPER, WECOM, TOLD, CALM.replace("10.0.0.2", "localhost")), "public_url 还是本机"),
        ((PAPER, WECOM, TOLD, CALM.replace("operators: ['wecom:desk']\n", "")), "operators: [wecom:desk]"),
        ((PAPER, WECOM, TOLD, CALM.replace("fetch: {contact: 'mailto:a@example.com'}\n", "")), "fetch.contact"),
        ((PAPER, TELEGRAM, CALM.replace("wecom:desk", "telegram:7")), "给 @bot 发 /subscribe huaian"),
        ((CALM.replace("operators: ['wecom:desk']\n", ""),), "还没有报纸:baotong add 网址"),
    ],
)  # fmt: skip
def test_what_is_missing_is_one_sentence_with_what_to_write(
    settings_of: SettingsOf, parts: tuple[str, ...], words: str
) -> None:
    (sentence,) = steps(settings_of(*parts), bot="@bot").missing
    assert words in sentence


def test_a_user_agent_of_ones_own_is_contact_enough(settings_of: SettingsOf) -> None:
    text = CALM.replace("contact: 'mailto:a@example.com'", "user_agent: mine")
    assert steps(settings_of(PAPER, WECOM, TOLD, text)).missing == ()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wecom:desk", "channels.wecom.desk.key"),
        ("dingtalk:desk", "加签"),
        ("feishu:desk", "签名校验"),
        ("telegram", "channels.telegram.proxy"),
        ("webhook:archive", "channels.webhook.archive"),
    ],
)
def test_a_channel_that_failed_has_its_way_out(
    settings_of: SettingsOf, name: str, words: str
) -> None:
    found = steps(settings_of(PAPER, CALM.replace("operators: ['wecom:desk']\n", "")), (), (name,))
    assert words in found.broken[0]
    assert found.begin == ()


URL = "http://paper.test/?token=canary"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ByRobots(URL, "robots.txt 不让取"), 'robots: "ignore: 理由"'),
        (RobotsUnknown(URL, "robots.txt: HTTP 503"), "过一会儿再运行 baotong check -c my.yaml"),
        (NobodyThere(URL, "找不到这个域名"), "连不上 paper.test"),
        (BadStatus(URL, 404, "HTTP 404"), "换了网址就改 sources 里的 url"),
    ],
)
def test_a_paper_that_failed_is_told_what_helps_against_that(
    settings_of: SettingsOf, error: Exception, words: str
) -> None:
    found = next_steps(settings_of(PAPER), {"huaian": error}, {}, None, " -c my.yaml")
    (sentence,) = found.broken
    assert words in sentence
    assert ("在浏览器里打开" in sentence) == isinstance(error, BadStatus)
    assert "canary" not in sentence


async def test_a_robot_whose_server_is_out_of_reach_is_no_matter_of_its_key(
    settings_of: SettingsOf,
) -> None:
    robots = {"desk": RobotConfig(key="abc", api_url="http://127.0.0.1:9")}
    channel = RobotChannel(wecom.WECOM, robots, FakeClock(MONDAY))
    answer = (await channel.who_am_i())["wecom:desk"]
    await channel.close()
    assert isinstance(answer, TryLater)
    assert str(answer) == "连不上 127.0.0.1:没有接通 (cannot connect)"
    (sentence,) = next_steps(settings_of(PAPER), {}, {"wecom:desk": answer}, None, "").broken
    assert "连不上 127.0.0.1" in sentence
    assert "DNS" in sentence
    assert "channels.wecom.desk.key" not in sentence


def test_a_paper_that_failed_is_named_without_its_address(settings_of: SettingsOf) -> None:
    found = steps(settings_of(PAPER), ("huaian",))
    assert "baotong inspect 网址 --source huaian" in found.broken[0]
    assert "canary" not in str(found)


def test_of_many_papers_a_few_feeds_are_listed_and_where_the_rest_is(
    settings_of: SettingsOf,
) -> None:
    rows = "".join(
        f"  - {{id: p{n}, kind: yunbao, title: 报, url: 'http://p{n}.test/'}}\n" for n in range(9)
    )
    found = steps(settings_of("sources:\n", rows))
    assert len(found.begin) == 1 + 5 + 1
    assert found.begin[-1].endswith("feeds.opml")
