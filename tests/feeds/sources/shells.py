"""Page shells: the same article set in markup of every kind, with the clutter that pages carry.

A shell is put together from parts that vary on their own: how paragraphs are set, how the header is
set and in which order, what stands around, in which bytes it comes.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path

from feeds.models import Document, Request, Validators

URL = "https://paper.example/app/detail?id=20817"
SEED = Path(__file__).resolve().parents[3].parent / "shared" / "seed" / "yunbao-article.txt"


@dataclass(frozen=True)
class Story:
    """What every shell says, whatever it looks like."""

    title: str
    day: date
    reads: int
    byline: str
    paragraphs: tuple[str, ...]


STORY = Story(
    title="全县一季度重点项目集中开工暨春季植树活动在青岗岭举行",
    day=date(2024, 3, 12),
    reads=1208,
    byline="融媒体记者综合报道",
    paragraphs=(
        "3月11日上午,全县2024年一季度重点项目集中开工暨春季植树活动在青岗岭举行。县长陆平宣布开工。",
        "一、项目早开工一天,群众早受益一天",
        "陆平指出,今年一季度共有26个项目开工,总投资48.6亿元,其中10亿元以上的3个。要坚持“一个项目、一名领导、一套班子”,把2024年3月31日作为第一个节点,逐项对账:土地、资金、人员都要到位;哪个环节慢了,就在哪个环节补上。",
        "“机器一响,心里就踏实了。”青岗镇党委书记何田说,镇里提前两个月完成了征迁,1200亩土地已经平整完毕,阅读数据显示的进度比计划快了9天。",
        "二、栽下的是树,绿起来的是家园",
        "开工仪式后,大家来到青岗岭东坡植树。扶苗、培土、浇水,一气呵成!两个小时里,300多名干部群众种下了杉木、香樟、银杏共计2600株。",
        "据县林业局介绍,全县今年计划造林1.8万亩,义务植树60万株,古树名木全部挂牌保护(扫码可以认养),让“推窗见绿、出门入园”成为日常。",
        "活动现场还为12家单位授牌。",
    ),
)


def seed_story() -> Story | None:
    """The one known article of the platform, where it lies beside the project."""
    if not SEED.exists():
        return None
    lines = [line.replace("\xa0", " ").strip() for line in SEED.read_text("utf-8").splitlines()]
    said = [line for line in lines if line]
    return Story(said[5], date(2024, 4, 8), 231, said[7], tuple(said[8:]))


def document(
    html: str | bytes, content_type: str = "text/html; charset=utf-8", url: str = URL
) -> Document:
    """A fetched document of this markup."""
    body = html if isinstance(html, bytes) else html.encode()
    return Document(
        Request(url), url, body, content_type, Validators(), datetime(2026, 11, 23, tzinfo=UTC)
    )


# ── how paragraphs are set ──────────────────────────────────────────────────────────────────────

_INDENT = "\u3000\u3000"


def _each(form: str) -> Callable[[Sequence[str]], str]:
    return lambda texts: "".join(form.format(text) for text in texts)


PARAGRAPHS: dict[str, Callable[[Sequence[str]], str]] = {
    "p": _each("<p>{}</p>\n"),
    "p-indented": _each(f"<p>{_INDENT}{{}}</p>"),
    "p-nbsp": _each("<p>&nbsp;&nbsp;&nbsp;&nbsp;{}&nbsp;</p>\n"),
    "p-emsp": _each("<p>&emsp;&emsp;{}</p>\n"),
    "p-unclosed": _each("<p>{}\n"),
    "p-empty-between": _each("<p>{}</p><p>&nbsp;</p><p><br></p>"),
    "div": _each("<div>{}</div>"),
    "div-nested": _each("<div><div class='x'><div>{}</div></div></div>"),
    "section": _each("<section><section><span>{}</span></section></section>"),
    "br": lambda texts: f"<div>{'<br>'.join(_INDENT + text for text in texts)}</div>",
    "br-br": lambda texts: "<br><br>\n".join(texts) + "<br>\n",
    "br-xhtml": lambda texts: f"<td class='c'>{'<br/>&nbsp;<br/>'.join(texts)}</td>",
    "font": _each("<p><font face='宋体' size='3'>{}</font></p>"),
    "font-br": lambda texts: (
        f"<font color=black>{'<br />'.join(_INDENT + text for text in texts)}</font>"
    ),
    "span-in-p": _each("<p style='text-indent:2em'><span style='font-size:16px'>{}</span></p>"),
    "span-block": _each("<span style='display:block'>{}</span>"),
    "table-rows": lambda texts: (
        f"<table>{''.join(f'<tr><td>{text}</td></tr>' for text in texts)}</table>"
    ),
    "list": lambda texts: f"<ul>{''.join(f'<li>{text}</li>' for text in texts)}</ul>",
    "pre": lambda texts: "<pre>" + "\n\n".join(_INDENT + text for text in texts) + "</pre>",
    "pre-wrap": lambda texts: "<div style='white-space: pre-wrap'>" + "\n".join(texts) + "</div>",
    "uni-app": _each("<uni-view class='para'><uni-text><span>{}</span></uni-text></uni-view>"),
    "article": lambda texts: (
        f"<article><main>{''.join(f'<p>{text}</p>' for text in texts)}</main></article>"
    ),
    "wrapped-source": lambda texts: "".join(f"<p>\n      {text}\n    </p>\n" for text in texts),
    "upper-case": _each("<P ALIGN=left><FONT SIZE=3>{}</FONT></P>"),
    "center": lambda texts: (
        f"<center><blockquote>{''.join(f'<p>{text}</p>' for text in texts)}</blockquote></center>"
    ),
    "dl": lambda texts: f"<dl>{''.join(f'<dd>{text}</dd>' for text in texts)}</dl>",
}


# ── how the header is set ───────────────────────────────────────────────────────────────────────

_WIDE = str.maketrans("0123456789:", "０１２３４５６７８９：")

DATES: dict[str, Callable[[date], str]] = {
    "chinese": lambda day: f"{day:%Y年%m月%d日}",
    "short": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "wide": lambda day: f"{day:%Y年%m月%d日}".translate(_WIDE),
    "dashes": lambda day: f"{day:%Y-%m-%d}",
    "slashes": lambda day: f"{day.year}/{day.month}/{day.day}",
    "dots": lambda day: f"{day:%Y.%m.%d}",
    "weekday": lambda day: f"{day:%Y年%m月%d日} 星期" + "一二三四五六日"[day.weekday()],
    "labelled": lambda day: f"发布时间：{day:%Y-%m-%d}",
    "label-spaced": lambda day: f"日期: {day:%Y年%m月%d日}",
    "in-spans": lambda day: (
        f"<span>{day:%Y}</span>年<span>{day:%m}</span>月<span>{day:%d}</span>日"
    ),
    "midnight": lambda day: f"{day:%Y-%m-%d} 00:00:00",
}
READS: dict[str, Callable[[int], str]] = {
    "ascii": lambda reads: f"阅读数:{reads}",
    "nbsp": lambda reads: f"阅读数:{reads}&nbsp;&nbsp;",
    "wide": lambda reads: f"阅读数：{reads}".translate(_WIDE),
    "spaced": lambda reads: f"阅读数： {reads}",
    "inline-split": lambda reads: f"<span>阅读数</span><em>:{reads}</em>",
    "inline-split-wide": lambda reads: f"<i></i><b>阅读数</b>：<span id='hits'>{reads}</span>",
    "short": lambda reads: f"阅读：{reads}",
    "grouped": lambda reads: f"阅读数:{reads:,}",
    "volume": lambda reads: f"阅读量 {reads}",
    "views": lambda reads: f"浏览量：{reads}",
    "clicks": lambda reads: f"点击数：{reads}次",
    "brackets": lambda reads: f"阅读({reads})",
    "number-first": lambda reads: f"{reads}次阅读",
}
BYLINES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "author": lambda byline: f"作者：{byline}",
    "brackets": lambda byline: f"（{byline}）",
    "in-span": lambda byline: f"<span class='zz'>{byline}</span>",
}
HEADINGS: dict[str, Callable[[str], str]] = {
    "div": lambda text: f"<div>{text}</div>",
    "h1": lambda text: f"<h1>{text}</h1>",
    "h2": lambda text: f"<h2 class='title'>{text}</h2>",
    "strong": lambda text: f"<p align=center><strong>{text}</strong></p>",
    "font": lambda text: f"<center><font size=5><b>{text}</b></font></center>",
    "td": lambda text: f"<table><tr><td class=t>{text}</td></tr></table>",
    "split": lambda text: f"<div><span>{text[:7]}</span><span>{text[7:]}</span></div>",
    "text": lambda text: f"{text}<br>",
}


def _stacked(parts: Sequence[str]) -> str:
    return "".join(f"<div>{part}</div>\n" for part in parts)


JOINS: dict[str, Callable[[Sequence[str]], str]] = {
    "lines": _stacked,
    "breaks": lambda parts: "<br>".join(parts) + "<br>",
    "spans": lambda parts: f"<p>{' '.join(f'<span>{part}</span>' for part in parts)}</p>",
    "bars": lambda parts: f"<div class='info'>{' | '.join(parts)}</div>",
    "spaces": lambda parts: f"<div>{'&nbsp;&nbsp;&nbsp;'.join(parts)}</div>",
    "cells": lambda parts: (
        f"<table><tr>{''.join(f'<td>{part}</td>' for part in parts)}</tr></table>"
    ),
    "list": lambda parts: f"<ul>{''.join(f'<li>{part}</li>' for part in parts)}</ul>",
    "paragraphs": lambda parts: "".join(f"<p>{part}</p>" for part in parts),
}


# ── what stands around ──────────────────────────────────────────────────────────────────────────

DIALOGS = {
    "visible": "<div><p>这已经是最后一期了哦!</p><button>我知道了</button></div>",
    "hidden": "<div style='display:none'><p>这已经是最后一期了哦!</p><a href='#'>我知道了</a></div>",
    "wide": "<div class=tip>这已经是最后一期了哦！<br><span onclick='hide()'>我知道了</span></div>",
    "dialog": "<dialog open><p>这已经是最后一期了哦!</p><form><button>我知道了</button></form></dialog>",
    "template": "<template><p>这已经是最后一期了哦!</p></template>",
    "paragraphs": "<p>这已经是最后一期了哦!</p><p>我知道了</p>",
}
BEFORE = {
    "none": "",
    "masthead": "<div>云报平台</div>",
    "header": "<header><img src='/logo.png' alt='云报平台'><h3>云报平台</h3></header>",
    "navigation": "<div><a href='/'>首页</a> <a href='/p'>上一期</a> <a href='/n'>下一期</a> <a href='/c'>目录</a> <a href='/s'>往期</a></div>",
    "nav-list": "<ul><li><a href='/'>首页</a></li><li><a href='/b'>版面</a></li><li><a href='#'>返回</a></li></ul>",
    "today": "<div>今天是2026年11月23日 星期一 欢迎您访问淮上云报!</div>",
    "masthead-date": "<table><tr><td>淮上日报</td><td>2026年11月23日</td></tr></table>",
    "breadcrumb": "<div>当前位置：<a href='/'>首页</a> &gt; <a href='/a'>要闻</a> &gt; 正文</div>",
    "advertisement": "<div><a href='http://ad.example/x'>春季家装节,全场五折起!</a></div>",
    "ad-words": "<div>订报热线已经开通,全年订阅只要240元。</div>",
    "script": "<script>var data={title:'假标题',reads:'阅读数:99999',date:'2020年01月01日'};</script><style>.a:before{content:'阅读数:7'}</style>",
    "noscript": "<noscript>您的浏览器不支持JavaScript,请开启后阅读数:1。</noscript>",
    "comment": "<!-- 阅读数:555 2019年01月01日 <p>旧的正文。</p> -->",
    "hidden": "<div style='display: none'>阅读数:404 2018年08月08日 <h1>隐藏的标题不应该出现在这里</h1></div>",
    "sidebar": "<div><h4>热点新闻</h4><ul><li><a href='/1'>我县召开防汛工作会议</a></li><li><a href='/2'>全民健身中心正式对外开放</a></li></ul></div>",
}  # fmt: skip
AFTER = {
    "none": "",
    "share": "<div>分享到：<a href='#'>微信</a> <a href='#'>微博</a> <a href='#'>QQ</a> <a href='#'>复制链接</a></div>",
    "share-plain": "<p>分享到 微信 微博 QQ空间 复制链接</p>",
    "editors": "<p>责任编辑：王小明　审核：李大同</p>",
    "editors-lines": "<div>编辑:赵一</div><div>校对:钱二</div><div>审核:孙三</div>",
    "neighbours": "<p>上一篇：<a href='?id=1'>我县召开防汛工作会议。</a></p><p>下一篇：没有了</p>",
    "navigation": "<div><a href='/p'>上一篇</a> <a href='/n'>下一篇</a> <a href='/i'>返回目录</a></div>",
    "related": "<h3>相关阅读</h3><ul><li><a href='/3'>春耕备耕全面展开</a></li><li><a href='/4'>青岗镇:古树有了身份证</a></li></ul>",
    "related-teasers": "<div>推荐阅读</div><div><p>春耕备耕全面展开,农技人员下到田间地头。</p><p>阅读数:88</p></div>",
    "comments": "<div>网友评论</div><div>老张:说得好,支持!</div><div>路人甲:希望早日完工。</div>",
    "counters": "<div><span>点赞 12</span> <span>评论 3</span> <span>收藏</span></div>",
    "copyright": "<div>版权所有 淮上区融媒体中心 苏ICP备12345678号-1</div><div>技术支持：云报平台</div>",
    "copyright-english": "<footer>Copyright &copy; 2024 Yunbao. All Rights Reserved.</footer>",
    "contact": "<div>地址：淮上区文昌路1号 邮编：223200</div><div>新闻热线：0517-00000000</div><div>版权所有</div>",
    "tools": "<div>【打印本页】 【关闭窗口】</div><div>字号：大 中 小</div>",
    "promotion": "<p>扫一扫，手机阅读更方便</p><img src='/qrcode.png'>",
    "masthead": "<div>云报平台</div>",
}


@dataclass(frozen=True)
class Shell:
    """One choice of every part. `order` arranges date, title, reads and byline (d, t, r, b); `behind` names
    those of date and reads that stand behind the body. `detail` says whether there is a 内容详情.
    """

    paragraphs: str = "p"
    heading: str = "div"
    day: str = "chinese"
    reads: str = "ascii"
    byline: str = "plain"
    join: str = "lines"
    order: str = "dtrb"
    behind: str = ""
    dialog: str = "hidden"
    dialog_place: int = 0
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    detail: bool = True
    head_title: str = "云报平台"
    wrapper: str = "div"
    whole: bool = True


WRAPPERS = {
    "div": "<div class='wrap'>{}</div>",
    "none": "{}",
    "table": "<table width=960 align=center><tr><td valign=top>{}</td></tr></table>",
    "form": "<form id='form1' method='post'><div id='app'>{}</div></form>",
    "deep": "<div><div><div><section><div>{}</div></section></div></div></div>",
    "main": "<main><article>{}</article></main>",
}


def build(story: Story, shell: Shell) -> str:
    """The story's page in this shell."""
    parts = {
        "d": DATES[shell.day](story.day),
        "t": escape(story.title, quote=False),
        "r": READS[shell.reads](story.reads),
        "b": BYLINES[shell.byline](story.byline),
    }
    header = _header(shell, parts)
    body = PARAGRAPHS[shell.paragraphs]([escape(text, quote=False) for text in story.paragraphs])
    detail = "<div>内容详情</div>" if shell.detail else ""
    behind = _stacked([parts[letter] for letter in shell.behind]) if shell.behind else ""
    before = "".join(BEFORE[name] for name in shell.before)
    after = "".join(AFTER[name] for name in shell.after)
    inner = [
        before,
        detail + header,
        body if shell.paragraphs in _FLAT else f"<div>{body}</div>",
        behind + after,
    ]
    inner.insert(min(shell.dialog_place, len(inner)), DIALOGS[shell.dialog])
    page = WRAPPERS[shell.wrapper].format("\n".join(inner))
    if not shell.whole:
        return page
    return f"<!DOCTYPE html>\n<html><head><title>{shell.head_title}</title></head><body>\n{page}\n</body></html>"


_FLAT = {"br-br", "br-xhtml"}


def _header(shell: Shell, parts: dict[str, str]) -> str:
    """The header in its order: the title in its own heading, the others joined between headings."""
    html, run = "", list[str]()
    for letter in shell.order:
        if letter == "t":
            html += (JOINS[shell.join](run) if run else "") + HEADINGS[shell.heading](parts["t"])
            run = []
        else:
            run.append(parts[letter])
    return html + (JOINS[shell.join](run) if run else "")


def random_shell(dice: random.Random) -> Shell:
    """A shell of parts taken at random. Where 内容详情 is missing, advertisements' sentences are too."""
    detail = dice.random() < 0.7
    names = [name for name in BEFORE if detail or name != "ad-words"]
    order = dice.choice(
        ["dtrb", "tdrb", "tbdr", "trdb", "tdbr", "dtbr", "rdtb", "tbrd", "drtb", "tdb", "tb", "dtb"]
    )
    return Shell(
        paragraphs=dice.choice(list(PARAGRAPHS)),
        heading=dice.choice(list(HEADINGS)),
        day=dice.choice(list(DATES)),
        reads=dice.choice(list(READS)),
        byline=dice.choice(list(BYLINES)),
        join=dice.choice(list(JOINS)),
        order=order,
        behind="".join(letter for letter in "dr" if letter not in order),
        dialog=dice.choice(list(DIALOGS)),
        dialog_place=dice.randrange(5),
        before=tuple(dice.sample(names, dice.randrange(4))),
        after=tuple(dice.sample(list(AFTER), dice.randrange(5))),
        detail=detail,
        head_title=dice.choice(
            ["云报平台", "内容详情", "", "淮上日报数字报", "{title}", "{title}_云报平台"]
        ),
        wrapper=dice.choice(list(WRAPPERS)),
        whole=dice.random() < 0.9,
    )
