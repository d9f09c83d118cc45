"""The headers that we send, and what we keep of those that come back."""

from collections.abc import Mapping

from feeds.http.decoding import ACCEPT_ENCODING
from feeds.models import Validators

_LONGEST_VALIDATOR = 1024
_POLITE = {
    "Accept": "text/html,application/xhtml+xml,application/json,application/xml;q=0.9,*/*;q=0.5",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
}


def request_headers(
    given: Mapping[str, str], user_agent: str, validators: Validators | None
) -> dict[str, str]:
    """The source's own headers, and ours where it has none. The encoding and the conditions are never
    for others to choose.
    """
    names = {name.lower() for name in given}
    polite = {"User-Agent": user_agent, **_POLITE}
    ours = {name: value for name, value in polite.items() if name.lower() not in names}
    kept = {k: v for k, v in given.items() if k.lower() != "accept-encoding"}
    return kept | ours | {"Accept-Encoding": ACCEPT_ENCODING} | _conditions(validators)


def _conditions(validators: Validators | None) -> dict[str, str]:
    if validators is None:
        return {}
    sent = {
        "If-None-Match": validators.etag,
        "If-Modified-Since": validators.last_modified,
    }
    return {name: value for name, value in sent.items() if value}


def read_validators(headers: Mapping[str, str]) -> Validators:
    return Validators(
        _sendable(headers.get("ETag")),
        _sendable(headers.get("Last-Modified")),
    )


def _sendable(value: str | None) -> str | None:
    """A validator only if it can be sent back as it came."""
    if value and value.isascii() and value.isprintable() and len(value) <= _LONGEST_VALIDATOR:
        return value
    return None


def ascii_only(text: str) -> str:
    return text.encode("ascii", "replace").decode()[:200]
