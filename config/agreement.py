"""Whether the sections agree with one another: a name that one gives must exist in another.

Works on what was written, valid or not, so that these faults are told together with all others.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from config.channels import NAMED, Channels
from config.problems import Path, nearest
from config.values import ID

MOST_HINTS = 20
"""Comparing thousands of rows with thousands of papers would take minutes."""
EVERYWHERE = frozenset({"0.0.0.0", "[::]"})  # noqa: S104 - looked for, not listened on
ALWAYS_THERE = "console"
"""The terminal needs no settings."""


class Fault(NamedTuple):
    """A fault of the whole at the place that can mend it."""

    path: Path
    message: str


def disagreements(values: Mapping[str, Any]) -> Iterator[Fault]:
    """The faults between the sections of a file. What has no right shape is passed over: it has an
    error of its own.
    """
    ids = [_id_of(source) for source in _list(values, "sources")]
    rows = _list(values, "deliver")
    yield from _same_port(values)
    yield from _doubles(ids)
    yield from _same_rows(rows)
    if None not in ids:  # a source without a usable id may be the one that is meant
        yield from _unknown_sources(rows, dict.fromkeys(name for name in ids if name))
    addresses = dict(_addresses(values))
    yield from _unknown_channels(addresses, _channels(values))
    yield from _unknown_names(addresses, values)


def _addresses(values: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for index, row in enumerate(_list(values, "deliver")):
        if (to := _get(row, "to")) is not None:
            yield ("deliver", index, "to"), to
    for index, to in enumerate(_list(values, "operators")):
        if isinstance(to, str):
            yield ("operators", index), to


def _channels(values: Mapping[str, Any]) -> list[str]:
    section = values.get("channels")
    written = section if isinstance(section, Mapping) else {}
    there = (name for name, one in written.items() if one is not None and one != {})
    return [ALWAYS_THERE, *there]


def _list(values: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = values.get(name)
    return found if isinstance(found, list | tuple) else ()


def _get(section: Any, name: str) -> str | None:
    found = section.get(name) if isinstance(section, Mapping) else None
    return found if isinstance(found, str) else None


def _id_of(source: Any) -> str | None:
    name = _get(source, "id")
    return name if name and re.fullmatch(ID, name) else None


def _same_port(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Figures never stand on the public server. (Two hosts may share a port, unless one is all hosts.)"""
    pages, figures = (
        (_get(values.get(name), "listen") or default).rpartition(":")
        for name, default in (("server", "127.0.0.1:8080"), ("metrics", ""))
    )
    hosts = {pages[0], figures[0]}
    if figures[2] and figures[2] == pages[2] and (len(hosts) == 1 or hosts & EVERYWHERE):
        words = "要和 server.listen 用不同的端口 (needs a port other than server.listen's)"
        yield Fault(("metrics", "listen"), words)


def _doubles(ids: Sequence[str | None]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, name in enumerate(ids):
        if name is not None and first.setdefault(name, index) != index:
            words = f"和 sources[{first[name]}] 的 id 一样 (the same id as sources[{first[name]}])"
            yield Fault(("sources", index, "id"), words)


def _same_rows(rows: Sequence[Any]) -> Iterator[Fault]:
    """The ledger knows a row by `to` and `source`: a second one would take the first one's place."""
    first: dict[tuple[str, str], int] = {}
    for index, row in enumerate(rows):
        to, source = _get(row, "to"), _get(row, "source")
        if to is None or source is None:
            continue
        if (other := first.setdefault((to, source), index)) != index:
            words = (
                f"和 deliver[{other}] 发的是同一处、同一份报纸,合成一条 (same as deliver[{other}])"
            )
            yield Fault(("deliver", index, "to"), words)


def _unknown_sources(rows: Sequence[Any], ids: Collection[str]) -> Iterator[Fault]:
    wanted = ((index, _get(row, "source")) for index, row in enumerate(rows))
    missing = [(i, one) for i, one in wanted if one is not None and one != "*" and one not in ids]
    for number, (index, one) in enumerate(missing):
        hint = _hint(one, ids) if number < MOST_HINTS else ""
        yield Fault(("deliver", index, "source"), f"没有这份报纸{hint} (no source has this id)")


def _unknown_channels(addresses: Mapping[Path, str], channels: Collection[str]) -> Iterator[Fault]:
    known = [name for name in channels if name == ALWAYS_THERE or name in Channels.model_fields]
    for path, to in addresses.items():
        wanted, colon, _ = to.partition(":")
        if colon and wanted.isalpha() and wanted not in channels:
            hint = _hint(wanted, known)
            yield Fault(path, f"channels 里没有这个渠道{hint} (this channel is not configured)")


def _unknown_names(addresses: Mapping[Path, str], values: Mapping[str, Any]) -> Iterator[Fault]:
    """Robots and their like are called by a name that must be one of theirs."""
    for path, to in addresses.items():
        channel, _, name = to.partition(":")
        named = (values.get("channels") or {}).get(channel) if channel in NAMED else None
        if isinstance(named, Mapping) and named and name not in named:
            yield Fault(
                path, f"channels.{channel} 里没有这个名字{_hint(name, list(named))} (no such name)"
            )


def _hint(wanted: str, known: Collection[str]) -> str:
    near = nearest(wanted, known)
    if near:
        return f",是不是 {near}?"
    return f";有:{'、'.join(list(known)[:10])}" if known else ""
