"""Everything that can be said to the bot, as conversations: the golden files in `transcripts/` are
reviewed by people and read like a chat. `UPDATE=1` writes them anew (see `transcript`).
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, insert, select, update

import bot.standing.gather as gathering
from bot.commands.operating import BY_NAME as OPERATIONS
from bot.commands.table import BY_NAME
from bot.messages.actions import Verb
from bot.standing.report import Disk
from config.sources import SourceConfig
from feeds.errors import BadStatus
from feeds.explore import Exploration
from feeds.models import (
    ArticleReading,
    EntryKind,
    FoundBy,
    Issue,
    IssueReading,
    IssueStatus,
    NewEntry,
    PageReading,
    ReadCount,
    WithdrawnBy,
)
from feeds.store import journal, tables, withdrawals
from feeds.store.engine import Transaction
from tests.bot.transcript import FOLDER, READER, WALKED, Stage, Talk, stage
from tests.fakes.archive import fill
from tests.fakes.press import MONDAY, count_often, evening, monday, papers, sunday, tuesday
from tests.fakes.settings import two_papers

LANGUAGES = {"zh": "zh-hans", "en": "en"}


@pytest.fixture
def readers() -> str:
    """What the settings say about readers."""
    return "{}"


@pytest.fixture
def operators() -> str:
    """Who runs this."""
    return "[]"


async def explore_paper(paper: SourceConfig) -> Exploration:
    """What a look at one of the papers finds now: the evening paper's site is down."""
    if paper.id != "huaian":
        raise BadStatus(paper.url, 503, "服务器出错 (503)")
    pages = tuple(PageReading(f"{number:02d}", number) for number in range(1, 5))
    issue = IssueReading("2024-04-08", MONDAY, paper.url, number="5208", pages=pages)
    by = {"title": FoundBy.LABEL, "body_html": FoundBy.LABEL, "reads": FoundBy.DATA}
    article = ArticleReading(
        "a", paper.url, "春耕备耕忙 田间绘新景", reads=ReadCount(1030), found_by=by
    )
    return Exploration(issue, article, 30, 0.5, looks_are_counted=False)


@pytest.fixture
async def house(tmp_path: Path, readers: str, operators: str) -> AsyncIterator[Stage]:
    public_url = "https://news.example.org/"
    more = f"readers: {readers}\noperators: {operators}\nchannels: {{telegram: {{token: '1:x'}}}}"
    settings = two_papers(tmp_path, public_url=public_url, more=more)
    async with stage(tmp_path, settings, explore_paper, rooms=[READER]) as house:
        await fill(house.store, papers(), [sunday(), monday(), evening()])
        await count_often(house.store)
        yield house


async def publish(house: Stage, issue: Issue) -> None:
    """An issue comes out, and whoever is owed it gets it."""
    await fill(house.store, papers(), [replace(issue, updated=house.clock.now())])
    await house.happen()


async def tell(house: Stage, kind: EntryKind, title: str, data: Mapping[str, object]) -> None:
    """Something happens to the article of this title."""
    async with house.store.write() as tx:
        row = await _row(tx, title)
        entry = NewEntry(kind, row.source, row.issue_id, row.id, data=data)
        await journal.append(tx, [entry], house.clock.now())
    await house.happen()


async def correct(house: Stage, before: str, after: str) -> None:
    """The newspaper puts a title right."""
    async with house.store.write() as tx:
        row = await _row(tx, before)
        old = {"title": before, "body_text": row.body_text}
        values = {"article_id": row.id, "revision": 1, "seen_at": house.clock.now()}
        await tx.execute(insert(tables.revisions).values(**values, content_hash="", content=old))
        body = row.body_text.replace("苏嘴镇", "施河镇")
        put = {"title": after, "body_text": body, "revision": 2}
        await tx.execute(update(tables.articles).where(tables.articles.c.id == row.id).values(put))
    await tell(house, EntryKind.ARTICLE_CORRECTED, after, {"changed": ["title", "body_text"]})


async def withdraw(house: Stage, title: str) -> None:
    """The newspaper takes an article back."""
    async with house.store.write() as tx:
        row = await _row(tx, title)
        await withdrawals.withdraw(tx, row.id, WithdrawnBy.PAPER, None, house.clock.now())
    await house.happen()


async def _row(tx: Transaction, title: str) -> Row[Any]:
    wanted = select(tables.articles).where(tables.articles.c.title == title)
    return (await tx.execute(wanted)).one()


@pytest.fixture(params=LANGUAGES)
def tongue(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def me(house: Stage, tongue: str) -> Talk:
    return house.talk(language=LANGUAGES[tongue])


async def test_a_reader_finds_and_reads(house: Stage, me: Talk, tongue: str) -> None:
    house.heading("初次见面")
    await me.say("/start")
    await me.press("有哪些报纸")
    await me.press("淮安区报")
    house.heading("读一期")
    await me.press("看最新一期")
    await me.press("{label}版", label="02")
    await me.press("◀ 上一版")
    await me.press("2")
    await me.press("下一篇 ▶")
    await me.press("‹ 第{label}版", label="01")
    await me.press("‹ 整期")
    house.heading("上一期，下一期")
    await me.press("◀ 上一期")
    await me.press("◀ 上一期")
    await me.press("下一期 ▶")
    await me.press("下一期 ▶")
    house.heading("点名要一期")
    await me.say("/issue 淮安区报 2024年4月7日", "/issue huaian 2024-04-07")
    await me.say("/issue 淮安 2023-01-01", "/issue huaian 2023-01-01")
    await me.say("/issue 人民日报", "/issue People's Daily")
    await me.say("/issue")
    await me.press("楚州晚报")
    house.heading("读得最多的")
    await me.say("/top 淮安区报", "/top huaian")
    await me.press("最近一周")
    await me.press("2")
    await me.press("‹ 返回")
    await me.say("/top week")
    house.heading("搜索")
    await me.say("/search 春耕")
    await me.press("1")
    await me.press("‹ 返回")
    await me.say("/search")
    await me.say("公交 线路", reply_to=me.last())
    await me.say("施工")
    await me.say("阿弥陀佛")
    house.heading("找报纸")
    await me.say("/papers 楚州", "/papers chuzhou")
    await me.say("楚州晚报")
    await me.say("/start huaian")
    await me.say("/start a_5")
    await me.say("/start i_1")
    house.check(f"reading-{tongue}")


async def test_a_reader_subscribes_as_they_like(house: Stage, me: Talk, tongue: str) -> None:
    house.heading("用按钮订")
    await me.say("/subscriptions")
    await me.say("/subscribe")
    await me.press("淮安区报")
    await me.press("改设置", me.last(-2))
    card = me.last(-2)
    house.heading("怎么送")
    await me.press("方式", card)
    await me.press("一天一条", card)
    await me.press("21:00", card)
    await me.press("方式", card)
    await me.press("一篇一条", card)
    house.heading("看哪几版")
    await me.press("版面", card)
    await me.press("第{label}版", card, label="01", then=" 要闻")
    await me.press("第{label}版", card, label="04", then=" 副刊")
    await me.press("第{label}版", card, label="04", then=" 副刊")
    await me.press("‹ 返回", card)
    house.heading("筛选，和它会给什么")
    await me.press("筛选", card)
    await me.press("自己写", card)
    await me.say("春耕|公交 -公告", reply_to=me.last())
    await me.press("改设置")
    card = me.last()
    house.heading("安静时段")
    await me.press("安静时段", card)
    await me.press("先存着，过后再送", card)
    await me.press("安静时段", card)
    await me.press("自己写", card)
    await me.say("晚上10点半到早上6点半", "22:30-6:30", reply_to=me.last())
    house.heading("阅读数")
    await me.press("阅读数")
    await me.press("1000")
    await me.press("阅读数")
    await me.press("自己写")
    question = me.last()
    await me.say("很多", "a lot", reply_to=question)
    await me.say("1800", reply_to=question)
    house.heading("暂停，恢复，退订")
    await me.press("预览")
    await me.press("改设置")
    await me.press("暂停")
    await me.press("恢复")
    await me.press("‹ 订阅")
    await me.press("淮安区报")
    await me.press("退订")
    await me.press("重新订阅")
    house.check(f"subscribing-{tongue}")


async def test_a_reader_subscribes_in_one_line(house: Stage, me: Talk, tongue: str) -> None:
    house.heading("一行订好")
    await me.say(
        "/subscribe 淮安区报 一篇 第1版 22:00-07:00 满1000 春耕|夏种 -公告",
        "/subscribe huaian article p1 22:00-07:00 reads>1000 春耕|夏种 -公告",
    )
    await me.say("/subscribe 淮安区报 不筛选 第9版", "/subscribe huaian everything p9")
    await me.say("/subscribe 楚州晚报 19:30", "/subscribe chuzhou 19:30")
    await me.say("/subscribe 人民日报", "/subscribe People's Daily")
    house.heading("两条都管一份报纸")
    await me.say("/subscribe 全部", "/subscribe all")
    await me.say("/subscriptions")
    house.heading("停一停")
    await me.press("全部暂停")
    await me.press("全部恢复")
    await me.say("/pause 楚州晚报", "/pause chuzhou")
    await me.say("/pause 楚州晚报", "/pause chuzhou")
    await me.say("/resume")
    await me.say("/resume 淮安区报", "/resume huaian")
    house.heading("退订")
    await me.say("/unsubscribe")
    await me.press("楚州晚报")
    await me.say("/unsubscribe 楚州晚报", "/unsubscribe chuzhou")
    await me.say("/unsubscribe all")
    await me.say("/unsubscribe")
    house.check(f"one-line-{tongue}")


async def test_what_is_owed_arrives_as_it_was_asked_for(
    house: Stage, me: Talk, tongue: str
) -> None:
    house.heading("一期一条")
    await me.say("/subscribe 淮安区报 满100", "/subscribe huaian reads>100")
    house.aside("第二天早上，新的一期出来了")
    await publish(house, tuesday())
    await me.say("/latest")
    house.heading("阅读数过了")
    await tell(house, EntryKind.READS_RUNG, "新一批公租房开始申请", {"rung": 100})
    house.heading("更正")
    await correct(house, "春耕现场会在苏嘴镇召开", "全区春耕现场会在施河镇召开")
    house.heading("撤稿")
    await withdraw(house, "新一批公租房开始申请")
    house.heading("为什么")
    await me.say("/why")
    await me.say("/why", reply_to=me.api.to(me.room.id)[4])
    house.heading("一篇一条")
    await me.say("/subscribe 楚州晚报 一篇", "/subscribe chuzhou article")
    house.aside("晚报又出了一期")
    await publish(house, replace(evening(), key="2024-04-09", date=date(2024, 4, 9)))
    house.heading("一天一条")
    await me.say("/subscribe 楚州晚报 20:00", "/subscribe chuzhou 20:00")
    await publish(house, replace(evening(), key="2024-04-10", date=date(2024, 4, 10)))
    house.aside("到了晚上八点")
    house.clock.jump(timedelta(hours=12))
    await house.happen()
    house.check(f"pushes-{tongue}")


async def test_a_reader_sets_their_own_things(house: Stage, me: Talk, tongue: str) -> None:
    house.heading("看全部命令")
    await me.say("/help")
    house.heading("语言")
    await me.say("/language")
    await me.press("English")
    await me.say("/language 中文")
    if tongue == "en":
        await me.say("/language english")
    house.heading("时区")
    await me.say("/timezone")
    await me.press("东京")
    await me.say("/timezone 火星", "/timezone Mars")
    await me.say("/timezone UTC+8")
    await me.say("/timezone")
    await me.press("自己写")
    await me.say("纽约", "new york", reply_to=me.last())
    house.heading("带走")
    await me.say("/export")
    await me.say(
        "/subscribe 淮安区报 第01版 春耕|夏种 -公告", "/subscribe huaian p01 春耕|夏种 -公告"
    )
    await me.say("/export")
    house.heading("隐私")
    await me.say("/privacy")
    await me.press("全部删掉")
    await me.press("不删")
    await me.say("/privacy")
    await me.press("全部删掉")
    await me.press("是，全部删掉")
    await me.say("/subscriptions")
    house.check(f"personal-{tongue}")


@pytest.mark.parametrize("readers", ["{subscriptions: 2, commands: 12}"])
async def test_what_goes_wrong_is_said_in_a_friendly_word(
    house: Stage, me: Talk, tongue: str
) -> None:
    house.heading("听不懂")
    await me.say("/subscibe")
    await me.say("/abracadabra")
    await me.say("/papers 报", "/papers a")
    await me.say("/subscribe 报", "/subscribe u")
    await me.say("/search ！？")
    house.heading("旧按钮")
    await me.say("/latest 淮安区报", "/latest huaian")
    issue = me.last()
    await me.say("/subscribe 楚州晚报", "/subscribe chuzhou")
    hello = me.last(-2)
    await me.say("/unsubscribe 楚州晚报", "/unsubscribe chuzhou")
    await me.press("改设置", hello)
    house.aside("这一期被报社撤了")
    async with house.store.write() as tx:
        withdrawn = {"status": IssueStatus.WITHDRAWN}
        await tx.execute(update(tables.issues).where(tables.issues.c.id == 2).values(withdrawn))
    await me.press("{label}版", issue, label="02")
    await me.press("下一期 ▶", issue)
    await me.press("◀ 上一期", issue)
    await me.say("/start a_99")
    house.heading("订太多")
    for name in ("huaian", "chuzhou", "all"):  # one more than these settings allow
        await me.say(f"/subscribe {name}")
    house.heading("太快")
    house.pause = 1.0
    for name in ("huaian", "chuzhou", "all"):
        await me.say(f"/pause {name}")
    await me.press("下一期 ▶", issue)
    await house.clock.sleep(60)
    await me.say("/timezone utc")
    house.check(f"mistakes-{tongue}")


async def test_a_group_reads_together(house: Stage, tongue: str) -> None:
    group = house.api.room(-1001, "supergroup", "读报群")
    group.people = {READER: "creator", 8: "member"}
    boss = house.talk(-1001, name="群主", language=LANGUAGES[tongue])
    member = house.talk(-1001, name="群员", person=8, language=LANGUAGES[tongue])
    house.heading("进群")
    await boss.add_bot()
    await boss.say(f"/language@newsboy_bot {'中文' if tongue == 'zh' else 'English'}")
    house.heading("群员能读，不能订")
    await member.say("/latest 楚州晚报", "/latest chuzhou")
    await member.say("/subscribe 楚州晚报", "/subscribe chuzhou")
    await member.say("/papers")
    await member.press("楚州晚报")
    await member.press("订阅")
    await member.say("大家早上好")
    await member.say("/weather@other_bot")
    await member.say("/weather")
    house.heading("群主订")
    await boss.press("订阅")
    hello = boss.last(-2)
    await boss.press("改设置", hello)
    await boss.press("筛选", hello)
    await boss.press("自己写", hello)
    question = boss.last()
    await member.say("停水", reply_to=question)
    await boss.say("早市", reply_to=question)
    house.heading("每个话题订自己的")
    topic = house.talk(-1001, name="群主", topic=7, language=LANGUAGES[tongue])
    await topic.say("/subscribe 淮安区报 第03版", "/subscribe huaian p03")
    house.aside("新的一期出来了")
    await publish(house, replace(monday(), key="2024-04-10", date=date(2024, 4, 10), number="5210"))
    await publish(house, replace(evening(), key="2024-04-10", date=date(2024, 4, 10)))
    await topic.say("/subscriptions")
    await member.say("/privacy")
    await member.press("全部删掉")
    house.check(f"group-{tongue}")


async def test_a_channel_is_looked_after_from_its_administrators_private_chat(
    house: Stage, me: Talk, tongue: str
) -> None:
    channel = house.api.room(-1002, "channel", "淮安早报")
    channel.people = {READER: "creator"}
    house.heading("加进频道")
    await me.say("/start")
    editor = house.talk(-1002, name="编辑", language=LANGUAGES[tongue])
    await editor.add_bot("administrator")
    await me.press("管理这个频道")
    house.heading("给频道订报")
    await me.say("/subscribe 淮安区报 第01版", "/subscribe huaian p01")
    await me.press("先发最新一期")
    await house.happen()
    await me.press("先发最新一期")
    await me.press("改设置")
    await me.press("安静时段")
    await me.press("不安静")
    await me.say("/subscriptions")
    house.aside("新的一期出来了")
    await publish(house, replace(monday(), key="2024-04-10", date=date(2024, 4, 10), number="5210"))
    house.heading("再加一个频道")
    other = house.api.room(-1003, "channel", "楚州晚读")
    other.people = {READER: "administrator"}
    await me.say("/manage")
    await me.pick(other)
    await me.press("看它的订阅")
    await me.say("/manage -1002")
    await me.press("回到我自己")
    await me.say("/subscriptions")
    house.heading("不是管理员，就管不了")
    stranger = house.talk(9, person=9, name="路人", language=LANGUAGES[tongue])
    await stranger.say("/manage -1002")
    await stranger.say("/manage @nobody")
    await me.say("/manage -1002")
    channel.people[READER] = "member"
    house.aside("不再是管理员")
    await house.clock.sleep(60)
    await me.say("/pause")
    await me.say("/manage end")
    house.check(f"channel-{tongue}")


def on_a_quiet_server(patch: pytest.MonkeyPatch) -> None:
    """What differs from machine to machine is the same here."""

    async def disk(tx: Transaction, _folder: Path) -> Disk:
        return Disk(tx.dialect, "0002", 12 << 20, 34 << 30)

    patch.setattr(gathering, "_disk", disk)
    patch.setattr(gathering, "holder", lambda _folder: "4711")
    patch.setattr(gathering, "version", lambda _name: "1.0")


@pytest.mark.parametrize("operators", ["['telegram:7']"])
async def test_an_operator_looks_after_everything(
    house: Stage, me: Talk, tongue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_quiet_server(monkeypatch)
    stranger = house.talk(9, person=9, name="路人", language=LANGUAGES[tongue])
    house.heading("别人不知道有这些")
    await stranger.say("/status")
    await stranger.say("/check huaian")
    house.heading("管报童的人")
    await me.say("/help")
    house.heading("一切可好")
    await me.say("/status")
    house.heading("马上去看一次")
    await me.say("/check 淮安区报", "/check huaian")
    await me.say("/check")
    house.heading("没有订它，停的是整份报纸")
    await me.say("/pause 楚州晚报", "/pause chuzhou")
    await me.say("/pause 楚州晚报", "/pause chuzhou")
    await me.press("接着来")
    await me.say("/resume 楚州晚报", "/resume chuzhou")
    await me.say("/pause 晚报", "/pause chu")
    await me.press("不用")
    house.heading("订了它，就先问停哪一个")
    await me.say("/subscribe 淮安区报", "/subscribe huaian")
    await me.say("/pause 淮安区报", "/pause huaian")
    await me.press("只在这里暂停")
    await me.say("/pause 淮安区报", "/pause huaian")
    await me.press("整份报纸暂停看")
    await me.say("/resume 淮安区报", "/resume huaian")
    await me.press("只在这里恢复")
    await me.say("/resume 淮安区报", "/resume huaian")
    await me.press("整份报纸接着看")
    await me.say("/resume 淮安区报", "/resume huaian")
    await me.say("/pause")
    await me.say("/resume")
    house.check(f"operator-{tongue}")


@pytest.mark.parametrize("operators", ["['telegram:7']"])
async def test_an_operator_stops_a_channel_and_takes_an_article_back(
    house: Stage, me: Talk, tongue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_quiet_server(monkeypatch)
    await me.say("/subscribe 淮安区报", "/subscribe huaian")
    house.heading("停一个渠道")
    await me.say("/pause telegram")
    house.aside("第二天早上，新的一期出来了，谁也没有收到")
    await publish(house, tuesday())
    await me.say("/status")
    then = me.last()
    await me.say("/resume telegram")
    house.aside("接着推送")
    await house.happen()
    await me.press("刷新", then)
    house.heading("撤回一篇")
    await me.say("/withdraw")
    await me.say("/withdraw 淮安区报 nowhere", "/withdraw huaian nowhere")
    await me.say("/withdraw 人民日报 1", "/withdraw people 1")
    await me.say(
        "/withdraw 淮安区报 2024-04-09/0409-2 写错了",
        "/withdraw huaian 2024-04-09/0409-2 a mistake",
    )
    house.aside("发出的消息改掉了")
    await house.happen()
    await me.press("放回来", me.last())
    await me.say("/restore 淮安区报 2024-04-09/0409-2", "/restore huaian 2024-04-09/0409-2")
    house.check(f"withdrawing-{tongue}")


def test_every_command_and_every_button_is_walked_in_both_languages() -> None:
    for tongue in LANGUAGES:
        walked: set[str] = set()
        for path in FOLDER.glob(f"*-{tongue}.txt"):
            walked |= set(path.read_text("utf-8").rpartition(WALKED)[2].split())
        assert walked >= {f"/{name}" for name in {*BY_NAME, *OPERATIONS}}
        assert walked >= set(Verb)
