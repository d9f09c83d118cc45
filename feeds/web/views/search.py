"""What a search found, with the words marked where they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from feeds.models import Article, Paper
from feeds.store import library, search
from feeds.store.engine import Transaction
from feeds.summary import article_summary
from feeds.text import clean, cut
from feeds.web.highlight import Run, mark, passage
from feeds.web.papers import Papers

LENGTH = 20
LAST_PAGE = 50
LONGEST_QUERY = 100  # characters


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it came: `paper` is an id or empty for all, `page` counts from 1."""

    query: str
    paper: str
    page: int


@dataclass(frozen=True, slots=True)
class Found:
    """An article that was found. The passage of one whose text may not be shown whole is its summary."""

    article: Article
    title: tuple[Run, ...]
    passage: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class SearchView:
    """`papers` are those that one can search in. `is_more`: there is a page after this."""

    template: ClassVar[str] = "search.html"

    asked: Asked
    papers: Mapping[str, Paper]
    found: tuple[Found, ...]
    is_more: bool


def ask(query: str, paper: str, page: str) -> Asked:
    """What a request asks for, whatever it holds: too long a query is cut, an odd page is the first."""
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 1  # noqa: PLR2004
    return Asked(cut(clean(query).strip(), LONGEST_QUERY), paper, min(max(number, 1), LAST_PAGE))


async def read_search(tx: Transaction, papers: Papers, asked: Asked) -> SearchView:
    """A page of what was found; nothing for an empty query or a paper that is none."""
    everyone = papers.all(await library.papers(tx))
    wanted = [paper.id for paper in everyone if asked.paper in ("", paper.id)]
    skipped = LENGTH * (asked.page - 1)
    hits = await search.find(tx, asked.query, wanted, LENGTH, skipped)
    return SearchView(
        asked=asked,
        papers={paper.id: paper for paper in everyone},
        found=tuple(_found(article, papers, asked.query) for article in hits.articles),
        is_more=hits.is_more and asked.page < LAST_PAGE,
    )


def _found(article: Article, papers: Papers, query: str) -> Found:
    may_show = papers.shows_all(article.source)
    around = passage(article.body_text, query) if may_show else article_summary(article)
    return Found(article, mark(article.title, query), mark(around, query))
