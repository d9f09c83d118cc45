"""`baotong export`: what a static host is given, and what it is not."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from click.testing import CliRunner, Result

from bot.cli.export import MANIFEST
from bot.cli.main import main
from feeds.models import Issue
from feeds.store.build import open_store
from tests.fakes.archive import HUAIAN, fill, simple_issue, take_back_issue
from tests.fakes.settings import two_papers
from tests.fakes.validators import check_feed

DAY = date(2024, 4, 8)
LATER = datetime(2024, 5, 1, tzinfo=UTC)


def day(back: int) -> date:
    return DAY - timedelta(days=back)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a configuration lies, with an archive of five issues beside it."""
    two_papers(tmp_path, more="feeds: {entries: 1}")
    add(tmp_path, [simple_issue(day(n)) for n in range(5)])
    return tmp_path


def add(folder: Path, issues: Sequence[Issue]) -> None:
    async def work() -> None:
        store = await open_store(folder / "data", None)
        await fill(store, [HUAIAN], issues)
        await store.close()

    asyncio.run(work())


def export(folder: Path, *arguments: str) -> Result:
    command = ["export", str(folder / "site"), "-c", str(folder / "baotong.yaml"), *arguments]
    return CliRunner().invoke(main, command)


def files(folder: Path) -> dict[str, bytes]:
    site = folder / "site"
    found = (path for path in site.rglob("*") if path.is_file())
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in found}


def test_feeds_archives_and_lists_stand_where_the_server_has_them(folder: Path) -> None:
    done = export(folder)

    assert done.exit_code == 0, done.output
    held = files(folder)
    assert {
        "feeds.opml",
        "feeds.issues.opml",
        ".well-known/feeds",
        "feeds/style.css",
        "feeds/icon.png",
        "feeds/huaian.rss",
        "feeds/huaian.issues.atom",
        "feeds/all.papers.json",
        f"feeds/huaian/{day(4)}.atom",
        f"feeds/all.papers/huaian.{day(4)}.rss",
    } <= set(held)
    for name, data in held.items():
        suffix = name.rpartition(".")[2]
        if name.startswith("feeds/") and suffix in {"rss", "atom", "json"}:
            check_feed(suffix, data)


def test_the_pages_stand_beside_them(folder: Path) -> None:
    export(folder)
    held = files(folder)

    assert {"index.html", "huaian/index.html", f"huaian/{DAY}/index.html"} <= set(held)
    assert "淮安区报" in held["index.html"].decode()


def test_every_entry_is_reached_from_file_to_file(folder: Path) -> None:
    export(folder)
    held, name, ids = files(folder), "feeds/huaian.atom", set()
    while name:
        feed = feedparser.parse(held[name])
        ids |= {entry.id for entry in feed.entries}
        links = {link.rel: link.href for link in feed.feed.links}
        name = links.get("prev-archive", "").removeprefix("http://127.0.0.1:8080/")

    assert len(ids) == 15


def test_a_static_host_has_no_hub_of_ours(folder: Path) -> None:
    export(folder)

    for name, data in files(folder).items():
        assert b"127.0.0.1:8080/hub" not in data, name


def test_another_address_may_be_named_for_the_files(folder: Path) -> None:
    done = export(folder, "--public-url", "https://someone.github.io/papers")

    assert done.exit_code == 0, done.output
    for name, data in files(folder).items():
        assert b"127.0.0.1:8080" not in data, name
    assert b"https://someone.github.io/papers/feeds/huaian.rss" in files(folder)["feeds/huaian.rss"]


def test_a_wrong_address_is_told_like_any_fault_of_the_configuration(folder: Path) -> None:
    done = export(folder, "--public-url", "nowhere")

    assert done.exit_code == 2
    assert "public_url" in done.output.lower()


def test_what_did_not_change_is_left_alone_and_what_was_taken_back_goes(folder: Path) -> None:
    export(folder)
    before = {p: p.stat().st_mtime_ns for p in (folder / "site").rglob("*") if p.is_file()}
    mine = folder / "site" / "feeds" / "huaian" / "mine.txt"
    mine.write_text("not yours")
    assert "0 个有变化" in export(folder).output
    assert all(p.stat().st_mtime_ns == then for p, then in before.items() if p.name != MANIFEST)

    async def withdraw() -> None:
        store = await open_store(folder / "data", None)
        await take_back_issue(store, "huaian", day(3).isoformat(), LATER)
        await store.close()

    asyncio.run(withdraw())
    assert "删掉 6 个" in export(folder).output
    assert not [name for name in files(folder) if "feeds/" in name and str(day(3)) in name]
    assert mine.read_text() == "not yours"


@pytest.mark.parametrize("path", ["../baotong.yaml", "/etc/hostname", "a/../../baotong.yaml"])
def test_a_forged_list_of_files_removes_nothing_elsewhere(folder: Path, path: str) -> None:
    export(folder)
    (folder / "site" / MANIFEST).write_text(json.dumps([path]))

    assert export(folder).exit_code == 0
    assert (folder / "baotong.yaml").exists()


def test_without_an_archive_it_says_what_to_do_and_makes_nothing(tmp_path: Path) -> None:
    two_papers(tmp_path)
    done = export(tmp_path)

    assert done.exit_code == 1
    assert "baotong run" in done.output
    assert not (tmp_path / "data").exists()
    assert not (tmp_path / "site").exists()


def test_a_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    (folder / "site").mkdir()
    (folder / "site" / "feeds").write_text("a file where a folder has to be")
    done = export(folder)

    assert done.exit_code == 1
    assert "feeds" in done.output
    assert "写不进去" in done.output


@pytest.mark.parametrize("name", ["data", "data/feeds", "site/../data"])
def test_the_folder_of_the_database_is_no_place_for_pages(folder: Path, name: str) -> None:
    before = sorted(folder.rglob("*"))
    command = ["export", str(folder / name), "-c", str(folder / "baotong.yaml")]
    done = CliRunner().invoke(main, command)
    assert (done.exit_code, "别的目录" in done.output) == (1, True)
    assert sorted(folder.rglob("*")) == before
