"""What `add`, `inspect` and `check` say to do where a newspaper cannot be read: the same words in all of them."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.load import load
from tests.fakes.command import Done, baotong
from tests.fakes.newspaper import Newspaper, Reply, newspaper, page
from tests.fakes.papers import FAMILIES, Family

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
SHELL = page("<html><body><div id=app></div><script src=app.js></script></body></html>")
SCRIPT = "inspect --har"
FORBIDDEN = Reply(b"User-agent: *\nDisallow: /\n")


def printed(name: str, paper: Newspaper) -> Family:
    FAMILIES[name].print(paper, TODAY)
    return FAMILIES[name]


def configured(folder: Path, paper: Newspaper, *, allowed: bool = True, path: str = "/") -> None:
    hosts = f'"{paper.host}"' if allowed else ""
    (folder / "baotong.yaml").write_text(
        f"fetch: {{gap: 0s, allow_hosts: [{hosts}]}}\n"
        f"sources:\n  - {{id: qinghe, kind: founder, title: 青禾日报, url: '{paper.url(path)}'}}\n",
        encoding="utf-8",
    )


def flat(done: Done) -> str:
    """What a table says, its cells' lines joined."""
    return "".join(part.strip(" │┃") for part in done.out.splitlines())


# ── check ───────────────────────────────────────────────────────────────────────────────────────


async def test_check_says_what_to_do_where_robots_txt_forbids(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper["/robots.txt"] = FORBIDDEN
        configured(tmp_path, paper)
        done = await baotong(tmp_path, "check")
    assert done.code == 1
    assert '给这份报纸写上 robots: "ignore: 理由"' in flat(done)


async def test_check_says_what_to_do_with_a_page_that_scripts_fill(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper["/"] = SHELL
        configured(tmp_path, paper)
        done = await baotong(tmp_path, "check")
    assert done.code == 1
    assert SCRIPT in flat(done)


async def test_check_names_the_setting_that_allows_a_private_address(tmp_path: Path) -> None:
    async with newspaper() as paper:
        configured(tmp_path, paper, allowed=False)
        done = await baotong(tmp_path, "check")
    assert done.code == 1
    assert f"在 fetch.allow_hosts 里写上 {paper.host}" in flat(done)
    assert "--allow-host" not in done.out


# ── add and inspect ─────────────────────────────────────────────────────────────────────────────

both = pytest.mark.parametrize("command", ["add", "inspect"])


@both
async def test_an_address_without_its_scheme_is_told_so(command: str, tmp_path: Path) -> None:
    for address in ("paper.example.com", "paper.example.com:8080/a", "localhost"):
        done = await baotong(tmp_path, command, address)
        assert done.code == 1
        assert "前面要写上 https://" in done.err


@both
async def test_no_password_of_an_address_is_shown(command: str, tmp_path: Path) -> None:
    for address in ("http://user:hunter2@127.0.0.1/", "user:hunter2@paper.example.com/"):
        done = await baotong(tmp_path, command, address)
        assert done.code == 1
        assert "hunter2" not in done.err + done.out


@both
@pytest.mark.parametrize("kind", ["paperindex", "json", "feed"])
async def test_a_kind_that_is_another_familys_says_which(
    command: str, kind: str, tmp_path: Path
) -> None:
    async with newspaper() as paper:
        printed("founder: classic", paper)
        url = paper.url(f"/html/{TODAY:%Y-%m/%d}/node_2.htm")
        done = await baotong(tmp_path, command, url, "--kind", kind, "--allow-host", paper.host)
    assert done.code == 1
    assert "它看起来是 founder" in done.err
    assert "不写 --kind" in done.err
    assert "脚本" not in done.err


@both
@pytest.mark.parametrize(
    ("kind", "advice"),
    [("json", ["founder-app", "stdaily", SCRIPT]), ("html", ["qpaper", "xmwb", "paths:"])],
)
async def test_a_kind_that_needs_rules_says_how_to_come_by_them(
    command: str, kind: str, advice: list[str], tmp_path: Path
) -> None:
    async with newspaper() as paper:
        paper["/"] = page("<html><body><p>欢迎来到青禾报业</p></body></html>")
        done = await baotong(
            tmp_path, command, paper.url("/"), "--kind", kind, "--allow-host", paper.host
        )
    assert done.code == 1
    assert len(done.err.strip().splitlines()) == 1
    for word in (*advice, "preset:"):
        assert word in done.err


async def test_a_kind_that_reads_it_less_well_than_its_own_is_noted(tmp_path: Path) -> None:
    async with newspaper() as paper:
        family = printed("founder: classic", paper)
        done = await baotong(
            tmp_path, "add", paper.url(family.url), "--kind", "yunbao", "--allow-host", paper.host
        )
    assert done.code == 0, done.err
    assert "它看起来是 founder" in done.out


async def test_auto_finds_the_family_and_writes_it(tmp_path: Path) -> None:
    async with newspaper() as paper:
        family = printed("html: qpaper", paper)
        done = await baotong(
            tmp_path, "add", paper.url(family.url), "--kind", "auto", "--allow-host", paper.host
        )
    assert done.code == 0, done.err
    assert [one.kind for one in load(tmp_path / "baotong.yaml", {}).sources] == ["html"]


@pytest.mark.parametrize("name", ["feeds", "search", "static"])
async def test_a_reserved_name_is_told_with_all_that_are(name: str, tmp_path: Path) -> None:
    done = await baotong(tmp_path, "add", "https://paper.example.com/", "--id", name)
    assert done.code == 2
    assert "留给我们自己的网址" in done.err
    assert "export、feeds、healthz、hub、metrics、search、static" in done.err
