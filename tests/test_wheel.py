"""The wheel, built from this checkout and installed into an environment of its own: what a user gets.
Nothing is downloaded: the dependencies are those that the tests run with.
"""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "feeds", "config")


def run(*command: str | Path, cwd: Path) -> str:
    """What a command printed; fails with what it complained of."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    offline = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation")
    run(sys.executable, "-m", "pip", "wheel", *offline, "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of a fresh environment with the wheel in it."""
    home = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", home / "venv", cwd=home)
    python = _scripts(home / "venv") / "python"
    where = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home)
    # a folder named in a .pth is searched, but its own .pth files are not: not our checkout's
    Path(where.strip(), "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=home)
    return python.parent


def _scripts(venv: Path) -> Path:
    return venv / ("Scripts" if os.name == "nt" else "bin")


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())

    files = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files <= held
    assert {name.split("/")[0] for name in held if ".dist-info/" not in name} == set(PACKAGES)


def test_the_installed_packages_are_not_the_checkout(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import bot; print(bot.__file__)", cwd=tmp_path)

    assert not Path(where.strip()).is_relative_to(ROOT)


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("schema",), ("run", "--help")])
def test_the_installed_command_answers(
    installed: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert run(installed / "baotong", *arguments, cwd=tmp_path).strip()


def test_the_installed_command_writes_a_configuration_to_start_from(
    installed: Path, tmp_path: Path
) -> None:
    run(installed / "baotong", "init", cwd=tmp_path)

    assert (tmp_path / "baotong.yaml").stat().st_size > 0


def test_the_installed_packages_bring_a_database_to_its_newest_form(
    installed: Path, tmp_path: Path
) -> None:
    script = """
import asyncio, pathlib
from feeds.store.build import open_store

async def main():
    store = await open_store(pathlib.Path("var"), None)
    await store.close()

asyncio.run(main())
"""
    run(installed / "python", "-c", script, cwd=tmp_path)

    assert any(path.stat().st_size > 0 for path in (tmp_path / "var").iterdir())
