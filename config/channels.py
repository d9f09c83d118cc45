"""What may be set of a chat channel: one model each."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from config.forms import Section
from config.places import FilePath, HttpUrl, Proxy, Secret


def _or_from_a_file(schema: dict[str, Any]) -> None:
    """Tells editors what the loader does: a required `x` may be in the file that `x_file` names."""
    names = [name for name in schema["required"] if f"{name}_file" in schema["properties"]]
    schema["required"] = [name for name in schema["required"] if name not in names]
    schema["allOf"] = [
        {"anyOf": [{"required": [name]}, {"required": [f"{name}_file"]}]} for name in names
    ]


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
    """所有会话合起来每秒最多几条 (messages a second over all chats)."""


class Channels(Section):
    """现有的推送渠道 (the channels that exist now)."""

    telegram: TelegramConfig | None = None
    """一个 Telegram 机器人 (one Telegram bot)."""


# Known names whose time has not come: they get an error of their own, not "unknown key".
LATER = frozenset({"wecom", "dingtalk", "feishu", "apprise"}) - set(Channels.model_fields)
