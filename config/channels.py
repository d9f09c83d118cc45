"""What may be set of a chat channel: one model each."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, SecretStr

from config.forms import Section, form, matching, schema
from config.places import FilePath, HostPort, HttpUrl, Proxy, Secret

_NAME = r"[^\s/:]{1,64}"
_WEBHOOK_WORD = r"[A-Za-z0-9_-]{16,256}"

Name = Annotated[
    str,
    form("名字里不能有空格、/ 和 : (no space, / or :)", matching(_NAME)),
    schema(_NAME, "desk"),
]
"""What a robot or a target is called in `to: wecom:desk`."""


def _long_enough(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(_WEBHOOK_WORD, secret.get_secret_value()):
        raise ValueError(
            "要有 16 到 256 个字母、数字、_ 或 - (16 to 256 of A-Z, a-z, 0-9, _ and -)"
        )
    return secret


WebhookSecret = Annotated[Secret, AfterValidator(_long_enough)]


def _or_from_a_file(schema: dict[str, Any]) -> None:
    """Tells editors what the loader does: a required `x` may be in the file that `x_file` names."""
    names = [name for name in schema["required"] if f"{name}_file" in schema["properties"]]
    schema["required"] = [name for name in schema["required"] if name not in names]
    schema["allOf"] = [
        {"anyOf": [{"required": [name]}, {"required": [f"{name}_file"]}]} for name in names
    ]


class TelegramWebhook(Section):
    """Telegram 把消息送来,不用我们去问 (Telegram brings updates, so that we need not ask)."""

    model_config = ConfigDict(json_schema_extra=_or_from_a_file)

    url: HttpUrl
    """Telegram 能访问的网址,https://… (where Telegram reaches `listen`, through a proxy of yours)."""
    listen: HostPort = "127.0.0.1:8081"
    """在哪里听,主机:端口 (host:port)."""
    secret: WebhookSecret
    """16 到 256 个字母、数字、_ 或 -;没有它就不启动 (16 to 256 of A-Z, a-z, 0-9, _ and -; required)."""
    secret_file: FilePath | None = None
    """装着 secret 的文件,相对于本文件 (a file that holds it instead, relative to this one)."""

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])


class TelegramConfig(Section):
    """一个 Telegram 机器人 (one Telegram bot)."""

    model_config = ConfigDict(json_schema_extra=_or_from_a_file)

    token: Secret
    """@BotFather 给的,写成 ${TELEGRAM_TOKEN} (from @BotFather; opaque, any shape)."""
    token_file: FilePath | None = None
    """装着 token 的文件,相对于本文件 (a file that holds it instead, relative to this one)."""
    api_url: HttpUrl = "https://api.telegram.org"
    """自建的 Bot API 服务器 (not subject to the fetch guard)."""
    proxy: Proxy | None = None
    """只给这个渠道用的代理;null:HTTPS_PROXY、ALL_PROXY (for this channel only; null: HTTPS_PROXY, ALL_PROXY)."""
    rate: Annotated[float, Field(gt=0, le=1000, strict=True)] = 29
    """所有会话合起来每秒最多几条;付费群发时不写就是 900 (messages a second over all chats; 900 with paid broadcasts)."""
    paid_broadcasts: bool = False
    """用星星付费,每秒超过 30 条 (pay Telegram's stars for more than 30 messages a second)."""
    webhook: TelegramWebhook | None = None
    """Telegram 把消息送到这里来;null:我们去问 (Telegram brings updates here; null: we ask for them)."""

    @property
    def messages_a_second(self) -> float:
        """The pace of the token."""
        is_chosen = "rate" in self.model_fields_set or not self.paid_broadcasts
        return self.rate if is_chosen else 900


class RobotConfig(Section):
    """一个群机器人 (one group robot)."""

    model_config = ConfigDict(json_schema_extra=_or_from_a_file)

    key: Secret
    """网址里的 key、access_token 或最后一段,写成 ${WECOM_KEY} (the key in its URL)."""
    key_file: FilePath | None = None
    """装着 key 的文件,相对于本文件 (a file that holds it instead, relative to this one)."""
    secret: Secret | None = None
    """钉钉的加签、飞书的签名校验 (what DingTalk and Feishu sign with)."""
    secret_file: FilePath | None = None
    """装着 secret 的文件,相对于本文件 (a file that holds it instead, relative to this one)."""
    api_url: HttpUrl | None = None
    """null:官方的服务器 (null: the official server)."""


class WebhookConfig(Section):
    """一个收消息的程序 (one program that takes messages)."""

    model_config = ConfigDict(json_schema_extra=_or_from_a_file)

    url: Secret
    """送到哪里,http(s)://… (where to post)."""
    url_file: FilePath | None = None
    """装着网址的文件,相对于本文件 (a file that holds it instead, relative to this one)."""
    secret: Secret
    """用来签名 (what the posts are signed with)."""
    secret_file: FilePath | None = None
    """装着 secret 的文件,相对于本文件 (a file that holds it instead, relative to this one)."""


class AppriseConfig(Section):
    """Apprise 的一个网址 (one Apprise URL)."""

    model_config = ConfigDict(json_schema_extra=_or_from_a_file)

    url: Secret
    """如 discord://… 、mailto://… ,见 Apprise 的说明 (see Apprise's own list)."""
    url_file: FilePath | None = None
    """装着网址的文件,相对于本文件 (a file that holds it instead, relative to this one)."""


class Channels(Section):
    """现有的推送渠道 (the channels that exist now)."""

    telegram: TelegramConfig | None = None
    """一个 Telegram 机器人 (one Telegram bot)."""
    wecom: dict[Name, RobotConfig] = Field(default_factory=dict)
    """企业微信群机器人,各有名字 (WeCom robots by name)."""
    dingtalk: dict[Name, RobotConfig] = Field(default_factory=dict)
    """钉钉群机器人,各有名字 (DingTalk robots by name)."""
    feishu: dict[Name, RobotConfig] = Field(default_factory=dict)
    """飞书群机器人,各有名字 (Feishu robots by name)."""
    webhook: dict[Name, WebhookConfig] = Field(default_factory=dict)
    """收消息的程序,各有名字 (programs that take messages, by name)."""
    apprise: dict[Name, AppriseConfig] = Field(default_factory=dict)
    """Slack、Discord、Matrix、邮件等,各有名字 (whatever Apprise knows, by name)."""


# Channels of which there may be several, each with a name that stands in `to:`.
NAMED = frozenset(Channels.model_fields) - {"telegram"}
