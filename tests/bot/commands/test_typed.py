"""What people type: subscriptions in one line, times, zones, names of papers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.clocks import is_zone, parse_clock, parse_quiet, parse_zone
from bot.commands.stand import Stand
from bot.commands.wishes import Wish, match_labels, parse_wish
from bot.ledger.tables import Mode
from config.sources import YunbaoSource
from feeds.decide.reads import RUNGS


def paper(id_: str, title: str) -> YunbaoSource:
    return YunbaoSource(id=id_, kind="yunbao", title=title, url="https://p.cn/")


STAND = Stand(
    [paper("huaian", "淮安区报"), paper("chuzhou", "楚州晚报"), paper("hongze", "洪泽湖晚报")]
)
ALONE = Stand([paper("huaian", "淮安区报")])

WISHES: list[tuple[str, str | None, dict[str, Any]]] = [
    ("", None, {}),
    ("淮安区报", "huaian", {}),
    ("《淮安区报》", "huaian", {}),
    ("huaian article", "huaian", {"mode": Mode.ARTICLE}),
    ("淮安 一篇", "huaian", {"mode": Mode.ARTICLE}),
    ("楚州晚报 20:00", "chuzhou", {"mode": Mode.DAILY, "at": "20:00"}),
    ("楚州晚报 晚上8点半", "chuzhou", {"mode": Mode.DAILY, "at": "20:30"}),
    ("淮安区报 第1版 A3版 p5", "huaian", {"pages": ["1", "a3", "5"]}),
    ("淮安区报 第1、3版", "huaian", {"pages": ["1", "3"]}),
    ("淮安区报 全部版", "huaian", {"pages": []}),
    ("淮安区报 22:00-07:00 存着", "huaian", {"quiet": "22:00-07:00", "hold": True}),
    ("淮安区报 不安静", "huaian", {"quiet": None, "hold": False}),
    ("淮安区报 满1000", "huaian", {"rung": 1000}),
    ("淮安区报 reads>1.2万", "huaian", {"rung": 20_000}),
    ("淮安区报 不提醒", "huaian", {"rung": None}),
    ("淮安区报 春耕|夏种 -公告", "huaian", {"filter": "春耕|夏种 -公告"}),
    ('淮安区报 "一期"', "huaian", {"filter": '"一期"'}),
    ("淮安区报 covid-19 3-5 pm25", "huaian", {"filter": "covid-19 3-5 pm25"}),
    ("淮安区报 不筛选", "huaian", {"filter": ""}),
    ("全部 daily", "*", {"mode": Mode.DAILY}),
    ("article", None, {"mode": Mode.ARTICLE}),
]


@pytest.mark.parametrize(("line", "source", "columns"), WISHES)
def test_a_line_says_what_is_wanted(line: str, source: str | None, columns: dict[str, Any]) -> None:
    assert parse_wish(line, STAND) == Wish(source, columns=columns)


def test_a_name_that_no_paper_has_is_told_as_it_was_typed() -> None:
    assert parse_wish("Beijing News", STAND).unknown == "Beijing News"
    assert parse_wish("晚报", STAND).unknown == "晚报"  # two are called so


def test_where_there_is_one_paper_its_name_is_not_needed() -> None:
    assert parse_wish("一篇 春耕", ALONE) == Wish(
        "huaian", columns={"mode": Mode.ARTICLE, "filter": "春耕"}
    )


@given(st.text(max_size=300))
def test_every_line_is_a_wish(line: str) -> None:
    for stand in (STAND, ALONE, Stand([])):
        wish = parse_wish(line, stand)
        assert wish.columns.get("rung") in {None, *RUNGS}
        assert len(wish.columns.get("filter", "")) <= 200


def test_pages_are_what_the_paper_calls_them() -> None:
    labels = ["01", "02", "A03", "2/3"]
    assert match_labels(["1", "a3", "02", "99", "2/3", "1"], labels) == ["01", "A03", "02", "2/3"]


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("20:00", "20:00"), ("8:05", "08:05"), ("８：３０", "08:30"), ("8点", "08:00"),
        ("晚上8点半", "20:30"), ("下午3点15分", "15:15"), ("8pm", "20:00"), ("12am", "00:00"),
        ("中午12点", "12:00"), ("7", "07:00"),
        ("24:00", None), ("25点", None), ("8:61", None), ("", None), ("春耕", None), ("8点3", None),
    ],
)  # fmt: skip
def test_a_time_of_day_is_read_as_people_write_it(text: str, clock: str | None) -> None:
    assert parse_clock(text) == clock


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        ("22:00-07:00", "22:00-07:00"), ("22-7", "22:00-07:00"), ("22：00～7：00", "22:00-07:00"),
        ("晚上10点到早上7点", "22:00-07:00"), ("7-7", None), ("22:00", None), ("a-b", None),
    ],
)  # fmt: skip
def test_quiet_hours_are_two_times(text: str, quiet: str | None) -> None:
    assert parse_quiet(text) == quiet


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"), ("asia/tokyo", "Asia/Tokyo"), ("tokyo", "Asia/Tokyo"),
        ("东京", "Asia/Tokyo"), ("北京", "Asia/Shanghai"), ("new york", "America/New_York"),
        ("UTC+9", "Etc/GMT-9"), ("-5", "Etc/GMT+5"), ("utc", "UTC"),
        ("", None), ("火星", None), ("../../etc/passwd", None), ("a" * 9000, None), ("/", None),
    ],
)  # fmt: skip
def test_a_zone_is_a_city_or_an_offset(text: str, zone: str | None) -> None:
    assert parse_zone(text) == zone


@given(st.text(max_size=200))
def test_nothing_that_is_typed_for_a_time_or_a_zone_raises(text: str) -> None:
    assert (at := parse_clock(text)) is None or len(at) == 5
    assert (quiet := parse_quiet(text)) is None or len(quiet) == 11
    assert (zone := parse_zone(text)) is None or is_zone(zone)
    parse_wish(text, STAND)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("huaian", "huaian"), ("淮安区报", "huaian"), ("淮安", "huaian"), ("淮安区保", "huaian"),
        ("《楚州晚报》", "chuzhou"), ("ＨＵＡＩＡＮ", "huaian"), ("洪泽", "hongze"),
        ("晚报", None), ("", None), ("人民日报", None),
    ],
)  # fmt: skip
def test_a_paper_is_found_by_its_name_or_nearly(name: str, source: str | None) -> None:
    found = STAND.find(name)
    assert (found.id if found else None) == source


def test_papers_are_found_by_a_part_of_their_name() -> None:
    assert [source.id for source in STAND.search("晚报")] == ["chuzhou", "hongze"]
    assert len(STAND.search("")) == 3


def test_of_many_papers_the_misspelt_one_is_found_too() -> None:
    many = Stand(
        [paper(f"p{n}", f"第{n}号日报") for n in range(3000)] + [paper("huaian", "淮安区报")]
    )
    found = many.find("淮安曲报")
    assert found is not None
    assert found.id == "huaian"


SLIPS = [
    "25:00-07:00",
    "00:00-00:00",
    "7:00-25:00",
    "25:70",
    "24:00",
    "第1-3版",
    "满0.0.0",
]
NO_SLIPS = ['"25:70"', "3-5", "4/8", "covid-19", "第一版", "第3届", "满意", "2:1", "0:0胜", "一版"]


@pytest.mark.parametrize("word", SLIPS)
def test_what_only_looks_like_an_option_is_no_filter(word: str) -> None:
    wish = parse_wish(f"淮安区报 一篇 {word} 春耕", STAND)
    assert wish.slip == word
    assert wish.columns == {}


@pytest.mark.parametrize("word", NO_SLIPS)
def test_what_looks_like_no_option_may_be_looked_for(word: str) -> None:
    assert parse_wish(f"淮安区报 {word}", STAND).slip == ""
