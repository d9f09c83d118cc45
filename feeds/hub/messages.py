"""What the hub says to a callback: pure. Sections 5.3, 7 and 8 of the recommendation."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from feeds.hub.tables import Mode


def challenge() -> str:
    """Random, and nothing that a callback could know without having read it."""
    return secrets.token_urlsafe(32)


def verification_url(
    callback: str, mode: Mode, topic: str, challenge_: str, lease_seconds: int
) -> str:
    """The callback's own URL, its query kept, with what it is asked to confirm. `topic` is a URL."""
    asked = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge_}
    if mode is Mode.SUBSCRIBE:
        asked["hub.lease_seconds"] = str(lease_seconds)
    return f"{callback}{'&' if '?' in callback else '?'}{urlencode(asked)}"


def delivery_headers(
    media_type: str, hub: str, topic: str, body: bytes, secret: str | None, delivery: str
) -> Mapping[str, str]:
    """The headers of a delivery. `delivery` names it, the same at every try."""
    headers = {
        "Content-Type": media_type,
        "Link": f'<{hub}>; rel="hub", <{topic}>; rel="self"',
        "X-Hub-Delivery": delivery,
    }
    if secret is not None:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers["X-Hub-Signature"] = f"sha256={digest}"
    return headers


def ping_form(topic: str) -> bytes:
    """How another hub is told that a topic is new: PubSubHubbub's words, which all of them know."""
    return urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}).encode()
