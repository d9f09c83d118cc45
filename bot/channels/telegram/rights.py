"""Who looks after a chat of Telegram's, and whether we may write there: asked, and known for a minute."""

import asyncio
from collections.abc import Callable

import structlog
from telegram import ChatFullInfo, ChatMember, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.address import Address, ChatKind
from bot.channels.base import Priority, Rights
from bot.channels.telegram.errors import translate
from bot.channels.telegram.incoming import ADMINS, KINDS
from feeds.clock import Clock

log = structlog.get_logger(__name__)

KNOWN_SECONDS = 60.0
MOST_KNOWN = 10_000


class RightsDesk:
    """Answers `Host.rights` for one bot. `me` says who that is, once it is known."""

    def __init__(self, bot: ExtBot[Priority], me: Callable[[], User | None], clock: Clock) -> None:
        self._bot = bot
        self._me = me
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[float, Rights]] = {}

    async def rights(self, chat: str, person: str) -> Rights | None:
        key, now = (chat, person), self._clock.monotonic()
        known = self._known.get(key)
        if known is not None and now - known[0] < KNOWN_SECONDS:
            return known[1]
        rights = await self._ask(chat, person)
        if rights is not None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[key] = (now, rights)
        return rights

    async def _ask(self, chat: str, person: str) -> Rights | None:
        me = self._me()
        if me is None or not person.lstrip("-").isdecimal():
            return None
        try:
            found, theirs, ours = await asyncio.gather(
                self._bot.get_chat(chat),
                self._bot.get_chat_member(chat, int(person)),
                self._bot.get_chat_member(chat, me.id),
            )
        except TelegramError as error:
            log.warning("cannot tell administrators", chat=chat, reason=str(translate(error)))
            return None
        return _rights(found, theirs, ours)


def _rights(chat: ChatFullInfo, theirs: ChatMember, ours: ChatMember) -> Rights:
    kind = KINDS.get(ChatType(chat.type), ChatKind.GROUP)
    return Rights(
        address=Address("telegram", str(chat.id)),
        kind=kind,
        title=chat.title or "",
        is_admin=theirs.status in ADMINS,
        may_post=_may_post(ours, kind),
    )


def _may_post(ours: ChatMember, kind: ChatKind) -> bool:
    """A channel's posts need the right to post; a group's members may all write."""
    if ours.status == ChatMemberStatus.OWNER:
        return True
    if kind is ChatKind.CHANNEL:
        return bool(getattr(ours, "can_post_messages", False))
    return ours.status in {*ADMINS, ChatMemberStatus.MEMBER}
