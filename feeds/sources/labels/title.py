"""Which line of a header is the title: by its form, its place, and what the page's own `<title>` says."""

import re
from collections.abc import Mapping

from feeds.sources.body import Body
from feeds.sources.labels.core import Core
from feeds.sources.labels.header import Fields, Piece, is_byline
from feeds.sources.labels.landmarks import Mark, narrow
from feeds.sources.page import WebPage
from feeds.text import cut, one_line

HEADINGS = {"h1": 6, "h2": 5, "h3": 4, "h4": 3, "h5": 2, "h6": 2}
NEAR = 4
SITE = re.compile(
    r"(?:[\w·]{0,8}(?:日报|晚报|时报|周报|早报|区报|县报|市报|新闻网|平台|数字报|电子报|融媒|在线|客户端))"
)
SUBHEAD = re.compile(
    r"[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.．]|[0-9]{1,2}[、.．]|[●■▲◆★※【]|第[一二三四五六七八九十]+[章节条部]"
)
TODAY = re.compile(r"今天|现在|当前|北京时间|农历|您好|欢迎")
_TITLE_CLASS = re.compile(r"title|tit\b|headline|biaoti|\bbt\b|subject", re.IGNORECASE)
_GOES_ON = ("，", ",", "、", "；", ";")  # a line of verse, no headline
_SHORTEST_HINT = 4


class Titles:
    """The titles that one page may have. `before` are the fields of its header by line."""

    def __init__(self, page: WebPage, core: Core, before: Mapping[int, Fields]) -> None:
        self.page = page
        self.core = core
        self.before = before
        self.hints = [hint for hint in (page.title, page.meta("og:title", "articletitle")) if hint]
        self._plain_hints = [plain(hint) for hint in self.hints]
        self._fields = [
            place
            for place, fields in before.items()
            if fields.is_field and not TODAY.search(page.lines[place].text)
        ]

    def find(self) -> Piece | None:
        """The piece of the header that is the title, or that begins it."""
        pieces = [piece for fields in self.before.values() for piece in fields.pieces]
        named = next((piece for piece in pieces if piece.name in {"标题", "题目", "主题"}), None)
        if named:
            return named
        scored = [(self._score(piece), -number, piece) for number, piece in enumerate(pieces)]
        score, _, best = max(scored, default=(0, 0, None), key=lambda one: one[:2])
        return best if score > 0 else None

    def _score(self, piece: Piece) -> float:
        line, text = self.page.lines[piece.line], piece.text
        score = HEADINGS.get(line.block.tag, 0) + 2.0 * line.is_strong
        score += 3 * bool(_TITLE_CLASS.search(line.block.mark))
        score += 6 * self._is_hinted(text)
        score += 2 * (7 < len(text) <= 80) + min(len(text), 40) / 20 - 5 * (len(text) < 4)  # noqa: PLR2004 - a headline's length
        score += 5 * (self.core.has_detail and piece.line >= self.core.head)
        score += 3 * self._is_near_field(piece.line)
        score -= (
            8 * is_byline(text) + 4 * (line.linked > len(text) // 2) + 8 * (piece.name is not None)
        )
        score -= 6 * (SITE.fullmatch(text) is not None) + 2 * bool(SUBHEAD.match(text))
        score -= 6 * (
            self.core.marks[piece.line] in {Mark.CREDITS, Mark.CONTACT, Mark.FOOTER, Mark.RELATED}
        )
        score -= 3 * text.startswith(("—", "--")) + 4 * bool(line.block.chrome)
        score -= 8 * line.text.endswith(_GOES_ON)
        return score - min(self.core.first - piece.line, 40) / 20

    def _is_hinted(self, text: str) -> bool:
        """Whether the page's own title says the same."""
        words = plain(text)
        return len(words) > 5 and any(words in hint for hint in self._plain_hints)  # noqa: PLR2004 - a site's name is shorter

    def _is_near_field(self, place: int) -> bool:
        return any(abs(other - place) <= NEAR for other in self._fields)

    def whole(self, title: Piece | None) -> str | None:
        """The title with its other lines, where a heading is broken by `<br>`."""
        if title is None:
            return None
        line = self.page.lines[title.line]
        text = title.text
        if line.block.tag in HEADINGS:
            parts = [
                piece.text
                for fields in self.before.values()
                for piece in fields.pieces
                if self.page.lines[piece.line].block is line.block
            ]
            text = " ".join(parts)
            if any(plain(text) in plain(hint) and text not in hint for hint in self.hints):
                text = "".join(parts)
        return cut(one_line(text)) or None

    def hinted(self) -> str | None:
        """The title as the page's own title says it, where no line does."""
        for hint in reversed(self.hints):
            part = re.split(r"\s*[-_|–—·]+\s*", hint)[0].strip()
            if (
                len(part) >= _SHORTEST_HINT
                and not SITE.fullmatch(part)
                and part not in {"内容详情", "云报平台"}
            ):
                return cut(part)
        return None


def first_words(body: Body) -> str | None:
    """The first sentence, for an article without a title."""
    first = body.paragraphs[0] if body.paragraphs else ""
    return cut(one_line(re.split(r"(?<=[。！？])", first)[0]), 40).strip() or None


def plain(text: str) -> str:
    """A text without white space and full-width forms, to compare it."""
    return "".join(narrow(text).split())
