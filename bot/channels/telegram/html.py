"""Neutral parts → Telegram's HTML. The one place where text for Telegram is escaped."""

from html import escape

from telegram import (
    ChatAdministratorRights,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    KeyboardButtonRequestChat,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.channels.base import Asks, Picks, Typed
from bot.message import Block, Button, Line, Part, Quote, Span

HINT_MOST = 64  # characters of a placeholder


def render(part: Part) -> str:
    """The part as HTML (parse_mode HTML)."""
    return "\n".join(_block(block) for block in part.blocks)


def render_plain(part: Part) -> str:
    """The part's words without markup, for when its markup was refused."""
    return "\n".join(_words(block) for block in part.blocks)


def keyboard(part: Part) -> InlineKeyboardMarkup | None:
    """The part's buttons, or None where it has none."""
    rows = [[_button(button) for button in row] for row in part.buttons]
    return InlineKeyboardMarkup(rows) if rows else None


def asking(asks: Asks) -> ForceReply | ReplyKeyboardMarkup | ReplyKeyboardRemove:
    """What is put where the person types."""
    if isinstance(asks, Typed):
        return ForceReply(input_field_placeholder=asks.hint[:HINT_MOST])
    if isinstance(asks, Picks):
        chooser = KeyboardButton(asks.text, request_chat=_CHANNELS)
        return ReplyKeyboardMarkup([[chooser]], resize_keyboard=True, one_time_keyboard=True)
    return ReplyKeyboardRemove()


# An administrator who may do nothing but post.
_POSTER = ChatAdministratorRights(
    is_anonymous=False,
    can_manage_chat=False,
    can_delete_messages=False,
    can_manage_video_chats=False,
    can_restrict_members=False,
    can_promote_members=False,
    can_change_info=False,
    can_invite_users=False,
    can_post_stories=False,
    can_edit_stories=False,
    can_delete_stories=False,
    can_post_messages=True,
)
# Telegram offers the channels where the person may post, and makes us an administrator there.
_CHANNELS = KeyboardButtonRequestChat(
    request_id=1,
    chat_is_channel=True,
    user_administrator_rights=_POSTER,
    bot_administrator_rights=_POSTER,
)


def _button(button: Button) -> InlineKeyboardButton:
    return InlineKeyboardButton(button.text, url=button.url, callback_data=button.action)


def _block(block: Block) -> str:
    if isinstance(block, Quote):
        lines = "\n".join(_line(line) for line in block.lines)
        return f"<blockquote expandable>{lines}</blockquote>"
    return _line(block)


def _line(line: Line) -> str:
    return "".join(_span(span) for span in line.spans)


def _span(span: Span) -> str:
    text = escape(span.text)
    if span.url:
        text = f'<a href="{escape(span.url)}">{text}</a>'
    if span.struck:
        text = f"<s>{text}</s>"
    return f"<b>{text}</b>" if span.bold else text


def _words(block: Block) -> str:
    lines = block.lines if isinstance(block, Quote) else (block,)
    return "\n".join("".join(span.text for span in line.spans) for line in lines)
