"""Whatever newspapers write, everything that goes out keeps Telegram's rules: 5,000 generated articles."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.channels.telegram.html import keyboard, render, render_plain
from bot.message import Limits, Line, Part, Span, part_from_json, part_to_json
from bot.messages import Options, article_message, issue_message, reads_message
from bot.messages.actions import MOST_BYTES
from bot.messages.changes import correction_message
from bot.messages.daily import daily_message
from bot.messages.reading import Around, Listed, list_message, opened_article, page_message
from feeds.models import Article, Issue, ReadCount
from feeds.text import clean, cut
from tests.fakes.archive import HUAIAN, make_article, make_issue, make_page
from tests.fakes.botapi_html import check_lengths, parse_html
from tests.fakes.telegram import check_markup

LIMITS = Limits()
AN_ISSUE, ISSUES, LONG = 20, 250, 40  # articles of each; and how many an issue shows
# Twenty articles as they were drawn say enough; to shrink them takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
BIG: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": PHASES,
}
SEEN = datetime(2024, 4, 8, tzinfo=UTC)

nasty = st.sampled_from(
    [
        "<b>&\"'",
        "</a>",
        "&nbsp;",
        "&amp;lt;",
        "<blockquote>",
        "😀",
        "👨‍👩‍👧‍👦",
        "\u202e",
        "]]>",
        "“「《",
        "。！？",
        "\t",
        "x" * 300,
    ]
)
text = st.lists(st.one_of(st.text(max_size=30), nasty), max_size=6).map("".join)
title = text.map(
    lambda t: cut(clean(t)).strip() or "无题"
)  # what the archive holds: clean, 500 long
body = st.lists(text, max_size=6).map(lambda lines: clean("\n".join(lines)))
url = st.one_of(
    st.text(max_size=60).map(lambda t: f"https://p.cn/{t}"),
    st.sampled_from(
        [
            "",
            "javascript:alert(1)",
            "https://p.cn/" + "y" * 3000,
            'http://x"y.cn/<',
            "http://localhost/",
        ]
    ),
)
reads = st.one_of(st.none(), st.builds(ReadCount, st.integers(0, 2**63 - 1), st.booleans()))


drawn = st.lists(
    st.builds(
        make_article,
        title=title,
        body_text=body,
        byline=st.one_of(st.none(), title),
        url=url,
        reads=reads,
        reads_at=st.just(SEEN),
    ),
    min_size=AN_ISSUE,
    max_size=AN_ISSUE,
)


def numbered(held: list[Article]) -> list[Article]:
    """The articles again and again, until an issue is as long as the longest; a dozen a page."""
    return [
        replace(
            held[n % len(held)],
            id=n + 1,
            key=f"a{n + 1}",
            source="huaian",
            issue="2024-04-08",
            page=f"{1 + n // 12:02}",
        )
        for n in range(LONG)
    ]


def printed(held: list[Article], address: str) -> Issue:
    """Pages of a dozen articles, each with the same address for its image, its PDF and itself."""
    labels = sorted({article.page for article in held})
    pages = [
        replace(
            make_page(label, [a for a in held if a.page == label], name=held[n].title),
            order=n,
            url=address,
            image=address,
            pdf=address,
        )
        for n, label in enumerate(labels, 1)
    ]
    made = make_issue(date(2024, 4, 8), pages, number=held[0].title[:64], url=address)
    return replace(made, id=10**12)


def keeps_the_rules(part: Part) -> bool:
    html = render(part)
    assert len(html.encode()) <= LIMITS.markup_bytes
    parsed = parse_html(html)
    assert parsed.units <= LIMITS.units
    assert len(parsed.entities) <= LIMITS.entities
    check_lengths(parsed)
    assert parsed.text.strip() == render_plain(part).strip()
    if rows := keyboard(part):
        check_markup({"inline_keyboard": rows})
    assert part_from_json(part_to_json(part)) == part
    return True


def back_to(words: str) -> str:
    """The way back that a button carried: it fitted into one."""
    return f"find:0:{words}".encode()[:MOST_BYTES].decode(errors="ignore")


def all_forms(issue: Issue, options: Options) -> list[Part]:
    """Everything that can be said of an issue."""
    parts = [
        *issue_message(HUAIAN, issue, LIMITS, options),
        *issue_message(HUAIAN, issue, LIMITS, options.within_one_part()),
        *daily_message(HUAIAN, issue, LIMITS, options),
        *(page_message(HUAIAN, issue, page, LIMITS, options) for page in issue.pages),
        list_message(
            Line((Span("搜索"),)),
            [Listed(HUAIAN, article, article.id) for article in issue.articles],
            "find:0:" + issue.articles[0].title,
            LIMITS,
            options,
        ),
    ]
    for one, other in zip(
        issue.articles[:AN_ISSUE], issue.articles[AN_ISSUE - 1 :: -1], strict=True
    ):
        parts += article_message(HUAIAN, issue, one, LIMITS, options)
        parts += reads_message(HUAIAN, issue, one, 100_000, LIMITS, options)
        curve = [(SEEN, count) for count in (one.reads, other.reads) if count]
        around = Around(back_to(other.title), curve, "https://t.me/share/url?url=x")
        parts.append(opened_article(HUAIAN, issue, one, around, LIMITS, options))
    for one, other in zip(issue.articles[:5], issue.articles[5:10], strict=True):
        said = (other.body_text[:180], one.body_text[:180])
        parts += correction_message(one, other.title, said, LIMITS, options)
    return parts


@settings(max_examples=ISSUES, **BIG)
@given(
    drawn,
    url,
    st.builds(Options, st.sampled_from(["zh-CN", "en"]), turns=st.booleans(), browse=st.booleans()),
)
def test_every_form_of_5000_articles_keeps_telegrams_rules(
    held: list[Article], address: str, options: Options
) -> None:
    assert all(
        keeps_the_rules(part) for part in all_forms(printed(numbered(held), address), options)
    )


@settings(max_examples=50, **BIG)
@given(drawn, st.booleans())
def test_the_parts_of_an_issue_hold_its_articles_in_order_and_none_twice(
    held: list[Article], turns: bool
) -> None:
    named = [replace(a, title=f"【{n:03}】{a.title[:40]}") for n, a in enumerate(numbered(held))]
    parts = issue_message(HUAIAN, printed(named, "https://p.cn/"), LIMITS, Options(turns=turns))
    shown = "\n".join(render_plain(part) for part in parts)
    places = [shown.find(f"▪ 【{n:03}】") for n in range(len(named))]
    there = [place for place in places if place >= 0]
    assert there == sorted(there)
    assert places[: len(there)] == there  # what is missing is the end
    assert len(there) == len(named) or "其余 " in shown
