"""What may be set of a chat channel: one model each."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from config.values import HttpUrl, Proxy, Secret, Section


class TelegramConfig(Section):
    """One Telegram bot."""

    token: Secret
    """From @BotFather; opaque, any shape."""
    token_file: Path | None = None
    """A file that holds it instead, relative to this one."""
    api_url: HttpUrl = "https://api.telegram.org"
    """Not subject to the fetch guard."""
    proxy: Proxy | None = None
    """http://… or socks5://…, for this channel only; null: HTTPS_PROXY, ALL_PROXY."""
    rate: Annotated[float, Field(gt=0, le=1000)] | None = None
    """Messages a second over all chats; null: 29, or 900 with paid broadcasts."""
    paid_broadcasts: bool = False
    """Pay Telegram's stars for more than 30 messages a second."""

    @property
    def messages_a_second(self) -> float:
        return self.rate or (900 if self.paid_broadcasts else 29)


class Channels(Section):
    """The channels that exist now."""

    telegram: TelegramConfig | None = None


# Known names whose time has not come: they get an error of their own, not "unknown key".
LATER = ("wecom", "dingtalk", "feishu", "apprise")
