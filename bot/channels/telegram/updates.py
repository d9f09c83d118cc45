"""What people write to the bot and press in it → the desk → answers.

Long polling by our own loop: an update that cannot be handled is logged and passed over, so that the
offset moves on whatever people send; a network that is down is logged once and tried again.
"""

import asyncio
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import replace

import structlog
from telegram import BotCommand, CallbackQuery, Chat, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.address import Address, ChatKind
from bot.channels.base import Answer, Channel, Desk, Incoming, Menu, Priority
from bot.channels.telegram.errors import translate
from bot.errors import ChannelError, TryLater
from bot.message import Part
from feeds.clock import Clock

log = structlog.get_logger(__name__)

POLL_SECONDS = 25
ALLOWED = ["message", "callback_query"]
RETRY_AFTER = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)  # seconds, the last for ever
CONFLICTS_UNTIL_STOP = 4  # the last poller's long poll may still hang for POLL_SECONDS
CONFLICT_WAIT = 10.0
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
    """The poller of one token. Two of them for one token would steal from each other (409)."""

    def __init__(self, bot: ExtBot[Priority], channel: Channel, clock: Clock) -> None:
        self._bot = bot
        self._channel = channel
        self._clock = clock
        self._username = ""
        self._seen: deque[int] = deque(maxlen=REMEMBER_UPDATES)
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._admins: dict[tuple[int, int], tuple[float, bool]] = {}

    @property
    def username(self) -> str | None:
        """The bot's user name, once Telegram has said it."""
        return self._username or None

    async def run(self, desk: Desk, menu: Menu) -> None:
        """Until cancelled, or until another poller holds this token for good."""
        await self._begin(menu)
        offset: int | None = None
        failures = conflicts = 0
        while conflicts < CONFLICTS_UNTIL_STOP:
            try:
                updates = await self._bot.get_updates(
                    offset,
                    timeout=POLL_SECONDS,
                    read_timeout=POLL_SECONDS + 10,
                    allowed_updates=ALLOWED,
                )
            except Conflict:
                conflicts += 1
                await self._clock.sleep(CONFLICT_WAIT)
            except TelegramError as error:
                failures += 1
                await self._pause(error, failures)
            else:
                if failures:
                    log.info("updates come again", channel="telegram")
                failures = conflicts = 0
                if updates:
                    offset = updates[-1].update_id + 1
                    await asyncio.gather(*(self._handle(update, desk) for update in updates))
        log.error("another program takes this bot's updates (409): commands are not answered here")

    async def _begin(self, menu: Menu) -> None:
        """Who we are, and the menu; again and again until Telegram can be reached."""
        failures = 0
        while not self._username:
            try:
                self._username = (await self._bot.get_me()).username or ""
                await self._bot.delete_webhook()
                await self._show(menu)
            except TelegramError as error:
                failures += 1
                await self._pause(error, failures)

    async def _show(self, menu: Menu) -> None:
        for language, commands in menu.commands.items():
            shown = [BotCommand(name, words) for name, words in commands]
            await self._bot.set_my_commands(shown, language_code=language or None)
        for language, words in menu.description.items():
            await self._bot.set_my_description(words, language_code=language or None)
            await self._bot.set_my_short_description(words[:120], language_code=language or None)

    async def _pause(self, error: TelegramError, failures: int) -> None:
        if failures == 1:
            if isinstance(error, InvalidToken):
                log.error(
                    "telegram refuses the token: commands are not answered", channel="telegram"
                )
            else:
                log.warning("telegram cannot be reached", channel="telegram", reason=error.message)
        await self._clock.sleep(RETRY_AFTER[min(failures, len(RETRY_AFTER)) - 1])

    # ── one update ──────────────────────────────────────────────────────────────────────────────

    async def _handle(self, update: Update, desk: Desk) -> None:
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
        if at and bot.lower() != self._username.lower():
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
