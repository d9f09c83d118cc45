"""What a page's own scripts and fonts show to the eye, put into its markup before it is parsed."""

import re

_WRITTEN = re.compile(
    r"""<script\b[^>]{0,200}+>\s*+document\.write(?:ln)?+\(\s*+
        (?:[\w$.]{1,40}+\(\s*+)?+
        (?:"(?P<double>(?:[^"\\<\n]|\\.|<br\s{0,3}/?>){0,1000}+)"|'(?P<single>(?:[^'\\<\n]|\\.|<br\s{0,3}/?>){0,1000}+)')
        \s*+\)?+\s*+\)?+\s*+;?+\s*+</script\s*+>""",
    re.IGNORECASE | re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u(?P<code>[0-9a-fA-F]{4})|(?P<char>.))", re.DOTALL)
_ARROW = re.compile(
    r"<(?P<tag>font|span)\b[^>]{0,200}?webdings[^>]{0,100}+>[^<]{0,3}+</(?P=tag)\s*+>",
    re.IGNORECASE,
)
_CDATA = re.compile(r"<!\[CDATA\[([^\]]{0,2000}+)\]\]>")


def write_out(html: str) -> str:
    """`<script>document.write(view("…"))</script>` replaced by the words that it writes, where they are
    words alone: in Founder's D110000 pages the titles stand nowhere else.
    """
    if "document.write" not in html:
        return html
    return _WRITTEN.sub(lambda match: _said(match["double"] or match["single"] or ""), html)


def drop_arrows(html: str) -> str:
    """Takes out single letters set in Webdings, where 3 is an arrow: 3上一期 says 上一期 to the eye."""
    return _ARROW.sub("", html) if "ebdings" in html or "EBDINGS" in html else html


def open_cdata(html: str) -> str:
    """XML's `<![CDATA[…]]>` as plain text, for a parser that takes it for a comment."""
    return _CDATA.sub(r"\1", html) if "<![CDATA[" in html else html


def _said(text: str) -> str:
    return _ESCAPE.sub(_unescape, text)


def _unescape(match: re.Match[str]) -> str:
    """A script's escape; one for a letter (line break, tab) is a space, of markup nothing comes in."""
    char = chr(int(match["code"], 16)) if match["code"] else match["char"]
    if char in "<>&":
        return {"<": "&lt;", ">": "&gt;", "&": "&amp;"}[char]
    return char if match["code"] or not char.isalpha() else " "
