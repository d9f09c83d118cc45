"""飞书自定义机器人 (open.feishu.cn, custom bot guide): a card of at most 20 KB, 100 messages a minute and 5 a
second, signed where 签名校验 is on.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from bot.channels.markdown import first_line, link_buttons, render_markdown, render_text
from bot.channels.pace import Rule
from bot.channels.robots.base import Family, later, unauthorised
from bot.message import Limits, Part
from config.channels import RobotConfig

API_URL = "https://open.feishu.cn"
CONTENT_BYTES, TITLE_CHARACTERS = 15_000, 60
A_MINUTE = timedelta(minutes=1)


def _request(robot: RobotConfig, part: Part, now: datetime, plain: bool) -> tuple[str, Any]:
    if plain:
        content = {"text": render_text(part, CONTENT_BYTES)}
        return _url(robot), _signed(robot, now, {"msg_type": "text", "content": content})
    return _url(robot), _signed(robot, now, {"msg_type": "interactive", "card": _card(part)})


def _card(part: Part) -> dict[str, Any]:
    body = Part(part.blocks)  # its buttons are the card's own
    elements: list[dict[str, Any]] = [
        {"tag": "markdown", "content": render_markdown(body, CONTENT_BYTES)}
    ]
    if buttons := link_buttons(part):
        actions = [
            {"tag": "button", "text": {"tag": "plain_text", "content": text}, "url": url}
            for text, url in buttons
        ]
        elements.append({"tag": "action", "actions": actions})
    title = first_line(part)[:TITLE_CHARACTERS] or "报童"
    return {
        "config": {"wide_screen_mode": True},
        "header": {"title": {"tag": "plain_text", "content": title}},
        "elements": elements,
    }


def _probe(robot: RobotConfig, now: datetime) -> tuple[str, Any]:
    return _url(robot), _signed(robot, now, {"msg_type": "text", "content": {}})


def _url(robot: RobotConfig) -> str:
    key = robot.key.get_secret_value()
    return f"{robot.api_url or API_URL}/open-apis/bot/v2/hook/{key}"


def _signed(robot: RobotConfig, now: datetime, body: dict[str, Any]) -> dict[str, Any]:
    if robot.secret is None:
        return body
    moment = str(round(now.timestamp()))
    return body | {"timestamp": moment, "sign": sign(robot.secret.get_secret_value(), moment)}


def sign(secret: str, moment: str) -> str:
    """签名校验: HMAC-SHA256 of nothing under "seconds, newline, secret", in base64."""
    under = f"{moment}\n{secret}".encode()
    return base64.b64encode(hmac.new(under, b"", hashlib.sha256).digest()).decode()


FEISHU = Family(
    name="feishu",
    title="飞书群机器人",
    limits=Limits(units=6000, entities=1000, markup_bytes=14_000),
    pace=Rule(gap=0.25, most=100),
    request=_request,
    probe=_probe,
    refusals={
        11232: later(A_MINUTE),  # frequency limited
        99991400: later(A_MINUTE),
        19001: unauthorised,  # the hook is wrong
        19021: unauthorised,  # signature, or the clock is an hour off
        19022: unauthorised,  # address not allowed
        19024: unauthorised,  # keyword not found
    },
    code="code",
    words="msg",
)
