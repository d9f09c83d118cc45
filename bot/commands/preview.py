"""What the last issue would have given, as a subscription is set now."""

from bot.channels.base import Answer
from bot.commands.base import LIMITS, Asked, alert, say
from bot.ledger import subscriptions
from bot.ledger.subscriptions import ALL, Subscription
from bot.message import Line, Part, Span
from bot.messages.actions import Action, Verb, button
from bot.messages.measure import measure
from bot.messages.options import DOT, day_text, reads_text, title_span
from bot.selection import select
from feeds.models import Issue
from feeds.store import library
from feeds.words import Count

MOST_TITLES = 20


async def press_preview(asked: Asked, action: Action) -> Answer:
    """A message of its own, so that the card stays."""
    async with asked.store.read() as tx:
        one = await subscriptions.by_id(tx, action.row() or 0)
        issue = await library.newest_complete(tx, one.source) if one and one.source != ALL else None
    if one is None:
        return alert(asked._("这一条已经不在了。"))
    if issue is None:
        return alert(asked._("还没有读到，过一会儿再来看看。"))
    return preview_of(asked, one, issue)


def preview_of(asked: Asked, one: Subscription, issue: Issue) -> Answer:
    """How many of the issue's articles there are, and their titles."""
    _ = asked._
    source = asked.stand.get(one.source)
    if source is None:
        return say(_("这份报纸已经不在了。"))
    options = asked.options(source)
    wanted = select(issue, one, source.skip)
    every = [a for a in issue.articles if a.kind not in source.skip and not a.withdrawn]
    day = day_text(issue.date, options)
    words = _("按现在的设置，{day} 这一期的 {all} 篇里会送 {count} 篇。")
    lines = [Line((Span(words.format(day=day, count=len(wanted), all=Count(len(every)))),))]
    for article in wanted[:MOST_TITLES]:
        reads = reads_text(article.reads, options)
        spans = (Span("▪ "), title_span(article, options))
        line = Line((*spans, Span(DOT + reads)) if reads else spans)
        if not measure([*lines, line]).fits(LIMITS):
            break
        lines.append(line)
    if len(wanted) > len(lines) - 1:
        more = _("还有 {count} 篇。").format(count=len(wanted) - len(lines) + 1)
        lines.append(Line((Span(more),)))
    back = button(_("改设置"), Verb.SUBSCRIPTION, one.id)
    return Answer((Part(tuple(lines), buttons=((back,),)),))
