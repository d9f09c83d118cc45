"""/subscribe, /unsubscribe, /subscriptions: what this chat wants."""

from collections.abc import Awaitable, Callable

from bot.channels.base import Answer
from bot.commands.base import LIMITS, Asked, paper_of, say
from bot.commands.papers import paper_buttons, unknown_paper, which_paper
from bot.ledger import deliveries, subscriptions
from bot.ledger.deliveries import Owed
from bot.ledger.subscriptions import ALL, Subscription
from bot.ledger.tables import Mode
from bot.message import Line, Part, Span
from bot.messages import issue_message
from bot.messages.actions import Verb
from config.models import SourceConfig
from feeds.models import Issue
from feeds.store import journal, library

MOST_SUBSCRIPTIONS = 50
_MODES = {
    "issue": Mode.ISSUE,
    "一期": Mode.ISSUE,
    "article": Mode.ARTICLE,
    "一篇": Mode.ARTICLE,
}


async def subscribe(asked: Asked) -> Answer:
    """`/subscribe [paper] [issue|article]`. Answers with the newest issue, which counts as its
    delivery.
    """
    name, mode = _name_and_mode(asked.incoming.words)
    sources = asked.settings.sources
    if not name:
        if len(sources) == 1:
            return await subscribe_to(asked, sources[0], mode)
        return which_paper(asked, Verb.SUBSCRIBE, asked._("订哪一份？"))
    source = asked.paper(name)
    return await subscribe_to(asked, source, mode) if source else unknown_paper(asked, name)


def _name_and_mode(words: str) -> tuple[str, Mode]:
    name, _, last = words.rpartition(" ")
    if last.casefold() in _MODES:
        return name.strip(), _MODES[last.casefold()]
    return words.strip(), Mode.ISSUE


async def subscribe_to(asked: Asked, source: SourceConfig, mode: Mode = Mode.ISSUE) -> Answer:
    """Subscribes from the journal's end on, and shows the newest issue."""
    _ = asked._
    async with asked.store.write() as tx:
        if await subscriptions.count(tx, asked.to) >= MOST_SUBSCRIPTIONS:
            return say(
                _("已经订了 {most} 份，先用 /unsubscribe 退掉几份吧。").format(
                    most=MOST_SUBSCRIPTIONS
                )
            )
        end = await journal.end(tx)
        is_new = await subscriptions.subscribe(tx, asked.to, source.id, mode, end, asked.now)
        issue = await library.newest_issue(tx, source.id)
    words = _("订好了：{paper}，{mode}。") if is_new else _("已经订着：{paper}，{mode}。")
    hello = Part((Line((Span(words.format(paper=source.title, mode=mode_words(asked, mode))),)),))
    if issue is None:
        later = Part((Line((Span(_("一出新的一期就送过来。")),)),))
        return Answer(parts=(hello, later))
    shown = issue_message(paper_of(source), issue, LIMITS, asked.options(source))
    return Answer(parts=(hello, *shown), then=_counts_as_delivery(asked, source, issue, shown))


def _counts_as_delivery(
    asked: Asked, source: SourceConfig, issue: Issue, shown: tuple[Part, ...]
) -> Callable[[tuple[str, ...]], Awaitable[None]]:
    """The issue was shown just now: it shall not be pushed as well."""

    async def settle(message_ids: tuple[str, ...]) -> None:
        now = asked.now
        owed = Owed(
            chat=asked.chat,
            topic=asked.to.topic or "",
            subject=f"issue:{issue.id}",
            kind="issue",
            source=source.id,
            seq=0,
            place=0,
            entry_at=now,
            due_at=now,
            silent=False,
        )
        async with asked.store.write() as tx:
            await deliveries.settled_already(tx, owed, shown, message_ids[1:], now)

    return settle


async def unsubscribe(asked: Asked) -> Answer:
    """`/unsubscribe [paper|all]`."""
    _ = asked._
    name = asked.incoming.words
    if name.casefold() in {"all", "全部", "*"}:
        async with asked.store.write() as tx:
            ended = await subscriptions.unsubscribe(tx, asked.to, None)
        return say(_("退了 {count} 份。").format(count=ended))
    async with asked.store.read() as tx:
        mine = [s for s in await subscriptions.of_chat(tx, asked.to) if s.origin == "chat"]
    if not mine:
        return say(_("这里还没有订阅。/subscribe 订一份吧。"))
    if not name and len(mine) > 1:
        wanted = tuple(s for s in asked.settings.sources if s.id in {one.source for one in mine})
        return say(_("退哪一份？"), buttons=paper_buttons(wanted, Verb.UNSUBSCRIBE, "{paper}"))
    source = asked.paper(name) if name else asked.settings.source(mine[0].source)
    return await unsubscribe_from(asked, source) if source else unknown_paper(asked, name)


async def unsubscribe_from(asked: Asked, source: SourceConfig) -> Answer:
    """Ends this chat's own subscription."""
    _ = asked._
    async with asked.store.write() as tx:
        ended = await subscriptions.unsubscribe(tx, asked.to, source.id)
        rest = await subscriptions.of_chat(tx, asked.to)
    if any(s.source in {source.id, ALL} for s in rest):
        return say(_("{paper} 是管理员在配置里订的，在这里退不了。").format(paper=source.title))
    words = _("退订了：{paper}。") if ended else _("没有订过：{paper}。")
    return say(words.format(paper=source.title))


async def list_subscriptions(asked: Asked) -> Answer:
    """What this chat gets, and how."""
    _ = asked._
    async with asked.store.read() as tx:
        mine = await subscriptions.of_chat(tx, asked.to)
    if not mine:
        return say(_("这里还没有订阅。/subscribe 订一份吧。"))
    own = {s.source for s in mine if s.origin == "chat"}
    wanted = tuple(s for s in asked.settings.sources if s.id in own)
    lines = [f"**{_('订阅')}", *(_line(asked, one) for one in mine)]
    return say(*lines, buttons=paper_buttons(wanted, Verb.UNSUBSCRIBE, _("退订 {paper}")))


def _line(asked: Asked, subscription: Subscription) -> str:
    _ = asked._
    source = asked.settings.source(subscription.source)
    title = (
        _("所有报纸")
        if subscription.source == ALL
        else source.title
        if source
        else subscription.source
    )
    facts = [title, mode_words(asked, subscription.mode)]
    if subscription.pages:
        facts.append(_("只看第 {pages} 版").format(pages="、".join(sorted(subscription.pages))))
    if subscription.filter:
        facts.append(_("只看「{words}」").format(words=subscription.filter))
    if subscription.origin != "chat":
        facts.append(_("管理员设的"))
    if source is None and subscription.source != ALL:
        facts.append(_("这份报纸已经不在了"))
    return " · ".join(facts)


def mode_words(asked: Asked, mode: Mode) -> str:
    """How a mode is called."""
    _ = asked._
    return {
        Mode.ISSUE: _("一期一条"),
        Mode.ARTICLE: _("一篇一条"),
        Mode.DAILY: _("一天一条"),
    }[mode]
