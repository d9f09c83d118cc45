"""From issues to entries: which, in what order, when, and under which id."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.models import CUT, Article, ArticleKind, Image, Issue, Paper
from feeds.writers.base import FeedEntry
from feeds.writers.entries import Desk, published_at
from feeds.writers.heads import FeedRules, build_head
from feeds.writers.links import web_url
from tests.fakes.archive import HUAIAN, SEEN, make_article, make_issue, make_page, simple_issue

AUTHORITY = "a.invalid,2026-11-23"
RULES = FeedRules(public_url="http://news.test/", language="zh-CN", full=True)
DAY = date(2024, 4, 8)
CHINA = ZoneInfo("Asia/Shanghai")


def placed(issue: Issue) -> Issue:
    """The issue as the library gives it: articles know where they stand."""
    pages = []
    for order, page in enumerate(issue.pages, 1):
        articles = tuple(
            replace(a, source=issue.source, issue=issue.key, page=page.label, order=n)
            for n, a in enumerate(page.articles, 1)
        )
        pages.append(replace(page, order=order, articles=articles))
    return replace(issue, pages=tuple(pages))


def entries_of(
    issues: Sequence[Issue], rules: FeedRules = RULES, paper: Paper = HUAIAN
) -> list[FeedEntry]:
    desk = Desk(paper, rules, AUTHORITY)
    return [entry for issue in issues for entry in desk.entries(issue)]


def issue_of(*articles: Article) -> Issue:
    return placed(make_issue(DAY, [make_page("01", articles)]))


def test_a_feed_leads_to_our_page_and_its_entries_to_the_newspaper() -> None:
    head = build_head(HUAIAN, RULES, AUTHORITY, SEEN)
    entries = entries_of([issue_of(make_article("x1"))])

    assert head.url == "http://news.test/huaian/"
    assert head.base == "http://news.test/feeds/huaian"
    assert head.id == "tag:a.invalid,2026-11-23:huaian"
    assert entries[0].url == "http://paper.test/content?id=x1"
    assert entries[0].id == "tag:a.invalid,2026-11-23:huaian/2024-04-08/x1"


def test_link_own_leads_to_our_article_page() -> None:
    rules = replace(RULES, own_links=True)
    entries = entries_of([issue_of(make_article("x1"))], rules)

    assert entries[0].url == "http://news.test/huaian/2024-04-08/x1"


def test_ids_survive_a_change_of_public_url_paper_url_and_title() -> None:
    issue = issue_of(make_article("x1"))
    before = entries_of([issue])
    moved = replace(HUAIAN, title="淮安日报", url="https://elsewhere.test/")
    article = replace(issue.articles[0], title="更正", url="https://elsewhere.test/x1.html")
    rules = replace(RULES, public_url="https://a.test/p/")
    later = entries_of([issue_of(article)], rules, moved)

    assert build_head(moved, rules, AUTHORITY, SEEN).id == "tag:a.invalid,2026-11-23:huaian"
    assert [e.id for e in later] == [e.id for e in before]


def test_page_one_is_first_and_every_place_a_second_earlier() -> None:
    pages = [
        make_page("01", [make_article("a"), make_article("b")]),
        make_page("02", [make_article("c")]),
    ]
    entries = entries_of([placed(make_issue(DAY, pages))])

    times = [entry.published.isoformat() for entry in entries]
    assert times == [
        "2024-04-08T00:59:59+08:00",
        "2024-04-08T00:59:58+08:00",
        "2024-04-08T00:59:57+08:00",
    ]


def test_a_time_that_the_site_gives_wins_over_the_place() -> None:
    exact = datetime(2024, 4, 8, 1, 30, tzinfo=UTC)
    entries = entries_of([issue_of(make_article("a", published=exact, published_exact=True))])

    assert entries[0].published == exact
    assert entries[0].published.isoformat() == "2024-04-08T09:30:00+08:00"


@given(place=st.integers(0, 100_000))
def test_no_place_is_so_late_that_it_becomes_yesterday(place: int) -> None:
    when = published_at(issue_of(), make_article(), place, CHINA)

    assert when.date() == DAY
    assert when.tzinfo is CHINA


def test_skipped_kinds_and_withdrawn_articles_are_left_out_without_moving_the_rest() -> None:
    articles = [
        make_article("ad", kind=ArticleKind.AD),
        make_article("gone", withdrawn_at=SEEN),
        make_article("c"),
    ]
    entries = entries_of([issue_of(*articles)], replace(RULES, skip=("ad",)))

    assert [entry.id.rpartition("/")[2] for entry in entries] == ["c"]
    assert entries[0].published.isoformat() == "2024-04-08T00:59:57+08:00"


def test_every_entry_names_paper_date_page_byline_and_original() -> None:
    entries = entries_of([issue_of(make_article("x1"))])
    html = entries[0].html

    assert html is not None
    assert "淮安区报 · 2024年04月08日 · 第01版 要闻 · 融媒体记者综合报道" in html
    assert '<a href="http://paper.test/content?id=x1">' in html
    assert entries[0].categories == ("第01版 要闻", "新闻")
    assert entries[0].author == "融媒体记者综合报道"


def test_a_summary_feed_shows_no_body_but_where_it_comes_from() -> None:
    body = "<p>" + "长" * 2000 + "</p>"
    article = make_article("x1", body_html=body, body_text="长" * 2000)
    entries = entries_of([issue_of(article)], replace(RULES, full=False))

    assert entries[0].html is None
    assert "淮安区报 · 2024年04月08日 · 第01版 要闻" in entries[0].summary
    assert len(entries[0].summary) < 400


def test_kicker_subtitle_and_images_stand_in_the_content_escaped() -> None:
    article = make_article(
        "x1",
        kicker="引题<b>",
        subtitle="副题",
        images=(
            Image("http://paper.test/1.jpg?a=1&b=2", "图<script>"),
            Image("javascript:alert(1)", "坏"),
        ),
    )
    entries = entries_of([issue_of(article)])

    html = entries[0].html or ""
    assert "引题&lt;b&gt;" in html
    assert 'src="http://paper.test/1.jpg?a=1&amp;b=2"' in html
    assert "图&lt;script&gt;" in html
    assert "javascript" not in html
    assert entries[0].image == "http://paper.test/1.jpg?a=1&b=2"


def test_an_image_that_the_body_shows_is_not_shown_twice() -> None:
    url = "http://paper.test/1.jpg?a=1&b=2"
    article = make_article(
        "x1", body_html=f'<p><img src="{url.replace("&", "&amp;")}"></p>', images=(Image(url),)
    )
    entries = entries_of([issue_of(article)])

    assert (entries[0].html or "").count("1.jpg") == 1


def test_read_counts_never_enter_a_feed() -> None:
    from_few = issue_of(make_article("x1"))
    many = replace(from_few.articles[0], reads=None, reads_at=datetime(2024, 4, 9, tzinfo=UTC))

    assert entries_of([from_few]) == entries_of([issue_of(many)])


def test_an_entry_is_dated_by_its_last_revision() -> None:
    corrected = datetime(2024, 4, 9, 3, 0, tzinfo=UTC)
    issue = issue_of(make_article("a"), make_article("b", updated=corrected, revision=2))

    assert [entry.updated == corrected for entry in entries_of([issue])] == [False, True]


def test_two_hundred_articles_of_two_issues_are_all_there_newest_issue_first() -> None:
    issues = [placed(simple_issue(DAY, 213)), placed(simple_issue(DAY - timedelta(days=1), 213))]
    entries = entries_of(issues)

    assert len(entries) == 426
    assert [e.published for e in entries] == sorted((e.published for e in entries), reverse=True)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>",
        "//evil.test/x",
        "/x",
        "",
        "http://",
        "http://a.test:bad/",
        "http://[::1",
        "http://a.test/\r\nX: y",
        "vbscript:x",
        "ftp://a.test/",
        "http://a.test\\@b.test/",
        "http://user:pass@a.test/",
    ],
)
def test_case_106_a_link_that_is_no_web_address_is_no_link(url: str) -> None:
    entries = entries_of([issue_of(make_article("x1", url=url))])

    assert entries[0].url is None
    assert entries[0].id.endswith("/x1")
    assert web_url(url) is None


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_case_094_of_an_article_too_long_to_be_kept_whole_a_feed_has_the_summary_and_says_where_the_rest_is(
    language: str,
) -> None:
    rest = "全区春耕还在继续。"
    long = make_article(
        "x1", body_html=f"<p>春耕开始了。</p><p>{rest}</p>{CUT}", body_text=f"春耕开始了。\n{rest}"
    )
    (entry,) = entries_of([issue_of(long)], replace(RULES, language=language))

    said = {"zh-CN": "全文在报纸网站上", "en": "the newspaper has all of it"}
    assert said[language] in (entry.html or "")
    assert entry.summary in (entry.html or "")
    assert CUT not in (entry.html or "")
    assert 'href="http://paper.test/content?id=x1"' in (entry.html or "")
