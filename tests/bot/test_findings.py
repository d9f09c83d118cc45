"""What is wrong with the worker, decided from facts: a table of them, and none that is told by mistake."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.findings import Facts, Queues, Space, configured, failing, findings, reached
from bot.incident import IncidentKind, Key
from bot.ledger.queue import Front
from bot.reach import Fault
from config.models import Settings
from tests.fakes.settings import two_papers

NOW = datetime(2024, 4, 8, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GIB = 1 << 30
CHANNELS = """\
channels:
  telegram: {token: "1:x"}
  wecom: {desk: {key: some-robot-key}}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return two_papers(tmp_path, more=CHANNELS)


def fault(minutes: int, *, is_refused: bool = False) -> Fault:
    return Fault(NOW - minutes * MINUTE, NOW, "errcode 93000", is_refused)


BAD: dict[str, tuple[Facts, IncidentKind, str]] = {
    "a refused token": (
        Facts(NOW, {"telegram": fault(0, is_refused=True)}),
        IncidentKind.REFUSED, "telegram",
    ),
    "a robot's refused key": (
        Facts(NOW, {"wecom:desk": fault(0, is_refused=True)}),
        IncidentKind.REFUSED, "wecom:desk",
    ),
    "nothing reached for long": (
        Facts(NOW, {"telegram": fault(15)}), IncidentKind.UNREACHABLE, "telegram",
    ),
    "a queue that stands still": (
        Facts(NOW, still={"telegram": NOW - 5 * MINUTE}), IncidentKind.STALLED, "telegram",
    ),
    "another poller": (
        Facts(NOW, disputed={"telegram": True}), IncidentKind.DISPUTED, "telegram",
    ),
    "a big disk that is nearly full": (
        Facts(NOW, space=Space(199 << 20, 100 * GIB)), IncidentKind.DISK, "",
    ),
    "a small disk that is nearly full": (
        Facts(NOW, space=Space(49_999, 1_000_000)), IncidentKind.DISK, "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_each_of_these_is_wrong_and_says_what_to_do(settings: Settings, name: str) -> None:
    facts, kind, about = BAD[name]
    found = findings(facts, (), settings)
    [(key, words)] = found.wanted.items()
    assert key == Key(kind, about)
    assert key not in found.well
    assert "\n" in words, "a line for what is wrong, and one for what to do"
    assert "{" not in words


FINE: dict[str, Facts] = {
    "unreachable for a moment": Facts(NOW, {"telegram": fault(14)}),
    "unreachable and so nothing moves": Facts(
        NOW, {"telegram": fault(14)}, still={"telegram": NOW - 60 * MINUTE}
    ),
    "paused and so nothing moves": Facts(
        NOW, still={"telegram": NOW - 60 * MINUTE}, paused={"telegram"}
    ),
    "a queue at rest for a moment": Facts(NOW, still={"telegram": NOW - 4 * MINUTE}),
    "one failure long ago": Facts(
        NOW, {"telegram": Fault(NOW - 600 * MINUTE, NOW - 600 * MINUTE, "timeout")}
    ),
    "a disk that cannot be asked": Facts(NOW, space=None),
    "a big disk with 200 MiB free": Facts(NOW, space=Space(200 << 20, 100 * GIB)),
    "a robot that is not configured any more": Facts(
        NOW, {"wecom:old": fault(60, is_refused=True)}
    ),
}


@pytest.mark.parametrize("name", FINE)
def test_none_of_these_is_wrong(settings: Settings, name: str) -> None:
    assert findings(FINE[name], (), settings).wanted == {}


ENDS: dict[str, tuple[Facts, Key, bool]] = {
    "a message arrived: the token is taken": (
        Facts(NOW, well={"telegram": NOW}), Key(IncidentKind.REFUSED, "telegram"), True,
    ),
    "one message arrived: the line may flicker": (
        Facts(NOW, well={"telegram": NOW - 4 * MINUTE}),
        Key(IncidentKind.UNREACHABLE, "telegram"), False,
    ),
    "messages arrive for a while": (
        Facts(NOW, well={"telegram": NOW - 5 * MINUTE}),
        Key(IncidentKind.UNREACHABLE, "telegram"), True,
    ),
    "messages arrived, and now they do not": (
        Facts(NOW, {"telegram": fault(1)}, {"telegram": NOW - 60 * MINUTE}),
        Key(IncidentKind.UNREACHABLE, "telegram"), False,
    ),
    "it answers that the token is refused": (
        Facts(NOW, {"telegram": fault(0, is_refused=True)}),
        Key(IncidentKind.UNREACHABLE, "telegram"), True,
    ),
    "another robot's message arrived": (
        Facts(NOW, well={"wecom:other": NOW}), Key(IncidentKind.REFUSED, "wecom:desk"), False,
    ),
    "nothing is known yet": (Facts(NOW), Key(IncidentKind.REFUSED, "telegram"), False),
    "the queue moves": (
        Facts(NOW, still={"telegram": None}), Key(IncidentKind.STALLED, "telegram"), True,
    ),
    "the queue's state is not known": (
        Facts(NOW), Key(IncidentKind.STALLED, "telegram"), False,
    ),
    "nobody else polls": (
        Facts(NOW, disputed={"telegram": False}), Key(IncidentKind.DISPUTED, "telegram"), True,
    ),
    "a little room on the disk": (
        Facts(NOW, space=Space(399 << 20, 100 * GIB)), Key(IncidentKind.DISK, ""), False,
    ),
    "twice the room": (
        Facts(NOW, space=Space(400 << 20, 100 * GIB)), Key(IncidentKind.DISK, ""), True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_an_end_is_seen_by_evidence_and_not_by_silence(settings: Settings, name: str) -> None:
    facts, key, is_over = ENDS[name]
    found = findings(facts, {key}, settings)
    assert (key in found.well) is is_over
    assert key not in found.gone


def test_what_is_about_a_channel_that_is_not_there_any_more_is_dropped(settings: Settings) -> None:
    old, paused = Key(IncidentKind.REFUSED, "feishu:desk"), Key(IncidentKind.STALLED, "telegram")
    here, disk = Key(IncidentKind.REFUSED, "wecom:desk"), Key(IncidentKind.DISK, "")
    found = findings(Facts(NOW, paused={"telegram"}), {old, paused, here, disk}, settings)
    assert found.gone == {old, paused}
    assert configured(settings) == {"console", "telegram", "wecom", "wecom:desk"}


def test_nobody_is_told_by_what_failed() -> None:
    operators = ("telegram:1", "telegram:-100/7", "wecom:desk", "wecom:other", "console:terminal")
    telegram = failing({Key(IncidentKind.REFUSED, "telegram")}, ())
    assert reached(operators, telegram) == operators[2:]
    desk = failing({Key(IncidentKind.UNREACHABLE, "wecom:desk")}, {"telegram"})
    assert reached(operators, desk) == operators[3:]
    harmless = failing({Key(IncidentKind.DISPUTED, "telegram"), Key(IncidentKind.DISK, "")}, ())
    assert reached(operators, harmless) == operators


# ── queues ──────────────────────────────────────────────────────────────────────────────────────


def test_a_million_messages_at_29_a_second_are_no_trouble() -> None:
    queues, now = Queues(), NOW
    for look in range(30):  # ten minutes, in which 17,400 leave and 982,600 stay, all due since NOW
        front = Front(NOW, look * 580)
        said = queues.look({"telegram": {"huaian": front}}, now)
        assert said.get("telegram") is None
        now += timedelta(seconds=20)


def test_a_queue_whose_first_stays_the_first_stands_still_until_it_moves_for_a_while() -> None:
    queues, stuck, other = Queues(), Front(NOW, 1), Front(NOW, 2)
    lanes = {"huaian": stuck, "chuzhou": other}
    assert queues.look({"telegram": lanes}, NOW) == {}, "nothing is known at the first look"
    assert queues.look({"telegram": lanes}, NOW + 4 * MINUTE) == {}
    moved = {"huaian": stuck, "chuzhou": Front(NOW, 3)}
    assert queues.look({"telegram": moved}, NOW + 5 * MINUTE) == {"telegram": NOW}
    for minute in range(6, 21):
        every = {"huaian": Front(NOW, minute), "chuzhou": Front(NOW, 100 + minute)}
        said = queues.look({"telegram": every}, NOW + minute * MINUTE)
        assert said == {}, "it moves, and has not for long"
    every = {"huaian": Front(NOW, 30)}
    assert queues.look({"telegram": every}, NOW + 21 * MINUTE) == {"telegram": None}


def test_a_queue_in_which_nothing_is_overdue_moves() -> None:
    assert Queues().look({"telegram": {}}, NOW) == {"telegram": None}
