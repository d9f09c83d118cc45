"""HTML becomes lines as a reader sees them: nothing shown is lost, nothing hidden is read."""

import re
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from feeds.text import Line, clean, read_lines, text_of


def lines_of(html: str, *, with_hidden: bool = False) -> list[Line]:
    body = LexborHTMLParser(html).body
    assert body is not None
    return read_lines(body, with_hidden=with_hidden)


def texts(html: str, *, with_hidden: bool = False) -> list[str]:
    return [line.text for line in lines_of(html, with_hidden=with_hidden)]


# ── whatever the tree ───────────────────────────────────────────────────────────────────────────

BLOCKS = ["div", "p", "section", "td", "li", "h2", "blockquote", "uni-view"]
INLINE = ["span", "b", "em", "a", "font", "sub", "uni-text"]
UNSEEN = ["script", "style", "template", "iframe", "svg", "select"]
WORDS = st.text(st.sampled_from("春耕abc1，。“”：　 \xa0\n\t"), max_size=30)
LONG = st.sampled_from(["今天白天晴，偏东风二到三级，最高气温二十四度，夜间多云，请留意添衣。" * 2,
                        "第一段到此为止。\u3000\u3000第二段从这里说起，一直说到这里。" * 3])  # fmt: skip


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> tuple[str, str]:
    """HTML and the text that it shows."""
    parts = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["text", "text", "block", "inline", "unseen", "hidden", "br"]))
        if kind == "text" or depth == 0:
            text = draw(WORDS | LONG)
            parts.append((escape(text), text))
        elif kind == "br":
            parts.append(("<br>", ""))
        else:
            html, shown = draw(trees(depth=depth - 1))
            parts.append(framed(draw, kind, html, shown))
    return "".join(html for html, _ in parts), "".join(shown for _, shown in parts)


def framed(draw: st.DrawFn, kind: str, html: str, shown: str) -> tuple[str, str]:
    if kind == "unseen":
        tag = draw(st.sampled_from(UNSEEN))
        return f"<{tag}>不该出现</{tag}>", ""
    tag = draw(st.sampled_from(BLOCKS if kind != "inline" else INLINE))
    tag = "div" if tag == "td" else tag  # a cell is one in a table only
    attributes = draw(st.sampled_from([" hidden", ' style="display: none"', ' style="VISIBILITY:hidden"'])
                      if kind == "hidden" else st.sampled_from(["", " class=x", " href=/1"]))  # fmt: skip
    end = f"</{tag}>"
    return f"<{tag}{attributes}>{html}{end}", "" if kind == "hidden" else shown


def ink(text: str) -> str:
    """The text without any space."""
    return re.sub(r"\s", "", clean(text))


@given(trees())
def test_the_lines_join_back_to_what_is_shown(tree: tuple[str, str]) -> None:
    html, shown = tree
    html = re.sub(r"<(/?)p(?=[ >])", r"<\1div", html)  # a <p> ends where another block begins
    html = re.sub(r"<(/?)(?:h2|li|a)(?=[ >])", r"<\1section", html)  # so do these
    lines = lines_of(f"<main>{html}</main>")
    assert ink("".join(line.text for line in lines)) == ink(shown)
    assert ink("".join(run.text for line in lines for run in line.runs)) == ink(shown)


@given(trees())
def test_every_line_is_clean_flowing_and_says_something(tree: tuple[str, str]) -> None:
    for line in lines_of(tree[0]):
        assert line.text == clean(line.text).strip() != ""
        assert "\n" not in line.text
        assert 0 <= line.linked <= sum(len(run.text) for run in line.runs)
        assert len(set(map(id, line.links))) == len(line.links)


@given(trees())
def test_the_blocks_of_the_lines_are_numbered_in_the_order_of_the_document(
    tree: tuple[str, str],
) -> None:
    for line in lines_of(tree[0]):
        parent = line.block.parent
        assert (line.block.index == 0) == (parent is None)
        assert parent is None or parent.index < line.block.index


# ── case by case ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>一</p><p>二</p>", ["一", "二"]),
        ("<p>一<br>二<hr>三</p>", ["一", "二", "三"]),
        ("<p>阅读<b>数</b>:<span>231</span></p>", ["阅读数:231"]),
        ("<table><tr><td>一<td>二</table>", ["一", "二"]),
        ("<div>一<div>二</div>三</div>", ["一", "二", "三"]),
        ("<span style='display:block'>一</span><span style='display:block'>二</span>", ["一", "二"]),
        ("<div style='display:inline'>一</div><div style='display:inline-block'>二</div>", ["一二"]),
        ("<uni-view>一</uni-view><uni-view>二<uni-text>三</uni-text></uni-view>", ["一", "二三"]),
        ("<pre>一\n二\n\n三</pre>", ["一", "二", "三"]),
        ("<p style='white-space: pre-wrap'>一\n二</p>", ["一", "二"]),
        ("<p>很长的一行\n   折断了</p>", ["很长的一行折断了"]),
        ("<p>&nbsp;&nbsp;段首</p><p>\u3000\u3000段首</p>", ["段首", "段首"]),
        ("<p>a<!-- 注释 -->b</p>", ["ab"]),
        ("<p> \u3000&nbsp; </p><p></p>", []),
        ("<input type=button value=下一期><input type=hidden value=x>", ["下一期"]),
        ("<dialog>这已经是最后一期了哦!</dialog><dialog open>看</dialog>", ["看"]),
        ("<p>&#xD800;春&#0;耕&#x202E;</p>", ["\ufffd春\ufffd耕"]),
        ("<p>春</p><noscript>请打开脚本</noscript><object>x</object>", ["春"]),
    ],
)  # fmt: skip
def test_a_line_is_what_stands_on_a_line(html: str, expected: list[str]) -> None:
    assert texts(html) == expected


def test_hidden_elements_are_read_on_request() -> None:
    html = "<div style='display:none'>正文</div><p hidden>二</p><script>x</script>"
    assert texts(html) == []
    assert texts(html, with_hidden=True) == ["正文", "二"]


def test_paragraphs_set_without_breaks_are_told_apart_by_their_indents() -> None:
    first, second = "第一段说的是春耕，田里一派繁忙。" * 3, "第二段说的是插秧，机手连夜赶路。" * 3
    assert texts(f"<div>\u3000\u3000{first}\u3000\u3000{second}</div>") == [first, second]


def test_paragraphs_set_as_spans_are_told_apart_and_emphasis_is_not() -> None:
    first, second, third = (
        f"第{n}段说的是春耕的事情，田里一派繁忙，机手连夜赶路，到天亮才歇。" for n in "一二三"
    )
    spans = "".join(f"<span>{one}</span>" for one in (first, second, third))
    assert texts(f"<div>{spans}</div>") == [first, second, third]
    emphasis = f"<div>{spans}</div>".replace("<span>", "").replace("</span>", "")
    emphasis = emphasis.replace("春耕", "<b>春耕</b>")
    assert texts(emphasis) == [first + second + third]


def test_a_line_knows_its_links_each_once_with_its_whole_text() -> None:
    (line,) = lines_of("<p><a href=/1>春耕<b>现场会</b></a> 与 <a href='/2'>插秧</a></p>")
    assert [(link.href, link.text) for link in line.links] == [("/1", "春耕现场会"), ("/2", "插秧")]
    assert line.linked == 7


@pytest.mark.parametrize(
    ("html", "target"),
    [
        ("<a href='/1'>一</a>", "/1"),
        ("<a href='javascript:void(0)'>一</a>", None),
        ("<a href='#'>一</a>", None),
        ("<a href='javascript:location.href=\"/2\"'>一</a>", "/2"),
        ("<a href=# onclick=\"window.open('/3')\">一</a>", "/3"),
        ("<button onclick=\"location='/4'\">一</button>", "/4"),
        ("<li onclick=\"location.assign('/5')\">一</li>", "/5"),
        ("<span onclick='go(1)'>一</span>", None),
        ("<a href=' VOID(0) '>一</a>", None),
    ],
)
def test_where_a_link_leads(html: str, target: str | None) -> None:
    (line,) = lines_of(html)
    assert [link.href for link in line.links] == [target]


def test_a_link_that_was_never_closed_is_forgotten() -> None:
    html = "<p><a href=/ad>广告</p>" + "<p>很长的正文，说了许多。</p>" * 60
    assert not any(line.links for line in lines_of(html))


def test_images_keep_their_place_and_their_true_address() -> None:
    (line,) = lines_of("<p><img src=blank.gif data-src=/a.jpg alt=田野>图为田野</p>")
    assert [(image.image, image.group) for image in line.images] == [("/a.jpg", "田野")]
    assert line.text == "图为田野"


def test_bold_lines_and_chrome_are_known() -> None:
    bold, menu, body = lines_of(
        "<p><b>小标题</b></p><div class='nav-bar menu'>首页</div><p>正文</p>"
    )
    assert (bold.is_strong, body.is_strong) == (True, False)
    assert (menu.block.chrome, body.block.chrome) == (True, False)


def test_case_60_depth_and_a_row_of_ten_thousand_links_are_read() -> None:
    assert texts("<div>" * 500 + "底" + "</div>" * 500) == ["底"]
    (line,) = lines_of("<p>" + "".join(f"<a href=/{n}>x</a>" for n in range(10_000)))
    assert len(line.links) == 10_000


@given(trees())
def test_the_text_of_html_is_its_lines(tree: tuple[str, str]) -> None:
    assert text_of(tree[0]) == "\n".join(
        line.text for line in lines_of(clean(tree[0])) if line.text
    )
