"""What an operator is told of the worker itself: what is wrong and what to do, and that it is over."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.incident import IncidentKind
from feeds.words import N_, Translate

WORKER = N_("报童")

BEGINNINGS: Mapping[IncidentKind, str] = {
    IncidentKind.REFUSED: N_(
        "{about} 拒绝了我们的 token 或 key：{reason}\n推送停了，该送的都留着。换好之后运行 baotong reload（或者重启 baotong run），马上就接着送。"
    ),
    IncidentKind.UNREACHABLE: N_(
        "从 {since} 起就连不上 {about} 了：{reason}\n该送的都留着，通了就接着送。请看一下网络和代理。"
    ),
    IncidentKind.DISPUTED: N_(
        "另有一个程序在收这个机器人的消息（409），这里不再回答命令；推送不受影响。\n停掉其中一个，再重启 baotong run；或者各用各的机器人。"
    ),
    IncidentKind.STALLED: N_(
        "{about} 有消息早该送了，从 {since} 起一直没有动。\n请看日志里有什么错误，再重启 baotong run：会从断的地方接着送，什么也不会丢。"
    ),
    IncidentKind.DISK: N_(
        "{about} 所在的磁盘只剩 {free} 了。\n请腾出地方来。满了以后报童会停下来等，已有的内容都还在。"
    ),
}
ENDINGS: Mapping[IncidentKind, str] = {
    IncidentKind.REFUSED: N_("{about} 又收我们的消息了，留着的正在送。"),
    IncidentKind.UNREACHABLE: N_("{about} 又通了，留着的正在送。"),
    IncidentKind.DISPUTED: N_("没有别的程序来抢消息了，命令又有人答了。"),
    IncidentKind.STALLED: N_("{about} 又在送了。"),
    IncidentKind.DISK: N_("磁盘又有地方了。"),
}
_LASTED = N_("（{since} 到 {until}）")


def beginning(kind: IncidentKind, _: Translate, **about: str) -> str:
    """`about`: what the kind's words ask for (about, reason, since, free), plain text."""
    return _(BEGINNINGS[kind]).format(**about)


def ending(kind: IncidentKind, about: str, lasted: str, _: Translate) -> str:
    """`lasted` is `shown_span`'s."""
    return _(ENDINGS[kind]).format(about=about) + lasted


def shown_span(since: datetime, until: datetime, zone: str, _: Translate) -> str:
    """From when to when, on the operator's clock."""
    return _(_LASTED).format(since=shown_time(since, zone), until=shown_time(until, zone))


def shown_time(at: datetime, zone: str) -> str:
    """`04-08 14:05`."""
    return f"{at.astimezone(ZoneInfo(zone)):%m-%d %H:%M}"
