"""The channels' secrets, for commands that send nothing: what stands elsewhere (`${NAME}`, `token_file`) is
not read, so such a command also runs where only the worker has them. What is written wrongly stays wrong.
"""

from collections.abc import Iterator

from config.problems import Path
from config.reading import Reading
from config.secret_files import CHANNELS, secret_files, sections
from config.shape import known_keys, takes_null, wants_secret

STAND_IN = "secret-not-read-by-this-command"  # has the form of every secret that must be there


def withhold_secrets(reading: Reading) -> None:
    """Puts nothing, or a stand-in, where a secret of a channel would be read from elsewhere."""
    for path, target in list(secret_files(reading)):
        if isinstance(reading.get(path), str) and reading.get(target) is None:
            reading.put(path, None)
            _withhold(reading, target)
    for path in list(_from_variables(reading)):
        _withhold(reading, path)


def _withhold(reading: Reading, path: Path) -> None:
    reading.put(path, None if takes_null(path) else STAND_IN)


def _from_variables(reading: Reading) -> Iterator[Path]:
    for section in sections(reading, CHANNELS):
        for key in known_keys(section):
            path = (*section, key)
            text = reading.get(path)
            if isinstance(text, str) and "${" in text and wants_secret(path):
                yield path
