"""The settings of a subscription: what may be chosen of each, by button or typed.

A setting is a row: its question, its buttons, what a value means, and what may be typed instead. A
value in a button has no colon: 20:00 is written 2000.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.base import Answer, Typed
from bot.commands.asking import ask_to_type
from bot.commands.base import Asked, Buttons, alert, say
from bot.commands.cards import show_card
from bot.commands.clocks import parse_clock, parse_quiet
from bot.commands.describe import MODES, paper_title
from bot.commands.preview import preview_of
from bot.commands.wishes import MOST_OF_A_FILTER, nearest_rung
from bot.ledger import subscriptions
from bot.ledger.subscriptions import ALL, CHAT, QUIET, Subscription
from bot.ledger.tables import Mode
from bot.messages.actions import Action, Verb, button
from bot.messages.options import page_name, rows_of
from bot.owing import DAILY_AT
from feeds.counts import parse_count
from feeds.decide.reads import RUNGS
from feeds.models import Issue
from feeds.store import library
from feeds.words import N_

_HOURS = ("06:00", "07:00", "08:00", "12:00", "18:00", "20:00", "21:00", "22:00")
_QUIETS = (QUIET, "23:00-08:00", "21:00-06:00")
MOST_SHOWN = 60  # pages, of a keyboard's hundred buttons
MOST_OF_A_LABEL = 30  # bytes in a button

Choice = tuple[str, str, bool]
"""What a button says, the value it means, and whether that is chosen now."""


@dataclass(frozen=True, slots=True)
class _Open:
    """A subscription whose setting is being changed, with its paper's newest issue."""

    asked: Asked
    one: Subscription
    issue: Issue | None


@dataclass(frozen=True, slots=True)
class _Setting:
    """`choices` are its buttons, `take` the columns that a button's value means (None: no such value),
    `typed` those that a typed text means. `hint` and `ask` are for typing; empty: by buttons only.
    """

    question: str
    choices: Callable[[_Open], Sequence[Choice]]
    take: Callable[[_Open, str], Mapping[str, Any] | None]
    width: int = 2
    ask: str = ""
    hint: str = ""
    typed: Callable[[str], Mapping[str, Any] | None] = lambda _text: None
    stays: bool = False  # after a choice the question stays, for more of them
    then: str = ""  # the setting that is asked for next after a choice of `daily`


# ── the settings ────────────────────────────────────────────────────────────────────────────────


def _mode_choices(seen: _Open) -> Sequence[Choice]:
    _ = seen.asked._
    return [(_(words), str(mode), seen.one.mode is mode) for mode, words in MODES.items()]


def _take_mode(_seen: _Open, value: str) -> Mapping[str, Any] | None:
    return {"mode": Mode(value)} if value in set(Mode) else None


def _at_choices(seen: _Open) -> Sequence[Choice]:
    now = seen.one.at or DAILY_AT
    return [(at, at.replace(":", ""), at == now) for at in _HOURS]


def _take_at(_seen: _Open, value: str) -> Mapping[str, Any] | None:
    return _typed_at(f"{value[:2]}:{value[2:]}")


def _typed_at(text: str) -> Mapping[str, Any] | None:
    at = parse_clock(text)
    return {"mode": Mode.DAILY, "at": at} if at else None


def _page_choices(seen: _Open) -> Sequence[Choice]:
    _ = seen.asked._
    every = (_("全部版面"), "*", not seen.one.pages)
    if seen.issue is None:
        return [every]
    options = seen.asked.options(seen.asked.stand.papers[0])
    return [
        every,
        *(
            (page_name(page, options), page.label, page.label in seen.one.pages)
            for page in seen.issue.pages[:MOST_SHOWN]
            if len(page.label.encode()) <= MOST_OF_A_LABEL
        ),
    ]


def _take_pages(seen: _Open, value: str) -> Mapping[str, Any] | None:
    """A page is put in, or taken out again."""
    if value == "*":
        return {"pages": []}
    return {"pages": sorted(seen.one.pages ^ {value})}


def _filter_choices(seen: _Open) -> Sequence[Choice]:
    return [(seen.asked._("不筛选"), "*", not seen.one.filter)]


def _take_filter(_seen: _Open, value: str) -> Mapping[str, Any] | None:
    return {"filter": ""} if value == "*" else None


def _typed_filter(text: str) -> Mapping[str, Any] | None:
    return {"filter": " ".join(text.split())[:MOST_OF_A_FILTER]}


def _quiet_choices(seen: _Open) -> Sequence[Choice]:
    _ = seen.asked._
    one = seen.one
    hours = [
        (span.replace("-", "–"), span.replace(":", "").replace("-", "_"), span == one.quiet)
        for span in _QUIETS
    ]
    is_on = one.quiet is not None
    return [
        *hours,
        (_("不安静"), "off", not is_on),
        (_("照送，不响铃"), "hush", is_on and not one.hold),
        (_("先存着，过后再送"), "hold", is_on and one.hold),
    ]


def _take_quiet(seen: _Open, value: str) -> Mapping[str, Any] | None:
    if value == "off":
        return {"quiet": None, "hold": False}
    if value in {"hush", "hold"}:
        return {"quiet": seen.one.quiet or QUIET, "hold": value == "hold"}
    begin, _, end = value.partition("_")
    return _typed_quiet(f"{begin[:2]}:{begin[2:]}-{end[:2]}:{end[2:]}")


def _typed_quiet(text: str) -> Mapping[str, Any] | None:
    quiet = parse_quiet(text)
    return {"quiet": quiet} if quiet else None


def _rung_choices(seen: _Open) -> Sequence[Choice]:
    _ = seen.asked._
    off = (_("不另外提醒"), "off", seen.one.rung is None)
    return [off, *((str(rung), str(rung), seen.one.rung == rung) for rung in RUNGS)]


def _take_rung(_seen: _Open, value: str) -> Mapping[str, Any] | None:
    if value == "off":
        return {"rung": None}
    return {"rung": int(value)} if value in map(str, RUNGS) else None


def _typed_rung(text: str) -> Mapping[str, Any] | None:
    count = parse_count(text)
    return {"rung": nearest_rung(count.value)} if count else None


SETTINGS: Mapping[str, _Setting] = {
    "mode": _Setting(N_("怎么送？"), _mode_choices, _take_mode, width=1, then="at"),
    "at": _Setting(
        N_("每天几点送？"), _at_choices, _take_at, 4,
        N_("每天几点送？写个时间，如 19:30"), "19:30", _typed_at,
    ),
    "pages": _Setting(N_("看哪几版？再按一下就去掉。"), _page_choices, _take_pages, stays=True),
    "filter": _Setting(
        N_("只要含有某些词的文章，或者不要含有某些词的。"), _filter_choices, _take_filter, 1,
        N_("写上词：空格隔开是都要有，| 隔开是有一个就行，前面加减号是不要，引号里的连在一起。"),
        "春耕|夏种 -公告", _typed_filter,
    ),
    "quiet": _Setting(
        N_("安静时段里怎么办？"), _quiet_choices, _take_quiet, 2,
        N_("从几点到几点？如 22:30-06:30"), "22:30-06:30", _typed_quiet,
    ),
    "rung": _Setting(
        N_("文章的阅读数过了多少，再提醒一次？"), _rung_choices, _take_rung, 4,
        N_("过了多少再提醒？写个数，如 1000"), "1000", _typed_rung,
    ),
}  # fmt: skip


# ── buttons ─────────────────────────────────────────────────────────────────────────────────────


async def press_choices(asked: Asked, action: Action) -> Answer:
    """What may be chosen."""
    seen = await _open(asked, action)
    name = _name(action)
    if seen is None or name is None:
        return alert(asked._("这一条已经不在了。"))
    return _question(seen, name)


async def press_choose(asked: Asked, action: Action) -> Answer:
    """A value was chosen: on to the card, or to what is asked for next."""
    seen = await _open(asked, action)
    name = _name(action)
    if seen is None or name is None:
        return alert(asked._("这一条已经不在了。"))
    columns = SETTINGS[name].take(seen, ":".join(action.parts[2:]))
    if columns is None:
        return alert(asked._("这个按钮已经旧了。"))
    await _write(seen, columns)
    again = await _open(asked, action)
    if again is not None and SETTINGS[name].stays:
        return _question(again, name)
    if again is not None and SETTINGS[name].then and columns.get("mode") is Mode.DAILY:
        return _question(again, SETTINGS[name].then)
    return await show_card(asked, seen.one.id)


async def press_type(asked: Asked, action: Action) -> Answer:
    """The value shall be typed."""
    seen = await _open(asked, action)
    name = _name(action)
    if seen is None or name is None or not SETTINGS[name].ask:
        return alert(asked._("这一条已经不在了。"))
    title = paper_title(asked, seen.one.source)
    question = asked._("{paper}：{question}").format(
        paper=title, question=asked._(SETTINGS[name].ask)
    )
    return ask_to_type(asked, question, Typed(SETTINGS[name].hint), action)


async def typed_value(asked: Asked, action: Action) -> Answer:
    """What was typed in reply: the setting it makes, and for a filter what it would have given."""
    seen = await _open(asked, action)
    name = _name(action)
    if seen is None or name is None:
        return say(asked._("这一条已经不在了。"))
    columns = SETTINGS[name].typed(asked.words)
    if columns is None:
        words = asked._("没看懂「{text}」。{question}")
        return say(words.format(text=asked.words[:40], question=asked._(SETTINGS[name].ask)))
    await _write(seen, columns)
    card = await show_card(asked, seen.one.id, replace=False)
    again = await _open(asked, action)
    if name != "filter" or again is None or again.issue is None:
        return card
    return Answer((*card.parts, *preview_of(asked, again.one, again.issue).parts))


def _question(seen: _Open, name: str) -> Answer:
    _ = seen.asked._
    setting = SETTINGS[name]
    lines = [f"**{paper_title(seen.asked, seen.one.source)}", _(setting.question)]
    return say(*lines, buttons=_buttons(seen, name, setting), replace=True)


def _buttons(seen: _Open, name: str, setting: _Setting) -> Buttons:
    _ = seen.asked._
    about = f"{seen.one.id}:{name}"
    chosen = rows_of(
        (
            button(f"✓ {words}" if is_now else words, Verb.CHOOSE, f"{about}:{value}")
            for words, value, is_now in setting.choices(seen)
        ),
        setting.width,
    )
    last = [button(_("‹ 返回"), Verb.SUBSCRIPTION, seen.one.id)]
    if setting.ask:
        last.insert(0, button(_("自己写"), Verb.TYPE, about))
    return (*chosen, tuple(last))


def _name(action: Action) -> str | None:
    name = action.parts[1] if len(action.parts) > 1 else ""
    return name if name in SETTINGS else None


async def _open(asked: Asked, action: Action) -> _Open | None:
    async with asked.store.read() as tx:
        one = await subscriptions.by_id(tx, action.row() or 0)
        if one is None or one.origin != CHAT:
            return None
        is_paper = one.source != ALL
        issue = await library.newest_complete(tx, one.source) if is_paper else None
    return _Open(asked, one, issue)


async def _write(seen: _Open, columns: Mapping[str, Any]) -> None:
    async with seen.asked.store.write() as tx:
        await subscriptions.change(tx, seen.one.id, columns)
