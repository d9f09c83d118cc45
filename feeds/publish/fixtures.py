"""The files that only the settings decide: the lists of feeds, the stylesheet, the icon. Pure."""

from collections.abc import Iterator
from importlib.resources import files

from config.models import Settings
from feeds.publish.recipes import rules_of
from feeds.words import translator
from feeds.writers.heads import NEVER, build_head, build_issues_head, paper_of
from feeds.writers.opml import write_opml

OPML_NAME, ISSUES_OPML_NAME = "feeds.opml", "feeds.issues.opml"
_FORMAT = "rss"  # the one that every reader takes


def fixtures(settings: Settings, authority: str) -> Iterator[tuple[str, bytes]]:
    """Each file's name and bytes."""
    _ = translator(settings.language)
    papers = [(paper_of(source), rules_of(settings, source)) for source in settings.sources]
    feeds = [build_head(paper, rules, authority, NEVER) for paper, rules in papers]
    yield OPML_NAME, write_opml(_("报童的报纸"), feeds, _FORMAT)
    issues = [build_issues_head(paper, rules, authority, NEVER) for paper, rules in papers]
    yield ISSUES_OPML_NAME, write_opml(_("报童的报纸·每期一条"), issues, _FORMAT)
    for name in ("style.css", "icon.png"):
        yield name, (files("feeds.publish") / "assets" / name).read_bytes()
