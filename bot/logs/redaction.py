"""Takes secrets out of what is logged: those that the settings hold, in whatever way they are written, and
whatever looks like one.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

REDACTED = "***"
Redact = Callable[[str], str]

# Names whose value is nobody's business, as the end of a parameter's name: `key`, `api_key`, `X-Signature`.
_NAME = (
    r"[\w.\-]{0,64}?(?:token|secret|passw(?:or)?d|pwd|key|sign|signature|sig|auth|authorization|session"
    r"|sessionid|sid|ticket|credentials?|jwt|cookie)\d{0,2}"
)
_HEADER = (
    r"(?:proxy-)?authorization|(?:set-)?cookie2?|x-[\w-]{0,32}(?:key|token|secret|auth|signature)"
)
_QUOTE = r"""\\{0,4}["']"""

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # https://user:password@host
    (
        re.compile(
            r"(?i)((?::|%3A)(?://|%2F%2F))(?:(?!%2F|%3F|%23)[^\s/?#\"'<>\\]){1,1024}(?:@|%40)"
        ),
        rf"\1{REDACTED}@",
    ),
    # ?token=…, &sign=…, also where the whole URL stands percent-encoded in another
    (
        re.compile(rf"(?i)(?<![\w.\-])({_NAME}(?:=|%3D))(?:(?!%26)[^\s&#\"'<>\\])+"),
        rf"\1{REDACTED}",
    ),
    # 'Cookie': 'a=b; c=d' and ("authorization", "…"), whatever the quotes
    (
        re.compile(rf"(?i)\b({_HEADER})({_QUOTE}\s*[:=,]\s*b?)({_QUOTE}).*?(?:\3|$)", re.MULTILINE),
        rf"\1\2\3{REDACTED}\3",
    ),
    # a header's line as it is sent
    (re.compile(rf"(?im)\b({_HEADER})(\s*:\s*)(?![\s\"'\\])[^\r\n]+"), rf"\1\2{REDACTED}"),
    (re.compile(r"\b((?i:bearer)|Basic)(\s+)[A-Za-z0-9._~+/=\-]{8,}"), rf"\1\2{REDACTED}"),
    # the bots of Telegram, and robots whose key is a step of the path
    (re.compile(r"(?<!\d)\d{5,20}(?::|%3A)[A-Za-z0-9_\-]{30,}"), REDACTED),
    (
        re.compile(r"(?i)(/hook/|hooks\.slack\.com/services/|/webhooks/\d+/)[\w\-/]{16,}"),
        rf"\1{REDACTED}",
    ),
)
# What no pattern can find a thing in is not asked: nearly every text.
_HINT = re.compile(
    r"(?i)[=:@]|%3D|%40|bearer|basic|authorization|cookie|/hook/|/services/|/webhooks/"
)
_WRITTEN = re.compile(r"[%\\&+]")  # otherwise a secret can only stand there as it is
_NAMED = re.compile(rf"(?i)(?:{_NAME}|{_HEADER})")
_PLAIN_NAMES = frozenset({"key"})  # an issue's or an article's, in our own lines
_SHORTEST_HALF = 16
_HALVES = re.compile(r"\d+:(.+)")


def redactor(secrets: Iterable[str]) -> Redact:
    """A function that blots out each of `secrets`, and whatever looks like one, in a text."""
    known = build_known(secrets)

    def redact(text: str) -> str:
        text = known(text)
        return without_patterns(text)

    return redact


def build_known(secrets: Iterable[str]) -> Redact:
    """A function that blots out these alone: as they are, percent-encoded (also twice, in either case,
    or some characters only), escaped as in JSON or in a Python literal, and mixtures of all that.
    """
    whole = sorted({part for secret in secrets if secret for part in _parts(secret)}, key=_longest)
    if not whole:
        return lambda text: text
    written = re.compile("|".join("".join(map(_written, secret)) for secret in whole))

    def redact(text: str) -> str:
        if _WRITTEN.search(text):
            return written.sub(REDACTED, text)
        for secret in whole:
            text = text.replace(secret, REDACTED)
        return text

    return redact


def without_patterns(text: str) -> str:
    """The text without userinfo, values of secret parameters, cookies and the like."""
    if _HINT.search(text):
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
    return text


def redacted(value: Any, redact: Redact) -> Any:
    """A value of any shape with plain data in it; what is none becomes its words."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {redact(str(key)): _member(str(key), item, redact) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(item, redact) for item in value]
    if isinstance(value, int | float | bool | None):
        return value
    if isinstance(value, bytes | bytearray):
        return redact(value.decode("utf-8", "backslashreplace"))
    return redact(str(value))


def is_secret_name(name: str) -> bool:
    """Whether what goes by this name is nobody's business."""
    return name.lower() not in _PLAIN_NAMES and _NAMED.fullmatch(name) is not None


def _member(name: str, value: Any, redact: Redact) -> Any:
    is_shown = not is_secret_name(name) or isinstance(value, bool | None)
    return redacted(value, redact) if is_shown else REDACTED


def _parts(secret: str) -> Iterable[str]:
    """Of a bot's token also the half that is secret: some libraries show only that."""
    yield secret
    if (half := _HALVES.fullmatch(secret)) and len(half[1]) >= _SHORTEST_HALF:
        yield half[1]


def _longest(secret: str) -> tuple[int, str]:
    return (-len(secret), secret)


def _written(char: str) -> str:
    """Every way in which one character may be written."""
    units = char.encode("utf-16-be", "surrogatepass")
    escaped = "".join(
        rf"\\{{1,8}}u(?i:{units[at : at + 2].hex()})" for at in range(0, len(units), 2)
    )
    percent = "".join(
        f"%(?:25){{0,4}}(?i:{byte:02x})" for byte in char.encode("utf-8", "surrogatepass")
    )
    ways = [percent, rf"\\{{0,8}}{re.escape(char)}", escaped]
    if ord(char) <= 0xFF:  # noqa: PLR2004 - what `\x..` can say
        ways.append(rf"\\{{1,8}}x(?i:{ord(char):02x})")
    else:
        ways.append(rf"\\{{1,8}}U(?i:{ord(char):08x})")
    if letter := _LETTERS.get(char):
        ways.append(rf"\\{{1,8}}{letter}")
    ways += [re.escape(entity) for entity in _ENTITIES.get(char, ())]
    return f"(?:{'|'.join(ways)})"


_LETTERS: Mapping[str, str] = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}
_ENTITIES: Mapping[str, tuple[str, ...]] = {
    "&": ("&amp;",), "<": ("&lt;",), ">": ("&gt;",), '"': ("&quot;", "&#34;"), "'": ("&#39;", "&#x27;"),
    " ": ("+",),
}  # fmt: skip
