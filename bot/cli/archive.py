"""What commands share that look into the archive, or change it, while the worker may be running."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.cli.ending import EXIT_CONFIGURATION, EXIT_FAILED, fail
from bot.orders import NAME as ORDERS
from config.models import Settings
from feeds.errors import StoreError
from feeds.store.build import FILE_NAME, MARK_NAME, explaining, find_database, look_into, use_store
from feeds.store.engine import Store
from feeds.store.lock import NAME as LOCK

DRAFT = ".restoring"  # a folder in data_dir, for the time of a restore
_OURS = {LOCK, MARK_NAME, ORDERS, DRAFT, "feeds"}  # and the database with all that has its name


@asynccontextmanager
async def open_archive(settings: Settings) -> AsyncIterator[Store]:
    """The store of these settings; where there is none, or it cannot be used, the end with a line
    that says why, and so where what is done with it fails because of its disk.
    """
    must_exist(settings)
    try:
        store = await use_store(
            settings.data_dir, settings.database_url, on_share=settings.network_share
        )
    except StoreError as error:
        fail(str(error), EXIT_FAILED)
    async with _used(store, settings):
        yield store


@asynccontextmanager
async def look_into_archive(settings: Settings) -> AsyncIterator[Store]:
    """The store, to be read only. One that cannot be used as it is needs a hand: the end with 1."""
    must_exist(settings)
    try:
        store = await look_into(settings.data_dir, settings.database_url)
    except StoreError as error:
        fail(str(error), EXIT_FAILED)
    async with _used(store, settings):
        yield store


@asynccontextmanager
async def _used(store: Store, settings: Settings) -> AsyncIterator[None]:
    try:
        with explaining(settings.data_dir, settings.database_url):
            try:
                yield
            finally:
                await store.close()
    except StoreError as error:
        fail(str(error), EXIT_FAILED)


def must_exist(settings: Settings) -> None:
    """Where there is nothing yet, `run` begins; what it would refuse is refused in the same words."""
    if settings.database_url is not None:
        return
    try:
        is_there = find_database(settings.data_dir)
    except StoreError as error:
        fail(str(error), EXIT_FAILED)
    if not is_there:
        fail(f"{settings.data_dir} 里还没有存档：先运行 baotong run", EXIT_CONFIGURATION)


def is_ours(place: Path, data_dir: Path) -> bool:
    """Whether a file or folder there would take the place of what the worker needs, now or later: a log
    that is not there yet is read into the database once it is.
    """
    there, folder = Path(os.path.realpath(place)), Path(os.path.realpath(data_dir))
    if not there.is_relative_to(folder):
        return False
    first = there.relative_to(folder).parts[:1]
    return first == () or first[0] in _OURS or first[0].startswith(FILE_NAME)
