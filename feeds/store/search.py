"""Full-text search over all stored articles: pairs of characters (`feeds.text.bigrams`) in SQLite's
FTS5 or a PostgreSQL tsvector.

The index holds no text of its own. SQLite's forgets a row only when told the words that it was given,
so whoever changes an article hands over how it was.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, bindparam, literal_column, select, text

from feeds.models import Article
from feeds.store import library
from feeds.store.engine import Transaction
from feeds.store.headlines import SHOWN
from feeds.store.tables import articles, issues
from feeds.text.bigrams import index_words, phrases

MOST_PHRASES = 10


class Row(Protocol):
    """What of an article is searched."""

    @property
    def id(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def issue_id(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def kicker(self) -> str | None: ...
    @property
    def subtitle(self) -> str | None: ...
    @property
    def byline(self) -> str | None: ...
    @property
    def body_text(self) -> str: ...


class Words(Protocol):
    """The searched texts of an article, stored or about to be."""

    @property
    def title(self) -> str: ...
    @property
    def kicker(self) -> str | None: ...
    @property
    def subtitle(self) -> str | None: ...
    @property
    def byline(self) -> str | None: ...
    @property
    def body_text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Hits:
    """Found articles, newest first. `is_more`: there are others behind them."""

    articles: tuple[Article, ...]
    is_more: bool


async def add(tx: Transaction, article_id: int, words: Words) -> None:
    """Takes an article into the index that is not in it."""
    said = _said(words)
    if tx.dialect == "sqlite":
        await tx.execute(_ADD, {"id": article_id, "words": said})
    else:
        await tx.execute(_ADD_VECTOR, {"id": article_id, "words": _vector(said)})


async def forget(tx: Transaction, article_id: int, words: Words) -> None:
    """Takes an article out of the index. `words` are those with which it was added."""
    if tx.dialect == "sqlite":
        await tx.execute(_FORGET, {"id": article_id, "words": _said(words)})
    else:
        await tx.execute(_FORGET_VECTOR, {"id": article_id})


async def find(
    tx: Transaction, query: str, sources: Collection[str], limit: int, offset: int = 0
) -> Hits:
    """The articles of these papers that hold every word of the query, newest first. A query without a
    letter or digit finds nothing.
    """
    wanted = phrases(query)[:MOST_PHRASES]
    if not wanted:
        return Hits((), is_more=False)
    statement = (
        select(articles.c.id)
        .join(issues, issues.c.id == articles.c.issue_id)
        .where(
            _matches(tx, wanted),
            articles.c.source.in_(sources),
            articles.c.withdrawn_at.is_(None),
            issues.c.status.in_(SHOWN),
        )
        .order_by(issues.c.date.desc(), issues.c.key.desc(), articles.c.id)
        .limit(limit + 1)
        .offset(offset)
    )
    ids = list((await tx.execute(statement)).scalars())
    found = await library.articles_by_id(tx, ids[:limit])
    return Hits(tuple(found[one] for one in ids[:limit]), is_more=len(ids) > limit)


# SQLite: https://www.sqlite.org/fts5.html, sections 3.2 (phrases) and 6.1 (the 'delete' command).
_ADD = text("INSERT INTO article_search (rowid, words) VALUES (:id, :words)")
_FORGET = text(
    "INSERT INTO article_search (article_search, rowid, words) VALUES ('delete', :id, :words)"
)
_ADD_VECTOR = text(
    "INSERT INTO article_search (article_id, words) VALUES (:id, CAST(:words AS tsvector))"
)
_FORGET_VECTOR = text("DELETE FROM article_search WHERE article_id = :id")


def _matches(tx: Transaction, wanted: Sequence[Sequence[str]]) -> ColumnElement[bool]:
    if tx.dialect == "sqlite":
        found = text("SELECT rowid FROM article_search WHERE article_search MATCH :query")
        query = " ".join(_fts_phrase(phrase) for phrase in wanted)
    else:
        found = text("SELECT article_id FROM article_search WHERE words @@ CAST(:query AS tsquery)")
        query = " & ".join(_tsquery_phrase(phrase) for phrase in wanted)
    bound = found.bindparams(bindparam("query", query)).columns(literal_column("id"))
    return articles.c.id.in_(bound)


def _said(words: Words) -> str:
    """The words of the index. The end of a text is no pair with the beginning of the next."""
    texts = (words.title, words.kicker, words.subtitle, words.byline, words.body_text)
    return index_words("\n".join(text for text in texts if text))


def _vector(said: str) -> str:
    """A tsvector as text, so that no parser of the server's, which differ by locale, cuts the words."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(said.split(), 1):
        places[word].append(place)
    return " ".join(f"'{word}':{','.join(map(str, at[:255]))}" for word, at in places.items())


def _fts_phrase(phrase: Sequence[str]) -> str:
    star = "*" if _is_beginning(phrase) else ""
    return f'"{" ".join(phrase)}"{star}'


def _tsquery_phrase(phrase: Sequence[str]) -> str:
    star = ":*" if _is_beginning(phrase) else ""
    return "(" + " <-> ".join(f"'{word}'{star}" for word in phrase) + ")"


def _is_beginning(phrase: Sequence[str]) -> bool:
    """A single Chinese character may begin a pair."""
    return len(phrase) == 1 and len(phrase[0]) == 1 and not phrase[0].isascii()
