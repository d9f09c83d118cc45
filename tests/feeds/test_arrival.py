"""Signposts are followed, whatever stands at their ends."""

import pytest

from feeds.arrival import MOST_DOCUMENTS, arrive
from feeds.errors import BadStatus, FetchError, NotReadable, Unreachable, Unreadable
from feeds.models import ArticleReading, Document, Reading, Request
from tests.feeds.sources.shells import document

ARTICLE = ArticleReading("1", "http://paper.example/1", "标题")


class Site:
    """Readings by URL; whatever is an exception is raised. Remembers what was opened."""

    def __init__(self, **pages: Reading | Exception) -> None:
        self.pages = pages
        self.opened: list[str] = []

    async def open(self, request: Request) -> tuple[Document, Reading]:
        self.opened.append(request.url)
        page = self.pages[request.url]
        if isinstance(page, Exception):
            raise page
        return document("", url=request.url), page


def signpost(*urls: str) -> Reading:
    return Reading(follow=tuple(Request(url) for url in urls), is_signpost=True)


def gone(url: str) -> FetchError:
    return BadStatus(url, 404, "HTTP 404")


async def test_a_document_that_is_no_signpost_is_the_end_whatever_it_links() -> None:
    site = Site(a=Reading(follow=(Request("b"),)))
    assert (await arrive(Request("a"), site.open))[1].follow == (Request("b"),)
    assert site.opened == ["a"]


async def test_signposts_are_followed_best_first_past_those_that_fail() -> None:
    site = Site(a=signpost("b", "c"), b=gone("b"), c=signpost("d"), d=Reading(article=ARTICLE))
    last, reading = await arrive(Request("a"), site.open)
    assert (last.url, reading.article) == ("d", ARTICLE)
    assert site.opened == ["a", "b", "c", "d"]


@pytest.mark.parametrize("trouble", [
    BadStatus("b", 500, "HTTP 500"),
    Unreachable("b", "timeout"),
    NotReadable("b", Unreadable.ERROR_PAGE, "维护"),
    NotReadable("b", Unreadable.TRUNCATED, "没有传完"),
], ids=["500", "timeout", "maintenance", "cut off"])  # fmt: skip
async def test_a_way_whose_server_is_in_trouble_is_never_passed_by(trouble: Exception) -> None:
    site = Site(a=signpost("b", "c"), b=trouble, c=Reading(article=ARTICLE))
    with pytest.raises(type(trouble)):
        await arrive(Request("a"), site.open)
    assert site.opened == ["a", "b"]


async def test_two_requests_to_one_address_differ_by_their_bodies() -> None:
    first, second = Request("a", "POST", b"1"), Request("a", "POST", b"2")

    async def open_(request: Request) -> tuple[Document, Reading]:
        end, way = Reading(article=ARTICLE), Reading(follow=(second,), is_signpost=True)
        return document(""), end if request is second else way

    assert (await arrive(first, open_))[1].article == ARTICLE


async def test_ways_in_circles_end_with_the_reason_of_the_last_failure() -> None:
    with pytest.raises(NotReadable):
        await arrive(Request("a"), Site(a=signpost("b"), b=signpost("a")).open)
    with pytest.raises(BadStatus):
        await arrive(Request("a"), Site(a=signpost("b"), b=gone("b")).open)


async def test_an_endless_way_ends() -> None:
    pages: dict[str, Reading | Exception] = {f"{n}": signpost(f"{n + 1}") for n in range(100)}
    site = Site(**pages)
    with pytest.raises(NotReadable):
        await arrive(Request("0"), site.open)
    assert len(site.opened) == MOST_DOCUMENTS


async def test_a_server_that_wants_to_be_left_alone_is() -> None:
    challenge = NotReadable("b", Unreadable.CHALLENGE, "验证码")
    site = Site(a=signpost("b", "c"), b=challenge, c=Reading(article=ARTICLE))
    with pytest.raises(NotReadable):
        await arrive(Request("a"), site.open)
    assert site.opened == ["a", "b"]
