"""Plain text from outside, made fit for XML, databases and chats; every function is idempotent."""

import hashlib
import re
import unicodedata

TITLE_LIMIT = 500

_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_SPACES = re.compile(r"\s+")
_WIDE = "\u2e80-\u303f\u3040-\u30ff\u3100-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff“”‘’…—"
_IS_WIDE = re.compile(f"[{_WIDE}]")
_WRAP = re.compile(rf"(?<=[{_WIDE}])[ \t]*\n\s*(?=[{_WIDE}])")
_OTHER_SPACE = r"\t\n\f\xa0\u2000-\u200a\u2028\u2029\u202f\u205f"
# A lone space is left alone: most of a long text's white space is that, and each find costs memory.
_LINE_SPACE = re.compile(rf"[{_OTHER_SPACE}][ {_OTHER_SPACE}]*| [ {_OTHER_SPACE}]+")
_SLUG_DIRT = re.compile(r"[^A-Za-z0-9._-]+")
_SLUG_LIMIT = 64
_ZERO_WIDTH_JOINER = "\u200d"


def words(text: str) -> frozenset[str]:
    """The words of a string, for tables of words that read better as one."""
    return frozenset(text.split())


def clean(text: str) -> str:
    """Text without what XML 1.0 forbids, bidirectional controls or invisible characters, in NFC.

    Lone surrogates become U+FFFD; C1 controls are read as Windows-1252, which is what they were
    meant as (WHATWG Encoding does the same). Every line break becomes a line feed, as XML reads them
    (XML 1.0, section 2.11); tabs stay, as do the joiners of emoji.
    """
    if not text.isprintable():  # nothing of what follows is; most text needs no second look
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = _UNFIT.sub(_fit, text)
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """Clean text on one line: every run of white space is one space, none at the ends."""
    return _SPACES.sub(" ", clean(text)).strip()


def join_wrapped(text: str) -> str:
    """A paragraph as a browser flows it: a source line that ends between two wide characters leaves
    no space behind (CSS Text 3, section 4.1.3); other white space is one space. U+3000 stays inside.
    """
    if text.isprintable() and "  " not in text:  # no white space but single spaces
        return text.strip()
    if "\n" in text:
        text = _WRAP.sub("", text)
    return _LINE_SPACE.sub(" ", text).strip()


def is_wide(text: str) -> bool:
    """Whether there is a Chinese character or other full-width one in the text."""
    return _IS_WIDE.search(text) is not None


def cut(text: str, limit: int = TITLE_LIMIT) -> str:
    """At most `limit` code points, cut between two characters as a reader counts them; what is cut
    ends without white space.
    """
    if len(text) <= limit:
        return text
    end = limit
    while end > 0 and _continues(text, end):
        end -= 1
    return text[: end or limit].rstrip()


def slug(text: str) -> str:
    """`[A-Za-z0-9._-]{1,64}`: what may stand in a URL, a key and a file name. A slug stays itself, and
    a path without a hyphen is told by its steps (`html/20240408/7`: `html-20240408-7`); all else gets
    a hash of the whole, so that different texts have different slugs.
    """
    short = _SLUG_DIRT.sub("-", text).strip("-.")
    told_apart = text if "-" in text else text.replace("/", "-")
    if 0 < len(short) <= _SLUG_LIMIT and short == told_apart:
        return short
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{short[: _SLUG_LIMIT - 11]}-{mark}".strip("-.")


def _fit(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 - the range of surrogates
        return "\ufffd"
    if 0x80 <= code <= 0x9F:  # noqa: PLR2004 - the range of C1 controls
        return bytes([code]).decode("cp1252", "ignore")
    return ""


def _continues(text: str, at: int) -> bool:
    """Whether the character at `at` belongs to the one before it (UAX 29, the cases papers have)."""
    char, before = text[at], text[at - 1]
    if _is_flag(char):
        return _flags_before(text, at) % 2 == 1
    return (
        _ZERO_WIDTH_JOINER in {before, char}
        or unicodedata.category(char).startswith("M")
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
    )


def _flags_before(text: str, at: int) -> int:
    begin = at
    while begin and _is_flag(text[begin - 1]):
        begin -= 1
    return at - begin


def _is_flag(char: str) -> bool:
    """Half of one: a flag is two regional indicators."""
    return "\U0001f1e6" <= char <= "\U0001f1ff"
