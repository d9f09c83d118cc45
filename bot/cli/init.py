"""`baotong init`: writes the configuration that an operator starts from: their own newspaper and chat, by questions or
options, or our commented example.
"""

import re
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console

from bot.cli.check import report
from bot.cli.ending import EXIT_FAILED
from bot.cli.ending import fail as end
from bot.cli.start.answers import Answers
from bot.cli.start.flags import read_options
from bot.cli.start.questions import ask
from bot.cli.start.trials import prove
from config.files import DEFAULT_FILE, explain
from config.load import ConfigError
from config.starting import example, starting_text, write_start


def print_file(name: str) -> None:
    """Prints one of config/deploy, for those who have no checkout."""
    text = files("config").joinpath("deploy", name).read_text(encoding="utf-8")
    click.echo(text, nl=False)


def write(path: Path, options: Mapping[str, Any], *, force: bool) -> None:
    """Writes the file, and tries it where it says something of its own."""
    if re.match(r"https?:/", str(path)):
        raise click.UsageError("报纸的网址写在 --url 后面:baotong init --url 网址")
    if path.exists() and not force:
        end(
            f"{path} 已经有了,没有动它;要覆盖就加 --force (already there; --force replaces it)\n"
            f"再加一份报纸:baotong add 网址{_option(path)}",
            EXIT_FAILED,
        )
    answers = _answers(path, options)
    if answers is None:
        _put(path, example(), {}, force=force)
        click.echo(f"写好了 {path}。下一步:填上报纸的网址,然后运行 baotong check{_option(path)}")
        return
    start, secrets = answers.start(path.resolve().parent, replaces=force)
    text = starting_text(start)
    _prove(text)
    _put(path, text, secrets, force=force)
    click.echo(f"\n写好了 {path}。")
    for name in secrets:
        click.echo(f"密钥在 {path.parent / name},只有你能读,不要给别人。")
    report(path, ())


def _answers(path: Path, options: Mapping[str, Any]) -> Answers | None:
    """None where nothing is known: the example is written."""
    try:
        if any(options.values()):
            return read_options(options, path.resolve().parent, Console())
        return ask(Console()) if _is_terminal() else None
    except click.Abort:
        end("\n停下了,什么也没有写 (stopped; nothing was written)", EXIT_FAILED)


def _is_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _prove(text: str) -> None:
    """What does not go together is said before it is in a file."""
    try:
        prove(text)
    except ConfigError as error:
        told = "\n".join(f"  {problem.key}: {problem.message}" for problem in error.problems)
        end(f"这样写出来的配置用不了,什么也没有写 (nothing was written):\n{told}", EXIT_FAILED)


def _put(path: Path, text: str, secrets: Mapping[str, str], *, force: bool) -> None:
    try:
        write_start(path, text, secrets, replaces=force)
    except OSError as error:
        _refuse(path, error)


def _refuse(path: Path, error: OSError) -> NoReturn:
    end(f"{path} 写不了:{explain(error)}", EXIT_FAILED)


def _option(path: Path) -> str:
    return "" if path == Path(DEFAULT_FILE) else f" -c {path}"
