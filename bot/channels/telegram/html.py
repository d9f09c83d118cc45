"""Neutral parts → Telegram's HTML. The one place where text for Telegram is escaped."""

from collections import OrderedDict
from html import escape
from typing import Any

from telegram import (
    ChatAdministratorRights,
    ForceReply,
    KeyboardButton,
    KeyboardButtonRequestChat,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.channels.base import Asks, Picks, Typed
from bot.message import Block, Button, Line, Part, Quote, Span

HINT_MOST = 64  # characters of a placeholder
KEPT = 256  # parts whose rendering is remembered
_NO_PREVIEW = {"is_disabled": True}


class Words:
    """Parts as parameters of sendMessage and editMessageText. Many chats get the very same part, so
    the last few are remembered.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, bool], tuple[Part, dict[str, Any]]] = OrderedDict()

    def of(self, part: Part, *, plain: bool = False) -> dict[str, Any]:
        """The part's text, markup and buttons; not to be changed."""
        key = id(part), plain
        if key not in self._kept:
            self._kept[key] = part, _parameters(part, plain=plain)  # holds the part, and so its id
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[key][1]


def _parameters(part: Part, *, plain: bool) -> dict[str, Any]:
    said: dict[str, Any] = {"link_preview_options": _NO_PREVIEW}
    said |= {"text": render_plain(part)} if plain else {"text": render(part), "parse_mode": "HTML"}
    if part.buttons:
        said["reply_markup"] = {"inline_keyboard": keyboard(part)}
    return said


def render(part: Part) -> str:
    """The part as HTML (parse_mode HTML)."""
    return "\n".join(_block(block) for block in part.blocks)


def render_plain(part: Part) -> str:
    """The part's words without markup, for when its markup was refused."""
    return "\n".join(_words(block) for block in part.blocks)


def keyboard(part: Part) -> list[list[dict[str, str]]]:
    """The part's buttons, as InlineKeyboardMarkup has them."""
    return [[_button(button) for button in row] for row in part.buttons]


def _button(button: Button) -> dict[str, str]:
    if button.url is not None:
        return {"text": button.text, "url": button.url}
    return {"text": button.text, "callback_data": button.action or ""}


def asking(asks: Asks) -> dict[str, Any]:
    """What is put where the person types."""
    if isinstance(asks, Typed):
        return ForceReply(input_field_placeholder=asks.hint[:HINT_MOST]).to_dict()
    if isinstance(asks, Picks):
        chooser = KeyboardButton(asks.text, request_chat=_CHANNELS)
        rows = [[chooser]]
        return ReplyKeyboardMarkup(rows, resize_keyboard=True, one_time_keyboard=True).to_dict()
    return ReplyKeyboardRemove().to_dict()


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
