"""The pages' templates: autoescaped, with the words and addresses they use."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from config.models import Settings
from feeds import counts
from feeds.models import Article, ReadCount
from feeds.shelf import Body, build_body
from feeds.web.static_files import static_path
from feeds.words import shown_date, shown_weekday, translator
from feeds.writers.entries import KIND_WORDS, figures, page_name
from feeds.writers.links import article_path, feed_path, issue_path, paper_path, web_url
from feeds.writers.table import WRITERS

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Templates:
    """Renders a page by its template's name. Made by `build_templates`."""

    environment: Environment

    def render(self, name: str, **values: object) -> Body:
        """A page as a body without a date: read counts and templates change it too, so only its
        tag can tell whether it changed.
        """
        text = self.environment.get_template(name).render(**values)
        return build_body(text.encode(), HTML)


def build_templates(settings: Settings) -> Templates:
    """The templates in the settings' language, linking within `public_url`'s path."""
    _ = translator(settings.language)
    environment = Environment(
        loader=PackageLoader("feeds.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "_": _,
        "language": settings.language,
        "root": urlsplit(settings.public_url).path,
        "public_url": settings.public_url,
        "formats": tuple((w.suffix, w.media_type.partition(";")[0]) for w in WRITERS),
        "static_path": static_path,
        "feed_path": feed_path,
        "paper_path": paper_path,
        "issue_path": issue_path,
        "article_path": article_path,
        "kind_name": lambda article: _(KIND_WORDS[article.kind]),
        "page_name": lambda page: page_name(page, _),
    }
    environment.filters |= {
        "date": lambda day: shown_date(day, _),
        "weekday": lambda day: shown_weekday(day, _),
        "reads": show_reads,
        "web_url": web_url,
        "body": _body,
    }
    return Templates(environment)


def show_reads(count: ReadCount | None) -> str:
    """The count as the site shows it; nothing where it is unknown."""
    return "" if count is None else counts.show(count)


def _body(article: Article) -> Markup:
    """The body with the images it does not show itself. The one place where HTML is let through:
    it was sanitised when it was read (`feeds.text.clean_html`), and the CSP runs no script.
    """
    return Markup(article.body_html + figures(article))  # noqa: S704 - see the docstring
