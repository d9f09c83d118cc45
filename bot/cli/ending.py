"""How a command ends that cannot do what it was asked to."""

from typing import NoReturn

import click

EXIT_FAILED = 1
EXIT_CONFIGURATION = 2
EXIT_ALREADY_RUNNING = 3


def fail(message: str, code: int) -> NoReturn:
    """One line for the operator, and the end."""
    click.echo(message, err=True)
    raise SystemExit(code)
