"""The heads of feeds: pure, from what an operator decided about a paper."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from config.sources import SourceConfig
from feeds.models import Paper
from feeds.text import clean
from feeds.words import translator
from feeds.writers.base import FeedHead
from feeds.writers.links import ALL, feed_path, feed_tag, issues_name, paper_path

# Newspapers' language, whatever the language of our own words beside them.
PAPERS_LANGUAGE = "zh-CN"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
STYLE_NAME, ICON_NAME = "feeds/style.css", "feeds/icon.png"


@dataclass(frozen=True, slots=True)
class FeedRules:
    """What an operator decided about one paper's feeds. `full`: the whole text may be shown, else a
    summary. `own_links`: entries link our page, else the newspaper's. `hubs` are URLs.
    """

    public_url: str
    language: str
    full: bool
    skip: tuple[str, ...] = ()
    own_links: bool = False
    rights: str | None = None
    ttl_minutes: int = 10
    hubs: tuple[str, ...] = ()


def paper_of(source: SourceConfig) -> Paper:
    """The paper as the settings name it now; the archive's own row follows at the next look."""
    return Paper(source.id, source.title, str(source.url), source.timezone)


def build_head(paper: Paper, rules: FeedRules, authority: str, updated: datetime) -> FeedHead:
    """The head of a paper's feed; also what OPML lists. `authority` is `NAME,DATE` of RFC 4151."""
    _ = translator(rules.language)
    title = clean(paper.title)
    words = _("{paper}的最新报纸").format(paper=title)
    return _head(paper.id, title, words, paper_path(paper.id), rules, authority, updated)


def build_issues_head(
    paper: Paper, rules: FeedRules, authority: str, updated: datetime
) -> FeedHead:
    """The head of a paper's feed with one entry an issue."""
    _ = translator(rules.language)
    author = clean(paper.title)
    title = _("{paper}·每期一条").format(paper=author)
    words = _("{paper}，一期报纸一条").format(paper=author)
    name = issues_name(paper.id)
    head = _head(name, title, words, paper_path(paper.id), rules, authority, updated)
    return replace(head, author=author)


def build_head_of_all(
    papers: Sequence[Paper], rules: FeedRules, authority: str, updated: datetime
) -> FeedHead:
    """The head of the feed of all papers together."""
    _ = translator(rules.language)
    words = _("、").join(clean(paper.title) for paper in papers)
    return _head(ALL, _("报童的报纸"), words, "", rules, authority, updated)


def _head(
    name: str,
    title: str,
    description: str,
    page: str,
    rules: FeedRules,
    authority: str,
    updated: datetime,
) -> FeedHead:
    return FeedHead(
        id=feed_tag(authority, name),
        title=title,
        description=description or title,
        url=rules.public_url + page,
        base=rules.public_url + feed_path(name),
        language=PAPERS_LANGUAGE,
        updated=updated,
        ttl_minutes=rules.ttl_minutes,
        rights=rules.rights,
        icon=rules.public_url + ICON_NAME,
        style=rules.public_url + STYLE_NAME,
        hubs=rules.hubs,
    )
