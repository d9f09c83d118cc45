"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), by hand: feedgen does not write it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from feeds.writers.base import FeedEntry, FeedHead


class JsonFeedWriter:
    """JSON Feed 1.1. What is unknown is left out; nothing is null."""

    suffix = "json"
    media_type = "application/feed+json; charset=utf-8"

    def fragment(self, entry: FeedEntry) -> bytes:
        if entry.published.tzinfo is None or entry.updated.tzinfo is None:
            raise ValueError(f"{entry.id}: a naive time")
        return _dump(_item(entry))

    def write(self, head: FeedHead, fragments: Sequence[bytes]) -> bytes:
        opening = _dump(_head(head, self.suffix)).removesuffix(b"}")
        return b"".join((opening, b',"items":[', b",\n".join(fragments), b"]}\n"))


def _head(head: FeedHead, suffix: str) -> dict[str, Any]:
    return _known(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": head.title,
            "home_page_url": head.url,
            "feed_url": f"{head.base}.{suffix}",
            "description": head.description,
            "language": head.language,
            "authors": [{"name": head.title}],
            "_baotong": _known({"id": head.id, "rights": head.rights}),
        }
    )


def _item(entry: FeedEntry) -> dict[str, Any]:
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
        }
    )


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _dump(value: Mapping[str, Any]) -> bytes:
    """Compact UTF-8. Raises ValueError (UnicodeEncodeError) for a lone surrogate."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
