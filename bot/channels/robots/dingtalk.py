"""钉钉自定义机器人 (open.dingtalk.com/document/robots/custom-robot-access): 20,000 bytes, 20 messages a minute and
ten minutes of silence beyond, signed where 加签 is on.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bot.channels.markdown import first_line, render_markdown, render_text
from bot.channels.pace import Rule
from bot.channels.robots.base import BUSY, Family, later, unauthorised
from bot.errors import Gone
from bot.message import Limits, Part
from config.channels import RobotConfig

API_URL = "https://oapi.dingtalk.com"
CONTENT_BYTES, TITLE_CHARACTERS = 15_000, 60
SILENCE = timedelta(minutes=10)


def _request(robot: RobotConfig, part: Part, now: datetime, plain: bool) -> tuple[str, Any]:
    if plain:
        content = {"content": render_text(part, CONTENT_BYTES)}
        return _url(robot, now), {"msgtype": "text", "text": content}
    words = {
        "title": first_line(part)[:TITLE_CHARACTERS] or "报童",
        "text": render_markdown(part, CONTENT_BYTES, newline="  \n"),
    }
    return _url(robot, now), {"msgtype": "markdown", "markdown": words}


def _probe(robot: RobotConfig, now: datetime) -> tuple[str, Any]:
    return _url(robot, now), {"msgtype": "text", "text": {"content": ""}}


def _url(robot: RobotConfig, now: datetime) -> str:
    query = {"access_token": robot.key.get_secret_value()}
    if robot.secret is not None:
        moment = str(round(now.timestamp() * 1000))
        query |= {"timestamp": moment, "sign": sign(robot.secret.get_secret_value(), moment)}
    return f"{robot.api_url or API_URL}/robot/send?{urlencode(query)}"


def sign(secret: str, moment: str) -> str:
    """加签: HMAC-SHA256 of "milliseconds, newline, secret" under the secret, in base64."""
    words = f"{moment}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), words, hashlib.sha256).digest()).decode()


DINGTALK = Family(
    name="dingtalk",
    title="钉钉群机器人",
    limits=Limits(units=6000, entities=1000, markup_bytes=14_000),
    pace=Rule(gap=0.5, most=20),
    request=_request,
    probe=_probe,
    refusals={
        -1: later(BUSY),
        130101: later(SILENCE),  # more than 20 a minute
        410100: later(SILENCE),
        90030: later(SILENCE),
        310000: unauthorised,  # signature, keyword or address does not match
        300001: unauthorised,
        300005: unauthorised,
        400101: unauthorised,
        400102: unauthorised,  # the robot is switched off
        400106: unauthorised,
        400013: Gone,  # the group was dissolved
    },
    code="errcode",
    words="errmsg",
)
