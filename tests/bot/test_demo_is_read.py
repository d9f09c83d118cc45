"""The demo newspaper over real HTTP, as our 云报 source reads it."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer

from bot.demo.newspaper import PAPER_TITLE, build_newspaper
from bot.demo.press import Edition, count_reads, print_edition
from config.sources import YunbaoSource
from feeds.models import ArticleReading, Document, IssueReading, Reading, Request, Validators
from feeds.sources.table import build_source
from tests.fakes.clock import FakeClock


@pytest.fixture
def demo_clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
async def site(demo_clock: FakeClock) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(build_newspaper(demo_clock))) as client:
        yield client


class Reader:
    """Reads the newspaper with the real source, document by document."""

    def __init__(self, site: TestClient) -> None:
        url = str(site.make_url("/"))
        config = YunbaoSource(id="demo", kind="yunbao", title=PAPER_TITLE, url=url)
        self.source = build_source(config)

    async def read(self, request: Request) -> Reading:
        async with ClientSession() as session, session.get(request.url) as response:
            document = Document(
                request=request,
                url=str(response.url),
                body=await response.read(),
                content_type=response.headers["Content-Type"],
                validators=Validators(),
                fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
        return self.source.read(document)

    async def issue(self, url: str) -> IssueReading:
        reading = await self.read(Request(url))
        assert reading.issue is not None
        return reading.issue

    async def newest(self) -> IssueReading:
        reading = await self.read(self.source.entry())
        return reading.issue or await self.issue(reading.follow[0].url)

    async def article(self, url: str) -> ArticleReading:
        reading = await self.read(Request(url))
        assert reading.article is not None
        return reading.article


def assert_lists(issue: IssueReading, edition: Edition) -> None:
    """The issue is read with every 版 and title as they were printed."""
    assert (issue.date, issue.number) == (edition.date, str(edition.number))
    assert [(page.label, page.name) for page in issue.pages] == [
        (sheet.label, sheet.name) for sheet in edition.sheets
    ]
    for page, sheet in zip(issue.pages, edition.sheets, strict=True):
        assert page.articles is not None
        assert [link.title for link in page.articles] == [piece.title for piece in sheet.pieces]


async def test_the_source_reads_every_article_of_two_issues_right(
    site: TestClient, demo_clock: FakeClock
) -> None:
    reader = Reader(site)
    read = 0
    for index in (2, 3):
        issue = await reader.newest()
        edition = print_edition(index, date(2024, 4, 6) + timedelta(days=index))
        assert_lists(issue, edition)
        for page, sheet in zip(issue.pages, edition.sheets, strict=True):
            for link, piece in zip(page.articles or (), sheet.pieces, strict=True):
                article = await reader.article(link.url)
                assert article.title == piece.title
                assert article.published == edition.date
                assert article.byline == piece.byline
                assert article.reads is not None
                assert article.reads.value == count_reads(piece.id, 0)
                lines = article.body_text.split("\n")
                assert [line.strip() for line in lines if line.strip()] == list(piece.paragraphs)
                assert bool(article.images) == bool(piece.caption)
                read += 1
        await demo_clock.advance(8)

    assert read == 18


async def test_the_source_walks_back_to_the_first_issue(site: TestClient) -> None:
    reader = Reader(site)
    issue = await reader.newest()
    assert issue.next is None

    walked = [issue]
    while issue.previous is not None:
        issue = await reader.issue(issue.previous)
        walked.append(issue)

    assert [step.number for step in walked] == ["5208", "5207", "5206"]
    assert [step.is_first for step in walked] == [False, False, True]
