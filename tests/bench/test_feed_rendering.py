"""What a new issue costs a paper whose feed has 500 entries, against feedgen building the feeds anew.
`make bench` prints it; nothing is asserted about time, but the bytes are the same.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from config.models import Settings
from feeds.models import Issue
from feeds.publish.printing import Printer
from feeds.store.build import open_store
from feeds.store.engine import Store
from feeds.writers import atom, rss
from feeds.writers.base import FeedEntry, FeedHead
from feeds.writers.entries import Desk
from feeds.writers.heads import FeedRules, build_head
from feeds.writers.press import Press, print_feed
from feeds.writers.table import WRITERS
from tests.fakes.archive import HUAIAN, fill, make_article, make_issue, make_page, seen_on
from tests.fakes.settings import two_papers

ENTRIES = 500
AN_ISSUE = 20  # articles
NEWEST = date(2024, 4, 8)
SENTENCE = "全区春耕生产全面展开，农户都说今年水足，育秧中心连日忙到深夜。"
AUTHORITY = "bench.invalid,2024-04-08"
RUNS = 7
FEEDGEN = [writer for writer in WRITERS if writer.suffix in {"rss", "atom"}]


def _issue(day: date) -> Issue:
    """Twenty articles of about 3 KB of HTML."""
    seen = seen_on(day)
    paragraphs = "".join(f"<p>{SENTENCE * 6}</p>" for _ in range(5))
    articles = [
        make_article(
            f"{day:%m%d}-{n}",
            body_html=f"<p>{n}</p>{paragraphs}",
            body_text="\n".join([SENTENCE * 6] * 5),
            first_seen=seen,
            updated=seen,
        )
        for n in range(AN_ISSUE)
    ]
    return make_issue(day, [make_page("01", articles)])


def _rebuild(head: FeedHead, entries: Sequence[FeedEntry]) -> dict[str, bytes]:
    """What feedgen alone does."""
    built = {}
    for module, suffix in ((rss, "rss"), (atom, "atom")):
        feed = module._build_head(head, suffix)
        for entry in entries:
            module._add_entry(feed, entry)
        built[suffix] = feed.rss_str() if suffix == "rss" else feed.atom_str()
    return built


def _least(work: Callable[[], object]) -> float:
    """Milliseconds of the quickest run."""
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    return min(times)


def test_rendering_a_new_issue_among_five_hundred_entries() -> None:
    """From the new issue, loaded, to the bytes of both feeds; feedgen is handed all entries."""
    desk = Desk(HUAIAN, FeedRules("http://news.test/", "zh-CN", full=True), AUTHORITY)
    head = build_head(HUAIAN, desk.rules, AUTHORITY, seen_on(NEWEST))
    issues = [_issue(NEWEST - timedelta(days=n)) for n in range(ENTRIES // AN_ISSUE)]
    press = Press(writers=FEEDGEN)
    before = [press.set(n, None, desk.entries(issue)) for n, issue in enumerate(issues[1:])]

    def ours() -> dict[str, bytes]:
        galley = Press(writers=FEEDGEN).set("new", None, desk.entries(issues[0]))
        return {w.suffix: print_feed(w, head, [galley, *before]) for w in FEEDGEN}

    entries = [entry for issue in issues for entry in desk.entries(issue)]
    assert ours() == _rebuild(head, entries)
    mine, theirs = _least(ours), _least(lambda: _rebuild(head, entries))
    print(
        f"\n{len(entries)} entries, RSS and Atom, {sum(map(len, ours().values())) / 1e6:.1f} MB"
        f"\n  feedgen, all anew        {theirs:7.1f} ms"
        f"\n  ours, {AN_ISSUE} of them new     {mine:7.1f} ms   ratio {mine / theirs:.2f} (at most 0.20)"
    )


def test_publishing_a_new_issue_among_five_hundred_entries(tmp_path: Path) -> None:
    """From the store to the bytes, the feed of issues included, against a printer that has nothing
    standing: what it costs to load, set and print everything.
    """
    asyncio.run(_publish(tmp_path))


async def _publish(folder: Path) -> None:
    settings = two_papers(folder, more=f"feeds: {{entries: {ENTRIES}}}")
    store = await open_store(folder / "data", None)
    days = [NEWEST - timedelta(days=n) for n in range(ENTRIES // AN_ISSUE)]
    await fill(store, [HUAIAN], [_issue(day) for day in days])
    warm = Printer(settings, AUTHORITY, hubs=())
    await _print(warm, store, settings)
    ours, theirs = [], []
    for n in range(1, RUNS + 1):
        await fill(store, [HUAIAN], [_issue(NEWEST + timedelta(days=n))])
        for printer, times in ((warm, ours), (Printer(settings, AUTHORITY, hubs=()), theirs)):
            begun = time.perf_counter()
            await _print(printer, store, settings)
            times.append((time.perf_counter() - begun) * 1000)
    await store.close()
    print(
        f"\nfrom the store to the bytes"
        f"\n  everything anew          {min(theirs):7.1f} ms"
        f"\n  one new issue            {min(ours):7.1f} ms   ratio {min(ours) / min(theirs):.2f}"
    )


async def _print(printer: Printer, store: Store, settings: Settings) -> None:
    async with store.read() as tx:
        for sheet in await printer.paper(tx, settings.sources[0]):
            for writer in WRITERS:
                print_feed(writer, sheet.head, sheet.galleys)
