"""What an error means for a look: what it costs, and when the whole look ends."""

from typing import TypeAlias

from feeds.decide import Failure
from feeds.errors import BadStatus, FetchError, NotReadable, Refused, TooLarge, Unreadable

MOST_IN_A_ROW = 3  # soft failures, after which the newspaper itself is taken to be in trouble
_SOFT_READINGS = frozenset({Unreadable.TRUNCATED, Unreadable.CHALLENGE, Unreadable.ERROR_PAGE})

Trouble: TypeAlias = FetchError | NotReadable


def failure_of(error: Trouble) -> Failure:
    """How lasting it is."""
    if isinstance(error, NotReadable):
        return Failure.SOFT if error.why in _SOFT_READINGS else Failure.HARD
    if isinstance(error, BadStatus) and error.is_gone:
        return Failure.GONE
    return Failure.HARD if isinstance(error, Refused | TooLarge) else Failure.SOFT


def is_answer(error: Trouble) -> bool:
    """Whether the server is there and answered, however badly."""
    return isinstance(error, BadStatus | NotReadable)


def must_stop(error: Trouble) -> bool:
    """Whether the server wants to be left alone."""
    if isinstance(error, NotReadable):
        return error.why is Unreadable.CHALLENGE
    return error.retry_after is not None


class Patience:
    """For the documents of one look. A document that could not be read costs itself; where the server
    asks us to wait, where the home page failed too, or after three soft failures in a row, the whole
    look ends.
    """

    def __init__(self, is_site_up: bool = False) -> None:
        self.is_site_up = is_site_up
        self._in_a_row = 0

    def lose(self, error: Trouble) -> None:
        """Raises `error` where it says nothing about its document, so that this is not to be told."""
        if must_stop(error) or (failure_of(error) is Failure.SOFT and not self.is_site_up):
            raise error
        is_soft = failure_of(error) is Failure.SOFT
        self._in_a_row = self._in_a_row + 1 if is_soft else 0

    def check(self, error: Trouble) -> None:
        """Raises `error` where it was one too many, once what it cost is stored."""
        if self._in_a_row >= MOST_IN_A_ROW:
            raise error

    def renew(self) -> None:
        """A document was read."""
        self._in_a_row = 0
