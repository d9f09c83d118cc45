"""A scripted person talks with the bot, and what was said is written down as a conversation.

    script ──▶ Telegram with people (enforcing) ◀──▶ the real channel, desk, fan-out, sender ──▶ text

`Stage` holds the house, `Talk` one chat as one person sees it. `check` compares with the golden file in
`transcripts/`; `UPDATE=1 python -m pytest tests/bot/test_transcripts.py` writes them anew, for review.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

from bot.channels.telegram.channel import TelegramChannel
from bot.commands.base import Explore
from bot.commands.desk import build_desk
from bot.commands.table import build_menu
from bot.delivery import Delivery
from bot.editing import Editing
from bot.fanout import FanOut
from bot.reach import Reach
from bot.rewriting import Rewriting
from config.channels import TelegramConfig
from config.models import Settings
from feeds.models import PauseKind
from feeds.pausing import Pauses
from feeds.store.build import open_store
from feeds.store.engine import Store
from feeds.store.owners import Owner
from feeds.words import translator
from tests.fakes.botapi import TOKEN, Sent, serve
from tests.fakes.clock import QuickClock
from tests.fakes.telegram import Room, Telegram

FOLDER = Path(__file__).parent / "transcripts"
READER = 7
LONG_ENOUGH = 4
PAUSE = 5.0  # seconds between two things that a person does
WALKED = "── 走过："
_INDENT = "　　　"


@dataclass
class Stage:
    """The bot between an archive and a Telegram, in which nothing happens but what the script says."""

    api: Telegram
    store: Store
    settings: Settings
    clock: QuickClock
    channel: TelegramChannel
    fanout: FanOut
    delivery: Delivery
    editing: Editing
    rewriting: Rewriting
    pauses: Pauses
    listening: "asyncio.Task[None]" = field(init=False)
    lines: list[str] = field(default_factory=list)
    walked: set[str] = field(default_factory=set)
    pause: float = PAUSE
    _told: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    def talk(
        self,
        room: int = READER,
        *,
        person: int = READER,
        kind: str = "private",
        title: str = "",
        language: str = "zh-hans",
        topic: int | None = None,
        name: str = "读者",
    ) -> "Talk":
        """A chat as one person sees it."""
        return Talk(self, self.api.room(room, kind, title), person, language, topic, name)

    def heading(self, words: str) -> None:
        """A scene begins."""
        self.lines += ["", f"══ {words} " + "═" * max(2, 60 - 2 * len(words)), ""]

    def aside(self, words: str) -> None:
        """What happens outside the chat."""
        self.lines += [f"（{words}）", ""]

    async def happen(self) -> None:
        """Everything that is owed is sent, and what was sent says what it is to say now."""
        await self.pauses.load()
        while await self.fanout.step():
            pass
        for _ in range(LONG_ENOUGH):  # each chat at its pace
            await self.delivery.drain()
            await self.clock.sleep(PAUSE)
        while await self.rewriting.step() or await self.editing.step():
            pass
        self.note()

    async def settle(self) -> None:
        """Until the poller is done with what people did, and all answers are said."""
        await self.api.until(lambda: self.api.taken >= self.api.last_update)
        await self.channel.answers_settled()
        self.note()

    def note(self) -> None:
        """Writes down what came since the last time."""
        sent, edited, answered, files = self._told
        self.lines += [line for one in self.api.answered[answered:] for line in _alert(one)]
        fresh = self.api.sent[sent:]
        ids = {(one.chat, one.message_id) for one in fresh}
        later = [one for one in self.api.edited[edited:] if (one.chat, one.message_id) in ids]
        for one in self.api.edited[edited:]:
            self.lines += [] if one in later else self._message(one, "改成")
        for one in fresh:
            self.lines += self._message(one, "")
        for one in later:
            self.lines += self._message(one, "改成")
        for file in self.api.files[files:]:
            self.lines += [f"报童　〔文件 {file.name}〕{file.caption}", ""]
            self.lines += [f"{_INDENT}{line}" for line in file.data.decode().splitlines()] + [""]
        self._told = [
            len(self.api.sent),
            len(self.api.edited),
            len(self.api.answered),
            len(self.api.files),
        ]

    def _message(self, sent: Sent, how: str) -> list[str]:
        marks = [how] if how else []
        if sent.request.get("disable_notification"):
            marks.append("不响铃")
        if reply := sent.request.get("reply_parameters"):
            first = self.api.standing.get((sent.chat, reply["message_id"]))
            marks.append(f"回复“{first.text.splitlines()[0][:16]}…”" if first else "回复")
        if topic := sent.request.get("message_thread_id"):
            marks.append(f"话题{topic}")
        room = self.api.rooms[int(sent.chat)]
        if room.kind != "private":
            marks.insert(0, f"在《{room.title}》")
        head = "报童" + (f"（{'，'.join(marks)}）" if marks else "")
        body = shown(sent.request["text"])
        lines = [f"{head}　{body[0]}", *(f"{_INDENT}{line}" for line in body[1:])]
        lines += [f"{_INDENT}{row}" for row in _keyboard(sent.request.get("reply_markup") or {})]
        return [*lines, ""]

    def check(self, name: str) -> None:
        """The golden file of this name says the same, or is written where UPDATE is set."""
        self.lines += ["", f"{WALKED}{' '.join(sorted(self.walked))}"]
        text = "\n".join(self.lines).strip() + "\n"
        path = FOLDER / f"{name}.txt"
        if os.environ.get("UPDATE"):
            FOLDER.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")
        # A bot may ask about chats that it does not see; all that it says must be taken.
        refused = [one for one in self.api.refused if not one[0].startswith("getChat")]
        assert refused == []


@dataclass
class Talk:
    """One chat as one person sees it."""

    stage: Stage
    room: Room
    person: int
    language: str
    topic: int | None
    name: str

    @property
    def api(self) -> Telegram:
        return self.stage.api

    def last(self, number: int = -1) -> Sent:
        """The bot's newest message here, as it stands now."""
        here = [
            sent
            for key, sent in self.api.standing.items()
            if key[0] == str(self.room.id) and sent.request.get("message_thread_id") == self.topic
        ]
        return here[number]

    async def say(self, text: str, en: str = "", *, reply_to: Sent | None = None) -> None:
        """Writes; `en` is how somebody writes it whose language is English."""
        if en and self.language == "en":
            text = en
        if text.startswith("/"):
            self.stage.walked.add(text.split()[0].partition("@")[0])
        mark = "（回复）" if reply_to else ""
        self._write(f"{mark}{text}")
        await self._do(
            self.api.type(
                self.room,
                self.person,
                text,
                language=self.language,
                topic=self.topic,
                reply_to=reply_to,
            )
        )

    async def press(
        self, label: str, sent: Sent | None = None, /, then: str = "", **values: object
    ) -> None:
        """Presses the button with this label, of the newest message or of another. The label is the
        Chinese one, whatever the person's language is; `then` is the paper's own words behind it.
        """
        message = self.api.standing[(sent.chat, sent.message_id)] if sent else self.last()
        wanted = {f"{mark}{words.format(**values)}{then}" for mark in ("", "✓ ")
                  for words in (label, translator(self.language)(label))}  # fmt: skip
        buttons = {b["text"]: b for b in message.buttons if "callback_data" in b}
        found = [text for text in buttons if text in wanted]
        assert found, "\n".join([f"{label} not in {list(buttons)} after", *self.stage.lines[-40:]])
        data = buttons[found[0]]["callback_data"]
        self.stage.walked.add(data.partition(":")[0])
        self._write(f"按［{found[0]}］")
        await self._do(self.api.tap(message, data, self.person, language=self.language))

    async def pick(self, channel: Room) -> None:
        """Picks a channel in Telegram's own chooser."""
        self._write(f"〔选了频道《{channel.title}》〕")
        await self._do(self.api.share(self.room, self.person, channel))

    async def add_bot(self, status: str = "member") -> None:
        """Adds the bot."""
        self._write(f"〔把报童加进《{self.room.title}》〕")
        await self._do(self.api.add_bot(self.room, self.person, status))

    def _write(self, words: str) -> None:
        where = f"（在《{self.room.title}》）" if self.room.kind != "private" else ""
        self.stage.lines += [f"{self.name}{where}　{words}", ""]

    async def _do(self, act: Any) -> None:
        await self.stage.clock.sleep(self.stage.pause)
        await act
        await self.stage.settle()


@asynccontextmanager
async def stage(
    folder: Path, settings: Settings, explore: Explore | None = None, rooms: Sequence[int] = ()
) -> AsyncIterator[Stage]:
    """Everything built, listening, and closed again. `rooms` are people who wrote to the bot before."""
    clock = QuickClock()
    store = await open_store(folder / "var", None)
    async with serve(Telegram(clock.monotonic)) as api:
        assert isinstance(api, Telegram)
        for number in rooms:
            api.room(number)
        channel = TelegramChannel(TelegramConfig(token=TOKEN, api_url=api.url), clock)
        channel._updates._quick = 60.0  # on a busy machine too alerts are alerts, not messages
        owner = Owner(store)
        pauses = Pauses(store)
        reach = Reach("telegram", clock, partial(pauses.is_paused, PauseKind.CHANNEL, "telegram"))
        delivery = Delivery(store, channel, reach, owner, settings, clock)
        house = Stage(
            api,
            store,
            settings,
            clock,
            channel,
            FanOut(store, settings, clock),
            delivery,
            Editing(store, channel, reach, owner, settings, clock),
            Rewriting(store, clock),
            pauses,
        )
        desk = build_desk(store, settings, clock, {"telegram": channel}, explore)
        house.listening = asyncio.create_task(channel.listen(desk, build_menu(settings)))
        try:
            await api.until(lambda: api.calls["getUpdates"] > 0)
            yield house
        finally:
            house.listening.cancel()
            await asyncio.gather(house.listening, return_exceptions=True)
            await channel.close()
            await owner.close()
            await store.close()


def shown(html: str) -> list[str]:
    """A message's text as a person sees it: a folded quote behind a bar, old words in ~~."""
    text = re.sub(r"<s>(.*?)</s>", r"~~\1~~", html, flags=re.DOTALL)
    pieces = re.split(r"(<blockquote expandable>.*?</blockquote>)", text, flags=re.DOTALL)
    return [line for piece in pieces for line in _piece(piece)] or [""]


def _piece(piece: str) -> Iterator[str]:
    bar = "│ " if piece.startswith("<blockquote") else ""
    plain = unescape(re.sub(r"</?(?:b|a|blockquote)\b[^>]*>", "", piece)).strip("\n")
    if plain:
        yield from (bar + line for line in plain.split("\n"))


def _keyboard(markup: dict[str, Any]) -> Iterator[str]:
    for row in markup.get("inline_keyboard", []):
        yield " ".join(f"［{button['text']}{' ↗' if 'url' in button else ''}］" for button in row)
    for row in markup.get("keyboard", []):
        yield " ".join(f"〔键盘：{button['text']}〕" for button in row)
    if markup.get("force_reply"):
        yield f"〔等着回复，提示：{markup.get('input_field_placeholder', '')}〕"


def _alert(answer: dict[str, Any]) -> Sequence[str]:
    return [f"报童　〔弹窗〕「{answer['text']}」", ""] if answer.get("text") else []
