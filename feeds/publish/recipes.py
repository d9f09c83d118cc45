"""What the settings say about feeds, and a name for all of it. Pure."""

import hashlib
from datetime import timedelta
from importlib.metadata import version

from config.models import Settings
from config.sources import SourceConfig
from feeds.writers.heads import FeedRules, paper_of
from feeds.writers.links import ALL, issues_name
from feeds.writers.table import WRITERS

HUB_PATH = "hub"
_LONGEST_TTL = 24 * 60  # minutes


def rules_of(settings: Settings, source: SourceConfig) -> FeedRules:
    """What the settings say about one paper's feeds."""
    return FeedRules(
        public_url=settings.public_url,
        language=settings.language,
        full=settings.content_of(source) == "full",
        skip=tuple(sorted(source.skip)),
        own_links=source.link == "own",
        rights=source.rights,
        ttl_minutes=ttl_minutes(source.check_every),
        hubs=hubs_of(settings),
    )


def rules_of_all(settings: Settings) -> FeedRules:
    """The same for all papers together; what differs between papers is their entries' own."""
    soonest = min((s.check_every for s in settings.sources), default=timedelta(minutes=10))
    return FeedRules(
        public_url=settings.public_url,
        language=settings.language,
        full=True,
        ttl_minutes=ttl_minutes(soonest),
        hubs=hubs_of(settings),
    )


def hubs_of(settings: Settings) -> tuple[str, ...]:
    """The hubs that our feeds name: our own, then those that are told of news too."""
    return (settings.public_url + HUB_PATH, *settings.hub.external)


def topics_of(settings: Settings) -> tuple[str, ...]:
    """The newest feeds that there are: their files' names, whether or not they were read yet."""
    papers = [source.id for source in settings.sources]
    bases = [*papers, *(issues_name(paper) for paper in papers), ALL]
    return tuple(f"{base}.{writer.suffix}" for base in bases for writer in WRITERS)


def ttl_minutes(check_every: timedelta) -> int:
    """How long a feed may be kept, for readers: nothing new comes between two looks of ours."""
    return max(1, min(_LONGEST_TTL, check_every // timedelta(minutes=1)))


def recipe_of(settings: Settings, source: SourceConfig, authority: str) -> str:
    """A digest of everything but the archive's content that enters one paper's feeds."""
    parts = (
        version("baotong"),
        authority,
        settings.feeds.entries,
        paper_of(source),
        rules_of(settings, source),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def recipe_of_all(settings: Settings, authority: str) -> str:
    """The same for the feeds of all papers together."""
    each = [recipe_of(settings, source, authority) for source in settings.sources]
    return hashlib.sha256(" ".join(each).encode()).hexdigest()[:32]
