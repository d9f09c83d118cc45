"""What commands share that look at one address which no configuration names: hosts to allow, and refusals."""

from typing import NoReturn

import click
from pydantic import ValidationError

from bot.cli.ending import EXIT_FAILED
from config.models import FetchConfig
from feeds.errors import ByRobots, NotPublic, Refused
from feeds.http.guard import host_and_port, parse_url


def allowing(fetch: FetchConfig, allow_hosts: tuple[str, ...]) -> FetchConfig:
    """How to fetch, with these hosts allowed too."""
    try:
        more = FetchConfig.model_validate({"allow_hosts": frozenset(allow_hosts)})
    except ValidationError:
        raise click.BadParameter(
            "要写成 HOST:PORT,如 127.0.0.1:9000", param_hint="--allow-host"
        ) from None
    return fetch.model_copy(update={"allow_hosts": fetch.allow_hosts | more.allow_hosts})


def fail(error: Exception) -> NoReturn:
    """Tells in one line what went wrong, and what to do where there is something to do; exits with 1."""
    click.echo(f"{error}{advice(error)}".replace("\n", " "), err=True)
    raise SystemExit(EXIT_FAILED)


def advice(error: Exception, *, in_file: bool = False) -> str:
    """What to do about it, behind its own words; nothing where they say it, or nothing helps. `in_file`: the
    newspaper stands in the configuration already.
    """
    if isinstance(error, ByRobots):
        where = "给这份报纸写上" if in_file else "在配置里写上这份报纸,加一行"
        return f'。报社允许的话,{where} robots: "ignore: 理由"'
    if (address := host_to_allow(error)) is None:
        return ""
    option = f"在 fetch.allow_hosts 里写上 {address}" if in_file else f"加上 --allow-host {address}"
    return f"。若这确实是要看的报纸,{option}"


def host_to_allow(error: Exception) -> str | None:
    """`host:port`, as `allow_hosts` wants it, of an address that was refused, where allowing it would help."""
    if not isinstance(error, NotPublic):
        return None
    try:
        return host_and_port(parse_url(error.url))
    except Refused:
        return None
