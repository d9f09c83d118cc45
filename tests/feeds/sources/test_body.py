"""The body of an article from its lines: how much of it is kept, and how a reader learns of the rest."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from feeds.models import CUT
from feeds.sources.body import Body, build_body
from feeds.text import read_lines, text_of

MOST = 1024 * 1024  # bytes


def body_of(html: str) -> Body:
    root = LexborHTMLParser(html).body
    assert root is not None
    return build_body(read_lines(root), "http://paper.test/")


@pytest.mark.parametrize(
    ("paragraph", "fits"),
    [
        pytest.param("好" * 1000, MOST // 3001, id="three bytes"),
        pytest.param("春" * 85 + "!", MOST // 257, id="short"),
        pytest.param("x" * 1023, MOST // 1024, id="one byte"),
        pytest.param("x" * MOST, 1, id="exactly"),
        pytest.param("<b>春</b>" + "耕" * 1000, MOST // 3004, id="styled"),
    ],
)
def test_case_094_a_text_is_kept_to_1_mib_and_marked_where_there_was_more(
    paragraph: str, fits: int
) -> None:
    all_that_fits = body_of(f"<p>{paragraph}</p>" * fits)
    more = body_of(f"<p>{paragraph}</p>" * (fits + 1))
    assert (all_that_fits.is_cut, more.is_cut) == (False, True)
    assert all_that_fits.paragraphs == [text_of(paragraph)] * fits
    assert more.text.startswith(all_that_fits.text)
    assert MOST - 4 <= len(more.text.encode()) <= MOST
    assert text_of(more.html.removesuffix(CUT)) == more.text


def test_case_094_a_text_of_one_endless_paragraph_is_kept_to_1_mib_too() -> None:
    body = body_of(f"<p>{'好' * 1_700_000}</p>")
    assert body.is_cut
    assert body.text == "好" * (MOST // 3)


def test_case_094_no_newspaper_can_write_the_mark_itself() -> None:
    body = body_of(f"<p>好</p>{CUT}")
    assert body.text == "好\n…"
    assert not body.is_cut
