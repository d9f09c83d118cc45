"""What an article is (photo, credits, ad, notice), told by its title and its page's name."""

import re

from feeds.models import ArticleKind

# The first row that fits decides. Nothing is dropped for its kind: some readers want exactly the 公告.
_BY_TITLE = (
    (re.compile(r"(?:图片|照片|摄影)(?:报道|新闻)|图片|组图.{0,3}|图说.{0,20}"), ArticleKind.PHOTO),
    (re.compile(r"(?:公益)?广告.{0,12}|.{0,12}广告"), ArticleKind.AD),
    (re.compile(r".{0,60}(?:公告|公示|启事|通知公告|拍卖公告|声明|讣告|通告|招标公告|遗失声明)(?:[(（].{0,20}[)）])?"), ArticleKind.NOTICE),
)  # fmt: skip
# 一版责编：吴丹 刘念 二版责编：王军 …: a row of them is as long as it is.
_CREDITS = re.compile(
    r"(?:本[版期]|第?[一二三四五六七八九十0-9A-Z]{1,4}版)?(?:责编|责任编辑|编辑|执行编辑|美编|版式(?:设计)?|校对|检校)\s*[:：\s].{0,300}"
    r"|本报(?:社)?(?:地址|电话|社址)\s*[:：\s].{0,100}"
)
_BY_PAGE = (
    (re.compile(r"(?:公益|整版|分类)?广告(?:专版|专页|.{0,4})?"), ArticleKind.AD),
    (re.compile(r"(?:通知)?公告.{0,4}|公示.{0,4}|启事.{0,4}"), ArticleKind.NOTICE),
)
_LONGEST_NOTICE_TITLE = 60


def kind_of(title: str, page_name: str | None = None) -> ArticleKind:
    """NEWS unless the title, or else the name of its page, is one of the known kinds."""
    title = title.strip()
    if _CREDITS.fullmatch(title):
        return ArticleKind.CREDITS
    if len(title) <= _LONGEST_NOTICE_TITLE:
        for pattern, kind in _BY_TITLE:
            if pattern.fullmatch(title):
                return kind
    for pattern, kind in _BY_PAGE:
        if page_name and pattern.fullmatch(page_name.strip()):
            return kind
    return ArticleKind.NEWS
