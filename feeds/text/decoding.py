"""Bytes to text. Chinese newspapers mislabel often, so a label is a hint and the bytes decide."""

import codecs
import re

SNIFFED_BYTES = 4096

_GB18030 = "gb18030"
# Labels of the WHATWG Encoding standard, for the encodings that Chinese pages are written in.
# Anything else (zip, rot13, unicode_escape: Python knows them, the web does not) is no label.
# latin-1 is left out: here it is a server's default, never what a page is written in.
_LABELS = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "x-unicode20utf8"), "utf-8"),
    **dict.fromkeys(
        ("gb2312", "gbk", "x-gbk", "gb_2312", "gb_2312-80", "chinese", "csgb2312", "csiso58gb231280",
         "iso-ir-58", "gb18030", "cp936", "ms936", "euc-cn"),
        _GB18030,
    ),
    **dict.fromkeys(("big5", "big5-hkscs", "cn-big5", "csbig5", "x-x-big5"), "big5hkscs"),
    **dict.fromkeys(("utf-16", "utf-16le", "unicode", "ucs-2", "csunicode"), "utf-16-le"),
    "utf-16be": "utf-16-be",
}  # fmt: skip
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(r"charset\s*+=\s*+[\"']?\s*+([A-Za-z0-9_:.-]+)", re.IGNORECASE)
_META = re.compile(
    rb"(?:<meta[^>]{0,400}?charset|<\?xml[^>]{0,80}?encoding)\s*+=\s*+[\"']?\s*+([A-Za-z0-9_:.-]+)",
    re.IGNORECASE,
)
_UTF16 = ("utf-16-le", "utf-16-be")
_LEGACY = (_GB18030, "big5hkscs")
_REPLACED = "\ufffd"
# The labels of the standard's "replacement": all of such a body is one U+FFFD. UTF-7, which the standard knows
# no more, is treated alike.
_UNREAD = frozenset(
    {"replacement", "hz-gb-2312", "iso-2022-cn", "iso-2022-cn-ext", "iso-2022-kr", "csiso2022kr",
     "utf-7", "utf7", "unicode-1-1-utf-7", "csunicode11utf7", "x-unicode-2-0-utf-7"}
)  # fmt: skip
_ESCAPES = re.compile(rb"\+[A-Za-z0-9+/]{3}|~\{|\x1b\$")
_FEW = 0.01


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a document, without byte order marks. Never raises.

    A BOM wins. Bytes that are valid UTF-8 are UTF-8 whatever a label says, for GBK prose is never
    valid UTF-8 by chance (but for text in UTF-7 and the like, of which nothing is read); and a UTF-8 page with broken bytes in it (cut in the middle of a character,
    a GBK footer) stays UTF-8 with U+FFFD. Then the HTTP charset, `<meta>` in the first 4 KB, and
    GB18030, which reads GB2312 and GBK too: the first that fits but for 1 %, or else the best.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").lstrip("\ufeff")
    if _is_replaced(body, content_type):
        return _REPLACED
    label = _label_of_header(content_type)
    if label in _UTF16 and b"\0" in body[:SNIFFED_BYTES]:
        return body.decode(label, "replace")
    return _as_utf8(body) or _best(body, (label, _label_of_meta(body), _GB18030))


def _is_replaced(body: bytes, content_type: str) -> bool:
    """Whether the body is written in an encoding that no browser reads, and really is: in ASCII alone, with
    escapes in it that would be taken for words.
    """
    in_header, in_meta = _CHARSET.search(content_type), _META.search(body[:SNIFFED_BYTES])
    named = in_header[1] if in_header else in_meta[1].decode("ascii") if in_meta else ""
    return named.lower() in _UNREAD and body.isascii() and _ESCAPES.search(body) is not None


def _as_utf8(body: bytes) -> str:
    """Valid UTF-8, or what has more of it than faults; else nothing. Of GBK prose read as UTF-8 a
    hundredth looks sound.
    """
    try:
        return body.decode()
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    faults = text.count(_REPLACED)
    sound = sum(1 for char in text if char >= "\u0800") - faults
    return text if 2 * sound > faults else ""


def _best(body: bytes, labels: tuple[str | None, ...]) -> str:
    encodings = dict.fromkeys(label for label in labels if label and label in _LEGACY)
    texts = [body.decode(encoding, "replace") for encoding in encodings]
    fitting = (text for text in texts if text.count(_REPLACED) <= _FEW * len(text))
    return next(fitting, None) or min(texts, key=lambda text: text.count(_REPLACED))


def _label_of_header(content_type: str) -> str | None:
    match = _CHARSET.search(content_type)
    return _LABELS.get(match[1].lower()) if match else None


def _label_of_meta(body: bytes) -> str | None:
    match = _META.search(body[:SNIFFED_BYTES])
    return _LABELS.get(match[1].decode("ascii").lower()) if match else None
