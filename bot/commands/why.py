"""/why: why a message came, or did not; which subscription asked for it."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from bot.book import UNWANTED, UNWANTED_IN_DOUBT
from bot.channels.base import Answer
from bot.commands.base import LIMITS, Asked, chat_key, say
from bot.commands.describe import line, paper_title
from bot.ledger import subscriptions
from bot.ledger.chats import LEFT
from bot.ledger.history import Past, history
from bot.ledger.subscriptions import CHAT, Subscription, deciding_of
from bot.ledger.summaries import MISSED, RESTORED, TOO_OLD
from bot.message import Line, Part, Span
from bot.messages.measure import measure
from bot.messages.names import FORM_NAMES
from bot.messages.options import DOT
from feeds.store import library
from feeds.store.engine import Transaction
from feeds.store.outbox import State
from feeds.words import N_, shown_date

SHOWN = 5
SEARCHED = 200  # deliveries among which the message that is asked about is looked for

_STATES: Mapping[State, str] = {
    State.PENDING: N_("等着送"),
    State.SENDING: N_("正在送"),
    State.SENT: N_("送到了"),
    State.UNKNOWN: N_("不知道送到没有"),
    State.FAILED: N_("没有送成"),
    State.SKIPPED: N_("没有送"),
}
_REASONS = {
    UNWANTED: N_("那时已经没有要送的了"),
    UNWANTED_IN_DOUBT: N_("那时已经没有要送的了"),
    TOO_OLD: N_("轮到它时已经太旧，写在汇总里了"),
    MISSED: N_("隔了一阵，只送最新的，写在汇总里了"),
    RESTORED: N_("放回了备份，那以前多半送过了"),
    LEFT: N_("那时我不在这里"),
}
"""What a reader can make something of; the chat service's own words are the operator's."""


async def why(asked: Asked) -> Answer:
    """`/why [paper]`, or as a reply to the message that is meant."""
    _ = asked._
    source = asked.stand.find(asked.words) if asked.words else None
    chat, topic = chat_key(asked.about.to), asked.about.to.topic or ""
    reply_to, is_guess = asked.incoming.reply_to, False
    async with asked.store.read() as tx:
        limit = SEARCHED if reply_to else SHOWN
        past = await history(tx, chat, topic, source.id if source else None, limit)
        if reply_to:
            known = tuple(one for one in past if reply_to in one.message_ids)
            past = known or tuple(one for one in past if one.in_doubt)[:SHOWN]
            is_guess = not known
        mine = await subscriptions.of_chat(tx, asked.about.to)
        lines = [
            line
            for source in dict.fromkeys(one.source for one in past)
            for line in await _of_paper(asked, tx, [p for p in past if p.source == source], mine)
        ]
    if reply_to and not past:
        return say(_("那条消息是你自己要来的，不是推送；或者已经太久了。"))
    if not past:
        return say(_("这里还什么都没有送过。"))
    head = Line((Span(_("为什么有这些消息"), bold=True),))
    if is_guess:
        words = _("那条消息对不上号。这几条送的时候没有等到回答，多半是其中的一条：")
        head = Line((Span(words),))
    last = [] if reply_to else [Line((Span(_("回复某一条消息发 /why，只说那一条。")),))]
    return Answer((Part(_fitting([head, *lines], last)),))


def _fitting(lines: list[Line], last: list[Line]) -> tuple[Line, ...]:
    while not measure([*lines, *last]).fits(LIMITS):
        lines.pop()
    return (*lines, *last)


async def _of_paper(
    asked: Asked, tx: Transaction, past: Sequence[Past], mine: Sequence[Subscription]
) -> list[Line]:
    """Which subscription decides about this paper, and what came of it."""
    decides = deciding_of(mine, past[0].source)
    told = [await _facts(asked, tx, one) for one in past]
    return [
        Line((Span(paper_title(asked, past[0].source), bold=True),)),
        Line((Span(_because(asked, decides)),)),
        *(Line((Span("▪ " + DOT.join(facts)),)) for facts in told),
    ]


def _because(asked: Asked, decides: Subscription | None) -> str:
    _ = asked._
    if decides is None:
        return _("现在已经没有订它了。")
    words = _("因为订着：{what}。") if decides.origin == CHAT else _("因为管理员设了：{what}。")
    return words.format(what=line(asked, decides))


async def _facts(asked: Asked, tx: Transaction, one: Past) -> list[str]:
    """When, what became of it, what it was."""
    _ = asked._
    at = one.at.astimezone(ZoneInfo(asked.zone))
    facts = [f"{at:%m-%d %H:%M} {_(_STATES[one.state])}", _(FORM_NAMES[one.form])]
    facts += await _subject(asked, tx, one)
    if one.reason in _REASONS and one.state is not State.SENT:
        facts.append(_(_REASONS[one.reason]))
    if one.silent:
        facts.append(_("没有响铃"))
    return facts


async def _subject(asked: Asked, tx: Transaction, one: Past) -> list[str]:
    """The date of an issue, the title of an article."""
    kind, number = one.subject.split(":")[:2]
    if kind == "article":
        article = await library.article_by_id(tx, int(number))
        return [article.title[:60]] if article and not article.withdrawn else []
    issue = await library.issue_by_id(tx, int(number)) if kind == "issue" else None
    return [shown_date(issue.date, asked._)] if issue else []
