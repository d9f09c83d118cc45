"""What Telegram shows of us before anybody writes: the commands and the descriptions."""

from collections.abc import Awaitable, Collection, Mapping, Sequence
from typing import Any

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


async def show_menu(
    bot: ExtBot[Priority], menu: Menu, before: Collection[ChatMenu] = ()
) -> frozenset[ChatMenu]:
    """Sets them for every scope and language, and for the chats that have their own: those are returned.
    A chat that had one `before` and has none any more sees what everybody sees. Raises PTB's errors.
    """
    for (scope, language), commands in menu.commands.items():
        shown = [BotCommand(name, words) for name, words in commands]
        await bot.set_my_commands(shown, scope=_SCOPES[scope], language_code=language or None)
    for language, words in menu.description.items():
        await bot.set_my_description(words, language_code=language or None)
        await bot.set_my_short_description(words, language_code=language or None)
    mine = [chat for chat in menu.chats if chat.to.channel == "telegram"]
    places = {_place(chat) for chat in mine}
    for chat in before:
        if _place(chat) not in places:
            await _where_known(chat, bot.delete_my_commands(**_scope(chat)))
    return await _show_in_chats(bot, mine)


async def _show_in_chats(bot: ExtBot[Priority], menus: Sequence[ChatMenu]) -> frozenset[ChatMenu]:
    """Telegram knows no chat that never wrote to us: there is nobody to see a menu there yet."""
    shown: set[ChatMenu] = set()
    unknown: set[Address] = set()
    for chat in menus:
        if chat.to in unknown:
            continue
        commands = [BotCommand(name, words) for name, words in chat.commands]
        if await _where_known(chat, bot.set_my_commands(commands, **_scope(chat))):
            shown.add(chat)
        else:
            unknown.add(chat.to)
    return frozenset(shown)


async def _where_known(chat: ChatMenu, call: Awaitable[object]) -> bool:
    try:
        await call
    except (BadRequest, Forbidden) as error:
        log.info("no menu in this chat", to=str(chat.to), reason=error.message)
        return False
    return True


def _place(chat: ChatMenu) -> tuple[Address, bool, str]:
    return chat.to, chat.administrators, chat.language


def _scope(chat: ChatMenu) -> dict[str, Any]:
    scope = BotCommandScopeChatAdministrators if chat.administrators else BotCommandScopeChat
    return {"scope": scope(chat.to.chat), "language_code": chat.language or None}
