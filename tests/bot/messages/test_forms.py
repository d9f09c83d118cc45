"""The message forms of design.md section 5, word for word, as Telegram's HTML."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram.html import render
from bot.message import Limits, Part, Quote
from bot.messages import Options, article_message, issue_message, reads_message
from bot.messages.changes import correction_message
from bot.messages.daily import daily_message
from bot.messages.measure import measure
from feeds.models import Article, Issue, Page, Paper, ReadCount
from tests.fakes.archive import HUAIAN, make_article, make_issue, make_page
from tests.fakes.press import monday

REAL = Path(__file__).parents[4] / "shared" / "samples" / "crawled-json"
SEEN = datetime(2024, 4, 7, 22, 12, tzinfo=UTC)  # 06:12 in China
DAY = date(2024, 4, 8)
LIMITS = Limits()
TITLE = "全区2023年度高质量跨越发展综合考核总结暨2024年工作推进会召开"
BODY = (
    "会议通报了2023年度综合考核结果，对先进单位和个人予以表扬。"
    "会上，五家单位作了交流发言，介绍了各自在招商引资、项目建设和民生实事方面的做法。"
    "会议强调，要锚定全年目标任务，以项目建设为抓手，推动经济社会发展再上新台阶，让群众得到更多实惠。"
)


def article(number: int, page: str, **changes: Any) -> Article:
    values = {
        "title": f"新闻{number}",
        "body_text": f"第{number}篇的第一句说了些别的事情。",
        "url": f"https://p.cn/{number}",
    }
    return make_article(f"a{number}", id=number, page=page, **(values | changes))


def issue(pages: list[Page], **changes: Any) -> Issue:
    numbered = [replace(page, order=n) for n, page in enumerate(pages, 1)]
    return replace(make_issue(DAY, numbered, number="1", url="https://p.cn/", **changes), id=12)


def four_pages() -> Issue:
    """18 articles on four pages."""
    lead = article(1, "01", title=TITLE, body_text=BODY, reads=ReadCount(231), reads_at=SEEN)
    pages = [
        make_page("01", [lead, article(2, "01", reads=ReadCount(0), reads_at=SEEN)], name="要闻")
    ]
    for label, name, first, count in (
        ("02", "综合", 3, 5),
        ("03", "民生", 8, 6),
        ("04", "副刊", 14, 5),
    ):
        held = [
            article(n, label, reads=ReadCount(58), reads_at=SEEN)
            for n in range(first, first + count)
        ]
        pages.append(make_page(label, held, name=name))
    return issue(pages)


def labels(part: Part) -> list[list[str]]:
    return [[button.text for button in row] for row in part.buttons]


# ── mode issue ──────────────────────────────────────────────────────────────────────────────────


def test_an_issue_is_said_as_designed() -> None:
    [part] = issue_message(HUAIAN, four_pages(), LIMITS, Options())
    lines = render(part).split("\n")
    assert lines[:9] == [
        "<b>淮安区报</b> · 2024年04月08日 星期一 · 第1期 · 4版 18篇",
        "<b>第01版 要闻</b>",
        f'▪ <a href="https://p.cn/1">{TITLE}</a> · 阅读数:231',
        "会议通报了2023年度综合考核结果，对先进单位和个人予以表扬。",
        '▪ <a href="https://p.cn/2">新闻2</a>',  # a count of 0 is left out
        "第2篇的第一句说了些别的事情。",
        "<b>第02版 综合</b> · 5篇",
        '<blockquote expandable>▪ <a href="https://p.cn/3">新闻3</a> · 阅读数:58',
        "第3篇的第一句说了些别的事情。",
    ]
    assert lines[-2].endswith("</blockquote>")
    assert lines[-1] == "阅读数截至 06:12"
    assert not part.silent
    assert labels(part) == [["◀ 上一期", "下一期 ▶"]]


def test_the_page_as_printed_has_buttons_where_it_is_known() -> None:
    [part] = issue_message(HUAIAN, monday(), LIMITS, Options())
    assert labels(part) == [["版面图", "PDF"], ["◀ 上一期", "下一期 ▶"]]
    assert [button.url is not None for button in part.buttons[0]] == [True, True]


def test_a_channel_has_only_buttons_that_open_addresses() -> None:
    [part] = issue_message(HUAIAN, monday(), LIMITS, Options(turns=False, browse=True))
    assert labels(part) == [["版面图", "PDF"]]
    assert all(button.action is None for row in part.buttons for button in row)


def test_what_is_unknown_is_left_out() -> None:
    bare = replace(
        issue([make_page("01", [article(1, "01", body_text="")], name=None)]), number=None
    )
    [part] = issue_message(HUAIAN, bare, LIMITS, Options())
    assert render(part) == (
        "<b>淮安区报</b> · 2024年04月08日 星期一 · 1版 1篇\n"
        "<b>第01版</b>\n"
        '▪ <a href="https://p.cn/1">新闻1</a>'
    )


@pytest.mark.parametrize(("count", "sentences"), [(24, 24), (25, 2)])
def test_up_to_24_articles_have_a_sentence_each_and_above_those_of_the_front_page(
    count: int, sentences: int
) -> None:
    front = make_page("01", [article(1, "01"), article(2, "01")])
    second = make_page("02", [article(n, "02") for n in range(3, count + 1)])
    [part] = issue_message(HUAIAN, issue([front, second]), LIMITS, Options())
    assert render(part).count("的第一句") == sentences


def test_a_selection_is_counted_in_the_pages_that_it_shows() -> None:
    [part] = issue_message(HUAIAN, four_pages(), LIMITS, Options(only=frozenset({3, 9})))
    assert render(part).startswith(
        "<b>淮安区报</b> · 2024年04月08日 星期一 · 第1期 · 2版 2篇\n<b>第02版 综合</b>\n"
    )


def test_a_withdrawn_article_is_nowhere() -> None:
    taken = issue([make_page("01", [article(1, "01"), article(2, "01", withdrawn_at=SEEN)])])
    [part] = issue_message(HUAIAN, taken, LIMITS, Options())
    assert "1版 1篇" in render(part)
    assert "新闻2" not in render(part)


def test_clock_times_are_in_the_readers_zone_and_dates_in_the_papers() -> None:
    [part] = issue_message(HUAIAN, four_pages(), LIMITS, Options(timezone="Europe/London"))
    assert "2024年04月08日 星期一" in render(part)
    assert render(part).endswith("阅读数截至 23:12")


# ── long issues ─────────────────────────────────────────────────────────────────────────────────


def big(articles: int, pages: int, url: str = "https://p.cn/", title: int = 20) -> Issue:
    per = articles // pages
    made = [
        make_page(
            f"{p:02}",
            [
                article(p * 1000 + n, f"{p:02}", url=f"{url}{p}-{n}", title="标" * title)
                for n in range(per)
            ],
            url=f"https://p.cn/page{p}",
        )
        for p in range(1, pages + 1)
    ]
    return issue(made)


def test_a_bigger_issue_stays_one_message_whose_later_pages_are_linked_by_their_heads() -> None:
    paper = big(60, 6, "https://paper.example.org/pc/content/202404/08/content_")
    [part] = issue_message(HUAIAN, paper, LIMITS, Options())
    html = render(part)
    assert measure(part.blocks).fits(LIMITS)
    assert html.count("▪") == 60
    assert '<b><a href="https://p.cn/page6">第06版 要闻</a></b> · 10篇' in html
    assert "<b>第01版 要闻</b>" in html
    assert labels(part) == [
        ["01版", "02版", "03版", "04版", "05版", "06版"],
        ["◀ 上一期", "下一期 ▶"],
    ]


def test_in_a_channel_every_title_is_linked_and_the_rest_goes_on_in_a_silent_reply() -> None:
    paper = big(60, 6, "https://paper.example.org/pc/content/202404/08/content_")
    first, second = issue_message(HUAIAN, paper, LIMITS, Options(turns=False))
    assert (first.silent, first.reply) == (False, False)
    assert (second.silent, second.reply) == (True, True)
    assert render(second).startswith("(续 2/2)\n")
    assert (render(first) + render(second)).count("<a href") == 60


def test_what_two_messages_do_not_hold_is_one_line_that_says_how_much() -> None:
    paper = big(300, 30, title=40)
    parts = issue_message(HUAIAN, paper, LIMITS, Options(turns=False))
    assert len(parts) == 2
    shown = sum(render(part).count("▪") for part in parts)
    last = render(parts[1]).split("\n")[-1]
    assert last.startswith('<a href="https://p.cn/">其余 ')
    assert last.endswith(f" 版 {300 - shown} 篇 ›</a>")


def test_a_message_that_is_turned_in_place_stays_one() -> None:
    parts = issue_message(HUAIAN, big(300, 30, title=40), LIMITS, Options().within_one_part())
    assert len(parts) == 1
    assert "其余 " in render(parts[0])


def test_one_article_with_an_endless_address_hides_no_other() -> None:
    endless = article(1, "01", url="https://p.cn/" + "x" * 9000)
    paper = issue([make_page("01", [endless, *[article(n, "01") for n in range(2, 40)]])])
    parts = issue_message(HUAIAN, paper, LIMITS, Options(turns=False))
    assert "".join(map(render, parts)).count("▪") == 39


@pytest.mark.skipif(not REAL.is_dir(), reason="the real papers are not here")
def test_a_real_paper_of_64_articles_is_one_message() -> None:
    paper, real = real_paper(REAL / "rmrb-20260704-digest.json")
    [part] = issue_message(paper, real, LIMITS, Options())
    html = render(part)
    assert measure(part.blocks).fits(LIMITS)
    assert html.startswith(
        "<b>人民日报</b> · 2026年07月04日 星期六 · 8版 64篇\n<b>第01版 要闻</b>\n"
    )
    assert html.count("▪") == 64
    assert sum(isinstance(block, Quote) for block in part.blocks) == 7


def real_paper(path: Path) -> tuple[Paper, Issue]:
    """The digest of a newspaper as it was crawled, as an issue."""
    pages: dict[str, list[Article]] = {}
    for number, row in enumerate(json.loads(path.read_text("utf-8")), 1):
        label, _, name = row["版面"].partition("版：")
        made = make_article(
            f"a{number}",
            id=number,
            page=label,
            title=row["文章标题"],
            body_text=row["摘要"],
            url=row["文章链接"],
        )
        pages.setdefault(f"{label} {name}", []).append(made)
    held = [
        replace(make_page(key.split()[0], of_one, name=key.split()[1]), order=n)
        for n, (key, of_one) in enumerate(pages.items(), 1)
    ]
    real = replace(make_issue(date(2026, 7, 4), held, "rmrb"), id=1)
    return Paper("rmrb", "人民日报", "https://paper.people.com.cn/", "Asia/Shanghai"), real


# ── the other forms ─────────────────────────────────────────────────────────────────────────────


def test_an_article_is_said_as_designed() -> None:
    paper = four_pages()
    lead = replace(paper.articles[0], byline="融媒体记者综合报道")
    [part] = article_message(HUAIAN, paper, lead, LIMITS, Options())
    assert render(part).split("\n") == [
        f'<b><a href="https://p.cn/1">{TITLE}</a></b>',
        "淮安区报 · 2024年04月08日 · 第01版 要闻",
        "阅读数:231 · 融媒体记者综合报道",
        f"<blockquote expandable>{BODY}</blockquote>",
    ]
    assert 100 <= len(BODY) <= 180
    assert part.buttons == ()


def test_an_article_without_count_byline_and_text_is_two_lines() -> None:
    bare = article(1, "01", byline=None, body_text="", reads=None)
    [part] = article_message(HUAIAN, issue([make_page("01", [bare])]), bare, LIMITS, Options())
    assert len(part.blocks) == 2


def test_a_rung_of_reads_is_said_above_its_article() -> None:
    paper = four_pages()
    [part] = reads_message(HUAIAN, paper, paper.articles[0], 200, LIMITS, Options())
    assert render(part).startswith("阅读数过 200 了\n<b><a ")


def test_a_digest_goes_by_reads() -> None:
    paper = four_pages()
    [part] = daily_message(HUAIAN, paper, LIMITS, Options())
    lines = render(part).split("\n")
    assert lines[0] == "<b>淮安区报</b> · 2024年04月08日 星期一 · 读得最多的"
    assert lines[1] == f'▪ <a href="https://p.cn/1">{TITLE}</a> · 阅读数:231 · 第01版 要闻'


# ── corrections ─────────────────────────────────────────────────────────────────────────────────


def test_a_correction_shows_the_old_words_struck_out_and_the_new_ones_bold() -> None:
    now = article(1, "01", title="会议在施河镇召开")
    [part] = correction_message(
        now, "会议在苏嘴镇召开", ("五月五日开。", "五月六日开。"), LIMITS, Options()
    )
    assert render(part) == (
        '<b>更正</b> · <a href="https://p.cn/1">会议在</a><s>苏嘴</s>'
        '<b><a href="https://p.cn/1">施河</a></b><a href="https://p.cn/1">镇召开</a>\n'
        "<blockquote expandable>五月<s>五</s><b>六</b>日开。</blockquote>"
    )
    assert part.silent


def test_a_correction_of_nothing_that_was_told_is_not_sent() -> None:
    now = article(1, "01")
    assert correction_message(now, now.title, ("同", "同"), LIMITS, Options()) == ()
