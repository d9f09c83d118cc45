"""Large and hostile documents: refused or given up in a process of their own, while the loop goes on."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.sources import BaseSource, YunbaoSource
from feeds.errors import NotReadable, Unreadable
from feeds.models import Document, Reading, Request, Validators
from feeds.parsing.frames import HEAD, Answer, Task, pack, unpack
from feeds.parsing.parser import Limits, Parser
from feeds.sources.base import Source
from feeds.sources.table import build_source

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc are Linux's")

CONFIG: BaseSource = YunbaoSource(
    id="huaian", kind="yunbao", title="淮安区报", url="http://p.test/"
)
URL = "http://p.test/2024-04-08/1"
ARTICLE = "<html><body><div>内容详情</div><p>2024年04月08日</p><h1>春耕</h1><p>阅读数:231</p>{}</body></html>"
PROSE = "<p>全区春耕生产全面展开,农户抢抓农时。</p>"


def document(body: str | bytes) -> Document:
    raw = body.encode() if isinstance(body, str) else body
    now = datetime(2024, 4, 8, tzinfo=UTC)
    return Document(Request(URL), URL, raw, "text/html; charset=utf-8", Validators(), now)


@pytest.fixture
async def parser() -> AsyncIterator[Parser]:
    built = Parser()
    yield built
    await built.close()


async def read(parser: Parser, body: str | bytes) -> Reading:
    return await parser.read(build_source(CONFIG), CONFIG, document(body))


LARGE = ARTICLE.format(PROSE * 12_000)


async def test_a_large_page_says_in_the_process_what_it_says_in_the_loop(parser: Parser) -> None:
    assert not parser.is_small(document(LARGE))
    here = build_source(CONFIG).read(document(LARGE))
    assert await read(parser, LARGE) == here
    assert here.article is not None
    assert here.article.title == "春耕"


async def test_a_small_page_starts_no_process(parser: Parser) -> None:
    reading = await read(parser, ARTICLE.format(PROSE))
    assert reading.article is not None
    assert parser._child is None


HOSTILE = {
    "059-nest": ("<div>" * 100_000, Unreadable.TOO_DEEP),
    "061-attributes": ("<p " + " ".join(f"a{n}=123" for n in range(50_000)) + ">" + PROSE, Unreadable.TOO_DEEP),
    "062-tags": ("<b></b>" * 1_497_965, Unreadable.TOO_DEEP),
    "reopened": ("<p>" + "".join(f"<font a{n}>" for n in range(500)) + "<p>x" * 50_000, Unreadable.TOO_DEEP),
    "half-tag": ("<" * 600_000, Unreadable.TRUNCATED),
    "comment": ("<!--" + "-" * 600_000, None),
    "ampersands": ("&" * 200_000, None),
    "dots": ("·" * 200_000, None),
    "nul": (b"\0" * 600_000, None),
    "gbk": (("<p>" + "好" * 300_000).encode("gbk"), None),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
async def test_case_059_061_062_what_no_parser_may_see_is_refused_while_others_go_on(
    parser: Parser, name: str
) -> None:
    body, why = HOSTILE[name]
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0)
            beats += 1

    heart = asyncio.create_task(beat())
    refusal: Unreadable | None = None
    try:
        await read(parser, body)
    except NotReadable as error:
        refusal = error.why
    assert why is None or refusal is why
    heart.cancel()
    assert beats > 100
    assert (await read(parser, LARGE)).article is not None, "the next page is read as ever"


async def test_case_060_a_nest_that_is_deep_and_no_more_is_read_whole(parser: Parser) -> None:
    deep = ARTICLE.format("<div>" * 256 + PROSE + "</div>" * 256)
    reading = await read(parser, deep)
    assert reading.article is not None
    assert "春耕生产" in reading.article.body_text


async def test_a_page_that_takes_too_long_is_given_up_and_its_process_killed() -> None:
    parser = Parser(Limits(inline_bytes=0, wall=0.2))
    started = await parser._started()
    started.send_signal(signal.SIGSTOP)  # as a parser that never comes back
    with pytest.raises(NotReadable, match="读不完") as caught:
        await read(parser, PROSE)
    assert caught.value.why is Unreadable.TOO_DEEP
    assert started.returncode is not None
    await parser.close()


async def test_cpu_time_is_limited_for_each_page() -> None:
    parser = Parser(Limits(cpu=-1))  # none is left, once the process has used its first second

    async def read_on() -> None:
        for _ in range(200):
            await read(parser, LARGE)

    with pytest.raises(NotReadable, match="读不完"):
        await read_on()
    await parser.close()


async def test_a_process_that_died_is_started_again(parser: Parser) -> None:
    await read(parser, LARGE)
    child = parser._child
    assert child is not None
    child.kill()
    await child.wait()
    assert (await read(parser, LARGE)).article is not None


async def test_a_reader_that_is_cancelled_leaves_no_answer_for_the_next(parser: Parser) -> None:
    reading = asyncio.create_task(read(parser, LARGE))
    while parser._child is None:
        await asyncio.sleep(0.005)
    reading.cancel()
    await asyncio.wait([reading])
    other = ARTICLE.replace("春耕", "秋收").format(PROSE * 12_000)
    article = (await read(parser, other)).article
    assert article is not None
    assert article.title == "秋收"


async def test_an_error_that_nobody_foresaw_comes_back_as_one(parser: Parser) -> None:
    class Broken:
        def read(self, _document: Document) -> Reading:
            raise AssertionError("not asked: it is too large")

    config = CONFIG.model_copy(update={"kind": "no such kind"})
    with pytest.raises(RuntimeError, match="KeyError"):
        await parser.read(as_source(Broken()), config, document(LARGE))


def as_source(thing: object) -> Source:
    return thing  # type: ignore[return-value]


async def test_no_secret_of_ours_is_in_the_process(
    parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "CANARY")
    await read(parser, LARGE)
    assert parser._child is not None
    assert b"CANARY" not in Path(f"/proc/{parser._child.pid}/environ").read_bytes()


async def test_the_process_ends_with_us(parser: Parser) -> None:
    await read(parser, LARGE)
    child = parser._child
    assert child is not None
    assert child.stdin is not None
    child.stdin.close()  # as the kernel does when we are killed
    async with asyncio.timeout(10):
        assert await child.wait() == 0


@given(st.binary(max_size=200), st.text(max_size=20))
def test_a_task_comes_out_of_its_frame_as_it_went_in(body: bytes, reason: str) -> None:
    for thing in (Task(CONFIG, document(body), 3), Answer(why=Unreadable.EMPTY, reason=reason)):
        framed = b"".join(pack(thing))
        (length,) = HEAD.unpack(framed[: HEAD.size])
        assert length == len(framed) - HEAD.size
        assert unpack(framed[HEAD.size :]) == thing
