"""PaperIndex (法治日报, 新华每日电讯, 大众日报, 齐鲁晚报):

    content/PaperIndex.htm ─refresh▶ 20260928/IssueIndex.htm ─refresh▶ Page01BC.htm ─▶ Articel01002NR.htm [sic]

The letters before the suffix change from issue to issue. Some papers list the whole issue on every page
(`div.listdaohang`, whose links are in an attribute of their own), some show the pages' numbers and names in
separate links.
"""

import re
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit, urlunsplit

from config.sources import PaperIndexSource
from feeds.decide import Asked
from feeds.errors import NotReadable, Unreadable
from feeds.models import ArticleReading, Document, IssueReading, PageReading, Reading, Request
from feeds.sources.base import plain_request
from feeds.sources.fields import Values
from feeds.sources.kinds import kind_of
from feeds.sources.labels.article import read_by_labels
from feeds.sources.labels.gathering import Clues
from feeds.sources.labels.issue import find_issue_date, read_issue
from feeds.sources.labels.landmarks import PageLabel, parse_label, way_of
from feeds.sources.labels.merge import merge
from feeds.sources.labels.signposts import Ways
from feeds.sources.links import article_key, date_in
from feeds.sources.page import WebPage, open_page
from feeds.sources.prepare import write_out
from feeds.sources.skins import Skin, by_skin
from feeds.sources.web import Manner, WebReader

_ARTICLE = re.compile(r"/Artic(?:el|le)([A-Z]{0,2}[0-9]{3,8})\w{0,6}\.html?$", re.IGNORECASE)
_PAGE = re.compile(r"/Page([A-Z]{0,2}[0-9]{1,3})[A-Z]{0,4}\.html?$", re.IGNORECASE)
_ADDRESS = re.compile(
    r"/(?:PaperIndex|IssueIndex|PageArticleIndex\w{0,4})\.html?$|/[0-9]{8}/(?:Page|Articel)[0-9A-Z]+\.html?$",
    re.IGNORECASE,
)
_FRONT = re.compile(
    r"/(?:Page[A-Z]{0,2}[0-9]{1,3}[A-Z]{0,4}|PageArticleIndex\w{0,4})\.html?$", re.IGNORECASE
)
_NUMBER = re.compile(r"[A-Z]{0,2}[0-9]{1,3}")
_OWN_LINK = re.compile(r"(<a\b[^>]{0,300}?\s)daoxiang(\s{0,3}=)", re.IGNORECASE)
_SKINS = (
    Skin(".margin15 h2", ".margin15 h3", ".margin15 h4", ".margin15 h5", ".shijian", "#contenttext, #ozoom"),
    Skin("h2", "h3", "h4", ".author", ".shijian", "#contenttext, #ozoom"),
)  # fmt: skip


class PaperIndex:
    """One paper of this system."""

    def __init__(self, config: PaperIndexSource) -> None:
        self._web = WebReader(config)
        self._manner = Manner(_is_article, self._article, _issue)

    def entry(self) -> Request:
        return self._web.entry()

    def ask(self, asked: Asked) -> Request:
        return plain_request(asked)

    def on_day(self, issue_url: str, day: date) -> Request | None:
        """An issue's doorway: the names of its pages change from day to day."""
        return self._web.on_day(doorway(issue_url), day)

    def read(self, document: Document) -> Reading:
        """A page of an issue, an article, or a doorway; see `feeds.sources.base.Source`."""
        return self._web.read(open_page(document, _prepare), document, self._manner)

    def _article(self, page: WebPage, values: Values, name: str | None) -> ArticleReading | None:
        known = by_skin(page, _SKINS, self._web.zone)
        if "body" not in known.found:  # a heading without a body beside it is anybody's
            known = Values()
        known.found |= values.found
        known.by |= values.by
        labels = (
            None if {"title", "body"} <= set(known.found) else read_by_labels(page, self._web.zone)
        )
        article = merge(page, labels, known)
        if article is None:
            return None
        kind = kind_of(article.title, name)
        return replace(article, key=_key(page.url), url=_plain(page.url), kind=kind)


def doorway(url: str) -> str:
    """The address that leads to an issue's first page, whatever that is called; of others, themselves."""
    return _FRONT.sub("/IssueIndex.htm", url)


def is_paperindex(page: WebPage) -> bool:
    """Whether a page is one of this family: by its address, or by the names of its articles' files."""
    if _ADDRESS.search(urlsplit(page.url).path):
        return True
    return any(_ARTICLE.search(f"/{url}") for url in _hrefs(page))


def _prepare(html: str) -> str:
    return write_out(_OWN_LINK.sub(r"\1href\2", html) if "daoxiang" in html.lower() else html)


def _is_article(page: WebPage) -> bool:
    return _ARTICLE.search(urlsplit(page.url).path) is not None


def _key(url: str) -> str:
    """`01002`: the number of the page and of the article on it, which is what the file's name holds."""
    match = _ARTICLE.search(urlsplit(url).path)
    return match[1] if match else article_key(url)


def _plain(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))


def _hrefs(page: WebPage) -> list[str]:
    nodes = page.tree.css("a[href], a[daoxiang]")
    found = (node.attributes.get("href") or node.attributes.get("daoxiang") for node in nodes)
    return [href for href in found if href]


def _issue(page: WebPage, ways: Ways) -> IssueReading | None:
    """The issue. Its date is that of its folder; where the page prints another, it is half published."""
    urls = [url for href in _hrefs(page) if (url := page.link(href))]
    day = date_in(page.url)
    clues = Clues(
        articles=[url for url in urls if _ARTICLE.search(urlsplit(url).path)],
        pages=_labels(page),
        day=day,
    )
    issue = read_issue(page, ways, clues)
    if issue is None or not (clues.articles or clues.pages):
        return None
    printed = find_issue_date(page)
    if day and printed and printed != day:
        words = f"地址里的日期是 {day},版面上印的是 {printed}"
        raise NotReadable(page.url, Unreadable.UNKNOWN, words)
    if page.is_cut:
        raise NotReadable(page.url, Unreadable.TRUNCATED, "网页没有传完,目录到一半就断了")
    pages = tuple(_finish_page(sheet) for sheet in issue.pages)
    url = next((sheet.url for sheet in pages if sheet.url), issue.url)
    return replace(issue, url=url, pages=pages)


def _finish_page(sheet: PageReading) -> PageReading:
    links = [replace(a, key=_key(a.url), url=_plain(a.url)) for a in sheet.articles or ()]
    unique = {link.key: link for link in reversed(links)}
    listed = tuple(unique[key] for key in dict.fromkeys(link.key for link in links))
    return replace(sheet, articles=None if sheet.articles is None else listed)


def _labels(page: WebPage) -> dict[str, PageLabel]:
    """The pages by address. A label and a name may be two links to one page: [01]:头版."""
    texts: dict[str, list[str]] = {}
    for line in page.lines:
        for link in line.links:
            url = page.link(link.href)
            if url and _PAGE.search(urlsplit(url).path) and way_of(link.text) is None:
                texts.setdefault(url, []).append(link.text)
    labels = {url: _label(words) for url, words in texts.items()}
    return {url: label for url, label in labels.items() if label is not None}


def _label(texts: list[str]) -> PageLabel | None:
    """What the links to one page say together; 下一版 alone says nothing."""
    labels = [label for text in texts if (label := parse_label(text)) is not None]
    if (named := next((label for label in labels if label.name), None)) is not None:
        return named
    numbers = [label.label for label in labels] or [t for t in texts if _NUMBER.fullmatch(t)]
    names = [
        text
        for text in texts
        if not parse_label(text)
        and not _NUMBER.fullmatch(text)
        and text not in {"下一版", "上一版"}
    ]
    return PageLabel(numbers[0], names[0] if names else None) if numbers else None
