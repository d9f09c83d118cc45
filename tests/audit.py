"""Whether anything that the lock files hold is known to be vulnerable: `make audit` asks OSV's database,
which has the advisories of PyPA and GitHub, in one request.

Where nobody answers within seconds it says so and passes: a machine without a network is no vulnerability.
What is accepted for now stands with its reason in pyproject.toml, `tool.baotong.accepted-advisories`.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import click

from tests.locks import Locked, locked, project

BAD_REQUEST = 400
SOURCE = "https://api.osv.dev"
PATIENCE = aiohttp.ClientTimeout(total=15, sock_connect=5)


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nobody to ask. `why` is for people; `is_refused` where somebody answered that we ask wrongly."""

    why: str
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Advisory:
    """One package with one advisory, by the advisory's id."""

    package: Locked
    id: str
    summary: str
    fixed: tuple[str, ...]
    aliases: frozenset[str]

    def __str__(self) -> str:
        fixed = f"; fixed in {', '.join(self.fixed)}" if self.fixed else ""
        where = f"https://osv.dev/vulnerability/{self.id}"
        return f"{self.package.name} {self.package.version}: {self.summary}{fixed} ({where})"


async def ask(packages: Mapping[str, Locked], source: str) -> list[Advisory] | Unreachable:
    """What is known of these packages, by purl. Whatever is not an answer is Unreachable."""
    try:
        async with aiohttp.ClientSession(timeout=PATIENCE, trust_env=True) as session:
            found = await _known(session, packages, source)
            return [await _told(session, packages[purl], one, source) for purl, one in found]
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
        is_refused = isinstance(error, aiohttp.ClientResponseError) and error.status == BAD_REQUEST
        return Unreachable(f"{type(error).__name__}: {error}".rstrip(": "), is_refused)


async def _known(
    session: aiohttp.ClientSession, packages: Mapping[str, Locked], source: str
) -> list[tuple[str, str]]:
    """Pairs of a purl and an advisory's id. A long answer comes in pages."""
    found: list[tuple[str, str]] = []
    asked = [(purl, {"package": {"purl": purl}}) for purl in packages]
    while asked:
        queries = {"queries": [query for _, query in asked]}
        async with session.post(f"{source}/v1/querybatch", json=queries) as answer:
            answer.raise_for_status()
            results = (await answer.json())["results"]
        more = []
        for (purl, query), result in zip(asked, results, strict=True):
            found += [(purl, one["id"]) for one in result.get("vulns", ())]
            if token := result.get("next_page_token"):
                more.append((purl, {**query, "page_token": token}))
        asked = more
    return found


async def _told(
    session: aiohttp.ClientSession, package: Locked, name: str, source: str
) -> Advisory:
    """An advisory with what can be had of its words: one that is known counts without them too."""
    told: dict[str, Any] = {}
    with suppress(aiohttp.ClientError, TimeoutError, ValueError):
        async with session.get(f"{source}/v1/vulns/{name}") as answer:
            answer.raise_for_status()
            told = await answer.json()
    summary, aliases = told.get("summary") or "no summary", frozenset(told.get("aliases", ()))
    return Advisory(package, name, summary, tuple(sorted(_fixed(told, package.name))), aliases)


def _fixed(told: Mapping[str, Any], name: str) -> set[str]:
    """The versions of this package that mend it."""
    return {
        event["fixed"]
        for affected in told.get("affected", ())
        if affected.get("package", {}).get("name") == name
        for span in affected.get("ranges", ())
        if span.get("type") == "ECOSYSTEM"
        for event in span.get("events", ())
        if "fixed" in event
    }


def verdict(
    answer: list[Advisory] | Unreachable, number: int, accepted: Mapping[str, str]
) -> tuple[int, list[str]]:
    """The exit status and the lines that are printed. An advisory is accepted by its id or an alias."""
    if isinstance(answer, Unreachable):
        line = f"NOT AUDITED: the advisories could not be asked for ({answer.why})"
        return int(answer.is_refused), [line]
    lines, bad = [], 0
    for one in sorted(answer, key=lambda advisory: (advisory.package.name, advisory.id)):
        reasons = [accepted[name] for name in (one.id, *one.aliases) if name in accepted]
        bad += not reasons
        lines.append(f"accepted ({reasons[0]}): {one}" if reasons else f"VULNERABLE: {one}")
    return int(bad > 0), [*lines, f"{number} locked packages audited, {bad} advisories"]


def main() -> int:
    packages = {one.purl: one for lock in locked().values() for one in lock}
    accepted = project()["tool"]["baotong"]["accepted-advisories"]
    answer = asyncio.run(ask(packages, os.environ.get("ADVISORIES", SOURCE).rstrip("/")))
    status, lines = verdict(answer, len(packages), accepted)
    click.echo("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main())
