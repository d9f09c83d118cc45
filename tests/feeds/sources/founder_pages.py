"""Pages in the manner of Founder's older systems, with words of our own."""

from datetime import date

TITLES = ("青岗岭新辟三条防火道", "县图书馆夜间开放", "图片报道", "渡口迎来首批游客")


def classic_layout(day: date, node: int = 187, previous: str = "") -> str:
    """F1: one page (版) of two, with its image map, a list, and a box that names another page's article."""
    areas = "".join(
        f'<Area coords="1,{n},9,{n}9" shape="polygon" href="content_40{node}{n}.htm?div=-1">'
        for n in range(len(TITLES))
    )
    rows = "".join(
        f'<tr><td><img src="../../../tplimg/checkbox.gif"></td><td class=default><a href=content_40{node}{n}.htm>'
        f'<div style="display:inline" id=mp40{node}{n}>{title}</div></a></td></tr>'
        for n, title in enumerate(TITLES)
    )
    pages = "".join(
        f"<tr><td>&nbsp;<a id=pageLink href={prefix}node_{187 + n}.htm>第A0{n + 1}版：{name}</a></td>"
        f"<td><a href=../../../page/186/{day:%Y-%m-%d}/A0{n + 1}/{n}.pdf><img src=../../../tplimg/pdf.gif></a></td></tr>"
        for n, (name, prefix) in enumerate((("头版", "./"), ("广告", "")))
    )
    way = (
        f'<a class=preart href="{previous}"><FONT face=Webdings>3</FONT>上一期</a>'
        if previous
        else '<a href="#" onClick="goPrePeriod()">上一期</a>'
    )
    return f"""<html><head><title>青禾日报数字报</title></head><body>
<MAP NAME="pagepicmap">{areas}</MAP><img src=../../../page/186/{day:%Y-%m-%d}/A01/1.jpg border=0 USEMAP=#PagePicMap>
<td class=px12>第A01版：<STRONG>头版</STRONG></td><td><a class=preart href="node_188.htm"><span style='font-family:webdings'>4</span>下一版</a></td>
<table class=list>{rows}</table>
<div class=bm07><p>今日关注</p><table><tr><td><a href=content_40{node}0.htm><div>{TITLES[0]}</div></a></td></tr>
<tr><td><a href=content_408888.htm><div>二版的一篇文章</div></a></td></tr></table></div>
<strong><font>{day.year}</font></strong> 年 {day.month} 月 {day.day} 日　星期<font class=weekday>一</font> {way}
<table>{pages}</table></body></html>
<!--enpproperty <founder-date>{day} 23:59:57</founder-date><founder-pagenum>A01</founder-pagenum><founder-type>2</founder-type> /enpproperty-->"""


def classic_article(title: str = TITLES[0], page: str = "A01") -> str:
    """F1: the article's page repeats the page's image map; its title stands in rows of a table."""
    return f"""<html><body><MAP NAME=pagepicmap><Area href="content_401870.htm"><Area href="content_401871.htm"></MAP>
<img src=../../../page/1.jpg usemap=#PagePicMap>
<table class=wz><tr><td class=font02>入冬前的一件大事</td></tr><tr><td class=font01>{title}</td></tr><tr><td class=font02>——共计二十六公里</td></tr></table>
<div id=ozoom><founder-content><!--enpcontent--><P>　　本报讯（记者 何田）青岗岭新辟三条防火道，共计二十六公里。</P><P>　　防火道宽八米。</P>
<TABLE class=pci_c><TR><TD><IMG src="../../../images/{page}/res1.jpg"></TD></TR><TR><TD>图为施工现场。 陆平 摄</TD></TR></TABLE><!--/enpcontent--></founder-content></div>
<div>版权所有 青禾日报社</div></body></html>
<!--enpproperty <founder-date>2017-10-09</founder-date><founder-author>何田</founder-author><founder-title>{title}</founder-title><founder-pagenum>{page}</founder-pagenum><founder-type>1</founder-type><founder-url>泄漏的值</founder-url> /enpproperty-->"""


def d110000_article() -> str:
    """F2."""
    return """<html><body><div class=text_c><h3>春耕时节</h3><h1>一片茶叶<br>带富一方</h1><h2>——青岗镇见闻</h2>
<div class=lai>本报记者 何田 《青禾日报》（2017年10月16日　02 版）</div><div id=articleContent><p>　　青岗镇的茶园开采了。</p></div></div></body></html>"""


def period_list(*days: date, front: str = "node_187.htm") -> str:
    page = f"<front_page>{front}</front_page>" if front else ""
    rows = "".join(
        f'<period id="{day:%d}"><paper_id>1</paper_id><period_date>{day}</period_date><period_name><![CDATA[{day}]]></period_name>{page}</period>'
        for day in days
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<periodlist>{rows}</periodlist>'
