"""/pause and /resume of an operator who names a newspaper or a channel.

    /pause                    always the reader's: their own subscriptions here
    /pause telegram           a channel can only be meant as a whole
    /pause 淮安区报            subscribed here as well? then two buttons ask which is meant

So a reader's command never does more than it did, and a whole newspaper is never stopped by mistake.
"""

from dataclasses import dataclass, replace

import structlog

from bot.address import Address, ChatKind
from bot.channels.base import Answer
from bot.commands import papers
from bot.commands.base import Asked, Buttons, say
from bot.commands.ending import EVERYTHING
from bot.ledger import subscriptions
from bot.ledger.subscriptions import CHAT, Subscription
from bot.message import Button
from bot.messages.actions import Action, Verb, about_source, button
from bot.standing.gather import configured_channels
from feeds.models import PauseKind
from feeds.store import pauses
from feeds.text.characters import cut
from feeds.words import N_

log = structlog.get_logger(__name__)

PAUSE, RESUME = "pause", "resume"
MOST_NAMED, MOST_CHARACTERS = 20, 40  # papers in one line, and of what was typed
_ASKS = {PAUSE: N_("停哪一个？"), RESUME: N_("接着哪一个？")}
_HERE = {PAUSE: N_("只在这里暂停"), RESUME: N_("只在这里恢复")}
_WHOLE = {PAUSE: N_("整份报纸暂停看"), RESUME: N_("整份报纸接着看")}
_READERS_VERB = {PAUSE: Verb.PAUSE, RESUME: Verb.RESUME}


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be paused. `is_exact`: it was called by its own name."""

    kind: PauseKind
    name: str
    title: str
    is_exact: bool = True

    @property
    def about(self) -> str:
        """As a button names it."""
        name = about_source(self.name) if self.kind is PauseKind.SOURCE else self.name
        return f"{self.kind}:{name}"


async def pause(asked: Asked) -> Answer | None:
    """`/pause [paper|channel]`; None where only a reader's meaning is possible."""
    return await _halt(asked, PAUSE)


async def resume(asked: Asked) -> Answer | None:
    """`/resume [paper|channel]`."""
    return await _halt(asked, RESUME)


async def press(asked: Asked, action: Action, verb: str) -> Answer | None:
    """`pause:source:huaian`; None for a button whose paper or channel is gone."""
    _, kind, name = action.about.split(":", 2)
    target = _named(asked, kind, name)
    return None if target is None else replace(await _do(asked, verb, target), replace=True)


async def _halt(asked: Asked, verb: str) -> Answer | None:
    target = _target(asked, asked.words) if asked.words else None
    if target is None:
        return None if await _is_readers(asked) else _nothing_called(asked)
    own = await _own(asked, target)
    mine = own if own is not None and own.paused is (verb == RESUME) else None
    if await _is_paused(asked, target) is not (verb == RESUME):  # as a whole it is so already
        return None if mine else _already(asked, target, verb)
    if own is None and target.is_exact:
        return await _do(asked, verb, target)
    return _which(asked, target, verb, mine)


async def _is_readers(asked: Asked) -> bool:
    """Whether a word that names no paper and no channel says something to a reader."""
    word = asked.words.casefold()
    if not word or word in EVERYTHING:
        return True
    async with asked.store.read() as tx:
        held = await subscriptions.of_chat(tx, asked.about.to)
    return any(one.source == asked.words and one.origin == CHAT for one in held)


def _nothing_called(asked: Asked) -> Answer:
    """What there is, for whoever may halt it."""
    _ = asked._
    if len(asked.stand.search(asked.words)) > 1:
        return papers.unknown_paper(asked, asked.words)
    titles = [paper.title for paper in asked.stand.papers[:MOST_NAMED]]
    more = " …" if len(asked.stand) > MOST_NAMED else ""
    return say(
        _("没有叫「{name}」的报纸或渠道。").format(name=cut(asked.words, MOST_CHARACTERS)),
        _("报纸：{names}").format(names=_("、").join(titles) + more),
        _("渠道：{names}").format(names=_("、").join(sorted(configured_channels(asked.settings)))),
    )


def _target(asked: Asked, name: str) -> Target | None:
    """A paper by its name before a channel by its own; then a paper that is nearly called so."""
    if (paper := asked.stand.exactly(name)) is not None:
        return Target(PauseKind.SOURCE, paper.id, paper.title)
    if name.casefold() in configured_channels(asked.settings):
        return Target(PauseKind.CHANNEL, name.casefold(), name.casefold())
    paper = asked.stand.find(name)
    return Target(PauseKind.SOURCE, paper.id, paper.title, is_exact=False) if paper else None


def _named(asked: Asked, kind: str, name: str) -> Target | None:
    """What a button means."""
    if kind == PauseKind.CHANNEL:
        is_there = name in configured_channels(asked.settings)
        return Target(PauseKind.CHANNEL, name, name) if is_there else None
    paper = asked.stand.of_button(name)
    return Target(PauseKind.SOURCE, paper.id, paper.title) if paper else None


async def _is_paused(asked: Asked, target: Target) -> bool:
    async with asked.store.read() as tx:
        return target.name in await pauses.standing(tx, target.kind)


async def _own(asked: Asked, target: Target) -> Subscription | None:
    """The subscription that a reader would mean here, or in the channel that is looked after from here."""
    if target.kind is PauseKind.CHANNEL:
        return None
    manages = asked.chat.manages if asked.incoming.kind is ChatKind.PRIVATE else None
    async with asked.store.read() as tx:
        held = await subscriptions.of_chat(tx, Address.parse(manages) if manages else asked.to)
    return next((s for s in held if s.source == target.name and s.origin == CHAT), None)


def _which(asked: Asked, target: Target, verb: str, mine: Subscription | None) -> Answer:
    _ = asked._
    whole = button(_(_WHOLE[verb]), Verb.OPERATE, f"{verb}:{target.about}")
    other = (
        button(_("不用"), Verb.CLOSE, "no")
        if mine is None
        else button(_(_HERE[verb]), _READERS_VERB[verb], mine.id)
    )
    return say("**" + target.title, _(_ASKS[verb]), buttons=((other, whole),))


def _already(asked: Asked, target: Target, verb: str) -> Answer:
    _ = asked._
    if verb == PAUSE:
        words = _("本来就停着：{which}。").format(which=target.title)
        return say(words, buttons=_back(asked, target, PAUSE))
    return say(_("本来就没有停：{which}。").format(which=target.title))


async def _do(asked: Asked, verb: str, target: Target) -> Answer:
    by = f"{asked.to.channel}:{asked.incoming.person}"
    async with asked.store.write() as tx:
        if verb == PAUSE:
            await pauses.pause(tx, target.kind, target.name, by, asked.now)
        else:
            await pauses.resume(tx, target.kind, target.name)
    log.info("an operator's word", verb=verb, what=str(target.kind), name=target.name, by=by)
    return say(*_done(asked, verb, target), buttons=_back(asked, target, verb))


def _done(asked: Asked, verb: str, target: Target) -> tuple[str, ...]:
    _ = asked._
    if target.kind is PauseKind.SOURCE:
        words = {
            PAUSE: _("停了：《{name}》。报童不再去看它，谁也收不到它的新一期，直到接着看。"),
            RESUME: _("接着看：《{name}》。"),
        }[verb]
    else:
        words = {
            PAUSE: _("停了：{name}。不再推送，也不改发出的消息；该送的都留着，问我的话还是会答。"),
            RESUME: _("接着推送：{name}。等得太久的，合成一条汇总。"),
        }[verb]
    return (words.format(name=target.title),)


def _back(asked: Asked, target: Target, verb: str) -> Buttons:
    """The way back from what was done."""
    words, other = (asked._("接着来"), RESUME) if verb == PAUSE else (asked._("还是停着"), PAUSE)
    back: Button = button(words, Verb.OPERATE, f"{other}:{target.about}")
    return ((back,),)
