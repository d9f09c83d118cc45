"""`baotong deliveries`: what was owed to whom, what became of it and when; and once more what failed."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.archive import open_archive
from bot.cli.ending import EXIT_FAILED, fail, no_such_paper
from bot.cli.loop import run_async
from bot.cli.settings import load_settings
from bot.ledger import chats, edits, listing
from bot.ledger.edits import NotEdited
from bot.ledger.listing import ENDED_BADLY, Listed, Wanted
from bot.logs import configure_logging
from bot.messages.names import FORM_NAMES
from config.models import Settings
from feeds.clock import SystemClock
from feeds.store.engine import Transaction
from feeds.store.outbox import State

STATES = {
    State.PENDING: "等着送",
    State.SENDING: "正在送",
    State.SENT: "送到了",
    State.UNKNOWN: "不知道送到没有",
    State.FAILED: "没送成",
    State.SKIPPED: "没有送",
}


def tell(
    config: Path,
    source: str | None,
    chat: str | None,
    states: tuple[str, ...],
    limit: int,
    *,
    shows_edits: bool,
    retry: bool,
) -> None:
    """Lists deliveries, or messages that could not be changed; or owes once more what failed."""
    settings = load_settings(config)
    configure_logging(settings.secrets())
    wanted = Wanted(source, chat, tuple(State(state) for state in states))
    if retry:
        run_async(lambda _stop: _retry(settings, wanted, limit))
    elif shows_edits:
        _print_edits(settings, run_async(lambda _stop: _not_edited(settings, limit)))
    else:
        _print(settings, run_async(lambda _stop: _find(settings, wanted, limit)), limit)


async def _find(settings: Settings, wanted: Wanted, limit: int) -> tuple[Listed, ...]:
    async with open_archive(settings) as store, store.read() as tx:
        await _must_be_known(settings, tx, wanted)
        return await listing.find(tx, wanted, limit)


async def _must_be_known(settings: Settings, tx: Transaction, wanted: Wanted) -> None:
    """A name with a slip in it would find nothing, and look as if all were well."""
    source, chat = wanted.source, wanted.chat
    if source and settings.source(source) is None and not await listing.knows(tx, Wanted(source)):
        no_such_paper(settings, source)
    if chat and await chats.get(tx, chat) is None:
        fail(
            f"没有叫 {chat} 的会话（写 telegram:7、telegram:-1001234567890、wecom:desk 这样，不带话题）",
            EXIT_FAILED,
        )


async def _not_edited(settings: Settings, limit: int) -> tuple[NotEdited, ...]:
    async with open_archive(settings) as store, store.read() as tx:
        return await edits.not_edited(tx, limit=limit)


async def _retry(settings: Settings, wanted: Wanted, limit: int) -> None:
    now, states = SystemClock().now(), wanted.states or (*ENDED_BADLY, State.PENDING)
    wanted = Wanted(wanted.source, wanted.chat, states)
    async with open_archive(settings) as store, store.write() as tx:
        await _must_be_known(settings, tx, wanted)
        count = await listing.send_again(tx, wanted, limit, now)
        if wanted.chat is not None and State.PENDING in states:
            count += await listing.hurry(tx, wanted, wanted.chat, now)
    if count:
        click.echo(f"{count} 条会再送一次（baotong run 正在运行的话，几秒之内）。")
    else:
        click.echo("没有可以再送的。")


def _print(settings: Settings, found: tuple[Listed, ...], limit: int) -> None:
    table = Table("时间", "会话", "报纸", "什么", "怎样了", "几次", "原因")
    zone = ZoneInfo(settings.timezone)
    for one in found:
        to = f"{one.chat}/{one.topic}" if one.topic else one.chat
        what = " ".join(word for word in (one.issue, FORM_NAMES[one.form], one.title) if word)
        row = (
            _when(one, zone), to, one.source, what, STATES[one.state], str(one.attempts),
            one.reason or "",
        )  # fmt: skip
        table.add_row(*(Text(cell) for cell in row))  # a newspaper's words are no markup of rich's
    Console().print(table)
    if len(found) == limit:
        click.echo(f"只列了最近 {limit} 条，多看一些用 --limit。")


def _when(one: Listed, zone: ZoneInfo) -> str:
    """When its messages were sent; or when it ended, or is due."""
    return "\n".join(_shown(at, zone) for at in one.sent or (one.settled_at or one.due_at,))


def _print_edits(settings: Settings, found: tuple[NotEdited, ...]) -> None:
    table = Table("时间", "会话", "什么", "为什么没能改掉")
    zone = ZoneInfo(settings.timezone)
    for one in found:
        row = (_shown(one.at, zone), one.chat, edited_name(one), one.reason or "")
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def edited_name(one: NotEdited) -> str:
    """Which message it is."""
    return " ".join(word for word in (one.issue, FORM_NAMES[one.form]) if word)


def _shown(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%m-%d %H:%M:%S}"
