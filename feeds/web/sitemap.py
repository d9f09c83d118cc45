"""What search engines are told: robots.txt and the sitemap, a part for each month of each paper.

Only papers whose whole text may be shown are listed. The others' pages stay reachable, for a crawler
must read a page to learn that it is `noindex`.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from config.models import Settings
from feeds.store import days, library
from feeds.store.days import Address, Month
from feeds.store.engine import Transaction
from feeds.web.addresses import Addresses
from feeds.web.papers import Papers


@dataclass(frozen=True, slots=True)
class SitemapIndexView:
    """The parts, with the last change in each."""

    template: ClassVar[str] = "sitemap_index.xml"

    parts: tuple[Month, ...]


@dataclass(frozen=True, slots=True)
class SitemapView:
    """One month of one paper: far fewer than the 50,000 addresses that a part may hold
    (https://www.sitemaps.org/protocol.html).
    """

    template: ClassVar[str] = "sitemap.xml"

    source: str
    pages: tuple[Address, ...]


async def read_sitemap_index(tx: Transaction, papers: Papers) -> SitemapIndexView | None:
    """None where there is nothing to list: the protocol knows no empty sitemap."""
    everyone = papers.all(await library.papers(tx))
    listed = [paper.id for paper in everyone if papers.shows_all(paper.id)]
    parts = await days.months(tx, listed)
    return SitemapIndexView(parts) if parts else None


async def read_sitemap(
    tx: Transaction, papers: Papers, source: str, month: date
) -> SitemapView | None:
    """None for a paper that is not listed, or a month without issues."""
    if not papers.shows_all(source):
        return None
    pages = await days.addresses(tx, source, month)
    return SitemapView(source, pages) if pages else None


def robots_txt(settings: Settings) -> str:
    """All is allowed: RFC 9309 section 2.2.2 knows an empty rule. The sitemap is named where some
    paper may be listed.
    """
    is_listed = any(settings.content_of(source) == "full" for source in settings.sources)
    sitemap = f"\nSitemap: {settings.public_url}{Addresses.sitemap}\n" if is_listed else ""
    return f"User-agent: *\nDisallow:\n{sitemap}"
