"""`baotong inspect` as an operator and a script meet it: one page as a table or JSON, and a browser's recording."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from config.sources import JsonSource
from feeds.sources.table import build_source
from tests.fakes.command import Done, baotong
from tests.fakes.newspaper import Newspaper, newspaper, page
from tests.fakes.papers import FAMILIES
from tests.fakes.recording import record

DAY = date(2024, 4, 8)
ARTICLE = {"kind", "url", "title", "kicker", "subtitle", "byline", "published", "reads", "reads_exact", "page",
           "images", "summary", "body_text", "body_html", "found_by"}  # fmt: skip
ISSUE = {"kind", "url", "date", "number", "previous", "next", "pages"}


def printed(name: str, paper: Newspaper) -> str:
    """The address of the newest issue's first page."""
    for days in (1, 0):
        FAMILIES[name].print(paper, DAY - timedelta(days=days))
    return paper.url(f"/rb/pc/layout/{DAY:%Y%m/%d}/node_01.html")


async def inspected(folder: Path, path: str, *arguments: str) -> Done:
    async with newspaper() as paper:
        printed("founder: 翔宇", paper)
        paper["/script"] = page(
            "<html><body><div id=app></div><script src=a.js></script></body></html>"
        )
        done = await baotong(
            folder, "inspect", paper.url(path), "--allow-host", paper.host, *arguments
        )
    assert "Traceback" not in done.err
    return done


async def test_an_issue_and_an_article_are_json_of_one_form(tmp_path: Path) -> None:
    issue = await inspected(tmp_path, "/rb/pc/layout/202404/08/node_01.html", "--json")
    told = json.loads(issue.out)
    assert set(told) == ISSUE
    assert (told["kind"], told["date"], told["pages"][0]["label"]) == ("issue", "2024-04-08", "01")
    url = told["pages"][0]["articles"][0]["url"]
    article = await inspected(tmp_path, url.partition("/rb")[1] + url.partition("/rb")[2], "--json")
    told = json.loads(article.out)
    assert set(told) == ARTICLE
    assert told["published"] == "2024-04-08T00:00:00+08:00"
    assert told["found_by"]["title"] == "data"
    assert "泄漏" not in article.out


async def test_a_doorway_says_where_it_leads(tmp_path: Path) -> None:
    done = await inspected(tmp_path, "/rb/pc/layout/index.html", "--json")
    told = json.loads(done.out)
    assert told["kind"] == "signpost"
    assert told["follow"][0].endswith("/202404/08/node_01.html")


async def test_a_table_is_for_people(tmp_path: Path) -> None:
    done = await inspected(tmp_path, "/rb/pc/layout/202404/08/node_01.html")
    assert "一期报纸" in done.out
    assert "渡口迎来今年首批游客" in done.out
    assert "找到它的规则" not in done.out  # of an issue none is told


@pytest.mark.parametrize(
    ("path", "arguments", "words"),
    [
        ("/nothing", (), "404"),
        ("/script", (), "inspect --har"),
        ("/rb/pc/layout/202404/08/node_01.html", ("--kind", "json"), "--source"),
        ("/rb/pc/layout/202404/08/node_01.html", ("--kind", "feed"), ""),
    ],
)
async def test_what_cannot_be_read_is_one_line_and_1(
    tmp_path: Path, path: str, arguments: tuple[str, ...], words: str
) -> None:
    done = await inspected(tmp_path, path, *arguments)
    assert done.code == 1
    assert len(done.err.strip().splitlines()) == 1
    assert words in done.err


async def test_without_an_address_or_a_recording_there_is_nothing_to_do(tmp_path: Path) -> None:
    assert (await baotong(tmp_path, "inspect")).code == 2


async def test_the_rules_of_a_configured_newspaper_can_be_tried_on_a_page(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper["/a.html"] = page(
            "<p class=t>渡口迎来今年首批游客</p><div class=b><p>本报讯 两岸的老屋修过了,茶馆也开了门。</p></div>"
        )
        text = f"""\
fetch: {{gap: 0s, allow_hosts: ["{paper.host}"]}}
sources:
  - id: qinghe
    kind: html
    title: 青禾日报
    url: {paper.url("/")}
    timezone: Asia/Urumqi
    selectors: {{title: p.t, body: div.b}}
"""
        (tmp_path / "baotong.yaml").write_text(text, encoding="utf-8")
        done = await baotong(
            tmp_path, "inspect", paper.url("/a.html"), "--source", "qinghe", "--json"
        )
        other = await baotong(tmp_path, "inspect", paper.url("/a.html"), "--source", "other")
    assert json.loads(done.out)["found_by"] == {"title": "selector", "body": "selector"}
    assert other.code == 2
    assert "qinghe" in other.err


# ── recordings ──────────────────────────────────────────────────────────────────────────────────


async def recorded(folder: Path, name: str = "json: stdaily", *arguments: str) -> tuple[Done, str]:
    """What is printed of a recorded visit to a newspaper that a script fills, and the newspaper's site."""
    async with newspaper() as paper:
        (folder / "visit.har").write_bytes(await record(paper, name))
        site = paper.base
    return await baotong(folder, "inspect", "--har", "visit.har", *arguments), site


async def test_a_recording_becomes_lines_to_paste(tmp_path: Path) -> None:
    done, site = await recorded(tmp_path)
    assert done.code == 0, done.err
    text = "  - id: qinghe\n    title: 青禾日报\n" + "".join(
        line for line in done.out.splitlines(keepends=True) if not line.startswith("#")
    )
    values = YAML(typ="safe", pure=True).load(text)[0]
    assert values["kind"] == "json"
    assert values["api"].startswith(site)
    build_source(JsonSource.model_validate(values))
    assert "渡口迎来今年首批游客" in done.err  # what reading with them gives


async def test_a_recording_is_json_for_scripts(tmp_path: Path) -> None:
    done, _ = await recorded(tmp_path, "json: founder-app", "--json")
    told = json.loads(done.out)
    assert set(told) == {"kind", "settings", "issue", "article", "notes"}
    assert told["settings"]["articles"]["reads"] == "countClick"
    assert told["issue"]["date"] == "2024-04-08"
    assert told["article"]["title"]


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"\x00\xff", b'{"log": {"entries": []}}', b"[" * 100_000]
)
async def test_what_is_no_recording_is_one_line_and_1(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "visit.har").write_bytes(data)
    done = await baotong(tmp_path, "inspect", "--har", "visit.har")
    assert done.code == 1
    assert len(done.err.strip().splitlines()) == 1
    assert "Traceback" not in done.err


async def test_a_recording_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = await baotong(tmp_path, "inspect", "--har", "visit.har")
    assert done.code == 2


async def test_a_dead_host_is_told_by_the_address_that_was_typed(tmp_path: Path) -> None:
    done = await baotong(
        tmp_path, "inspect", "http://127.0.0.1:1/paper", "--allow-host", "127.0.0.1:1"
    )
    assert done.code == 1
    assert (
        "http://127.0.0.1:1/paper: 连不上这个主机 (cannot connect: Connection refused)" in done.err
    )
    assert "robots.txt" not in done.err
