"""What the tests did not reach, and whether it is too much: `python -m tests.coverage`, after them.

slipcover's own floor forgets what the workers of pytest-xdist measured, so it is held here.
"""

import json
import sys
import tomllib
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent
SHOWN = 25


def main() -> int:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    measured = json.loads((ROOT / project["slipcover"]["out"]).read_text())
    floor = project["baotong"]["coverage-floor"]
    least = sorted(
        (file["summary"]["percent_covered"], name, file["missing_lines"])
        for name, file in measured["files"].items()
    )
    for covered, name, missing in least[:SHOWN]:
        click.echo(f"{covered:5.1f} %  {name}  {' '.join(map(str, missing))[:90]}")
    total = measured["summary"]["percent_covered"]
    click.echo(f"{total:5.1f} %  in all; the floor is {floor} %")
    return 1 if total < floor else 0


if __name__ == "__main__":
    sys.exit(main())
