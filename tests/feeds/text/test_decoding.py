"""Bytes become the text they were written as, whatever they are labelled."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.text import decode

PROSE = "全区春季农业生产现场推进会在柳溪镇召开，与会人员先后来到育秧中心、农机服务站。"
LABELS = ["", "gb2312", "GBK", "x-gbk", "utf-8", "UTF8", "big5", "utf-16", "zip", "hex", "rot13",
          "unicode_escape", "bogus", "latin-1", "iso-8859-1", "'gb2312'", '"utf-8"']  # fmt: skip


def labelled(label: str) -> str:
    return f"text/html; charset={label}" if label else "text/html"


@given(st.binary(max_size=400), st.sampled_from(LABELS) | st.text(max_size=30))
def test_any_bytes_under_any_label_are_some_text(body: bytes, label: str) -> None:
    for content_type in (labelled(label), label):
        assert isinstance(decode(body, content_type), str)


@given(
    st.text(st.characters(codec="utf-8", min_codepoint=1), max_size=200), st.sampled_from(LABELS)
)
def test_valid_utf8_is_read_as_utf8_under_any_label(text: str, label: str) -> None:
    assert decode(text.encode(), labelled(label)) == text.lstrip("\ufeff")


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=4, max_size=200),
       st.sampled_from(["gb2312", "gbk", "utf-8", "", "latin-1", "bogus"]))  # fmt: skip
def test_chinese_prose_in_gb18030_is_read_under_any_label_but_another_chinese_one(
    text: str, label: str
) -> None:
    text = f"{PROSE}{text}"
    assert decode(text.encode("gb18030"), labelled(label)) == text


def test_case_49_what_is_labelled_gb2312_is_gb18030() -> None:
    text = "囧，㐀，€，镕，𠀀，" + PROSE
    read = decode(text.encode("gb18030"), "text/html; charset=gb2312")
    assert read == text
    assert "\ufffd" not in read


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
def test_case_50_gbk_labelled_utf8_is_read(encoding: str) -> None:
    assert decode(PROSE.encode(encoding), labelled("utf-8")) == PROSE


def test_case_50_utf8_labelled_gb2312_is_read() -> None:
    page = f'<meta charset="gb2312"><p>{PROSE}'
    assert decode(page.encode(), labelled("gb2312")) == page


@pytest.mark.parametrize(("label", "encoding"), [
    ("utf-7", "utf-7"), ("UTF-7", "utf-7"), ("hz-gb-2312", "hz"), ("iso-2022-kr", "iso2022_kr"),
])  # fmt: skip
def test_what_is_written_in_an_encoding_that_no_browser_reads_is_not_taken_for_words(
    label: str, encoding: str
) -> None:
    body = "<p>全区春季农业生产</p>".encode(encoding, "ignore")
    assert decode(body, labelled(label)) == "\ufffd"
    page = f'<meta charset="{label}">'.encode() + body
    assert decode(page) == "\ufffd"


@pytest.mark.parametrize("label", ["utf-7", "hz-gb-2312", "bogus"])
def test_a_label_that_no_browser_knows_is_no_label_where_the_bytes_are_something_else(
    label: str,
) -> None:
    assert decode(b"<p>plain words, 1 + 1</p>", labelled(label)) == "<p>plain words, 1 + 1</p>"
    assert decode(PROSE.encode(), labelled(label)) == PROSE
    assert decode(PROSE.encode("gbk"), labelled(label)) == PROSE


@pytest.mark.parametrize(
    "meta",
    [
        '<meta charset="big5">',
        '<meta http-equiv="Content-Type" content="text/html; charset = big5">',
        "<?xml version='1.0' encoding='big5'?>",
    ],
)
@pytest.mark.parametrize("before", [0, 1100, 3900])
def test_case_51_a_label_in_the_first_4_kilobytes_is_found(meta: str, before: int) -> None:
    text = f"<html>{' ' * before}{meta}<p>香港文匯報的電子報"
    assert decode(text.encode("big5hkscs")) == text


def test_case_51_a_meta_that_says_utf16_is_no_label() -> None:
    page = f'<meta charset="utf-16">{PROSE}'
    assert decode(page.encode("gbk")) == page


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
@pytest.mark.parametrize("times", [1, 2])
def test_case_52_a_byte_order_mark_wins_and_is_not_in_the_text(
    mark: bytes, encoding: str, times: int
) -> None:
    assert decode(mark * times + PROSE.encode(encoding), labelled("gbk")) == PROSE


@pytest.mark.parametrize(("label", "codec"), [("utf-16le", "utf-16-le"), ("UTF-16BE", "utf-16-be")])
def test_utf16_is_read_by_its_label_where_the_bytes_can_be_it(label: str, codec: str) -> None:
    page = f"<p>{PROSE}"
    assert decode(page.encode(codec), labelled(label)) == page
    assert decode(page.encode(), labelled(label)) == page
    assert decode(page.encode("gbk"), labelled(label)) == page


@pytest.mark.parametrize("label", ["", "utf-8", "gb2312"])
def test_case_54_a_utf8_page_with_a_gbk_footer_is_read_but_for_its_footer(label: str) -> None:
    footer = "版权所有".encode("gbk")
    read = decode((PROSE * 20).encode() + footer, labelled(label))
    assert read.startswith(PROSE * 20)
    assert 0 < read.count("\ufffd") < 0.01 * len(read)


def test_case_54_a_short_utf8_article_stays_utf8_before_a_long_gbk_footer() -> None:
    body = PROSE.encode() + "版权所有，未经许可不得转载。".encode("gbk") * 2
    assert decode(body, labelled("utf-8")).startswith(PROSE)
    assert decode(PROSE.encode("gbk") + "春".encode(), labelled("gbk")).startswith(PROSE)


def test_case_54_a_utf8_page_cut_in_the_middle_of_a_character_stays_utf8() -> None:
    assert decode(PROSE.encode()[:-1]) == PROSE[:-1] + "\ufffd"


def test_a_replacement_character_that_was_there_is_not_read_as_gbk() -> None:
    """The bytes of two of them are 锟斤拷 in GBK."""
    page = "<p>news \ufffd\ufffd of the day"
    assert decode(page.encode(), labelled("gbk")) == page


def test_a_big5_page_with_one_broken_byte_stays_big5() -> None:
    text = "香港文匯報的電子報今日出版" * 10
    read = decode(text.encode("big5") + b"\xff", labelled("big5"))
    assert read.startswith(text)


@pytest.mark.parametrize("label", ["zip", "hex", "rot13", "unicode_escape", "idna", "undefined"])
def test_fact_7_what_only_python_knows_is_no_label(label: str) -> None:
    page = r"<p>\u6625 耕"
    assert decode(page.encode(), labelled(label)) == page
    assert decode(PROSE.encode("gbk"), labelled(label)) == PROSE
