"""One Telegram bot as a channel: pushes and edits out, paced."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from telegram import InputFile
from telegram.error import TelegramError
from telegram.ext import ExtBot
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter  # what RequestData is made of

from bot.address import Address
from bot.channels.base import Asks, Desk, File, Known, Menu, Priority, Rights
from bot.channels.post import CONNECT_SECONDS
from bot.channels.telegram.errors import (
    RETRY_UNSENT,
    is_already_so,
    is_topic_gone,
    is_unchanged,
    translate,
)
from bot.channels.telegram.html import Words, asking
from bot.channels.telegram.pacer import Pacer
from bot.channels.telegram.polling import Polling
from bot.channels.telegram.rights import RightsDesk
from bot.channels.telegram.transport import AiohttpRequest
from bot.channels.telegram.updates import Updates
from bot.channels.telegram.webhook import Webhook
from bot.errors import ChannelError, TryLater, Unauthorised
from bot.message import Limits, Part
from config.channels import TelegramConfig
from feeds.clock import Clock

LEAST_AT_ONCE, MOST_AT_ONCE = 8, 512


class TelegramChannel:
    """`Channel` and `Listener` for one bot token."""

    name = "telegram"

    def __init__(self, config: TelegramConfig, clock: Clock) -> None:
        self.limits = Limits()
        self.at_once = at_once(config.messages_a_second)
        self._api = urlsplit(config.api_url).netloc
        self._is_paid = config.paid_broadcasts
        self._words = Words()
        self._pacer = Pacer(config.messages_a_second, clock)
        proxy = config.proxy.get_secret_value() if config.proxy else None
        api_url = config.api_url.rstrip("/")
        self._requests = (AiohttpRequest(api_url, proxy), AiohttpRequest(api_url, proxy))
        self._bot: ExtBot[Priority] = ExtBot(
            config.token.get_secret_value(),
            base_url=f"{api_url}/bot",
            base_file_url=f"{api_url}/file/bot",
            request=self._requests[0],
            get_updates_request=self._requests[1],
            rate_limiter=self._pacer,
        )
        self._updates = Updates(self, clock)
        self._arrivals: Polling | Webhook = (
            Webhook(self._bot, self._updates, config.webhook, clock)
            if config.webhook
            else Polling(self._bot, self._updates, clock)
        )
        self._rights = RightsDesk(self._bot, lambda: self._updates.me, clock)

    @property
    def username(self) -> str | None:
        """The bot's user name, or None until it listens: for links to it."""
        return self._updates.username

    @property
    def is_disputed(self) -> bool | None:
        """Whether another program takes this bot's updates."""
        return self._arrivals.is_disputed

    async def who_am_i(self) -> Known:
        try:
            me = await self._bot.get_me(read_timeout=CONNECT_SECONDS)
        except TelegramError as error:
            return {self.name: self._explain(error)}
        return {self.name: f"@{me.username}"}

    def _explain(self, error: TelegramError) -> ChannelError:
        if isinstance(translate(error), Unauthorised):
            words = "token 不对或已作废:找 @BotFather 发 /token 要新的,放进 channels.telegram.token"
            return Unauthorised(words)
        seconds = round(CONNECT_SECONDS)
        words = f"连不上 {self._api}({seconds} 秒)。在中国大陆需要代理:channels.telegram.proxy"
        return TryLater(words, RETRY_UNSENT, whole_channel=True)

    def wait(self, to: Address) -> float:
        return self._pacer.wait(to.chat)

    async def turn(self, to: Address) -> None:
        await self._pacer.turn(to.chat, Priority.PUSH)

    async def send(
        self,
        to: Address,
        part: Part,
        *,
        reply_to: str | None = None,
        plain: bool = False,
        priority: Priority = Priority.PUSH,
        key: str = "",
    ) -> str:
        del key  # Telegram has none
        more = {} if reply_to is None else {"reply_parameters": _reply(reply_to)}
        words = self._words.of(part, plain=plain)
        return await self._say(to, {**words, "disable_notification": part.silent, **more}, priority)

    async def _say(self, to: Address, said: dict[str, Any], priority: Priority) -> str:
        if self._is_paid:
            said["allow_paid_broadcast"] = True

        async def send(to: Address) -> str:
            where: dict[str, Any] = {"chat_id": to.chat}
            if to.topic:
                where["message_thread_id"] = int(to.topic)
            sent = await self._call("sendMessage", said | where, priority)
            return str(sent["message_id"])

        return await _in_topic(send, to)

    async def _call(self, method: str, parameters: dict[str, Any], priority: Priority) -> Any:
        """As `Bot.send_message` does it, but for the answer: PTB makes a Message of a hundred fields
        of it, which costs as much as all the rest of the call, and we need its number.
        """
        data = RequestData([RequestParameter(n, value, None) for n, value in parameters.items()])

        async def call() -> Any:
            return await self._requests[0].post(f"{self._bot.base_url}/{method}", data)

        return await self._pacer.process_request(call, (), {}, method, parameters, priority)

    async def edit(
        self, to: Address, message_id: str, part: Part, priority: Priority = Priority.EDIT
    ) -> None:
        try:
            await self._edit(to, message_id, part, priority)
        except TelegramError as error:
            if not is_already_so(error):
                raise translate(error) from None

    async def _edit(self, to: Address, message_id: str, part: Part, priority: Priority) -> None:
        this = {"chat_id": to.chat, "message_id": int(message_id)}
        await self._call("editMessageText", self._words.of(part) | this, priority)

    # ── answers ─────────────────────────────────────────────────────────────────────────────────

    async def say(self, to: Address, part: Part, reply_to: str | None, asks: Asks | None) -> str:
        said = {**self._words.of(part), "disable_notification": part.silent}
        if asks is not None:
            said["reply_markup"] = asking(asks)
        if reply_to is not None:
            said["reply_parameters"] = _reply(reply_to)
        return await self._say(to, said, Priority.ANSWER)

    async def turn_into(self, to: Address, message_id: str, part: Part) -> bool:
        try:
            await self._edit(to, message_id, part, Priority.ANSWER)
        except TelegramError as error:
            if not is_already_so(error):
                raise translate(error) from None
            return is_unchanged(error)
        return True

    async def hand_over(self, to: Address, file: File) -> str:
        async def send(to: Address) -> str:
            sent = await self._bot.send_document(
                to.chat,
                InputFile(file.data, file.name),
                caption=file.words,
                message_thread_id=int(to.topic) if to.topic else None,
                rate_limit_args=Priority.ANSWER,
            )
            return str(sent.message_id)

        return await _in_topic(send, to)

    async def release(self, press: str, alert: str | None) -> None:
        with suppress(TelegramError):  # one that is too old is let go
            await self._bot.answer_callback_query(press, alert, show_alert=alert is not None)

    async def answers_settled(self) -> None:
        """Returns once every answer so far is said, or was given up."""
        await self._updates.settled()

    async def rights(self, chat: str, person: str) -> Rights | None:
        return await self._rights.rights(chat, person)

    async def listen(self, desk: Desk, menu: Menu) -> None:
        await self._arrivals.run(desk, menu)

    async def close(self) -> None:
        await self._updates.close()
        await self._pacer.shutdown()
        for request in self._requests:
            await request.shutdown()


def _reply(message_id: str) -> dict[str, Any]:
    return {"message_id": int(message_id), "allow_sending_without_reply": True}


async def _in_topic(send: Callable[[Address], Awaitable[str]], to: Address) -> str:
    """The message's id; where the forum topic is closed or gone, of one in the general topic."""
    try:
        try:
            return await send(to)
        except TelegramError as error:
            if to.topic is None or not is_topic_gone(error):
                raise
            return await send(Address(to.channel, to.chat))
    except TelegramError as error:
        raise translate(error) from None


def at_once(rate: float) -> int:
    """How many messages may be in hand: two seconds' worth, for an answer takes a part of one."""
    return round(min(max(LEAST_AT_ONCE, 2 * rate), MOST_AT_ONCE))
