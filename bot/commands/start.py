"""/start and /help: what this is, and what one can say to it."""

from bot.channels.base import Answer
from bot.commands.base import Asked, Command, say


async def start(asked: Asked) -> Answer:
    """Hello."""
    _ = asked._
    titles = "、".join(source.title for source in asked.settings.sources[:5])
    more = _("等") if len(asked.settings.sources) > 5 else ""  # noqa: PLR2004 - as many as were named
    lines = [
        f"**{_('你好，我是报童。')}",
        _("报纸一出新的一期，我就把标题、摘要和阅读数送过来。"),
    ]
    if titles:
        lines.append(_("现在有：{titles}{more}。").format(titles=titles, more=more))
    lines.append(_("/subscribe 订阅，/issue 看最新一期，/help 看全部命令。"))
    return say(*lines)


def help_command(commands: tuple[Command, ...]) -> Command:
    """The row of /help, which knows the others."""

    async def run(asked: Asked) -> Answer:
        _ = asked._
        return say(
            f"**{_('可以这样说')}",
            *(f"/{command.name} · {_(command.words)}" for command in commands),
            _("订阅时可以写上报名和方式，如：/subscribe 淮安区报 article"),
        )

    return Command("help", "看全部命令", run)
