"""What commands share that look at one address which no configuration names: hosts to allow, and refusals."""

from typing import NoReturn
from urllib.parse import urlsplit

import click
from pydantic import ValidationError

from bot.cli.ending import EXIT_FAILED
from config.models import FetchConfig
from feeds.errors import NotReadable, Refused, Unreadable


def allowing(fetch: FetchConfig, allow_hosts: tuple[str, ...]) -> FetchConfig:
    """How to fetch, with these hosts allowed too."""
    try:
        more = FetchConfig.model_validate({"allow_hosts": frozenset(allow_hosts)})
    except ValidationError:
        raise click.BadParameter(
            "要写成 HOST:PORT,如 127.0.0.1:9000", param_hint="--allow-host"
        ) from None
    return fetch.model_copy(update={"allow_hosts": fetch.allow_hosts | more.allow_hosts})


def fail(error: Exception, url: str = "") -> NoReturn:
    """Tells in one line what went wrong, and what to do where there is something to do; exits with 1."""
    click.echo(f"{error}{advice(error, url)}".replace("\n", " "), err=True)
    raise SystemExit(EXIT_FAILED)


def advice(error: Exception, url: str) -> str:
    """What to do about it, as the end of a sentence; empty where there is nothing."""
    if isinstance(error, NotReadable) and error.why is Unreadable.SCRIPT:
        return "。在浏览器里打开它,录下请求,再运行 baotong inspect --har FILE"
    if isinstance(error, Refused) and "robots.txt" in error.reason:
        return '。报社允许的话,在配置里给这份报纸写上 robots: "ignore: 理由"'
    host = host_to_allow(error, url)
    return f"。若这确实是要看的报纸,加上 --allow-host {host}" if host else ""


def host_to_allow(error: Exception, url: str) -> str | None:
    """HOST:PORT of an address that was refused, where allowing it would help."""
    parts = urlsplit(url)
    if (
        not isinstance(error, Refused)
        or "robots.txt" in error.reason
        or parts.scheme not in {"http", "https"}
        or not parts.hostname
    ):
        return None
    port = parts.netloc.rpartition(":")[2] if ":" in parts.netloc.rpartition("]")[2] else ""
    return f"{parts.hostname}:{port or {'http': 80, 'https': 443}[parts.scheme]}"
