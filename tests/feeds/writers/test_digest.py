"""A whole issue as one entry."""

from datetime import UTC, date, datetime

from feeds.models import CUT, Article, ArticleKind
from feeds.writers.digest import Digest
from feeds.writers.entries import Desk
from feeds.writers.heads import FeedRules
from tests.fakes.archive import HUAIAN, SEEN, make_article, make_issue, make_page

DAY = date(2024, 4, 8)
RULES = FeedRules(public_url="http://news.test/", language="zh-CN", full=True)
AUTHORITY = "a.invalid,2026-11-23"
LONG = "春风吹过田野，农户们忙着播种，拖拉机的声音从早响到晚。" * 20


def article(key: str, **changes: object) -> Article:
    return make_article(key, source="huaian", issue=DAY.isoformat(), **changes)


ISSUE = make_issue(
    DAY,
    [
        make_page(
            "01",
            [
                article("a", title="头条<b>", body_text=LONG, body_html=f"<p>{LONG}</p>"),
                article("b"),
            ],
            order=1,
            image="http://paper.test/01.jpg",
            pdf="http://paper.test/01.pdf",
        ),
        make_page("02", [article("ad", kind=ArticleKind.AD)], name="综合", order=2),
        make_page("03", [article("c"), article("gone", withdrawn_at=SEEN)], name="副刊", order=3),
    ],
    number="1024",
)


def digest(whole: bool = False, rules: FeedRules = RULES) -> Digest:
    return Digest(Desk(HUAIAN, rules, AUTHORITY), whole)


def test_an_issue_is_one_entry_named_by_its_day_number_and_size() -> None:
    entry = digest().entry(ISSUE)

    assert entry is not None
    assert entry.id == "tag:a.invalid,2026-11-23:huaian/2024-04-08"
    assert entry.title == "2024年04月08日 星期一 · 第1024期 · 3版 4篇"
    assert entry.url == "http://paper.test/2024-04-08/"
    assert entry.published.isoformat() == "2024-04-08T00:59:59+08:00"
    assert entry.author == "淮安区报"


def test_every_page_stands_in_order_with_its_titles_linked_and_a_summary() -> None:
    html = (digest().entry(ISSUE) or ISSUE).html  # type: ignore[union-attr]  # never None here

    assert html is not None
    assert html.index("第01版 要闻") < html.index("第02版 综合") < html.index("第03版 副刊")
    assert '<a href="http://paper.test/content?id=a">头条&lt;b&gt;</a>' in html
    assert "春风吹过田野" in html
    assert len(html) < len(LONG) * 3
    assert '<a href="http://paper.test/2024-04-08/">阅读原文</a>' in html
    assert "淮安区报 · 2024年04月08日" in html


def test_skipped_kinds_and_what_was_taken_back_are_left_out() -> None:
    rules = FeedRules("http://news.test/", "zh-CN", full=True, skip=("ad",))
    entry = digest(rules=rules).entry(ISSUE)

    assert entry is not None
    assert "第02版" not in (entry.html or "")
    assert "content?id=gone" not in (entry.html or "")
    assert "2版 3篇" in entry.title


def test_the_whole_text_stands_in_it_only_where_it_was_asked_for_and_may_be_shown() -> None:
    summary_only = FeedRules("http://news.test/", "zh-CN", full=False)

    assert LONG in ((digest(whole=True).entry(ISSUE) or ISSUE).html or "")  # type: ignore[union-attr]
    assert LONG not in ((digest(whole=True, rules=summary_only).entry(ISSUE) or ISSUE).html or "")  # type: ignore[union-attr]


def test_case_094_of_an_article_too_long_to_be_kept_whole_it_has_the_summary() -> None:
    cut = article("a", body_text=LONG, body_html=f"<p>{LONG}</p>{CUT}")
    entry = digest(whole=True).entry(make_issue(DAY, [make_page("01", [cut])]))

    assert entry is not None
    assert LONG not in (entry.html or "")
    assert "全文在报纸网站上" in (entry.html or "")


def test_pages_pdfs_and_images_are_its_enclosures() -> None:
    entry = digest().entry(ISSUE)

    assert entry is not None
    assert [(file.url, file.media_type) for file in entry.enclosures] == [
        ("http://paper.test/01.pdf", "application/pdf"),
        ("http://paper.test/01.jpg", "image/jpeg"),
    ]
    assert entry.image == "http://paper.test/01.jpg"


def test_it_is_dated_by_the_last_change_of_anything_in_it() -> None:
    later = datetime(2024, 4, 9, 3, 0, tzinfo=UTC)
    page = make_page("01", [article("a"), article("b", updated=later)])
    entry = digest().entry(make_issue(DAY, [page]))

    assert entry is not None
    assert entry.updated == later


def test_an_issue_of_which_nothing_is_shown_is_no_entry() -> None:
    assert digest().entry(make_issue(DAY, [make_page("01", [])])) is None
