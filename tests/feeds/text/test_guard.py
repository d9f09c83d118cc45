"""No page stalls a parser: what is too deep, too wide or too much is refused by a linear look."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from feeds.text import TooMuchMarkup, check_markup, clean_html, text_of
from feeds.text.guard import MAX_ATTRIBUTES, MAX_CHARACTERS, MAX_DEPTH, MAX_HIDDEN, MAX_TAGS


def refusal(html: str) -> str:
    with pytest.raises(TooMuchMarkup) as refused:
        check_markup(html)
    return str(refused.value)


def test_case_59_a_hundred_thousand_levels_are_refused() -> None:
    assert refusal("<div>" * 100_000) == f"网页的标签嵌套超过 {MAX_DEPTH} 层"
    assert text_of("<div>" * 100_000 + "春耕") == ""


def test_case_60_fact_8_256_levels_are_read() -> None:
    html = "<div>" * 256 + "<p>春耕</p>" + "</div>" * 256
    assert check_markup(html) == ()
    assert text_of(html) == "春耕"
    assert check_markup("<div>" * MAX_DEPTH) == ("div",) * MAX_DEPTH


@pytest.mark.parametrize("attribute", ["a{n}", "a{n}=1", "a{n}='1'", 'a{n}="<>"', "/a{n}", "{n}="])
def test_case_61_fact_8_fifty_thousand_attributes_are_refused(attribute: str) -> None:
    def tag(count: int) -> str:
        return "<p " + " ".join(attribute.format(n=n) for n in range(count)) + ">"

    assert refusal(tag(50_000)) == f"一个标签的属性超过 {MAX_ATTRIBUTES} 个"
    assert check_markup(tag(MAX_ATTRIBUTES)) == ()


@pytest.mark.parametrize("tags", ["<br>", "<p></p>", "<b>x</b>", "<p>x", "</p>", "<li>", "<a>x"])
def test_case_62_a_million_tiny_tags_are_refused(tags: str) -> None:
    times = 1_000_000 // tags.count("<")
    assert refusal(tags * times) == f"网页的标签超过 {MAX_TAGS} 个"


@pytest.mark.parametrize(
    "hidden",
    [
        "<script></script\v><!--</script>{tags}",
        "<script></script\u3000><!--</script>{tags}",
        "<script></\u017fcript><!--</script>{tags}",
        "<noframes\xa0>{tags}",
        '<p a=\u3000">{tags}">',
        "<trac\u212a>" * 1000 + "{tags}",
    ],
)
def test_what_only_unicode_takes_for_space_or_a_letter_hides_no_tag(hidden: str) -> None:
    assert refusal(hidden.format(tags="<div>" * 1000)) == f"网页的标签嵌套超过 {MAX_DEPTH} 层"


@pytest.mark.parametrize(
    "opener", ["<svg><title>", "<svg><style>", "<math><title>", "<select><title></select>", "<!--"]
)
def test_what_may_be_no_text_after_all_is_refused_where_it_is_much(opener: str) -> None:
    assert refusal(opener + "<div>" * 100_000) == f"网页的脚本和注释里的标签超过 {MAX_HIDDEN} 个"


def test_what_no_parser_takes_for_a_tag_may_be_much() -> None:
    assert check_markup("<" * 100_000 + "<p>1 < 2" * 20_000) == ()


def test_a_script_may_hold_the_tags_of_a_whole_issue() -> None:
    assert check_markup(f"<script>var issue='{'<p>春耕</p>' * 4_000}'</script>") == ()


def test_a_tag_behind_an_invisible_character_is_looked_at() -> None:
    assert text_of("<\u200bdiv>" * 1000 + "春耕") == ""
    assert clean_html("<\u200bdiv>" * 1000 + "春耕", "https://paper.example/") == ""


def test_a_page_of_more_than_ten_million_characters_is_refused() -> None:
    assert refusal("x" * (MAX_CHARACTERS + 1)) == f"网页超过 {MAX_CHARACTERS} 个字符"
    assert check_markup("x" * MAX_CHARACTERS) == ()


# ── formatting elements, which a parser opens anew in every block ───────────────────────────────

OPEN = "".join(f"<b id={n}>" for n in range(300))


@pytest.mark.parametrize(
    "bomb",
    [
        f"<p>{OPEN}" + "<p>x" * 2_000,
        f"<div>{OPEN}" + "</div>x<div>" * 2_000,
        f"<ul><li>{OPEN}" + "<li>x" * 2_000,
        "".join(f"<p><font color={n}>x</p>" for n in range(2_000)),
        (f"{'<div>' * 150}{OPEN[:500]}{'</div>x' * 150}" + "</b>" * 50) * 40,
    ],
)
def test_a_page_that_would_grow_to_millions_of_elements_is_refused(bomb: str) -> None:
    assert refusal(bomb) == f"网页的标签超过 {MAX_TAGS} 个"


def test_what_is_not_refused_does_not_grow_beyond_what_was_counted() -> None:
    html = "<p>" + "".join(f"<b id={n}>" for n in range(60)) + "<p>x" * 3_000
    check_markup(html)
    assert len(LexborHTMLParser(html).css("*")) < MAX_TAGS


@pytest.mark.parametrize(
    "sloppy",
    [
        "<p><font size=2>第一段" * 500,
        "".join(f"<a name={n}><p>第{n}条</p>" for n in range(20_000)),
        "".join(f"<p><b id={n}>小标题</b>正文</p>" for n in range(20_000)),
        "<table>" + "<tr><td><font color=red>一</font><td><b>二" * 250 + "</table>",
        "<center><div><p>未关闭" * 60,
    ],
)
def test_sloppy_pages_are_read(sloppy: str) -> None:
    check_markup(sloppy)


# ── what is left open ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("html", "still_open"),
    [
        ("<html><body><p>春耕</body></html>", ()),
        ("<html><body><div>春", ("html", "body", "div")),
        ("<ul><li>一<li>二</ul>", ()),
        ("<div><br><img src=a><hr></div>", ()),
        ("<div><!-- <p><div> --></div>", ()),
        ("<div><!-- never closed <p><div>", ("div",)),
        ("<script>if (a<b) document.write('<div>')</script>", ()),
        ("<script>never closed <div>", ()),
        ("<title><b></title><textarea><i></textarea>", ()),
        ("<div title='<p>' class=\"</div>\">", ("div",)),
        ("<svg><path/><circle/><g></g></svg>", ()),
        ("<svg><path></svg>", ()),
        ("<div/>", ("div",)),
        ("<table><tr><td></div></td></tr></table>", ()),
        ("<div><table></div>", ("div", "table")),
        ("<a>一<a>二</a>", ()),
        ("a < b <3 <- </", ()),
    ],
)
def test_what_is_still_open_at_the_end(html: str, still_open: tuple[str, ...]) -> None:
    assert check_markup(html) == still_open


PIECES = st.sampled_from(
    ["<div>", "</div>", "<p>", "</p>", "<b>", "</b>", "<a href=x>", "<table>", "<td>", "</table>", "<svg>",
     "<path/>", "<!--", "-->", "--!>", "<!-->", "<script>", "</script>", "<title>", "</title >", "<", ">", "/",
     "'", '"', "=", " x", "<br/>", "</", "<x:y z='", "春", "\0", "<!", "<?xml", "&lt;"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_soup_is_looked_through(html: str) -> None:
    assert all(re.fullmatch(r"[a-z][^\s/>]*", tag) for tag in check_markup(html))
