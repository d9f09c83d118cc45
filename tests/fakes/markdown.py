"""Markdown as far as the documentation uses it: its blocks of code, its words in code, its headings and links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"(?ms)^( *)```([^\n]*)\n(.*?)^\1```$")
_CODE = re.compile(r"(`+)(.+?)\1")
_LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `info` is what stands behind its fence: `yaml`, `yaml fragment`."""

    info: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """One file. `prose` is its text without the fenced blocks."""

    path: Path
    text: str

    @property
    def blocks(self) -> list[Block]:
        return [Block(info.strip(), text) for _, info, text in _FENCE.findall(self.text)]

    @property
    def prose(self) -> str:
        return _FENCE.sub("", self.text)

    def words(self) -> Iterator[str]:
        """What stands in code within its lines, in tables too."""
        for _, word in _CODE.findall(self.prose):
            yield word.replace("\\|", "|")

    def links(self) -> Iterator[str]:
        """Where its links and pictures lead, code aside."""
        yield from _LINK.findall(_CODE.sub("", self.prose))

    def anchors(self) -> set[str]:
        """Its headings as addresses within it, as GitHub makes them."""
        found: set[str] = set()
        for heading in re.findall(r"(?m)^#+ (.+)$", self.prose):
            slug = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
            number = 0
            while (anchor := f"{slug}-{number}" if number else slug) in found:
                number += 1
            found.add(anchor)
        return found

    def section(self, heading: str) -> str | None:
        """What stands below `## heading`, up to the next of its rank; None where there is none."""
        found = re.search(rf"(?ms)^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", self.text)
        return found[1] if found else None


def read(path: Path) -> Page:
    return Page(path, path.read_text("utf-8"))
