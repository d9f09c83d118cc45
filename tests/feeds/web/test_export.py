"""The pages as files for a static host."""

import posixpath
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree
from lxml import html as lxml_html

from feeds.models import Issue, IssueStatus, Paper
from feeds.store.engine import Store
from feeds.web.export import every_page
from tests.fakes.archive import (
    HUAIAN,
    SEEN,
    fill,
    make_article,
    make_issue,
    make_page,
    simple_issue,
)
from tests.fakes.settings import two_papers
from tests.feeds.web.conftest import OpenSite

DAY = date(2024, 4, 8)
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


async def export(
    store: Store, folder: Path, issues: Sequence[Issue], **words: str
) -> dict[str, bytes]:
    """The exported files by path; none may come twice."""
    await fill(store, [HUAIAN, Paper("old", "旧报", "http://old.test/", "Asia/Shanghai")], issues)
    files: dict[str, bytes] = {}
    async for path, data in every_page(store, two_papers(folder, **words)):
        assert path not in files
        files[path] = data
    return files


def some_issues() -> list[Issue]:
    days = [DAY, DAY + timedelta(days=1), DAY + timedelta(days=40)]
    return [*(simple_issue(day) for day in days), simple_issue(DAY, source="old")]


async def test_every_page_there_is_becomes_a_file(store: Store, tmp_path: Path) -> None:
    files = await export(store, tmp_path, some_issues())

    assert {
        "index.html",
        "404.html",
        "robots.txt",
        "sitemap.xml",
        "static/paper.css",
        "static/icon.svg",
        "huaian/index.html",
        "huaian/2024-04-08/index.html",
        "huaian/2024-04-08/0408-1/index.html",
        "chuzhou/index.html",
        "old/2024-04-08/0408-3/index.html",
        "most_read/index.html",
        "most_read/old/index.html",
        "back_issues/huaian/index.html",
        "back_issues/huaian/2024-04/index.html",
        "back_issues/huaian/2024-05/index.html",
    } <= set(files)
    assert "还没有读到第一期" in files["chuzhou/index.html"].decode()


async def test_every_link_leads_to_a_file_wherever_the_folder_is_put(
    store: Store, tmp_path: Path
) -> None:
    files = await export(store, tmp_path, some_issues())
    pages = {path: data for path, data in files.items() if path.endswith("index.html")}

    for path, data in pages.items():
        tree = lxml_html.fromstring(data.decode())
        links = tree.xpath("//a/@href | //link[not(@rel='canonical' or @rel='alternate')]/@href")
        for link in links:
            parts = urlsplit(str(link))
            if parts.scheme or not parts.path:
                continue
            assert not parts.path.startswith("/"), (path, link)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), parts.path))
            if target.startswith("feeds"):
                continue  # written beside the pages by whoever exports
            is_folder = parts.path.endswith("/")
            file = posixpath.normpath(f"{target}/index.html") if is_folder else target
            assert file in files, (path, link)


async def test_a_page_says_the_same_as_the_servers(
    open_site: OpenSite, store: Store, tmp_path: Path
) -> None:
    site = await open_site(
        some_issues(), papers=[HUAIAN, Paper("old", "旧报", "", "Asia/Shanghai")]
    )
    files = {path: data async for path, data in every_page(store, site.settings)}

    def words(page: str) -> str:
        (main,) = lxml_html.fromstring(page).xpath("//main")
        return " ".join(main.text_content().split())

    for path in ("huaian/", "huaian/2024-04-08/", "old/2024-04-08/0408-1/", "back_issues/huaian/"):
        live = await site.text(f"/{path}".removesuffix("/") if path.count("/") == 3 else f"/{path}")
        assert words(files[f"{path}index.html"].decode()) == words(live)


async def test_there_is_no_search_where_nothing_can_answer(store: Store, tmp_path: Path) -> None:
    files = await export(store, tmp_path, some_issues())

    assert not any(b"<form" in data or b"/search" in data for data in files.values())


async def test_canonical_addresses_and_sitemap_are_those_of_the_static_host(
    store: Store, tmp_path: Path
) -> None:
    files = await export(
        store,
        tmp_path,
        [simple_issue(DAY, 1)],
        public_url="https://news.example.org/paper/",
        huaian="rights: 已授权",
    )
    own = "https://news.example.org/paper/huaian/2024-04-08/0408-1/"
    article = lxml_html.fromstring(files["huaian/2024-04-08/0408-1/index.html"].decode())
    part = etree.fromstring(files["sitemap.huaian.2024-04.xml"])

    assert article.xpath("//link[@rel='canonical']/@href") == [own]
    assert own in part.xpath("//s:loc/text()", namespaces=SITEMAP)
    assert b'href="/paper/static/paper.css' in files["404.html"]
    assert b"Sitemap: https://news.example.org/paper/sitemap.xml" in files["robots.txt"]


async def test_what_was_taken_back_is_covered_by_its_notice(store: Store, tmp_path: Path) -> None:
    withdrawn = make_article("x1", title="错误消息", withdrawn_at=SEEN)
    issues = [
        make_issue(DAY, [make_page("01", [withdrawn, make_article("x2")])]),
        simple_issue(DAY + timedelta(days=1), 1, status=IssueStatus.WITHDRAWN),
        simple_issue(DAY + timedelta(days=2), 1, status=IssueStatus.PARTIAL, completed_at=None),
    ]
    files = await export(store, tmp_path, issues)

    assert "此稿已由报社撤回" in files["huaian/2024-04-08/x1/index.html"].decode()
    assert not any("错误消息".encode() in data for data in files.values())
    for path in ("huaian/2024-04-09/index.html", "huaian/2024-04-09/0409-1/index.html"):
        assert "报纸已撤下这一期" in files[path].decode()
    assert not any(path.startswith("huaian/2024-04-10") for path in files)


async def test_a_key_that_no_folder_can_have_costs_its_own_page_alone(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    articles = [make_article("index.html"), make_article("..x"), make_article("a")]
    files = await export(store, tmp_path, [make_issue(DAY, [make_page("01", articles)])])

    assert "huaian/2024-04-08/a/index.html" in files
    assert "huaian/2024-04-08/index.html" in files
    assert "huaian/2024-04-08/index.html/index.html" not in files
    assert all(".." not in path.split("/") for path in files)
