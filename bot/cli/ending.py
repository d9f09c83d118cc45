"""How a command ends that cannot do what it was asked to."""

from typing import NoReturn

import click

from config.models import Settings

EXIT_FAILED = 1
EXIT_CONFIGURATION = 2
EXIT_ALREADY_RUNNING = 3
MOST_NAMED = 20  # newspapers in one line


def fail(message: str, code: int) -> NoReturn:
    """One line for the operator, and the end."""
    click.echo(message, err=True)
    raise SystemExit(code)


def no_such_paper(settings: Settings, name: str) -> NoReturn:
    """A newspaper that nobody knows: the end, with those that are there."""
    papers = "、".join(source.id for source in settings.sources[:MOST_NAMED])
    more = " ……" if len(settings.sources) > MOST_NAMED else ""
    fail(f"没有叫 {name} 的报纸；有的是：{papers or '（还没有）'}{more}", EXIT_FAILED)
