"""The configuration that a few answers make: our commented example with these answers in place of its own.

The comments stay, for they lead on; what the answers settle is no longer commented out.
"""

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from config.adding import beside
from config.writing import replace_sources, settings_text, source_text

ONLY_OURS = 0o600


@dataclass(frozen=True, slots=True)
class Start:
    """What a first configuration says. `channels` and `deliver` are as in the file; no secret stands in them:
    `key_file: wecom.key` or `key: ${WECOM_KEY}`.
    """

    source: Mapping[str, Any]
    channels: Mapping[str, Any] = field(default_factory=dict)
    deliver: Mapping[str, Any] | None = None
    operators: tuple[str, ...] = ()
    contact: str | None = None
    allow_hosts: tuple[str, ...] = ()


def example() -> str:
    """Our commented example."""
    return files("config").joinpath("examples", "baotong.yaml").read_text(encoding="utf-8")


def starting_text(start: Start) -> str:
    """The whole file."""
    lines = replace_sources(example(), start.source).splitlines()
    if start.allow_hosts:
        _settle(lines, "allow_hosts", list(start.allow_hosts))
    if start.contact:
        _settle(lines, "contact", start.contact)
    if start.channels:
        _open(lines, "channels", settings_text(start.channels, "  "), drop=set(start.channels))
    if start.deliver:
        _open(lines, "deliver", source_text(start.deliver))
    if start.operators:
        _settle(lines, "operators", list(start.operators))
    return "\n".join(lines) + "\n"


def _place(lines: Sequence[str], key: str) -> int:
    """Where the example has this key behind a `#`."""
    return next(n for n, line in enumerate(lines) if re.match(rf"\s*# {key}:", line))


def _settle(lines: list[str], key: str, value: Any) -> None:
    """Writes a line's value in place of its example; what the line says of itself stays."""
    place = _place(lines, key)
    said = re.match(r"(?P<indent>\s*)# [^#]*(?P<comment>#.*)?", lines[place])
    assert said is not None
    line = settings_text({key: value}, said["indent"]).rstrip("\n")
    lines[place] = f"{line:<40}{said['comment']}" if said["comment"] else line


def _open(
    lines: list[str], key: str, text: str, drop: frozenset[str] | set[str] = frozenset()
) -> None:
    """Writes a section. What the example has in it stays behind as comments, but for what is in the file now."""
    place = _place(lines, key)
    end = next((n for n in range(place, len(lines)) if not lines[n].startswith("#")), len(lines))
    kept, is_kept = [], True
    for line in lines[place + 1 : end]:
        if name := re.match(r"#   (\w+):", line):
            is_kept = name[1] not in drop
        if is_kept:
            kept.append(line)
    lines[place:end] = [f"{key}:", *text.splitlines(), *kept]


def write_start(path: Path, text: str, secrets: Mapping[str, str], *, replaces: bool) -> None:
    """Writes the file, and beside it a file for each secret that nobody else may read; all or none of them.

    Raises OSError; `FileExistsError` where the file is there already and is not to be replaced.
    """
    with ExitStack() as undo:
        for beside_it, secret in secrets.items():
            file = path.resolve().parent / beside_it
            if not file.exists():
                undo.callback(file.unlink, missing_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
            draft = Path(name)
            undo.callback(draft.unlink, missing_ok=True)
            _fill(handle, draft, secret)
            draft.replace(file)
        temporary = beside(path, text)
        undo.callback(temporary.unlink, missing_ok=True)
        temporary.chmod(0o644)
        if not replaces and path.exists():
            raise FileExistsError(path)
        temporary.replace(path.resolve())
        undo.pop_all()


def _fill(handle: int, draft: Path, secret: str) -> None:
    """Writes a file that was never open to others."""
    draft.chmod(ONLY_OURS)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(secret + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def free_name(folder: Path, name: str) -> str:
    """The name itself, or the first like it that no file has: wecom.key, wecom-2.key."""
    stem, _, ending = name.rpartition(".")
    number, free = 1, name
    while (folder / free).exists():
        number += 1
        free = f"{stem}-{number}.{ending}"
    return free
