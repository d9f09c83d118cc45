"""One Telegram bot as a channel: pushes and edits out, paced."""

from typing import Any
from urllib.parse import urlsplit

from telegram.error import TelegramError
from telegram.ext import ExtBot
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter  # what RequestData is made of

from bot.address import Address
from bot.channels.base import Desk, Menu, Priority
from bot.channels.post import CONNECT_SECONDS
from bot.channels.telegram.errors import RETRY_UNSENT, is_already_so, is_topic_gone, translate
from bot.channels.telegram.html import Words
from bot.channels.telegram.pacer import Pacer
from bot.channels.telegram.transport import AiohttpRequest
from bot.channels.telegram.updates import Updates
from bot.errors import ChannelError, TryLater, Unauthorised
from bot.message import Limits, Part
from config.channels import TelegramConfig
from feeds.clock import Clock

LEAST_AT_ONCE, MOST_AT_ONCE = 8, 512


class TelegramChannel:
    """`Channel` and `Listener` for one bot token."""

    name = "telegram"
    can_edit = True

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
        self._updates = Updates(self._bot, self, clock)

    async def who_am_i(self) -> str:
        try:
            me = await self._bot.get_me(read_timeout=CONNECT_SECONDS)
        except TelegramError as error:
            raise self._explain(error) from None
        return f"@{me.username}"

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
        try:
            try:
                sent = await self._send(to, part, reply_to, plain, priority)
            except TelegramError as error:
                if to.topic is None or not is_topic_gone(error):
                    raise
                general = Address(to.channel, to.chat)
                sent = await self._send(general, part, reply_to, plain, priority)
        except TelegramError as error:
            raise translate(error) from None
        return sent

    async def _send(
        self, to: Address, part: Part, reply_to: str | None, plain: bool, priority: Priority
    ) -> str:
        parameters = {
            **self._words.of(part, plain=plain),
            "chat_id": to.chat,
            "disable_notification": part.silent,
        }
        if to.topic:
            parameters["message_thread_id"] = int(to.topic)
        if reply_to:
            known = {"message_id": int(reply_to), "allow_sending_without_reply": True}
            parameters["reply_parameters"] = known
        if self._is_paid:
            parameters["allow_paid_broadcast"] = True
        sent = await self._call("sendMessage", parameters, priority)
        return str(sent["message_id"])

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
        parameters = {
            **self._words.of(part),
            "chat_id": to.chat,
            "message_id": int(message_id),
        }
        try:
            await self._call("editMessageText", parameters, priority)
        except TelegramError as error:
            if not is_already_so(error):
                raise translate(error) from None

    async def listen(self, desk: Desk, menu: Menu) -> None:
        await self._updates.run(desk, menu)

    async def close(self) -> None:
        await self._pacer.shutdown()
        for request in self._requests:
            await request.shutdown()


def at_once(rate: float) -> int:
    """How many messages may be in hand: two seconds' worth, for an answer takes a part of one."""
    return round(min(max(LEAST_AT_ONCE, 2 * rate), MOST_AT_ONCE))
