"""What is deployed with: the systemd unit, the compose file, the note for Windows. Where systemd is not at hand the unit is
not verified here, and the test says so.
"""

import ipaddress
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest

import config
from config.yaml_tree import read_yaml
from feeds.http.guard import is_private

DEPLOY = Path(config.__file__).parent / "deploy"
UNIT = (DEPLOY / "baotong.service").read_text("utf-8")
COMPOSE = read_yaml((DEPLOY / "compose.yaml").read_text("utf-8")).value
NO_SYSTEMD = (
    "systemd-analyze is not installed here: the unit is not verified (apt-get install systemd)"
)
COMMAND = "/opt/baotong/bin/baotong"


def settings(text: str) -> Mapping[str, list[str]]:
    """A unit's settings, each with its values in order: one may stand several times."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"(?m)^([A-Za-z]+)=(.*)$", text):
        found.setdefault(name, []).append(value)
    return found


SERVICE = settings(UNIT)


# ── systemd ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a command that is there: ours is installed on the machine that it is for."""
    path = tmp_path / "baotong.service"
    path.write_text(UNIT.replace(COMMAND, shutil.which("true") or "/bin/true"), encoding="utf-8")
    return path


def analyse(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason=NO_SYSTEMD)
def test_systemd_accepts_the_unit_without_a_word(unit: Path) -> None:
    done = analyse("verify", unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason=NO_SYSTEMD)
def test_the_exposure_is_what_the_unit_says_of_itself(unit: Path) -> None:
    told = re.search(r"systemd ([0-9]+) .* ([0-9]\.[0-9]) 分", UNIT)
    assert told
    version = re.findall(r"systemd ([0-9]+)", analyse("--version").stdout)[0]
    shown = analyse("security", "--offline=true", unit).stdout
    figure = re.findall(r"Overall exposure level .*: ([0-9]+\.[0-9])", shown)
    if not figure:
        pytest.skip("this systemd-analyze has no --offline=true (252 has)")
    if version == told[1]:
        assert figure == [told[2]]
    assert float(figure[0]) < 2.0


def test_the_unit_says_when_not_to_start_again_and_how_long_we_take() -> None:
    assert SERVICE["RestartPreventExitStatus"] == ["2 3"]  # bad configuration; already running
    assert SERVICE["TimeoutStopSec"] == ["15"]  # SIGTERM promises ten
    assert SERVICE["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    assert SERVICE["ExecStart"] == [f"{COMMAND} run -c /etc/baotong/baotong.yaml"]


def test_the_second_wall_stands_where_the_first_does() -> None:
    """Every network that the unit denies is private to the guard too, and those that people have at home and at
    work are denied by both.
    """
    denied = [
        ipaddress.ip_network(one) for line in SERVICE["IPAddressDeny"] for one in line.split()
    ]
    for network in denied:
        assert is_private(str(network[0]))
        assert is_private(str(network[-1]))
    for address in ("10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "fd00::1", "fe80::1"):  # fmt: skip
        one = ipaddress.ip_address(address)
        assert any(one in network for network in denied if network.version == one.version), address
    # DNS at 127.0.0.53, and our own pages
    assert SERVICE["IPAddressAllow"] == ["localhost"]
    assert not any(ipaddress.ip_address("127.0.0.53") in n for n in denied if n.version == 4)


_NO_WRITTEN_CODE = """
import ctypes, os, sys
PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
if ctypes.CDLL(None).prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0):
    sys.exit(77)
os.execv(sys.executable, [sys.executable, "-m", "bot", "demo", "--seconds", "3"])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a rule of Linux")
def test_nothing_that_we_use_writes_code_into_memory() -> None:
    """`MemoryDenyWriteExecute=yes`, by the kernel's own rule instead of systemd's."""
    done = subprocess.run(
        [sys.executable, "-c", _NO_WRITTEN_CODE], cwd=DEPLOY.parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 77:
        pytest.skip("this kernel is older than 6.3 and has no PR_SET_MDWE")
    assert SERVICE["MemoryDenyWriteExecute"] == ["yes"]
    assert done.returncode == 0, done.stderr
    assert "阅读数" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_lines_of_the_units_advice_are_systemds_own_words() -> None:
    """What is commented as a line to write can be pasted."""
    for value in re.findall(r"(?m)^#.*IPAddressAllow=([0-9./]+)", UNIT):
        assert ipaddress.ip_network(value, strict=False)
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(UNIT)
    assert parser.sections() == ["Unit", "Service", "Install"]


# ── compose ─────────────────────────────────────────────────────────────────────────────────────


def service() -> dict[str, Any]:
    (one,) = COMPOSE["services"].values()
    assert isinstance(one, dict)
    return one


def test_the_container_can_write_to_its_volume_alone_and_do_nothing_else() -> None:
    one = service()
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert "cap_add" not in one
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["user"] == "10001:10001"
    assert one["volumes"] == ["data:/data"]
    assert all("noexec" in mount for mount in one["tmpfs"])
    assert one["ports"] == ["127.0.0.1:8080:8080"]


def test_the_container_is_started_again_has_limits_and_its_log_does_not_grow() -> None:
    one = service()
    assert one["restart"] == "unless-stopped"
    assert one["mem_limit"] == "512m"
    assert one["pids_limit"] == 64
    assert one["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert one["stop_grace_period"] == "15s"


def test_the_key_comes_as_a_file() -> None:
    assert service()["secrets"] == list(COMPOSE["secrets"]) == ["chat_key"]
    assert not [name for name in service()["environment"] if re.search("KEY|TOKEN|SECRET", name)]


def test_what_the_compose_file_builds_is_beside_it() -> None:
    build = service()["build"]
    root = (DEPLOY / build["context"]).resolve()
    assert (root / build["dockerfile"]).samefile(DEPLOY / "Containerfile")
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    assert set(build["args"]) == set(re.findall(r"(?m)^ARG (\w+)=", text))
    (base,) = re.findall(r"(?m)^ARG BASE=(.*)$", text)
    assert build["args"]["BASE"] == f"${{BASE:-{base}}}"


def test_the_keys_beside_the_compose_file_get_into_no_repository_wheel_or_image() -> None:
    folder = COMPOSE["secrets"]["chat_key"]["file"].removeprefix("./").rpartition("/")[0]
    root = DEPLOY.parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    ignored = (DEPLOY / "Containerfile.dockerignore").read_text("utf-8").splitlines()
    assert f"/config/deploy/{folder}/" in (root / ".gitignore").read_text("utf-8").splitlines()
    assert f"/config/deploy/{folder}" in project["tool"]["hatch"]["build"]["exclude"]
    assert f"config/deploy/{folder}" in ignored
    copied = re.findall(
        r"(?m)^COPY (?!--from)(.*) \S+$", (DEPLOY / "Containerfile").read_text("utf-8")
    )
    assert {f"!{name}" for line in copied for name in line.split()} <= set(ignored)
