"""A report as JSON: stable, changed only by adding. `baotong status --help` describes it."""

from datetime import datetime, timedelta
from typing import Any

from bot.ledger.overview import Standing
from bot.standing.needs import needs_of
from bot.standing.report import Channel, Paper, Report
from feeds.store.pauses import Pause
from feeds.words import Translate


def document(report: Report, _: Translate) -> dict[str, Any]:
    """Times are ISO 8601 in UTC, sizes bytes; unknown is null. `_` is of the sentences in `needs`."""
    needs = needs_of(report)
    return {
        "ok": not needs,
        "needs": [need.said(_, _time(need.since) or "") for need in needs],
        "at": _time(report.at),
        "version": report.version,
        "worker": {"running": report.worker is not None, "pid": _pid(report.worker)},
        "database": {
            "kind": report.disk.kind,
            "revision": report.disk.revision,
            "bytes": report.disk.bytes,
            "free_bytes": report.disk.free,
        },
        "sources": [_paper(paper) for paper in report.papers],
        "channels": [_channel(channel) for channel in report.channels],
        "incidents": [_incident(one) for one in report.incidents],
        "rewrites": report.rewrites,
    }


def _paper(paper: Paper) -> dict[str, Any]:
    state, issue = paper.state, paper.state.issue
    return {
        "id": paper.id,
        "title": paper.title,
        "issue": issue
        and {
            "key": issue.key,
            "date": issue.date.isoformat(),
            "number": issue.number,
            "status": str(issue.status),
            "pages": issue.pages,
            "articles": issue.articles,
        },
        "looked_at": _time(state.looked_at),
        "read_at": _time(state.read_at),
        "next_look_at": _time(state.next_look_at),
        "failures": state.failures,
        "reason": state.reason,
        "usual_minute": None if paper.usual is None else paper.usual // timedelta(minutes=1),
        "paused": _pause(paper.paused),
        "alarms": [{"kind": str(kind), "since": _time(at)} for kind, at in state.alarms.items()],
        "found_by": None if state.found_by is None else dict(state.found_by),
    }


def _channel(channel: Channel) -> dict[str, Any]:
    waiting, lately = channel.waiting, channel.lately
    return {
        "name": channel.name,
        "configured": channel.is_configured,
        "paused": _pause(channel.paused),
        "pending": waiting.pending,
        "sending": waiting.sending,
        "oldest_due": _time(waiting.oldest_due),
        "stuck": waiting.stuck and {"chat": waiting.stuck.chat, "reason": waiting.stuck.reason},
        "edits": channel.edits,
        "last_day": {
            "sent": lately.sent,
            "failed": lately.failed,
            "unknown": lately.unknown,
            "failed_at": _time(lately.failed_at),
            "reason": lately.reason,
        },
        "sent_at": _time(lately.sent_at),
    }


def _incident(one: Standing) -> dict[str, Any]:
    return {"kind": one.kind, "about": one.about, "since": _time(one.since), "words": one.words}


def _pause(pause: Pause | None) -> dict[str, Any] | None:
    return None if pause is None else {"since": _time(pause.since), "by": pause.by}


def _pid(worker: str | None) -> int | None:
    return int(worker) if worker and worker.isdecimal() else None


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
