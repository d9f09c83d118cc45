"""What others crawled from real newspapers, and what went wrong there: kinds, keys, leaked comments."""

import json
import re
from collections import Counter
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

from config.sources import FounderSource
from feeds.models import ArticleReading
from feeds.sources.founder.addresses import canonical_url, founder_key
from feeds.sources.founder.comment import properties
from feeds.sources.kinds import kind_of
from feeds.sources.labels.landmarks import parse_label
from feeds.sources.links import date_in
from feeds.sources.table import build_source, detect
from tests.feeds.sources.shells import document

SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "samples"
TITLES = SAMPLES / "people-feedlike" / "rmrb-20220722-titles.html"
VARIANTS = SAMPLES / "derived-from-vendor-code" / "enpproperty-variants.html"
CRAWLED = SAMPLES / "crawled-json"

pytestmark = pytest.mark.skipif(not TITLES.exists(), reason="the samples lie beside the project")


def whole_issue() -> list[tuple[str, str, str]]:
    """URL, label and title of every article of one day's paper."""
    found = re.findall(r'href="([^"]+)">\[\d{8}([^\]]+)\] (.*?)</a>', TITLES.read_text("utf-8"))
    return [(url, label, unescape(title).strip()) for url, label, title in found]


def crawled(name: str) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads((CRAWLED / name).read_text("utf-8"))
    return read


def read_article(html: str, url: str) -> ArticleReading:
    values = {"id": "p", "kind": "founder", "title": "p", "url": "http://paper.example/"}
    article = (
        build_source(FounderSource.model_validate(values)).read(document(html, url=url)).article
    )
    assert article is not None
    return article


def test_a_whole_days_paper_has_a_key_an_article_though_titles_repeat() -> None:
    issue = whole_issue()
    assert len(issue) == 213
    assert len({title for _, _, title in issue}) < 213
    assert len({(date_in(url), founder_key(url)) for url, _, _ in issue}) == 213
    assert {canonical_url(f"{url}?div=-1") for url, _, _ in issue} == {url for url, _, _ in issue}


def test_a_whole_days_pages_are_known_by_label_and_name() -> None:
    labels = {label: parse_label(label) for _, label, _ in whole_issue()}
    assert len({label.label for label in labels.values() if label}) == 20
    assert all(label and label.name for label in labels.values())


def test_a_whole_days_credits_and_photos_are_tagged() -> None:
    kinds = Counter(kind_of(title) for _, _, title in whole_issue())
    assert kinds["credits"] == 21
    assert kinds["photo"] == 11


@pytest.mark.parametrize("name", ["rmrb-20260704-digest.json", "rmrbhwb-20260704-digest.json"])
def test_the_pad_twin_of_an_article_is_the_same_article(name: str) -> None:
    for item in crawled(name):
        url = item["文章链接"]
        twin = url.replace("/pc/", "/pad/").replace("https:", "http:")
        assert founder_key(twin) == founder_key(url) == url.rpartition("_")[2].partition(".")[0]
        assert canonical_url(twin).partition(":")[2] == url.partition(":")[2]


@pytest.mark.parametrize("name", ["rmrb-20260704-digest.json", "rmrbhwb-20260704-digest.json"])
def test_the_values_that_leaked_into_others_bodies_stay_out_of_ours(name: str) -> None:
    leaks = [item for item in crawled(name) if "/enpproperty-->" in item["摘要"]]
    assert len(leaks) == 10
    for item in leaks:
        url = item["文章链接"]
        match = re.search(r"(?:^|\s)(\d{4}-\d\d-\d\d 00:00:00:0) (.*)/enpproperty-->", item["摘要"])
        assert match
        text = item["摘要"][: match.start()].strip()
        values = match[2].split(" ")
        comment = "".join(f"<v{n}>{value}</v{n}>" for n, value in enumerate(values))
        html = (
            f"<html><body><div class=article><h1>{escape(item['文章标题'])}</h1><div id=ozoom><!--enpcontent--><p>{escape(text)}</p><!--/enpcontent-->"
            f"<!--enpproperty <date>{match[1]}</date>{comment}<title>{item['文章标题']}</title>/enpproperty--></div></div></body></html>"
        )
        article = read_article(html, url)
        assert " ".join(text.split()) == article.body_text
        assert "/pad/content" not in article.body_html
        assert article.title == " ".join(item["文章标题"].split())


@pytest.mark.parametrize("name", ["epaper-people-articles.json", "epaper-gmw-articles.json"])
def test_real_articles_in_a_classic_page_are_read_back_whole(name: str) -> None:
    read = 0
    for item in crawled(name):
        paragraphs = [" ".join(line.split()) for line in (item.get("content") or "").splitlines()]
        told = [line for line in paragraphs if line]
        if not told or not re.search(r"content_|nw\.D", item["link"]):
            continue
        body = "".join(f"<P>　　{escape(line, quote=False)}</P>" for line in told)
        title = " ".join(item["title"].split())
        html = f"<html><body><table><tr><td class=font01>{escape(title)}</td></tr></table><div id=ozoom><founder-content>{body}</founder-content></div></body></html>"
        article = read_article(html, item["link"])
        assert article.title == title
        assert article.body_text.split("\n") == told
        assert detect(document(html, url=item["link"])) == "founder"
        read += 1
    assert read > 15


def test_every_version_of_the_publishers_comment_is_read_by_name() -> None:
    comments = ["<!-- " + part for part in VARIANTS.read_text("utf-8").split("<!-- ")]
    read = [properties(part) for part in comments if "enpproperty" in part]
    assert (read[0]["pagenum"], read[0]["type"], read[0]["papername"]) == ("A01", "2", "江西日报")
    assert (read[1]["author"], read[1]["articleid"]) == ("郭奋", "5364886")
    assert read[2]["channel"] == "3"
    assert "subtitle" not in read[1]
