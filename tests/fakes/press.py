"""Issues of two small papers with all that an issue can have, for conversations and rendered examples."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from sqlalchemy import insert, select

from feeds.models import Article, Issue, Page, Paper, ReadCount
from feeds.store import tables
from feeds.store.engine import Store
from tests.fakes.archive import HUAIAN, make_article, make_issue, make_page

CHUZHOU = Paper("chuzhou", "楚州晚报", "http://evening.test/", "Asia/Shanghai")
SUNDAY, MONDAY = date(2024, 4, 7), date(2024, 4, 8)
COUNTED = datetime(2024, 4, 8, 4, 10, tzinfo=UTC)  # 12:10 in China


@dataclass(frozen=True)
class Story:
    """An article as it is printed: its page's label, its title, its count, its byline, its text."""

    label: str
    title: str
    reads: int | None
    byline: str
    text: str


_PAGES = {
    "01": "要闻",
    "02": "综合",
    "03": "民生",
    "04": "副刊",
}
_STORIES = (
    Story("01", "全区2023年度高质量跨越发展综合考核总结暨2024年工作推进会召开", 231, "融媒体记者综合报道",
     "4月7日下午，全区2023年度高质量跨越发展综合考核总结暨2024年工作推进会在区行政中心召开。"
     "会议通报了2023年度综合考核结果，对先进单位和个人予以表扬。"
     "会议强调，要锚定全年目标任务，以项目建设为抓手，推动经济社会发展再上新台阶。\n"
     "区各部委办局、各镇街主要负责人参加会议。"),
    Story("01", "春耕备耕忙 田间绘新景", 1024, "记者 周晓明",
     "眼下正是春耕备耕的黄金时节，在苏嘴镇万亩高标准农田里，十多台旋耕机来回穿梭。"
     "种粮大户李长海说，今年水源足、农资稳，他把两千亩地全部换上了新稻种。"
     "区农业农村局组织一百二十名农技员下到田头，手把手教农户看墒情、选良种。"),
    Story("01", "我区新增三条城乡公交线路", 87, "记者 王芳",
     "从本周起，我区新开通三条城乡公交线路，覆盖十二个行政村。"
     "新线路早六点发车，末班车晚七点，票价两元。"),
    Story("02", "海棠大道北段4月10日起半幅施工", 460, "",
     "为改造雨污管网，海棠大道北段自4月10日起半幅封闭施工，工期四十五天。"
     "施工期间，过往车辆请绕行翔宇大道。"),
    Story("02", "关于河道清淤的公告", 12, "",
     "区水务局将于4月中旬对乌沙干渠实施清淤，沿线取水口临时关闭。"),
    Story("03", "社区食堂开到家门口 老人一餐十二元", 318, "记者 陈静",
     "上午十一点，东门社区食堂里热气腾腾，六十多位老人正在用餐。"
     "一荤两素一汤，收费十二元，八十岁以上老人再减两元。"),
    Story("03", "图片报道", 0, "记者 刘洋 摄", "连日来，钵池山公园的樱花竞相开放，游人如织。"),
    Story("04", "运河边的春天", None, "赵国栋",
     "清晨的运河还笼着薄雾，船笛一声，两岸的柳就绿了。"
     "小时候跟着父亲撑船，最盼的就是过了清明，水面上开始有卖春笋的小船。"),
)  # fmt: skip
_BEFORE = (
    Story("01", "清明假期我区接待游客十八万人次", 690, "记者 王芳",
     "清明假期三天，我区各景区共接待游客十八万人次，同比增长两成。"
     "周恩来故里景区推出夜游，单日客流创下新高。"),
    Story("01", "春耕用水有保障", 205, "记者 周晓明",
     "区水利部门提前开闸引水，春耕期间日均供水一百二十万方。"),
    Story("02", "城区停水通知", 77, "", "因管网检修，4月9日零时至六时，城区部分路段停水。"),
)  # fmt: skip


def papers() -> list[Paper]:
    """Both."""
    return [HUAIAN, CHUZHOU]


def monday() -> Issue:
    """The newest of 淮安区报: four pages, with images, a PDF, and counts."""
    return _issue(MONDAY, "5208", _STORIES)


async def count_often(store: Store) -> None:
    """The counts that were seen before the newest, of Monday's second article."""
    seen = (
        (datetime(2024, 4, 7, 22, 12, tzinfo=UTC), 180),
        (datetime(2024, 4, 8, 1, 0, tzinfo=UTC), 640),
    )
    async with store.write() as tx:
        wanted = select(tables.articles.c.id).where(tables.articles.c.key == "0408-2")
        article = (await tx.execute(wanted)).scalar_one()
        rows = [{"article_id": article, "seen_at": at, "value": n, "exact": True} for at, n in seen]
        await tx.execute(insert(tables.read_counts), rows)


def sunday() -> Issue:
    """The issue before, the first that the paper has."""
    return replace(_issue(SUNDAY, "5207", _BEFORE), is_first=True)


def tuesday() -> Issue:
    """The next one, for pushes."""
    day = date(2024, 4, 9)
    stories = (
        Story("01", "春耕现场会在苏嘴镇召开", 58, "记者 周晓明",
         "4月8日，全区春耕现场会在苏嘴镇召开，与会人员观摩了高标准农田。"
         "会议要求各镇抢抓农时，确保月底前完成整地。"),
        Story("02", "新一批公租房开始申请", 143, "", "即日起，新一批三百套公租房接受申请，月底截止。"),
    )  # fmt: skip
    return _issue(day, "5209", stories)


def evening() -> Issue:
    """An issue of 楚州晚报."""
    story = Story(
        "A1",
        "老城墙下的早市",
        95,
        "记者 孙悦",
        "天刚亮，老城墙下的早市就热闹起来。豆腐脑、烧饼、新摘的荠菜，都是楚州人的念想。",
    )
    return replace(_issue(MONDAY, "", (story,)), source="chuzhou", number=None)


def _issue(day: date, number: str, stories: Sequence[Story]) -> Issue:
    pages = [
        _page(
            day, label, [_article(day, n, s) for n, s in enumerate(stories, 1) if s.label == label]
        )
        for label in dict.fromkeys(story.label for story in stories)
    ]
    return replace(make_issue(day, pages), number=number or None)


def _page(day: date, label: str, articles: list[Article]) -> Page:
    base = f"https://paper.example.org/{day:%Y%m%d}/{label}"
    return make_page(
        label,
        articles,
        name=_PAGES.get(label, "早读"),
        url=f"{base}/",
        image=f"{base}.jpg",
        pdf=f"{base}.pdf" if label == "01" else None,
    )


def _article(day: date, number: int, story: Story) -> Article:
    key = f"{day:%m%d}-{number}"
    return make_article(
        key,
        title=story.title,
        byline=story.byline or None,
        body_text=story.text,
        body_html=f"<p>{story.text}</p>",
        url=f"https://paper.example.org/{day:%Y%m%d}/{key}.html",
        reads=None if story.reads is None else ReadCount(story.reads),
        reads_at=None if story.reads is None else COUNTED,
    )
