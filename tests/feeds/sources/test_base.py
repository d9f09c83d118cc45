"""Where a page's relative links lead."""

import pytest

from feeds.sources.page import open_page
from tests.feeds.sources.shells import document

PAGE = "http://paper.test/html/1.html"


@pytest.mark.parametrize(
    ("href", "base"),
    [
        ("http://paper.test/other/", "http://paper.test/other/"),
        ("/other/", "http://paper.test/other/"),
        ("http://evil.test/", PAGE),
        ("//evil.test/", PAGE),
        ("javascript:alert(1)", PAGE),
        ("", PAGE),
    ],
)
def test_case_097_a_base_is_honoured_only_on_the_pages_own_host(href: str, base: str) -> None:
    html = f"<html><head><base href='{href}'></head><body><a href='2.html'>二</a></body></html>"
    assert open_page(document(html, url=PAGE)).base == base
