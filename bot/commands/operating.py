"""What operators can say in the chat, a row each. Whoever is none hears what an unknown command hears."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from bot.channels.base import Answer
from bot.commands import checking, halting, standing, withdrawing
from bot.commands.base import Asked, alert, say
from bot.commands.operators import Power, power_of
from bot.messages.actions import Action
from feeds.words import N_

_ADMINISTRATORS_ONLY = N_("在群里，只有管理员能这样做。")


@dataclass(frozen=True, slots=True)
class Operation:
    """A row. `words` says in menus what it does, empty where a reader's command of that name is there
    already; `run` answers None where that one is meant. `power` is what it takes.
    """

    name: str
    words: str
    run: Callable[[Asked], Awaitable[Answer | None]]
    power: Power = Power.CHANGES


OPERATIONS = (
    Operation("status", N_("一切可好"), standing.status, Power.LOOKS),
    Operation("check", N_("马上去看一次：报名"), checking.check, Power.LOOKS),
    Operation("withdraw", N_("撤回一篇：报名 文章"), withdrawing.withdraw),
    Operation("restore", N_("放回撤回的一篇：报名 文章"), withdrawing.restore),
    Operation("pause", "", halting.pause),
    Operation("resume", "", halting.resume),
)
BY_NAME: Mapping[str, Operation] = {row.name: row for row in OPERATIONS}

_PRESSES: Mapping[str, Callable[[Asked, Action, str], Awaitable[Answer | None]]] = {
    halting.PAUSE: halting.press,
    halting.RESUME: halting.press,
    withdrawing.WITHDRAW: withdrawing.press,
    withdrawing.RESTORE: withdrawing.press,
}


async def operate(asked: Asked, name: str) -> Answer | None:
    """The answer to an operator's command; None for whoever is none, and for what a reader means."""
    row = BY_NAME.get(name)
    if row is None or (power := await power_of(asked)) is Power.NONE:
        return None
    if power < row.power:
        return None if not row.words else say(asked._(_ADMINISTRATORS_ONLY))
    return await row.run(asked)


async def press(asked: Asked, action: Action) -> Answer:
    """An operator's button. A message with one may be passed on or read by others: each press is judged."""
    verb, power = action.parts[0], await power_of(asked)
    old = alert(asked._("这个按钮已经旧了。"))
    if power is Power.NONE:
        return old
    if verb == "status":
        return replace(await standing.status(asked), replace=True)
    if power < Power.CHANGES:
        return alert(asked._(_ADMINISTRATORS_ONLY))
    run = _PRESSES.get(verb)
    return (await run(asked, action, verb) if run else None) or old
