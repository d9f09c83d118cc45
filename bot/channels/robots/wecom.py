"""企业微信群机器人 (developer.work.weixin.qq.com/document/path/91770): 4,096 bytes of markdown, 20 messages a
minute.
"""

from datetime import datetime, timedelta
from typing import Any

from bot.channels.markdown import render_markdown, render_text
from bot.channels.pace import Rule
from bot.channels.robots.base import BUSY, Family, later, unauthorised
from bot.message import Limits, Part
from config.channels import RobotConfig

API_URL = "https://qyapi.weixin.qq.com"
MARKDOWN_BYTES, TEXT_BYTES = 4096, 2048
SILENCE = timedelta(minutes=10)  # what sending beyond the pace costs


def _request(robot: RobotConfig, part: Part, now: datetime, plain: bool) -> tuple[str, Any]:
    del now
    if plain:
        return _url(robot), {"msgtype": "text", "text": {"content": render_text(part, TEXT_BYTES)}}
    content = render_markdown(part, MARKDOWN_BYTES)
    return _url(robot), {"msgtype": "markdown", "markdown": {"content": content}}


def _probe(robot: RobotConfig, now: datetime) -> tuple[str, Any]:
    del now
    return _url(robot), {"msgtype": "text", "text": {"content": ""}}


def _url(robot: RobotConfig) -> str:
    return f"{robot.api_url or API_URL}/cgi-bin/webhook/send?key={robot.key.get_secret_value()}"


WECOM = Family(
    name="wecom",
    title="企业微信群机器人",
    # Measured as Telegram's HTML, which is longer than this markdown except for quotes.
    limits=Limits(units=4000, entities=1000, markup_bytes=3900),
    pace=Rule(gap=0.5, most=20),
    request=_request,
    probe=_probe,
    refusals={
        -1: later(BUSY),
        45009: later(SILENCE),  # api freq out of limit
        45033: later(BUSY),  # too many at once
        93000: unauthorised,  # the key is wrong, or the robot was removed
        93008: unauthorised,
        40001: unauthorised,
        40014: unauthorised,
    },
    code="errcode",
    words="errmsg",
)
