"""What a request to the hub asks for: pure. The rules are section 5.1 of the recommendation.

Parameters that we do not know are ignored, as it demands; one of ours that comes twice is no request.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from config.models import Settings
from feeds.hub.callbacks import BadCallback, Callback, check_callback
from feeds.hub.tables import Mode
from feeds.words import N_
from feeds.writers.links import feed_path

SHORTEST_LEASE = timedelta(minutes=5)
SECRET_LIMIT = 200  # bytes; a secret is shorter
_KNOWN = ("hub.callback", "hub.mode", "hub.topic", "hub.lease_seconds", "hub.secret")
_MOST_DIGITS = 12


class BadRequest(ValueError):
    """The request is refused with `status`; the text is a message id that says why."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Intent:
    """A request that its callback has yet to confirm. `topic` is the name of one of our feeds."""

    mode: Mode
    topic: str
    callback: Callback
    secret: str | None
    lease: timedelta


def read_request(
    pairs: Iterable[tuple[str, str]], topics: Collection[str], settings: Settings
) -> Intent:
    """The intent of a form's pairs. Raises `BadRequest`."""
    form: dict[str, str] = {}
    for name, value in pairs:
        if name in form and name in _KNOWN:
            raise BadRequest(N_("同一个参数写了两次"))
        form[name] = value
    mode = _mode(form.get("hub.mode", ""))
    try:
        callback = check_callback(form.get("hub.callback", ""), settings)
    except BadCallback as error:
        raise BadRequest(str(error)) from None
    return Intent(
        mode=mode,
        topic=_topic(form.get("hub.topic", ""), topics, settings),
        callback=callback,
        secret=_secret(form.get("hub.secret", "")),
        lease=_lease(form.get("hub.lease_seconds", ""), settings),
    )


def topic_url(topic: str, settings: Settings) -> str:
    """The address of one of our feeds, as subscribers name it."""
    return settings.public_url + feed_path(topic)


def _mode(text: str) -> Mode:
    if text == "publish":
        # Only we know when our feeds change; nobody has to tell us, and nobody can.
        raise BadRequest(N_("这里只发布自己的订阅源，不用通知"), 403)
    try:
        return Mode(text)
    except ValueError:
        raise BadRequest(N_("hub.mode 要写 subscribe 或 unsubscribe")) from None


def _topic(text: str, topics: Collection[str], settings: Settings) -> str:
    found = next((name for name in topics if topic_url(name, settings) == text), None)
    if found is None:
        raise BadRequest(N_("hub.topic 不是这里的订阅源"), 404)
    return found


def _secret(text: str) -> str | None:
    if len(text.encode("utf-8", "surrogatepass")) >= SECRET_LIMIT:
        raise BadRequest(N_("hub.secret 要短于 200 字节"))
    return text or None


def _lease(text: str, settings: Settings) -> timedelta:
    """What was asked for, within our limits; ours where nothing was."""
    if not text:
        return settings.hub.lease
    if not (text.isascii() and text.isdigit()):
        raise BadRequest(N_("hub.lease_seconds 要写秒数"))
    seconds = int(text) if len(text) <= _MOST_DIGITS else 10**_MOST_DIGITS
    longest = settings.hub.longest_lease
    return min(
        max(timedelta(seconds=min(seconds, longest.total_seconds())), SHORTEST_LEASE), longest
    )
