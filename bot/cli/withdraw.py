"""`baotong withdraw` and `restore`: an article goes out of pages, search, feeds and every message that was
sent, whatever the newspaper still shows; or it comes back.
"""

from datetime import datetime
from pathlib import Path

import click

from bot.cli.archive import open_archive
from bot.cli.deliveries import edited_name
from bot.cli.ending import EXIT_FAILED, fail, no_such_paper
from bot.cli.loop import run_async
from bot.cli.settings import load_settings
from bot.ledger.edits import NotEdited
from bot.logs import configure_logging
from bot.taking_back import MOST_SHOWN, Change, Done, do, restoration, withdrawal
from config.models import Settings
from feeds.clock import SystemClock
from feeds.models import Article
from feeds.store import library


def take_out(source: str, article: str, reason: str | None, config: Path) -> None:
    """Withdraws an article and says what becomes of the messages that tell of it."""
    now = SystemClock().now()
    found, done = _do(config, source, article, withdrawal(reason, now), now)
    click.echo(f"撤回了：{found.title}" if done.is_news else f"早就撤回了：{found.title}")
    if done.is_news:
        click.echo(
            f"发出的 {done.telling.changeable} 条消息会逐条改成「此稿已由报社撤回」"
            "（baotong run 在运行的话，马上就改；没在运行，下次启动时改）。"
            "再运行一次本命令，看有没有改不掉的。"
        )
        _tell_left(f"另有 {done.telling.fixed} 条改不了：", done.telling.named, done.telling.fixed)
    else:
        _tell_left(f"这一期有 {len(done.left)} 条消息改不掉：", done.left, len(done.left))


def give_back(source: str, article: str, config: Path) -> None:
    """Takes a withdrawal back."""
    now = SystemClock().now()
    found, done = _do(config, source, article, restoration(now), now)
    click.echo(f"放回来了：{found.title}" if done.is_news else f"没有撤回过：{found.title}")


def _do(
    config: Path, source: str, article: str, change: Change, now: datetime
) -> tuple[Article, Done]:
    settings = load_settings(config)
    configure_logging(settings.secrets())
    return run_async(lambda _stop: _change(settings, source, article, change, now))


async def _change(
    settings: Settings, source: str, name: str, change: Change, now: datetime
) -> tuple[Article, Done]:
    async with open_archive(settings) as store, store.write() as tx:
        found = await library.find_articles(tx, source, name)
        if not found and settings.source(source) is None:
            no_such_paper(settings, source)
        article = _only(found, source, name)
        return article, await do(tx, article, change, now)


def _only(found: tuple[Article, ...], source: str, name: str) -> Article:
    if not found:
        fail(
            f"{source} 里没有 {name} 这一篇（写它的网址，或 期/篇，如 2024-04-08/12345）",
            EXIT_FAILED,
        )
    if len(found) > 1:
        listed = "\n".join(f"  {one.issue}/{one.key}  {one.title}" for one in found[:MOST_SHOWN])
        fail(f"{source} 里有 {len(found)} 篇叫 {name}，写明是哪一篇：\n{listed}", EXIT_FAILED)
    return found[0]


def _tell_left(head: str, left: tuple[NotEdited, ...], count: int) -> None:
    """What cannot be changed must be seen to by hand."""
    if left:
        click.echo(head)
    for one in left[:MOST_SHOWN]:
        click.echo(f"  {one.chat}  {edited_name(one)}  {one.reason}")
    if count > MOST_SHOWN:
        click.echo("  …… 改不掉的以后见 baotong deliveries --edits")
