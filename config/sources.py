"""What may be set of a newspaper: one model a family, told apart by `kind`."""

from datetime import timedelta
from typing import Annotated, Literal, get_args

from pydantic import Field

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


class FounderSource(BaseSource):
    """方正翔宇,网址里有 pc/layout (`…/pc/layout/index.html`)."""

    kind: Literal["founder"]
    """哪种系统 (which system the paper runs on)."""


SourceConfig = Annotated[YunbaoSource | FounderSource, Field(discriminator="kind")]

FAMILIES: dict[str, type[BaseSource]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model
    for model in get_args(get_args(SourceConfig)[0])
}
KINDS = tuple(FAMILIES)

# Known names whose time has not come: they get an error of their own.
LATER_KINDS = frozenset({"auto", "paperindex", "html", "json", "feed"}) - set(KINDS)
