"""The parts of newspapers that an operator describes himself: pages by CSS and URL patterns (`kind: html`),
interfaces by calls and JMESPath (`kind: json`).
"""

from typing import Annotated, Any

from pydantic import Field, model_validator

from config.forms import Section, form, in_language, matching, schema
from config.places import HttpUrl
from config.values import CssSelector, JmesPath, Line

_NAME = r"[a-z][A-Za-z0-9_]{0,40}"
_FILE = r"[A-Za-z0-9_.-]{1,40}"
_PATH = r"[^\s\\#]{2,300}"

PathPattern = Annotated[
    str,
    form("要写成网址的样子,如 /Html/{date}/{id}.html (an address with names)", matching(_PATH)),
    in_language("pattern"),
    schema(_PATH, "/Html/{date}/{id}.html"),
]
AddressTemplate = Annotated[HttpUrl, in_language("dated")]
PresetName = Annotated[str, in_language("preset")]
ValueName = Annotated[
    str, form("名字只能用字母、数字和 _ (letters, digits and _)", matching(_NAME))
]
FileName = Annotated[
    str,
    form("要写文件名,如 period.xml (a file's name)", matching(_FILE)),
    schema(_FILE, "period.xml", "navi.xml"),
]
Text = Annotated[Line, Field(max_length=2000)]
Scalar = str | int | bool | None

# ── kind: html ──────────────────────────────────────────────────────────────────────────────────


class HtmlPaths(Section):
    """哪种网址是什么:{date} 日期,{page} 版,{id} 文章,* 任意 (what an address is, by its form)."""

    issue: tuple[PathPattern, ...] | PathPattern | None = None
    """一期的第一版,如 /Html/{date}/Qpaper.html (an issue's first page)."""
    page: tuple[PathPattern, ...] | PathPattern | None = None
    """其他各版,如 /Html/{date}/Qpaper_{page}.html (its other pages)."""
    article: tuple[PathPattern, ...] | PathPattern | None = None
    """文章,如 /Html/{date}/{id}.html (articles)."""


class HtmlIssue(Section):
    """一期的版面页上,各项在哪里 (where an issue's page keeps what)."""

    date: CssSelector | None = None
    """日期;不写就看网址和文字 (its date)."""
    number: CssSelector | None = None
    """期号 (its number)."""
    previous: CssSelector | None = None
    """通往上一期的链接 (the link to the issue before)."""
    next: CssSelector | None = None
    """通往下一期的链接 (the link to the next issue)."""


class HtmlPages(Section):
    """各版 (the pages)."""

    links: CssSelector | None = None
    """通往各版的链接 (links to the pages)."""
    image: CssSelector | None = None
    """这一版的版面图 (the page's image)."""
    pdf: CssSelector | None = None
    """这一版的 PDF 链接 (the link to its PDF)."""


class HtmlArticles(Section):
    """一版上的文章 (the articles of a page)."""

    links: CssSelector | None = None
    """通往文章的链接,也可以是版面图上的 area (links to articles, or areas of the page's image)."""


# ── kind: json ──────────────────────────────────────────────────────────────────────────────────


class Call(Section):
    """一次接口请求。网址和参数里可以写 {date}、{page_id} 等名字 (a request to the paper's interface)."""

    get: Text | None = None
    """GET 的网址,相对于 api (address, relative to `api`)."""
    post: Text | None = None
    """POST 的网址,相对于 api (the same, for POST)."""
    query: dict[str, Scalar] = Field(default_factory=dict)
    """网址 ? 后面的参数 (parameters behind the ?)."""
    form: dict[str, Scalar] | None = None
    """表单内容,开发者工具里的 Form Data (the body of a form)."""
    payload: dict[str, Any] | None = None
    """JSON 内容,开发者工具里的 Request Payload (a JSON body)."""

    @property
    def is_call(self) -> bool:
        """Whether there is a request at all, or only a place in the answer of the step before."""
        return self.get is not None or self.post is not None

    @model_validator(mode="after")
    def _one_way(self) -> "Call":
        if self.get is not None and self.post is not None:
            raise ValueError("get 和 post 只写一个 (either get or post)")
        if self.form is not None and self.payload is not None:
            raise ValueError("form 和 payload 只写一个 (either form or payload)")
        if self.post is None and (self.form is not None or self.payload is not None):
            raise ValueError("form 和 payload 要和 post 一起写 (form and payload go with post)")
        return self


class JsonIssues(Call):
    """有哪些期。名字:{month} 查询的月份(先本月,再上月),{offset} 已看过几期 (which issues there are)."""

    list: JmesPath | None = None
    """期的列表 (the list)."""
    date: JmesPath = "@"
    """每一期的日期 (each one's date)."""
    id: JmesPath | None = None
    """每一期的编号,后面写作 {issue_id} (each one's id)."""
    number: JmesPath | None = None
    """第几期 (its number)."""


class JsonPages(Call):
    """一期有哪些版。名字:{date} {issue_id} (the pages of an issue)."""

    list: JmesPath | None = None
    """版的列表 (the list)."""
    date: JmesPath | None = None
    """回答里说的日期;和问的不一样,就当那天没有报纸 (the answer's own date; another day's paper is none)."""
    id: JmesPath | None = None
    """每一版的编号,后面写作 {page_id} (each one's id)."""
    label: JmesPath | None = None
    """版号,如 01 (its label)."""
    name: JmesPath | None = None
    """版名,如 要闻;写着 第01版:要闻 也行 (its name)."""
    image: JmesPath | None = None
    """版面图 (its image)."""
    pdf: JmesPath | None = None
    """它的 PDF (its PDF)."""
    link: Text | None = None
    """读者看这一期的网址 (the issue's address for readers)."""


class JsonArticles(Call):
    """一版有哪些文章。名字:{date} {issue_id} {page_id} {offset} {number};不写 get、post 就在版的数据里
    (the articles of a page; without a call they are in the page's own data).
    """

    list: JmesPath | None = None
    """文章的列表 (the list)."""
    id: JmesPath | None = None
    """文章的编号,后面写作 {id} (each one's id)."""
    title: JmesPath | None = None
    """标题 (its title)."""
    reads: JmesPath | None = None
    """阅读数 (its read count)."""
    page: JmesPath | None = None
    """没有版的列表时,文章在哪一版 (its page, where there is no list of pages)."""
    page_name: JmesPath | None = None
    """那一版的版名 (that page's name)."""
    url: JmesPath | None = None
    """接口给出的、读者看文章的网址 (its address for readers, where the interface says it)."""
    link: Text | None = None
    """接口没有给,就按样子拼:{id} {date} {page_id} {page_label} {page_name} (else made from names)."""


class JsonArticle(Call):
    """一篇文章。名字:{id} {date};不写 get、post 就在文章列表里 (an article; without a call it is in the
    list).
    """

    item: JmesPath = "@"
    """文章在回答里的哪里 (where in the answer)."""
    title: JmesPath | None = None
    """标题 (its title)."""
    kicker: JmesPath | None = None
    """引题 (the line above the title)."""
    subtitle: JmesPath | None = None
    """副题 (the line below the title)."""
    byline: JmesPath | None = None
    """作者 (who wrote it)."""
    published: JmesPath | None = None
    """时间 (when it was published)."""
    reads: JmesPath | None = None
    """阅读数 (its read count)."""
    page: JmesPath | None = None
    """在哪一版 (its page)."""
    images: JmesPath | None = None
    """图片的列表 (its images)."""
    body: JmesPath | None = None
    """正文,HTML 或文字 (its text, HTML or plain)."""
