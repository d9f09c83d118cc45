"""A correction as a reader sees it."""

from datetime import UTC, datetime

from feeds.difference import Op
from feeds.models import Correction
from feeds.web.changes import AROUND, changes
from tests.fakes.archive import make_article

LONG = "春耕备耕进展顺利，" * 30


def corrected(**before: str | None) -> Correction:
    said: dict[str, str | None] = {
        "title": "标题",
        "kicker": None,
        "subtitle": None,
        "byline": "记者",
        "body_text": "正文",
    }
    said |= before
    return Correction(datetime(2024, 4, 9, tzinfo=UTC), **said)  # type: ignore[arg-type]


ARTICLE = make_article(title="标题", byline="记者", body_text="正文")


def test_only_what_differs_is_told() -> None:
    assert changes(corrected(), ARTICLE, with_body=True) == ()
    (change,) = changes(corrected(title="错题"), ARTICLE, with_body=True)

    assert change.name == "标题"
    assert [(p.op, p.text) for p in change.pieces] == [
        (Op.REMOVED, "错"),
        (Op.ADDED, "标"),
        (Op.SAME, "题"),
    ]


def test_a_field_that_came_new_is_all_added() -> None:
    (change,) = changes(corrected(byline=None), ARTICLE, with_body=True)

    assert [(p.op, p.text) for p in change.pieces] == [(Op.ADDED, "记者")]


def test_long_runs_that_did_not_change_are_cut_to_their_ends() -> None:
    before = corrected(body_text=f"{LONG}三{LONG}")
    article = make_article(title="标题", byline="记者", body_text=f"{LONG}四{LONG}")
    (change,) = changes(before, article, with_body=True)
    head, removed, added, tail = change.pieces

    assert head.text == f"……{LONG[-AROUND:]}"
    assert (removed.text, added.text) == ("三", "四")
    assert tail.text == f"{LONG[:AROUND]}……"


def test_where_the_text_may_not_be_shown_its_change_is_only_named() -> None:
    (change,) = changes(corrected(body_text="原来的正文"), ARTICLE, with_body=False)

    assert (change.name, change.pieces) == ("正文", ())
