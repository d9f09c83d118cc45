"""The seam of newspaper families: a family says where to begin and what a document turned out to be."""

from datetime import date
from typing import Protocol

from feeds.decide import Asked
from feeds.models import Document, Reading, Request


def plain_request(asked: Asked) -> Request:
    """`Source.ask` of families whose pages and articles are documents at addresses of their own."""
    context = {"page_name": asked.page_name} if asked.page_name else {}
    return Request(asked.url, context=context)


class Source(Protocol):
    """One configured newspaper, read by its family's rules. Pure: it never fetches.

    A document is read for what it turns out to be, not for what it was expected to be: an issue
    with its pages, one page of it, an article, or a signpost that only leads on.
    """

    def entry(self) -> Request:
        """The document to look at for the newest issue."""

    def ask(self, asked: Asked) -> Request:
        """The request for a page or an article of a known issue: mostly its own address. What the
        listing knows and the document may not say (the page's name) goes into `Request.context`.
        """

    def on_day(self, issue_url: str, day: date) -> Request | None:
        """Where the issue of that day lies, by the address of another day's: for papers whose pages do not
        link the issue before. None where addresses do not follow the date. There may be no paper.
        """

    def read(self, document: Document) -> Reading:
        """What this document says.

        Raises `NotReadable` for a page that is empty, cut off, an error page, a challenge, filled
        by script, or none of this family's. Never raises anything else, whatever the bytes are.
        """
