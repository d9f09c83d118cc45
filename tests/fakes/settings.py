"""Settings for tests, read from YAML by the same door as an operator's."""

from pathlib import Path

from config.load import load
from config.models import Settings

TWO_PAPERS = """\
data_dir: data
public_url: {public_url}
{more}
sources:
  - id: huaian
    kind: yunbao
    title: 淮安区报
    url: http://paper.test/
    check_every: 10m
    {huaian}
  - id: chuzhou
    kind: yunbao
    title: 楚州晚报
    url: http://evening.test/
"""


def two_papers(
    folder: Path,
    *,
    public_url: str = "http://127.0.0.1:8080/",
    more: str = "",
    huaian: str = "skip: []",
) -> Settings:
    """Settings of 淮安区报 (`huaian`) and 楚州晚报 (`chuzhou`) in `folder`. `more` is YAML of the top
    level, `huaian` one more line of the first paper.
    """
    return read_settings(folder, TWO_PAPERS.format(public_url=public_url, more=more, huaian=huaian))


def read_settings(folder: Path, text: str) -> Settings:
    """The settings that this YAML means, with an empty environment."""
    path = folder / "baotong.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, {})
