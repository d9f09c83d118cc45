"""An operator: has a configuration in a folder, beside it secret files, around it variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.load import ConfigError, load
from config.models import Settings
from config.problems import Problem
from feeds.sources.languages import RULE_LANGUAGES
from feeds.sources.table import fault_of_family

ONE_PAPER = """\
sources:
  - id: huaian
    kind: yunbao
    title: 淮安区报
    url: https://paper.example.com/
"""


@dataclass(frozen=True)
class Operator:
    """Writes a file and reads it by the door of `run` and `check`."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "baotong.yaml"

    def settings(self, text: str | bytes, environ: Mapping[str, str] | None = None) -> Settings:
        """What this file means. Raises `ConfigError`."""
        self.file.write_bytes(text.encode() if isinstance(text, str) else text)
        return self.read(environ)

    def read(self, environ: Mapping[str, str] | None = None) -> Settings:
        """What the file as it is means. Raises `ConfigError`."""
        return load(self.file, environ or {}, RULE_LANGUAGES, judge=fault_of_family)

    def problems(
        self, text: str | bytes, environ: Mapping[str, str] | None = None
    ) -> list[Problem]:
        """What is wrong with this file."""
        with pytest.raises(ConfigError) as caught:
            self.settings(text, environ)
        return list(caught.value.problems)

    def told(self, text: str | bytes, environ: Mapping[str, str] | None = None) -> list[str]:
        """The lines that are printed about this file, without the folder's name."""
        return [self.line(problem) for problem in self.problems(text, environ)]

    def line(self, problem: Problem) -> str:
        return str(problem).replace(f"{self.folder}/", "")
