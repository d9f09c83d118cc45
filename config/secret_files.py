"""`token_file: /run/secrets/telegram` → `token`, in every channel. Both at once is an error."""

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from config.files import explain, read_at_most
from config.places import FilePath as FilePathText
from config.problems import Path
from config.reading import Reading
from config.shape import known_keys

MAX_BYTES = 64 * 1024
SUFFIX = "_file"
CHANNELS = ("channels",)

_PATH = TypeAdapter[FilePath](FilePathText)


def read_secret_files(reading: Reading, folder: FilePath) -> None:
    """Puts what the files hold where it belongs. Their paths are relative to `folder`."""
    for path, target in list(secret_files(reading)):
        named = reading.get(path)
        if reading.get(target) is not None:
            words = f"{target[-1]} 和 {path[-1]} 只能写一个 (not both)"
            reading.complain(path, words)
            continue
        reading.put(target, _secret_in(reading, path, folder, named) or "?")


def secret_files(reading: Reading) -> Iterator[tuple[Path, Path]]:
    """Where a file is named, and where what it holds belongs."""
    for section in sections(reading, CHANNELS):
        keys = known_keys(section)
        for key in keys:
            name, path = key.removesuffix(SUFFIX), (*section, key)
            if name != key and name in keys and reading.get(path) is not None:
                yield path, (*section, name)


def sections(reading: Reading, path: Path) -> Iterator[Path]:
    """The mappings below this one that are written, those of robots by their names too."""
    written = reading.get(path)
    for key, inner in written.items() if isinstance(written, dict) else ():
        if isinstance(inner, dict) and isinstance(key, str):
            yield (*path, key)
            yield from sections(reading, (*path, key))


def _secret_in(reading: Reading, path: Path, folder: FilePath, named: Any) -> str | None:
    """The one line of a file, without its end; None where a fault was told."""
    try:
        file = folder / _PATH.validate_python(named)
        data = read_at_most(file, MAX_BYTES)
        text = data.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except ValidationError:
        words = "要写路径 (must be a path)"
    except UnicodeDecodeError:
        words = "这个文件里不是文字 (the file holds no text)"
    except OSError as error:
        words = f"这个文件{explain(error)}"
    else:
        words = _fault_of(text, len(data))
        if not words:
            return text
    reading.complain(path, words)
    return None


def _fault_of(text: str, size: int) -> str:
    if not text.strip():
        return "这个文件是空的 (the file is empty)"
    if size > MAX_BYTES or {"\n", "\r"} & set(text):
        return "这个文件只该有一行密钥 (the file must hold one line only)"
    return ""
