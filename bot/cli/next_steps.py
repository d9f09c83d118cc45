"""What to do after `baotong check`: what is broken first, then what is missing, then how to begin. Pure.

findings, settings ──▶ broken (must be mended) · missing (would be better) · begin (run, and where to look)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.errors import TryLater
from config.channels import NAMED
from config.models import Settings
from feeds.errors import ByRobots, FetchError, NobodyThere, RobotsUnknown

_MOST_FEEDS = 5
_RENEWED = {
    "wecom": "到群里重新复制机器人的 Webhook 地址,key= 后面那一段放进 channels.{name}.key(或 key_file 的文件)",
    "dingtalk": "机器人的安全设置选「加签」;access_token= 后面那一段放进 channels.{name}.key,SEC 开头的放进 secret",
    "feishu": "Webhook 地址的最后一段放进 channels.{name}.key;勾了「签名校验」就把它的密钥放进 secret",
    "telegram": "token 不对就找 @BotFather 发 /token;连不上就写 channels.telegram.proxy: socks5://127.0.0.1:1080",
}


@dataclass(frozen=True, slots=True)
class Steps:
    """Sentences for a person. `broken` make `check` fail; with none of them there is `begin`."""

    broken: tuple[str, ...]
    missing: tuple[str, ...]
    begin: tuple[str, ...]


def next_steps(
    settings: Settings,
    failed_papers: Mapping[str, Exception | None],
    failed_channels: Mapping[str, Exception | None],
    bot: str | None,
    option: str,
) -> Steps:
    """`failed_…` are names as in the report (`huaian`, `wecom:desk`) and what was wrong; `bot` is the Telegram bot's name where it
    answered; `option` is ` -c FILE` where the file has a name of its own.
    """
    broken = (
        *(_paper_out(name, error, option) for name, error in failed_papers.items()),
        *(_channel_out(name, error) for name, error in failed_channels.items()),
    )
    begin = () if broken else tuple(_begin(settings, option))
    return Steps(broken, tuple(_missing(settings, bot, option)), begin)


# ── what is broken ──────────────────────────────────────────────────────────────────────────────


def _paper_out(name: str, error: Exception | None, option: str) -> str:
    """Without its address, which may have a key in it."""
    known = next((words for kind, words in _TOLD.items() if isinstance(error, kind)), None)
    if known is not None and isinstance(error, FetchError):
        return f"{name}:" + known.format(host=urlsplit(error.url).hostname, option=option)
    return (
        f"{name}:在浏览器里打开它的网址,看还在不在;换了网址就改 sources 里的 url;"
        f"网页在、却读不出来,就运行 baotong inspect 网址 --source {name}{option}"
    )


_TOLD: dict[type[Exception], str] = {
    ByRobots: '网站的 robots.txt 不让程序读它;报社允许的话,给这份报纸写上 robots: "ignore: 理由"',
    RobotsUnknown: "网站现在给不出 robots.txt,是它的服务器出了毛病,等它好了才读:过一会儿再运行 baotong check{option}",
    NobodyThere: "连不上 {host}:看看 sources 里的 url 有没有写错,这台机器的 DNS 和防火墙让不让连它",
}


def _channel_out(name: str, error: Exception | None) -> str:
    family = name.partition(":")[0]
    if isinstance(error, TryLater) and error.unreached is not None:
        return (
            f"{name}:和 key 没有关系,是这台机器连不上 {error.unreached}:"
            "看看 DNS 找不找得到它,防火墙让不让连它的 443 端口"
        )
    words = _RENEWED.get(family, "看看 channels.{name} 写得对不对,再试一次")
    return f"{name}:" + words.format(name=name.replace(":", "."))


# ── what is missing ─────────────────────────────────────────────────────────────────────────────


def _missing(settings: Settings, bot: str | None, option: str) -> Iterator[str]:
    if not settings.sources:
        yield f"还没有报纸:baotong add 网址{option}"
        return
    yield from _nobody_hears(settings, bot)
    if _is_loopback(settings.public_url):
        port = settings.server.port
        yield (
            f"public_url 还是本机,别的机器打不开我们的网页和订阅源;要给同事看,就写 "
            f"server: {{listen: 0.0.0.0:{port}}} 和 public_url: http://这台机器的地址:{port}/"
        )
    if _has_chat(settings) and not settings.operators:
        yield f"没有写 operators:出了问题没有人知道。比如 operators: [{_example_operator(settings)}]"
    if settings.fetch.contact is None and settings.fetch.user_agent is None:
        yield "没有写 fetch.contact(网址或邮箱):报社的管理员看到访问记录,不知道可以找谁"


def _nobody_hears(settings: Settings, bot: str | None) -> Iterator[str]:
    """Robots tell nobody but whom `deliver:` names; people may ask a Telegram bot themselves."""
    if settings.channels.telegram and not settings.deliver:
        where = f"给 {bot or '机器人'} 发 /subscribe {settings.sources[0].id}"
        yield f"还没有固定的订阅者:{where},或在 deliver: 里写上 to: telegram:群的编号"
        return
    told = {row.to for row in settings.deliver}
    for name in _robots(settings):
        if name not in told:
            yield f'{name} 还什么也收不到:在 deliver: 里写 {{to: {name}, source: "*"}}'


def _robots(settings: Settings) -> list[str]:
    return [
        f"{family}:{name}"
        for family in sorted(NAMED)
        for name in getattr(settings.channels, family)
    ]


def _has_chat(settings: Settings) -> bool:
    return bool(settings.channels.telegram or _robots(settings))


def _example_operator(settings: Settings) -> str:
    return "telegram:你的数字编号" if settings.channels.telegram else _robots(settings)[0]


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "localhost" or host.startswith("127.") or host == "::1"


# ── how to begin ────────────────────────────────────────────────────────────────────────────────


def _begin(settings: Settings, option: str) -> Iterator[str]:
    if not settings.sources:
        return
    yield f"都好了。下一步:baotong run{option}"
    for source in settings.sources[:_MOST_FEEDS]:
        yield f"订阅源:{settings.public_url}feeds/{source.id}.rss"
    if len(settings.sources) > _MOST_FEEDS:
        yield f"其余的都在:{settings.public_url}feeds.opml"
