"""The desk: whatever a person does is answered here. Nothing that they do can raise.

incoming ─▶ known chat ─▶ not too fast? ─▶ whose subscriptions? may they? ─▶ command or button
"""

import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from bot.address import Address, ChatKind
from bot.channels.base import Answer, Desk, Event, Host, Incoming
from bot.commands import choices, manage, operating, papers, personal, search
from bot.commands.base import (
    About,
    Asked,
    Explore,
    House,
    alert,
    asked,
    chat_key,
    client_language,
    say,
)
from bot.commands.pace import Pace
from bot.commands.stand import Stand
from bot.commands.table import BUTTONS, BY_NAME
from bot.ledger import chats, deliveries, parts, questions, subscriptions
from bot.ledger.chats import Chat
from bot.ledger.subscriptions import ALL
from bot.message import Line, Span
from bot.messages.actions import Action, Verb, parse_action
from config.models import Settings
from config.sources import SourceConfig
from feeds.clock import Clock
from feeds.errors import BaotongError
from feeds.explore import Exploration
from feeds.store.engine import Store
from feeds.words import translator

log = structlog.get_logger(__name__)


def build_desk(
    store: Store,
    settings: Settings,
    clock: Clock,
    channels: Mapping[str, Any] | None = None,
    explore: Explore | None = None,
) -> Desk:
    """`channels` are asked who looks after a chat, those that can tell (`Host`). `explore` reads a
    newspaper for /check.
    """
    hosts = {
        name: channel for name, channel in (channels or {}).items() if isinstance(channel, Host)
    }
    house = House(
        store, settings, clock, Stand(settings.sources), hosts, explore or _nothing_to_explore
    )
    return _Desk(house, Pace(settings.readers.commands, clock)).answer


async def _nothing_to_explore(paper: SourceConfig) -> Exploration:
    raise BaotongError(f"{paper.id}: 这里没有网络 (no network here)")


class _Desk:
    def __init__(self, house: House, pace: Pace) -> None:
        self._house = house
        self._pace = pace

    async def answer(self, incoming: Incoming) -> Answer:
        try:
            return await self._answer(incoming)
        except Exception:
            log.exception("not answered", command=incoming.command, action=incoming.action)
            _ = translator(client_language(incoming) or self._house.settings.language)
            words = _("出了点问题，已经记下来了。过一会儿再试试。")
            return say(words) if incoming.action is None else alert(words)

    async def _answer(self, incoming: Incoming) -> Answer:
        if incoming.event in {Event.LEFT, Event.MOVED}:
            await self._part(incoming)
            return Answer()
        question = asked(incoming, await self._known(incoming), self._house)
        if incoming.event is Event.JOINED:
            return await manage.joined(question)
        if not self._pace.allows(incoming.person):
            return self._gently(question)
        return await _route(question)

    async def _known(self, incoming: Incoming) -> Chat:
        """The chat, remembered; it is only written where something is new."""
        key, kind, title = chat_key(incoming.address), incoming.kind, incoming.title[:200]
        async with self._house.store.read() as tx:
            known = await chats.get(tx, key)
        if known and (known.kind, known.title, known.is_gone) == (kind, title, False):
            return known
        language = client_language(incoming)
        async with self._house.store.write() as tx:
            now = self._house.clock.now()
            return await chats.remember(tx, key, kind, title, now, language)

    async def _part(self, incoming: Incoming) -> None:
        """We are no longer in that chat, or it has another address."""
        key, now = chat_key(incoming.address), self._house.clock.now()
        async with self._house.store.write() as tx:
            if await chats.get(tx, key) is None:
                return
            if incoming.event is Event.MOVED:
                new = f"{incoming.address.channel}:{incoming.words}"
                await chats.move(tx, key, new, now)
                await deliveries.reline(tx, new)
                return
            await chats.gone(tx, key, chats.LEFT, now)
            await deliveries.skip_all(tx, key, chats.LEFT, now)

    def _gently(self, question: Asked) -> Answer:
        """A friendly word: to a button always, else once a minute."""
        words = question._("慢一点，歇一分钟再来。")
        if question.incoming.action is not None:
            return alert(words)
        person = question.incoming.person
        return say(words) if self._pace.is_to_be_told(person) else Answer()


# ── what it is ──────────────────────────────────────────────────────────────────────────────────


async def _route(question: Asked) -> Answer:
    incoming = question.incoming
    if incoming.event is Event.PICKED:
        return await manage.picked(question)
    if incoming.action is not None:
        return await _press(question, parse_action(incoming.action))
    if incoming.command is not None:
        return await _command(question, incoming.command)
    return await _words(question)


async def _command(question: Asked, name: str) -> Answer:
    if (operators := await operating.operate(question, name)) is not None:
        return operators
    command = BY_NAME.get(name)
    if command is None:
        return _no_such(question, name)
    if command.about_others:
        elsewhere = await _elsewhere(question)
        if isinstance(elsewhere, Answer):
            return elsewhere
        question = elsewhere
    if command.changes and not await _may_change(question):
        return say(question._("在群里，只有管理员能改订阅。"))
    return _headed(question, await command.run(question))


def _no_such(question: Asked, name: str) -> Answer:
    """In a group it may have been for somebody else."""
    if question.incoming.kind is ChatKind.GROUP:
        return Answer()
    near = difflib.get_close_matches(name, BY_NAME, 1)
    if near:
        words = question._("没有 /{name}，是不是 /{near}？")
        return say(words.format(name=name[:32], near=near[0]))
    return say(question._("没听懂。/help 看看可以怎么说。"))


async def _press(question: Asked, action: Action | None) -> Answer:
    if action is None:
        return alert(question._("这个按钮已经旧了。"))
    pressed = BUTTONS[action.verb]
    meant: Asked | Answer = question
    if pressed.of_row and action.about != ALL:
        meant = await _of_row(question, action.row())
    elif pressed.of_row or pressed.about_others:
        meant = await _elsewhere(question)
    if isinstance(meant, Answer):
        return meant
    if pressed.changes and not await _may_change(meant):
        return alert(meant._("在群里，只有管理员能改订阅。"))
    answer = await pressed.run(meant, action)
    return _headed(meant, _turning(meant, answer) if pressed.turns else answer)


def _turning(question: Asked, answer: Answer) -> Answer:
    """A message that was turned by its reader is no longer ours to bring up to date."""
    message_id = question.incoming.message_id
    if not answer.replace or message_id is None:
        return answer

    async def note(_message_ids: tuple[str, ...]) -> None:
        async with question.store.write() as tx:
            await parts.turned(tx, chat_key(question.to), message_id, question.now)

    return replace(answer, then=note)


async def _words(question: Asked) -> Answer:
    """The answer to what we asked; else the name of a paper, or words to look for."""
    incoming = question.incoming
    if incoming.reply_to is not None:
        async with question.store.read() as tx:
            action = await questions.asked(
                tx, chat_key(question.to), incoming.reply_to, question.now
            )
        if action is not None:
            return await _typed(question, parse_action(action))
    if incoming.kind is ChatKind.GROUP or not incoming.words:
        return Answer()
    if (source := question.stand.exactly(incoming.words)) is not None:
        return await papers.card(question, source)
    return await search.search(question)


async def _typed(question: Asked, action: Action | None) -> Answer:
    """What was typed ends what the question began."""
    if action is None:
        return Answer()
    if action.verb is Verb.ASK and action.about == "find":
        return await search.search(question)
    meant = await (
        _of_row(question, action.row()) if action.verb is Verb.TYPE else _elsewhere(question)
    )
    if isinstance(meant, Answer):
        return meant
    if not await _may_change(meant):
        return say(meant._("在群里，只有管理员能改订阅。"))
    if action.verb is Verb.TYPE:
        return _headed(meant, await choices.typed_value(meant, action))
    return _headed(meant, await personal.timezone(meant))


# ── whose subscriptions, and who may ────────────────────────────────────────────────────────────


async def _elsewhere(question: Asked) -> Asked | Answer:
    """About the channel that is looked after from here, where one is and its administrator asks."""
    if question.chat.manages is None or question.incoming.kind is not ChatKind.PRIVATE:
        return question
    return await _about(question, Address.parse(question.chat.manages))


async def _of_row(question: Asked, row: int | None) -> Asked | Answer:
    """About the chat of this subscription: the one where it is pressed, or a channel of theirs."""
    async with question.store.read() as tx:
        one = await subscriptions.by_id(tx, row) if row is not None else None
    if one is None:
        return alert(question._("这一条已经不在了。"))
    if one.chat == chat_key(question.to):
        return replace(question, about=replace(question.about, to=one.to))
    if question.incoming.kind is not ChatKind.PRIVATE:
        return alert(question._("这个按钮已经旧了。"))
    return await _about(question, one.to)


async def _about(question: Asked, to: Address) -> Asked | Answer:
    rights = await question.rights(to)
    async with question.store.read() as tx:
        chat = await chats.get(tx, chat_key(to))
    if chat is None or rights is None or not rights.is_admin:
        words = question._("你现在不是频道《{title}》的管理员。/manage end 回到你自己的订阅。")
        if rights is None:
            words = question._("现在问不到频道《{title}》的管理员是谁，过一会儿再试试。")
        refusal = words.format(title=chat.title if chat else "")
        return alert(refusal) if question.incoming.action is not None else say(refusal)
    return replace(question, about=About(to, chat.kind, chat, is_other=True))


async def _may_change(question: Asked) -> bool:
    """In a group only administrators may; who they are is asked only where it matters."""
    incoming = question.incoming
    if question.about.is_other or incoming.kind in {ChatKind.PRIVATE, ChatKind.CONSOLE}:
        return True
    if incoming.is_admin is not None:
        return incoming.is_admin
    rights = await question.rights(question.to)
    return rights is not None and rights.is_admin


def _headed(question: Asked, answer: Answer) -> Answer:
    """What is said about another chat says so."""
    if not question.about.is_other or not answer.parts:
        return answer
    words = question._("频道《{title}》").format(title=question.about.chat.title)
    first = answer.parts[0]
    headed = replace(first, blocks=(Line((Span(words, bold=True),)), *first.blocks))
    return replace(answer, parts=(headed, *answer.parts[1:]))
