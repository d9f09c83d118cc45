"""One Telegram bot as a channel: pushes and edits out, paced."""

from urllib.parse import urlsplit

from telegram import LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.address import Address
from bot.channels.base import Desk, Menu, Priority
from bot.channels.telegram.errors import RETRY_UNSENT, is_already_so, is_topic_gone, translate
from bot.channels.telegram.html import keyboard, render, render_plain
from bot.channels.telegram.pacer import Pacer
from bot.channels.telegram.transport import CONNECT_SECONDS, AiohttpRequest
from bot.channels.telegram.updates import Updates
from bot.errors import ChannelError, TryLater, Unauthorised
from bot.message import Limits, Part
from config.channels import TelegramConfig
from feeds.clock import Clock

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class TelegramChannel:
    """`Channel` and `Listener` for one bot token."""

    name = "telegram"

    def __init__(self, config: TelegramConfig, clock: Clock) -> None:
        self.limits = Limits()
        self._api = urlsplit(config.api_url).netloc
        self._pacer = Pacer(config.rate, clock)
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

    @property
    def username(self) -> str | None:
        """The bot's user name, or None until it listens: for links to it."""
        return self._updates.username

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
    ) -> str:
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
        return str(sent.message_id)

    async def _send(
        self, to: Address, part: Part, reply_to: str | None, plain: bool, priority: Priority
    ) -> Message:
        reply = (
            ReplyParameters(int(reply_to), allow_sending_without_reply=True) if reply_to else None
        )
        return await self._bot.send_message(
            to.chat,
            render_plain(part) if plain else render(part),
            parse_mode=None if plain else ParseMode.HTML,
            message_thread_id=int(to.topic) if to.topic else None,
            disable_notification=part.silent,
            link_preview_options=NO_PREVIEW,
            reply_parameters=reply,
            reply_markup=keyboard(part),
            rate_limit_args=priority,
        )

    async def edit(
        self, to: Address, message_id: str, part: Part, priority: Priority = Priority.EDIT
    ) -> None:
        try:
            await self._bot.edit_message_text(
                render(part),
                chat_id=to.chat,
                message_id=int(message_id),
                parse_mode=ParseMode.HTML,
                link_preview_options=NO_PREVIEW,
                reply_markup=keyboard(part),
                rate_limit_args=priority,
            )
        except TelegramError as error:
            if not is_already_so(error):
                raise translate(error) from None

    async def listen(self, desk: Desk, menu: Menu) -> None:
        await self._updates.run(desk, menu)

    async def close(self) -> None:
        await self._pacer.shutdown()
        for request in self._requests:
            await request.shutdown()
