"""The READMEs' pictures are there, small, and all of them used."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
LARGEST = 250_000  # bytes
PICTURE = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")


def test_every_picture_of_a_readme_is_there_and_small() -> None:
    shown: set[Path] = set()
    for readme in (ROOT / "README.md", ROOT / "docs" / "README.zh-CN.md"):
        found = {(readme.parent / name).resolve() for name in PICTURE.findall(readme.read_text())}
        assert found, readme
        assert all(0 < path.stat().st_size < LARGEST for path in found)
        shown |= found

    kept = {path.resolve() for path in (ROOT / "docs" / "images").iterdir()}
    assert kept == shown
