"""A HAR file (HTTP Archive 1.2, what browsers save from 网络 / Network) as plain exchanges."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from feeds.errors import BaotongError
from feeds.sources.strict_json import NotJson, read_json
from feeds.text import decode

MAX_BYTES = 64 * 1024 * 1024
MAX_ENTRIES = 3000
MAX_ANSWER = 5 * 1024 * 1024
# What browsers send by themselves, and what is nobody's to write into a file.
_USUAL = re.compile(
    r"accept.*|cache-control|connection|content-.*|dnt|host|if-.*|origin|pragma|priority|referer|sec-.*|te|upgrade-.*|user-agent|:.*",
    re.IGNORECASE,
)
_SECRET = re.compile(r"cookie|auth|token|secret|sign|session|ticket|key|passw", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what came back. `body` is what was sent; `withheld` are the names of headers that may
    be needed and look like secrets.
    """

    method: str
    url: str
    text: str
    mime: str = ""
    body: str = ""
    is_form: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()

    def parameters(self) -> Any:
        """What the body says: the pairs of a form, a JSON value, or nothing."""
        if self.is_form:
            return dict(parse_qsl(self.body, keep_blank_values=True))
        try:
            return read_json(self.body) if self.body.strip() else {}
        except NotJson:
            return {}


def read_har(data: bytes) -> tuple[Exchange, ...]:
    """The exchanges of a recording that were answered. Raises `BaotongError` for what is no HAR file."""
    if len(data) > MAX_BYTES:
        raise BaotongError(f"录制文件超过 {MAX_BYTES >> 20} MiB:只录打开一篇文章的那一会儿")
    try:
        said = json.loads(data.decode("utf-8-sig", "replace"))
        entries = said["log"]["entries"]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise BaotongError(
            "这不是 HAR 文件:在浏览器开发者工具的「网络」里右键,选「以 HAR 格式保存所有内容」"
        ) from error
    if not isinstance(entries, list):
        raise BaotongError("这不是 HAR 文件:log.entries 不是列表")
    return tuple(_exchanges(entries[:MAX_ENTRIES]))


def _exchanges(entries: list[Any]) -> Iterator[Exchange]:
    for entry in entries:
        try:
            exchange = _exchange(entry["request"], entry["response"])
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # one entry in a form of its own must not hide the others
        if exchange is not None:
            yield exchange


def _exchange(request: Mapping[str, Any], response: Mapping[str, Any]) -> Exchange | None:
    content = response["content"]
    text = _text(content)
    if response["status"] not in {200, 203} or not text:
        return None
    sent = request.get("postData") or {}
    is_form = "form-urlencoded" in str(sent.get("mimeType", ""))
    pairs = [(str(h["name"]), str(h["value"])) for h in request.get("headers", ())]
    own = [(name, value) for name, value in pairs if not _USUAL.fullmatch(name)]
    return Exchange(
        method=str(request["method"]).upper(),
        url=_address(request["url"]),
        text=text,
        mime=str(content.get("mimeType", "")),
        body=str(sent.get("text") or ""),
        is_form=is_form,
        headers={name: value for name, value in own if not _SECRET.search(name)},
        withheld=tuple(sorted({name for name, _ in own if _SECRET.search(name)})),
    )


def _address(url: object) -> str:
    """Of a page or an interface. Raises `ValueError` for one that cannot be read, and for `data:` and the like:
    whatever works with a recording may take its addresses apart.
    """
    parts = urlsplit(str(url))
    _ = parts.port  # raises for a port that is none
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("no address of a server")
    return str(url)


def _text(content: Mapping[str, Any]) -> str:
    text = content.get("text")
    if not isinstance(text, str) or len(text) > 2 * MAX_ANSWER:
        return ""
    if content.get("encoding") == "base64":
        try:
            raw = base64.b64decode(text, validate=False)
        except (binascii.Error, ValueError):
            return ""
        text = decode(raw, str(content.get("mimeType", "")))
    return text[:MAX_ANSWER]
