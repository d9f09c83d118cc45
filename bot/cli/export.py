"""`baotong export`: the feeds and pages as files that any static host can serve."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import click

from bot.cli.archive import is_ours
from bot.cli.ending import EXIT_CONFIGURATION, EXIT_FAILED, fail
from bot.cli.loop import run_async
from bot.cli.settings import load_settings
from config.models import Settings
from feeds.clock import SystemClock
from feeds.errors import StoreError
from feeds.identity import settle
from feeds.publish.export import File, every_feed
from feeds.store.build import FILE_NAME, use_store
from feeds.store.engine import Store
from feeds.web.export import every_page

MANIFEST = ".baotong-export.json"  # what the last export wrote here; nothing else is ever removed


@dataclass
class Export:
    """A folder being written: files that are the same already are left alone."""

    folder: Path
    written: set[str] = field(default_factory=set)
    changed: int = 0

    def write(self, path: str, data: bytes) -> None:
        """One file, whole or not at all. Raises OSError."""
        self.written.add(path)
        target = self.folder / path
        if target.is_file() and target.read_bytes() == data:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.draft")
        draft.write_bytes(data)
        draft.replace(target)
        self.changed += 1

    def finish(self) -> int:
        """Takes away what an earlier export wrote and this one did not: what was taken back. Returns
        how many files that was.
        """
        gone = [path for path in self._written_before() - self.written if _is_inside(path)]
        for path in gone:
            (self.folder / path).unlink(missing_ok=True)
        manifest = json.dumps(sorted(self.written), ensure_ascii=False, indent=0)
        (self.folder / MANIFEST).write_text(manifest, encoding="utf-8")
        return len(gone)

    def _written_before(self) -> set[str]:
        try:
            return set(map(str, json.loads((self.folder / MANIFEST).read_bytes())))
        except (OSError, ValueError, TypeError):
            return set()


def write_out(folder: Path, config: Path, public_url: str | None) -> None:
    """Writes every feed and page into this folder, with links to where it will stand."""
    instead = {"BAOTONG_PUBLIC_URL": public_url} if public_url else {}
    settings = load_settings(config, instead=instead)
    if settings.database_url is None and not (settings.data_dir / FILE_NAME).exists():
        fail(f"{settings.data_dir} 里还没有报纸:先用 baotong run 看一期", EXIT_FAILED)
    if is_ours(folder, settings.data_dir):
        fail(
            f"{folder} 里是报童自己的文件,导出到别的目录 (baotong keeps its own files there)",
            EXIT_FAILED,
        )
    done = Export(folder)
    try:
        removed = run_async(lambda stop: _export(settings, done, stop))
    except StoreError as error:
        fail(str(error), EXIT_CONFIGURATION)
    except OSError as error:
        fail(f"{error.filename or folder} 写不进去:{error.strerror or error}", EXIT_FAILED)
    click.echo(f"{folder}:{len(done.written)} 个文件,{done.changed} 个有变化,删掉 {removed} 个")


async def _export(settings: Settings, done: Export, stop: asyncio.Event) -> int:
    store = await use_store(
        settings.data_dir, settings.database_url, on_share=settings.network_share
    )
    try:
        async for path, data in _every_file(store, settings):
            await asyncio.to_thread(done.write, path, data)
            if stop.is_set():
                fail("停下了,没有写完;再运行一次就接着写", EXIT_FAILED)
        return await asyncio.to_thread(done.finish)
    finally:
        await store.close()


async def _every_file(store: Store, settings: Settings) -> AsyncIterator[File]:
    async with store.write() as tx:
        configured = settings.feeds.id_authority
        identity = await settle(tx, configured, SystemClock().now())
    async for file in every_feed(store, settings, identity.authority):
        yield file
    async for file in every_page(store, settings):
        yield file


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts and "\\" not in path
