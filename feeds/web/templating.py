"""The pages' templates: autoescaped, compiled at start, with the words and addresses they use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Protocol
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from config.models import Settings
from feeds import counts
from feeds.models import Article, Paper, ReadCount
from feeds.shelf import Body, build_body
from feeds.summary import article_summary, issue_sentence
from feeds.web.addresses import LIVE, Addresses
from feeds.web.readers import own_reader, readers, telegram
from feeds.web.static_files import static_path
from feeds.words import Count, Translate, shown_date, shown_weekday, translator
from feeds.writers.entries import KIND_WORDS, credit, figures, page_name
from feeds.writers.links import web_url
from feeds.writers.table import WRITERS

HTML = "text/html; charset=utf-8"
XML = "application/xml; charset=utf-8"
_FORMATS = {"rss": "RSS", "atom": "Atom", "json": "JSON"}


class _CompiledOnce(BytecodeCache):
    """Code by the template's name and text: an export, which has an environment for each depth of its
    folders, compiles each template once in its process.
    """

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja asks for what it compiled before."""
        if bucket.key in self._codes:
            bucket.bytecode_from_string(self._codes[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Jinja hands over what it compiled."""
        self._codes[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _CompiledOnce()


class View(Protocol):
    """What a page says; its template is named by its kind."""

    template: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Templates:
    """Renders pages. Made by `build_templates`."""

    environment: Environment

    def page(self, view: View, bot: str | None) -> Body:
        """A page as a body without a date: read counts and templates change it too, so only its tag
        can tell whether it changed. `bot` is the Telegram bot's user name where one answers.
        """
        return self.render(view.template, view=view, bot=bot)

    def render(self, name: str, **values: object) -> Body:
        """A template that needs no view."""
        text = self.environment.get_template(name).render(**values)
        return build_body(text.encode(), XML if name.endswith(".xml") else HTML)


def build_templates(
    settings: Settings, addresses: Addresses = LIVE, root: str | None = None
) -> Templates:
    """The templates in the settings' language. `root` leads from a page to `public_url`'s place: its
    path where it is not given, or `../../` for a page that lies so deep in a static export.
    """
    environment = Environment(
        loader=PackageLoader("feeds.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_COMPILED,
    )
    environment.globals |= {
        "public_url": settings.public_url,
        "root": urlsplit(settings.public_url).path if root is None else root,
        "to": addresses,
        "is_public": settings.is_public,
        "is_static": addresses.folders,
        "static_path": static_path,
        "formats": _formats(),
        "readers": readers,
        "own_reader": own_reader,
        "telegram": telegram,
    }
    environment.globals |= _words(settings.language)
    environment.filters |= {
        "counted": Count,
        "kind_name": environment.globals["kind_name"],
        "web_url": web_url,
        "reads": show_reads,
        "body": _body,
        "summary": article_summary,
        "sentence": issue_sentence,
    }
    for name in environment.list_templates():
        environment.get_template(name)
    return Templates(environment)


def _formats() -> tuple[tuple[str, str, str], ...]:
    """Ending, media type and name of each feed format."""
    return tuple(
        (w.suffix, w.media_type.partition(";")[0], _FORMATS.get(w.suffix, w.suffix))
        for w in WRITERS
    )


def _words(language: str) -> Mapping[str, object]:
    """The functions that say something in the reader's language."""
    _ = translator(language)
    return {
        "_": _,
        "language": language,
        "day": lambda day: shown_date(day, _),
        "weekday": lambda day: shown_weekday(day, _),
        "month": lambda day: _("{day:%Y}年{day:%m}月").format(day=day),
        "moment": lambda at, zone: _moment(at, zone, _),
        "day_of": _day_of,
        "kind_name": lambda article: _(KIND_WORDS[article.kind]),
        "page_name": lambda page: page_name(page, _),
        "credit": lambda view: credit(view.paper, view.issue, view.page, view.article, _),
    }


def _moment(at: datetime, zone: str, _: Translate) -> str:
    """An instant on the paper's own clock: `04月08日 06:12`."""
    return _("{at:%m}月{at:%d}日 {at:%H:%M}").format(at=at.astimezone(ZoneInfo(zone)))


def _day_of(article: Article, paper: Paper) -> date:
    """The day of an article that is shown away from its issue."""
    return article.published.astimezone(ZoneInfo(paper.timezone)).date()


def show_reads(count: ReadCount | None) -> str:
    """The count as the site shows it; nothing where it is unknown."""
    return "" if count is None else counts.show(count)


def _body(article: Article) -> Markup:
    """The body with the images it does not show itself. The one place where HTML is let through:
    it was sanitised when it was read (`feeds.text.clean_html`), and the CSP runs no script.
    """
    return Markup(article.body_html + figures(article))  # noqa: S704 - see the docstring
