"""Small newspapers of every family, printed issue by issue into a web server, in the manner of the real ones
and with words of our own. A paper has two pages (版): 要闻 with two articles, 副刊 with one.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes import newspaper as server
from tests.fakes.newspaper import Asked, Newspaper, Reply

PAGES = (("01", "要闻"), ("02", "副刊"))


@dataclass(frozen=True)
class Story:
    """An article of a day's paper: `number` is unique in all issues."""

    number: int
    page: str
    title: str
    text: str


_MORE = "两岸的老屋修过了,茶馆也开了门,人们沿着河走,一直走到黄昏。大家都说好。"


def stories(day: date) -> tuple[Story, ...]:
    first = day.toordinal() % 10_000 * 10
    told = (
        ("01", f"{day:%m月%d日}渡口迎来今年首批游客"),
        ("01", f"青岗岭{day.day}公里防火道全部贯通"),
        ("02", f"灯下读书记之{day.day}"),
    )
    return tuple(
        Story(
            first + n,
            label,
            title,
            f"本报讯 这是{day:%m月%d日}的第{n}篇,说的是{title}。{_MORE}",
        )
        for n, (label, title) in enumerate(told, 1)
    )


def on(day: date, label: str) -> tuple[Story, ...]:
    return tuple(story for story in stories(day) if story.page == label)


def page(html: str) -> Reply:
    return server.page(f"<title>青禾日报数字报</title>{html}")


Print = Callable[[Newspaper, date], None]


@dataclass(frozen=True)
class Family:
    """How a family prints a day's paper, newest last, and how a source of it is configured."""

    print: Print
    url: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""


# ── Founder ─────────────────────────────────────────────────────────────────────────────────────


def _links(items: Mapping[str, str]) -> str:
    return "".join(
        f"<li><a href={href}><div>{title}</div></a></li>" for href, title in items.items()
    )


def _classic(paper: Newspaper, day: date) -> None:
    folder = f"/html/{day:%Y-%m/%d}"
    paper["/paperindex.htm"] = page(
        f'<META HTTP-EQUIV="REFRESH" CONTENT="0; URL=html/{day:%Y-%m/%d}/node_2.htm">'
    )
    nodes = {label: f"node_{n + 2}.htm" for n, (label, _) in enumerate(PAGES)}
    for label, name in PAGES:
        own = {f"content_{s.number}.htm": s.title for s in on(day, label)}
        areas = "".join(f"<Area coords=1,1,2,2 href={href}?div=-1>" for href in own)
        navigation = "".join(
            f"<tr><td><a id=pageLink href={nodes[n]}>第{n}版：{t}</a></td><td><a href=../../../page/{n}.pdf><img src=../../pdf.gif></a></td></tr>"
            for n, t in PAGES
        )
        paper[f"{folder}/{nodes[label]}"] = page(
            f"<html><body><MAP NAME=pagepicmap>{areas}</MAP><img src=../../../page/{label}.jpg USEMAP=#PagePicMap>"
            f'<p>第{label}版：<b>{name}</b></p><p>{day:%Y年%m月%d日} 星期一 <a href="#" onClick="goPrePeriod()">上一期</a></p>'
            f"<ul>{_links(own)}</ul><table>{navigation}</table></body></html><!--enpproperty <founder-type>2</founder-type>/enpproperty-->"
        )
    for s in stories(day):
        paper[f"{folder}/content_{s.number}.htm"] = page(
            f"<html><body><table class=wz><tr><td class=font02></td></tr><tr><td class=font01>{s.title}</td></tr></table>"
            f"<div id=ozoom><founder-content><!--enpcontent--><P>　　{s.text}</P><!--/enpcontent--></founder-content></div></body></html>"
        )
    _period(paper, f"/html/{day:%Y-%m}/period.xml", day, "node_2.htm")


def _d110000(paper: Newspaper, day: date) -> None:
    """Titles in a list are written by scripts."""
    folder = f"/rb/html/{day:%Y-%m/%d}"
    paper["/rb/paperindex.htm"] = page(
        f'<META HTTP-EQUIV="REFRESH" CONTENT="0; URL=html/{day:%Y-%m/%d}/nbs.D110000qhrb_01.htm">'
    )
    files = {
        s.number: f"nw.D110000qhrb_{day:%Y%m%d}_{s.number % 10}-{s.page}.htm" for s in stories(day)
    }
    navigation = "".join(
        f"<li><a id=pageLink href=nbs.D110000qhrb_{n}.htm>{n}版：{t}</a></li>" for n, t in PAGES
    )
    for label, name in PAGES:
        own = "".join(
            f'<li><a href={files[s.number]}><script>document.write(view("{s.title}  "))</script></a></li>'
            for s in on(day, label)
        )
        areas = "".join(
            f'<Area coords="1,1" href="{files[s.number]}?div=-1">' for s in on(day, label)
        )
        paper[f"{folder}/nbs.D110000qhrb_{label}.htm"] = page(
            f"<html><body><map name=PagePicMap>{areas}</map><ul><li>{label}版：{name} <a href=../../../page/{label}.pdf><IMG src=/ico4.gif></a>PDF版下载</li></ul>"
            f'<div id="riqi_">青禾日报 {day:%Y年%m月%d日} 星期一</div><a href="#" onClick="goPrePeriod()">&lt;上一期</a>'
            f"<div id=titleList><ul>{own}</ul></div><div id=pageList><ul>{navigation}</ul></div></body></html>"
        )
    for s in stories(day):
        paper[f"{folder}/{files[s.number]}"] = page(
            f"<html><body><div class=text_c><h3></h3><h1>{s.title}</h1><h2></h2><div class=lai>本报记者 何田 《青禾日报》（{day:%Y年%m月%d日}　{s.page} 版）</div>"
            f"<div id=articleContent><p>　　{s.text}</p></div></div></body></html>"
        )
    _period(paper, f"/rb/html/{day:%Y-%m}/period.xml", day, "nbs.D110000qhrb_01.htm")


def _period(paper: Newspaper, path: str, day: date, front: str) -> None:
    known = paper.programs.get(path)
    before = known.body.decode() if known is not None and not callable(known) else ""
    rows = before.partition("<periodlist>")[2].partition("</periodlist>")[0]
    rows += f'<period id="{day:%d}"><period_date>{day}</period_date><front_page>{front}</front_page></period>'
    paper[path] = server.page(f'<?xml version="1.0"?><periodlist>{rows}</periodlist>')


def _xiangyu(paper: Newspaper, day: date) -> None:
    root, folder = "/rb/pc/layout", f"/rb/pc/layout/{day:%Y%m/%d}"
    nodes = "".join(f'<a id="pageLink" href="node_{n}.html">{n}版：{t}</a>' for n, t in PAGES)
    for label, name in PAGES:
        items = {
            f"../../../content/{day:%Y%m/%d}/content_{s.number}.html": s.title
            for s in on(day, label)
        }
        areas = "".join(f'<Area coords="1,1" href="{href}">' for href in items)
        html = (
            f'<html><body><MAP NAME="PagePicMap">{areas}</MAP><img src="../../../pic/{label}.jpg.2" USEMAP=#PagePicMap>'
            f'<p class=ban>第{label}版：{name}</p><a href="../../../attachement/{label}.pdf">PDF下载</a><span class=newstime>{day:%Y年%m月%d日} Wed</span>'
            f'<span class=prev onClick="goPrePeriod()">上一期</span>{nodes}<ul class=news-list>{_links(items)}</ul></body></html>'
        )
        paper[f"{folder}/node_{label}.html"] = page(html)
    paper[f"{root}/index.html"] = page(
        f'<html><head><meta http-equiv=refresh content="0;url={day:%Y%m/%d}/node_01.html"></head></html>'
    )
    for s in stories(day):
        paper[f"/rb/pc/content/{day:%Y%m/%d}/content_{s.number}.html"] = page(
            f"<html><body><div class=article><h3></h3><h1>{s.title}</h1><h2></h2><p class=sec>本报记者 何田 <span class=date>《青禾日报》（{day:%Y年%m月%d日} 第 {s.page} 版）</span></p>"
            f"<div id=ozoom><!--enpcontent--><p>　　{s.text}</p><!--/enpcontent--><!--enpproperty <date>{day} 00:00:00:0</date><title>{s.title}</title><url>泄漏</url>/enpproperty--></div></div></body></html>"
        )
    _period(paper, f"{root}/{day:%Y%m}/period.xml", day, "node_01.html")


# ── PaperIndex ──────────────────────────────────────────────────────────────────────────────────


def _paperindex(paper: Newspaper, day: date, *, whole: bool) -> None:
    folder, mark = f"/content/{day:%Y%m%d}", "NR" if day.day % 2 else "MT"
    paper["/content/PaperIndex.htm"] = page(
        f"<META HTTP-EQUIV='REFRESH' CONTENT='0; URL={day:%Y%m%d}/IssueIndex.htm'>"
    )
    paper[f"{folder}/IssueIndex.htm"] = page(
        f"<META HTTP-EQUIV='REFRESH' CONTENT='0; URL=Page01{mark}.htm'>"
    )
    yesterday = day - timedelta(days=1)
    ways = f"<p>{day:%Y年%m月%d日} <A href=../{yesterday:%Y%m%d}/IssueIndex.htm>上一期</A></p>"
    files = {s.number: f"Articel{s.page}{s.number % 10:03}{mark}.htm" for s in stories(day)}
    for label, _ in PAGES:
        listing = "".join(
            f'<h4><a href="../../PDF/{day:%Y%m%d}/{n}.pdf"><img src="../../pdf.gif"/></a><a href="Page{n}{mark}.htm">{n}版：{t} </a></h4><ul>'
            + "".join(
                f'<li><a field=1 daoxiang="{files[s.number]}">{s.title}</a></li>'
                for s in on(day, n)
            )
            + "</ul>"
            for n, t in PAGES
        )
        navigation = "<A href=Page02MT.htm>下一版</A>" + "".join(
            f"<LI class=banci>[<SPAN><A href=Page{n}{mark}.htm>{n}</A></SPAN>]:<A href=Page{n}{mark}.htm>{t}</A>"
            for n, t in PAGES
        )
        own = "".join(f"<LI><A href={files[s.number]}>{s.title}</A></LI>" for s in on(day, label))
        inner = (
            f"<div class=listdaohang>{listing}</div>"
            if whole
            else f"{navigation}<UL id=newslist>{own}</UL>"
        )
        paper[f"{folder}/Page{label}{mark}.htm"] = page(f"<html><body>{ways}{inner}</body></html>")
    for s in stories(day):
        paper[f"{folder}/{files[s.number]}"] = page(
            f"<html><body><div class=bggray><div class=margin15><h2>{s.title}</h2><h4></h4><span class=shijian>{day:%Y年%m月%d日}</span>"
            f"<div id=contenttext><div>{s.text}</div></div></div></div></body></html>"
        )


# ── described by their operators ────────────────────────────────────────────────────────────────


def _qpaper(paper: Newspaper, day: date) -> None:
    folder, yesterday = f"/new/Html/{day}", day - timedelta(days=1)
    paper["/new/"] = page(f"<script>window.location='Html/{day}/Qpaper.html'</script>")
    files = {
        label: "Qpaper.html" if n == 0 else f"Qpaper_{day:%m%d}{n}.html"
        for n, (label, _) in enumerate(PAGES)
    }
    navigation = "".join(
        f"<tr class=info1><td>　<a href='{files[label]}'>{label}：{name}</a></td></tr>"
        for label, name in PAGES
    )
    ways = (
        f'<td><a href="../../Html/{yesterday}/Qpaper.html" target="_parent">上一期 </a></td>'
        '<td><a href="Alert.php" target="_parent">下一期</a></td>'
    )
    for label, _ in PAGES:
        own = "".join(
            f"<tr><td><a href='{s.number}.html'>·{s.title}</a></td></tr>" for s in on(day, label)
        )
        paper[f"{folder}/{files[label]}"] = page(
            f"<html><body><p>{day:%Y年%m月%d日} 总第{day.toordinal() % 1000}期</p><table><tr>{ways}</tr></table><table>{navigation}</table><table>{own}</table>"
            "<div><a href='/new/Review_0.html'>往期回顾</a></div></body></html>"
        )
    for s in stories(day):
        paper[f"{folder}/{s.number}.html"] = page(
            f"<html><body><span class=banming2>第{s.page}版：版名</span><div id=yinti></div><div id=doctitle>{s.title}</div><div id=subdoctitle></div>"
            f"<div id=doccontent><p>　　{s.text}</p></div><a href='1.html'>上一篇</a></body></html>"
        )


def _shtml(paper: Newspaper, day: date) -> None:
    folder, yesterday = f"/shtml/qhrb/{day:%Y%m%d}", day - timedelta(days=1)
    paper["/"] = page(f'<meta http-equiv="refresh" content="0;url={folder}/index.shtml">')
    navigation = "".join(
        f"<li><p><a href={folder}/v{n}.shtml>第{n}版：{t}</a></p></li>" for n, t in PAGES
    )
    for label, _ in PAGES:
        own = "".join(
            f"<li><p><a href={folder}/{s.number}.shtml>{s.title}</a></p></li>"
            for s in on(day, label)
        )
        html = page(
            f"<html><body><div id=main><p>{day:%Y年%m月%d日} <a href=/shtml/qhrb/{yesterday:%Y%m%d}/v01.shtml>上一期</a></p>"
            f"<div class=main_r><ul><img src=/qr.png></ul><ul>{navigation}</ul><ul>{own}</ul></div></div></body></html>"
        )
        paper[f"{folder}/v{label}.shtml"] = html
        if label == "01":
            paper[f"{folder}/index.shtml"] = html
    for s in stories(day):
        paper[f"{folder}/{s.number}.shtml"] = page(
            f"<html><body><ul class=news><h3></h3><h1>{s.title}</h1><h2></h2><font>　　{s.text}<br></font></ul></body></html>"
        )


def _xmwb(paper: Newspaper, day: date) -> None:
    folder = f"/html/xmwb/{day}"
    navigation = "".join(
        f'<div class="dzb-enter-mulu-wrap-nav"><a href="{folder}/{int(n)}.html">第{n}版：{t}</a></div>'
        for n, t in PAGES
    )
    paper["/"] = page(f'<meta http-equiv="refresh" content="0;url={folder}/1.html">')
    for label, name in PAGES:
        n = int(label)
        areas = "".join(
            f'<area title="{s.title}" href="{folder}/{n}/{s.number}.html">' for s in on(day, label)
        )
        first = on(day, label)[0]
        paper[f"{folder}/{n}.html"] = page(
            f'<html><body><span class="dzb-banmian-title">第{label}版：{name}</span><span class="dzb-banmian-date">{day:%Y年%m月%d日} 星期一</span>'
            f'<img src=/{n}.jpg usemap=#PagePicMap><map id=PagePicMap>{areas}</map><div class="dzb-enter-wrap dzb-enter-mulu-wrap">{navigation}</div>'
            f'<h2 class="dzb-title-box">{first.title}</h2><p class="dzb-desc-box">{first.text}</p></body></html>'
        )
    for s in stories(day):
        paper[f"{folder}/{int(s.page)}/{s.number}.html"] = page(
            f'<html><body><span class="dzb-banmian-title">第{s.page}版：版名</span><div class="dzb-enter-desc-box"><div class="dzb-special-title-box"></div><h2 class="dzb-title-box">{s.title}</h2>'
            f'<span class="dzb-author-box">何 田</span><div class="dzb-desc-box"><p>{s.text}</p></div></div></body></html>'
        )


# ── interfaces ──────────────────────────────────────────────────────────────────────────────────


def _json(value: object) -> Reply:
    return Reply(json.dumps(value).encode(), headers={"Content-Type": "application/json"})


def _days(paper: Newspaper) -> list[date]:
    """The days printed so far."""
    held = paper.programs.setdefault("days", Reply())
    assert isinstance(held, Reply)
    return [date.fromisoformat(day) for day in held.body.decode().split()]


def _another_day(paper: Newspaper, day: date) -> None:
    paper["days"] = Reply(" ".join(map(str, [*_days(paper), day])).encode())


def _founder_app(paper: Newspaper, day: date) -> None:
    """5a: three GETs; the list of a page's articles is in the page, with the counts."""
    _another_day(paper, day)
    dates = [{"date": f"{d:%Y%m%d}"} for d in sorted(_days(paper), reverse=True)]
    for start in range(len(dates) + 1):
        paper[f"/api/getPaperDates?siteID=1&id=7&start={start}&count=30"] = _json(
            {"dates": dates[start:]}
        )
    layouts = [
        {"id": n, "name": f"第{label}版：{name}", "picUrl": f"/pic/{label}.jpg", "mapping": [], "list": [
            {"fileId": s.number, "title": s.title, "countClick": s.number % 1000, "countClickInitial": 5, "shareUrl": paper.url(f"/share/{s.number}.html")}
            for s in on(day, label)
        ]}
        for n, (label, name) in enumerate(PAGES, 1)
    ]  # fmt: skip
    paper[f"/api/getPaperLayouts?siteID=1&id=7&date={day:%Y%m%d}"] = _json({"layouts": layouts})
    for s in stories(day):
        told = {
            "fileId": s.number,
            "title": s.title,
            "introTitle": "",
            "publishtime": f"{day} 06:00:00.0",
            "content": f"<p>{s.text}</p>",
        }
        paper[f"/api/getPaperArticle?siteID=1&id={s.number}"] = _json(told)


def _stdaily(paper: Newspaper, day: date) -> None:
    """5b: four POSTs of JSON; a list says nothing of an article but its id."""
    _another_day(paper, day)
    known = {str(s.number): s for d in _days(paper) for s in stories(d)}

    def answer(reply: Callable[[dict[str, Any]], object]) -> Callable[[Asked], Reply]:
        def program(asked: Asked) -> Reply:
            if asked.headers.get("x-requested-with") != "XMLHttpRequest" or asked.method != "POST":
                return _json({"status": "500", "msg": "no access!"})
            return _json({"status": 200, **reply(json.loads(asked.body))})  # type: ignore[dict-item]

        return program

    def editions(said: dict[str, Any]) -> object:
        listed = [
            {"id": f"{said['periodTime']}/{label}".replace("/", "-p"), "editionName": f"第{label}版：{name[0]} {name[1:]}", "weight": n, "editionCode": label}
            for n, (label, name) in enumerate(PAGES, 1)
        ]  # fmt: skip
        return {"obj": {"editionList": listed[::-1]}}

    def articles(said: dict[str, Any]) -> object:
        day, _, label = said["id"].partition("-p")
        return {"list": [{"id": str(s.number)} for s in on(date.fromisoformat(day), label)]}

    def article(said: dict[str, Any]) -> object:
        s = known[said["id"]]
        return {"obj": {"articleVo": {"title": f"<p>{s.title}</p>", "subtitle": "", "content": f"<p>　　{s.text}</p>", "author": "何田", "editionName": f"第{s.page}版", "picList": None}}}  # fmt: skip

    def months(said: dict[str, Any]) -> object:
        return {
            "obj": {"dateList": [str(d) for d in _days(paper) if str(d)[:7] == said["date"][:7]]}
        }

    root = "/stdailynewspaperapi/uv/article/"
    paper[f"{root}period/date"] = answer(months)
    paper[f"{root}period/periodTime"] = answer(editions)
    paper[f"{root}article/editionId"] = answer(articles)
    paper[f"{root}article/articleId"] = answer(article)


def _wenzhou(paper: Newspaper, day: date) -> None:
    """5c: two POSTs of forms; days are asked one by one, and articles stand whole in their list."""
    _another_day(paper, day)
    root = "/digitalNewspaper/web/"

    def catalog(asked: Asked) -> Reply:
        said = dict(parse_qsl(asked.body.decode()))
        day = date.fromisoformat(said["publishTime"])
        pages = [
            {"layoutCatalogId": f"{day}.{label}", "edition": label, "editionName": name, "pdfPath": f"/{label}.pdf"}
            for label, name in PAGES
        ]  # fmt: skip
        return _json({"code": 0, "msg": pages if day in _days(paper) else ["该日期没有报纸"]})

    def detail(asked: Asked) -> Reply:
        day, _, label = dict(parse_qsl(asked.body.decode()))["layoutCatalogId"].partition(".")
        listed = [
            {"layoutDetailId": s.number, "edition": label, "documentTitle": s.title, "documentContent": f"<p>{s.text}</p>"}
            for s in on(date.fromisoformat(day), label)
        ]  # fmt: skip
        return _json({"code": 0, "msg": listed})

    paper[f"{root}layoutCatalog/listByDigitalNewspaperMarkAndPublishTime"] = catalog
    paper[f"{root}layoutDetail/listByLayoutCatalogId"] = detail


def _flat(paper: Newspaper, day: date) -> None:
    """A list of a whole issue's articles in parts of two, each saying its page."""
    _another_day(paper, day)
    paper["/api/issues"] = _json(
        {"data": [{"day": str(d), "no": d.toordinal()} for d in _days(paper)]}
    )
    told = [
        {"id": s.number, "ban": f"第{s.page}版：{dict(PAGES)[s.page]}", "bt": s.title, "nr": s.text, "yds": f"{n}.2万"}
        for n, s in enumerate(stories(day), 1)
    ]  # fmt: skip
    for number in (1, 2):
        part = told[2 * number - 2 : 2 * number]
        paper[f"/api/list?qi={day.toordinal()}&page={number}"] = _json({"data": {"rows": part}})


FAMILIES: dict[str, Family] = {
    "json: founder-app": Family(
        _founder_app,
        "/api/",
        {"preset": "founder-app", "values": {"site": 1, "paper": 7}},
        "json",
    ),
    "json: stdaily": Family(
        _stdaily, "/", {"preset": "stdaily", "api": "$SITE/stdailynewspaperapi/"}, "json"
    ),
    "json: wenzhou": Family(
        _wenzhou, "/", {"preset": "wenzhou", "api": "$SITE/digitalNewspaper/web/"}, "json"
    ),
    "json: written by its operator": Family(
        _flat,
        "/",
        {
            "api": "$SITE/api/",
            "issues": {"get": "issues", "list": "data", "date": "day", "id": "no"},
            "articles": {
                "get": "list",
                "query": {"qi": "{issue_id}", "page": "{number}"},
                "list": "data.rows",
                "id": "id",
                "title": "bt",
                "page": "ban",
                "reads": "yds",
            },
            "article": {"title": "bt", "body": "nr", "reads": "yds"},
        },
        "json",
    ),
    "html: qpaper": Family(_qpaper, "/new/", {"preset": "qpaper"}, "html"),
    "html: shtml": Family(_shtml, "/", {"preset": "shtml"}, "html"),
    "html: 新民晚报": Family(
        _xmwb, "/", {"preset": "xmwb", "guess": "$SITE/html/xmwb/{date}/1.html"}, "html"
    ),
    "founder: classic": Family(_classic, "/paperindex.htm", kind="founder"),
    "founder: D110000": Family(_d110000, "/rb/paperindex.htm", kind="founder"),
    "founder: 翔宇": Family(_xiangyu, "/rb/pc/layout/index.html", kind="founder"),
    "paperindex: page by page": Family(
        lambda paper, day: _paperindex(paper, day, whole=False),
        "/content/PaperIndex.htm",
        kind="paperindex",
    ),
    "paperindex: the whole issue on every page": Family(
        lambda paper, day: _paperindex(paper, day, whole=True),
        "/content/PaperIndex.htm",
        kind="paperindex",
    ),
}
