"""What Telegram shows of us before anybody writes: the commands and the descriptions."""

from collections.abc import Mapping

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
)
from telegram.ext import ExtBot

from bot.channels.base import Menu, Priority, Scope

_SCOPES: Mapping[Scope, BotCommandScope] = {
    Scope.EVERYBODY: BotCommandScopeDefault(),
    Scope.PRIVATE: BotCommandScopeAllPrivateChats(),
    Scope.GROUPS: BotCommandScopeAllGroupChats(),
    Scope.ADMINISTRATORS: BotCommandScopeAllChatAdministrators(),
}


async def show_menu(bot: ExtBot[Priority], menu: Menu) -> None:
    """Sets them for every scope and language. Raises PTB's errors."""
    for (scope, language), commands in menu.commands.items():
        shown = [BotCommand(name, words) for name, words in commands]
        await bot.set_my_commands(shown, scope=_SCOPES[scope], language_code=language or None)
    for language, words in menu.description.items():
        await bot.set_my_description(words, language_code=language or None)
        await bot.set_my_short_description(words, language_code=language or None)
