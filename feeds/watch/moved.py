"""Articles that a document shows under another day than that in whose issue they came: an upstream feed shows
an entry for long, and under today's date where it has none or was touched since. What came in one issue
stays there, and what its newspaper changed in it is a correction there.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from feeds.decide import Asked, Changes, Policy, decide
from feeds.models import IssueReading, Reading
from feeds.store import archive
from feeds.store.engine import Transaction
from feeds.store.known import homes_elsewhere, known


async def settle_moved(
    tx: Transaction, reading: Reading, issue: IssueReading, policy: Policy, now: datetime
) -> tuple[Reading, list[Changes]]:
    """The reading without the articles of other issues, and what they changed there, recorded."""
    keys = {link.key for page in issue.pages for link in page.articles or ()}
    homes = await homes_elsewhere(tx, policy.source, issue.key, keys)
    if not homes:
        return reading, []
    changes = []
    for home in dict.fromkeys(homes.values()):
        theirs = [article for article in reading.articles if homes.get(article.key) == home]
        held = await known(tx, policy.source, home, {article.key for article in theirs})
        said = Reading(articles=tuple(theirs))
        changes.append(decide(held, said, Asked(issue.url, home), policy, now))
        await archive.record(tx, changes[-1], now)
    return _without(reading, issue, homes), changes


def _without(reading: Reading, issue: IssueReading, old: Collection[str]) -> Reading:
    """A reading without these articles, and without an issue where it had no others."""
    pages = tuple(
        replace(page, articles=tuple(a for a in page.articles or () if a.key not in old))
        for page in issue.pages
    )
    if not any(page.articles for page in pages):
        return Reading()
    whole = tuple(article for article in reading.articles if article.key not in old)
    return replace(reading, issue=replace(issue, pages=pages), articles=whole)
