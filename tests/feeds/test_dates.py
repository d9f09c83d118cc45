"""Dates as papers print them: read where they are possible, never turned into others."""

from datetime import UTC, date, time, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.dates import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    chinese_date,
    find_date,
    find_dates,
    parse_date,
    weekday,
)

DAY = date(2024, 4, 8)
DAYS = st.dates(date(EARLIEST_YEAR, 1, 1), date(LATEST_YEAR, 12, 31))
MARKS = "0123456789０２４年月日号-/.：:T〇○零一二三四五六七八九十廿卅 \u3000\xa0星期周Z+时分"


@pytest.mark.parametrize(
    "text",
    ["2024年04月08日", "2024年4月8日", "2024年4月8号", "2024年4月8", "2024 年 4 月 8 日", "２０２４年０４月０８日",
     "二〇二四年四月八日", "二○二四年四月八日", "二零二四年四月八号", "2024-04-08", "2024-4-8", "2024/4/8",
     "2024.4.8", "２０２４．４．８", "2024 - 04 - 08", "20240408", "2024年04月08日 星期一", "星期一 2024年04月08日",
     "2024年04月08日（星期一）", "(周一)2024-04-08", "2024-04-08 Monday", "Mon 2024-04-08", "\u30002024年4月8日\xa0"],
)  # fmt: skip
def test_a_date_is_read_in_every_form(text: str) -> None:
    assert parse_date(text) == DAY


@pytest.mark.parametrize(
    ("text", "day"),
    [("二〇二三年十二月三十一日", date(2023, 12, 31)), ("二〇二四年十月十日", date(2024, 10, 10)),
     ("一九九八年十一月廿八日", date(1998, 11, 28)), ("二〇二四年〇二月二九日", date(2024, 2, 29)),
     ("二〇二四年一月卅一日", date(2024, 1, 31)), ("二〇二四年一月二十日", date(2024, 1, 20))],
)  # fmt: skip
def test_chinese_numerals_are_read(text: str, day: date) -> None:
    assert parse_date(text) == day


@given(DAYS)
def test_every_day_is_read_back_from_every_form_we_know(day: date) -> None:
    packed = f"{day:%Y%m%d}"
    for text in (chinese_date(day), day.isoformat(), packed, f"{day.year}.{day.month}.{day.day}"):
        assert parse_date(text) == day
        assert parse_date(f"{text} {weekday(day)}") == day


@pytest.mark.parametrize(
    "text",
    ["2024年02月30日", "0000-00-00", "2024年13月8日", "13月", "2024-00-10", "2023年2月29日", "20240230", "00000000",
     "二〇二四年二月三十日", "二〇二四年十三月一日", "二〇二四年四月十十日", "2024年4月320日", "2024-4/8", "2024年", ""],
)  # fmt: skip
def test_case_74_an_impossible_date_is_no_date_and_no_other_one(text: str) -> None:
    assert parse_date(text) is None
    assert find_date(f"本报讯 {text} 春耕") is None


@pytest.mark.parametrize("text", ["1900年1月1日", "9999-12-31", "1948-12-31", "21010101"])
def test_case_77_a_year_that_no_newspaper_of_ours_has_is_no_date(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "text",
    ["2024年04月08日 阅读数:231", "4月8日", "2024-04-08 draft", "12024-04-08", "2024-04-081", "电话20240408123",
     "1.2024.4.8.1", "二十四年四月八日"],
)  # fmt: skip
def test_what_is_more_or_less_than_a_date_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_case_75_all_dates_of_a_text_are_found_in_order_and_in_place() -> None:
    text = "２０２４年4月8日出版，上期2024-04-01 06:30，第20240402期，无2024-02-31"
    found = list(find_dates(text))
    assert [one.day for one in found] == [DAY, date(2024, 4, 1), date(2024, 4, 2)]
    assert [text[one.start : one.end] for one in found] == ["２０２４年4月8日", "2024-04-01 06:30", "20240402"]  # fmt: skip
    assert find_date(text) == DAY


EAST = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2024-04-08 06:30", time(6, 30)),
        ("2024-04-08T06:30:15", time(6, 30, 15)),
        ("2024-04-08 06:30:15:0", time(6, 30, 15)),
        ("2024年4月8日 星期一 6时30分", time(6, 30)),
        ("2024年4月8日　２３：０５", time(23, 5)),
        ("2024-04-08 09:00-11:30", time(9)),
        ("2024-04-08T02:30:15Z", time(2, 30, 15, tzinfo=UTC)),
        ("2024-04-08T02:30:15.123+08:00", time(2, 30, 15, tzinfo=EAST)),
        ("2024-04-08 02:30+0800", time(2, 30, tzinfo=EAST)),
        ("2024-04-08T02:30-05:00", time(2, 30, tzinfo=timezone(-timedelta(hours=5)))),
        ("2024-04-08 00:00:00", None),
        ("2024-04-08 25:00", None),
        ("2024-04-08 06:70", None),
        ("2024-04-08 阅读 06:30", None),
    ],
)
def test_a_time_of_day_is_read_where_one_follows_with_its_offset(
    text: str, at: time | None
) -> None:
    (found,) = find_dates(text)
    assert found.day == DAY
    assert found.time == at
    assert at is None or found.time.tzinfo == at.tzinfo  # type: ignore[union-attr]


@given(st.text(MARKS, max_size=60) | st.text(st.characters(), max_size=60))
@example("99999999" * 20)
@example("二〇二四年" + "十" * 9 + "月")
def test_no_text_makes_it_raise_or_find_what_cannot_be(text: str) -> None:
    ends = [0]
    for found in find_dates(text):
        assert EARLIEST_YEAR <= found.day.year <= LATEST_YEAR
        assert ends[-1] <= found.start < found.end <= len(text)
        ends.append(found.end)
    assert parse_date(text) in {None, *(found.day for found in find_dates(text))}


def test_a_date_is_written_as_the_papers_write_it() -> None:
    assert chinese_date(DAY) == "2024年04月08日"
    assert [weekday(DAY + timedelta(days=n)) for n in range(7)] == [
        "星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日",
    ]  # fmt: skip
