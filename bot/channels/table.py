"""The channels that exist: a row each."""

from collections.abc import Callable, Mapping

from bot.channels.apprise import AppriseChannel
from bot.channels.base import Channel
from bot.channels.console import ConsoleChannel
from bot.channels.robots.base import Family, RobotChannel
from bot.channels.robots.dingtalk import DINGTALK
from bot.channels.robots.feishu import FEISHU
from bot.channels.robots.wecom import WECOM
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.webhook import WebhookChannel
from config.models import Settings
from feeds.clock import Clock

Builder = Callable[[Settings, Clock], Channel | None]


def _console(_settings: Settings, _clock: Clock) -> Channel:
    return ConsoleChannel()


def _telegram(settings: Settings, clock: Clock) -> Channel | None:
    config = settings.channels.telegram
    return TelegramChannel(config, clock) if config else None


def _robots(family: Family) -> Builder:
    def build(settings: Settings, clock: Clock) -> Channel | None:
        robots = getattr(settings.channels, family.name)
        return RobotChannel(family, robots, clock) if robots else None

    return build


def _webhook(settings: Settings, clock: Clock) -> Channel | None:
    targets = settings.channels.webhook
    return WebhookChannel(targets, clock) if targets else None


def _apprise(settings: Settings, _clock: Clock) -> Channel | None:
    targets = settings.channels.apprise
    return AppriseChannel(targets) if targets else None


CHANNELS: dict[str, Builder] = {
    "console": _console,
    "telegram": _telegram,
    "wecom": _robots(WECOM),
    "dingtalk": _robots(DINGTALK),
    "feishu": _robots(FEISHU),
    "webhook": _webhook,
    "apprise": _apprise,
}


CAN_EDIT = frozenset({"telegram"})
"""Whose messages can be changed (`Editor`): asked where no channel is built."""


def build_channels(settings: Settings, clock: Clock) -> dict[str, Channel]:
    """Every channel that these settings configure, by name. The terminal always is one."""
    built = {name: build(settings, clock) for name, build in CHANNELS.items()}
    return {name: channel for name, channel in built.items() if channel is not None}


def bot_name(channels: Mapping[str, Channel]) -> str | None:
    """The user name of the Telegram bot that listens, once Telegram has said it."""
    telegram = channels.get("telegram")
    return telegram.username if isinstance(telegram, TelegramChannel) else None
