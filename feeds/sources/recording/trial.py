"""Reading a recording with the configuration that was made from it: what it finds is what it will find."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from pydantic import ValidationError

from config.sources import JsonSource
from feeds.decide import Asked
from feeds.errors import BaotongError, NotReadable
from feeds.models import ArticleReading, Document, IssueReading, Reading, Request, Validators
from feeds.sources.jsonapi.family import JsonApi
from feeds.sources.recording.chain import Chain
from feeds.sources.recording.har import Exchange
from feeds.text import slug

NOW = datetime(2030, 1, 1, tzinfo=UTC)
_MOST_STEPS = 12


@dataclass(frozen=True, slots=True)
class _Clock:
    """Stands still on the day of the recording."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError  # nobody waits in a recording


def try_out(
    settings: Mapping[str, Any], exchanges: Sequence[Exchange], chain: Chain
) -> tuple[IssueReading | None, ArticleReading | None, list[str]]:
    """The issue and the article that the settings read in the recording, and what stood in the way."""
    if chain.listed is None:
        return None, None, []
    at = datetime.combine(chain.day, time(12), UTC) if chain.day else NOW
    try:
        config = JsonSource.model_validate({"id": "har", "title": "har", **settings})
        trial = _Trial(JsonApi(config, _Clock(at)), exchanges, at)
    except (BaotongError, ValidationError) as error:
        return None, None, [f"这样写还不行:{str(error).splitlines()[0]}"]
    issue = trial.issue(chain)
    key = slug(chain.listed.value)
    day = issue.key if issue else (chain.day.isoformat() if chain.day else None)
    whole = trial.whole(key)
    article = whole or trial.article(Asked(config.url, day, article=key))
    return issue, article, trial.missing


class _Trial:
    """Plays the newspaper's server with what it answered in the recording."""

    def __init__(self, source: JsonApi, exchanges: Sequence[Exchange], at: datetime) -> None:
        self._source = source
        self._answers = {_asked(one.method, one.url, one.body): one.text for one in exchanges}
        self._at = at
        self._found: list[ArticleReading] = []
        self.missing: list[str] = []

    def issue(self, chain: Chain) -> IssueReading | None:
        """The issue of the recording, with the page whose articles were listed in it."""
        issue = self._arrive(self._source.entry()).issue
        if issue is None and chain.day is not None:
            issue = self._arrive(
                self._source.ask(Asked(chain.article.exchange.url, str(chain.day)))
            ).issue
        if issue is None:
            return None
        pages = [self._page(page.url, issue.key) or page for page in issue.pages]
        return replace(issue, pages=tuple(pages))

    def _page(self, url: str | None, key: str) -> Any:
        if url is None:
            return None
        request = self._source.ask(Asked(url, key, page="?"))
        if _asked(request.method, request.url, _text(request)) not in self._answers:
            return None  # a page that nobody opened while recording
        reading = self._arrive(request)
        return reading.issue.pages[0] if reading.issue else None

    def article(self, asked: Asked) -> ArticleReading | None:
        return self._arrive(self._source.ask(asked)).article

    def whole(self, key: str) -> ArticleReading | None:
        """The article, where it stood whole in a list that was read."""
        return next((article for article in self._found if article.key == key), None)

    def _arrive(self, request: Request) -> Reading:
        """What a request leads to in the recording; nothing where it was not recorded."""
        ways, tried = [request], 0
        while ways and tried < _MOST_STEPS:
            way, tried = ways.pop(0), tried + 1
            text = self._answers.get(_asked(way.method, way.url, _text(way)))
            if text is None:
                self._miss(way)
                continue
            url = way.url.partition("#")[0]
            document = Document(
                way, url, text.encode("utf-8", "replace"), "", Validators(), self._at
            )
            try:
                reading = self._source.read(document)
            except NotReadable as error:
                self.missing.append(error.reason)
                continue
            self._found += reading.articles
            if not reading.is_signpost:
                return reading
            ways = [*reading.follow, *ways]
        return Reading()

    def _miss(self, request: Request) -> None:
        words = f"录制里没有这次请求:{request.method} {request.url.partition('#')[0]} {_text(request)}".strip()
        if words not in self.missing:
            self.missing.append(words)


def _text(request: Request) -> str:
    return (request.body or b"").decode()


def _asked(method: str, url: str, body: str) -> tuple[str, str, str]:
    """A call as a key: the order of its parameters makes no difference."""
    parts = urlsplit(url)
    query = json.dumps(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    plain = urlunsplit(parts._replace(query="", fragment=""))
    try:
        sent = json.dumps(json.loads(body), sort_keys=True) if body.strip() else ""
    except (ValueError, RecursionError):
        sent = json.dumps(sorted(parse_qsl(body, keep_blank_values=True)))
    return method.upper(), f"{plain}?{query}", sent
