"""Taking the configuration anew without a restart: what of it can fail is done beside the work, so that a bad
file changes nothing.

order ─▶ load ─▶ compare ─▶ bind the address, build the channels ─▶ Change ─▶ (the worker is rebuilt) ─▶ tell
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.ground import Ground
from bot.metrics.listener import CannotListen
from bot.orders import Answer, Orders
from config.models import Settings
from config.problems import ConfigError
from feeds.errors import BaotongError

log = structlog.get_logger(__name__)

SEE_LOG = "用不了,原因在日志里;照旧的配置接着做 (not usable, see the log; the old one goes on)"


@dataclass(frozen=True, slots=True)
class Reload:
    """How a worker reads its configuration anew: `load` raises `ConfigError`; `hung_up` is set by SIGHUP."""

    load: Callable[[], Settings]
    hung_up: asyncio.Event


@dataclass(frozen=True, slots=True)
class Change:
    """Settings to go on with; whose order that was, and what is different."""

    order: str
    settings: Settings
    lines: Sequence[str]


class Reloading:
    """The orders of one worker."""

    def __init__(self, ground: Ground, reload: Reload, data_dir: Path) -> None:
        self._ground = ground
        self._load = reload.load
        self._orders = Orders(data_dir, reload.hung_up)

    async def next(self, settings: Settings) -> Change:
        """Returns once there are other settings to go on with."""
        while True:
            order = await self._orders.next()
            try:
                new = await self._prepared(settings)
            except (ConfigError, BaotongError, OSError) as error:
                self._orders.answer(Answer(order, False, str(error).splitlines()))
            except Exception:
                log.exception("configuration cannot be read")
                self._orders.answer(Answer(order, False, [SEE_LOG]))
            else:
                return Change(order, new, differences(settings, new))

    async def _prepared(self, settings: Settings) -> Settings:
        """New settings, whose address and channels are there already."""
        new = await asyncio.to_thread(self._load)
        if (fault := needs_restart(settings, new)) is not None:
            raise BaotongError(fault)
        try:
            await self._ground.listening(new)
            await self._ground.figures(new)
            self._ground.channels(new)
        except OSError as error:
            await self._ground.keep_only(settings)
            reason = error.strerror or str(error)
            raise BaotongError(f"server.listen {new.server.listen}:{reason}") from None
        except CannotListen:
            await self._ground.keep_only(settings)
            raise
        return new

    def tell(self, change: Change, settings: Settings) -> None:
        """Answers the order, once a worker with these settings is at work."""
        is_done = settings is change.settings
        self._orders.answer(Answer(change.order, is_done, change.lines if is_done else [SEE_LOG]))


def needs_restart(old: Settings, new: Settings) -> str | None:
    """What cannot be changed while the worker runs, in a sentence; None where all can."""
    for key in ("data_dir", "database"):
        if getattr(old, key) != getattr(new, key):
            return f"{key} 变了,要重启才能换 ({key} changed; that needs a restart)"
    return None


def differences(old: Settings, new: Settings) -> list[str]:
    """What the new settings change, a line each."""
    return list(_differences(old, new)) or ["没有变化 (nothing changed)"]


def _differences(old: Settings, new: Settings) -> Iterator[str]:
    before, after = ({s.id: s for s in settings.sources} for settings in (old, new))
    groups = (
        ("多了报纸", after.keys() - before.keys()),
        ("去掉了报纸(存下的都留着)", before.keys() - after.keys()),
        ("改了报纸", {name for name in after if name in before and after[name] != before[name]}),
    )
    for words, names in groups:
        if names:
            yield f"{words}:{'、'.join(sorted(names))}"
    changed = [
        name
        for name in Settings.model_fields
        if name != "sources" and getattr(old, name) != getattr(new, name)
    ]
    if changed:
        yield f"改了设置:{'、'.join(changed)}"
