"""A server that speaks the Bot API and enforces its rules: HTML, lengths, paces, errors on command.

Every accepted message is in `sent`, with the time. Run as a program it also writes each to a file,
on the disk before it answers: `python -m tests.fakes.botapi PORT JOURNAL`.
"""

import asyncio
import json
import os
import re
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes import canary
from tests.fakes.botapi_html import Parsed, Refused, check_lengths, parse_html

TOKEN = canary.BOT_TOKEN
BOT = {"id": 123456, "is_bot": True, "first_name": "报童", "username": "newsboy_bot"}
MOST_A_SECOND, MOST_A_SECOND_CHAT, MOST_A_MINUTE_GROUP = 30, 1, 20
CHAT_BURST = 6  # a person may get a few answers at once


@dataclass
class Fault:
    """What a chat answers instead of taking the message, `times` times (0: always)."""

    status: int
    description: str
    parameters: dict[str, Any] = field(default_factory=dict)
    times: int = 0
    hang: bool = False  # takes the message and never answers
    takes: bool = False  # takes the message all the same
    drops: bool = False  # closes the connection instead of answering
    markup: bool = False  # takes plain words


@dataclass(frozen=True)
class Sent:
    """A message that was accepted."""

    at: float
    chat: str
    text: str
    message_id: int
    request: dict[str, Any]
    entities: tuple[tuple[str, str], ...]

    @property
    def buttons(self) -> list[dict[str, Any]]:
        markup = self.request.get("reply_markup") or {}
        return [button for row in markup.get("inline_keyboard", []) for button in row]


class BotApi:
    """The server. `now` is in seconds; `paces` switches the limits on."""

    def __init__(self, now: Callable[[], float] = time.monotonic, *, paces: bool = True) -> None:
        self.now = now
        self.paces = paces
        self.sent: list[Sent] = []
        self.edited: list[Sent] = []
        self.answered: list[dict[str, Any]] = []
        self.calls: Counter[str] = Counter()
        self.refused: list[tuple[str, str]] = []
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        self.admins: set[int] = set()
        self.token = TOKEN
        self.arrived = asyncio.Condition()
        self.journal: Path | None = None
        self.webhook: dict[str, Any] = {}  # what setWebhook was given
        self._updates: list[dict[str, Any]] = []
        self._polls = 0
        self._times: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=100))
        self._next_id = 100
        self.url = ""

    # ── what a test does ────────────────────────────────────────────────────────────────────────

    async def write(
        self, text: str, chat: int = 7, *, person: int = 7, kind: str = "private",
        language: str = "zh-hans", topic: int | None = None,
    ) -> None:  # fmt: skip
        """A person writes."""
        message: dict[str, Any] = {
            "message_id": self._id(),
            "date": 1_700_000_000,
            "chat": {"id": chat, "type": kind, "title": "群", "first_name": "读者"},
            "from": _person(person, language),
            "text": text,
        }
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        if topic is not None:
            message |= {"message_thread_id": topic, "is_topic_message": True}
        await self._update({"message": message})

    async def press(
        self, data: str, message_id: int, chat: int = 7, *, person: int = 7, kind: str = "private"
    ) -> None:
        """A person presses a button under a message."""
        message = {
            "message_id": message_id,
            "date": 1_700_000_000,
            "chat": {"id": chat, "type": kind, "title": "群"},
        }
        query = {"id": str(self._id()), "from": _person(person, "zh-hans"), "chat_instance": "1",
                 "message": message, "data": data}  # fmt: skip
        await self._update({"callback_query": query})

    def twin(self) -> "BotApi":
        """A server of the same token that nobody has called yet."""
        other = BotApi(self.now, paces=self.paces)
        other.token = self.token
        return other

    async def until(self, is_true: Callable[[], bool], seconds: float = 20) -> None:
        """Waits for calls until this holds."""
        async with asyncio.timeout(seconds), self.arrived:
            await self.arrived.wait_for(is_true)

    def to(self, chat: str | int) -> list[Sent]:
        return [message for message in self.sent if message.chat == str(chat)]

    async def _update(self, update: dict[str, Any]) -> None:
        async with self.arrived:
            self._updates.append({"update_id": self._id(), **update})
            self.arrived.notify_all()

    def _id(self) -> int:
        self._next_id += 1
        return self._next_id

    # ── what the server does ────────────────────────────────────────────────────────────────────

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        return app

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls[method] += 1
        if request.match_info["token"] != self.token:
            self.refused.append((method, "401"))
            async with self.arrived:
                self.arrived.notify_all()
            return _error(401, "Unauthorized")
        data = await _data(request)
        if method != "setWebhook":  # which tells Telegram the webhook's secret
            canary.watch(method, repr(data))
        handler = getattr(self, f"_on_{method}", None)
        try:
            result = await handler(data) if handler else True
        except Refused as refusal:
            self.refused.append((method, str(refusal)))
            return _error(400, f"Bad Request: {refusal}")
        except _Answer as answer:
            return answer.response
        except _Dropped:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        finally:
            async with self.arrived:
                self.arrived.notify_all()
        return web.json_response({"ok": True, "result": result})

    async def _on_getMe(self, _data: dict[str, Any]) -> Any:
        return BOT

    async def _on_getUpdates(self, data: dict[str, Any]) -> Any:
        """A poll ends the one before it (409): two pollers of one token take turns at that."""
        if self.webhook:
            raise _Answer(_error(409, "Conflict: can't use getUpdates while webhook is active"))
        self._polls += 1
        mine = self._polls
        offset = int(data.get("offset") or 0)
        async with self.arrived:
            self.arrived.notify_all()
            self._updates = [u for u in self._updates if u["update_id"] >= offset]
            with suppress(TimeoutError):
                async with asyncio.timeout(min(float(data.get("timeout") or 0), 5)):
                    await self.arrived.wait_for(lambda: bool(self._updates) or self._polls != mine)
        if self._polls != mine:
            raise _Answer(_error(409, "Conflict: terminated by other getUpdates request"))
        return self._updates

    async def _on_setWebhook(self, data: dict[str, Any]) -> Any:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", str(data.get("secret_token") or "")):
            raise Refused("bad webhook: secret token contains unallowed characters")
        self.webhook = data
        return True

    async def _on_deleteWebhook(self, _data: dict[str, Any]) -> Any:
        self.webhook = {}
        return True

    async def _on_sendMessage(self, data: dict[str, Any]) -> Any:
        chat = str(data["chat_id"])
        parsed = _parsed(data)
        await self._fault(chat, data, parsed)
        self._pace(chat)
        return self._take(chat, data, parsed)

    def _take(self, chat: str, data: dict[str, Any], parsed: Parsed) -> Any:
        message_id = self._id()
        sent = Sent(self.now(), chat, parsed.text, message_id, data, tuple(parsed.entities))
        self.sent.append(sent)
        if self.journal is not None:
            with self.journal.open("a", encoding="utf-8") as file:
                line = {"at": time.time(), "chat": chat, "text": parsed.text, "id": message_id}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
        return _message(chat, message_id, parsed.text)

    async def _on_editMessageText(self, data: dict[str, Any]) -> Any:
        chat, parsed = str(data["chat_id"]), _parsed(data)
        await self._fault(chat, data, parsed)
        self.edited.append(
            Sent(
                self.now(), chat, parsed.text, int(data["message_id"]), data, tuple(parsed.entities)
            )
        )
        return _message(chat, int(data["message_id"]), parsed.text)

    async def _on_answerCallbackQuery(self, data: dict[str, Any]) -> Any:
        if len(data.get("text") or "") > 200:
            raise Refused("MESSAGE_TOO_LONG")
        self.answered.append(data)
        return True

    async def _on_setMyCommands(self, data: dict[str, Any]) -> Any:
        for command in data["commands"]:
            if not (0 < len(command["command"]) <= 32 and 0 < len(command["description"]) <= 256):
                raise Refused("BOT_COMMAND_INVALID")
        return True

    async def _on_setMyShortDescription(self, data: dict[str, Any]) -> Any:
        if len(data.get("short_description") or "") > 120:
            raise Refused("too long")
        return True

    async def _on_getChatMember(self, data: dict[str, Any]) -> Any:
        person = int(data["user_id"])
        if person not in self.admins:
            return {"status": "member", "user": _person(person, "zh")}
        return {"status": "creator", "user": _person(person, "zh"), "is_anonymous": False}

    async def _fault(self, chat: str, data: dict[str, Any], parsed: Parsed) -> None:
        faults = self.faults.get(chat)
        if not faults:
            return
        fault = faults[0]
        if fault.markup and "parse_mode" not in data:
            return
        if fault.times:
            fault.times -= 1
            if not fault.times:
                faults.pop(0)
        if fault.hang or fault.takes:
            self._take(chat, data, parsed)
        if fault.hang:
            await asyncio.Event().wait()
        if fault.drops:
            raise _Dropped
        raise _Answer(_error(fault.status, fault.description, fault.parameters))

    def _pace(self, chat: str) -> None:
        """429 as Telegram's published limits say."""
        if not self.paces:
            return
        now = self.now()
        rules = [("", MOST_A_SECOND, 1.0), (chat, CHAT_BURST, CHAT_BURST - 1.0)]
        if chat.startswith(("-", "@")):
            rules.append((chat, MOST_A_MINUTE_GROUP, 60.0))
        for key, most, span in rules:
            if sum(now - at < span for at in self._times[key]) >= most:
                self.refused.append(("429", chat))
                raise _Answer(_error(429, "Too Many Requests: retry after 1", {"retry_after": 1}))
        for key in {"", chat}:
            self._times[key].append(now)


class _Dropped(Exception):
    pass


class _Answer(Exception):
    def __init__(self, response: web.Response) -> None:
        self.response = response


_COMPOSED = frozenset(
    [
        "reply_markup",
        "reply_parameters",
        "link_preview_options",
        "commands",
        "allowed_updates",
        "scope",
    ]
)
_SCALARS = frozenset(
    ["disable_notification", "show_alert", "message_thread_id", "offset", "timeout"]
)


async def _data(request: web.Request) -> dict[str, Any]:
    """JSON, or a form in which composed values are JSON and files are files."""
    if request.content_type == "application/json":
        sent = json.loads(await request.text())
        assert isinstance(sent, dict)
        return sent
    return {name: _value(name, value) for name, value in (await request.post()).items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, web.FileField):
        return {"name": value.filename, "type": value.content_type, "data": value.file.read()}
    return json.loads(str(value)) if name in _COMPOSED | _SCALARS else str(value)


def _parsed(data: dict[str, Any]) -> Parsed:
    text = str(data["text"])
    parsed = parse_html(text) if data.get("parse_mode") == "HTML" else Parsed(text)
    check_lengths(parsed)
    markup = data.get("reply_markup") or {}
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if len((button.get("callback_data") or "").encode()) > 64:
                raise Refused("BUTTON_DATA_INVALID")
    return parsed


def _message(chat: str, message_id: int, text: str) -> dict[str, Any]:
    number = int(chat) if chat.lstrip("-").isdigit() else -1
    return {"message_id": message_id, "date": 1_700_000_000, "text": text,
            "chat": {"id": number, "type": "private", "first_name": "x"}, "from": BOT}  # fmt: skip


def _person(number: int, language: str) -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": "读者", "language_code": language}


def _error(status: int, description: str, parameters: dict[str, Any] | None = None) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        body["parameters"] = parameters
    return web.json_response(body, status=status)


@asynccontextmanager
async def serve(api: BotApi, port: int = 0) -> AsyncIterator[BotApi]:
    """Serves on 127.0.0.1; `api.url` is where."""
    runner = web.AppRunner(api.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    api.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield api
    finally:
        await runner.cleanup()


async def _main(port: int, journal: Path) -> None:
    api = BotApi()
    api.journal = journal
    async with serve(api, port):
        print(api.url, flush=True)  # noqa: T201 - the parent reads it
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), Path(sys.argv[2])))
