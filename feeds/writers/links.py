"""Addresses: which foreign ones may be shown, and how our own pages, feeds and feed ids are spelt.

    /feeds/huaian.rss               articles of a paper       /feeds/huaian/2024-04-08.rss      its archive
    /feeds/huaian.issues.rss        one entry an issue
    /feeds/all.papers.rss           articles of all papers    /feeds/all.papers/huaian.2024-04-08.rss

A paper's id has no dot, so no paper's name can collide with what follows a dot.
"""

from urllib.parse import quote, urlsplit

from feeds.models import Article, Issue
from feeds.text import absolute_url

ALL = "all.papers"
_ISSUES = ".issues"

# The types of the files that newspapers attach, by their ending. RFC 2046, RFC 9649, IANA.
_MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "pdf": "application/pdf",
}


def web_url(url: str | None) -> str | None:
    """`url` if it is an absolute http(s) URL that is safe in any feed or page, else None.

    feedgen writes `javascript:`, empty and broken links without complaint, so all pass here first.
    """
    return absolute_url(url, "") if url else None


def media_type_of(url: str) -> str | None:
    """The media type that an address's ending stands for; None where it says nothing."""
    name, dot, ending = urlsplit(url).path.rpartition(".")
    return _MEDIA_TYPES.get(ending.lower()) if name and dot else None


def paper_path(source: str) -> str:
    """The paper's page, relative to `public_url`."""
    return f"{quote(source)}/"


def issue_path(source: str, issue: str) -> str:
    """An issue's page, relative to `public_url`."""
    return f"{quote(source)}/{quote(issue)}/"


def article_path(source: str, issue: str, article: str) -> str:
    """An article's page, relative to `public_url`."""
    return f"{quote(source)}/{quote(issue)}/{quote(article)}"


def feed_path(name: str) -> str:
    """Feeds of this name, relative to `public_url` and without their ending."""
    return f"feeds/{quote(name)}"


def issues_name(source: str) -> str:
    """The name of a paper's feed with one entry an issue."""
    return f"{source}{_ISSUES}"


def archive_name(source: str, issue: str) -> str:
    """The name of the archive document that holds this issue of the paper."""
    return f"{source}/{issue}"


def archive_of_all_name(source: str, issue: str) -> str:
    """The same, in the archive of all papers together."""
    return f"{ALL}/{source}.{issue}"


def feed_tag(authority: str, name: str) -> str:
    """The id of a feed (RFC 4151). `authority` is `NAME,DATE`."""
    return f"tag:{authority}:{quote(name)}"


def issue_tag(authority: str, issue: Issue) -> str:
    """The id of an issue's entry."""
    return f"tag:{authority}:{quote(issue.source)}/{quote(issue.key)}"


def article_tag(authority: str, article: Article) -> str:
    """The id of an article's entry: source, issue and the platform's own key, nothing that an
    operator or an editor may change later (rule 7).
    """
    path = article_path(article.source, article.issue, article.key)
    return f"tag:{authority}:{path}"
