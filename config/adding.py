"""Adding a newspaper to a configuration file: the file is replaced at once, and only by one that says what it
said before and this newspaper more.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from config.load import ConfigError, load
from config.models import Settings
from config.writing import CannotAppend, append_source, replace_sources


def add_source(
    path: Path, source: Mapping[str, Any], before: Settings | None, environ: Mapping[str, str]
) -> None:
    """Writes a source into the file that `before` was read from, without the secrets of channels; into a
    new one, made from our example, where it is None.

    Raises `CannotAppend` and OSError; the file is then as it was.
    """
    text = _text_with(path, source, is_new=before is None)
    temporary = beside(path, text)
    try:
        if not _is_added(temporary, source, before, environ):
            raise CannotAppend("sources 的写法有些特别,加不进去")
        if path.exists():
            shutil.copymode(path, temporary)
        else:
            temporary.chmod(0o644)
        temporary.replace(path.resolve())
    finally:
        temporary.unlink(missing_ok=True)


def _text_with(path: Path, source: Mapping[str, Any], *, is_new: bool) -> str:
    if is_new:
        template = files("config").joinpath("examples", "baotong.yaml")
        return replace_sources(template.read_text(encoding="utf-8"), source)
    with path.open(encoding="utf-8", newline="") as file:
        return append_source(file.read(), source)


def beside(path: Path, text: str) -> Path:
    """A new file with this text where the configuration stands: what a configuration names is named from there,
    and only there a file takes another's place at once. Raises OSError, and leaves nothing then.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.resolve().parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _is_added(
    path: Path, source: Mapping[str, Any], before: Settings | None, environ: Mapping[str, str]
) -> bool:
    try:
        now = load(path, environ, sends=False)
    except ConfigError:
        return False
    *others, added = now.sources
    if before is not None and now.model_copy(update={"sources": tuple(others)}) != before:
        return False
    said = added.model_dump(include=set(source))
    return all(said[key] == value for key, value in source.items())
