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
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)
_META = re.compile(
    rb"(?:<meta[^>]{0,400}?charset|<\?xml[^>]{0,80}?encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)",
    re.IGNORECASE,
)
_REPLACED = "\ufffd"


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a document, without byte order marks. Never raises.

    A BOM wins. Then the HTTP charset, strictly; but bytes that are valid UTF-8 are UTF-8 whatever
    a label says, for GBK prose is never valid UTF-8 by chance. Then `<meta>` in the first 4 KB,
    then GB18030, which reads GB2312 and GBK too. A UTF-8 page with a few broken bytes (cut in the
    middle of a character, a GBK footer) stays UTF-8 with U+FFFD.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").lstrip("\ufeff")
    label = _label_of_header(content_type)
    if label and label.startswith("utf-16"):
        return body.decode(label, "replace")
    text = body.decode("utf-8", "replace")
    if _is_utf8(text):
        return text
    return _first_strict(body, (label, _label_of_meta(body))) or body.decode(_GB18030, "replace")


def _is_utf8(text: str) -> bool:
    """Valid, or with a few faults in it: read as UTF-8, GBK prose turns into faults nearly whole."""
    faults = text.count(_REPLACED)
    if not faults:
        return True
    sound = sum(1 for char in text if char >= "\u0800") - faults
    return sound > 3 * faults


def _first_strict(body: bytes, labels: tuple[str | None, ...]) -> str | None:
    for label in labels:
        if label and label != "utf-8":
            try:
                return body.decode(label)
            except UnicodeDecodeError:
                continue
    return None


def _label_of_header(content_type: str) -> str | None:
    match = _CHARSET.search(content_type)
    return _LABELS.get(match[1].lower()) if match else None


def _label_of_meta(body: bytes) -> str | None:
    match = _META.search(body[:SNIFFED_BYTES])
    return _LABELS.get(match[1].decode("ascii").lower()) if match else None
