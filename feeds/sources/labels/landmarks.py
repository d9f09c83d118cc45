"""What a newspaper's own words mean: labels, navigation, share lines, credits, footers, page names.

A line is judged by its words alone, never by tags or classes, so that a redesign changes nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from feeds.text import words

_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
_WIDE_FORM = re.compile("[\uff01-\uff5e\u3000\xa0]")  # asked first: translate is slow
_LONGEST_LABEL = 120


def compile_for_search(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern whose matches begin with a number or a letter that is written in it, compiled so that most
    places of a text are passed over by one look at their character.
    """
    letters = "".join(sorted(set(re.findall(r"[^\W\d_]|©", pattern))))
    return re.compile(f"(?=[0-9{letters}])(?:{pattern})", flags)


class Mark(Enum):
    """What a line is. HARD ones end an article for good, SOFT ones are only not part of it."""

    TEXT = auto()
    DETAIL = auto()  # 内容详情: the article begins
    NAVIGATION = auto()
    CREDITS = auto()  # 责任编辑
    LINKS = auto()  # nothing but links
    RELATED = auto()  # 相关阅读, 评论: what follows is other people's
    CONTACT = auto()  # 地址, 电话: a footer's, or a notice's own
    FOOTER = auto()


HARD = (Mark.RELATED, Mark.FOOTER)  # a tuple: found by identity, where a set would hash enums

_DIALOG = re.compile(
    r"(?:这)?已经?是(?:最后|最早|最新|最前|第)一期(?:了)?(?:哦|啦|呢)?[!。.~\s]*(?:我知道了)?"
)
_NAVIGATION_WORDS = words(
    "首页 主页 网站首页 返回首页 返回主页 上一篇 下一篇 前一篇 后一篇 上一条 下一条 上一期 下一期 前一期 后一期 "
    "上期 下期 上一版 下一版 上一页 下一页 前一版 后一版 返回 返回列表 返回目录 返回本期 返回本版 返回版面 返回上一页 "
    "返回顶部 回到顶部 顶部 目录 本期目录 版面目录 往期 往期回顾 往期查询 往期浏览 版面 版面导航 版面图 导航 日期导航 标题导航 "
    "本版 本版标题 全部 更多 搜索 登录 注册 登录/注册 我的 设置 关闭 关闭窗口 打印 打印本页 收藏 加入收藏 设为首页 举报 投诉 纠错 "
    "字号 字体 大 中 小 特大 大字 小字 放大 缩小 默认 A A+ A- T T+ T- 听 听新闻 听报 朗读 播放 暂停 语音播报 复制 复制链接 "
    "分享 分享到 分享至 转发 微信 微博 新浪微博 腾讯微博 QQ QQ空间 QQ好友 朋友圈 微信好友 微信朋友圈 空间 豆瓣 人人网 抖音 "
    "生成海报 海报 二维码 扫码分享 扫一扫 点赞 赞 踩 喜欢 收起 展开 展开全文 阅读全文 查看原文 阅读原文 原文链接 "
    "评论 写评论 我要评论 发表评论 条评论 留言 手机版 电脑版 触屏版 客户端 PDF PDF下载 下载PDF PDF版下载 下载 没有了 无 "
    "上一张 下一张 我知道了 知道了 确定 取消 数字报 电子报 数字报纸 云报平台 云报 时政 要闻 新闻 正文 广告 视频 图片 专题 "
    "当前位置 您的位置 您现在的位置 您当前的位置 所在位置 位置 X × ✕ 菜单 加载中 加载更多 暂无评论 暂无 Top TOP top 日 一 二 三 四 五 六"
)
_SEPARATOR = r"\s|丨·•›»«>《》<\[\]【】()「」:,、。;!/\\#_…→←↑↓▲▼◀▶◄►■●★☆^~=+-"
_SEPARATORS = re.compile(f"[{_SEPARATOR}]+")
_NAVIGATION = re.compile(
    rf"(?:{_DIALOG.pattern})\Z"
    r"|[<>«»←→\s\[【]*(?:上|下|前|后)一?(?:篇|条|版|则)\s*[:\]】>].{0,200}\Z"
    r"|(?:您?(?:现在|当前)?(?:所在)?的?位置)\s*:"
    r"|(?:首页|主页)\s*(?:>|»|›|/|-|\|)",
    re.DOTALL,
)
_SHARE_OR_GREETING = re.compile(
    r"(?:一键)?(?:分享|转发)(?:到|至|给|本文|文章)?\s*(?:[:]|$|(?=微信|微博|QQ|朋友圈|\s))"
    r"|(?:(?:您好|你好)\W{0,3})?(?:今天是|现在是|当前时间|北京时间)\W{0,3}[0-9]{4}年.{0,50}\Z"
    r"|(?:您好\W{0,3})?欢迎(?:您|你)?(?:访问|光临|来到|浏览|阅读).{0,30}\Z"
)
_CREDITS = re.compile(
    r"[\[(【]?\s*(?:本[版期文])?(?:责任编辑|责编|执行编辑|网络编辑|值班编辑|值班主任|值班总编|编辑|编审|美编|版式|主编|总编辑?|"
    r"审核|初审|复审|终审|一审|二审|三审|审校|校对|监制|监审|策划|制作|排版|编排|录入|签发|来源|稿源|信息来源|文章来源|"
    r"稿件来源|供稿|投稿邮箱|关键词|标签|Tags?|栏目|频道|分类)\s*[:]",
    re.IGNORECASE,
)
_CREDITS_BARE = re.compile(
    r"(?:责任编辑|责编|审核|校对|初审|复审|终审|一审|二审|三审|编辑)\s{1,4}\S{2,4}(?:\s|$)"
)
_COUNTED = "评论|点赞|赞|收藏|转发|分享|喜欢|踩|在看|推荐|回复|跟帖|参与"
_COUNTER = re.compile(
    rf"(?:{_COUNTED})(?:数|量|人数|次数)?\s*[:(]?\s*[0-9][0-9.,万wWkK+]*\s*[)次条人]?"
    r"|[0-9][0-9.,万+]*\s*(?:条|个|人|次)?(?:评论|点赞|收藏|转发|分享|赞|跟帖|回复|参与|喜欢)"
    r"|[0-9]{1,2}:[0-9]{2}\s*/\s*[0-9]{1,2}:[0-9]{2}"
)
_LETTERS = "".join(_NAVIGATION_WORDS) + _COUNTED + "数量人次条个万wWkK.+"
# Words and counters have no other characters: a line of prose is soon told by one.
_NO_NAVIGATION = re.compile(rf"[^{re.escape(_LETTERS)}\d{_SEPARATOR}]")
_RELATED = re.compile(
    r"[\s【\[■●▶▍◆#>|-]*(?:"
    r"(?:相关|延伸|推荐|关联|更多|热门|往期|精彩|猜你|你可能|您可能|大家都在|大家还|编辑|今日|本周|本月|其他|同版|本版其他|24小时|最新|最热|为您|为你|周|日|月)"
    r"(?:的|感兴趣的?|喜欢的?|还会|在看|看过|精选|推荐|热门)?"
    r"(?:阅读|新闻|文章|链接|报道|资讯|推荐|内容|看|喜欢|感兴趣|回顾|稿件|信息|排行榜?|热点|评论|话题|标题|关注|导读)"
    r"|猜你喜欢|猜你想看|大家都在看|热门推荐|热点推荐|热榜|热文|排行榜|点击排行|阅读排行|新闻排行|本版新闻|本版文章|本期文章|推荐"
    r"|(?:全部|最新|热门|网友|网民|用户|精彩|读者|文章)?(?:评论|留言|跟帖|点评|热评)(?:区|列表)?(?:\s*\(?[0-9]+条?\)?)?|我来说两句|我要评论|我要留言|发表评论|写评论|网友评论.{0,10}"
    r")\s*[】\]■>»|]*\s*(?:[:]\s*.{0,100}|\(?\s*[0-9]*\s*\)?|更多\s*>*)?",
    re.DOTALL,
)
_FOOTER = compile_for_search(
    r"版权所有|版权声明|免责声明|ICP备|ICP证|公网安备|网安备|Copyright|©|All Rights? Reserved|技术支持|"
    r"未经.{0,12}(?:授权|许可|同意|允许).{0,30}(?:转载|使用|复制|镜像)|"
    r"违法和?不良信息举报|网站声明|法律声明|Powered by|本站(?:由|所有|内容)|浏览器.{0,10}(?:访问|浏览)",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"(?:主办|承办|主管|协办|出版|新闻热线|联系电话|电话|热线电话|举报电话|服务热线|客服电话|报料热线|投诉电话|传真|邮编|邮政编码|地址|社址|邮箱|"
    r"(?:许可证|备案)(?:编?号)?)(?:单位)?\s*:|联系我们|关于我们|国内统一(?:连续出版物|刊)号|CN[0-9]{2}-[0-9]{4}",
    re.IGNORECASE,
)
_PAPER_CONTACT = re.compile(
    r"新闻热线|报料|社址|(?:主办|承办|主管|协办|出版)(?:单位)?\s*:|许可证|备案|统一刊号|CN[0-9]{2}-|联系我们|关于我们|发行|广告(?:热线|电话)|投诉电话"
)
_PROMOTION = compile_for_search(
    r"扫码|扫一扫|扫描.{0,6}二维码|长按.{0,6}二维码|(?:关注|下载).{0,14}(?:公众号|客户端|APP)|打开.{0,8}APP|订报(?:热线|电话)|点击(?:下载|进入|查看)",
    re.IGNORECASE,
)
_STOP = re.compile(r"[。！？；!?;](?:(?<=[。！？；])|\s|$)")
_MASTHEAD = re.compile(r"(?:[\w·]{0,12}[\s-]*)?(?:云报平台|云报)(?:[\s|·-]*\w{0,12})?")
DETAIL = "内容详情"


def narrow(text: str) -> str:
    """Full-width forms as ASCII, place for place, so that one pattern reads both."""
    return text.translate(_NARROW) if _WIDE_FORM.search(text) else text


def is_dialog(text: str) -> bool:
    """The platform's 「这已经是最后一期了哦!」 or its button; hidden in every page and saying nothing."""
    return _DIALOG.fullmatch(narrow(text).strip()) is not None or text.strip() in {
        "我知道了",
        "知道了",
    }


def is_paper_contact(text: str) -> bool:
    """Whether an address or telephone line is the newspaper's, not one that an article gives."""
    return _PAPER_CONTACT.search(narrow(text)) is not None


def has_stop(text: str) -> bool:
    """Whether there is the end of a sentence in it."""
    return _STOP.search(text) is not None


def mark_of(text: str, linked: int) -> Mark:
    """What a line is by its words. `linked` is how many of its characters are link text."""
    if len(text) > _LONGEST_LABEL:
        return _mark_of_long(text)
    return _mark_of_words(text) or _mark_of_links(text, linked)


@lru_cache(maxsize=4096)  # what stands around a paper's articles is the same on every page
def _mark_of_words(text: str) -> Mark | None:
    label = narrow(text).strip()
    return next((mark for mark, fits in _MARKS if fits(label)), None)


def _mark_of_links(text: str, linked: int) -> Mark:
    return Mark.LINKS if linked >= 0.8 * len(text.strip()) and not has_stop(text) else Mark.TEXT


def _mark_of_long(text: str) -> Mark:
    return Mark.FOOTER if "版权" in text and _FOOTER.search(text) else Mark.TEXT


def _is_footer(label: str) -> bool:
    return _FOOTER.search(label) is not None and not (has_stop(label) and len(label) > 60)  # noqa: PLR2004


def _is_navigation(label: str) -> bool:
    if _NAVIGATION.match(label):
        return True
    if len(label) < 60 and (_SHARE_OR_GREETING.match(label) or _PROMOTION.search(label)):  # noqa: PLR2004
        return True
    if len(label) < 20 and _MASTHEAD.fullmatch(label):  # noqa: PLR2004
        return True
    if _NO_NAVIGATION.search(label):
        return False
    rest = _COUNTER.sub(" ", label)
    return all(
        word in _NAVIGATION_WORDS or (word.isdecimal() and len(word) < 3)  # noqa: PLR2004 - a page of a pager
        for word in _SEPARATORS.split(rest)
        if word
    )


def _is_credits(label: str) -> bool:
    return _CREDITS.match(label) is not None or (
        _CREDITS_BARE.match(label) is not None and not has_stop(label)
    )


# In this order: 内容详情 among navigation words is 内容详情 still.
_MARKS: tuple[tuple[Mark, Callable[[str], bool]], ...] = (
    (Mark.DETAIL, lambda label: DETAIL in label and not has_stop(label)),
    (Mark.RELATED, lambda label: _RELATED.fullmatch(label) is not None and not has_stop(label)),
    (Mark.NAVIGATION, _is_navigation),
    (Mark.FOOTER, _is_footer),
    (Mark.CONTACT, lambda label: _CONTACT.match(label) is not None and not has_stop(label)),
    (Mark.CREDITS, _is_credits),
)


# ── pages (版) ──────────────────────────────────────────────────────────────────────────────────

_CHINESE_DIGITS = "一二三四五六七八九十"
_CHINESE_NUMBER = "(?:[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_LABEL = re.compile(
    rf"\s*(?:第\s*)?(?P<label>[A-Z]{{0,2}}[0-9]{{1,3}}(?:\s*[/-]\s*[A-Z]{{0,2}}[0-9]{{1,3}})?|(?:{_CHINESE_NUMBER}(?=版)))"
    r"\s*(?P<word>版(?!权|本|块|式|图))?\s*(?P<mark>[::.·|—-]{0,2})\s*(?P<name>.{0,60}?)\s*",
    re.DOTALL,
)
_BARE_LABEL = re.compile(r"[A-Z]{1,2}[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class PageLabel:
    """A page's label (`A01`, `01`, `2/3`) and its name (要闻), None where there is none."""

    label: str
    name: str | None


def parse_label(text: str) -> PageLabel | None:
    """第A01版:要闻, 01版：要闻, A1版, A01 要闻, 第01版 要闻, 第一版 要闻: label and name; else None.

    The digits stay as printed. A number alone is no label; a letter with digits is (A01).
    """
    match = _LABEL.fullmatch(narrow(text).strip())
    if match is None:
        return None
    label = re.sub(r"\s", "", match["label"])
    name = match["name"].strip(" :()-—|·") or None
    if not match["word"] and not (
        _BARE_LABEL.fullmatch(label)
        and (match["mark"] or text.strip()[len(label) :][:1] in {"", " ", "\u3000"})
    ):
        return None
    if name and (has_stop(name) or len(name) > 40):  # noqa: PLR2004 - a name, not a sentence
        return None
    return PageLabel(_arabic(label), name)


_LOOSE = re.compile(
    r"[\[(【]?\s*第?\s*(?P<label>[A-Z]{0,2}[0-9]{1,3}(?:\s*[/-]\s*[A-Z]{0,2}[0-9]{1,3})?)\s*版?\s*[\])】]?\s*[::.·|—-]{0,2}\s*(?P<name>\D.{0,39})?",
    re.DOTALL,
)


def loose_label(text: str) -> PageLabel | None:
    """As `parse_label`, where it is known that the text names a page: 01:要闻, [2/3]:专版, 2-3, 01."""
    if (label := parse_label(text)) is not None:
        return label
    match = _LOOSE.fullmatch(narrow(text).strip())
    if match is None:
        return None
    name = (match["name"] or "").strip(" :()-—|·") or None
    return PageLabel(re.sub(r"\s", "", match["label"]).replace("-", "/"), name)


def _arabic(label: str) -> str:
    if label[0] not in _CHINESE_DIGITS:
        return label
    tens, ten, units = label.rpartition("十")
    value = 10 * (_CHINESE_DIGITS.index(tens) + 1 if tens else bool(ten))
    return str(value + (_CHINESE_DIGITS.index(units) + 1 if units else 0))


# ── ways (上一期, 往期) ─────────────────────────────────────────────────────────────────────────


class Way(Enum):
    """Where a link's words say that it leads."""

    PREVIOUS = auto()
    NEXT = auto()
    SHELF = auto()  # 往期
    CONTENTS = auto()  # 目录, 返回本期
    NEWEST = auto()


_WAYS = (
    (re.compile(r"(?:上|前)一?期(?:报纸)?"), Way.PREVIOUS),
    (re.compile(r"(?:下|后)一?期(?:报纸)?"), Way.NEXT),
    (re.compile(r"(?:往期|过往|历史|历期)(?:回顾|查询|报纸|浏览|阅读|数字报|检索|目录|期刊|列表)?|往期.{0,4}|全部期数"), Way.SHELF),
    (re.compile(r"(?:返回|查看|回到)?(?:本期|版面|当期|本报)?目录|(?:返回|回到)(?:本期|本版|版面|列表|报纸|上级|目录)?|本期(?:报纸|内容|全部)?"), Way.CONTENTS),
    (re.compile(r"(?:.{0,12})(?:最新一期|最新(?:报纸|期)|今日(?:报纸|数字报)|阅读(?:本期|报纸)|进入(?:阅读|数字报|报纸)|立即阅读|电子版|数字报|电子报)(?:.{0,4})"), Way.NEWEST),
)  # fmt: skip
_WAY_DIRT = re.compile(r"[\s<>«»‹›←→◀▶◄►⟨⟩《》\[\]【】()|.…·:]+")
_WAY_WORDS = re.compile("期|目录|返回|回到|[历过]|报|阅读|进入")
_LONGEST_WAY = 24


def way_of(text: str) -> Way | None:
    """What a link's or button's text says about where it leads, or None."""
    return _way_of_words(text) if len(text) <= 2 * _LONGEST_WAY else None


@lru_cache(maxsize=4096)  # as for marks; what is long is not kept
def _way_of_words(text: str) -> Way | None:
    label = _WAY_DIRT.sub("", narrow(text))
    if not label or len(label) > _LONGEST_WAY or not _WAY_WORDS.search(label):
        return None
    return next((way for pattern, way in _WAYS if pattern.fullmatch(label)), None)


_NUMBER = re.compile(rf"第\s*(?P<number>[0-9]{{1,6}}|[{_CHINESE_DIGITS}百]{{1,6}})\s*期")
_TOTAL = re.compile(r"总(?:第)?\s*(?P<number>[0-9]{1,6})\s*期")


def issue_number(text: str) -> str | None:
    """第1期 → `1`; 总第123期 where that is all there is."""
    label = narrow(text)
    match = _NUMBER.search(_TOTAL.sub("", label)) or _TOTAL.search(label)
    return match["number"] if match else None
