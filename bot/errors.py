"""What a channel may answer instead of "sent": each is a decision, not a mishap.

ChannelError
├── TryLater(after)     not sent; again after this long at the earliest
├── Gone                this chat does not want us: pause its subscriptions, never delete them
├── Moved(to)           the chat has a new address: change it everywhere, then send there
├── Rejected            not sent and never will be: our defect, or a message that cannot exist
├── Unauthorised        the channel refuses us altogether: stop sending, keep the queue
└── Unknown             it may have been sent: the body had left when the answer failed
"""

from datetime import timedelta

from feeds.http.retry_after import LONGEST
from feeds.text.characters import cut, one_line


class ChannelError(Exception):
    """The root. `str(error)` is a reason for people and is stored with the delivery: no secrets. A
    service's own words are made fit for that: one NUL among them, and no answer of the group that it
    came with could be stored.
    """

    def __init__(self, reason: str = "") -> None:
        super().__init__(cut(one_line(reason)))


class TryLater(ChannelError):
    """Not sent. `whole_channel`: the wait is for every chat (network down, global 429). `growing`: it is
    longer each time, for nobody said how long the trouble will last. `asked`: there is no trouble, we
    were told to wait, as whoever sends much is. Nobody makes us wait for more than a day.
    """

    def __init__(
        self,
        reason: str,
        after: timedelta,
        whole_channel: bool = False,
        growing: bool = False,
        asked: bool = False,
        unreached: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.after = min(after, LONGEST)
        self.whole_channel = whole_channel
        self.growing = growing
        self.asked = asked
        self.unreached = unreached  # the host, where nothing listens or its name is not known


def is_asked_to_wait(error: ChannelError) -> bool:
    """Whether the service said that we send too much (429)."""
    return isinstance(error, TryLater) and error.asked


TROUBLE = timedelta(seconds=10)


def trouble(status: int) -> TryLater:
    """A server that answers with 5xx did not do what it was asked. (A call that gets no answer at all is
    `Unknown`.)
    """
    return TryLater(f"HTTP {status}", TROUBLE, growing=True)


class Gone(ChannelError):
    """Blocked, kicked, deleted, or never existed. Where that is not sure (a chat that is not found may
    be found a minute later), it is asked once more.
    """

    def __init__(self, reason: str, is_sure: bool = True) -> None:
        super().__init__(reason)
        self.is_sure = is_sure


class Moved(ChannelError):
    """`to` is the new chat id without the channel's name (a group that became a supergroup)."""

    def __init__(self, reason: str, to: str) -> None:
        super().__init__(reason)
        self.to = to


class Rejected(ChannelError):
    """The message itself is refused. `plain_may_do`: its markup was, so send it once as plain text."""

    def __init__(self, reason: str, plain_may_do: bool = False) -> None:
        super().__init__(reason)
        self.plain_may_do = plain_may_do


class Unauthorised(ChannelError):
    """401: the token or key is refused; not `whole_channel` where each chat has a key of its own."""

    def __init__(self, reason: str, whole_channel: bool = True) -> None:
        super().__init__(reason)
        self.whole_channel = whole_channel


class Unknown(ChannelError):
    """The request left, the answer did not come. Where it is sent again, not sooner than `after`."""

    def __init__(self, reason: str, after: timedelta = timedelta(seconds=10)) -> None:
        super().__init__(reason)
        self.after = after
