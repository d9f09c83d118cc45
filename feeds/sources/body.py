"""The body of an article from its lines: text a paragraph a line, HTML of our own making, images."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from feeds.models import CUT, Image
from feeds.text import Line, Run, absolute_url, clean, clean_html, join_wrapped, words
from feeds.text.markup import MAX_IMAGES

_CAPTION = re.compile(r"(?:图为|[▲△↑▼]|上图|下图|[左右中]图|图[①-⑩0-9]|图[:：/])")
_LONGEST_CAPTION = 120
_ORNAMENT = re.compile(
    r"(?:^|[/_.-])(?:icon|ico|logo|blank|spacer|loading|share|qr|qrcode|erweima|wx|weixin|arrow|btn|button|avatar|dot|line|bg|close)s?(?:[0-9_.-]|$)",
    re.IGNORECASE,
)
_HEADINGS = words("h1 h2 h3 h4 h5 h6")
_MAX_TEXT = 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Body:
    """`text` has a paragraph a line and is what `html` says; captions are with the images only."""

    html: str
    text: str
    images: tuple[Image, ...]

    @property
    def is_cut(self) -> bool:
        """There was more text than is kept."""
        return self.html.endswith(CUT)

    @property
    def paragraphs(self) -> list[str]:
        return self.text.split("\n") if self.text else []


def build_body(lines: Sequence[Line], base: str) -> Body:
    """A body from the lines that are it. At most 50 images and 1 MiB of text: what comes after that is
    left to the newspaper, and the HTML says so (`feeds.models.CUT`).
    """
    parts: list[str] = []
    paragraphs: list[str] = []
    images: list[Image] = []
    left, mark = _MAX_TEXT, ""
    for line, caption in _with_captions(lines):
        found = [image for run in line.images if (image := _image(run, caption, base))]
        parts += [_figure(image) for image in found[: MAX_IMAGES - len(images)]]
        images += found[: MAX_IMAGES - len(images)]
        if not line.text:
            continue
        text = _beginning(line.text, left)
        left -= len(text.encode()) + 1  # and a line feed before the next
        if len(text) < len(line.text):
            if text:
                paragraphs.append(text)
                parts.append(f"<p>{escape(text, quote=False)}</p>")
            mark = CUT
            break
        paragraphs.append(text)
        parts.append(_paragraph(line, base))
    # The mark is set behind the sanitiser, which takes every class away: no newspaper can write it.
    return Body(clean_html("\n".join(parts), base) + mark, "\n".join(paragraphs), tuple(images))


def _beginning(text: str, size: int) -> str:
    """As many of its characters as so many bytes hold."""
    size = max(size, 0)
    return text[:size].encode()[:size].decode(errors="ignore").rstrip()


def _with_captions(lines: Sequence[Line]) -> Iterator[tuple[Line, str]]:
    """Each line, images with the caption that follows them; the caption is no line of its own."""
    waiting: Line | None = None
    for line in lines:
        if waiting is not None:
            is_caption = _is_caption(line)
            yield waiting, line.text if is_caption else ""
            waiting = None
            if is_caption:
                continue
        if line.images and not line.text:
            waiting = line
        else:
            yield line, ""
    if waiting is not None:
        yield waiting, ""


def _is_caption(line: Line) -> bool:
    if not line.text or len(line.text) > _LONGEST_CAPTION:
        return False
    return (
        line.block.tag == "figcaption"
        or _CAPTION.match(line.text) is not None
        or "caption" in line.block.mark
    )


def _image(run: Run, caption: str, base: str) -> Image | None:
    source = (run.image or "").strip()
    url = absolute_url(source, base)
    if url is None or _ORNAMENT.search(source.rpartition("/")[2]):
        return None
    return Image(clean(url), caption or join_wrapped(clean(run.group)))


def _figure(image: Image) -> str:
    caption = f"<figcaption>{escape(image.caption)}</figcaption>" if image.caption else ""
    source = escape(image.url, quote=True)
    return (
        f'<figure><img src="{source}" alt="{escape(image.caption, quote=True)}">{caption}</figure>'
    )


def _paragraph(line: Line, base: str) -> str:
    """One paragraph; headings stay headings, inline emphasis and links stay."""
    tag = "h3" if line.block.tag in _HEADINGS else "p"
    if all(run.style is None and run.link is None for run in line.runs):
        return f"<{tag}>{escape(line.text, quote=False)}</{tag}>"
    inner = "".join(_inline(run, base) for run in line.runs)
    return f"<{tag}>{join_wrapped(clean(inner))}</{tag}>"


def _inline(run: Run, base: str) -> str:
    html = escape(run.text, quote=False)
    if not run.text.strip():
        return html
    if run.style:
        html = f"<{run.style}>{html}</{run.style}>"
    url = absolute_url(run.link.href, base) if run.link and run.link.href else None
    return f'<a href="{escape(url, quote=True)}">{html}</a>' if url else html
