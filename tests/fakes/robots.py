"""Servers of 企业微信, 钉钉 and 飞书 robots, and a program that takes webhooks: each enforces its own rules.

Whatever is wrong, the robots answer 200 with a code in it, as the real ones do.
"""

import base64
import hashlib
import hmac
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes import canary

KEY, SECRET = canary.ROBOT_KEY, canary.ROBOT_SECRET
Faults = Iterator[tuple[int, str]]


@dataclass
class Robots:
    """`taken` are the messages that a group would see, `answers` what is said next instead."""

    now: Callable[[], float] = time.time
    taken: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    url: str = ""
    silent_until: float = 0.0
    headers: list[dict[str, str]] = field(default_factory=list)
    _times: defaultdict[str, deque[float]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=200))
    )

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/cgi-bin/webhook/send", self._wecom)
        app.router.add_post("/robot/send", self._dingtalk)
        app.router.add_post("/open-apis/bot/v2/hook/{key}", self._feishu)
        app.router.add_post("/hook", self._hook)
        app.router.add_post("/json", self._json)
        return app

    # ── 企业微信 ────────────────────────────────────────────────────────────────────────────────

    async def _wecom(self, request: web.Request) -> web.Response:
        body = await self._body(request)
        content = str((body.get(str(body.get("msgtype"))) or {}).get("content", ""))
        return self._answer(self._wecom_faults(request, body, content), content, _code)

    def _wecom_faults(self, request: web.Request, body: dict[str, Any], content: str) -> Faults:
        if request.query.get("key") != KEY:
            yield 93000, "invalid webhook url"
        most = {"markdown": 4096, "text": 2048}.get(str(body.get("msgtype")), 0)
        if not most:
            yield 40008, "invalid message type"
        if not content:
            yield 44004, "empty content"
        if len(content.encode()) > most:
            yield 40058, "markdown.content exceed max length 4096"
        if self._is_too_fast("wecom", 20):
            yield 45009, "api freq out of limit"

    # ── 钉钉 ────────────────────────────────────────────────────────────────────────────────────

    async def _dingtalk(self, request: web.Request) -> web.Response:
        body = await self._body(request)
        words = body.get(str(body.get("msgtype"))) or {}
        content = str(words.get("text") or words.get("content") or "")
        return self._answer(self._dingtalk_faults(request, body, content), content, _code)

    def _dingtalk_faults(self, request: web.Request, body: dict[str, Any], content: str) -> Faults:
        if request.query.get("access_token") != KEY:
            yield 300001, "token is not exist"
        moment = request.query.get("timestamp", "0")
        if abs(self.now() * 1000 - float(moment)) > 3_600_000:
            yield 310000, "timestamp is out of range"
        if request.query.get("sign") != _signature(SECRET, f"{moment}\n{SECRET}"):
            yield 310000, "sign not match"
        if _size(body) > 20_000:
            yield 460101, "message too long"
        if not content or (body["msgtype"] == "markdown" and not body["markdown"].get("title")):
            yield 40035, "缺少参数 title 或 text"
        if self._is_silent("dingtalk", 20):
            yield 130101, "send too fast, exceed 20 times per minute"

    def _is_silent(self, key: str, most: int) -> bool:
        """Ten minutes of silence for whoever sends more than so many a minute."""
        if self.now() >= self.silent_until and self._is_too_fast(key, most):
            self.silent_until = self.now() + 600
        return self.now() < self.silent_until

    # ── 飞书 ────────────────────────────────────────────────────────────────────────────────────

    async def _feishu(self, request: web.Request) -> web.Response:
        body = await self._body(request)
        content = _feishu_content(body)
        return self._answer(self._feishu_faults(request, body, content), content, _feishu_code)

    def _feishu_faults(self, request: web.Request, body: dict[str, Any], content: str) -> Faults:
        if request.match_info["key"] != KEY:
            yield 19001, "param invalid: incoming webhook access token invalid"
        moment = str(body.get("timestamp", "0"))
        key = f"{moment}\n{SECRET}".encode()
        wanted = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
        if abs(self.now() - float(moment)) > 3600 or body.get("sign") != wanted:
            yield 19021, "sign match fail or timestamp is not within one hour"
        if _size(body) > 20_480:
            yield 9499, "Bad Request"
        if not content:
            yield 19002, "params error, content need"
        if self._is_too_fast("feishu", 100):
            yield 11232, "frequency limited psm"

    def _answer(
        self, faults: Faults, content: str, say: Callable[[int, str], web.Response]
    ) -> web.Response:
        """The first fault, in a 200; or the message is taken."""
        if self.answers:
            return self.answers.pop(0)
        fault = next(faults, None)
        if fault is None:
            self.taken.append(content)
        return say(*(fault or (0, "ok")))

    # ── a program ───────────────────────────────────────────────────────────────────────────────

    async def _hook(self, request: web.Request) -> web.Response:
        raw = await request.read()
        canary.watch("webhook", raw)
        self.headers.append(dict(request.headers))
        key, moment = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        wanted = "v1," + _signature(SECRET, f"{key}.{moment}.".encode() + raw)
        if request.headers["webhook-signature"] != wanted:
            return web.Response(status=401)
        if self.answers:
            return self.answers.pop(0)
        self.bodies.append(json.loads(raw))
        self.taken.append(self.bodies[-1]["text"])
        return web.Response(status=204)

    async def _json(self, request: web.Request) -> web.Response:
        """What Apprise posts to json://."""
        body = await self._body(request)
        if self.answers:
            return self.answers.pop(0)
        self.taken.append(body["message"])
        return web.Response()

    async def _body(self, request: web.Request) -> dict[str, Any]:
        body = json.loads(await request.text())
        assert isinstance(body, dict)
        canary.watch(request.path, repr(body))
        self.bodies.append(body)
        return body

    def _is_too_fast(self, key: str, most: int) -> bool:
        now, times = self.now(), self._times[key]
        if sum(now - at < 60 for at in times) >= most:
            return True
        times.append(now)
        return False


def _size(body: dict[str, Any]) -> int:
    return len(json.dumps(body, ensure_ascii=False).encode())


def _signature(secret: str, words: str | bytes) -> str:
    message = words.encode() if isinstance(words, str) else words
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def _feishu_content(body: dict[str, Any]) -> str:
    if body.get("msg_type") == "text":
        return str(body["content"].get("text", ""))
    elements = body.get("card", {}).get("elements", [])
    return "\n".join(one["content"] for one in elements if one["tag"] == "markdown")


def _code(code: int, words: str) -> web.Response:
    return web.json_response({"errcode": code, "errmsg": words})


def _feishu_code(code: int, words: str) -> web.Response:
    return web.json_response({"code": code, "msg": words, "data": {}})


@asynccontextmanager
async def serve(robots: Robots) -> AsyncIterator[Robots]:
    """Serves on 127.0.0.1; `robots.url` is where."""
    runner = web.AppRunner(robots.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    robots.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield robots
    finally:
        await runner.cleanup()
