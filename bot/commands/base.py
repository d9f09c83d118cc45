"""The seam of chat commands: a row in the table, and a function from what a person did to an answer."""

import difflib
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.address import Address, ChatKind
from bot.channels.base import Answer, Incoming
from bot.compose import options_for
from bot.message import Button, Limits, Line, Part, Span
from bot.messages import Options
from config.models import Settings, SourceConfig
from feeds.clock import Clock
from feeds.models import Paper
from feeds.store.engine import Store
from feeds.words import translator

LIMITS = Limits()
LIKE_ENOUGH = 0.5  # of difflib's ratio, for a paper's misspelt name


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command has at hand: who asks, in which language, and the house."""

    incoming: Incoming
    language: str
    store: Store
    settings: Settings
    clock: Clock
    _: Callable[[str], str] = field(repr=False)

    @property
    def to(self) -> Address:
        return self.incoming.address

    @property
    def chat(self) -> str:
        return f"{self.to.channel}:{self.to.chat}"

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def options(self, source: SourceConfig) -> Options:
        """How to speak to this chat about this paper."""
        return options_for(self.settings, source, self.incoming.kind, self.language)

    def paper(self, name: str) -> SourceConfig | None:
        """The paper that a person means: its id, its title, a part of it, or nearly so."""
        return find_paper(self.settings.sources, name)


Run = Callable[[Asked], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table. `words` says in the menu what it does (a message id); `changes` is true
    where a group's members may not, only its administrators.
    """

    name: str
    words: str
    run: Run
    changes: bool = False


def asked(
    incoming: Incoming, chosen: str | None, store: Store, settings: Settings, clock: Clock
) -> Asked:
    """`chosen` is the language that the chat chose, if it did; else its client's decides."""
    language = chosen or _client_language(incoming) or settings.language
    return Asked(incoming, language, store, settings, clock, translator(language))


def _client_language(incoming: Incoming) -> str | None:
    if incoming.kind is not ChatKind.PRIVATE or not incoming.language:
        return None
    return "zh-CN" if incoming.language.lower().startswith("zh") else "en"


def find_paper(papers: tuple[SourceConfig, ...], name: str) -> SourceConfig | None:
    """See `Asked.paper`. A name that fits two papers equally well means neither."""
    wanted = _fold(name)
    if not wanted:
        return None
    names = {paper.id: (_fold(paper.id), _fold(paper.title)) for paper in papers}
    exact = [p for p in papers if wanted in names[p.id]]
    partly = [p for p in papers if any(wanted in n or n in wanted for n in names[p.id])]
    for found in (exact, partly):
        if found:
            return found[0] if len(found) == 1 else None
    return _nearest(papers, wanted, names)


def _nearest(
    papers: tuple[SourceConfig, ...], wanted: str, names: dict[str, tuple[str, str]]
) -> SourceConfig | None:
    def likeness(paper: SourceConfig) -> float:
        return max(difflib.SequenceMatcher(None, wanted, name).ratio() for name in names[paper.id])

    best = max(papers, key=likeness, default=None)
    return best if best is not None and likeness(best) >= LIKE_ENOUGH else None


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().strip("《》").casefold()


def paper_of(source: SourceConfig) -> Paper:
    """The paper as the settings name it now."""
    return Paper(source.id, source.title, source.url, source.timezone)


def say(*lines: str, buttons: tuple[tuple[Button, ...], ...] = ()) -> Answer:
    """An answer of plain lines; `**` at a line's beginning makes it bold."""
    blocks = tuple(
        Line((Span(text.removeprefix("**"), bold=text.startswith("**")),)) for text in lines
    )
    return Answer(parts=(Part(blocks, buttons=buttons),))
