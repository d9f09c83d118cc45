"""企业微信, 钉钉 and 飞书 robots, webhooks and Apprise, against servers that enforce their rules."""

import logging
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.address import Address
from bot.channels.apprise import AppriseChannel
from bot.channels.base import Channel, Editor
from bot.channels.markdown import render_markdown
from bot.channels.robots.base import RobotChannel
from bot.channels.robots.dingtalk import DINGTALK
from bot.channels.robots.feishu import FEISHU
from bot.channels.robots.wecom import WECOM
from bot.channels.table import CAN_EDIT, build_channels
from bot.channels.webhook import AGAIN, WebhookChannel
from bot.errors import ChannelError, Gone, Rejected, TryLater, Unauthorised, Unknown
from bot.message import Button, Line, Part, Quote, Span
from bot.messages import Options, issue_message
from config.channels import AppriseConfig, RobotConfig, WebhookConfig
from feeds.clock import SystemClock
from tests.fakes.archive import HUAIAN, make_article, make_issue, make_page
from tests.fakes.clock import FakeClock
from tests.fakes.newspaper import Reply, newspaper
from tests.fakes.office import MONDAY
from tests.fakes.robots import KEY, SECRET, Robots, serve
from tests.fakes.settings import two_papers

FAMILIES = {"wecom": WECOM, "dingtalk": DINGTALK, "feishu": FEISHU}
NAMES = sorted(FAMILIES)
PART = Part(
    (
        Line((Span("淮安区报", bold=True), Span(" · 2024年04月08日"))),
        Quote((Line((Span("▪ "), Span("[春耕]*全面*展开", url="https://a.test/x(1)?b= 2"))),)),
    ),
    buttons=((Button("PDF", url="https://a.test/1.pdf"), Button("下一期 ▶", action="next:1")),),
)


@pytest.fixture
async def robots() -> AsyncIterator[Robots]:
    async with serve(Robots()) as robots:
        yield robots


def build(name: str, url: str, key: str = KEY, secret: str = SECRET) -> RobotChannel:
    config = RobotConfig(key=key, secret=secret, api_url=url)
    return RobotChannel(FAMILIES[name], {"desk": config}, SystemClock())


@pytest.fixture(params=NAMES)
async def channel(request: pytest.FixtureRequest, robots: Robots) -> AsyncIterator[RobotChannel]:
    channel = build(request.param, robots.url)
    yield channel
    await channel.close()


def to(channel: Channel) -> Address:
    return Address(channel.name, "desk")


async def test_a_message_reaches_its_group_in_the_robots_own_markdown(
    robots: Robots, channel: RobotChannel
) -> None:
    assert await channel.send(to(channel), PART) == ""
    [text] = robots.taken
    lines = [line.rstrip() for line in text.split("\n")]
    assert lines[:2] == [
        "**淮安区报** · 2024年04月08日",
        "> ▪ [［春耕］＊全面＊展开](https://a.test/x%281%29?b=%202)",
    ]
    assert "1.pdf" in str(robots.bodies)
    assert "下一期" not in str(robots.bodies)


@pytest.mark.parametrize("articles", [3, 60, 300])
async def test_an_issue_of_any_size_fits_what_the_robot_takes(
    robots: Robots, channel: RobotChannel, articles: int
) -> None:
    made = [make_article(f"a{n}", title=f"<&>“春耕”{'长' * (n % 90)}{n}") for n in range(articles)]
    pages = [make_page(f"{n:02}", made[n::4]) for n in range(4)]
    parts = issue_message(HUAIAN, make_issue(MONDAY, pages), channel.limits, Options(turns=False))
    for part in parts:
        await channel.send(to(channel), part)
    assert len(robots.taken) == len(parts)
    assert not any(text.endswith("……") for text in robots.taken)


async def test_refused_markup_may_go_as_plain_words(robots: Robots, channel: RobotChannel) -> None:
    await channel.send(to(channel), PART, plain=True)
    assert robots.taken == ["淮安区报 · 2024年04月08日\n▪ [春耕]*全面*展开"]


async def test_a_wrong_key_holds_this_robot_and_says_so(robots: Robots) -> None:
    for name in NAMES:
        channel = build(name, robots.url, key="wrong-key-canary")
        with pytest.raises(Unauthorised) as caught:
            await channel.send(to(channel), PART)
        assert not caught.value.whole_channel
        assert isinstance((await channel.who_am_i())[f"{name}:desk"], Unauthorised)
        await channel.close()


async def test_who_am_i_sends_nothing(robots: Robots, channel: RobotChannel) -> None:
    assert await channel.who_am_i() == {f"{channel.name}:desk": FAMILIES[channel.name].title}
    assert robots.taken == []


async def test_each_robot_is_asked_whatever_is_wrong_with_the_others(robots: Robots) -> None:
    good = {"key": KEY, "secret": SECRET, "api_url": robots.url}
    configs = {
        "refused": RobotConfig(**good | {"key": "wrong"}),
        "good": RobotConfig(**good),
        "dead": RobotConfig(**good | {"api_url": "http://127.0.0.1:9"}),
    }
    for name in NAMES:
        channel = RobotChannel(FAMILIES[name], configs, SystemClock())
        answers = await channel.who_am_i()
        assert list(answers) == [f"{name}:refused", f"{name}:good", f"{name}:dead"]
        refused, known, dead = answers.values()
        assert (type(refused), known, type(dead)) == (Unauthorised, FAMILIES[name].title, TryLater)
        await channel.close()


@pytest.mark.parametrize("name", ["dingtalk", "feishu"])
async def test_a_wrong_signature_is_refused(robots: Robots, name: str) -> None:
    channel = build(name, robots.url, secret="another")
    with pytest.raises(Unauthorised, match="sign"):
        await channel.send(to(channel), PART)
    await channel.close()


ANSWERS: list[tuple[str, Any, type[ChannelError]]] = [
    ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, TryLater),
    ("wecom", {"errcode": -1, "errmsg": "system busy"}, TryLater),
    ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, Unauthorised),
    ("wecom", {"errcode": 40058, "errmsg": "exceed max length"}, Rejected),
    ("dingtalk", {"errcode": 130101, "errmsg": "send too fast"}, TryLater),
    ("dingtalk", {"errcode": 310000, "errmsg": "keywords not in content"}, Unauthorised),
    ("dingtalk", {"errcode": 400013, "errmsg": "群已被解散"}, Gone),
    ("dingtalk", {"errcode": 430102, "errmsg": "不合适的文本"}, Rejected),
    ("feishu", {"code": 11232, "msg": "frequency limited"}, TryLater),
    ("feishu", {"code": 19024, "msg": "Key Words Not Found"}, Unauthorised),
    ("feishu", {"code": 9499, "msg": "Bad Request"}, Rejected),
]


@pytest.mark.parametrize(("name", "answer", "kind"), ANSWERS, ids=lambda value: str(value)[:40])
async def test_each_code_inside_a_200_is_one_decision(
    robots: Robots, name: str, answer: Any, kind: type[ChannelError]
) -> None:
    robots.answers.append(web.json_response(answer))
    channel = build(name, robots.url)
    with pytest.raises(ChannelError) as caught:
        await channel.send(to(channel), PART)
    assert type(caught.value) is kind
    await channel.close()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda: web.Response(status=429, headers={"Retry-After": "7"}), TryLater),
        (lambda: web.Response(status=502), TryLater),
        (lambda: web.Response(status=404, text="<html>"), Unauthorised),
        (lambda: web.json_response([1]), Unauthorised),
    ],
)
async def test_an_answer_that_is_none_is_a_decision_too(
    robots: Robots, channel: RobotChannel, answer: Any, kind: type[ChannelError]
) -> None:
    robots.answers.append(answer())
    with pytest.raises(ChannelError) as caught:
        await channel.send(to(channel), PART)
    assert type(caught.value) is kind
    if isinstance(caught.value, TryLater):
        assert caught.value.after == timedelta(seconds=10 if caught.value.growing else 7)
        assert channel.wait(to(channel)) > 5


async def test_an_answer_that_comes_in_pieces_is_read_whole() -> None:
    async with newspaper() as server:
        server["/cgi-bin/webhook/send?key=" + KEY] = Reply(
            b'{"errcode":0,"errmsg":"ok"}', drip=0.001
        )
        channel = build("wecom", server.url("").rstrip("/"))
        assert await channel.send(Address("wecom", "desk"), PART) == ""
        await channel.close()


async def test_of_an_endless_answer_no_more_is_read_than_any_answer_has() -> None:
    async with newspaper() as server:
        server["/cgi-bin/webhook/send?key=" + KEY] = Reply(length="", endless=b" " * 65536)
        channel = build("wecom", server.url("").rstrip("/"))
        with pytest.raises(Unauthorised, match="errcode"):
            await channel.send(Address("wecom", "desk"), PART)
        await channel.close()


async def test_a_robot_sends_at_most_twenty_a_minute_and_is_never_silenced(robots: Robots) -> None:
    clock = FakeClock()
    robots.now = lambda: clock.now().timestamp()
    config = RobotConfig(key=KEY, secret=SECRET, api_url=robots.url)
    channel = RobotChannel(DINGTALK, {"desk": config}, clock)
    begin = clock.monotonic()
    while len(robots.taken) < 45:
        wait = channel.wait(to(channel))
        await clock.advance(wait)
        await channel.send(to(channel), PART)
    assert robots.silent_until == 0
    assert 120 <= clock.monotonic() - begin < 130
    for _ in range(14):
        await clock.advance(channel.wait(to(channel)))
        await channel.send(to(channel), PART)
    assert channel.wait(to(channel)) <= 60
    for _ in range(20):
        channel._paces["desk"].leave(clock.monotonic())
    with pytest.raises(TryLater):  # a wait that long is the ledger's
        await channel.turn(to(channel))
    await channel.close()


async def test_what_never_left_is_sent_later() -> None:
    channel = build("wecom", "http://127.0.0.1:9")
    with pytest.raises(TryLater):
        await channel.send(to(channel), PART)
    await channel.close()


async def test_case_197_no_key_or_secret_is_in_an_error_or_a_log(
    robots: Robots, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    words = ""
    for name in NAMES:
        for url in (robots.url, "http://127.0.0.1:9"):
            channel = build(name, url)
            robots.answers.append(web.Response(status=500))
            with pytest.raises(ChannelError) as caught:
                await channel.send(to(channel), PART)
            chain = [caught.value, caught.value.__cause__, caught.value.__context__]
            words += repr(chain) + "".join(map(str, chain)) + repr(channel)
            await channel.close()
    assert "canary" not in words + caplog.text


async def test_what_a_robot_sent_cannot_be_changed(channel: RobotChannel) -> None:
    assert not isinstance(channel, Editor)


async def test_a_robot_that_is_no_longer_configured_holds_what_is_owed_to_it(
    channel: RobotChannel,
) -> None:
    with pytest.raises(Unauthorised):
        await channel.send(Address(channel.name, "gone"), PART)


# ── webhook ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def webhook(robots: Robots) -> AsyncIterator[WebhookChannel]:
    config = WebhookConfig(url=f"{robots.url}/hook?t=canary", secret=SECRET)
    channel = WebhookChannel({"desk": config}, SystemClock())
    yield channel
    await channel.close()


async def test_a_post_is_signed_and_bears_the_same_id_each_time(
    robots: Robots, webhook: WebhookChannel
) -> None:
    for _ in range(2):
        assert await webhook.send(to(webhook), PART, key="55-1", reply_to="54-1") == "55-1"
    assert [headers["webhook-id"] for headers in robots.headers] == ["55-1", "55-1"]
    body = robots.bodies[0]
    assert body["text"].startswith("淮安区报 · ")
    assert body["markdown"].startswith("**淮安区报**")
    assert (body["id"], body["to"], body["reply_to"]) == ("55-1", "webhook:desk", "54-1")


async def test_a_wrong_signature_is_not_taken(robots: Robots) -> None:
    config = WebhookConfig(url=f"{robots.url}/hook", secret="another")
    channel = WebhookChannel({"desk": config}, SystemClock())
    with pytest.raises(Unauthorised):
        await channel.send(to(channel), PART, key="1-1")
    await channel.close()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(410, Gone), (403, Unauthorised), (429, TryLater), (503, TryLater), (400, Rejected), (302, Rejected)],
)  # fmt: skip
async def test_each_status_of_a_program_is_one_decision(
    robots: Robots, webhook: WebhookChannel, status: int, kind: type[ChannelError]
) -> None:
    robots.answers.append(web.Response(status=status, headers={"Retry-After": "9"}))
    with pytest.raises(ChannelError) as caught:
        await webhook.send(to(webhook), PART, key="1-1")
    assert type(caught.value) is kind
    if isinstance(caught.value, TryLater):
        assert caught.value.after == timedelta(seconds=9)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("8640000", timedelta(hours=24)),
        ("Fri, 31 Dec 9999 23:59:59 -1200", timedelta(hours=24)),
        ("Wed, 08 Apr 2099 00:00:00 +99999999999999999999", AGAIN),
        ("Sun, 06 Nov 1994 08:49:37 GMT", AGAIN),
    ],
)
async def test_nobodys_wait_is_longer_than_a_day_whatever_it_says(
    robots: Robots, webhook: WebhookChannel, asked: str, wait: timedelta
) -> None:
    robots.answers.append(web.Response(status=503, headers={"Retry-After": asked}))
    with pytest.raises(TryLater) as caught:
        await webhook.send(to(webhook), PART, key="1-1")
    assert caught.value.after == wait


async def test_an_answer_that_nests_too_deep_leaves_it_unknown(
    robots: Robots, channel: RobotChannel
) -> None:
    robots.answers.append(web.Response(text="[" * 60_000))
    with pytest.raises(Unknown, match="RecursionError"):
        await channel.send(to(channel), PART)


# ── apprise ─────────────────────────────────────────────────────────────────────────────────────


class FakeApprise:
    """What Apprise's own class does, as far as it is used."""

    said: list[dict[str, Any]] = []  # noqa: RUF012 - what any of them said
    works = True

    def add(self, url: str) -> bool:
        return url.startswith("json://")

    async def async_notify(self, **said: Any) -> bool:
        self.said.append(said)
        return self.works


@pytest.fixture
def apprise(monkeypatch: pytest.MonkeyPatch) -> type[FakeApprise]:
    module = ModuleType("apprise")
    module.Apprise = FakeApprise  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "apprise", module)
    monkeypatch.setattr(FakeApprise, "said", [])
    return FakeApprise


def build_apprise(url: str = "json://canary") -> AppriseChannel:
    return AppriseChannel({"desk": AppriseConfig(url=url)})


async def test_apprise_gets_markdown_and_a_title(apprise: type[FakeApprise]) -> None:
    channel = build_apprise()
    assert list(await channel.who_am_i()) == ["apprise:desk"]
    await channel.send(to(channel), PART)
    [said] = apprise.said
    assert said["title"] == "淮安区报 · 2024年04月08日"
    assert said["body_format"] == "markdown"


async def test_what_apprise_could_not_send_is_not_known_to_be_lost(
    apprise: type[FakeApprise], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apprise, "works", False)
    channel = build_apprise()
    with pytest.raises(Unknown):
        await channel.send(to(channel), PART)


async def test_without_apprise_the_operator_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    answer = (await build_apprise().who_am_i())["apprise:desk"]
    assert isinstance(answer, Unauthorised)
    assert "pip install" in str(answer)


async def test_a_url_that_apprise_does_not_know_is_told(apprise: type[FakeApprise]) -> None:
    targets = {"odd": "nonsense://canary", "desk": "json://canary"}
    configs = {name: AppriseConfig(url=url) for name, url in targets.items()}
    odd, desk = (await AppriseChannel(configs).who_am_i()).values()
    assert isinstance(odd, Unauthorised)
    assert "apprise:odd" in str(odd)
    assert isinstance(desk, str)


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # apprise imports it where it is
async def test_apprise_itself_takes_what_we_give_it(robots: Robots) -> None:
    pytest.importorskip("apprise")
    place = robots.url.removeprefix("http://")
    channel = build_apprise(f"json://{place}/json")
    await channel.send(to(channel), PART)
    assert "淮安区报" in robots.taken[0]
    robots.answers.append(web.Response(status=500))
    with pytest.raises(Unknown):
        await channel.send(to(channel), PART)


# ── properties ──────────────────────────────────────────────────────────────────────────────────

_SPANS = st.builds(Span, st.text(max_size=80), st.booleans(), st.just("https://a.test/"))
_LINES = st.builds(lambda spans: Line(tuple(spans)), st.lists(_SPANS, max_size=4))
_QUOTES = st.builds(lambda lines: Quote(tuple(lines)), st.lists(_LINES, max_size=4))


@given(st.lists(st.one_of(_LINES, _QUOTES), max_size=12), st.integers(20, 600))
def test_rendered_markdown_never_has_more_bytes_than_it_may(blocks: Any, most: int) -> None:
    assert len(render_markdown(Part(tuple(blocks)), most).encode("utf-8", "replace")) <= most


async def test_which_channels_change_messages_is_known_without_building_them(
    tmp_path: Path, clock: FakeClock
) -> None:
    more = """channels:
  telegram: {token: "1:x"}
  wecom: {desk: {key: k}}
  dingtalk: {desk: {key: k}}
  feishu: {desk: {key: k}}
  webhook: {desk: {url: "https://a.test/", secret: "0123456789abcdef0123456789"}}
"""
    built = build_channels(two_papers(tmp_path, more=more), clock)
    assert len(built) == 6
    assert {name for name, one in built.items() if isinstance(one, Editor)} == CAN_EDIT
