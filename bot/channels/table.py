"""The channels that exist: a row each."""

from collections.abc import Callable, Mapping

from bot.channels.base import Channel
from bot.channels.console import ConsoleChannel
from bot.channels.telegram.channel import TelegramChannel
from config.models import Settings
from feeds.clock import Clock

Builder = Callable[[Settings, Clock], Channel | None]


def _console(_settings: Settings, _clock: Clock) -> Channel:
    return ConsoleChannel()


def _telegram(settings: Settings, clock: Clock) -> Channel | None:
    config = settings.channels.telegram
    return TelegramChannel(config, clock) if config else None


CHANNELS: dict[str, Builder] = {"console": _console, "telegram": _telegram}


def build_channels(settings: Settings, clock: Clock) -> dict[str, Channel]:
    """Every channel that these settings configure, by name. The terminal always is one."""
    built = {name: build(settings, clock) for name, build in CHANNELS.items()}
    return {name: channel for name, channel in built.items() if channel is not None}


def bot_name(channels: Mapping[str, Channel]) -> str | None:
    """The user name of the Telegram bot that listens, once Telegram has said it."""
    telegram = channels.get("telegram")
    return telegram.username if isinstance(telegram, TelegramChannel) else None
