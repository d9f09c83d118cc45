"""`baotong add` as an operator meets it: an address goes in, a newspaper stands in the configuration."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.load import load
from tests.fakes.command import Done, baotong
from tests.fakes.newspaper import Newspaper, Reply, newspaper, page
from tests.fakes.papers import FAMILIES, Family

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
YAML = """\
# 我的报纸
fetch: {{gap: 0s, allow_hosts: ["{host}"]}}

sources:
  - id: paper              # 已经有的
    kind: yunbao
    title: 别的报纸
    url: https://paper.example.com/

language: zh-CN
"""


def printed(name: str, paper: Newspaper) -> Family:
    family = FAMILIES[name]
    for days in (2, 1, 0):
        family.print(paper, TODAY - timedelta(days=days))
    return family


def configured(folder: Path, paper: Newspaper) -> str:
    text = YAML.format(host=paper.host)
    (folder / "baotong.yaml").write_text(text, encoding="utf-8")
    return text


async def test_an_address_is_enough(tmp_path: Path) -> None:
    async with newspaper() as paper:
        family = printed("html: qpaper", paper)
        before = configured(tmp_path, paper)
        done = await baotong(tmp_path, "add", paper.url(family.url))
    assert done.code == 0, done.err
    assert "渡口迎来今年首批游客" in done.out
    assert TODAY.isoformat() in done.out
    other, added = load(tmp_path / "baotong.yaml", {}).sources
    assert other.id == "paper"
    assert (added.kind, added.title, added.url) == ("html", "青禾日报", paper.url(family.url))
    assert getattr(added, "preset", None) == "qpaper"
    assert set(before.splitlines()) <= set(
        (tmp_path / "baotong.yaml").read_text("utf-8").splitlines()
    )
    assert f"baotong check {added.id}" in done.out


async def test_what_was_added_is_what_check_reads(tmp_path: Path) -> None:
    async with newspaper() as paper:
        family = printed("founder: 翔宇", paper)
        configured(tmp_path, paper)
        await baotong(
            tmp_path, "add", paper.url(family.url), "--id", "qinghe", "--title", "青禾晨报"
        )
        checked = await baotong(tmp_path, "check", "qinghe")
    assert checked.code == 0, checked.err
    assert f"{TODAY} · 2 版" in checked.out
    assert load(tmp_path / "baotong.yaml", {}).sources[-1].title == "青禾晨报"


async def test_without_a_file_one_is_made(tmp_path: Path) -> None:
    async with newspaper() as paper:
        family = printed("founder: classic", paper)
        done = await baotong(
            tmp_path, "add", paper.url(family.url), "-c", "new.yaml", "--allow-host", paper.host
        )
    assert done.code == 0, done.err
    assert [source.kind for source in load(tmp_path / "new.yaml", {}).sources] == ["founder"]
    assert f"fetch.allow_hosts 里也要有 {paper.host}" in done.out
    assert "baotong check -c new.yaml" in done.out


async def told(
    tmp_path: Path, *arguments: str, name: str = "founder: classic"
) -> tuple[Done, bool]:
    """How `add` ends on a newspaper of a family, and whether the configuration is as it was."""
    async with newspaper() as paper:
        family = printed(name, paper)
        before = configured(tmp_path, paper)
        done = await baotong(tmp_path, "add", paper.url(family.url), *arguments)
        after = (tmp_path / "baotong.yaml").read_text("utf-8")
    assert "Traceback" not in done.err
    return done, before == after


async def test_a_name_that_is_taken_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    done, is_same = await told(tmp_path, "--id", "paper")
    assert (done.code, is_same) == (1, True)
    assert "已经有一份报纸叫 paper 了" in done.err


async def test_a_newspaper_is_not_added_twice(tmp_path: Path) -> None:
    async with newspaper() as paper:
        family = printed("founder: classic", paper)
        configured(tmp_path, paper)
        await baotong(tmp_path, "add", paper.url(family.url), "--id", "first")
        asked = len(paper.asked)
        again = await baotong(tmp_path, "add", paper.url(family.url), "--id", "second")
        assert len(paper.asked) == asked
    assert again.code == 1
    assert "已经在配置里了:first" in again.err


async def test_a_bad_name_is_told(tmp_path: Path) -> None:
    done, is_same = await told(tmp_path, "--id", "青禾")
    assert (done.code, is_same) == (2, True)
    assert "小写字母" in done.err


@pytest.mark.parametrize("kind", ["paperindex", "json"])
async def test_a_kind_that_does_not_read_it_is_an_error(kind: str, tmp_path: Path) -> None:
    done, is_same = await told(tmp_path, "--kind", kind)
    assert (done.code, is_same) == (1, True)
    assert len(done.err.strip().splitlines()) == 1


async def test_a_faulty_configuration_is_told_and_nothing_is_fetched(tmp_path: Path) -> None:
    async with newspaper() as paper:
        (tmp_path / "baotong.yaml").write_text("sources: 7\n", encoding="utf-8")
        done = await baotong(tmp_path, "add", paper.url("/"))
        assert not paper.asked
    assert done.code == 2
    assert "sources" in done.err


async def test_an_address_of_one_day_is_added_with_a_warning(tmp_path: Path) -> None:
    async with newspaper() as paper:
        printed("founder: classic", paper)
        configured(tmp_path, paper)
        done = await baotong(tmp_path, "add", paper.url(f"/html/{TODAY:%Y-%m/%d}/node_2.htm"))
    assert done.code == 0, done.err
    assert "这个网址里有日期" in done.out


async def test_a_page_that_a_script_fills_leads_to_the_recording(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper["/"] = page(
            "<html><body><div id=app></div><script src=app.js></script></body></html>"
        )
        configured(tmp_path, paper)
        done = await baotong(tmp_path, "add", paper.url("/"))
    assert done.code == 1
    assert "inspect --har" in done.err


async def test_what_robots_txt_forbids_is_said_with_what_to_do(tmp_path: Path) -> None:
    async with newspaper() as paper:
        family = printed("founder: classic", paper)
        paper["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /\n")
        before = configured(tmp_path, paper)
        done = await baotong(tmp_path, "add", paper.url(family.url))
    assert done.code == 1
    assert 'robots: "ignore: 理由"' in done.err
    assert "--allow-host" not in done.err
    assert (tmp_path / "baotong.yaml").read_text("utf-8") == before


async def test_a_private_address_is_refused_with_what_allows_it(tmp_path: Path) -> None:
    async with newspaper() as paper:
        done = await baotong(tmp_path, "add", paper.url("/"))
    assert done.code == 1
    assert f"--allow-host {paper.host}" in done.err
    assert not (tmp_path / "baotong.yaml").exists()


async def test_a_file_in_another_manner_gets_the_lines_to_paste(tmp_path: Path) -> None:
    async with newspaper() as paper:
        family = printed("paperindex: page by page", paper)
        text = f'{{fetch: {{gap: 0s, allow_hosts: ["{paper.host}"]}}, sources: []}}\n'
        (tmp_path / "baotong.yaml").write_text(text, encoding="utf-8")
        done = await baotong(tmp_path, "add", paper.url(family.url))
    assert done.code == 1
    assert "没有动" in done.err
    assert "    kind: paperindex" in done.out
    assert (tmp_path / "baotong.yaml").read_text("utf-8") == text


@pytest.mark.parametrize(
    ("name", "article"),
    [
        ("founder: classic", r"/html/.*content_.*"),
        ("founder: 翔宇", r"/rb/pc/content/.*"),
        ("founder: D110000", r".*/nw\.D110000.*"),
        ("paperindex: page by page", r".*/Articel.*"),
    ],
)
async def test_the_address_of_an_article_is_refused_with_what_to_give_instead(
    name: str, article: str, tmp_path: Path
) -> None:
    async with newspaper() as paper:
        printed(name, paper)
        before = configured(tmp_path, paper)
        path = next(path for path in paper.programs if re.fullmatch(article, path))
        done = await baotong(tmp_path, "add", paper.url(path))
    assert done.code == 1
    assert "这是一篇文章" in done.err
    assert "首页" in done.err
    assert (tmp_path / "baotong.yaml").read_text("utf-8") == before


async def test_a_papers_name_is_never_its_articles_title(tmp_path: Path) -> None:
    """A newspaper that is read by its labels leads from an article to its issue."""
    listing = (
        "<html><head><title>青禾日报</title></head><body><p>2024年04月08日</p><p>第01版 要闻</p>"
        '<a href="/detail?id=1">渡口迎来今年首批游客</a></body></html>'
    )
    article = (
        "<html><head><title>渡口迎来今年首批游客</title></head><body><div>内容详情</div><p>2024年04月08日</p>"
        "<h1>渡口迎来今年首批游客</h1><p>阅读数:231</p><p>本报记者 何田</p><p>渡口修好以后,来了第一批客人。</p>"
        '<a href="/">返回版面</a></body></html>'
    )
    async with newspaper() as paper:
        paper["/"], paper["/detail?id=1"] = page(listing), page(article)
        configured(tmp_path, paper)
        done = await baotong(tmp_path, "add", paper.url("/detail?id=1"))
    assert done.code == 0, done.err
    assert load(tmp_path / "baotong.yaml", {}).sources[-1].title == "青禾日报"
