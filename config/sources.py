"""What may be set of a newspaper: one model a family, told apart by `kind`."""

from datetime import timedelta
from typing import Annotated, Literal, get_args

from pydantic import Field

from config.declared import (
    AddressTemplate,
    FileName,
    HtmlArticles,
    HtmlIssue,
    HtmlPages,
    HtmlPaths,
    JsonArticle,
    JsonArticles,
    JsonIssues,
    JsonPages,
    PresetName,
    Scalar,
    ValueName,
)
from config.forms import Section
from config.places import HttpUrl
from config.values import (
    CssSelector,
    Duration,
    Filled,
    HeaderName,
    HeaderValue,
    JmesPath,
    Prose,
    Robots,
    SourceId,
    Zone,
    within,
)

ArticleKindName = Literal["news", "photo", "credits", "ad", "notice"]

FieldName = Literal[
    "title", "kicker", "subtitle", "byline", "published", "reads", "page", "images", "body"
]
"""The fields of an article that a rule of the operator's may find."""


class BaseSource(Section):
    """What every newspaper has, whatever its family."""

    id: SourceId
    """它在网址和存档里的名字,定了就不要改 (its name in URLs and in the archive; never change it)."""
    title: Filled = Field(max_length=200)
    """读者看到的报名,如 淮安区报 (as readers see it)."""
    url: HttpUrl = Field(repr=False)
    """能找到最新一期的网页 (the page that leads to the newest issue)."""
    timezone: Zone = "Asia/Shanghai"
    """报上的日期用的时区 (of the dates printed on the paper)."""
    check_every: Annotated[Duration, within("1s", "7d")] = timedelta(minutes=10)
    """至少多久看一次,1s 到 7d (look at least this often, 1s to 7d)."""
    first: Literal["newest", "none", "all"] = "newest"
    """第一次看报时推送什么 (what of a first look is pushed)."""
    skip: frozenset[ArticleKindName] = frozenset()
    """不推送、不进订阅源的类,网页照登 (kinds left out of pushes and feeds; pages keep them)."""
    reads: Literal["auto", "list", "page", "off"] = "auto"
    """到哪里找阅读数 (where read counts are looked up)."""
    content: Literal["full", "summary"] | None = None
    """订阅源和网页登全文还是摘要;null:只有自己看或有授权才登全文 (in feeds and pages; null: full where that is private or licensed, else summary)."""
    rights: Prose | None = None
    """你得到的授权的说法 (the words of the licence you have)."""
    robots: Robots = "obey"
    """obey,或 "ignore: 理由" (obey, or "ignore: reason")."""
    link: Literal["paper", "own"] = "paper"
    """订阅源和消息链到报社的网页还是我们的 (whether entries and messages link the newspaper's page or ours)."""
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict, repr=False)
    """这个网站要的请求头 (request headers that the site asks for)."""
    selectors: dict[FieldName, CssSelector] = Field(default_factory=dict)
    """逐项的 CSS 选择器,比文字标签优先 (CSS, field by field; wins over labels)."""
    data: dict[FieldName, JmesPath] = Field(default_factory=dict)
    """逐项的 JMESPath,比前两者都优先 (JMESPath, field by field; wins over both)."""


class YunbaoSource(BaseSource):
    """云报平台,按文字标签来读 (read by its labels)."""

    kind: Literal["yunbao"]
    """哪种系统 (which system the paper runs on)."""


class WebSource(BaseSource):
    """有网页的报纸都有的 (what families have whose issues are pages on the web)."""

    guess: AddressTemplate | None = None
    """没有网页能通到最新一期时,按日期猜的网址,如 https://…/html/{date:%Y-%m/%d}/node_1.htm
    (an address by date, tried last)."""


class FounderSource(WebSource):
    """方正的三代系统:经典(node_1.htm)、D110000、翔宇(pc/layout),自己认 (Founder's three generations)."""

    kind: Literal["founder"]
    """哪种系统 (which system the paper runs on)."""
    months: FileName = "period.xml"
    """日期文件夹旁边的期次列表,有的报纸叫 navi.xml (the month's list of issues)."""


class PaperIndexSource(WebSource):
    """content/PaperIndex.htm,如法治日报、新华每日电讯、大众日报 (PaperIndex)."""

    kind: Literal["paperindex"]
    """哪种系统 (which system the paper runs on)."""


class HtmlSource(WebSource):
    """自己用 CSS 选择器和网址样式说明的报纸,或一个现成的样式 (described by CSS and URL patterns, or a preset)."""

    kind: Literal["html"]
    """哪种系统 (which system the paper runs on)."""
    preset: PresetName | None = None
    """现成的样式:qpaper、shtml、xmwb;下面写的逐项优先 (a preset; what is written below wins)."""
    paths: HtmlPaths = HtmlPaths()
    """哪种网址是什么 (what an address is)."""
    issue: HtmlIssue = HtmlIssue()
    """一期的各项在哪里 (where an issue keeps what)."""
    pages: HtmlPages = HtmlPages()
    """各版在哪里 (where its pages are)."""
    articles: HtmlArticles = HtmlArticles()
    """一版的文章在哪里 (where a page's articles are)."""


class JsonSource(BaseSource):
    """由接口提供数据的报纸:各步请求和 JMESPath,或一个现成的样式 (calls and JMESPath, or a preset)."""

    kind: Literal["json"]
    """哪种系统 (which system the paper runs on)."""
    preset: PresetName | None = None
    """现成的样式:founder-app、stdaily、wenzhou;下面写的逐项优先 (a preset; what is written below wins)."""
    api: HttpUrl | None = None
    """接口的网址,下面的都相对于它;不写就是 url (what the calls' addresses are relative to)."""
    values: dict[ValueName, Scalar] = Field(default_factory=dict)
    """各步里用 {名字} 写的固定值,如 siteId (fixed values, used as {name})."""
    issues: JsonIssues | None = None
    """有哪些期;不写就按日期一天天问 (which issues there are; without it days are asked one by one)."""
    pages: JsonPages | None = None
    """一期有哪些版;不写就是一期一版 (the pages of an issue; without it there is one)."""
    articles: JsonArticles | None = None
    """一版有哪些文章 (the articles of a page)."""
    article: JsonArticle = JsonArticle()
    """一篇文章的各项在哪里 (where an article keeps what)."""


class FeedSource(BaseSource):
    """上游的 RSS、Atom 或 JSON Feed,一天算一期 (an upstream feed; a day is an issue)."""

    kind: Literal["feed"]
    """哪种系统 (which system the paper runs on)."""


class AutoSource(WebSource):
    """看一眼网页再认是哪种系统;认出来以后最好把 kind 写明 (finds the family by fetching)."""

    kind: Literal["auto"]
    """哪种系统 (which system the paper runs on)."""


SourceConfig = Annotated[
    AutoSource
    | YunbaoSource
    | FounderSource
    | PaperIndexSource
    | HtmlSource
    | JsonSource
    | FeedSource,
    Field(discriminator="kind"),
]

FAMILIES: dict[str, type[BaseSource]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model
    for model in get_args(get_args(SourceConfig)[0])
}
KINDS = tuple(FAMILIES)
