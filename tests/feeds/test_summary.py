"""Summaries in the paper's own words: whole sentences of the lead, in order, nothing rewritten."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.texts import SECTIONS, Story
from feeds.summary import article_summary, issue_sentence
from feeds.summary.forms import SENTENCE_LIMIT, SUMMARY_LEAST, SUMMARY_MOST
from feeds.summary.passing import is_attendance, repeats
from feeds.summary.sentences import MORE, cut, outside, sentences
from tests.feeds.summaries import GOLDEN, Golden

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


@dataclass(frozen=True, slots=True)
class Text:
    title: str
    body_text: str


def found_in_order(summary: str, body: str) -> bool:
    """Whether the summary is pieces of the body one after the other, apart from a last 「……」 and from
    where the body breaks its lines.
    """
    rest, body = ("".join(text.split()) for text in (summary.removesuffix(MORE), body))
    at = 0
    while rest:
        size = len(rest)
        while size and (found := body.find(rest[:size], at)) < 0:
            size -= 1
        if not size:
            return False
        at, rest = found + size, rest[size:]
    return True


def is_cut_outside(summary: str, body: str) -> bool:
    """Whether no pair of marks is open where the summary stops."""
    end = summary.removesuffix(MORE)[-8:]
    lines = [line for line in body.split("\n") if end in line]
    return all(outside(line)[line.index(end) + len(end)] for line in lines)


def assert_keeps_the_rules(article: Text | Golden) -> None:
    one, whole = issue_sentence(article), article_summary(article)
    assert len(one) <= SENTENCE_LIMIT
    assert len(whole) <= SUMMARY_MOST
    assert (one, whole) == (issue_sentence(article), article_summary(article))
    for summary in (one, whole):
        assert found_in_order(summary, article.body_text), summary
        assert summary == summary.strip()
        assert "\n" not in summary
        assert not summary.endswith(MORE) or is_cut_outside(summary, article.body_text)


# ── the golden table ────────────────────────────────────────────────────────────────────────────

each_article = pytest.mark.parametrize("article", GOLDEN, ids=[one.name for one in GOLDEN])


@each_article
def test_the_issue_tells_of_it_in_one_sentence(article: Golden) -> None:
    assert issue_sentence(article) == article.issue


@each_article
def test_the_article_is_summed_up_by_its_lead(article: Golden) -> None:
    assert article_summary(article) == article.article


@each_article
def test_what_an_editor_wrote_keeps_the_rules(article: Golden) -> None:
    assert_keeps_the_rules(article)


def test_no_two_articles_of_the_table_have_one_name() -> None:
    assert len({one.name for one in GOLDEN}) == len(GOLDEN) >= 45


# ── real articles ───────────────────────────────────────────────────────────────────────────────


def test_the_seed_is_told_by_neither_its_title_nor_its_names() -> None:
    seed = SHARED / "seed" / "yunbao-article.txt"
    if not seed.exists():
        pytest.skip("the seed is not beside this checkout")
    lines = list(filter(None, map(str.strip, seed.read_text("utf-8").split("\n"))))
    article = Text(lines[5], "\n".join(lines[8:]))
    assert issue_sentence(article) == (
        "区委书记颜复强调,要凝神聚力、鼓劲加压,进一步营造发展为先、干字当头、分秒必争的火热氛围……"
    )
    summary = article_summary(article)
    assert SUMMARY_LEAST <= len(summary) <= SUMMARY_MOST
    assert "参加会议" not in summary
    assert "主持会议" not in summary


def real_articles() -> list[Text]:
    found = []
    for file in sorted((SHARED / "samples" / "crawled-json").glob("*.json")):
        for row in json.loads(file.read_text("utf-8")):
            title = row.get("title") or row.get("文章标题")
            body = row.get("content") or row.get("摘要")
            if title and body:
                found.append(Text(title, re.sub(r" (?=\S)", "\n", body)))
    return found


def test_real_articles_keep_the_rules() -> None:
    articles = real_articles()
    if not articles:
        pytest.skip("the samples are not beside this checkout")
    for article in articles:
        assert_keeps_the_rules(article)
        assert not is_attendance(issue_sentence(article))
        assert not repeats(article.title, issue_sentence(article))


@pytest.mark.parametrize(
    "story", [story for section in SECTIONS for story in section.stories], ids=lambda s: s.title
)
def test_every_piece_of_the_demo_newspaper_is_summed_up(story: Story) -> None:
    article = Text(story.title, story.text)
    assert_keeps_the_rules(article)
    assert issue_sentence(article)
    assert article_summary(article)


# ── sentences ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("一句。两句！三句？", ["一句。", "两句！", "三句？"]),
        ("真的吗？！真的。", ["真的吗？！", "真的。"]),
        ("没有停", ["没有停"]),
        ("他说：“路通了。”村民们都笑了。", ["他说：“路通了。”", "村民们都笑了。"]),
        ("他说，“路通了。水也通了。”大家笑了。", ["他说，“路通了。水也通了。”", "大家笑了。"]),
        ("“路通了。”他说。大家笑了。", ["“路通了。”他说。", "大家笑了。"]),
        ("“路通了，”他说，“水也通了。”大家笑了。", ["“路通了，”他说，“水也通了。”", "大家笑了。"]),
        ("“修伞吗？”“修。”他没抬头。", ["“修伞吗？”“修。”他没抬头。"]),
        ("他问：“走吗？”，没人答。", ["他问：“走吗？”，没人答。"]),
        ("以“春天在哪里？”为题的画展开幕。", ["以“春天在哪里？”为题的画展开幕。"]),
        ("电影《去哪儿？》上映。散场了。", ["电影《去哪儿？》上映。", "散场了。"]),
        ("《去哪儿？》上映。散场了。", ["《去哪儿？》上映。", "散场了。"]),
        ("他走了（没有回头。）然后下雨。", ["他走了（没有回头。）然后下雨。"]),
        ("他走了。（没有回头。）然后下雨。", ["他走了。", "（没有回头。）", "然后下雨。"]),
        ("陶壶、陶瓮、玉冠……都在这里。", ["陶壶、陶瓮、玉冠……都在这里。"]),
        ("第一句是：“惟‘勤俭’可传。”传了五代。", ["第一句是：“惟‘勤俭’可传。”", "传了五代。"]),
        ("他说：“第一段。第二句。", ["他说：“第一段。", "第二句。"]),
        ("第三段。”说完他坐下。", ["第三段。”", "说完他坐下。"]),
        ("增长3.5%,其中出口1,234亿元.达标。", ["增长3.5%,其中出口1,234亿元.达标。"]),
    ],
)  # fmt: skip
def test_a_paragraph_is_split_where_its_sentences_end(paragraph: str, expected: list[str]) -> None:
    assert list(sentences(paragraph)) == expected


PUNCTUATED = st.text(
    st.sampled_from("春耕了他说a1 。！？!?，,、；：“”‘’「」《》（）【】…—\u3000"), max_size=120
)


@given(PUNCTUATED)
def test_the_pieces_join_back_to_the_paragraph(paragraph: str) -> None:
    assert "".join(sentences(paragraph)) == paragraph
    assert all(sentences(paragraph))


@given(PUNCTUATED, st.integers(4, 60), st.booleans())
def test_a_cut_is_no_longer_than_its_limit_and_never_inside_a_pair(
    sentence: str, limit: int, anywhere: bool
) -> None:
    kept = cut(sentence, limit, anywhere=anywhere)
    assert len(kept) <= limit
    if kept not in {"", sentence}:
        assert kept.endswith(MORE)
        kept = kept.removesuffix(MORE)
        assert sentence.startswith(kept)
        assert outside(sentence)[len(kept)]
        assert not kept.endswith(("，", ",", "、", "："))


@pytest.mark.parametrize(
    ("sentence", "limit", "kept"),
    [
        ("短句。", 10, "短句。"),
        ("正好十个字的一句话。", 10, "正好十个字的一句话。"),
        ("前面一个分句，后面一个分句。", 10, "前面一个分句……"),
        ("总额10,286,417元,同比增长,创新高。", 20, "总额10,286,417元,同比增长……"),
        ("全区推进会今天召开，近日，又发布了新的消息。", 16, "全区推进会今天召开……"),
        ("陶壶、陶瓮、玉冠、玉璧、玉琮都在这里。", 12, "陶壶、陶瓮、玉冠……"),
        ("他读《一本，很长，很长，很长的书》。", 12, ""),
        ("“他说，很长，很长，很长的话，”他说。", 12, ""),
        ("没有任何分句可以停下来的一个句子。", 12, ""),
    ],
)
def test_a_long_sentence_is_cut_at_a_clause(sentence: str, limit: int, kept: str) -> None:
    assert cut(sentence, limit) == kept


def test_where_it_must_a_sentence_is_cut_between_words() -> None:
    assert cut("没有任何分句可以停下来的一个句子。", 12, anywhere=True) == "没有任何分句可以停下……"
    assert cut("他们使用了Python语言编写程序。", 12, anywhere=True) == "他们使用了……"
    assert cut("家庭👨‍👩‍👧‍👦家庭👨‍👩‍👧‍👦家庭", 10, anywhere=True) == "家庭……"


# ── what is passed over ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "sentence",
    [
        "区长邓萌主持会议。",
        "邓萌主持。",
        "区领导关晓卫、朱书文、张进、彭凯、苗大成、俞向林、朱亚、汪磊等参加会议。",
        "区委常委、组织部部长俞向林参加会议。",
        "区四套班子领导出席会议。",
        "区委书记颜复、区长邓萌出席会议并讲话。",
        "会议由区长邓萌主持。",
        "4月7日,区长邓萌主持会议并讲话。",
        "区政协主席汪磊主持会议并讲话，副区长朱亚应邀参加，区政协副主席李春、王兰出席会议。",
        "区委常委、副区长张三，区政协副主席李四出席活动，并为获奖者颁奖。",
        "各镇街主要负责人在分会场参加会议。",
        "参加会议的还有区直各部门主要负责人。",
        "出席颁奖仪式的有：省作协副主席林海，市文联主席郑云。",
        "会前，区领导陪同参观。",
        "张三、李四、王五参加。",
    ],
)
def test_who_sat_there_is_no_summary(sentence: str) -> None:
    assert is_attendance(sentence)
    told = Text("会议", f"{sentence}会议决定修一条路，从梅湾村通到白鹭镇。")
    assert issue_sentence(told) == "会议决定修一条路，从梅湾村通到白鹭镇。"


@pytest.mark.parametrize(
    "sentence",
    [
        "市委书记周明出席仪式并揭牌。",
        "中共中央政治局常委、工委书记蔡某出席会议并讲话。",
        "4月8日，区长邓萌主持召开区政府常务会议。",
        "来自本市三所高校的126名大学生参加活动。",
        "3000名选手参加比赛。",
        "会议研究部署贯彻落实举措，邓萌主持会议。",
        "村民们参加了座谈会，你一言我一语。",
        "他多次参加抗洪抢险。",
        "张三、李四、王五等10人被评为“最美志愿者”。",
    ],
)
def test_what_somebody_did_is_not_a_list_of_names(sentence: str) -> None:
    assert not is_attendance(sentence)


@pytest.mark.parametrize(
    "before",
    [
        "本报讯 ", "本报讯（记者 张明）", "本报讯（记者 张明 通讯员 李四）", "本报讯 记者 张明 ", "本报淮安4月7日电 ", "本报北京电 （记者王平）",
        "本报电（钟欣）", "新华社北京4月7日电（记者 王平、李静）", "新华社北京7月3日电", "新华社华盛顿6月13日电(记者王丰、孙浩)", "据新华社北京1月8日电  （记者马明）",
        "据新华社电 ", "中新网4月7日电 ", "综合新华社电 ", "（记者张三）", "(记者 张三 通讯员 李四)", "【本报讯】", "（上接第一版）", "（上接A1版）", "本报记者张三报道：",
        "记者张三报道：", "核心提示：", "本报综合消息 ", "融媒体记者综合报道\n", "记者 张三\n", "□ 本报记者 张三\n", "本报记者 张三 李四 文/图\n", "张三\n", "【特别报道】\n", "一、新路\n",
        "编者按：本报今起开设专栏，敬请关注。\n", "编者按\n路是村里人的心事。\n", "【编者按】路是心事。敬请关注。\n", "尊敬的读者：\n您好！\n", "同志们！", "图为通车现场。",
    ],
)  # fmt: skip
def test_datelines_bylines_notes_and_greetings_are_not_summary(before: str) -> None:
    sentence = "从梅湾村通到白鹭镇的路修好了，全长九公里。"
    article = Text("乡间新事", f"{before}{sentence}")
    assert issue_sentence(article) == sentence
    assert article_summary(article) == sentence


@pytest.mark.parametrize(
    "behind",
    ["（张三）", "（张三 李四）", "（张三 摄）", " 张三 摄", "新华社发（张三 摄）", "\n张三 摄", "\n（作者单位：区文旅局）", "\n责编：张三",
     "（据新华社北京4月7日电）", "\n具体如下：", "\n2024年4月8日"],
)  # fmt: skip
def test_credits_and_signatures_are_not_summary(behind: str) -> None:
    sentence = "从梅湾村通到白鹭镇的路修好了，全长九公里。"
    assert article_summary(Text("乡间新事", f"{sentence}{behind}")) == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "记者从区气象台获悉，明天有雨。",
        "记者在现场看到，桥面已经铺好。",
        "摄影爱好者李明拍到了白鹭。",
        "编辑部搬了新家，门口有一棵槐树。",
        "新华社记者在采访中用电话联系到了他。",
        "本报电子版今天改版，字号可以放大。",
        "据气象部门消息，明天有雨。",
        "图书馆的灯亮到九点半。",
    ],
)
def test_a_sentence_that_only_begins_like_a_byline_stays(sentence: str) -> None:
    assert issue_sentence(Text("乡间新事", sentence)) == sentence


@pytest.mark.parametrize(
    ("title", "sentence", "expected"),
    [
        ("全区春耕现场会在柳溪镇召开", "4月7日，全区春耕现场会在柳溪镇召开。", True),
        ("全区春耕现场会在柳溪镇召开", "与会人员先后来到梅湾村。", False),
        ("渡口", "桥通了以后，渡口就空了。", False),
        ("渡口", "渡口。", True),
        ("外婆的灶台", "外婆家的灶台砌在窗下，两口大锅。", False),
        ("“用青春铺路、让理想闪光”（人民论坛）", "“用青春铺路、让理想闪光！”", True),
        ("", "任何一句。", False),
        ("？！", "任何一句。", False),
    ],
)
def test_a_sentence_repeats_a_title_by_its_pairs_of_characters(
    title: str, sentence: str, expected: bool
) -> None:
    assert repeats(title, sentence) is expected


# ── whatever the article ────────────────────────────────────────────────────────────────────────

WORDS = ["春耕", "插秧机", "在田里", "区长", "主持会议", "参加活动", "“好。”", "他说：“行。”", "《一本书》", "（完）", "，", "、", "；", "：", "……", "1,234", "Python", "🇨🇳"]  # fmt: skip


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """Lines of numbered words, so that each piece is found in one place only."""
    number = 0
    lines = []
    for _ in range(draw(st.integers(0, 8))):
        line = ""
        for word in draw(st.lists(st.sampled_from(WORDS), max_size=25)):
            number += 1
            line += f"{word}第{number}"
        lines.append(line + draw(st.sampled_from(["。", "！", "？", "”", ""])))
    return "\n".join(lines)


@given(bodies())
def test_every_summary_is_the_papers_own_words_in_their_order(body: str) -> None:
    assert_keeps_the_rules(Text("题目", body))


@given(st.text(st.characters(), max_size=300), st.text(st.characters(), max_size=30))
def test_no_text_makes_it_raise_or_go_beyond_its_limits(body: str, title: str) -> None:
    article = Text(title, body)
    assert len(issue_sentence(article)) <= SENTENCE_LIMIT
    assert len(article_summary(article)) <= SUMMARY_MOST


@given(st.lists(st.integers(5, 80), max_size=20), st.randoms(use_true_random=False))
def test_the_lead_is_taken_until_there_are_100_characters(
    lengths: list[int], random: Random
) -> None:
    told = [f"第{n}句{'春' * (length - 4)}。" for n, length in enumerate(lengths)]
    body = "".join(one + random.choice(["", "\n"]) for one in told)
    expected = ""
    for one in told:
        expected += one if len(expected) < SUMMARY_LEAST else ""
    assert article_summary(Text("", body)) == expected


@pytest.mark.parametrize("mark", ["“", "（", "《", "。", "、", "\n", "记者", "并", "参加", "1,"])
def test_case_101_a_hundred_kilobytes_of_one_mark_are_summed_up(mark: str) -> None:
    article = Text(mark * 20, mark * (100_000 // len(mark)))
    assert len(article_summary(article)) <= SUMMARY_MOST
    assert len(issue_sentence(article)) <= SENTENCE_LIMIT
