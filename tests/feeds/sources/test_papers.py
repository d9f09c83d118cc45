"""The newspapers that are ready to be copied (config/examples/papers.yaml): each is read, by the very address and
settings that stand there, from a paper printed in the manner of its system.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest

import config
from config.load import load
from config.sources import SourceConfig
from feeds.errors import BadStatus
from feeds.explore import explore
from feeds.models import Document, Request, Validators
from feeds.sources.table import build_source
from tests.fakes.newspaper import Asked, Newspaper, Reply
from tests.fakes.papers import FAMILIES, stories

EXAMPLES = Path(config.__file__).parent / "examples"
PAPERS = {source.id: source for source in load(EXAMPLES / "papers.yaml", {}).sources}
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()

# in whose manner each is printed
PRINTED = {
    "rmrb": "founder: 翔宇",
    "rmrbhwb": "founder: 翔宇",
    "fzrb": "paperindex: page by page",
    "jrnb": "html: qpaper",
    "scrb": "html: shtml",
    "xmwb": "html: 新民晚报",
    "kjrb": "json: stdaily",
    "wzsb": "json: wenzhou",
}


@dataclass
class Reprint:
    """Answers as if the printed paper stood at the real address: `there` is where its folder is on the newspaper's
    server, `here` where our printers put it. Everything that is asked for must be on that server.
    """

    paper: Newspaper
    host: str
    there: str
    here: str

    async def fetch(self, request: Request, *, site: str = "", robots: bool = True) -> Document:
        parts = urlsplit(request.url)
        assert parts.hostname == self.host, request.url
        path = parts.path
        if path.startswith(self.there):
            path = self.here + path.removeprefix(self.there)
        query = f"?{urlencode(parse_qsl(parts.query))}" if parts.query else ""
        reply = self._reply(request, path, query)
        if reply.status != 200:
            raise BadStatus(request.url, reply.status, "not here")
        return Document(
            request=request,
            url=request.url,
            body=reply.body,
            content_type=reply.headers.get("Content-Type", ""),
            validators=Validators(),
            fetched_at=datetime.now(UTC),
        )

    def _reply(self, request: Request, path: str, query: str) -> Reply:
        found = next(
            (
                self.paper.programs[one]
                for one in (path + query, path)
                if one in self.paper.programs
            ),
            Reply(status=404),
        )
        if isinstance(found, Reply):
            return found
        headers = {name.lower(): value for name, value in request.headers.items()}
        return found(Asked(request.method, path + query, headers, request.body or b"", 0.0))


def reprint(source: SourceConfig) -> Reprint:
    family = FAMILIES[PRINTED[source.id]]
    paper = Newspaper()
    for days in (1, 0):
        family.print(paper, TODAY - timedelta(days=days))
    real, ours = urlsplit(source.url).path, family.url
    while real and ours and real[-1] == ours[-1]:
        real, ours = real[:-1], ours[:-1]
    is_alike = source.kind != "json"
    host = urlsplit(source.url).hostname or ""
    return Reprint(paper, host, real if is_alike else "", ours if is_alike else "")


def test_every_paper_of_the_list_is_printed_here() -> None:
    assert set(PAPERS) == set(PRINTED)


@pytest.mark.parametrize("name", PRINTED)
async def test_a_ready_paper_is_read_as_it_stands_in_the_list(name: str) -> None:
    found = await explore(build_source(PAPERS[name]), reprint(PAPERS[name]))
    assert found.issue.date == TODAY
    assert [page.label for page in found.issue.pages] == ["01", "02"]
    assert found.article is not None
    assert found.article.title == stories(TODAY)[0].title
    assert stories(TODAY)[0].text in found.article.body_text.replace("\n", "")
