"""/subscribe and its button: what a chat wants, in one line for those who type."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.base import Answer
from bot.commands import papers
from bot.commands.base import LIMITS, Asked, Buttons, alert, chat_key, say
from bot.commands.describe import line, overruled
from bot.commands.wishes import match_labels, parse_wish
from bot.compose import paper_of
from bot.ledger import chats, deliveries, subscriptions
from bot.ledger.deliveries import Owed
from bot.ledger.subscriptions import ALL, CHAT, Subscription
from bot.message import Line, Part, Span
from bot.messages import issue_message
from bot.messages.actions import Action, Verb, button
from bot.selection import select
from config.models import SourceConfig
from feeds.models import Issue
from feeds.store import journal, library
from feeds.store.engine import Transaction
from feeds.text.characters import cut

LONGEST_WORD = 40  # characters of what was typed that are said back


async def subscribe(asked: Asked) -> Answer:
    """`/subscribe [paper] [how]` (see `wishes`). Answers with the newest issue, which counts as its
    delivery.
    """
    wish = parse_wish(asked.words, asked.stand)
    if wish.slip:
        return _slipped(asked, wish.slip)
    if wish.paper is not None:
        return await _subscribe_to(asked, wish.paper, wish.columns)
    if wish.unknown:
        return papers.unknown_paper(asked, wish.unknown)
    return await papers.subscribe_which(asked)


def _slipped(asked: Asked, word: str) -> Answer:
    """Nothing changes: taken for a word to look for, it would silence the paper."""
    _ = asked._
    return say(
        _("「{word}」看不懂，什么也没有改。").format(word=cut(word, LONGEST_WORD)),
        _("时段写 22:00-07:00（两头不能一样），时间写 20:00，版写 第01版，阅读数写 满1000。"),
        _("真要找这几个字的文章，就加上引号。"),
    )


async def press_subscribe(asked: Asked, action: Action) -> Answer:
    """A paper's button, or the one that undoes an /unsubscribe."""
    source = asked.stand.of_button(action.about)
    if source is None and action.about != ALL:
        return alert(asked._("这份报纸已经不在了。"))
    return await _subscribe_to(asked, source.id if source else ALL, {})


@dataclass(frozen=True, slots=True)
class _Made:
    """What came of it. `issue` is the paper's newest, `unknown_pages` are those that it has not."""

    subscription: Subscription
    mine: tuple[Subscription, ...]
    is_new: bool
    is_changed: bool
    issue: Issue | None
    unknown_pages: list[str]


async def _subscribe_to(asked: Asked, source: str, columns: Mapping[str, Any]) -> Answer:
    async with asked.store.write() as tx:
        if await _is_full(asked, tx, source):
            most = asked.settings.readers.subscriptions
            words = asked._("已经订了 {most} 份，先用 /unsubscribe 退掉几份吧。")
            return say(words.format(most=most))
        made = await _make(asked, tx, source, columns)
    return _made_answer(asked, made)


async def _is_full(asked: Asked, tx: Transaction, source: str) -> bool:
    mine = await subscriptions.of_chat(tx, asked.about.to)
    if any(s.source == source and s.origin == CHAT for s in mine):
        return False
    return await subscriptions.count(tx, asked.about.to) >= asked.settings.readers.subscriptions


async def _make(asked: Asked, tx: Transaction, source: str, columns: Mapping[str, Any]) -> _Made:
    """Subscribes from the journal's end on; pages become what the newest issue calls them."""
    issue = await library.newest_complete(tx, source) if source != ALL else None
    wish, unknown = _with_labels(columns, issue)
    to = asked.about.to
    await chats.meet(tx, chat_key(to), asked.about.kind, asked.now)
    end = await journal.end(tx)
    is_new = await subscriptions.subscribe(tx, to, source, wish, end, asked.now)
    mine = await subscriptions.of_chat(tx, to)
    made = next(s for s in mine if s.source == source and s.origin == CHAT)
    return _Made(made, mine, is_new, bool(wish), issue, unknown)


def _with_labels(
    columns: Mapping[str, Any], issue: Issue | None
) -> tuple[dict[str, Any], list[str]]:
    """The columns with pages as the paper labels them, and the pages that it has not."""
    typed = columns.get("pages")
    if not typed or issue is None:
        return dict(columns), []
    labels = [page.label for page in issue.pages]
    unknown = [one for one in typed if not match_labels([one], labels)]
    known = match_labels(typed, labels)
    wish = {**columns, "pages": known}
    if not known:
        del wish["pages"]
    return wish, unknown


def _made_answer(asked: Asked, made: _Made) -> Answer:
    """What was made, in words, and the newest issue as it is wanted."""
    _ = asked._
    one = made.subscription
    head = _("改好了：{what}。") if made.is_changed else _("已经订着：{what}。")
    if made.is_new:
        head = _("订好了：{what}。")
    lines = [head.format(what=line(asked, one))]
    if made.unknown_pages:
        pages = _("、").join(made.unknown_pages)
        lines.append(_("最新一期里没有第{labels}版。").format(labels=pages))
    if note := overruled(asked, one, made.mine):
        lines.append(note)
    source = asked.stand.get(one.source)
    shown = _newest_as_wanted(asked, source, made)
    if not shown:
        lines.append(_later_words(asked, made))
    hello = Part(tuple(Line((Span(text),)) for text in lines), buttons=_made_buttons(asked, made))
    if source is None or made.issue is None or not shown:
        return Answer(parts=(hello,))
    then = counts_as_delivery(asked, source, made.issue, shown, skip=1)
    return Answer(parts=(hello, *shown), then=then)


def _later_words(asked: Asked, made: _Made) -> str:
    _ = asked._
    if made.issue is not None and not asked.about.is_other:
        return _("这一期里没有符合的文章，有了就送来。")
    return _("一出新的一期就送过来。")


def _newest_as_wanted(asked: Asked, source: SourceConfig | None, made: _Made) -> tuple[Part, ...]:
    """The newest issue with what of it is wanted; nothing for a channel that is looked after from
    here, whose readers are not here.
    """
    if source is None or made.issue is None or asked.about.is_other or made.subscription.paused:
        return ()
    wanted = select(made.issue, made.subscription, source.skip)
    if not wanted:
        return ()
    # As it would be pushed, for it counts as that: what changes a push changes this message too.
    options = replace(
        asked.options(source), browse=False, only=frozenset(article.id for article in wanted)
    )
    return issue_message(paper_of(source), made.issue, LIMITS, options)


def _made_buttons(asked: Asked, made: _Made) -> Buttons:
    _ = asked._
    row = [button(_("改设置"), Verb.SUBSCRIPTION, made.subscription.id)]
    if asked.about.is_other and made.issue is not None:
        row.insert(0, button(_("先发最新一期"), Verb.SEND_NOW, made.subscription.id))
    return (tuple(row),)


def counts_as_delivery(
    asked: Asked, source: SourceConfig, issue: Issue, shown: tuple[Part, ...], skip: int
) -> Callable[[tuple[str, ...]], Awaitable[None]]:
    """The issue was shown just now, behind `skip` other messages: it shall not be pushed as well."""

    async def settle(message_ids: tuple[str, ...]) -> None:
        owed = issue_owed(asked, source.id, issue)
        async with asked.store.write() as tx:
            await deliveries.settled_already(tx, owed, shown, message_ids[skip:], asked.now)

    return settle


def issue_owed(asked: Asked, source: str, issue: Issue) -> Owed:
    """An issue that is owed to the chat that is meant because a person asked for it."""
    to, now = asked.about.to, asked.now
    return Owed(
        chat=chat_key(to),
        topic=to.topic or "",
        subject=f"issue:{issue.id}",
        kind="issue",
        source=source,
        seq=0,
        place=0,
        entry_at=now,
        due_at=now,
        silent=False,
    )


async def press_send_now(asked: Asked, action: Action) -> Answer:
    """Sends the newest issue to a channel at once. It is owed once, however often this is pressed."""
    _ = asked._
    async with asked.store.write() as tx:
        one = await subscriptions.by_id(tx, action.row() or 0)
        issue = await library.newest_complete(tx, one.source) if one and one.source != ALL else None
        if one is None or issue is None:
            return alert(_("这个按钮已经旧了。"))
        await deliveries.owe(tx, [issue_owed(asked, one.source, issue)], asked.now)
    return alert(_("最新一期送出了。送过的不会再送。"))
