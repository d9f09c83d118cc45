"""Walking over the lines of an issue: labels of pages, titles, counts, images and PDFs as they stand in order."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlsplit

from feeds.dates import find_date, find_dates
from feeds.models import ArticleLink
from feeds.sources.labels.header import read_fields
from feeds.sources.labels.landmarks import (
    Mark,
    PageLabel,
    issue_number,
    mark_of,
    narrow,
    parse_label,
    way_of,
)
from feeds.sources.links import article_key, is_root, is_same_site, shape
from feeds.sources.page import WebPage
from feeds.text import Line, Link, absolute_url, cut, is_wide, one_line
from feeds.text.lines import Block

_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp|svg)(?:\.[0-9])?$", re.IGNORECASE)
_PAGE_IMAGE = re.compile(
    r"版面|第.{1,4}版|版图|(?:^|[\s_.-])(?:page|layout|banmian)[_.-]?[0-9]*", re.IGNORECASE
)
_NEXT_PAGE = re.compile(r"[<>«»\s0-9]{0,5}(?:上|下|前|后)一?(?:版|页)[<>«»\s0-9]{0,5}")
_BESIDE = re.compile(r"[\s\[(（|]+(?:PDF|下载|[上下前后]一版).*", re.IGNORECASE | re.DOTALL)
_ASIDE = re.compile(
    r"[\W_]{0,3}(?:.{0,8}(?:排行榜?|热榜|人气榜)|(?:相关|延伸|推荐|热门|热点|精彩|往期)(?:阅读|新闻|文章|链接|报道|推荐|回顾|内容|资讯)|猜你喜欢)[\W_]{0,3}"
)
_COUNTED = re.compile(r"(?:[\W\d]|(?:点击|阅读|浏览|人气|热度)[量数]?|次|万)*")
_BULLETS = "·•▪●■◆▶► \u3000"
_AMOUNT = re.compile(r"\s*[(（]?\s*[0-9]+\s*(?:篇|条|个)\s*[)）]?$")


@dataclass(frozen=True, slots=True)
class Clues:
    """What a family knows of a page before a word is read. `articles` are the addresses of articles (None
    where only their words tell), `pages` the labels of pages by address, `day` the issue's date.
    """

    articles: Collection[str] | None = None
    pages: Mapping[str, PageLabel] = field(default_factory=dict)
    day: date | None = None


NO_CLUES = Clues()


@dataclass(slots=True)
class Sheet:
    """A page (版) as it is gathered. `is_linked`: its label is a link to a document of its own."""

    label: PageLabel
    url: str | None = None
    image: str | None = None
    pdf: str | None = None
    is_heading: bool = False
    is_here: bool = False
    articles: dict[str, ArticleLink] = field(default_factory=dict)


@dataclass(slots=True)
class Gathering:
    """What the walk over a page's lines has gathered. `loose` are articles before any label, `aside` those of
    lists that show other issues' too (点击排行). `link` is that of an article whose title may go on in the
    next line of its `block`.
    """

    sheets: dict[str, Sheet] = field(default_factory=dict)
    loose: dict[str, ArticleLink] = field(default_factory=dict)
    aside: dict[str, ArticleLink] = field(default_factory=dict)
    is_aside: bool = False
    current: Sheet | None = None
    image: str | None = None
    pdf: str | None = None
    last: ArticleLink | None = None
    link: Link | None = None
    block: Block | None = None


def article_urls(page: WebPage, clues: Clues) -> dict[str, str]:
    """The links that look like articles, by URL: those that the family knows, or else title-like words, and
    an address of the shape that most of them have. Links in a <nav> or a footer count only where there
    are no others.
    """
    if clues.articles is not None:
        return dict.fromkeys(clues.articles, "")
    every: list[tuple[str, str, bool]] = []
    other: set[str] = set()
    for line in page.lines:
        for link in line.links:
            url = page.link(link.href)
            if url is None or not is_same_site(url, page.url) or url == page.url or is_root(url):
                continue
            if _is_title(link.text):
                every.append((url, link.text, line.block.chrome))
            elif parse_label(link.text) or way_of(link.text) or find_date(link.text):
                other.add(shape(url))
    plain = [one for one in every if not one[2]] or every
    kept = [one for one in plain if shape(one[0]) not in other] or plain
    shapes = Counter(shape(url) for url, _, _ in kept)
    most = max(shapes.values(), default=0)
    return {url: text for url, text, _ in kept if shapes[shape(url)] * 4 >= most}


def _is_title(text: str) -> bool:
    label = narrow(text).strip()
    if len(label) < 2 or not is_wide(text):  # noqa: PLR2004 - a character is no title
        return False
    if (
        way_of(text)
        or parse_label(text)
        or find_date(text)
        or issue_number(label) == label.strip("第期 ")
    ):
        return False
    return mark_of(text, 0) in {Mark.TEXT, Mark.CREDITS, Mark.RELATED}


def gather(page: WebPage, allowed: Mapping[str, str], clues: Clues) -> Gathering:
    """All that the lines of a page show, in their order. `allowed` are the addresses of articles."""
    gathered = Gathering()
    for line in page.lines:
        words = "".join(run.text for run in line.runs if run.link is None)
        label = _heading(line, words)
        if label is not None:
            _enter(gathered, label, None)
        gathered.is_aside = _is_aside(words, gathered.is_aside)
        for link in _label_first(page, line.links):
            if link is gathered.link and line.block is gathered.block:
                _lengthen(gathered, line, link)
            else:
                _take_link(page, gathered, link, allowed, clues)
        gathered.block = line.block
        if line.images:
            _take_image(page, gathered, line)
        if gathered.last is not None and line.text:
            _take_reads(gathered, line)
    if not gathered.loose and not any(sheet.articles for sheet in gathered.sheets.values()):
        gathered.loose = gathered.aside
    return gathered


def _is_aside(words: str, was_aside: bool) -> bool:
    """Whether a line belongs to a list of articles that are mostly other issues': from its heading to the next
    words that are no count.
    """
    said = narrow(words).strip()
    if _ASIDE.fullmatch(said):
        return True
    return was_aside and (not is_wide(said) or _COUNTED.fullmatch(said) is not None)


def _label_first(page: WebPage, links: Sequence[Link]) -> Sequence[Link]:
    """The links of a line; a PDF that stands before its page's label belongs to that page, not to the one
    before.
    """
    pdfs = [link for link in links if _is_pdf(page.link(link.href))]
    return [*links[1:], links[0]] if len(pdfs) == 1 and pdfs[0] is links[0] else links


def _is_pdf(url: str | None) -> bool:
    return url is not None and urlsplit(url).path.lower().endswith(".pdf")


def _heading(line: Line, words: str) -> PageLabel | None:
    """The page's label that a line is, outside of any link; a PDF link may stand beside it."""
    if len(line.text) > 80:  # noqa: PLR2004 - no heading
        return None
    text = _BESIDE.sub("", words)
    label = parse_label(_AMOUNT.sub("", text))
    found = next(find_dates(text), None) if label else None
    return parse_label(text[: found.start]) if found else label


def _enter(gathered: Gathering, label: PageLabel, url: str | None) -> None:
    sheet = gathered.sheets.setdefault(label.label, Sheet(label))
    if url is not None and sheet.url is None:  # a page's place is that in the list of pages
        gathered.sheets[label.label] = gathered.sheets.pop(label.label)
    if label.name and not sheet.label.name:
        sheet.label = label
    sheet.url = sheet.url or url
    sheet.is_heading = sheet.is_heading or url is None
    gathered.current, gathered.last, gathered.is_aside = sheet, None, False


def _take_link(
    page: WebPage, gathered: Gathering, link: Link, allowed: Mapping[str, str], clues: Clues
) -> None:
    url = page.link(link.href)
    if url and _is_pdf(url):
        _set_pdf(gathered, url)
    elif _NEXT_PAGE.fullmatch(link.text):
        return
    elif clues.articles is not None and url in clues.articles:
        if link.text and url and way_of(link.text) is None:
            _add(gathered, _listed(url, link.text), link)
    elif (
        label := clues.pages.get(url or "") or parse_label(_AMOUNT.sub("", link.text))
    ) is not None:
        _enter(gathered, label, url)
    elif (
        url in allowed
        and url is not None
        and link.text == one_line(link.text)
        and _is_title(link.text)
    ):
        _add(gathered, _listed(url, link.text))


def _listed(url: str, text: str) -> ArticleLink:
    """An article by its link in a list, without the list's bullet."""
    return ArticleLink(article_key(url), url, cut(one_line(text).lstrip(_BULLETS)))


def _add(gathered: Gathering, article: ArticleLink, link: Link | None = None) -> None:
    """The same article again (an area of the page's image, a second list) is no second article."""
    gathered.link = None
    if any(article.key in sheet.articles for sheet in gathered.sheets.values()):
        return
    if gathered.is_aside:
        gathered.aside.setdefault(article.key, article)
        gathered.last = None
        return
    place = gathered.current.articles if gathered.current else gathered.loose
    gathered.link = link if article.key not in place else None
    gathered.last = place.setdefault(article.key, article)
    if gathered.current:
        gathered.loose.pop(article.key, None)


def _lengthen(gathered: Gathering, line: Line, link: Link) -> None:
    """A title that is broken by `<br>` goes on."""
    more = "".join(run.text for run in line.runs if run.link is link)
    last = gathered.last
    if last is not None and more.strip():
        place = gathered.current.articles if gathered.current else gathered.loose
        longer = replace(last, title=cut(one_line(f"{last.title} {more}")))
        gathered.last = place[last.key] = longer


def _take_reads(gathered: Gathering, line: Line) -> None:
    """The count that stands beside a title in a list."""
    last = gathered.last
    if last is None or len(line.text) > 240 or last.reads is not None:  # noqa: PLR2004 - a paragraph
        return
    outside = " ".join(run.text for run in line.runs if run.link is None)
    fields = read_fields(line, outside, 0)
    if fields.reads is not None:
        counted = ArticleLink(last.key, last.url, last.title, fields.reads)
        place = gathered.current.articles if gathered.current else gathered.loose
        place[last.key] = counted
        gathered.last = None


def _take_image(page: WebPage, gathered: Gathering, line: Line) -> None:
    """The image of a page (版面图): by its words or address, and not a title's thumbnail."""
    for run in line.images:
        target = page.link(run.link.href) if run.link else None
        large = target if target and _FILE.search(urlsplit(target).path) else None
        url = large or absolute_url(run.image or "", page.base)
        if url and (
            large or _PAGE_IMAGE.search(f"{run.group} {(run.image or '').rpartition('/')[2]}")
        ):
            holder = gathered.current or gathered
            holder.image = holder.image or url
            return


def _set_pdf(gathered: Gathering, url: str) -> None:
    holder = gathered.current or gathered
    holder.pdf = holder.pdf or url
