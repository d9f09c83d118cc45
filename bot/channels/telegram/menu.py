"""What Telegram shows of us before anybody writes: the commands and the descriptions."""

from telegram import BotCommand
from telegram.ext import ExtBot

from bot.channels.base import Menu, Priority


async def show_menu(bot: ExtBot[Priority], menu: Menu) -> None:
    """Sets them in every language. Raises PTB's errors."""
    for language, commands in menu.commands.items():
        shown = [BotCommand(name, words) for name, words in commands]
        await bot.set_my_commands(shown, language_code=language or None)
    for language, words in menu.description.items():
        await bot.set_my_description(words, language_code=language or None)
        await bot.set_my_short_description(words[:120], language_code=language or None)
