"""What may be set of a newspaper: one model a family, told apart by `kind`."""

from datetime import timedelta
from typing import Annotated, Literal, get_args

from pydantic import Field

from config.declared import (
    HtmlArticles,
    HtmlIssue,
    HtmlPages,
    HtmlPaths,
    JsonArticle,
    JsonArticles,
    JsonIssues,
    JsonPages,
)
from config.values import Duration, HttpUrl, Robots, Section, SourceId, Zone

AddressTemplate = Annotated[str, Field(pattern=r"^https?://[^\s\\]{1,500}$")]

PresetName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
ValueName = Annotated[str, Field(pattern=r"^[a-z][A-Za-z0-9_]{0,40}$")]

ArticleKindName = Literal["news", "photo", "credits", "ad", "notice"]


class BaseSource(Section):
    """What every newspaper has, whatever its family."""

    id: SourceId
    """Its name in our URLs and in the ledger; never changes."""
    title: str = Field(min_length=1, max_length=200)
    """As readers see it: 淮安区报."""
    url: HttpUrl
    """The page that leads to the newest issue."""
    timezone: Zone = "Asia/Shanghai"
    """Of the dates printed on the paper."""
    check_every: Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(days=7))] = (
        timedelta(minutes=10)
    )
    """Look at least this often: 1s to 7d."""
    first: Literal["newest", "none", "all"] = "newest"
    """What of a first look is pushed."""
    skip: frozenset[ArticleKindName] = frozenset()
    """Kinds left out of pushes and feeds; pages keep them."""
    reads: Literal["auto", "list", "page", "off"] = "auto"
    """Where read counts are looked up."""
    content: Literal["full", "summary"] | None = None
    """In feeds and pages; null: full where that is private or licensed, else summary."""
    rights: str | None = None
    """The words of the licence you have."""
    robots: Robots = "obey"
    """obey, or "ignore: reason"."""
    link: Literal["paper", "own"] = "paper"
    """Where feed entries and messages link: the newspaper's page, or ours."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Request headers that the site asks for."""
    selectors: dict[str, str] = Field(default_factory=dict)
    """CSS, field by field; wins over labels."""
    data: dict[str, str] = Field(default_factory=dict)
    """JMESPath, field by field; wins over both."""


class YunbaoSource(BaseSource):
    """云报平台: read by its labels."""

    kind: Literal["yunbao"]


class WebSource(BaseSource):
    """What families have whose issues are pages on the web."""

    guess: AddressTemplate | None = None
    """没有网页能通到最新一期时,按日期猜的网址,如 https://…/html/{date:%Y-%m/%d}/node_1.htm
    (an address by date, tried last)."""


class FounderSource(WebSource):
    """方正的三代系统:经典(node_1.htm)、D110000、翔宇(pc/layout),自己认 (Founder's three generations)."""

    kind: Literal["founder"]
    months: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")] = "period.xml"
    """日期文件夹旁边的期次列表,有的报纸叫 navi.xml (the month's list of issues)."""


class PaperIndexSource(WebSource):
    """content/PaperIndex.htm,如法治日报、新华每日电讯、大众日报 (PaperIndex)."""

    kind: Literal["paperindex"]


class HtmlSource(WebSource):
    """自己用 CSS 选择器和网址样式说明的报纸,或一个现成的样式 (described by CSS and URL patterns, or a preset)."""

    kind: Literal["html"]
    preset: PresetName | None = None
    """现成的样式:qpaper、shtml、xmwb;下面写的逐项优先 (a preset; what is written below wins)."""
    paths: HtmlPaths = HtmlPaths()
    """哪种网址是什么 (what an address is)."""
    issue: HtmlIssue = HtmlIssue()
    pages: HtmlPages = HtmlPages()
    articles: HtmlArticles = HtmlArticles()


class JsonSource(BaseSource):
    """由接口提供数据的报纸:各步请求和 JMESPath,或一个现成的样式 (calls and JMESPath, or a preset)."""

    kind: Literal["json"]
    preset: PresetName | None = None
    """现成的样式:founder-app、stdaily、wenzhou;下面写的逐项优先 (a preset; what is written below wins)."""
    api: HttpUrl | None = None
    """接口的网址,下面的都相对于它;不写就是 url (what the calls' addresses are relative to)."""
    values: dict[ValueName, str | int] = Field(default_factory=dict)
    """各步里用 {名字} 写的固定值,如 siteId (fixed values, used as {name})."""
    issues: JsonIssues | None = None
    """不写就按日期一天天问 (without it, days are asked one by one)."""
    pages: JsonPages | None = None
    """不写就是一期一版 (without it, an issue is one page)."""
    articles: JsonArticles | None = None
    article: JsonArticle = JsonArticle()


class FeedSource(BaseSource):
    """上游的 RSS、Atom 或 JSON Feed,一天算一期 (an upstream feed; a day is an issue)."""

    kind: Literal["feed"]


class AutoSource(WebSource):
    """看一眼网页再认是哪种系统;认出来以后最好把 kind 写明 (finds the family by fetching)."""

    kind: Literal["auto"]


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
