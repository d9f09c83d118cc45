"""What people write to the bot and press in it → the desk → answers. How updates come is `polling`.

An update that cannot be handled is logged and passed over: nothing that people send stops the rest.
"""

import asyncio
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import replace

import structlog
from telegram import CallbackQuery, Chat, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.address import Address, ChatKind
from bot.channels.base import Answer, Channel, Desk, Incoming, Priority
from bot.channels.telegram.errors import translate
from bot.errors import ChannelError, TryLater
from bot.message import Part
from feeds.clock import Clock

log = structlog.get_logger(__name__)

ALLOWED = ["message", "callback_query"]
SOON = 30.0  # seconds that an answer may wait for a 429; then it is stale
ADMIN_SECONDS = 60.0
REMEMBER_UPDATES = 1000

_KINDS = {
    ChatType.PRIVATE: ChatKind.PRIVATE,
    ChatType.GROUP: ChatKind.GROUP,
    ChatType.SUPERGROUP: ChatKind.GROUP,
    ChatType.CHANNEL: ChatKind.CHANNEL,
}
_ADMINS = {ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR}


class Updates:
    """Takes the updates of one token. `username` is the bot's, once it is known."""

    def __init__(self, bot: ExtBot[Priority], channel: Channel, clock: Clock) -> None:
        self._bot = bot
        self._channel = channel
        self._clock = clock
        self.username = ""
        self._seen: deque[int] = deque(maxlen=REMEMBER_UPDATES)
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._admins: dict[tuple[int, int], tuple[float, bool]] = {}

    async def handle(self, update: Update, desk: Desk) -> None:
        """Returns once it is answered, or logged and passed over. Never raises."""
        chat = update.effective_chat
        if chat is None or update.update_id in self._seen:
            return
        self._seen.append(update.update_id)
        async with self._locks[chat.id]:
            try:
                if update.callback_query is not None:
                    await self._button(update.callback_query, chat, desk)
                elif update.message is not None:
                    await self._message(update.message, chat, desk)
            except (TelegramError, ChannelError) as error:
                log.warning("answer not sent", chat=chat.id, reason=str(error))
            except Exception:
                log.exception("update not handled", update=update.update_id)
        if not self._locks[chat.id].locked():
            self._locks.pop(chat.id, None)

    async def _message(self, message: Message, chat: Chat, desk: Desk) -> None:
        person = message.from_user
        text = message.text or ""
        if person is None or not (text.startswith("/") or chat.type == ChatType.PRIVATE):
            return
        command, words = self._command(text)
        if command is None and text.startswith("/"):
            return  # for another bot
        topic = message.message_thread_id if message.is_topic_message else None
        address = _address(chat, topic)
        incoming = await self._incoming(address, chat, person, command=command, words=words)
        if message.sender_chat is not None and message.sender_chat.id == chat.id:
            incoming = replace(incoming, is_admin=True)  # an administrator who stays anonymous
        await self._say(address, await desk(incoming))

    def _command(self, text: str) -> tuple[str | None, str]:
        """`/issue@our_bot words` → ("issue", "words"); no command for plain text and other bots."""
        if not text.startswith("/"):
            return None, text
        head, _, words = text[1:].partition(" ")
        name, at, bot = head.partition("@")
        if at and bot.lower() != self.username.lower():
            return None, ""
        return name.lower(), words.strip()

    async def _button(self, query: CallbackQuery, chat: Chat, desk: Desk) -> None:
        message = query.message
        topic = (
            message.message_thread_id
            if isinstance(message, Message) and message.is_topic_message
            else None
        )
        address = _address(chat, topic)
        incoming = await self._incoming(
            address,
            chat,
            query.from_user,
            action=query.data or "",
            message_id=str(message.message_id) if message else None,
        )
        answer = Answer()
        try:
            answer = await desk(incoming)
        finally:
            with suppress(TelegramError):
                await query.answer(answer.alert, show_alert=answer.alert is not None)
        if answer.replace and answer.parts and incoming.message_id:
            await self._channel.edit(
                address, incoming.message_id, answer.parts[0], priority=Priority.ANSWER
            )
        else:
            await self._say(address, answer)

    async def _say(self, to: Address, answer: Answer) -> None:
        sent: list[str] = []
        for part in answer.parts:
            sent.append(await self._send(to, part, sent[0] if part.reply and sent else None))
        if answer.then is not None:
            await answer.then(tuple(sent))

    async def _send(self, to: Address, part: Part, reply_to: str | None) -> str:
        """A person waits: a short 429 is waited for, once."""
        try:
            return await self._channel.send(to, part, reply_to=reply_to, priority=Priority.ANSWER)
        except TryLater as later:
            if later.after.total_seconds() > SOON:
                raise
            await self._clock.sleep(later.after.total_seconds())
            return await self._channel.send(to, part, reply_to=reply_to, priority=Priority.ANSWER)

    async def _incoming(
        self,
        address: Address,
        chat: Chat,
        person: User,
        *,
        command: str | None = None,
        words: str = "",
        action: str | None = None,
        message_id: str | None = None,
    ) -> Incoming:
        return Incoming(
            address=address,
            kind=_KINDS.get(ChatType(chat.type), ChatKind.GROUP),
            title=chat.effective_name or "",
            person=str(person.id),
            language=person.language_code,
            command=command,
            words=words,
            action=action,
            message_id=message_id,
            is_admin=await self._is_admin(chat, person),
        )

    async def _is_admin(self, chat: Chat, person: User) -> bool:
        if chat.type == ChatType.PRIVATE:
            return True
        key, now = (chat.id, person.id), self._clock.monotonic()
        known = self._admins.get(key)
        if known is not None and now - known[0] < ADMIN_SECONDS:
            return known[1]
        try:
            member = await self._bot.get_chat_member(chat.id, person.id)
        except TelegramError as error:
            log.warning("cannot tell administrators", chat=chat.id, reason=str(translate(error)))
            return False
        self._admins = {k: v for k, v in self._admins.items() if now - v[0] < ADMIN_SECONDS}
        self._admins[key] = (now, member.status in _ADMINS)
        return self._admins[key][1]


def _address(chat: Chat, topic: int | None) -> Address:
    return Address("telegram", str(chat.id), str(topic) if topic else None)
