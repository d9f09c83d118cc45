"""What Telegram shows of us before anybody writes: the commands and the descriptions."""

from collections.abc import Mapping

import structlog
from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeChatAdministrators,
    BotCommandScopeDefault,
)
from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

from bot.address import Address
from bot.channels.base import ChatMenu, Menu, Priority, Scope

log = structlog.get_logger(__name__)

_SCOPES: Mapping[Scope, BotCommandScope] = {
    Scope.EVERYBODY: BotCommandScopeDefault(),
    Scope.PRIVATE: BotCommandScopeAllPrivateChats(),
    Scope.GROUPS: BotCommandScopeAllGroupChats(),
    Scope.ADMINISTRATORS: BotCommandScopeAllChatAdministrators(),
}


async def show_menu(bot: ExtBot[Priority], menu: Menu) -> None:
    """Sets them for every scope and language, and for the chats that have their own. Raises PTB's errors."""
    for (scope, language), commands in menu.commands.items():
        shown = [BotCommand(name, words) for name, words in commands]
        await bot.set_my_commands(shown, scope=_SCOPES[scope], language_code=language or None)
    for language, words in menu.description.items():
        await bot.set_my_description(words, language_code=language or None)
        await bot.set_my_short_description(words, language_code=language or None)
    unknown: set[Address] = set()
    for chat in menu.chats:
        is_here = chat.to.channel == "telegram" and chat.to not in unknown
        if is_here and not await _show_in(bot, chat):
            unknown.add(chat.to)


async def _show_in(bot: ExtBot[Priority], chat: ChatMenu) -> bool:
    """False for a chat that never wrote to us: there is nobody to see a menu there yet."""
    shown = [BotCommand(name, words) for name, words in chat.commands]
    scope = BotCommandScopeChatAdministrators if chat.administrators else BotCommandScopeChat
    try:
        await bot.set_my_commands(
            shown, scope=scope(chat.to.chat), language_code=chat.language or None
        )
    except (BadRequest, Forbidden) as error:
        log.info("no menu in this chat", to=str(chat.to), reason=error.message)
        return False
    return True
