"""The Containerfile, done step by step without a container engine: in a bare folder, with the dependencies that the tests
run with; and whole, with `CONTAINERFILE=whole` and as root: on an overlay of this machine's own root, with the locked
dependencies and their hashes, then run by a numeric user in a read-only root with no capabilities.
"""

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import config
from tests.fakes.worker import free_port

DEPLOY = Path(config.__file__).parent / "deploy"
ROOT = DEPLOY.parents[1]
TEXT = (DEPLOY / "Containerfile").read_text("utf-8")
PLACES = ("src", "opt/baotong", "data")
WHOLE = os.environ.get("CONTAINERFILE") == "whole"

Step = tuple[str, str]


def stages() -> list[list[Step]]:
    """The steps of each stage: word and rest, continued lines joined."""
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^#.*\n", "", TEXT))
    steps = [line.partition(" ") for line in joined.splitlines() if line.strip()]
    found: list[list[Step]] = []
    for word, _, rest in steps:
        if word == "FROM":
            found.append([])
        elif found:
            found[-1].append((word, rest.strip()))
    return found


BUILD, FINAL = stages()


def said(word: str) -> str:
    (rest,) = [rest for name, rest in FINAL if name == word]
    return rest


def variables() -> dict[str, str]:
    return dict(pair.split("=", 1) for w, rest in FINAL if w == "ENV" for pair in shlex.split(rest))


def command() -> list[str]:
    return [*json.loads(said("ENTRYPOINT")), *json.loads(said("CMD"))]


def health() -> list[str]:
    check: list[str] = json.loads(said("HEALTHCHECK").partition("CMD ")[2])
    return check


# ── what it says ────────────────────────────────────────────────────────────────────────────────


def test_nobody_runs_as_root_and_there_is_one_volume() -> None:
    assert said("USER") == "10001:10001"
    assert json.loads(said("VOLUME")) == ["/data"]
    assert variables()["BAOTONG_SERVER__LISTEN"] == "0.0.0.0:8080"
    assert command() == ["baotong", "run", "-c", "/data/baotong.yaml"]


def test_the_base_and_the_index_are_arguments_and_every_package_has_its_hash() -> None:
    assert re.search(r"(?m)^ARG BASE=", TEXT)
    assert re.findall(r"(?m)^FROM (\S+)", TEXT) == ["${BASE}", "${BASE}"]
    installs = [rest for word, rest in BUILD if word == "RUN" and "pip install" in rest]
    assert all("--require-hashes" in rest or "--no-index" in rest for rest in installs)
    assert not re.search(r"https?://(?!127\.0\.0\.1)", TEXT)


def test_the_compose_file_asks_after_its_health_in_the_same_way() -> None:
    compose = (DEPLOY / "compose.yaml").read_text("utf-8")
    assert json.dumps(["CMD", *health()], ensure_ascii=False) in compose


def test_what_is_copied_is_what_the_wheel_is_made_of() -> None:
    copied = [rest.split()[0] for word, rest in BUILD if word == "COPY"]
    names = {*copied, "pyproject.toml", "README.md", "LICENSE"}
    assert {"requirements.txt", "bot", "feeds", "config"} <= names
    assert all((ROOT / name).exists() for name in names)


# ── in a bare folder ────────────────────────────────────────────────────────────────────────────


@dataclass
class Folder:
    """A folder that stands for the image's root: its paths are ours with the folder's before them."""

    root: Path
    here: str = "/"
    environ: dict[str, str] = field(default_factory=dict)

    def moved(self, text: str) -> str:
        return re.sub(rf"(?<![\w./])/(?=(?:{'|'.join(PLACES)})\b)", f"{self.root}/", text)

    def do(self, word: str, rest: str) -> None:
        steps = {"RUN": self._run, "COPY": self._copy, "WORKDIR": self._workdir}
        if word in steps:
            steps[word](self.moved(rest))

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": f"{self.root}/base:{os.environ['PATH']}", **self.environ}
        done = subprocess.run(
            argv, cwd=self.here, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{argv}\n{done.stdout}{done.stderr}"
        return done

    def _run(self, rest: str) -> None:
        if "--require-hashes" in rest:
            self._borrow()
        else:
            mine = rest if os.geteuid() == 0 else re.sub(r" -[og] [0-9]+", "", rest)
            self.run("sh", "-c", mine)

    def _borrow(self) -> None:
        """The dependencies that the tests run with, in place of those of the lock."""
        python = self.root / "opt/baotong/bin/python"
        where = self.run(
            str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"
        )
        Path(where.stdout.strip(), "borrowed.pth").write_text(sysconfig.get_path("purelib"))

    def _copy(self, rest: str) -> None:
        if rest.startswith("--from"):
            return  # both stages stand in one folder
        *names, target = rest.split()
        for name in names:
            if (ROOT / name).is_dir():
                kept = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / name, Path(self.here, target), ignore=kept)
            else:
                shutil.copy(ROOT / name, Path(self.here, target))

    def _workdir(self, rest: str) -> None:
        Path(rest).mkdir(parents=True, exist_ok=True)
        self.here = rest


@pytest.mark.skipif(os.name == "nt", reason="the image is of Linux")
async def test_its_steps_make_a_baotong_that_answers(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "python").symlink_to(sys._base_executable)  # type: ignore[attr-defined]
    folder = Folder(tmp_path)
    for word, rest in BUILD + FINAL:
        folder.do(word, rest)
    port = free_port()
    (tmp_path / "data" / "baotong.yaml").write_text("language: zh-CN\n")
    environ = {name: folder.moved(value) for name, value in variables().items()}
    environ["BAOTONG_SERVER__LISTEN"] = f"127.0.0.1:{port}"
    assert "bot" not in os.listdir(tmp_path / "data")  # noqa: PTH208 - the wheel runs, not a checkout
    process = await asyncio.create_subprocess_exec(
        shutil.which(command()[0], path=environ["PATH"]) or "",
        *(folder.moved(word) for word in command()[1:]),
        cwd=tmp_path / "data", env=environ,
    )  # fmt: skip
    try:
        check = [word.replace("8080", str(port)) for word in health()]
        check[0] = shutil.which(check[0], path=environ["PATH"]) or ""
        async with asyncio.timeout(60):
            while await _ends(check, environ) != 0:
                assert process.returncode is None
        assert (tmp_path / "data" / "var" / "lock").exists()
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 15) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert await _ends(check, environ) != 0


async def _ends(argv: list[str], environ: dict[str, str]) -> int:
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*argv, env=environ, stderr=quiet)
    return await process.wait()


# ── whole ───────────────────────────────────────────────────────────────────────────────────────


def script(work: Path) -> Iterator[str]:
    """All of it as a shell script for a mount namespace of its own."""
    python = next(p for p in ("/usr/local/bin/python3", "/usr/bin/python3") if Path(p).exists())
    yield "set -eu; PATH=$PATH:/usr/sbin:/sbin; chroot=$(command -v chroot)"
    yield f"mount --make-rprivate /; mount -t tmpfs tmpfs {work}; cd {work}"
    for number, steps in enumerate((BUILD, FINAL)):
        top = f"{work}/m{number}"
        yield f"mkdir upper{number} work{number} m{number}"
        yield f"mount -t overlay overlay -o lowerdir=/,upperdir=upper{number},workdir=work{number} {top}"
        yield f"mount --rbind /dev {top}/dev; mount --rbind /proc {top}/proc"
        yield f"mount -t tmpfs tmpfs {top}/tmp; ln -sf {python} {top}/usr/local/bin/python"
        here = "/"
        for word, rest in steps:
            if word == "WORKDIR":
                here = rest
                yield f"mkdir -p {top}{here}"
            elif word == "COPY" and rest.startswith("--from"):
                _, source, target = rest.split()
                yield f"mkdir -p {top}{target}; cp -a {work}/m0{source}/. {top}{target}"
            elif word == "COPY":
                *names, target = rest.split()
                yield f"cd {ROOT}; cp -r {' '.join(names)} {top}{here}/{target}; cd {work}"
            elif word == "RUN":
                pip = " ".join(f"{n}={shlex.quote(v)}" for n, v in os.environ.items() if n.startswith("PIP_"))  # fmt: skip
                index = shlex.quote(os.environ.get("PACKAGE_INDEX", ""))
                inner = shlex.quote(f"cd {here} && {rest}")
                yield f"env -i PATH=/usr/local/bin:/usr/bin:/bin {pip} PACKAGE_INDEX={index} $chroot {top} sh -c {inner}"
    top = f"{work}/m1"
    port = str(free_port())  # another's server may have 8080
    told = " ".join(f"{n}={shlex.quote(v.replace('8080', port))}" for n, v in variables().items())
    asks = shlex.join(health()).replace("8080", port)
    user = "setpriv --reuid=10001 --regid=10001 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all"
    yield f"echo 'language: zh-CN' > {top}/data/baotong.yaml"
    yield f"mount --bind {top}/data {top}/data; mount -o remount,bind,ro {top}"
    yield f'run() {{ exec env -i {told} $chroot {top} {user} "$@"; }}; enter() {{ ( run "$@" ); }}'
    yield "if enter touch /opt/baotong/mine 2>/dev/null; then exit 8; fi; enter touch /data/mine"
    yield f"( run {shlex.join(command())} ) > {work}/said 2>&1 & worker=$!"
    yield f"n=0; until enter {asks} 2>/dev/null; do n=$((n+1)); test $n -lt 100 || {{ cat {work}/said; exit 9; }}; sleep 0.3; done"
    yield "grep '^Uid' /proc/$worker/status; grep '^CapEff' /proc/$worker/status"
    yield f"kill -TERM $worker; wait $worker && echo ended 0 || {{ echo ended $?; cat {work}/said; exit 7; }}; du -sm m1/opt/baotong"


@pytest.mark.skipif(not WHOLE, reason="takes a minute and root: CONTAINERFILE=whole")
def test_the_whole_of_it_runs_without_rights_in_a_read_only_root(tmp_path: Path) -> None:
    work = tmp_path / "image"
    work.mkdir()
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", "\n".join(script(work))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Uid:\t10001\t10001" in done.stdout
    assert "CapEff:\t0000000000000000" in done.stdout
    assert "ended 0" in done.stdout
    print(done.stdout)  # noqa: T201 - how large it is
