"""From what a browser recorded to a configuration that reads the newspaper."""

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.errors import BaotongError
from feeds.models import ReadCount
from feeds.sources.recording import Suggestion, read_har, suggest
from tests.fakes.newspaper import newspaper
from tests.fakes.papers import FAMILIES, stories
from tests.fakes.recording import DAY, SHELL, har_of, page_entry, record, visit


async def recorded(name: str) -> tuple[Suggestion, dict[str, Any], str]:
    """What is suggested for a recorded visit to a newspaper of this family; then the newspaper is read with
    what was suggested, and its newest issue and first title are given back.
    """
    async with newspaper() as paper:
        found = suggest(read_har(await record(paper, name)))
        again = await visit(paper, dict(found.settings))
        return found, {"day": again.issue.date, "article": again.article}, paper.base


@pytest.mark.parametrize(
    "name", ["json: founder-app", "json: stdaily", "json: wenzhou", "json: written by its operator"]
)
async def test_a_recorded_visit_becomes_a_configuration_that_reads_the_newspaper(name: str) -> None:
    found, read, base = await recorded(name)
    first = stories(DAY)[0]
    assert found.kind == "json"
    assert found.article is not None
    assert (found.article.title, found.article.body_text) == (first.title, first.text)
    assert found.issue is not None
    assert found.issue.date == DAY
    assert read["day"] == DAY
    assert (read["article"].title, read["article"].body_text) == (first.title, first.text)
    assert found.settings["url"] == f"{base}/reader/"


@pytest.mark.parametrize(
    "url",
    ["http://[::1", "http://paper.example:99999999/", "data:text/html,x", "//", "http://[x]/"],
)
async def test_an_address_that_cannot_be_read_is_passed_over(url: str) -> None:
    async with newspaper() as paper:
        entries = json.loads(await record(paper, "json: wenzhou"))["log"]["entries"]
    whole = read_har(json.dumps({"log": {"entries": entries}}).encode())
    for text in ('{"list": [1]}', SHELL):
        entries.insert(0, page_entry(url, text))
    read = read_har(json.dumps({"log": {"entries": entries}}).encode())
    assert read == whole
    assert suggest(read).kind == "json"


async def test_read_counts_are_taken_from_the_list_where_the_article_does_not_say_them() -> None:
    found, read, _ = await recorded("json: founder-app")
    assert found.settings["articles"]["reads"] == "countClick"
    assert read["article"].reads == ReadCount(stories(DAY)[0].number % 1000)


async def test_headers_of_the_papers_own_are_kept_and_secrets_are_not() -> None:
    family = FAMILIES["json: stdaily"]
    async with newspaper() as paper:
        family.print(paper, DAY)
        values = {
            "url": paper.url("/"),
            "preset": "stdaily",
            "api": paper.url("/stdailynewspaperapi/"),
            "headers": {"X-Auth-Token": "geheim", "Cookie": "sid=geheim"},
        }
        await visit(paper, values)
        found = suggest(read_har(har_of(paper)))
    assert {k.lower(): v for k, v in found.settings["headers"].items()} == {
        "x-requested-with": "XMLHttpRequest"
    }
    assert any("x-auth-token" in note.lower() for note in found.notes)
    assert "geheim" not in repr(found)


def a_visit(page_id: str, dates: str = "?all=1") -> bytes:
    """A recording of four calls whose answers never say the word for a page: dates, pages, articles, detail."""
    first = stories(DAY)[0]
    answers = {
        f"dates{dates}": {"rows": [{"pubDate": "2024-04-08"}, {"pubDate": "2024-04-07"}]},
        "papers": {"rows": [{"paper": "qhrb", "name": "青禾日报"}, {"paper": "qhwb", "name": "青禾晚报"}]},
        f"pages?paper=qhrb&date={DAY}": {
            "data": [{"pageId": page_id, "pageNo": "01", "pageName": "要闻"}, {"pageId": "x9", "pageNo": "02", "pageName": "副刊"}]
        },
        f"articles?paper=qhrb&pageId={page_id}": {"list": [{"docId": "88-1", "docTitle": first.title}]},
        "detail?docId=88-1": {"docId": "88-1", "docTitle": first.title, "docContent": f"<p>{first.text}</p>"},
    }  # fmt: skip
    entries = [
        page_entry(f"https://paper.example/api/{path}", json.dumps(answer))
        for path, answer in answers.items()
    ]
    return json.dumps({"log": {"entries": entries}}).encode()


@pytest.mark.parametrize("page_id", ["20240408-0", "79810", "b7f0"])
def test_a_page_that_is_asked_for_by_its_id_is_found_whatever_its_keys_are_called(
    page_id: str,
) -> None:
    found = suggest(read_har(a_visit(page_id)))
    assert found.settings["pages"]["query"] == {"paper": "qhrb", "date": "{date}"}
    assert (found.settings["pages"]["list"], found.settings["pages"]["id"]) == ("data", "pageId")
    assert found.settings["articles"]["query"] == {"paper": "qhrb", "pageId": "{page_id}"}
    assert found.issue is not None
    assert [page.name for page in found.issue.pages] == ["要闻", "副刊"]


def test_recorded_values_that_stay_constants_in_a_call_for_a_list_are_named() -> None:
    (note,) = (one for one in suggest(read_har(a_visit("79810"))).notes if "写死" in one)
    assert "pages 的 paper=qhrb" in note
    assert "articles 的 paper=qhrb" in note
    assert "pageId" not in note
    (unproven,) = (one for one in suggest(read_har(a_visit("7"))).notes if "写死" in one)
    assert "articles 的 pageId=7" in unproven


STATE = {"detail": {"news": {"biaoti": "青岗岭防火道全部贯通", "content": "<p>" + "青岗岭的防火道全部贯通了。" * 8 + "</p>", "author": "何田", "clickNum": 231, "publishTime": "2024-04-08 06:00:00"}}}  # fmt: skip


def test_a_page_that_holds_its_article_as_json_gets_a_data_section() -> None:
    html = f"<html><body><div id=app></div><script>window.__STATE__ = {json.dumps(STATE)};</script></body></html>"
    har = json.dumps(
        {"log": {"entries": [page_entry("https://paper.example/d?id=5", html)]}}
    ).encode()
    found = suggest(read_har(har))
    assert found.kind == "data"
    assert found.settings["data"] == {
        "title": "detail.news.biaoti",
        "byline": "detail.news.author",
        "published": "detail.news.publishTime",
        "reads": "detail.news.clickNum",
        "body": "detail.news.content",
    }
    assert found.article is not None
    assert (found.article.title, found.article.reads) == ("青岗岭防火道全部贯通", ReadCount(231))


def test_an_article_alone_is_shown_with_what_is_missing() -> None:
    entry = page_entry("https://paper.example/api/detail?id=51", json.dumps(STATE))
    found = suggest(read_har(json.dumps({"log": {"entries": [entry]}}).encode()))
    assert found.settings["article"]["item"] == "detail.news"
    assert any("articles" in note for note in found.notes)


def test_answers_in_base64_are_read() -> None:
    entry = page_entry("https://paper.example/api/detail?id=51", "")
    packed = base64.b64encode(json.dumps(STATE).encode()).decode()
    entry["response"]["content"] = {
        "mimeType": "application/json",
        "encoding": "base64",
        "text": packed,
    }
    assert suggest(read_har(json.dumps({"log": {"entries": [entry]}}).encode())).settings["article"]


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"[" * 100_000, b'{"log": {"entries": 5}}', b"\xff\xfe", b'{"log": 1}'],
)
def test_what_is_no_recording_is_said_so(data: bytes) -> None:
    with pytest.raises(BaotongError, match="HAR"):
        read_har(data)


def test_a_recording_without_an_article_says_how_to_make_one() -> None:
    entry = page_entry("https://paper.example/api", '{"ok": true}')
    with pytest.raises(BaotongError, match="点开一篇文章"):
        suggest(read_har(json.dumps({"log": {"entries": [entry, {}, 5, {"request": 1}]}}).encode()))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["标题在这里", "2024-04-08", "5", "第01版", "正文说了一句话。" * 12]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "title", "content", "list", "date", "editionName", "clicks", "data"]), inner, max_size=5),
    max_leaves=15,
)  # fmt: skip


@given(st.lists(_JSON, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_recording_gets_an_answer_in_words(roots: list[Any]) -> None:
    entries = [
        page_entry(f"https://paper.example/api/{n}?id=5&date=2024-04-08", json.dumps(root))
        for n, root in enumerate(roots)
    ]
    with suppress(BaotongError):
        assert suggest(read_har(json.dumps({"log": {"entries": entries}}).encode())).settings
