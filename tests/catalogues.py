"""The catalogues' upkeep: `python tests/catalogues.py` (also `make locale`).

Gathers the words of bot/ and feeds/, python and templates alike, merges them into each `.po` so that
a translator sees what is missing, and compiles what is there. Babel is a development dependency; the
compiled `.mo` is committed, so that running needs none.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "feeds" / "locale"
HEADER = """# {name} of 报童. Message ids are the Chinese sentences; `python tests/catalogues.py` keeps them.
msgid ""
msgstr ""
"Language: {tag}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]


def words() -> Iterator[tuple[str, str]]:
    """Every message id of the program, with the file in which it stands."""
    for package in ("bot", "feeds"):
        found = extract_from_dir(ROOT / package, METHODS, keywords={"_": None, "N_": None})
        for name, _line, message, _comments, _context in found:
            assert isinstance(message, str)
            yield message, f"{package}/{name}"


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def compiled(catalogue: Catalog) -> bytes:
    """The bytes of the `.mo`: the same for the same words and the same Babel."""
    catalogue.creation_date = catalogue.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def update(path: Path) -> None:
    """Merges today's words into one `.po` and compiles it. Words no longer used are dropped; nothing
    is guessed from similar ones.
    """
    template = Catalog()
    for message, place in words():
        template.add(message, locations=[(place, 1)])
    catalogue = read(path)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    body = io.BytesIO()
    write_po(body, catalogue, width=100, sort_output=True, no_location=True, omit_header=True)
    name = catalogue.locale.english_name if catalogue.locale else path.stem
    path.write_bytes(HEADER.format(name=name, tag=path.stem).encode() + body.getvalue())
    path.with_suffix(".mo").write_bytes(compiled(read(path)))


if __name__ == "__main__":
    for each in sorted(LOCALE.glob("*.po")):
        update(each)
