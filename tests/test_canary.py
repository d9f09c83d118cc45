"""The eyes that look for secrets see them: each way out of the program, tried with a test that lets one out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes import canary

ROOT = Path(__file__).parents[1]
LEAKS = {
    "printed": "def test(): print(TOKEN)",
    "to stderr": "def test():\n    import sys\n    print('/bot' + TOKEN + '/getMe', file=sys.stderr)",
    "captured": "def test(capsys):\n    print(TOKEN)\n    capsys.readouterr()",
    "written": "def test(tmp_path): (tmp_path / 'feed.rss').write_text('<a>' + TOKEN)",
    "stored": """
def test(tmp_path):
    import sqlite3
    with sqlite3.connect(tmp_path / "baotong.sqlite3") as connection:
        connection.execute("CREATE TABLE t AS SELECT ? AS words", (TOKEN,))
""",
    "sent": "def test(): canary.watch('sendMessage', TOKEN)",
    "by a command": """
def test():
    import subprocess, sys
    subprocess.run([sys.executable, "-c", f"print({TOKEN!r})"], capture_output=True)
""",
    "encoded": "def test(): print(canary.b64encode(canary.ROBOT_SECRET.encode()))",
}
HARMLESS = {
    "nothing": "def test(): print('阅读数:231')",
    "a secret file": "def test(tmp_path): (tmp_path / 'token').write_text(TOKEN + '\\n')",
    "a configuration": "def test(tmp_path): (tmp_path / 'baotong.yaml').write_text('token: ' + TOKEN)",
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All of them in one run: what it says of each."""
    folder = tmp_path_factory.mktemp("canary")
    imported = "from tests.canary import *\nfrom tests.canary import _no_secret_comes_out, _output_is_watched\n"
    (folder / "conftest.py").write_text(imported, encoding="utf-8")
    cases = {**LEAKS, **HARMLESS}
    for number, body in enumerate(cases.values()):
        head = "from tests.fakes import canary\nTOKEN = canary.BOT_TOKEN\n"
        (folder / f"test_{number}.py").write_text(head + body, encoding="utf-8")
    with (folder / "out").open("wb") as out:
        done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "-p", "no:slipcover", "--rootdir", folder,
         "--show-capture=no", f"--basetemp={folder / 'tmp'}", folder],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=folder,
        stdout=out, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 1
    said = (folder / "out").read_text("utf-8").splitlines()
    return {
        name: " ".join(
            line.split()[0]
            for line in said
            if f"test_{number}.py" in line and line.split()[0].isupper()
        )
        for number, name in enumerate(cases)
    }


@pytest.mark.parametrize("name", LEAKS)
def test_a_secret_that_comes_out_fails_the_test(outcomes: dict[str, str], name: str) -> None:
    assert "FAILED" in outcomes[name] or "ERROR" in outcomes[name]


@pytest.mark.parametrize("name", HARMLESS)
def test_a_secret_where_it_belongs_fails_nothing(outcomes: dict[str, str], name: str) -> None:
    assert outcomes[name] == "PASSED"


def test_a_secret_in_a_table_is_seen(postgresql_database: str) -> None:
    import psycopg  # noqa: PLC0415

    with psycopg.connect(postgresql_database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t AS SELECT %s AS words", (canary.BOT_TOKEN,))
        canary.in_postgresql(postgresql_database)
        connection.execute("DROP TABLE t")
    [found] = canary.escaped
    assert "table t" in found
    canary.escaped.clear()
