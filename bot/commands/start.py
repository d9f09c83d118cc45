"""/start and /help: what this is, what one can say to it, and where a deep link leads."""

from bot.address import ChatKind
from bot.channels.base import Answer, Scope
from bot.commands import papers
from bot.commands.base import Asked, Command, say
from bot.commands.links import ARTICLE, ISSUE
from bot.commands.operating import Operation
from bot.commands.operators import power_of
from bot.commands.reading import show_article, show_issue
from bot.messages.actions import Verb, about_source, button
from feeds.words import N_

NAMED = 5  # papers in the greeting


async def start(asked: Asked) -> Answer:
    """Hello; or what the deep link names."""
    return await _linked(asked, asked.words) or hello(asked)


async def _linked(asked: Asked, word: str) -> Answer | None:
    """None for a word that leads nowhere, or nowhere any more."""
    if (source := asked.stand.get(word)) is not None:
        return await papers.card(asked, source)
    for prefix, show in ((ARTICLE, show_article), (ISSUE, show_issue)):
        number = word.removeprefix(prefix)
        if word.startswith(prefix) and number.isascii() and number.isdecimal():
            return await show(asked, int(number[:17]))
    return None


def hello(asked: Asked) -> Answer:
    """Who we are, and the first things to do."""
    _ = asked._
    titles = [source.title for source in asked.stand.papers[:NAMED]]
    lines = [
        "**" + _("你好，我是报童。"),
        _("报纸一出新的一期，我就把标题、摘要和阅读数送过来。"),
    ]
    if len(asked.stand) > NAMED:
        words = _("现在有 {count} 份报纸，如{titles}。")
        lines.append(words.format(count=len(asked.stand), titles=_("、").join(titles)))
    elif titles:
        lines.append(_("现在有：{titles}。").format(titles=_("、").join(titles)))
    lines.append(_("/help 看看都能做什么。"))
    if not titles:
        return say(*lines)
    if len(asked.stand) == 1:
        about = about_source(asked.stand.papers[0].id)
        row = (
            button(_("订阅"), Verb.SUBSCRIBE, about),
            button(_("看最新一期"), Verb.NEWEST, about),
        )
    else:
        row = (
            button(_("订一份报纸"), Verb.PAPERS, "s0:"),
            button(_("有哪些报纸"), Verb.PAPERS, "p0:"),
        )
    return say(*lines, buttons=(row,) if asked.incoming.kind is not ChatKind.CONSOLE else ())


def help_command(commands: tuple[Command, ...], operations: tuple[Operation, ...]) -> Command:
    """The row of /help, which knows the others; and what operators may say, which it tells to them."""

    async def run(asked: Asked) -> Answer:
        _ = asked._
        here = [command for command in commands if command.scopes & _scopes(asked)]
        power = await power_of(asked)
        theirs = [row for row in operations if row.words and row.power <= power]
        return say(
            "**" + _("可以这样说"),
            *(f"/{command.name} · {_(command.words)}" for command in here),
            "**" + _("一行订好"),
            _("/subscribe {paper} 一篇 第01版 22:00-07:00 满1000 春耕|夏种 -公告").format(
                paper=asked.stand.papers[0].title if len(asked.stand) else _("报名")
            ),
            _(
                "依次是：报名、方式（一期、一篇，或写几点每天送）、版、安静时段、阅读数满多少再提醒、筛选。写几样都行，没写的不变。"
            ),
            _("筛选：空格隔开是都要有，| 隔开是有一个就行，前面加减号是不要，引号里的连在一起。"),
            _("直接写几个字，就是搜索。"),
            *(["**" + _("管报童的人还可以说")] if theirs else []),
            *(f"/{row.name} · {_(row.words)}" for row in theirs),
            *(
                [_("/pause 和 /resume 后面写报名或渠道，停的是整份报纸、整个渠道。")]
                if theirs
                else []
            ),
        )

    return Command("help", N_("看全部命令"), run)


def _scopes(asked: Asked) -> frozenset[Scope]:
    """Of the menus, those that are shown where we are asked."""
    if asked.incoming.kind is ChatKind.GROUP:
        return frozenset({Scope.GROUPS, Scope.ADMINISTRATORS})
    return frozenset({Scope.PRIVATE})
