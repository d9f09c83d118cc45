"""Neutral parts → Telegram's HTML. The one place where text for Telegram is escaped."""

from html import escape

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.message import Block, Button, Line, Part, Quote, Span


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
    return f"<b>{text}</b>" if span.bold else text


def _words(block: Block) -> str:
    lines = block.lines if isinstance(block, Quote) else (block,)
    return "\n".join("".join(span.text for span in line.spans) for line in lines)
