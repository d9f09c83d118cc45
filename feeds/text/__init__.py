"""Text: the one place where bytes become text and where text and HTML from outside are made safe.

bytes ──decode──▶ str ──check_markup──▶ read_lines ──▶ lines as a reader sees them
                   └────────────────▶ clean, one_line, clean_html
"""

from feeds.text.characters import clean, cut, is_wide, join_wrapped, one_line, slug, words
from feeds.text.decoding import decode
from feeds.text.guard import TooMuchMarkup, check_markup
from feeds.text.lines import Line, Link, Run, read_lines
from feeds.text.markup import absolute_url, clean_html, text_of

__all__ = [
    "Line",
    "Link",
    "Run",
    "TooMuchMarkup",
    "absolute_url",
    "check_markup",
    "clean",
    "clean_html",
    "cut",
    "decode",
    "is_wide",
    "join_wrapped",
    "one_line",
    "read_lines",
    "slug",
    "text_of",
    "words",
]
