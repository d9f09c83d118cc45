"""Settings: everything that may be set, with its default, checked against one another."""

import ipaddress
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from config.channels import Channels
from config.sources import SourceConfig
from config.values import (
    AddressText,
    ClockTime,
    Duration,
    HostPort,
    HttpBase,
    HttpUrl,
    Language,
    QuietHours,
    Secret,
    Section,
    Zone,
)

__all__ = ["DeliverConfig", "FeedsConfig", "FetchConfig", "Settings", "SourceConfig"]


class ServerConfig(Section):
    """Our own web server."""

    listen: HostPort = "127.0.0.1:8080"
    """host:port."""

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])


class FetchConfig(Section):
    """How newspapers are asked."""

    gap: Annotated[Duration, Field(le=timedelta(hours=1))] = timedelta(seconds=1)
    """Least time between two requests to one host; 0s is allowed."""
    user_agent: Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,300}$")] | None = None
    """null: baotong/VERSION (+contact)."""
    contact: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$")] | None = None
    """URL or e-mail for the newspapers' administrators."""
    allow_hosts: frozenset[HostPort] = frozenset()
    """"127.0.0.1:9000": private addresses that may be fetched all the same."""


class FeedsConfig(Section):
    """The feeds' size and ids."""

    entries: Annotated[int, Field(ge=1, le=1000, strict=True)] = 50
    """At least this many, and never fewer than the two newest issues whole."""
    id_authority: Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,100}(,[0-9-]{4,10})?$")] | None = (
        None
    )
    """Of tag: ids; null: minted at first start and kept."""


class HubConfig(Section):
    """WebSub."""

    allow_hosts: frozenset[HostPort] = frozenset()
    """Private WebSub callbacks allowed all the same; our own host and odd ports too."""
    external: tuple[HttpUrl, ...] = ()
    """Other hubs that our feeds name and that are told of news."""
    lease: Annotated[Duration, Field(ge=timedelta(minutes=1), le=timedelta(days=365))] = timedelta(
        days=10
    )
    """For how long a subscription holds that names no time."""
    longest_lease: Annotated[Duration, Field(ge=timedelta(minutes=1), le=timedelta(days=365))] = (
        timedelta(days=30)
    )
    """The most that a subscriber may ask for."""


class DeliverConfig(Section):
    """A fixed subscriber, beside those who subscribe in the chat."""

    to: AddressText
    """telegram:CHAT or telegram:CHAT/TOPIC, or console:NAME."""
    source: str
    """An id, or "*" for all."""
    mode: Literal["issue", "article", "daily"] = "issue"
    """One message an issue, one an article, or one a day."""
    at: ClockTime = "20:00"
    """For daily."""
    quiet: QuietHours | None = "22:00-07:00"
    """Delivered without sound in these hours; null: never quiet."""
    pages: tuple[str, ...] = ()
    """Labels of 版; empty: all."""
    filter: str = Field(default="", max_length=500)
    """春耕 -公告 "海棠大道"."""
    max_messages: Annotated[int, Field(ge=1, le=100, strict=True)] = 10
    """In mode article: at most so many an issue."""

    @property
    def channel(self) -> str:
        return self.to.partition(":")[0]


class Settings(Section):
    """The whole file."""

    data_dir: Path = Path("var")
    """Database and written feeds; relative to this file."""
    database: Secret | None = None
    """null: SQLite in data_dir; or postgresql://…"""
    public_url: HttpBase = "http://127.0.0.1:8080/"
    """Where people reach our pages and feeds."""
    language: Language = "zh-CN"
    """Of pages, commands, and chats that did not choose."""
    timezone: Zone = "Asia/Shanghai"
    """Of clocks that people set here (at, quiet)."""
    server: ServerConfig = ServerConfig()
    fetch: FetchConfig = FetchConfig()
    sources: tuple[SourceConfig, ...] = Field(default=(), max_length=50_000)
    feeds: FeedsConfig = FeedsConfig()
    hub: HubConfig = HubConfig()
    channels: Channels = Channels()
    deliver: tuple[DeliverConfig, ...] = ()
    operators: tuple[AddressText, ...] = ()
    """Who hears alarms and may give admin commands."""

    @model_validator(mode="after")
    def _agree(self) -> "Settings":
        """One section may name another's things only where they exist. All faults at once."""
        faults = [*self._source_faults(), *self._deliver_faults(), *self._database_faults()]
        if faults:
            raise PydanticCustomError("faults", "", {"faults": faults})
        return self

    def _source_faults(self) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
        seen: dict[str, int] = {}
        for index, source in enumerate(self.sources):
            if source.id in seen:
                words = f"sources[{seen[source.id]}] 已经叫 {source.id} (this id is taken)"
                yield ("sources", index, "id"), words, ""
            seen.setdefault(source.id, index)

    def _deliver_faults(self) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
        ids = [source.id for source in self.sources]
        channels = ["console", *(name for name, section in self.channels if section is not None)]
        for index, row in enumerate(self.deliver):
            if row.source != "*" and row.source not in ids:
                words = f"没有 {row.source} 这份报纸 (no source has this id)"
                yield ("deliver", index, "source"), words, _listed(ids)
            if row.channel not in channels:
                words = f"没有设置 channels.{row.channel} (this channel is not configured)"
                yield ("deliver", index, "to"), words, _listed(channels)

    def _database_faults(self) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
        if self.database_url and not self.database_url.startswith(("postgresql://", "postgres://")):
            words = "要写 postgresql://…,或 null (a postgresql:// URL, or null)"
            yield ("database",), words, ""

    @property
    def database_url(self) -> str | None:
        """The database's URL with its password, or None for SQLite in data_dir."""
        return self.database.get_secret_value() if self.database else None

    @property
    def is_public(self) -> bool:
        """Whether others than this machine and its neighbours can reach `public_url`."""
        host = (urlsplit(self.public_url).hostname or "").lower()
        if host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".lan")):
            return False
        try:
            return ipaddress.ip_address(host).is_global
        except ValueError:
            return "." in host

    def content_of(self, source: SourceConfig) -> Literal["full", "summary"]:
        """What feeds and pages may show of this paper: as set, else full only where that is private
        or licensed.
        """
        if source.content is not None:
            return source.content
        return "full" if source.rights or not self.is_public else "summary"

    def source(self, source_id: str) -> SourceConfig | None:
        """The newspaper with this id."""
        return next((source for source in self.sources if source.id == source_id), None)

    def secrets(self) -> tuple[str, ...]:
        """Everything that no log, page or message may ever hold."""
        telegram = self.channels.telegram
        held = [telegram.token, telegram.proxy] if telegram else []
        passwords = [self.database] if self.database else []
        return tuple(s.get_secret_value() for s in (*held, *passwords) if s is not None)


def _listed(names: list[str]) -> str:
    return ",".join(names)
