"""What may be asked of the hub, and which callbacks it would ever call."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.models import Settings
from feeds.hub.pace import PATIENCE, PerMinute, wait_after
from feeds.hub.requests import BadRequest, Intent, read_request
from feeds.hub.tables import Mode
from feeds.publish.recipes import topics_of
from tests.fakes.settings import two_papers

CALLBACK = "https://reader.example.org/hook?id=1"
TOPIC = "https://news.example.com/feeds/huaian.rss"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    more = 'hub: {allow_hosts: ["10.0.0.5:8000", "news.example.com:8443", "reader.lan:80"]}'
    return two_papers(tmp_path, public_url="https://news.example.com/", more=more)


def read(settings: Settings, **changes: str) -> Intent:
    form = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": CALLBACK}
    form |= {f"hub.{name}": value for name, value in changes.items()}
    return read_request(form.items(), topics_of(settings), settings)


def test_a_request_is_read_with_its_defaults(settings: Settings) -> None:
    intent = read(settings)

    assert (intent.mode, intent.topic, intent.secret) == (Mode.SUBSCRIBE, "huaian.rss", None)
    assert (intent.callback.url, intent.callback.host) == (CALLBACK, "reader.example.org:443")
    assert intent.lease == timedelta(days=10)


@pytest.mark.parametrize(
    "callback",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://a.localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://10.0.0.5/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://100.64.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://１２７.０.０.１/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://metadata.google.internal/",
        "http://printer.local/",
        "http://router/",
        "https://news.example.com/anything",
        "https://NEWS.example.com/hub",
        "https://news.example.com/hub",
        "https://reader.example.org:22/",
        "https://reader.example.org:8080/",
        "https://reader.example.org:25/",
        "https://user@reader.example.org/",
        "https://user:word@reader.example.org/",
        "https://reader.example.org/#fragment",
        "https://reader.example.org\\@127.0.0.1/",
        "https://reader.example.org/a b",
        "https://reader.example.org/\r\nX: y",
        "ftp://reader.example.org/",
        "javascript:alert(1)",
        "//reader.example.org/",
        "",
        "https://reader.example.org/" + "a" * 2000,
    ],
)
def test_case_184_a_callback_that_leads_inside_or_to_us_is_refused(
    settings: Settings, callback: str
) -> None:
    with pytest.raises(BadRequest, match="callback"):
        read(settings, callback=callback)


@pytest.mark.parametrize(
    "callback",
    ["http://10.0.0.5:8000/hook", "https://news.example.com:8443/", "http://reader.lan/"],
)
def test_hosts_that_the_operator_names_may_be_private_ours_and_odd(
    settings: Settings, callback: str
) -> None:
    assert read(settings, callback=callback).callback.is_exempt


def test_fetch_allow_hosts_is_no_permission_for_callbacks(tmp_path: Path) -> None:
    settings = two_papers(
        tmp_path,
        public_url="https://news.example.com/",
        more='fetch: {allow_hosts: ["10.0.0.5:8000"]}',
    )
    with pytest.raises(BadRequest):
        read(settings, callback="http://10.0.0.5:8000/hook")


@pytest.mark.parametrize(
    ("secret", "kept"),
    [("s" * 199, "s" * 199), ("密" * 66, "密" * 66), ("", None)],
    ids=["199 bytes", "198 bytes of UTF-8", "empty"],
)
def test_case_187_a_secret_is_shorter_than_two_hundred_bytes(
    settings: Settings, secret: str, kept: str | None
) -> None:
    assert read(settings, secret=secret, callback="http://reader.example.org/").secret == kept


@pytest.mark.parametrize("secret", ["s" * 200, "密" * 67, "s" * 100_000])
def test_case_187_a_longer_secret_is_refused(settings: Settings, secret: str) -> None:
    with pytest.raises(BadRequest, match="200"):
        read(settings, secret=secret)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("", timedelta(days=10)),
        ("0", timedelta(minutes=5)),
        ("1", timedelta(minutes=5)),
        ("86400", timedelta(days=1)),
        ("999999999", timedelta(days=30)),
        ("9" * 5000, timedelta(days=30)),
    ],
)
def test_a_lease_is_what_was_asked_for_within_limits(
    settings: Settings, asked: str, given: timedelta
) -> None:
    assert read(settings, lease_seconds=asked).lease == given


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"mode": "publish"}, 403),
        ({"mode": ""}, 400),
        ({"mode": "SUBSCRIBE"}, 400),
        ({"lease_seconds": "-1"}, 400),
        ({"lease_seconds": "１２"}, 400),
        ({"lease_seconds": "1e9"}, 400),
        ({"topic": "https://elsewhere.example.net/feeds/huaian.rss"}, 404),
        ({"topic": TOPIC + "?kind=news"}, 404),
        ({"topic": "https://news.example.com/feeds/huaian/2024-04-08.rss"}, 404),
        ({"topic": "huaian.rss"}, 404),
        ({"topic": ""}, 404),
    ],
)
def test_what_cannot_be_meant_is_refused(
    settings: Settings, changes: dict[str, str], status: int
) -> None:
    with pytest.raises(BadRequest) as error:
        read(settings, **changes)
    assert error.value.status == status


def test_case_196_a_parameter_of_ours_that_comes_twice_is_refused_and_unknown_ones_ignored(
    settings: Settings,
) -> None:
    form = [("hub.mode", "subscribe"), ("hub.topic", TOPIC), ("hub.callback", CALLBACK)]
    topics = topics_of(settings)

    assert read_request([*form, ("x", "1"), ("x", "2"), ("hub.new", "3")], topics, settings)
    with pytest.raises(BadRequest, match="两次"):
        read_request([*form, ("hub.callback", "https://other.example.org/")], topics, settings)


def test_patience_grows_and_obeys_the_servers_own_wait_up_to_a_day() -> None:
    assert [wait_after(n) for n in range(1, 9)] == list(PATIENCE)
    assert wait_after(99) == PATIENCE[-1]
    assert wait_after(1, timedelta(minutes=5)) == timedelta(minutes=5)
    assert wait_after(8, timedelta(minutes=5)) == PATIENCE[-1]
    assert wait_after(1, timedelta(days=9)) == timedelta(days=1)


def test_a_minute_holds_so_many_events_and_no_more() -> None:
    pace = PerMinute(3)

    assert [pace.take("a", now) for now in (0.0, 10.0, 20.0, 30.0)] == [True, True, True, False]
    assert pace.take("b", 30.0)
    assert pace.full(30.0) == ["a"]
    assert pace.take("a", 60.0)
    assert not pace.take("a", 60.1)
    assert pace.full(1000.0) == []
