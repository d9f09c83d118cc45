"""`baotong backup` and `baotong restore FILE`: the archive as one file, and back again.

Nothing else in `data_dir` is precious: feeds are written anew, the lock and the mark say nothing by
themselves. Secrets are in none of it.
"""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import click

from bot.cli.archive import DRAFT, is_ours, must_exist
from bot.cli.ending import EXIT_ALREADY_RUNNING, EXIT_FAILED, fail
from bot.cli.loop import run_async
from bot.cli.settings import load_settings
from bot.ledger.leavers import leavers
from bot.logs import configure_logging
from bot.restoring import Settled, settle_restored
from config.models import Settings
from feeds.clock import SystemClock
from feeds.cursor import NAME as CURSOR
from feeds.errors import AlreadyRunning, StoreError
from feeds.store import copies
from feeds.store.build import FILE_NAME, MARK_NAME, open_store
from feeds.store.copies import Contents
from feeds.store.lock import DataLock
from feeds.store.presence import saved_beside
from feeds.store.schema import HEAD

T = TypeVar("T")

_DUMP = (
    "数据在 PostgreSQL 里,用它自己的工具备份:pg_dump -Fc -f {file} 数据库;"
    "放回来先停下报童,再 pg_restore --clean -d 数据库 {file} "
    "(the data are in PostgreSQL: use pg_dump and pg_restore)"
)


def save(file: Path, config: Path, *, force: bool) -> None:
    """Writes the backup, and says what is in it."""
    settings = _settings(config, file)
    database = settings.data_dir / FILE_NAME
    saved = saved_beside(database)
    if not database.exists() and saved.exists():
        click.echo(f"数据库被删掉了,备份的是另存下来的 {saved}", err=True)
        database = saved
    else:
        must_exist(settings)
    if is_ours(file, settings.data_dir) or os.path.realpath(file) == os.path.realpath(config):
        fail(f"{file} 是报童自己要用的,备份写到别处 (baotong itself needs it)", EXIT_FAILED)
    if file.exists() and not force:
        fail(f"{file} 已经有了,没有动它;要换掉就加 --force (it is there already)", EXIT_FAILED)
    try:
        copies.copy_database(database, file)
        found = copies.contents(file)
    except StoreError as error:
        fail(str(error), EXIT_FAILED)
    click.echo(f"{file}:{_in_words(found)}")


def put_back(file: Path, config: Path) -> None:
    """Puts a backup in the database's place, and says what that means for readers."""
    settings = _settings(config, file)
    try:
        found = _examined(file)
        with DataLock(settings.data_dir):
            kept, settled, is_known = run_async(lambda _stop: _put_back(settings, file))
    except AlreadyRunning as error:
        fail(f"{error};先停下它再放回", EXIT_ALREADY_RUNNING)
    except (StoreError, OSError) as error:
        fail(f"没有放回来:{error}", EXIT_FAILED)
    click.echo(f"放回来了:{_in_words(found)}")
    if kept is not None:
        click.echo(f"原来的数据库在 {kept},确定不要了再删。")
    _tell(settled, is_known=is_known)


def _tell(settled: Settled, *, is_known: bool) -> None:
    click.echo(
        "备份之后出的报会重新看到:每份报纸最多推送最新一期,其余的在一条汇总里点名;"
        f"备份里还欠着的 {settled.named} 条也归进汇总,正在发的 {settled.doubtful} 条不再发。"
    )
    if is_known:
        click.echo(
            f"备份之后撤回的 {settled.withdrawn} 篇,照样撤回;退订的 {settled.left} 个,照样退订。"
        )
    else:
        click.echo("原来的数据库读不出来:备份之后撤回过哪些稿子、谁退订了,无从知道,请再撤回一次。")


def _settings(config: Path, file: Path) -> Settings:
    settings = load_settings(config)
    configure_logging(settings.secrets())
    if settings.database_url is not None:
        fail(_DUMP.format(file=file), EXIT_FAILED)
    return settings


def _in_words(found: Contents) -> str:
    newest = f",最新一期 {found.newest}" if found.newest else ""
    counts = f"{found.papers} 份报纸 {found.issues} 期 {found.articles} 篇"
    return f"{counts}{newest},{copies.in_mib(found.bytes)}"


def _examined(file: Path) -> Contents:
    """Raises `StoreError` where this is no backup of ours that can be put back, whole."""
    if not file.is_file():
        what = "不是文件 (no regular file)" if file.exists() else "没有这个文件 (no such file)"
        raise StoreError(f"{file} {what}")
    found = copies.contents(file)
    if found.revision > HEAD:
        raise StoreError(
            f"{file} 是更新的版本写的(结构 {found.revision},这个程序只认识到 {HEAD}),请用新版本放回 "
            "(the backup is newer than this program)"
        )
    try:
        copies.look_through(file)
    except sqlite3.Error as error:
        raise StoreError(f"{file} 坏了:{error} (the backup is damaged)") from error
    return found


async def _put_back(settings: Settings, file: Path) -> tuple[Path | None, Settled, bool]:
    """Where the old database lies now, what was settled in the new one, and whether the old one told what
    was withdrawn since.
    """
    clock = SystemClock()
    database, folder = settings.data_dir / FILE_NAME, settings.data_dir / DRAFT
    kept = database.with_name(_kept_name(clock.now(), settings))
    saved = saved_beside(database)
    known = [one for one in (database, saved) if one.exists()]
    taken, gone = _all_of(known, copies.withdrawn), _all_of(known, leavers)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir()
        await asyncio.to_thread(copies.copy_database, file, folder / FILE_NAME)
        store = await open_store(folder, None, on_share=True)
        try:
            settled = await settle_restored(store, settings, clock, taken or (), gone or ())
        finally:
            await store.close()
        is_kept = copies.swap(folder / FILE_NAME, database, kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if saved.exists():  # under its name it would be taken for what is in use now
        saved.replace(kept.with_name(f"{kept.name}.saved") if is_kept else kept)
        is_kept = True
    _note(settings.data_dir)
    return kept if is_kept else None, settled, None not in (taken, gone)


def _all_of(
    databases: Sequence[Path], read: Callable[[Path], tuple[T, ...] | None]
) -> tuple[T, ...] | None:
    """What is told in any of them: the one in use, and one that was deleted in use and saved. None where
    one cannot be read, or there is none.
    """
    found = [read(one) for one in databases]
    if not found or None in found:
        return None
    return tuple(dict.fromkeys(one for rows in found for one in rows or ()))


def _note(data_dir: Path) -> None:
    """There is an archive here; and its feeds are those of another time, so they are written anew."""
    with suppress(OSError):
        (data_dir / "feeds" / CURSOR).unlink(missing_ok=True)
        (data_dir / MARK_NAME).touch()


def _kept_name(now: datetime, settings: Settings) -> str:
    return f"{FILE_NAME}.replaced-{now.astimezone(ZoneInfo(settings.timezone)):%Y%m%d-%H%M%S}"
