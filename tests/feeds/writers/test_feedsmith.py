"""Our feeds read by feedsmith, the parser of readers written in JavaScript. It is fetched from npm into
a folder of the test's own, once a session; where there is no Node or no registry the tests say so.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from feeds.writers.atom import AtomWriter
from feeds.writers.base import Writer
from feeds.writers.json_feed import JsonFeedWriter
from feeds.writers.opml import write_opml
from feeds.writers.press import Press, print_feed
from feeds.writers.rss import RssWriter
from tests.feeds.writers.test_formats import FULL, FULL_HEAD, entry

PACKAGE = "feedsmith@2"
SCRIPT = """\
import { readFileSync } from 'node:fs'
import { parseFeed, parseOpml } from 'feedsmith'
const [kind, file] = process.argv.slice(2)
const parse = kind === 'opml' ? parseOpml : parseFeed
console.log(JSON.stringify(parse(readFileSync(file, 'utf8'))))
"""
ENTRIES = [FULL, entry(1), entry(2, html=None, author=None)]


@pytest.fixture(scope="session")
def feedsmith(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Node finds feedsmith."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node.js with npm is not installed, so feedsmith cannot read our feeds here")
    folder = tmp_path_factory.mktemp("feedsmith")
    (folder / "package.json").write_text('{"type": "module", "private": true}')
    (folder / "read.js").write_text(SCRIPT)
    quiet = ("--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--silent")
    done = subprocess.run(
        [npm, "install", *quiet, PACKAGE], cwd=folder, check=False, capture_output=True, timeout=120
    )
    if done.returncode != 0:
        pytest.skip("npm could not fetch feedsmith (no way to its registry from here)")
    return folder


def read(folder: Path, kind: str, data: bytes) -> Any:
    file = folder / f"feed.{kind}"
    file.write_bytes(data)
    done = subprocess.run(
        ["node", "read.js", kind, file], cwd=folder, check=True, capture_output=True
    )
    return json.loads(done.stdout)


def written(writer: Writer) -> bytes:
    return print_feed(writer, FULL_HEAD, [Press(writers=[writer]).set("", None, ENTRIES)])


def test_feedsmith_reads_our_rss(feedsmith: Path) -> None:
    found = read(feedsmith, "rss", written(RssWriter()))
    feed, first = found["feed"], found["feed"]["items"][0]

    assert found["format"] == "rss"
    assert (feed["title"], feed["link"], feed["language"]) == (
        "淮安区报",
        "http://news.test/huaian/",
        "zh-CN",
    )
    assert {link["rel"] for link in feed["atom"]["links"]} == {"self", "hub", "prev-archive"}
    assert [item["guid"]["value"] for item in feed["items"]] == [one.id for one in ENTRIES]
    assert not any(item["guid"]["isPermaLink"] for item in feed["items"])
    assert first["enclosures"][0]["length"] == 123456
    assert first["content"]["encoded"] == FULL.html
    assert first["media"]["thumbnails"][0]["url"] == FULL.image
    assert first["source"]["url"] == "http://news.test/feeds/huaian.rss"


def test_feedsmith_reads_our_atom(feedsmith: Path) -> None:
    found = read(feedsmith, "atom", written(AtomWriter()))
    feed, first = found["feed"], found["feed"]["entries"][0]

    assert found["format"] == "atom"
    assert feed["id"] == FULL_HEAD.id
    assert feed["icon"] == FULL_HEAD.icon
    assert [one["id"] for one in feed["entries"]] == [one.id for one in ENTRIES]
    assert "enclosure" in {link.get("rel") for link in first["links"]}
    assert first["source"]["title"] == "淮安区报"
    assert first["authors"] == [{"name": "融媒体记者综合报道"}]


def test_feedsmith_reads_our_json_feed(feedsmith: Path) -> None:
    found = read(feedsmith, "json", written(JsonFeedWriter()))
    feed = found["feed"]

    assert found["format"] == "json"
    assert feed["next_url"] == "http://news.test/feeds/huaian/2024-04-05.json"
    assert [hub["url"] for hub in feed["hubs"]] == list(FULL_HEAD.hubs)
    assert [item["id"] for item in feed["items"]] == [one.id for one in ENTRIES]
    assert feed["items"][0]["attachments"][1]["size_in_bytes"] == 123456


def test_feedsmith_reads_our_list_of_feeds(feedsmith: Path) -> None:
    found = read(feedsmith, "opml", write_opml("报纸", [FULL_HEAD], "rss"))

    (outline,) = found["body"]["outlines"]
    assert outline["xmlUrl"] == "http://news.test/feeds/huaian.rss"
    assert outline["text"] == "淮安区报"
