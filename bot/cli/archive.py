"""What commands share that look into the archive, or change it, while the worker may be running."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.cli.ending import EXIT_CONFIGURATION, EXIT_FAILED, fail
from config.models import Settings
from feeds.errors import StoreError
from feeds.store.build import explaining, find_database, look_into, use_store
from feeds.store.engine import Store


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
