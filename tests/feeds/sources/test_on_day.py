"""Where another day's issue lies, by the address of one that is known."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.sources import FAMILIES
from feeds.sources.links import date_in, redated
from feeds.sources.table import build_source

SITE = "https://paper.example"
LAST_DAY = date(2024, 2, 29)


@pytest.mark.parametrize(
    ("known", "there"),
    [
        ("/html/2024-03/01/node_2.htm", "/html/2024-02/29/node_2.htm"),
        ("/rb/pc/layout/202403/01/node_01.html", "/rb/pc/layout/202402/29/node_01.html"),
        ("/Html/2024-03-01/Qpaper.html", "/Html/2024-02-29/Qpaper.html"),
        ("/a/2024/0301/1.htm", "/a/2024/0229/1.htm"),
        ("/a/2024-03/20240301/1.htm", "/a/2024-02/20240229/1.htm"),
        ("/issue?date=2024_03_01&p=1", "/issue?date=2024_02_29&p=1"),
        ("/20240301/content_20240399.htm", "/20240229/content_20240399.htm"),
        ("/paper/7/", None),
        ("/content_20249901.htm", None),
    ],
)
def test_the_date_in_an_address_is_replaced_in_its_own_form(known: str, there: str | None) -> None:
    assert redated(SITE + known, LAST_DAY) == (there and SITE + there)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_what_was_redated_says_its_day_and_leads_back(one: date, other: date) -> None:
    for form in ("%Y%m%d", "%Y-%m/%d", "%Y/%m-%d", "%Y-%m/%Y%m%d"):
        url = f"{SITE}/a/{one:{form}}/node_2.htm"
        there = redated(url, other)
        assert there is not None
        assert date_in(there) == other
        assert redated(there, one) == url


@pytest.mark.parametrize(
    ("kind", "more", "known", "there"),
    [
        ("paperindex", {}, "/content/20240301/Page01BC.htm", "/content/20240229/IssueIndex.htm"),
        ("paperindex", {}, "/content/20240301/PageArticleIndexBT.htm", "/content/20240229/IssueIndex.htm"),
        ("paperindex", {}, "/content/20240301/IssueIndex.htm", "/content/20240229/IssueIndex.htm"),
        ("auto", {}, "/content/20240301/PageA01TB.htm", "/content/20240229/IssueIndex.htm"),
        ("auto", {}, "/html/2024-03/01/node_2.htm", "/html/2024-02/29/node_2.htm"),
        ("auto", {"guess": f"{SITE}/d/{{date:%Y%m%d}}/"}, "/2024-03-01/x.htm", "/d/20240229/"),
        ("html", {"preset": "xmwb", "guess": f"{SITE}/html/xmwb/{{date}}/1.html"}, "/x.htm", "/html/xmwb/2024-02-29/1.html"),
        ("html", {"preset": "xmwb"}, "/html/xmwb/2024-03-01/1.html", "/html/xmwb/2024-02-29/1.html"),  # not at 新民晚报
        ("html", {"preset": "qpaper"}, "/Html/2024-03-01/Qpaper.html", "/Html/2024-02-29/Qpaper.html"),
        ("founder", {}, "/html/2024-03/01/node_2.htm", "/html/2024-02/29/node_2.htm"),
        ("yunbao", {}, "/paper/2024-03-01/", "/paper/2024-02-29/"),
        ("yunbao", {}, "/paper?id=7", None),
        ("feed", {}, "/2024-03-01.xml", None),
        ("json", {"preset": "wenzhou"}, "/paper/2024-03-01/", None),
    ],
)  # fmt: skip
def test_each_family_says_how_its_addresses_follow_the_date(
    kind: str, more: dict[str, object], known: str, there: str | None
) -> None:
    told = {"id": "p", "kind": kind, "title": "青禾日报", "url": f"{SITE}/"} | more
    source = build_source(FAMILIES[kind].model_validate(told))
    request = source.on_day(SITE + known, LAST_DAY)
    assert (request and request.url) == (there and SITE + there)
