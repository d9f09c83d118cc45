"""What of a report needs a hand: pure. Empty means that all is well."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.standing.report import Channel, Paper, Report
from feeds.models import AlarmKind
from feeds.words import N_, Translate

FAILURES = 3  # looks in a row
LATE = timedelta(minutes=15)  # of what is due to be sent
STUCK = timedelta(hours=2)  # of a look; a thick issue may take an hour to read
LEAST_FREE = 200 << 20  # bytes

ALARMS: Mapping[AlarmKind, str] = {
    AlarmKind.REDESIGN: N_("网站可能改版了"),
    AlarmKind.UNREAD: N_("读不到"),
    AlarmKind.LATE: N_("没有按时出来"),
    AlarmKind.CHALLENGE: N_("网站要求验证"),
}


@dataclass(frozen=True, slots=True)
class Need:
    """A sentence for people. `words` is a message id whose `{since}` is the time; `about` fills the rest,
    where the names in `translated` are message ids too.
    """

    words: str
    about: Mapping[str, object] = field(default_factory=dict)
    since: datetime | None = None
    translated: frozenset[str] = frozenset()

    def said(self, _: Translate, shown: str) -> str:
        """In a language; `shown` is `since` as clocks there show it."""
        values = {
            name: _(str(value)) if name in self.translated else value
            for name, value in self.about.items()
        }
        return _(self.words).format(since=shown, **values)


def needs_of(report: Report) -> tuple[Need, ...]:
    """Everything that a person should see to, the worker first. What an operator paused needs nothing, and
    what the worker itself found wrong is said once.
    """
    papers = [paper for paper in report.papers if paper.paused is None]
    told = {one.about.partition(":")[0] for one in report.incidents}
    channels = [channel for channel in report.channels if channel.name not in told]
    return (
        *_of_worker(report),
        *(need for paper in papers for need in _of_paper(paper, report)),
        *(need for channel in channels for need in _of_channel(channel, report)),
    )


def _of_worker(report: Report) -> Iterator[Need]:
    if report.worker is None:
        yield Need(N_("报童没有在运行：baotong run"))
    for one in report.incidents:
        first = one.words.strip().splitlines()[0] if one.words.strip() else one.kind
        yield Need(N_("{words}（从 {since} 起）"), {"words": first}, one.since)
    is_told = any(one.kind == "disk" for one in report.incidents)
    if not is_told and report.disk.free is not None and report.disk.free < LEAST_FREE:
        yield Need(N_("磁盘只剩 {free}"), {"free": shown_bytes(report.disk.free)})


def _of_paper(paper: Paper, report: Report) -> Iterator[Need]:
    state = paper.state
    for kind, since in state.alarms.items():
        about = {"paper": paper.title, "what": ALARMS.get(kind, str(kind))}
        yield Need(N_("{paper}：{what}（从 {since} 起）"), about, since, frozenset({"what"}))
    if state.failures >= FAILURES and not state.alarms:
        words = N_("{paper}：连着 {failures} 次没有读到：{reason}")
        yield Need(
            words,
            {"paper": paper.title, "failures": state.failures, "reason": state.reason or "?"},
        )
    due = state.next_look_at
    if report.worker is not None and due is not None and due < report.at - STUCK:
        yield Need(N_("{paper}：{since} 就该去看了，还没有看"), {"paper": paper.title}, due)


def _of_channel(channel: Channel, report: Report) -> Iterator[Need]:
    waiting = channel.waiting
    if not channel.is_configured and waiting.pending:
        words = N_("{channel}：还有 {count} 条要送，配置里却没有这个渠道")
        yield Need(words, {"channel": channel.name, "count": waiting.pending})
    elif (
        channel.paused is None
        and waiting.oldest_due is not None
        and waiting.oldest_due < report.at - LATE
    ):
        words = N_("{channel}：有消息从 {since} 起就该送了，还没有送出去")
        yield Need(words, {"channel": channel.name}, waiting.oldest_due)


def shown_bytes(number: int) -> str:
    """`1.4 GB`, `320.0 MB`."""
    giga, mega = number / (1 << 30), number / (1 << 20)
    return f"{giga:.1f} GB" if giga >= 1 else f"{mega:.1f} MB"
