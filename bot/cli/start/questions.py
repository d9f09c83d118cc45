"""The questions that `baotong init` asks at a terminal. A fault is told at its question, which is asked again; nothing
is written before the last one.
"""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click
from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from bot.cli.network import advice, host_to_allow
from bot.cli.notes import OF_ONE_DAY, is_of_one_day
from bot.cli.readings import issue_plain, show
from bot.cli.start.answers import Answers, Push, Secret
from bot.cli.start.chats import CHATS, ROBOT, Chat
from bot.cli.start.trials import find_paper, try_key
from bot.errors import ChannelError, Unauthorised
from config.load import ConfigError
from config.places import AddressText
from config.places import Proxy as ProxyText
from config.places import Secret as SecretText
from config.values import Contact
from feeds.errors import BaotongError
from feeds.finding import Found

T = TypeVar("T")

_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")
_NONE = len(CHATS) + 1


def ask(console: Console) -> Answers | None:
    """Everything, question by question; None where the person has no address and wants the example alone.

    Raises click's Abort at Ctrl-C.
    """
    click.echo("一份报纸,一个群,几个问题;随时可以按 Ctrl-C,问完以前什么也不写。\n")
    paper = _paper(console)
    if paper is None:
        return None
    push = _push(console)
    return replace(
        paper,
        push=push,
        operators=_operators(push) if push else (),
        contact=_optional(
            "\n写给报社管理员看的联系方式,网址或邮箱(回车:不写)",
            TypeAdapter(Contact).validate_python,
        ),
    )


# ── the newspaper ───────────────────────────────────────────────────────────────────────────────


def _paper(console: Console) -> Answers | None:
    hosts: tuple[str, ...] = ()
    url = ""
    while True:
        url = url or _line("报纸的网址,能看到最新一期的那一页(回车:只写一份带注释的空白配置)")
        if not url:
            return None
        try:
            found = find_paper(console, url, None, hosts)
        except BaotongError as error:
            host = host_to_allow(error)
            if host and click.confirm(f"{error}\n确实是自己的报纸、要看它吗?"):
                hosts = (host,)
                continue
            if not host:
                click.echo(f"{error}{advice(error)}")
            url, hosts = "", ()
            continue
        show(console, issue_plain(found.exploration.issue))
        if is_of_one_day(url, found) and not click.confirm(f"{OF_ONE_DAY}。还是用它吗?"):
            url, hosts = "", ()
            continue
        return Answers(url, found, _title(url, found), allow_hosts=hosts)


def _title(url: str, found: Found) -> str:
    known = found.title if found.title != urlsplit(url).hostname else None
    title: str = click.prompt("给读者看的报名", default=known).strip()
    return title


# ── the chat ────────────────────────────────────────────────────────────────────────────────────


def _push(console: Console) -> Push | None:
    click.echo("\n推送到哪里?")
    for number, chat in enumerate(CHATS, 1):
        click.echo(f"  {number}  {chat.title}")
    click.echo(f"  {_NONE}  先不推送,只要网页和订阅源")
    number = click.prompt("写一个数字", type=click.IntRange(1, _NONE), default=1)
    if number == _NONE:
        return None
    chat = CHATS[number - 1]
    click.echo("")
    for step in chat.steps:
        click.echo(step)
    push = _keys(console, chat)
    to = f"{chat.name}:{ROBOT}" if chat.is_robot else _telegram_chat()
    return replace(push, to=to)


def _keys(console: Console, chat: Chat) -> Push:
    """Asks until the chat takes the key, or the person goes on without an answer from it."""
    while True:
        push = Push(chat, _secret(chat.asks, chat.read))
        if chat.signs:
            push = replace(push, sign=_secret(f"{chat.signs},没有就回车", str, needed=False))
        answer = _told(console, push)
        if isinstance(answer, ChannelError) and not chat.is_robot and not _is_refused(answer):
            proxy = _proxy()
            push = replace(push, proxy=proxy)
            answer = _told(console, push) if proxy else answer
        if not isinstance(answer, ChannelError):
            click.echo(f"好了:{answer}")
            return push
        if _is_refused(answer):
            click.echo(chat.renew)
        elif click.confirm("先这样写下来,以后再试吗?"):
            return push


def _told(console: Console, push: Push) -> str | ChannelError:
    """The chat's answer, with its refusal told."""
    try:
        answer = try_key(console, push)
    except ConfigError as error:
        answer = Unauthorised("\n".join(problem.message for problem in error.problems))
    if isinstance(answer, ChannelError):
        click.echo(f"✗ {answer}")
    return answer


def _is_refused(error: ChannelError) -> bool:
    return isinstance(error, Unauthorised)


def _secret(question: str, read: Callable[[str], str], *, needed: bool = True) -> Any:
    """A key, typed unseen; or the name of the variable that holds it."""
    while True:
        typed: str = click.prompt(
            f"{question}(不显示;也可以写环境变量的名字,如 $KEY)",
            hide_input=True,
            default=None if needed else "",
            show_default=False,
        ).strip()
        if not typed:
            return None
        variable = _VARIABLE.fullmatch(typed)
        text = os.environ.get(variable[1], "") if variable else read(typed)
        if variable and not text:
            click.echo(f"环境变量 {variable[1]} 没有设置")
        elif fault := _fault(TypeAdapter(SecretText).validate_python, text):
            click.echo(fault)
        else:
            return Secret(text, variable=variable[1] if variable else None)


def _proxy() -> str | None:
    """In mainland China Telegram is behind one. One with a password in it goes by an environment variable."""

    def read(text: str) -> str:
        variable = _VARIABLE.fullmatch(text)
        TypeAdapter(ProxyText).validate_python(
            os.environ.get(variable[1], "") if variable else text
        )
        if not variable and "@" in text:
            raise ValueError(
                "里面有密码,不能写进配置:放进环境变量,这里写它的名字,如 $TELEGRAM_PROXY"
            )
        return f"${{{variable[1]}}}" if variable else text

    return _optional("在中国大陆要走代理,如 socks5://127.0.0.1:1080(回车:不用)", read)


def _telegram_chat() -> str | None:
    return _optional(
        "推到哪个群或频道,如 -1001234567890 或 @频道名(回车:谁给机器人发 /subscribe,谁就收到)",
        lambda text: TypeAdapter(AddressText).validate_python(_address(text)),
    )


def _operators(push: Push) -> tuple[str, ...]:
    """Who is told when something needs a hand."""
    if push.chat.is_robot:
        is_wanted = click.confirm("报纸读不到了、推送不出去了,也在这个群里说一声吗?", default=True)
        return (str(push.to),) if is_wanted else ()
    person = _optional(
        "出了问题告诉谁:你自己的 Telegram 数字编号,问 @userinfobot 就知道(回车:先不写)",
        lambda text: TypeAdapter(AddressText).validate_python(_address(text)),
    )
    return (person,) if person else ()


def _address(text: str) -> str:
    return text if text.startswith("telegram:") else f"telegram:{text}"


# ── how a question is asked ─────────────────────────────────────────────────────────────────────


def _line(question: str) -> str:
    answer: str = click.prompt(question, default="", show_default=False)
    return answer.strip()


def _optional(question: str, read: Callable[[str], T]) -> T | None:
    """What `read` makes of the answer, which raises ValueError for what it cannot be; None for an empty one."""
    while answer := _line(question):
        if fault := _fault(read, answer):
            click.echo(fault)
        else:
            return read(answer)
    return None


def _fault(read: Callable[[str], Any], text: str) -> str:
    try:
        read(text)
    except ValidationError as error:
        told: str = error.errors(include_url=False, include_input=False)[0]["msg"]
        return told.removeprefix("Value error, ")
    except ValueError as error:
        return str(error)
    return ""
