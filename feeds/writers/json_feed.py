"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), by hand: feedgen does not write it.

What the format has no word for stands under `_baotong`, as it asks of extensions.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from feeds.writers.base import Enclosure, FeedEntry, FeedHead


class JsonFeedWriter:
    """JSON Feed 1.1. What is unknown is left out; nothing is null."""

    suffix = "json"
    media_type = "application/feed+json; charset=utf-8"

    def fragments(self, entries: Sequence[FeedEntry]) -> list[bytes]:
        return [_dump(_item(entry)) for entry in entries]

    def write(self, head: FeedHead, fragments: Sequence[bytes]) -> bytes:
        opening = _dump(_head(head, self.suffix)).removesuffix(b"}")
        return b"".join((opening, b',"items":[', b",\n".join(fragments), b"]}\n"))


def _head(head: FeedHead, suffix: str) -> dict[str, Any]:
    return _known(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": head.title,
            "home_page_url": head.url,
            "feed_url": head.self_url(suffix),
            # "a feed that provides the next n items": what RFC 5005 calls the previous archive
            "next_url": f"{head.previous}.{suffix}" if head.previous else None,
            "description": head.description,
            "icon": head.icon,
            "language": head.language,
            "authors": [{"name": head.author or head.title}],
            "hubs": [{"type": "WebSub", "url": hub} for hub in head.hubs],
            "_baotong": _own(head, suffix),
        }
    )


def _own(head: FeedHead, suffix: str) -> dict[str, Any]:
    return _known(
        {
            "id": head.id,
            "rights": head.rights,
            "archive": head.current is not None,
            **{rel: url for rel, url in head.links(suffix) if rel != "hub"},
            "deleted": [{"id": stone.id, "when": stone.at.isoformat()} for stone in head.gone],
        }
    )


def _item(entry: FeedEntry) -> dict[str, Any]:
    if entry.published.tzinfo is None or entry.updated.tzinfo is None:
        raise ValueError(f"{entry.id}: a naive time")
    body = {"content_html": entry.html}
    if entry.html is None:
        body = {"content_text": entry.summary or entry.title}  # one of the two is required
    return _known(
        {
            "id": entry.id,
            "url": entry.url,
            "title": entry.title,
            **body,
            "summary": entry.summary,
            "image": entry.image,
            "date_published": entry.published.isoformat(),
            "date_modified": entry.updated.isoformat(),
            "authors": [{"name": entry.author}] if entry.author else None,
            "tags": list(entry.categories),
            "attachments": [_attachment(file) for file in entry.enclosures],
            "_baotong": _own_item(entry, JsonFeedWriter.suffix),
        }
    )


def _attachment(file: Enclosure) -> dict[str, Any]:
    return _known({"url": file.url, "mime_type": file.media_type, "size_in_bytes": file.length})


def _own_item(entry: FeedEntry, suffix: str) -> dict[str, Any]:
    own: dict[str, Any] = {}
    if origin := entry.origin:
        url = f"{origin.base}.{suffix}"
        own["source"] = {"id": origin.id, "title": origin.title, "feed_url": url}
    if reads := entry.reads:
        own["reads"] = {"value": reads.value, "exact": reads.exact}
    return own


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is unknown or empty; a number is always known."""
    return {name: value for name, value in fields.items() if value or type(value) in {int, float}}


def _dump(value: Mapping[str, Any]) -> bytes:
    """Compact UTF-8. Raises ValueError (UnicodeEncodeError) for a lone surrogate."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
