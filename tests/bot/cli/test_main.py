"""The `baotong` command itself: what it lists, what it costs, and the demonstration."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bot.cli.main import COMMANDS, main
from bot.cli.usage.deliveries import STATES
from feeds.store.outbox import State

ROOT = Path(__file__).parents[3]
HEAVY = ("aiohttp", "alembic", "feedgen", "jinja2", "pydantic", "rich", "sqlalchemy", "telegram")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_help_lists_every_command_with_a_line_each() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    for name, (_, words) in COMMANDS.items():
        assert f"  {name} " in shown
        assert words[:10] in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0
    assert f"Usage: main {name}" in shown.output


@pytest.mark.parametrize("name", COMMANDS)
def test_the_lines_of_a_commands_help_are_set_as_they_were_written(name: str) -> None:
    """Click's mark for "leave these lines as they are" is the character; the two letters stand in the way."""
    command = main.get_command(click.Context(main), name)
    assert command is not None
    written = [line.strip() for line in (command.help or "").replace("\b", "").splitlines()]
    assert not [line for line in written if "\\" in line]
    shown = CliRunner().invoke(main, [name, "--help"], terminal_width=200).output
    lines = [line.strip() for line in shown.splitlines()]
    kept = (command.help or "").partition("\b")[2].partition("\n\n")[0].strip("\n")
    assert [line for line in kept.splitlines() if line.strip() not in lines] == []
    assert not [line for line in lines if line.startswith(("\\", "：", "，", "。", "、"))]


def test_an_unknown_command_is_an_error_with_2() -> None:
    assert CliRunner().invoke(main, ["chekc"]).exit_code == 2


def test_help_imports_none_of_what_the_commands_need() -> None:
    script = f"""
import sys
from bot.cli.main import main
main(["--help"], standalone_mode=False)
print([name for name in {HEAVY} if name in sys.modules])
"""
    done = run("-c", script)
    assert done.stdout.strip().splitlines()[-1] == "[]", done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_imports_none_of_what_it_needs_but_its_words(name: str) -> None:
    """The kinds of newspapers and the schema are pydantic's models: a fifth of a second."""
    script = f"""
import sys
from bot.cli.main import main
main(["{name}", "--help"], standalone_mode=False)
print([name for name in {HEAVY} if name in sys.modules and name != "pydantic"])
"""
    done = run("-c", script)
    assert done.stdout.strip().splitlines()[-1] == "[]", done.stderr


def test_deliveries_can_be_chosen_by_every_state_there_is() -> None:
    assert sorted(STATES) == sorted(State)


def test_the_demonstration_says_what_to_open_and_pushes_an_issue() -> None:
    done = run("-m", "bot", "demo", "--seconds", "5")
    assert done.returncode == 0, done.stderr
    assert "/feeds/demo.rss" in done.stderr
    assert "\n青禾日报 · 2024年04月08日 星期一 · 第5208期 · 4版 9篇\n第A1版 要闻\n▪ " in done.stdout
    assert "阅读数:" in done.stdout
    assert "Traceback" not in done.stderr
