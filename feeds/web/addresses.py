"""Where our own pages are, relative to `public_url`.

Names of ours that stand where a source's id could stand hold an underscore or a dot, which no id can;
below a source there are only issues, so that no issue's key ever meets a word of ours.
"""

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode

from feeds.writers import links


@dataclass(frozen=True, slots=True)
class Addresses:
    """`folders`: on a static host an article is a folder with its page inside, for there a file
    without a suffix would be sent as no page at all. Both kinds of host lead from the one form of an
    article's address to the other.
    """

    folders: bool = False

    stand = ""
    search = "search"
    opml = "feeds.opml"
    sitemap = "sitemap.xml"

    def paper(self, source: str) -> str:
        return links.paper_path(source)

    def issue(self, source: str, issue: str) -> str:
        return links.issue_path(source, issue)

    def article(self, source: str, issue: str, article: str) -> str:
        return links.article_path(source, issue, article) + ("/" if self.folders else "")

    def feed(self, source: str, suffix: str) -> str:
        return f"{links.feed_path(source)}.{suffix}"

    def back_issues(self, source: str, month: date | None = None) -> str:
        """A paper's calendar: the month of a day, or the newest."""
        return f"back_issues/{quote(source)}/" + (f"{month:%Y-%m}/" if month else "")

    def most_read(self, source: str | None = None) -> str:
        """Of one paper, or of all."""
        return "most_read/" + (f"{quote(source)}/" if source else "")

    def found(self, query: str, paper: str, page: int) -> str:
        """A page of what a search found."""
        asked = {"q": query, "paper": paper, "page": str(page) if page > 1 else ""}
        return f"search?{urlencode({name: value for name, value in asked.items() if value})}"

    def sitemap_of(self, source: str, month: date) -> str:
        """The part of the sitemap that lists one month of one paper."""
        return f"sitemap.{quote(source)}.{month:%Y-%m}.xml"


LIVE = Addresses()
"""As our own server answers them."""
