"""Why a page has nothing to read: empty, an error page, a challenge, filled by script, cut off."""

import re
from collections.abc import Iterator

from feeds.errors import NotReadable, Unreadable
from feeds.sources.labels.landmarks import is_dialog
from feeds.sources.page import WebPage

# A page that says more than this is no error page, whatever words are in it.
_SHORT = 400
_NO_PAGE = re.compile(
    r"(?:页面|网页|文章|内容|新闻|信息|稿件|报纸|文件|资源)\s*(?:不存在|未找到|找不到|没有找到|已(?:被)?(?:删除|移除|下线|过期))|"
    r"(?:您?(?:访问|查看|请求)的).{0,12}(?:不存在|已(?:被)?删除)|404\s*(?:错误|Not\s*Found|-|页面)|Not\s*Found|^\s*404\s*$",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"(?:您?(?:访问|查看|请求)的).{0,12}(?:出错|有误)|系统(?:正在)?(?:维护|升级)|(?:正在|进行)(?:系统|网站)?(?:维护|升级)|维护中|服务(?:暂时)?不可用|Service\s+Unavailable|"
    r"Bad\s+Gateway|Gateway\s+Time-?out|Internal\s+Server\s+Error|网站(?:已)?(?:关闭|暂停)|暂停(?:服务|访问)|Under\s+maintenance",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"验证码|安全验证|人机验证|滑动(?:验证|完成)|请完成.{0,6}验证|访问(?:过于|太)?频繁|(?:拒绝|禁止)访问|访问(?:被|受)(?:拒绝|拦截|限制)|"
    r"请求(?:被|已被)?拦截|防火墙|Access\s+Denied|Forbidden|Checking\s+your\s+browser|Just\s+a\s+moment|Attention\s+Required|"
    r"captcha|verify\s+you\s+are\s+human",
    re.IGNORECASE,
)
_CHALLENGE_CODE = re.compile(
    r"cf[-_]chl|__jsl_clearance|acw_sc__v2|_cf_chl_opt|challenge-platform|document\.cookie\s*=[^;]{0,200};.{0,300}location",
    re.IGNORECASE | re.DOTALL,
)
_NO_NEWS = (_ERROR, _NO_PAGE, _CHALLENGE)
_TOLD = (
    (_ERROR, Unreadable.ERROR_PAGE, "这是出错或维护的页面,没有报纸内容"),
    (_NO_PAGE, Unreadable.NO_PAGE, "网站说没有这一页(页面不存在)"),
)
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_WAITING = re.compile(
    r"加载中|正在加载|请稍候|请稍等|Loading|enable\s+JavaScript|启用\s*JavaScript", re.IGNORECASE
)
_ADVICE = (
    "这一页的内容由脚本载入,网页里没有正文。下一步:在浏览器里打开它,录下请求,运行 baotong inspect --har FILE,"
    "它找出正文在哪里,打印要贴的规则(data: 或 kind: json);或者换成服务器写出正文的地址(手机版、打印版)"
)


def why_unreadable(page: WebPage) -> NotReadable:
    """The error for a page in which no article, issue or way was found."""
    text = "\n".join(_words(page))
    is_short = len(text) < _SHORT
    told = f"{page.title}\n{text}"
    if is_short and (_CHALLENGE.search(told) or _CHALLENGE_CODE.search(page.html[:200_000])):
        return _because(page, Unreadable.CHALLENGE, "网站要求验证,或拦下了这次访问")
    for said, why, reason in _TOLD:
        if is_short and said.search(told):
            return _because(page, why, reason)
    if page.is_cut:
        return _because(page, Unreadable.TRUNCATED, "网页没有传完")
    if is_short and _SCRIPT.search(page.html):
        return _because(page, Unreadable.SCRIPT, _ADVICE)
    if not text.strip():
        return _because(page, Unreadable.EMPTY, "网页里没有文字")
    return _because(page, Unreadable.UNKNOWN, "这一页里没有找到文章、版面或期次")


def refuse_error_page(page: WebPage) -> None:
    """Raises `NotReadable` for a short page whose own words say that it is an error or a challenge,
    before anything on it could be taken for an article.
    """
    if sum(len(line.text) for line in page.lines) >= _SHORT:
        return
    text = "\n".join(_words(page))
    if len(text) < _SHORT // 2 and any(said.search(text) for said in _NO_NEWS):
        raise why_unreadable(page)


def _words(page: WebPage) -> Iterator[str]:
    for line in page.lines:
        if line.text and not is_dialog(line.text) and not _WAITING.search(line.text):
            yield line.text


def _because(page: WebPage, why: Unreadable, reason: str) -> NotReadable:
    return NotReadable(page.url, why, reason)
