"""Addresses: which foreign ones may be shown, and how our own pages and feed ids are spelt."""

from urllib.parse import quote

from feeds.models import Article
from feeds.text import absolute_url


def web_url(url: str | None) -> str | None:
    """`url` if it is an absolute http(s) URL that is safe in any feed or page, else None.

    feedgen writes `javascript:`, empty and broken links without complaint, so all pass here first.
    """
    return absolute_url(url, "") if url else None


def paper_path(source: str) -> str:
    """The paper's page, relative to `public_url`."""
    return f"{quote(source)}/"


def issue_path(source: str, issue: str) -> str:
    """An issue's page, relative to `public_url`."""
    return f"{quote(source)}/{quote(issue)}/"


def article_path(source: str, issue: str, article: str) -> str:
    """An article's page, relative to `public_url`."""
    return f"{quote(source)}/{quote(issue)}/{quote(article)}"


def feed_path(source: str) -> str:
    """A paper's feeds, relative to `public_url` and without their ending."""
    return f"feeds/{quote(source)}"


def paper_tag(authority: str, source: str) -> str:
    """The id of a paper's feed (RFC 4151). `authority` is `NAME,DATE`."""
    return f"tag:{authority}:{quote(source)}"


def article_tag(authority: str, article: Article) -> str:
    """The id of an article's entry: source, issue and the platform's own key, nothing that an
    operator or an editor may change later (rule 7).
    """
    path = article_path(article.source, article.issue, article.key)
    return f"tag:{authority}:{path}"
