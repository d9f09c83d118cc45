"""Settings: everything that may be set, with its default, checked against one another."""

import ipaddress
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from config.agreement import disagreements
from config.channels import Channels
from config.forms import Section, in_language
from config.places import AddressText, DatabaseUrl, FilePath, HostPort, HttpBase, HttpUrl
from config.problems import show_path
from config.secrets import secrets_in
from config.sources import SourceConfig
from config.values import (
    Authority,
    ClockTime,
    Contact,
    Duration,
    Filled,
    Language,
    Line,
    QuietHours,
    UserAgent,
    Zone,
    within,
)

__all__ = [
    "DeliverConfig",
    "FeedsConfig",
    "FetchConfig",
    "KeepConfig",
    "PushConfig",
    "Settings",
    "SourceConfig",
    "UnknownRule",
]

Again = Literal["again", "leave"]


class ServerConfig(Section):
    """我们自己的网页服务器 (our own web server)."""

    listen: HostPort = "127.0.0.1:8080"
    """在哪里提供网页,主机:端口;要让别的机器访问就写 0.0.0.0:8080 (host:port)."""

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])


class MetricsConfig(Section):
    """给 Prometheus 看的数字 (figures for Prometheus)."""

    listen: HostPort | None = None
    """在哪里提供 /metrics,主机:端口,如 127.0.0.1:9464;null:不提供。没有密码,不要让外面访问到
    (host:port of a listener of its own; null: none. It asks nobody who they are: keep it inside)."""

    @property
    def host(self) -> str | None:
        return self.listen.rpartition(":")[0].strip("[]") if self.listen else None

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2]) if self.listen else 0

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        try:
            return self.host is None or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


class FetchConfig(Section):
    """怎样去看报纸 (how newspapers are asked)."""

    gap: Annotated[Duration, within("0s", "1h")] = timedelta(seconds=1)
    """同一台服务器两次请求之间至少隔多久,可以是 0s (least time between two requests to one host; 0s is allowed)."""
    user_agent: UserAgent | None = None
    """null:baotong/版本 (+contact) (null: baotong/VERSION (+contact))."""
    contact: Contact | None = None
    """给报社管理员看的网址或邮箱 (URL or e-mail for the newspapers' administrators)."""
    allow_hosts: frozenset[HostPort] = frozenset()
    """照样可以看的内网地址,如 "127.0.0.1:9000" (private addresses that may be fetched all the same)."""


class FeedsConfig(Section):
    """订阅源的长短和标识 (the feeds' size and ids)."""

    entries: Annotated[int, Field(ge=1, le=1000, strict=True)] = 50
    """至少这么多篇,而且总有最近两期的全部 (at least this many, and never fewer than the two newest issues whole)."""
    id_authority: Authority | None = None
    """tag: 标识里的域名;null:第一次启动时定下,以后不变 (of tag: ids; null: minted at first start and kept)."""


class HubConfig(Section):
    """WebSub."""

    allow_hosts: frozenset[HostPort] = frozenset()
    """照样可以通知的内网地址;也可以是我们自己的主机和别的端口 (private WebSub callbacks allowed all the same; our own host and odd ports too)."""
    external: tuple[HttpUrl, ...] = ()
    """有新内容时也告诉这些集线器,订阅源里也写上它们 (other hubs that our feeds name and that are told of news)."""
    lease: Annotated[Duration, within("5m", "365d")] = timedelta(days=10)
    """订阅者不说多久时,订阅管多久 (for how long a subscription holds that names no time)."""
    longest_lease: Annotated[Duration, within("5m", "365d")] = timedelta(days=30)
    """订阅者最多可以要多久 (the most that a subscriber may ask for)."""


class ReadersConfig(Section):
    """一个读者最多能要多少 (what one reader may ask of the bot)."""

    subscriptions: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 50
    """一个会话自己最多订几份 (a chat's own, at most)."""
    commands: Annotated[int, Field(ge=1, le=1000, strict=True)] = 30
    """一个人每分钟最多用几次命令和按钮 (a person's commands and buttons a minute, at most)."""


class DeliverConfig(Section):
    """一个固定的订阅者,此外还有在聊天里自己订的 (a fixed subscriber, beside those who subscribe in the chat)."""

    to: AddressText
    """发到哪里:telegram:会话 或 telegram:会话/话题,wecom:名字 等 (telegram:CHAT or telegram:CHAT/TOPIC, wecom:NAME and
    so on, or console:NAME)."""
    source: str
    """报纸的 id,或 "*":所有报纸 (an id, or "*" for all)."""
    mode: Literal["issue", "article", "daily"] = "issue"
    """一期一条、一篇一条还是一天一条 (one message an issue, one an article, or one a day)."""
    at: ClockTime = "20:00"
    """daily 在几点发 (for daily)."""
    quiet: QuietHours | None = "22:00-07:00"
    """这段时间里不响;null:总是响 (delivered without sound in these hours; null: never quiet)."""
    pages: tuple[Filled, ...] = ()
    """只要这些版,如 "01";空着就是全部 (labels of 版; empty: all)."""
    filter: Annotated[Line, in_language("filter"), Field(max_length=500)] = ""
    """只要有这些词的,- 开头的不要,如 春耕 -公告 "海棠大道" (words wanted, and with - unwanted)."""
    max_messages: Annotated[int, Field(ge=1, le=100, strict=True)] = 10
    """article 时一期最多几条,其余合成一条 (in mode article: at most so many an issue)."""

    @property
    def channel(self) -> str:
        return self.to.partition(":")[0]


class UnknownRule(Section):
    """不知道送到没有时,再发一次还是算了,按会话的种类 (nobody knows whether a message arrived, after a timeout
    or a crash: send it again, and perhaps twice, or leave it, and perhaps never).
    """

    private: Again = "again"
    """一个人 (a person)."""
    group: Again = "again"
    """群 (a group)."""
    channel: Again = "leave"
    """频道 (a channel)."""
    robot: Again = "again"
    """群机器人和程序 (robots and programs)."""
    console: Again = "again"
    """终端 (the terminal)."""


class PushConfig(Section):
    """怎样推送,不分渠道 (how what is owed is sent, whatever the channel)."""

    max_age: Annotated[Duration, within("1h", "30d")] = timedelta(hours=36)
    """轮到时已经过了这么久的,合成一条汇总;从看到的时候算起 (older news is named in one summary; counted from when
    it was found, never from the paper's date)."""
    unknown: UnknownRule = UnknownRule()
    """不知道送到没有时怎么办 (what to do where nobody knows whether a message arrived)."""


class KeepConfig(Section):
    """多久以前的可以忘掉。报纸、文章和更正永远留着 (how long what is over stays; newspapers, articles and their
    corrections stay for ever).
    """

    deliveries: Annotated[Duration, within("7d", "36500d")] = timedelta(days=90)
    """没有送、没有送成的,警报和汇总,改不了的渠道(群机器人)和离开了的会话的消息 (what was not sent, alarms and summaries,
    and messages that nobody can change: of robots, and in chats that we left)."""
    messages: Annotated[Duration, within("30d", "36500d")] = timedelta(days=3650)
    """送到了、还能改的消息记多久;过后撤稿就改不到它,一条约 0.5 KB (messages that stand and can be changed: beyond, a
    withdrawal does not reach them; about 0.5 KB each)."""
    reads: Annotated[Duration, within("8d", "36500d")] = timedelta(days=30)
    """过了多久,阅读数一天只留一个,另有最先、最后、最高的 (after that a read count a day, with the first, the last and the
    peak)."""
    journal: Annotated[Duration, within("7d", "36500d")] = timedelta(days=90)
    """流水账留多久;没处理完的不删 (the journal, never what is still to be dealt with)."""


class Settings(Section):
    """报童的配置 (the configuration of baotong)."""

    data_dir: FilePath = Path("var")
    """数据库和写好的订阅源放在哪里,相对于本文件 (database and written feeds; relative to this file)."""
    database: DatabaseUrl | None = None
    """null:data_dir 里的 SQLite;或 postgresql://… (null: SQLite in data_dir; or postgresql://…)."""
    network_share: Annotated[bool, Field(strict=True)] = False
    """data_dir 在网络共享(NFS、SMB……)上也用;SQLite 在那里会丢数据 (use SQLite on a network share all the same, where it
    loses data)."""
    public_url: HttpBase = "http://127.0.0.1:8080/"
    """读者从哪里访问我们的网页和订阅源 (where people reach our pages and feeds)."""
    language: Language = "zh-CN"
    """网页、命令和没有选过语言的聊天用的语言 (of pages, commands, and chats that did not choose)."""
    timezone: Zone = "Asia/Shanghai"
    """本文件里的钟点(at、quiet)用的时区 (of clocks that people set here: at, quiet)."""
    server: ServerConfig = ServerConfig()
    """我们自己的网页服务器 (our own web server)."""
    metrics: MetricsConfig = MetricsConfig()
    """给 Prometheus 看的数字,在自己的端口上 (figures for Prometheus, on a listener of their own)."""
    fetch: FetchConfig = FetchConfig()
    """怎样去看报纸 (how newspapers are asked)."""
    sources: tuple[SourceConfig, ...] = ()
    """要看的报纸 (the newspapers)."""
    feeds: FeedsConfig = FeedsConfig()
    """订阅源的长短和标识 (the feeds' size and ids)."""
    hub: HubConfig = HubConfig()
    """WebSub."""
    channels: Channels = Channels()
    """推送渠道 (the chat channels)."""
    push: PushConfig = PushConfig()
    """怎样推送 (how what is owed is sent)."""
    deliver: tuple[DeliverConfig, ...] = ()
    """固定的订阅者 (fixed subscribers, beside those who subscribe in the chat)."""
    readers: ReadersConfig = ReadersConfig()
    """一个读者最多能要多少 (what one reader may ask of the bot)."""
    keep: KeepConfig = KeepConfig()
    """多久以前的可以忘掉 (how long what is over stays)."""
    operators: tuple[AddressText, ...] = ()
    """谁收警报、可以用管理命令;命令只认编号,不认 @名字 (who hears alarms and may give admin commands; these by
    numeric id alone, never by @name)."""

    @model_validator(mode="after")
    def _agree(self) -> "Settings":
        """One section may name another's things only where they exist."""
        written = self.model_dump(
            include={"sources", "deliver", "channels", "operators", "server", "metrics"}
        )
        faults = [f"{show_path(path)}: {words}" for path, words in disagreements(written)]
        if faults:
            raise ValueError("; ".join(faults))
        return self

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
        return tuple(secrets_in(self))
