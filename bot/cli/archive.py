"""What commands share that look into the archive, or change it, while the worker may be running."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.cli.ending import EXIT_CONFIGURATION, fail
from config.models import Settings
from feeds.errors import StoreError
from feeds.store.build import FILE_NAME, open_store
from feeds.store.engine import Store


@asynccontextmanager
async def open_archive(settings: Settings) -> AsyncIterator[Store]:
    """The store of these settings; where there is none, or it cannot be used, the end with a line
    that says why.
    """
    if settings.database_url is None and not (settings.data_dir / FILE_NAME).exists():
        fail(f"{settings.data_dir} 里还没有存档：先运行 baotong run", EXIT_CONFIGURATION)
    try:
        store = await open_store(
            settings.data_dir, settings.database_url, on_share=settings.network_share
        )
    except StoreError as error:
        fail(str(error), EXIT_CONFIGURATION)
    try:
        yield store
    finally:
        await store.close()
