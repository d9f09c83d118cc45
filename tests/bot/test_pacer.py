"""The pacer: evenly spaced slots, the urgent first, a chat's wait is nobody else's."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.channels.base import Priority
from bot.channels.telegram.pacer import GROUP, Pacer
from tests.fakes.botapi import CHAT_BURST
from tests.fakes.clock import FakeClock

GAP = 1.05


class Times:
    """When each turn came, in seconds since the test began."""

    def __init__(self, pacer: Pacer, clock: FakeClock) -> None:
        self.pacer, self.clock, self.begin = pacer, clock, clock.monotonic()
        self.came: list[tuple[float, str]] = []
        self.tasks: list[asyncio.Task[None]] = []

    def ask(self, chat: str, priority: Priority = Priority.PUSH, name: str = "") -> None:
        async def wait() -> None:
            await self.pacer.turn(chat, priority, is_new=priority is not Priority.EDIT)
            self.came.append((round(self.clock.monotonic() - self.begin, 3), name or chat))

        self.tasks.append(asyncio.create_task(wait()))

    @property
    def order(self) -> list[str]:
        return [name for _, name in self.came]


@pytest.fixture
async def times(clock: FakeClock) -> Any:
    made = Times(Pacer(10, clock), clock)
    yield made
    for task in made.tasks:
        task.cancel()
    await made.pacer.shutdown()


async def test_slots_are_evenly_spaced_from_the_first_second_on(times: Times) -> None:
    for chat in range(30):
        times.ask(str(chat))
    await times.clock.advance(5)
    moments = [moment for moment, _ in times.came]
    assert len(moments) == 30
    for begin in moments:
        assert sum(begin <= moment < begin + 1 for moment in moments) <= 11


async def test_one_chat_gets_one_a_second_and_holds_nobody_up(times: Times) -> None:
    for _ in range(3):
        times.ask("7")
    times.ask("8")
    await times.clock.advance(3)
    assert [moment for moment, name in times.came if name == "7"] == [0.0, 1.05, 2.1]
    assert times.came[1] == (0.08, "8")


async def test_answers_go_before_pushes_and_pushes_before_edits(times: Times) -> None:
    times.ask("0")
    for n in range(3):
        times.ask(f"e{n}", Priority.EDIT, "edit")
        times.ask(f"p{n}", Priority.PUSH, "push")
        times.ask(f"a{n}", Priority.ANSWER, "answer")
    await times.clock.advance(2)
    assert times.order == ["0"] + ["answer"] * 3 + ["push"] * 3 + ["edit"] * 3


async def test_an_answer_behind_ten_thousand_pushes_takes_the_next_slot(times: Times) -> None:
    for chat in range(10_000):
        times.ask(str(chat))
    await times.clock.advance(1)
    asked = times.clock.monotonic() - times.begin
    times.ask("reader", Priority.ANSWER)
    await times.clock.advance(0.2)
    [moment] = [moment for moment, name in times.came if name == "reader"]
    assert moment - asked <= 0.1


async def test_a_person_may_get_five_answers_at_once(times: Times) -> None:
    for _ in range(6):
        times.ask("7", Priority.ANSWER)
    await times.clock.advance(5)
    assert len(times.came) == 5
    await times.clock.advance(1)
    assert len(times.came) == 6


async def test_a_person_who_asks_without_a_pause_is_answered_within_telegrams_limits(
    times: Times,
) -> None:
    for _ in range(16):
        times.ask("7", Priority.ANSWER)
        await times.clock.advance(0.4)
    await times.clock.advance(20)
    moments = [moment for moment, _ in times.came]
    assert len(moments) == 16
    for begin in moments:
        assert sum(begin <= moment <= begin + CHAT_BURST - 1 for moment in moments) <= CHAT_BURST
        assert sum(begin <= moment < begin + 30 for moment in moments) <= CHAT_BURST + 30


@pytest.mark.parametrize("chat", ["-1001", "@news"])
async def test_a_group_gets_twenty_a_minute(times: Times, chat: str) -> None:
    for _ in range(25):
        times.ask(chat)
    await times.clock.advance(60)
    assert len(times.came) == GROUP.most
    await times.clock.advance(10)
    assert len(times.came) == 25


async def refuse(times: Times, chat: str, after: float | timedelta) -> None:
    async def call() -> None:
        raise RetryAfter(after)

    with pytest.raises(RetryAfter):
        await push(times, chat, call)


async def push(times: Times, chat: str, call: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    """A push that had its turn leaves."""
    pushing = times.pacer.process_request(
        call, (), {}, "sendMessage", {"chat_id": chat}, Priority.HAS_TURN
    )
    task = asyncio.ensure_future(pushing)
    await times.clock.advance(0.2)  # a gate lies before the call
    await task


@pytest.mark.parametrize("after", [30, timedelta(seconds=30)])
async def test_case_121_a_chat_that_asks_to_wait_waits_and_nobody_else(
    times: Times, after: float | timedelta
) -> None:
    await refuse(times, "7", after)
    times.ask("7", Priority.ANSWER)
    times.ask("8")
    await times.clock.advance(29)
    assert times.order == ["8"]
    assert times.pacer.wait("7") > 1
    assert times.pacer.wait("8") == 0
    await times.clock.advance(2)
    assert times.order == ["8", "7"]


async def test_two_chats_that_are_refused_at_once_halt_the_token(times: Times) -> None:
    await refuse(times, "7", 5)
    await refuse(times, "8", 5)
    times.ask("9", Priority.ANSWER)
    await times.clock.advance(4)
    assert times.came == []
    assert times.pacer.wait("9") > 0
    await times.clock.advance(1.1)
    assert times.order == ["9"]


async def test_two_chats_that_are_refused_between_others_successes_hold_only_themselves(
    times: Times,
) -> None:
    async def call() -> str:
        return "sent"

    await refuse(times, "7", 5)
    await push(times, "1", call)
    await refuse(times, "8", 5)
    times.ask("9")
    await times.clock.advance(0.2)
    assert times.order == ["9"]


@pytest.mark.parametrize(
    ("endpoint", "data"),
    [("answerCallbackQuery", {}), ("getMe", {}), ("sendChatAction", {"chat_id": 7})],
)
async def test_calls_that_are_no_messages_never_wait(
    times: Times, endpoint: str, data: dict[str, Any]
) -> None:
    await refuse(times, "7", 5)
    await refuse(times, "8", 5)

    async def call() -> str:
        return "done"

    assert await times.pacer.process_request(call, (), {}, endpoint, data, None) == "done"


async def test_whoever_went_away_takes_no_turn(times: Times) -> None:
    for name in ("0", "7", "8", "9"):
        times.ask(name)
    await asyncio.sleep(0)
    times.tasks[1].cancel()
    times.tasks[2].cancel()
    await times.clock.advance(1)
    assert times.came == [(0.0, "0"), (0.08, "9")]


async def test_pushes_that_were_written_down_together_leave_one_after_another(
    times: Times,
) -> None:
    left: list[float] = []

    async def call() -> None:
        left.append(round(times.clock.monotonic() - times.begin, 3))

    tasks = [
        asyncio.create_task(
            times.pacer.process_request(
                call, (), {}, "sendMessage", {"chat_id": str(chat)}, Priority.HAS_TURN
            )
        )
        for chat in range(5)
    ]
    await times.clock.advance(1)
    await asyncio.gather(*tasks)
    assert left == [0.0, 0.08, 0.18, 0.28, 0.38]


async def test_a_late_slot_is_made_up_for_but_never_by_a_burst(clock: FakeClock) -> None:
    pacer = Pacer(900, clock)
    times = Times(pacer, clock)
    await clock.advance(100)
    for chat in range(200):
        times.ask(str(chat))
    await asyncio.sleep(0)
    await clock.advance(0.1)
    assert 85 <= len(times.came) <= 115
    for task in times.tasks:
        task.cancel()
    await pacer.shutdown()
