"""The same answers from options, for scripts: nothing is asked, and what is wrong ends the command before it writes."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from bot.cli.ending import EXIT_FAILED
from bot.cli.ending import fail as end
from bot.cli.network import fail
from bot.cli.notes import notes_on
from bot.cli.readings import issue_plain, show
from bot.cli.start.answers import Answers, Push, Secret
from bot.cli.start.chats import CHATS, ROBOT, Chat
from bot.cli.start.trials import find_paper, try_key
from bot.errors import ChannelError, Unauthorised
from config.files import explain, read_at_most
from config.load import ConfigError
from config.places import AddressText, Proxy
from config.values import Contact, SourceId
from feeds.errors import BaotongError

_MOST = 64 * 1024
Options = Mapping[str, Any]


def read_options(options: Options, folder: Path, console: Console) -> Answers:
    """The answers in these options; `folder` is that of the configuration, from which it names files."""
    url = options["url"]
    if not url:
        raise click.UsageError("要写 --url:报纸的网址")
    push = _push(options, folder)
    operators = tuple(_checked("--operator", AddressText, one) for one in options["operators"])
    contact = _optional("--contact", Contact, options["contact"])
    source_id = _optional("--id", SourceId, options["source_id"])
    try:
        found = find_paper(console, url, options["kind"], options["allow_hosts"])
    except BaotongError as error:
        fail(error)
    show(console, issue_plain(found.exploration.issue))
    title = options["title"] or found.title
    for note in notes_on(url, title, found):
        click.echo(f"注意:{note}", err=True)
    if push is not None:
        _try(console, push)
    return Answers(
        url=url,
        found=found,
        title=title,
        push=push,
        operators=operators,
        contact=contact,
        allow_hosts=options["allow_hosts"],
        source_id=source_id,
    )


def _push(options: Options, folder: Path) -> Push | None:
    chat = next((chat for chat in CHATS if chat.name == options["chat"]), None)
    key = _secret(options, "key", folder)
    sign = _secret(options, "secret", folder)
    if chat is None:
        if key or sign or options["to"] or options["proxy"]:
            raise click.UsageError("要写 --chat:这是哪一种群的密钥")
        return None
    if key is None:
        raise click.UsageError(f"--chat {chat.name} 要有 --key-file 或 --key-env")
    if chat.read(key.text) != key.text:
        raise click.UsageError(f"密钥里只放 {chat.asks.partition(',或')[2]},不放整个网址")
    if sign and not chat.signs:
        raise click.UsageError(f"--chat {chat.name} 没有第二个密钥")
    proxy = None if chat.is_robot else options["proxy"]
    if proxy != options["proxy"]:
        raise click.UsageError("--proxy 只给 Telegram 用")
    if proxy and "${" not in proxy:
        _checked("--proxy", Proxy, proxy)
        if "@" in proxy:
            raise click.UsageError(
                "--proxy 里有密码,不能写进配置:放进环境变量,这里写 '${TELEGRAM_PROXY}' "
                "(a password belongs in the environment)"
            )
    return Push(chat, key, sign, proxy, _to(chat, options["to"]))


def _to(chat: Chat, to: str | None) -> str | None:
    if chat.is_robot:
        if to not in {None, f"{chat.name}:{ROBOT}"}:
            raise click.UsageError(f"--to 只给 Telegram 用,这个机器人是 {chat.name}:{ROBOT}")
        return f"{chat.name}:{ROBOT}"
    if to is None:
        return None
    return _checked("--to", AddressText, to if to.startswith("telegram:") else f"telegram:{to}")


def _secret(options: Options, name: str, folder: Path) -> Secret | None:
    """What `--key-file` or `--key-env` name."""
    file, variable = options[f"{name}_file"], options[f"{name}_env"]
    if file and variable:
        raise click.UsageError(f"--{name}-file 和 --{name}-env 只写一个")
    if variable:
        if not os.environ.get(variable):
            raise click.UsageError(f"环境变量 {variable} 没有设置 ({variable} is not set)")
        return Secret(os.environ[variable], variable=variable)
    return Secret(_line_of(file), file=_seen_from(folder, file)) if file else None


def _line_of(file: Path) -> str:
    try:
        return read_at_most(file, _MOST).decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise click.UsageError(f"{file} 里不是文字 (holds no text)") from None
    except OSError as error:
        raise click.UsageError(f"{file} {explain(error)}") from None


def _seen_from(folder: Path, file: Path) -> str:
    """A configuration names files from its own folder."""
    if file.is_absolute():
        return str(file)
    try:
        return os.path.relpath(file.absolute(), folder)
    except ValueError:  # on another drive of Windows
        return str(file.absolute())


def _try(console: Console, push: Push) -> None:
    """A key that is refused ends the command; a chat that cannot be reached now may be later."""
    try:
        answer = try_key(console, push)
    except ConfigError as error:
        end("\n".join(problem.message for problem in error.problems), EXIT_FAILED)
    if isinstance(answer, Unauthorised):
        end(f"{push.chat.title} 不认这个密钥:{answer}\n{push.chat.renew}", EXIT_FAILED)
    if isinstance(answer, ChannelError):
        click.echo(f"注意:{push.chat.title} 现在没有回答:{answer}", err=True)


def _optional(option: str, kind: Any, text: str | None) -> str | None:
    return None if text is None else _checked(option, kind, text)


def _checked(option: str, kind: Any, text: str) -> str:
    read: Callable[[str], Any] = TypeAdapter(kind).validate_python
    try:
        read(text)
    except ValidationError as error:
        words = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise click.BadParameter(words.removeprefix("Value error, "), param_hint=option) from None
    return text
