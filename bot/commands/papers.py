"""/papers: what there is to read; and the question which paper is meant, with a button each."""

from bot.channels.base import Answer
from bot.commands.base import Asked, say
from bot.message import Button
from bot.messages.actions import Action, Verb, about_source
from config.models import SourceConfig
from feeds.store import library
from feeds.words import shown_date

MOST_BUTTONS = 40


async def papers(asked: Asked) -> Answer:
    """Every paper with its newest issue, and a button to subscribe."""
    _ = asked._
    sources = asked.settings.sources
    if not sources:
        return say(_("还没有报纸。"))
    lines = [f"**{_('报纸')}"]
    async with asked.store.read() as tx:
        for source in sources[:MOST_BUTTONS]:
            issue = await library.newest_issue(tx, source.id)
            newest = shown_date(issue.date, _) if issue else _("还没有读到")
            lines.append(f"{source.title} · {newest}")
    if len(sources) > MOST_BUTTONS:
        lines.append(
            _("还有 {count} 份，用 /subscribe 加报名来订。").format(
                count=len(sources) - MOST_BUTTONS
            )
        )
    return say(*lines, buttons=paper_buttons(sources, Verb.SUBSCRIBE, _("订阅 {paper}")))


def which_paper(asked: Asked, verb: Verb, question: str) -> Answer:
    """Asks which paper is meant."""
    return say(question, buttons=paper_buttons(asked.settings.sources, verb, "{paper}"))


def paper_buttons(
    sources: tuple[SourceConfig, ...], verb: Verb, words: str
) -> tuple[tuple[Button, ...], ...]:
    return tuple(
        (Button(words.format(paper=s.title), action=str(Action(verb, about_source(s.id)))),)
        for s in sources[:MOST_BUTTONS]
    )


def unknown_paper(asked: Asked, name: str) -> Answer:
    """No paper is called so."""
    words = asked._("没有找到「{name}」这份报纸。/papers 看看都有哪些。")
    return say(words.format(name=name[:40]))
