"""内容详情 as it ages: its counts, its corrections, its withdrawal, and what a licence lets us show."""

from datetime import UTC, date, datetime, timedelta

import pytest
from lxml import html as lxml_html
from sqlalchemy import insert, update

from feeds.models import CUT, Article, Image, ReadCount, WithdrawnBy
from feeds.store import library, tables
from feeds.store.engine import Store
from feeds.store.withdrawals import withdraw
from tests.fakes.archive import SEEN, make_article, make_issue, make_page
from tests.feeds.web.conftest import OpenSite

DAY = date(2024, 4, 8)
NOW = datetime(2024, 4, 9, 2, 12, tzinfo=UTC)  # 10:12 in China
PATH = "/huaian/2024-04-08/x1"


def words(page: str) -> str:
    return " ".join(lxml_html.fromstring(page).text_content().split())


async def stored(store: Store) -> Article:
    async with store.read() as tx:
        found = await library.article(tx, "huaian", "2024-04-08", "x1")
    assert found is not None
    return found


async def correct(store: Store, at: datetime, **before: str | None) -> None:
    """Stores what the article said before, as a look at the newspaper would."""
    article = await stored(store)
    content = {
        "title": article.title,
        "kicker": article.kicker,
        "subtitle": article.subtitle,
        "byline": article.byline,
        "body_html": article.body_html,
        "body_text": article.body_text,
    }
    row = {"article_id": article.id, "revision": 1, "seen_at": at, "content_hash": "before"}
    async with store.write() as tx:
        await tx.execute(insert(tables.revisions).values(**row, content=content | before))
        changed = update(tables.articles).where(tables.articles.c.id == article.id)
        await tx.execute(changed.values(revision=2))


# ── corrections ─────────────────────────────────────────────────────────────────────────────────


async def test_a_correction_shows_what_went_and_what_came(open_site: OpenSite) -> None:
    article = make_article("x1", title="全区植树三万棵", body_text="全区植树三万棵。")
    site = await open_site([make_issue(DAY, [make_page("01", [article])])])
    await correct(site.store, NOW, title="全区植树二万棵", body_text="全区植树二万棵。")
    tree = lxml_html.fromstring(await site.text(PATH))

    (aside,) = tree.xpath("//aside")
    assert "04月09日 10:12" in aside.text_content()
    assert [d.text for d in aside.xpath(".//del")] == ["二", "二"]
    assert [i.text for i in aside.xpath(".//ins")] == ["三", "三"]
    assert tree.xpath("//a[@href='#corrected']")


async def test_what_changed_before_anybody_could_read_it_is_no_correction(
    open_site: OpenSite,
) -> None:
    issue = make_issue(DAY, [make_page("01", [make_article("x1")])])
    site = await open_site([issue])
    assert issue.completed_at is not None
    await correct(site.store, issue.completed_at - timedelta(minutes=1), title="旧题")

    assert "更正" not in await site.text(PATH)


async def test_a_correction_of_pictures_alone_says_so(open_site: OpenSite) -> None:
    site = await open_site([make_issue(DAY, [make_page("01", [make_article("x1")])])])
    await correct(site.store, NOW)

    assert "文字没有变，换了图片。" in await site.text(PATH)


async def test_a_summary_page_does_not_give_away_the_text_in_its_difference(
    open_site: OpenSite,
) -> None:
    article = make_article("x1", body_text="会议要求。" + "种子化肥供应充足，" * 80 + "末尾的话。")
    site = await open_site(
        [make_issue(DAY, [make_page("01", [article])])], public_url="https://news.example.org/"
    )
    await correct(site.store, NOW, title="旧题", body_text="不能再说的话。")
    page = await site.text(PATH)

    assert "<del>旧题</del>" in page
    assert "正文 有改动" in words(page)
    assert "不能再说" not in page
    assert "末尾的话" not in page


async def test_a_corrections_text_is_escaped(open_site: OpenSite) -> None:
    article = make_article("x1", title="<b>新</b>", body_text="<script>alert(2)</script>")
    site = await open_site([make_issue(DAY, [make_page("01", [article])])])
    await correct(site.store, NOW, title="<i>旧</i>", body_text="<script>alert(1)</script>")
    page = await site.text(PATH)

    assert not lxml_html.fromstring(page).xpath("//script | //main//i")


# ── withdrawals ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("by", "reason", "notice"),
    [
        (WithdrawnBy.PAPER, None, "此稿已由报社撤回"),
        (WithdrawnBy.OPERATOR, "应当事人要求", "此稿已由本站撤下"),
    ],
)
async def test_a_withdrawn_article_is_gone_and_all_its_words_with_it(
    open_site: OpenSite, by: WithdrawnBy, reason: str | None, notice: str
) -> None:
    article = make_article("x1", title="错误消息", body_html="<p>不实内容</p>", byline="某记者")
    site = await open_site([make_issue(DAY, [make_page("01", [article, make_article("x2")])])])
    async with site.store.write() as tx:
        await withdraw(tx, (await stored(site.store)).id, by, reason, NOW)
    response, body = await site.get(PATH, Accept="text/html")
    page = body.decode()

    assert response.status == 410
    assert notice in page
    assert (reason or "") in page
    assert "noindex" in page
    for path in (PATH, "/huaian/", "/", "/huaian/2024-04-08/x2", "/search?q=错误消息"):
        body = (await site.get(path, Accept="text/html"))[1]
        shown = words(body.decode()).replace("没有找到「错误消息」。", "")
        assert not any(said in shown for said in ("错误消息", "不实内容", "某记者")), path
    assert "此稿已撤回" in await site.text("/huaian/")


# ── read counts ─────────────────────────────────────────────────────────────────────────────────


async def test_a_count_that_was_seen_to_grow_has_a_curve_with_its_figures(
    open_site: OpenSite,
) -> None:
    article = make_article("x1", reads=ReadCount(231), reads_at=SEEN + timedelta(hours=6))
    site = await open_site([make_issue(DAY, [make_page("01", [article])])])
    assert "<svg" not in await site.text(PATH)
    async with site.store.write() as tx:
        row = {"article_id": (await stored(site.store)).id, "seen_at": SEEN, "value": 12}
        await tx.execute(insert(tables.read_counts).values(**row, exact=True))
    tree = lxml_html.fromstring(await site.text(PATH))

    (figure,) = tree.xpath("//figure[.//*[local-name() = 'svg']]")
    assert " ".join(figure.text_content().split()) == (
        "阅读数的变化 12 04月08日 06:00 231 04月08日 12:00"
    )
    assert figure.xpath(".//*[local-name() = 'svg']/@aria-hidden") == ["true"]


# ── what may be shown ───────────────────────────────────────────────────────────────────────────


async def test_a_licence_is_said_in_its_own_words(open_site: OpenSite) -> None:
    site = await open_site(
        [make_issue(DAY, [make_page("01", [make_article("x1")])])],
        public_url="https://news.example.org/",
        huaian="rights: 经淮安区报社授权",
    )
    page = await site.text(PATH)

    assert "经淮安区报社授权" in page
    assert "全区春耕生产全面展开" in page
    assert "noindex" not in page


async def test_pictures_are_the_newspapers_own(open_site: OpenSite) -> None:
    article = make_article("x1", images=(Image("https://img.paper.test/1.jpg", "秧苗"),))
    site = await open_site([make_issue(DAY, [make_page("01", [article])])])
    tree = lxml_html.fromstring(await site.text(PATH))

    assert tree.xpath("//main//img/@src") == ["https://img.paper.test/1.jpg"]
    assert tree.xpath("//meta[@property='og:image']/@content") == ["https://img.paper.test/1.jpg"]


async def test_an_article_address_with_a_slash_leads_to_the_one_without(
    open_site: OpenSite,
) -> None:
    """A static export has the slash; its readers' links keep working here."""
    site = await open_site(
        [make_issue(DAY, [make_page("01", [make_article("x1")])])],
        public_url="http://127.0.0.1:8080/news/",
    )
    response, _ = await site.get(f"{PATH}/")

    assert (response.status, response.headers["Location"]) == (308, f"/news{PATH}")


@pytest.mark.parametrize(
    ("language", "said", "link"),
    [
        ("zh-CN", "文章太长，这里没有收全", "到报纸网站读全文"),
        ("en", "This article is too long to be kept whole", "Read it in full at the newspaper"),
    ],
)
async def test_case_094_an_article_that_was_cut_says_so_behind_its_text_and_leads_to_the_rest(
    open_site: OpenSite, language: str, said: str, link: str
) -> None:
    long = make_article("x1", body_html=f"<p>春耕开始了。</p>{CUT}", body_text="春耕开始了。")
    issue = make_issue(DAY, [make_page("01", [long, make_article("x2")])])
    site = await open_site([issue], more=f"language: {language}")
    page = await site.text(PATH)

    assert f"春耕开始了。… {said}" in words(page)
    (more,) = lxml_html.fromstring(page).xpath("//p[@class='more']/a")
    assert (more.text, more.get("href")) == (link, "http://paper.test/content?id=x1")
    assert said not in await site.text("/huaian/2024-04-08/x2")
