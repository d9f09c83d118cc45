"""`run`, `check`, `init` and `schema` as an operator meets them: as commands, with what they print."""

import asyncio
import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from config.files import explain
from tests.fakes.botapi import BotApi, serve
from tests.fakes.command import baotong as command
from tests.fakes.disk import small_disk
from tests.fakes.operator import ONE_PAPER
from tests.fakes.robots import KEY as ROBOT_KEY
from tests.fakes.robots import Robots
from tests.fakes.robots import serve as serve_robots

ROOT = Path(__file__).parents[3]
CANARY = "7261534:CanaryAAF-tok_en"
BAD = """\
sources:
  - id: huaian
    kind: yunbao
    title: 淮安区报
    url: https://paper.example.com/
    chek_every: 10m
    selectors: {title: "h1["}
    data: {title: "foo(@)"}
deliver:
  - {to: telegram:1, source: other}
"""
TOLD = """\
baotong.yaml:6:5 sources[0].chek_every: 没有这个键,是不是 check_every? (unknown key; did you mean check_every?)
baotong.yaml:7:17 sources[0].selectors.title: 不是 CSS 选择器,要写成 h1.title 这样 (not a CSS selector)
baotong.yaml:8:12 sources[0].data.title: JMESPath 里没有这个函数 (no such JMESPath function)
baotong.yaml:10:6 deliver[0].to: channels 里没有这个渠道;有:console (this channel is not configured)
baotong.yaml:10:22 deliver[0].source: 没有这份报纸;有:huaian (no source has this id)
"""


def environment(more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BAOTONG_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **more}


def baotong(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, in this folder."""
    done = asyncio.run(command(folder, *arguments, environ=environ))
    return subprocess.CompletedProcess(arguments, done.code, done.out, done.err)


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_bad_configuration_is_told_whole_on_stderr_before_anything_runs(
    tmp_path: Path, command: str
) -> None:
    (tmp_path / "baotong.yaml").write_text(BAD, encoding="utf-8")

    done = baotong(tmp_path, command)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", TOLD)
    assert [one.name for one in tmp_path.iterdir()] == ["baotong.yaml"]


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize(
    ("name", "data", "line"),
    [
        pytest.param("no.yaml", None, "no.yaml 没有这个文件,运行 baotong init 写一份 (no such file; baotong init writes one)", id="missing"),
        pytest.param(".", None, ". 配置文件是一个目录 (is a directory)", id="folder"),
        pytest.param("a.yaml", b"", "a.yaml:1:1 文件里什么也没写,运行 baotong init 写一份 (the file says nothing)", id="empty"),
        pytest.param("a.yaml", b"- a\n", "a.yaml:1:1 最外层要写成 键: 值 (the top level must be key: value)", id="list"),
        pytest.param("a.yaml", b"server:\n\tlisten: x\n", "a.yaml:2:1 只能用空格,不能用制表符 (a tab; use spaces)", id="tab"),
        pytest.param("a.yaml", b"# \xb1\xa8\n", "a.yaml:1:1 不是 UTF-8 文字,请另存为 UTF-8 (not UTF-8; save it as UTF-8)", id="GBK"),
        pytest.param("a.yaml", b"#" * (1 << 20) + b"\n", "a.yaml 文件超过 1 MiB (larger than 1 MiB)", id="large"),
    ],
)  # fmt: skip
def test_case_140_a_file_that_is_no_configuration_is_one_line_and_exit_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    name: str,
    data: bytes | None,
    line: str,
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(main, [command, "-c", name])

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [line]


def test_a_fault_of_the_environment_names_the_variable(tmp_path: Path) -> None:
    (tmp_path / "baotong.yaml").write_text(ONE_PAPER, encoding="utf-8")

    done = baotong(tmp_path, "run", BAOTONG_SERVER__LISTEN="8080", BAOTONG_SERVICE_PORT="80")

    assert done.returncode == 2
    assert (
        done.stderr
        == "环境变量 BAOTONG_SERVER__LISTEN server.listen: 要写成 主机:端口,如 127.0.0.1:8080 (host:port, like 127.0.0.1:8080)\n"
    )


def test_a_paper_that_is_not_configured_is_told_with_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "baotong.yaml").write_text(ONE_PAPER, encoding="utf-8")

    done = baotong(tmp_path, "check", "other")

    assert done.returncode == 2
    assert "没有 other 这份报纸;有:huaian" in done.stderr


@pytest.mark.parametrize("command", ["run", "check"])
def test_case_197_no_command_prints_a_secret_of_a_bad_configuration(
    tmp_path: Path, command: str
) -> None:
    (tmp_path / "secret").write_text(f"{CANARY}\n{CANARY}\n")
    text = f"""\
a: {CANARY}
database: "postgresql://u:{CANARY}[@h/b"
channels: {{telegram: {{token_file: secret, proxy: "http://u:{CANARY}\u2100@h:1", token:{CANARY}}}}}
operators: ["${{CANARY}}"]
"""
    (tmp_path / "baotong.yaml").write_text(text, encoding="utf-8")

    done = baotong(tmp_path, command, CANARY=CANARY, BAOTONG_FETCH__CONTACT=f"{CANARY} x")

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 7
    assert "Canary" not in done.stdout + done.stderr


async def test_case_197_and_200_check_prints_no_secret_of_a_good_configuration(
    tmp_path: Path,
) -> None:
    text = ONE_PAPER.replace("https://paper.example.com/", f"http://127.0.0.1:9/?token=url{CANARY}")
    text += f"    headers: {{Cookie: ck{CANARY}}}\n"
    async with serve(BotApi()) as api:  # its token is another: 401
        text += f"channels: {{telegram: {{token: '{CANARY}', api_url: '{api.url}'}}}}\n"
        text += "fetch: {allow_hosts: ['127.0.0.1:9']}\n"
        (tmp_path / "baotong.yaml").write_text(text, encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "check",
            cwd=tmp_path, env=environment({"COLUMNS": "500"}), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        printed = b"".join(await process.communicate()).decode()

    assert process.returncode == 1
    assert "telegram" in printed
    assert "huaian" in printed
    assert "Canary" not in printed
    assert [one.name for one in tmp_path.iterdir()] == ["baotong.yaml"]


async def test_check_has_a_line_for_each_robot_so_that_one_run_names_all_that_are_broken(
    tmp_path: Path,
) -> None:
    async with serve_robots(Robots()) as robots:
        keys = {"broken": "wrong", "good": ROBOT_KEY, "other": "wrong too"}
        rows = "".join(
            f"    {name}: {{key: {key}, api_url: '{robots.url}'}}\n" for name, key in keys.items()
        )
        hook = "  webhook: {archive: {url: 'http://127.0.0.1:9/', secret: abc}}\n"
        text = f"{ONE_PAPER}channels:\n  wecom:\n{rows}{hook}"
        (tmp_path / "baotong.yaml").write_text(text, encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "check",
            cwd=tmp_path, env=environment({"COLUMNS": "200"}), stdout=subprocess.PIPE,
        )  # fmt: skip
        printed = (await process.communicate())[0].decode()

    lines = {line.split()[1]: line for line in printed.splitlines() if "│ wecom:" in line}
    assert set(lines) == {"wecom:broken", "wecom:good", "wecom:other"}
    assert "✗ errcode 93000: invalid webhook url" in lines["wecom:broken"]
    assert "✗ errcode 93000" in lines["wecom:other"]
    assert "企业微信群机器人" in lines["wecom:good"]
    assert "webhook:archive" in printed


# ── init ────────────────────────────────────────────────────────────────────────────────────────


def test_init_writes_a_configuration_that_the_next_command_reads(tmp_path: Path) -> None:
    written = baotong(tmp_path, "init")
    other = baotong(tmp_path, "init", "second.yaml")
    checked = baotong(tmp_path, "check", "-c", "second.yaml", "no-such-paper")

    assert written.returncode == other.returncode == 0
    assert written.stdout == "写好了 baotong.yaml。下一步:填上报纸的网址,然后运行 baotong check\n"
    assert "baotong check -c second.yaml" in other.stdout
    assert "有:my-paper" in checked.stderr


def test_init_leaves_a_file_that_is_there_alone_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("baotong.yaml").write_text("language: en")

    refused = CliRunner().invoke(main, ["init"])
    kept = Path("baotong.yaml").read_text()
    forced = CliRunner().invoke(main, ["init", "--force"])

    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert kept == "language: en"
    assert forced.exit_code == 0
    assert "sources:" in Path("baotong.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no/baotong.yaml"], "no/baotong.yaml 写不了:不存在 (does not exist)"),
        ([".", "--force"], ". 写不了:是一个目录 (is a directory)"),
    ],
)
def test_init_says_why_it_cannot_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(main, ["init", *arguments])

    assert (done.exit_code, done.stderr) == (1, f"{words}\n")


@pytest.mark.parametrize(
    "number", [errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EROFS, errno.EIO, None]
)
def test_why_a_file_could_not_be_used_is_said_in_words(number: int | None) -> None:
    words = explain(OSError(number, "the driver's words") if number else OSError("x"))

    assert "(" in words
    assert "driver" not in words


# ── schema ──────────────────────────────────────────────────────────────────────────────────────


def test_schema_prints_json_and_nothing_of_the_environment(tmp_path: Path) -> None:
    done = baotong(tmp_path, "schema", BAOTONG_CHANNELS__TELEGRAM__TOKEN=CANARY)

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["$schema"].startswith("https://json-schema.org/")
    assert "Canary" not in done.stdout


def test_schema_says_how_an_editor_takes_it(tmp_path: Path) -> None:
    done = baotong(tmp_path, "schema", "--help")

    assert "# yaml-language-server: $schema=baotong.schema.json" in done.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_not_waited_at(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = CliRunner().invoke(main, ["check", "-c", str(pipe)])
    assert (done.exit_code, done.stderr) == (2, f"{pipe} 配置文件是一个管道,不是文件 (is a pipe)\n")


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="no descriptors with names here")
def test_a_pipe_that_was_opened_for_us_is_read() -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"langage: en\n")
    os.close(theirs)
    done = CliRunner().invoke(main, ["check", "-c", f"/dev/fd/{ours}"])
    os.close(ours)
    assert "language" in done.stderr


def test_case_151_init_on_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", mib=1) as disk:
        (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free))
        done = CliRunner().invoke(main, ["init", str(disk / "baotong.yaml")])
        assert (done.exit_code, "磁盘满了" in done.stderr) == (1, True)
        assert [path.name for path in disk.iterdir()] == ["filler"]
