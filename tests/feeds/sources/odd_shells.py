"""Shells set by hand, each odd in its own way. `%T %D %R %B` stand for title, date, reads and byline;
`%P…%/P` is repeated for each paragraph, with `%p` for its text.
"""

import re
from datetime import date
from html import escape

from tests.feeds.sources.shells import Story

ODD = {
    "bare text nodes and breaks": "云报平台<br>这已经是最后一期了哦!<br>我知道了<br>内容详情<br>%D<br>%T<br>阅读数:%R&nbsp;&nbsp;<br>%B<br>%P%p<br><br>%/P",
    "everything spans, blocks by style sheet": "<style>span{display:block}</style><div><span>云报平台</span><span>这已经是最后一期了哦!</span><span>我知道了</span><span>内容详情</span><span>%D</span><span>%T</span><span>阅读数:%R&nbsp;&nbsp;</span><span>%B</span>%P<span>%p</span>%/P</div>",
    "a definition list as header": "<dl><dt>标题</dt><dd>%T</dd><dt>日期</dt><dd>%D</dd><dt>阅读数</dt><dd>%R</dd><dt>作者</dt><dd>%B</dd></dl><div>内容详情</div>%P<p>%p</p>%/P",
    "a table of labels": "<table><tr><th>标题</th><td>%T</td></tr><tr><th>发布时间</th><td>%D</td></tr><tr><th>阅读数</th><td>%R</td></tr><tr><th>作者</th><td>%B</td></tr><tr><td colspan=2>%P<p>%p</p>%/P</td></tr></table>",
    "counter above its label": "<h2>%T</h2><div class=stat><div>%R</div><div>阅读数</div></div><div class=stat><div>5</div><div>评论数</div></div><p>%D</p><p>%B</p>%P<p>%p</p>%/P",
    "all header in one line": "<div>内容详情</div><div>%D&nbsp;&nbsp;<b>%T</b>&nbsp;&nbsp;阅读数:%R&nbsp;&nbsp;%B</div>%P<div>%p</div>%/P",
    "header in one line, byline glued in its span": "<div>内容详情</div><div><span>%D</span><strong>%T</strong><span>阅读数:%R</span><i>%B</i></div>%P<div>%p</div>%/P",
    "label and number apart": "<p>内容详情</p><p>%T</p><p>%D</p><p>阅读数</p><p>：%R</p><p>%B</p>%P<p>%p</p>%/P",
    "dialog in the middle of the body": "<div>内容详情</div><div>%D</div><div>%T</div><div>阅读数:%R</div><div>%B</div>%P<p>%p</p><div class=modal><p>这已经是最后一期了哦!</p><p>我知道了</p></div>%/P",
    "dialog between flat lines": "内容详情<br>%D<br>%T<br>阅读数：%R<br>%B<br>%P%p<br>这已经是最后一期了哦！<br>我知道了<br>%/P",
    "title in the head only once more": "<head><title>%T - 云报平台</title></head><body><div class=nav>首页 上一篇 下一篇</div><div class=d>内容详情</div><div>%T</div><div>%D | 阅读数:%R | %B</div><div class=c>%P<p>%p</p>%/P</div></body>",
    "upper-case tags without quotes": "<HTML><BODY BGCOLOR=#FFFFFF><TABLE WIDTH=100%><TR><TD ALIGN=CENTER><FONT SIZE=5><B>%T</B></FONT></TD></TR><TR><TD>%D 来源:淮上日报 阅读数:%R</TD></TR><TR><TD>%B</TD></TR><TR><TD>%P　　%p<BR>%/P</TD></TR></TABLE></BODY></HTML>",
    "framework soup": "<div id=__nuxt><div data-v-1><nav><a href=/>首页</a></nav><div data-v-2 class='detail-hd'><span data-v-2>内容详情</span></div><div data-v-2><time datetime='2020-01-01'>%D</time><h1 data-v-2><!---->%T<!----></h1><p><i class='icon-eye'></i><span>阅读数:</span><span>%R</span></p><p>%B</p></div><div data-v-2 class=rich><!-- v-html -->%P<p style='margin:0'><span>%p</span></p>%/P</div></div></div><script>window.__NUXT__={title:'旧标题',reads:9}</script>",
    "word paste": "<div>内容详情</div><h3>%T</h3><div>%D　阅读数:%R</div><div>%B</div>%P<p class=MsoNormal style='text-indent:32.0pt'><span style='font-family:仿宋'>%p<o:p></o:p></span></p>%/P",
    "date and reads at the end": "<div>内容详情</div><h1>%T</h1><div>%B</div><div>%P<p>%p</p>%/P</div><div><span>%D</span><span>阅读数:%R</span></div><div>责任编辑:王五</div>",
    "sidebar first in a table": "<table><tr><td width=200><b>相关阅读</b><ul><li><a href=/a>春耕备耕全面展开</a> 2024-01-02</li><li><a href=/b>水厂扩建工程通水</a> 2024-01-03</li></ul></td><td><center><b>%T</b></center><center>%D&nbsp;阅读数:%R</center><center>%B</center>%P<p>%p</p>%/P</td></tr></table>",
    "related list with reads and dates": "<div>内容详情</div><div>%D</div><div>%T</div><div>阅读数:%R</div><div>%B</div>%P<p>%p</p>%/P<div>相关新闻</div><div><a href=/x>水厂扩建工程通水</a><span>2024年01月01日</span><span>阅读数:77</span></div>",
    "a form round it all, buttons for ways": "<form id=aspnetForm><input type=hidden value=x><input type=button value=上一期 onclick=\"location.href='/p'\"><button>下一期</button><h2>%T</h2><span id=lblDate>%D</span> <span id=lblHits>阅读数:%R</span> <span id=lblAuthor>%B</span><div id=content>%P<p>%p</p>%/P</div></form>",
    "list items": "<ol class=crumb><li>首页</li><li>要闻</li><li>内容详情</li></ol><ul class=head><li>%D</li><li>%T</li><li>阅读数:%R</li><li>%B</li></ul><ul class=text>%P<li>%p</li>%/P</ul>",
    "header behind a hidden copy": "<div style='display:none'><h1>%T</h1><p>阅读数:1</p>%P<p>%p</p>%/P</div><div>内容详情</div><h1>%T</h1><p>%D 阅读数:%R</p><p>%B</p><section>%P<p>%p</p>%/P</section>",
    "hidden until a script shows it": "<div id=loading>加载中...</div><div id=detail style='display:none'><div>内容详情</div><div>%D</div><div>%T</div><div>阅读数:%R</div><div>%B</div>%P<p>%p</p>%/P</div>",
    "unclosed links before": "<a href=/x>首页<a href=/y>返回<div>内容详情</div><div>%D</div><div>%T</div><div>阅读数:%R</div><div>%B</div>%P<p>%p</p>%/P",
    "editors and source between header and body": "<div>内容详情</div><h1>%T</h1><p>来源：淮上日报　编辑：赵一　审核：钱二</p><p>%D　阅读数：%R　评论数：3　点赞：12</p><p>【字号：大 中 小】 【打印】 分享到：微信 微博</p><p>%B</p>%P<p>%p</p>%/P",
    "a lead image with caption": "<div>内容详情</div><div>%D</div><div>%T</div><div>阅读数:%R</div><div>%B</div><figure><img src=/a/photo.jpg><figcaption>图为活动现场。张三 摄</figcaption></figure>%P<p>%p</p>%/P",
    "definition by comments": "<!--title-->%T<!--/title--><br><!--date-->%D<!--/date--> <!--hits-->阅读数:%R<!--/hits--><br><!--author-->%B<!--/author--><br><!--content-->%P&nbsp;&nbsp;&nbsp;&nbsp;%p<br/>%/P<!--/content-->",
    "markdown-like pre": "<pre>云报平台\n\n这已经是最后一期了哦!\n\n我知道了\n\n内容详情\n%D\n\n%T\n\n阅读数:%R\n\n%B\n\n%P%p\n\n%/P</pre>",
    "indents in one paragraph": "<div>内容详情</div><div>%D</div><div>%T</div><div>阅读数:%R</div><div>%B</div><div>%P　　%p%/P</div>",
    "body split over two pages of a container": "<div>内容详情</div><div>%D</div><div>%T</div><div>阅读数:%R</div><div>%B</div><div class=page><div>%P<p>%p</p>%/P</div></div><div class=pager>上一页 1 2 下一页</div><div>版权所有 淮上融媒</div>",
    "comment form behind": "<div>内容详情</div><div>%D</div><div>%T</div><div>阅读数:%R</div><div>%B</div><div>%P<p>%p</p>%/P</div><div>发表评论</div><textarea>请输入评论。</textarea><button>提交</button><p>全部评论(2)</p><p>张三:写得真好。2024-05-01 10:00</p>",
    "masthead repeated at the end": "<div>云报平台</div><div>内容详情</div><div>%D</div><div>%T</div><div>阅读数:%R</div><div>%B</div>%P<div>%p</div>%/P<div>云报平台</div><div>这已经是最后一期了哦!</div><div>我知道了</div>",
    "labels with full-width colons and spaces": "<p>内容详情</p><p>　%T　</p><p>发布日期 ： %D</p><p>阅 读 数 ： %R</p><p>作 者 ： %B</p>%P<p>　　%p　</p>%/P",
    "reads before everything": "<div>阅读数:%R</div><div>内容详情</div><div>%B</div><div>%D</div><h3>%T</h3>%P<p>%p</p>%/P",
    "picture element and svg icons": "<svg><title>图标</title><text>阅读数:3</text></svg><div>内容详情</div><div>%D</div><div>%T</div><div><svg><path/></svg>阅读数:%R</div><div>%B</div>%P<p>%p</p>%/P",
    "marquee of notices": "<marquee>本报今日起征订,欢迎来电咨询。</marquee><h1>%T</h1><div>%D</div><div>阅读数:%R</div><div>%B</div><div>%P<p>%p</p>%/P</div>",
    "nested table cells": "<table><tr><td><table><tr><td>内容详情</td></tr></table></td></tr><tr><td><table><tr><td>%D</td><td>阅读数:%R</td></tr><tr><td colspan=2>%T</td></tr><tr><td colspan=2>%B</td></tr></table></td></tr><tr><td><table>%P<tr><td>　　%p</td></tr>%/P</table></td></tr></table>",
    "no html, head or body tags, title last in header": "内容详情 <p>%B<p>阅读数:%R<p>%D<p><b>%T</b>%P<p>%p%/P",
}  # fmt: skip


def set_odd(name: str, story: Story) -> str:
    """The story set in an odd shell."""
    html = ODD[name]
    repeated = re.search(r"%P(.*?)%/P", html, re.DOTALL)
    while repeated:
        texts = (repeated[1].replace("%p", escape(text, quote=False)) for text in story.paragraphs)
        html = html[: repeated.start()] + "".join(texts) + html[repeated.end() :]
        repeated = re.search(r"%P(.*?)%/P", html, re.DOTALL)
    return (
        html.replace("%T", escape(story.title, quote=False))
        .replace("%D", _day(story.day))
        .replace("%R", str(story.reads))
        .replace("%B", story.byline)
    )


def _day(day: date) -> str:
    return f"{day:%Y年%m月%d日}"
