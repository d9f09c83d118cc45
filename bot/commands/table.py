"""The commands that exist, a row each, and the desk that answers whatever a person does."""

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable

import structlog

from bot.address import ChatKind
from bot.channels.base import Answer, Desk, Incoming, Menu
from bot.commands.base import Asked, Command, asked, say
from bot.commands.issue import issue, latest, show_newest, turn
from bot.commands.papers import papers
from bot.commands.start import help_command, start
from bot.commands.subscribe import (
    list_subscriptions,
    subscribe,
    subscribe_to,
    unsubscribe,
    unsubscribe_from,
)
from bot.ledger import chats
from bot.messages.actions import Action, Verb, is_about, parse_action
from config.models import Settings, SourceConfig
from feeds.clock import Clock
from feeds.store.engine import Store
from feeds.words import N_, languages, translator

log = structlog.get_logger(__name__)

MOST_A_MINUTE = 30  # commands and buttons of one person
_CHANGES = {Verb.SUBSCRIBE, Verb.UNSUBSCRIBE}

_ROWS = (
    Command("start", N_("开始"), start),
    Command("papers", N_("有哪些报纸"), papers),
    Command("subscribe", N_("订阅一份报纸"), subscribe, changes=True),
    Command("unsubscribe", N_("退订"), unsubscribe, changes=True),
    Command("subscriptions", N_("这里订了哪些"), list_subscriptions),
    Command("latest", N_("看最新一期"), latest),
    Command("issue", N_("看某一期：报名 日期"), issue),
)
COMMANDS = (*_ROWS, help_command(_ROWS))
_DESCRIPTION = N_("报童：数字报一出新的一期，就把标题、摘要和阅读数送过来。")


def build_menu(settings: Settings) -> Menu:
    """The menu in every language; people with another one get the settings' own."""
    by_tag = {"zh": "zh-CN", "en": "en", "": settings.language}
    assert set(by_tag.values()) <= set(languages())
    return Menu(
        commands={
            tag: tuple((c.name, translator(language)(c.words)) for c in COMMANDS)
            for tag, language in by_tag.items()
        },
        description={tag: translator(language)(_DESCRIPTION) for tag, language in by_tag.items()},
    )


def build_desk(store: Store, settings: Settings, clock: Clock) -> Desk:
    """The desk: remembers and wakes the chat, and answers. Nothing a person does can raise."""
    by_name = {command.name: command for command in COMMANDS}
    pace = _Pace(clock)

    async def desk(incoming: Incoming) -> Answer:
        try:
            chosen = await _remember(store, clock, incoming)
            question = asked(incoming, chosen, store, settings, clock)
            if not pace.allows(incoming.person):
                return _gently(question, question._("慢一点，歇一分钟再来。"))
            return await _answer(question, by_name)
        except Exception:
            log.exception("command failed", command=incoming.command, action=incoming.action)
            language = settings.language
            return say(translator(language)("出了点问题，已经记下来了。过一会儿再试试。"))

    return desk


async def _remember(store: Store, clock: Clock, incoming: Incoming) -> str | None:
    chat = f"{incoming.address.channel}:{incoming.address.chat}"
    async with store.write() as tx:
        return await chats.remember(tx, chat, incoming.kind, incoming.title, clock.now())


async def _answer(question: Asked, by_name: dict[str, Command]) -> Answer:
    incoming = question.incoming
    if incoming.action is not None:
        return await _press(question, parse_action(incoming.action))
    command = by_name.get(incoming.command or "")
    if command is None:
        if incoming.kind is ChatKind.GROUP:
            return Answer()
        return say(question._("没听懂。/help 看看可以怎么说。"))
    if command.changes and not incoming.is_admin:
        return say(question._("在群里，只有管理员能改订阅。"))
    return await command.run(question)


async def _press(question: Asked, action: Action | None) -> Answer:
    if action is None:
        return Answer(alert=question._("这个按钮已经旧了。"))
    if action.verb in _CHANGES and not question.incoming.is_admin:
        return Answer(alert=question._("在群里，只有管理员能改订阅。"))
    if action.verb in {Verb.PREVIOUS, Verb.NEXT} and action.about.isdecimal():
        return await turn(question, int(action.about), action.verb)
    source = next((s for s in question.settings.sources if is_about(action, s.id)), None)
    if source is None or action.verb not in _ABOUT_PAPER:
        return Answer(alert=question._("这份报纸已经不在了"))
    return await _ABOUT_PAPER[action.verb](question, source)


_ABOUT_PAPER: dict[Verb, Callable[[Asked, SourceConfig], Awaitable[Answer]]] = {
    Verb.ISSUE: show_newest,
    Verb.SUBSCRIBE: subscribe_to,
    Verb.UNSUBSCRIBE: unsubscribe_from,
}


def _gently(question: Asked, words: str) -> Answer:
    return Answer(alert=words) if question.incoming.action is not None else say(words)


class _Pace:
    """How often one person may ask."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: defaultdict[str, deque[float]] = defaultdict(
            lambda: deque(maxlen=MOST_A_MINUTE)
        )

    def allows(self, person: str) -> bool:
        now = self._clock.monotonic()
        times = self._times[person]
        if len(times) == MOST_A_MINUTE and now - times[0] < 60:  # noqa: PLR2004 - a minute
            return False
        times.append(now)
        if len(self._times) > 10_000:  # noqa: PLR2004 - who asked long ago needs no memory
            self._times = defaultdict(
                lambda: deque(maxlen=MOST_A_MINUTE),
                {p: t for p, t in self._times.items() if now - t[-1] < 60},  # noqa: PLR2004
            )
        return True
