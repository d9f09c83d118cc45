"""The demo newspaper over real HTTP, as a visitor's browser finds it."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.demo.newspaper import build_newspaper
from bot.demo.press import count_reads, print_edition
from tests.fakes.clock import FakeClock

LAST = "这已经是最后一期了哦!"


@pytest.fixture
def demo_clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
async def site(demo_clock: FakeClock) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(build_newspaper(demo_clock))) as client:
        yield client


async def text_of(site: TestClient, path: str) -> str:
    async with site.get(path) as response:
        assert response.status == 200
        return await response.text()


async def test_the_entry_leads_to_the_newest_issue(site: TestClient, demo_clock: FakeClock) -> None:
    assert "url=/qhrb/issue/5208" in await text_of(site, "/")

    await demo_clock.advance(8)

    assert "url=/qhrb/issue/5209" in await text_of(site, "/")


async def test_an_issue_links_its_neighbours_and_nothing_beyond_the_newest(
    site: TestClient, demo_clock: FakeClock
) -> None:
    newest = await text_of(site, "/qhrb/issue/5208")
    assert 'href="/qhrb/issue/5207">上一期' in newest
    assert "/qhrb/issue/5209" not in newest
    assert "上一期" in await text_of(site, "/qhrb/issue/5206")
    assert "/qhrb/issue/5205" not in await text_of(site, "/qhrb/issue/5206")

    await demo_clock.advance(8)

    assert 'href="/qhrb/issue/5209">下一期' in await text_of(site, "/qhrb/issue/5208")


async def test_an_article_shows_the_landmarks_of_the_platform_in_their_order(
    site: TestClient,
) -> None:
    page = await text_of(site, "/qhrb/detail/5208101")
    body = page[page.index("<body>") :]
    piece = print_edition(2, date(2024, 4, 8)).sheets[0].pieces[0]
    landmarks = [
        *("云报平台", LAST, "我知道了", "内容详情", "2024年04月08日", piece.title),
        *(f"阅读数:{count_reads(piece.id, 0)}&nbsp;&nbsp;", piece.byline, *piece.paragraphs),
    ]

    places = [body.index(landmark) for landmark in landmarks]

    assert places == sorted(places)
    assert re.search(rf"hidden>\s*<div class=\"tipbox\">\s*<p>{LAST}", page)


@pytest.mark.parametrize(
    "path",
    [
        *("/qhrb/issue/5209", "/qhrb/issue/0", "/qhrb/issue/5208/A9.svg", "/qhrb/detail/0"),
        *("/qhrb/detail/5208999", "/qhrb/detail/999999999999", "/qhrb/photo/5209101.svg", "/else"),
    ],
)
async def test_what_is_not_out_is_not_found(site: TestClient, path: str) -> None:
    async with site.get(path) as response:
        assert response.status == 404


@pytest.mark.parametrize("path", ["/", "/qhrb/issues", "/qhrb/issue/5208", "/qhrb/detail/5208101"])
async def test_a_page_that_did_not_change_is_not_sent_again(site: TestClient, path: str) -> None:
    async with site.get(path) as first:
        known = first.headers["ETag"]

    async with site.get(path, headers={"If-None-Match": known}) as again:
        assert (again.status, again.headers["ETag"]) == (304, known)
        assert await again.read() == b""


async def test_a_page_that_changed_is_sent_anew(site: TestClient, demo_clock: FakeClock) -> None:
    async with site.get("/qhrb/detail/5208101") as first:
        known, before = first.headers["ETag"], await first.text()

    await demo_clock.advance(8)

    async with site.get("/qhrb/detail/5208101", headers={"If-None-Match": known}) as again:
        assert again.status == 200
        assert _shown_reads(await again.text()) > _shown_reads(before)


def _shown_reads(page: str) -> int:
    found = re.search(r"阅读数:(\d+)", page)
    assert found
    return int(found.group(1))


async def test_every_link_and_picture_of_an_issue_is_there(site: TestClient) -> None:
    page = await text_of(site, "/qhrb/issue/5208")
    links = set(re.findall(r"(?:href|src)=\"(/[^\"#]*)", page))

    assert len(links) > 15
    for link in links:
        await text_of(site, link)


async def test_a_photo_story_has_its_picture(site: TestClient) -> None:
    edition = print_edition(2, date(2024, 4, 8))
    photo = next(p for sheet in edition.sheets for p in sheet.pieces if p.caption)

    assert f'src="/qhrb/photo/{photo.id}.svg"' in await text_of(site, f"/qhrb/detail/{photo.id}")
    assert "<svg" in await text_of(site, f"/qhrb/photo/{photo.id}.svg")
