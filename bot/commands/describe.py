"""How a subscription is said in words."""

from collections.abc import Iterable, Sequence

from bot.commands.base import Asked
from bot.commands.clocks import ZONES
from bot.ledger.subscriptions import ALL, CHAT, Subscription, deciding_of
from bot.ledger.tables import Mode
from bot.messages.options import DOT
from bot.owing import DAILY_AT
from feeds.words import N_, Translate

MODES = {
    Mode.ISSUE: N_("一期一条"),
    Mode.ARTICLE: N_("一篇一条"),
    Mode.DAILY: N_("一天一条"),
}


def paper_title(asked: Asked, source: str) -> str:
    """The paper's title, or what stands for it."""
    if source == ALL:
        return asked._("所有报纸")
    paper = asked.stand.get(source)
    return paper.title if paper else source


def mode_text(subscription: Subscription, _: Translate) -> str:
    """`一期一条`; `一天一条，20:00`."""
    words = _(MODES[subscription.mode])
    if subscription.mode is not Mode.DAILY:
        return words
    return _("{mode}，{at}").format(mode=words, at=subscription.at or DAILY_AT)


def pages_text(pages: Iterable[str], _: Translate) -> str:
    """`第01、02版`."""
    return _("第{labels}版").format(labels=_("、").join(sorted(pages)))


def quiet_text(subscription: Subscription, _: Translate) -> str:
    """What happens in the quiet hours."""
    if subscription.quiet is None:
        return _("不安静")
    hours = subscription.quiet.replace("-", "–")
    words = _("{hours} 先存着") if subscription.hold else _("{hours} 不响铃")
    return words.format(hours=hours)


def rung_text(subscription: Subscription, _: Translate) -> str:
    """When an article is told once more."""
    if subscription.rung is None:
        return _("不另外提醒")
    return _("过 {count} 时提醒").format(count=subscription.rung)


def facts(asked: Asked, subscription: Subscription) -> list[str]:
    """The paper, and all of how it is wanted that is not the usual."""
    _ = asked._
    told = [paper_title(asked, subscription.source), mode_text(subscription, _)]
    if subscription.pages:
        told.append(pages_text(subscription.pages, _))
    if subscription.filter:
        told.append(_("筛选「{words}」").format(words=subscription.filter))
    if subscription.rung:
        told.append(_("阅读数过 {count} 时提醒").format(count=subscription.rung))
    if subscription.paused:
        told.append(_("已暂停"))
    if subscription.origin != CHAT:
        told.append(_("管理员设的"))
    if subscription.source != ALL and asked.stand.get(subscription.source) is None:
        told.append(_("这份报纸已经不在了"))
    return told


def line(asked: Asked, subscription: Subscription) -> str:
    """All of that in one line."""
    return DOT.join(facts(asked, subscription))


def overruled(asked: Asked, subscription: Subscription, mine: Sequence[Subscription]) -> str | None:
    """Says which of several subscriptions decides about a paper, where it is not this one. No chat
    gets an article twice.
    """
    _ = asked._
    if subscription.source != ALL:
        decides = deciding_of(mine, subscription.source)
        if decides is None or decides.id == subscription.id:
            return None
        return _("现在由「{other}」这一条决定，每篇只送一次。").format(other=line(asked, decides))
    others = [
        paper_title(asked, one.source)
        for one in mine
        if one.source != ALL and deciding_of(mine, one.source) == one
    ]
    if not others:
        return None
    return _("{papers}另有订阅，各按各的送，每篇只送一次。").format(papers=_("、").join(others[:5]))


def zone_text(zone: str, _: Translate) -> str:
    """`北京时间`, or the zone's own name."""
    if zone in ZONES:
        return _(ZONES[zone])
    if zone.startswith("Etc/GMT"):
        sign = "-" if zone[7:8] == "+" else "+"
        return f"UTC{sign}{zone[8:]}"
    return zone
