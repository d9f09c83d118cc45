"""HTML from outside may stand in our pages and feeds: safe, absolute, XML-clean, and stable."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feeds.text import absolute_url, clean, clean_html, text_of
from feeds.text.markup import MAX_IMAGES

BASE = "https://paper.example/html/2024-04/08/content_1.htm"
ALLOWED = re.compile(
    r"p|br|hr|div|span|blockquote|pre|[uo]l|li|d[ldt]|h[1-6]|fig(?:ure|caption)|table|caption|t(?:head|body|foot|[rhd])|"
    r"strong|b|em|[ius]|su[bp]|small|a|img"
)
SOUP = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<b>", "</b>", "<i>", "<table>", "<tr>", "<td>", "</table>", "<a href='/x'>", "</a>", "<ul>",
         "<li>", "<script>", "</script>", "<style>", "</style>", "<svg>", "<math>", "<img src=a.jpg>", "<img>",
         "<img onerror=alert(1) src=x>", "<a href=javascript:alert(1)>", "<a href='java\tscript:alert(1)'>", "<!--",
         "-->", "<![CDATA[", "]]>", "<textarea>", "<title>", "<noscript>", "<iframe src=//evil.example>", "<base href=//evil.example>",
         "<p onclick=x style='color:red' class=y id=z>", "<a href='data:text/html,x'>", "&lt;script&gt;", "&amp;lt;", "&#x202e;",
         "&#0;", "&#xD800;", "&#xFFFE;", "\0", "\x0b", "\u202e", "\ud800", "\ufffe", "\r\n", "春耕", " ", "\u3000", "'", '"', "<", ">", "&",
         "<img src='  ' alt='\"><script>'>", "<a href='http://a b/c'>", "<form>", "<select>", "<template>", "<frameset>", "<plaintext>", "<xmp>"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


class Seen(HTMLParser):
    """What a parser other than nh3's finds in HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.comments = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_comment(self, data: str) -> None:
        self.comments += 1


def assert_is_harmless(html: str) -> None:
    seen = Seen(html)
    assert seen.comments == 0
    assert all(ALLOWED.fullmatch(tag) for tag in seen.tags), seen.tags
    for name, value in seen.attributes:
        assert name in {
            "href",
            "src",
            "title",
            "alt",
            "width",
            "height",
            "colspan",
            "rowspan",
            "rel",
        }
        if name in {"href", "src"}:
            assert value.startswith(("http://", "https://"))


def assert_is_xml_clean(html: str) -> None:
    element = etree.Element("content")
    element.text = html
    assert (etree.fromstring(etree.tostring(element, encoding="utf-8")).text or "") == html


@given(SOUP | st.text(st.characters(), max_size=100))
@settings(max_examples=400)
def test_any_html_is_made_harmless_xml_clean_and_stays_as_it_is(html: str) -> None:
    safe = clean_html(html, BASE)
    assert_is_harmless(safe)
    assert_is_xml_clean(safe)
    assert clean_html(safe, BASE) == safe


@given(SOUP)
def test_the_text_of_any_html_is_plain(html: str) -> None:
    text = text_of(html)
    assert text == clean(text)
    assert all(line.strip() == line != "" for line in text.split("\n")) or text == ""


PAYLOADS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg><script>alert(1)</script>",
    "<a href='javascript:alert(1)'>x</a>", "<a href=' \x01javascript:alert(1)'>x</a>", "<a href='vbscript:x'>x</a>",
    "<a href='jav&#x0A;ascript:alert(1)'>x</a>", "<a href='&#106;avascript:alert(1)'>x</a>", "<a href='//\\evil'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>", "<object data=x></object>", "<embed src=x>", "<link rel=import href=x>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "<base href='//evil.example/'>", "<form action=x><button>y</form>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<p style='background:url(javascript:alert(1))'>x</p>",
    "<scr\u200bipt>alert(1)</scr\u200bipt>", "<scr\0ipt>alert(1)</script>", "<<script>alert(1)//<</script>", "<img src=`x`onerror=alert(1)>",
    "<details open ontoggle=alert(1)>", "<video><source onerror=alert(1)>", "<textarea><img title='</textarea><img src=x onerror=alert(1)>'>",
]  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
def test_cases_96_97_fact_10_no_script_handler_or_javascript_url_is_left(payload: str) -> None:
    safe = clean_html(f"<p>春耕{payload}</p>", BASE)
    assert "春耕" in safe
    assert_is_harmless(safe)
    assert_is_xml_clean(safe)


def test_case_102_fact_10_sanitised_html_has_no_character_that_xml_forbids() -> None:
    assert (
        clean_html("<p>春\x0b&#xB;\ufffe&#xFFFE;\ud800耕&#x202E;</p>", BASE) == "<p>春\ufffd耕</p>"
    )


def test_what_nests_too_deep_is_given_back_as_nothing() -> None:
    assert clean_html("<div>" * 10_000 + "春", BASE) == ""


def test_case_95_of_ten_thousand_images_fifty_stay_and_data_urls_go() -> None:
    safe = clean_html("".join(f"<img src=/{n}.jpg>" for n in range(10_000)), BASE)
    assert safe.count("<img") == MAX_IMAGES
    assert 'src="https://paper.example/49.jpg"' in safe
    big = f"<p>图<img src='data:image/png;base64,{'A' * 5_000_000}' alt=x></p>"
    assert clean_html(big, BASE) == "<p>图</p>"
    assert clean_html("<img srcset='a.jpg 1x, junk,,' src=a.jpg>", BASE) == (
        '<img src="https://paper.example/html/2024-04/08/a.jpg">'
    )


def test_links_say_that_we_do_not_vouch_for_them() -> None:
    assert clean_html("<a href=/1 target=_blank onclick=x>一</a>", BASE) == (
        '<a href="https://paper.example/1" rel="noopener noreferrer nofollow">一</a>'
    )


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("<b>春耕</b>现场会", "春耕现场会"),
        ("AT&amp;T 与 R&amp;amp;D", "AT&T 与 R&amp;D"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("一<br>二", "一\n二"),
        ("2&lt;3", "2<3"),
    ],
)
def test_case_71_markup_in_a_title_becomes_plain_text_unescaped_once(
    title: str, plain: str
) -> None:
    assert text_of(title) == plain


def test_a_founder_comment_is_no_text() -> None:
    html = "<p>正文。</p><!--enpproperty <date>2026-07-04 00:00:00:0</date><id>30166572</id>/enpproperty-->"
    assert clean_html(html, BASE) == "<p>正文。</p>"
    assert text_of(html) == "正文。"


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("http://other.example/a", "http://other.example/a"),
        ("//other.example/a", "https://other.example/a"),
        ("/a", "https://paper.example/a"),
        ("a.jpg", "https://paper.example/html/2024-04/08/a.jpg"),
        ("../07/node_2.htm", "https://paper.example/html/2024-04/07/node_2.htm"),
        ("?id=1", f"{BASE}?id=1"),
        ("  /a b.jpg ", "https://paper.example/a%20b.jpg"),
        ("HTTPS://other.example", "https://other.example"),
        ("/春", "https://paper.example/春"),
        ("javascript:alert(1)", None),
        ("JaVaScRiPt:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("vbscript:x", None),
        ("mailto:a@b.example", None),
        ("file:///etc/passwd", None),
        ("http://good.example\\@evil.example", None),
        ("http://user@host.example/", None),
        ("http://", None),
        ("http://[::1", None),
        ("http://host.example:99999/", None),
        ("http://host.example:x/", None),
        ("/a\r\nSet-Cookie: x", None),
        ("/\0", None),
        ("/\ud800", None),
        ("/\ufffe", None),
        ("/\uffff", None),
        ("", None),
        (" ", None),
    ],
)
def test_case_96_a_link_is_made_absolute_or_dropped(url: str, whole: str | None) -> None:
    assert absolute_url(url, BASE) == whole


@given(st.text(st.characters(), max_size=60) | st.from_regex(r"[a-z]{0,9}:?/{0,3}[^\s]{0,20}"))
def test_an_absolute_url_is_http_and_stays_itself(url: str) -> None:
    whole = absolute_url(url, BASE)
    if whole is not None:
        assert urlsplit(whole).scheme in {"http", "https"}
        assert urlsplit(whole).hostname
        assert absolute_url(whole, BASE) == whole
