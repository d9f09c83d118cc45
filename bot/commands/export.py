"""/export: the feeds of the papers that a chat reads, as it reads them, in one OPML file."""

from collections.abc import Iterator
from urllib.parse import urlencode

from bot.channels.base import Answer, File
from bot.commands.base import Asked
from bot.commands.describe import pages_text
from bot.commands.ending import nothing_yet
from bot.commands.wishes import MOST_PAGES
from bot.ledger import subscriptions
from bot.ledger.subscriptions import ALL, Subscription, deciding_of
from config.models import SourceConfig
from feeds.text import clean
from feeds.words import Count
from feeds.writers.opml import Outline, write_outlines

FORMAT = "atom"
FILE_NAME = "baotong.opml"


async def export(asked: Asked) -> Answer:
    """`/export`: for feed readers."""
    _ = asked._
    async with asked.store.read() as tx:
        mine = await subscriptions.of_chat(tx, asked.about.to)
    outlines = list(_outlines(asked, mine))
    if not outlines:
        return nothing_yet(asked)
    words = [_("{count} 份报纸的订阅源，在阅读器里导入就行。").format(count=Count(len(outlines)))]
    if not asked.settings.is_public:
        words.append(_("管理员还没有设公开的网址，这些链接现在只在他那里打得开。"))
    title = clean(_("报童的订阅"))
    data = write_outlines(title, outlines)
    return Answer(file=File(FILE_NAME, "text/x-opml", data, "\n".join(words)))


def _outlines(asked: Asked, mine: tuple[Subscription, ...]) -> Iterator[Outline]:
    """A feed for each paper, filtered as the subscription that decides about it."""
    wanted = {one.source for one in mine}
    for source in asked.stand:
        decides = deciding_of(mine, source.id)
        if decides is not None and (source.id in wanted or ALL in wanted):
            yield _outline(asked, source, decides)


def _outline(asked: Asked, source: SourceConfig, one: Subscription) -> Outline:
    narrowed = [pages_text(one.pages, asked._)] if one.pages else []
    narrowed += [one.filter] if one.filter else []
    title = source.title + (f"（{' '.join(narrowed)}）" if narrowed else "")
    pages = sorted(one.pages) if len(one.pages) <= MOST_PAGES else []
    query = [("page", label) for label in pages]
    query += [("q", one.filter)] if one.filter else []
    base = f"{asked.settings.public_url}feeds/{source.id}.{FORMAT}"
    return Outline(
        title=clean(title),
        feed=f"{base}?{urlencode(query)}" if query else base,
        page=f"{asked.settings.public_url}{source.id}/",
        language=asked.settings.language,
    )
