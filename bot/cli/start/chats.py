"""The chats that `init` can set up, a row each: where a person finds the key, and how it is read from what they
paste.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

ROBOT = "desk"  # what the first robot is called; also in docs and examples


@dataclass(frozen=True, slots=True)
class Chat:
    """`key` is the setting's name (`token`), `signs` whether a second secret may go with it. `steps` say where a
    person finds the key, `renew` what to do where it is refused; `read` takes it out of a pasted address.
    """

    name: str
    title: str
    key: str
    steps: tuple[str, ...]
    asks: str
    renew: str
    read: Callable[[str], str]
    signs: str = ""

    @property
    def is_robot(self) -> bool:
        return self.name != "telegram"

    @property
    def variable(self) -> str:
        """The environment variable that our examples use: WECOM_KEY."""
        return f"{self.name}_{self.key}".upper()


def _parameter(name: str) -> Callable[[str], str]:
    """What stands behind `?name=` in an address; whatever is no address is the key itself."""

    def read(text: str) -> str:
        return parse_qs(urlsplit(text).query).get(name, [text])[0] if "://" in text else text

    return read


def _last_step(text: str) -> str:
    return urlsplit(text).path.rstrip("/").rpartition("/")[2] if "://" in text else text


def _token(text: str) -> str:
    """Also out of BotFather's whole answer, when the line was copied with its words."""
    found = re.search(r"[0-9]{6,}:[A-Za-z0-9_-]{30,}", text)
    return found[0] if found else text


CHATS = (
    Chat(
        "wecom",
        "企业微信群",
        "key",
        (
            "在企业微信里打开那个群,点右上角的「…」,选「添加群机器人」(有的版本叫「消息推送」),新创建一个;",
            "起个名字(如 报童),点「添加」,复制它的 Webhook 地址:https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
        ),
        "Webhook 地址,或 key= 后面那一段",
        "回到群里,重新复制机器人的 Webhook 地址;机器人已被移走的话,再添加一个",
        _parameter("key"),
    ),
    Chat(
        "dingtalk",
        "钉钉群",
        "key",
        (
            "在钉钉里打开那个群,「群设置」里选「机器人」,添加「自定义」机器人;",
            "安全设置选「加签」,复制 SEC 开头的密钥,再复制 Webhook 地址:https://oapi.dingtalk.com/robot/send?access_token=…",
        ),
        "Webhook 地址,或 access_token= 后面那一段",
        "重新复制 Webhook 地址和加签的密钥;安全设置要选「加签」,不要选关键词和 IP",
        _parameter("access_token"),
        "加签的密钥(SEC 开头)",
    ),
    Chat(
        "feishu",
        "飞书群",
        "key",
        (
            "在飞书里打开那个群,「设置」里选「群机器人」,添加「自定义机器人」;",
            "复制 Webhook 地址:https://open.feishu.cn/open-apis/bot/v2/hook/…;要是勾了「签名校验」,也复制它的密钥",
        ),
        "Webhook 地址,或它的最后一段",
        "重新复制 Webhook 地址;勾了「签名校验」就也要它的密钥,不要勾关键词和 IP 白名单",
        _last_step,
        "签名校验的密钥",
    ),
    Chat(
        "telegram",
        "Telegram",
        "token",
        ("在 Telegram 里找 @BotFather,发 /newbot,起个名字,他会回一个 token,如 123456789:AA…",),
        "token",
        "找 @BotFather,发 /token,再要一个",
        _token,
    ),
)  # fmt: skip
