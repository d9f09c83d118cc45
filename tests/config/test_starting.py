"""The first configuration, as text: our example with the answers in it, and what is written of it when something fails."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from config.load import load
from config.starting import Start, example, free_name, starting_text, write_start

SOURCE = {
    "id": "qinghe",
    "kind": "founder",
    "title": "青禾日报",
    "url": "https://paper.example.com/",
}
WECOM = {"wecom": {"desk": {"key_file": "wecom.key"}}}
TELEGRAM = {"telegram": {"token": "${TELEGRAM_TOKEN}", "proxy": "socks5://127.0.0.1:1080"}}


def settings_of(folder: Path, **more: Any) -> Any:
    (folder / "wecom.key").write_text("abc\n")
    path = folder / "baotong.yaml"
    path.write_text(starting_text(Start(SOURCE, **more)), encoding="utf-8")
    return load(path, {"TELEGRAM_TOKEN": "1:a"})


def test_a_paper_alone_changes_nothing_else_of_the_example() -> None:
    text = starting_text(Start(SOURCE))
    kept = [line for line in example().splitlines() if line in text.splitlines()]
    assert len(kept) > len(example().splitlines()) - 12  # the example's own paper and its comments
    assert "# channels:" in text


def test_what_is_answered_stands_in_the_file(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        channels=WECOM,
        deliver={"to": "wecom:desk", "source": "qinghe"},
        operators=("wecom:desk",),
        contact="mailto:tech@example.com",
        allow_hosts=("10.0.0.5:80", "127.0.0.1:9000"),
    )
    assert [one.id for one in settings.sources] == ["qinghe"]
    assert settings.channels.wecom["desk"].key.get_secret_value() == "abc"
    assert settings.deliver[0].to == "wecom:desk"
    assert settings.operators == ("wecom:desk",)
    assert settings.fetch.contact == "mailto:tech@example.com"
    assert settings.fetch.allow_hosts == {"10.0.0.5:80", "127.0.0.1:9000"}


@pytest.mark.parametrize(
    ("channels", "gone", "kept"), [(WECOM, "#   wecom:", "#   telegram:"), (TELEGRAM, "#   telegram:", "#   wecom:")]
)  # fmt: skip
def test_the_examples_of_the_same_channel_go_and_those_of_others_stay(
    tmp_path: Path, channels: Any, gone: str, kept: str
) -> None:
    text = starting_text(Start(SOURCE, channels=channels))
    assert gone not in text
    assert kept in text
    assert text.count("\nchannels:") == 1
    assert settings_of(tmp_path, channels=channels).channels


def test_the_lines_keep_what_they_say_of_themselves() -> None:
    text = starting_text(Start(SOURCE, contact="mailto:a@example.com", operators=("telegram:7",)))
    (contact,) = [line for line in text.splitlines() if line.lstrip().startswith("contact:")]
    assert contact.startswith("  contact: mailto:a@example.com ")
    assert "# 写给报社管理员看的联系方式" in contact


# ── written ─────────────────────────────────────────────────────────────────────────────────────


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_secret_is_nobody_elses_from_the_first_byte(tmp_path: Path) -> None:
    path = tmp_path / "baotong.yaml"
    write_start(path, "language: en\n", {"wecom.key": "abc"}, replaces=False)
    assert names(tmp_path) == {"baotong.yaml", "wecom.key"}
    assert stat.S_IMODE((tmp_path / "wecom.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_file_that_is_there_stays_and_no_secret_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "baotong.yaml"
    path.write_text("language: en\n")
    with pytest.raises(FileExistsError):
        write_start(path, "language: zh-CN\n", {"wecom.key": "abc"}, replaces=False)
    assert path.read_text() == "language: en\n"
    assert names(tmp_path) == {"baotong.yaml"}


@pytest.mark.parametrize("at", [1, 2])
def test_a_stop_at_any_step_leaves_all_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Ctrl-C between the files: the nth rename does not happen."""
    renames = 0
    replace = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        nonlocal renames
        renames += 1
        if renames == at:
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_start(tmp_path / "baotong.yaml", "a: b\n", {"wecom.key": "abc"}, replaces=False)
    assert names(tmp_path) == set()


def test_a_secret_that_was_there_before_is_not_removed_by_a_failure(tmp_path: Path) -> None:
    (tmp_path / "wecom.key").write_text("old")
    os.mkdir(tmp_path / "baotong.yaml")  # noqa: PTH102 - a folder in the way
    with pytest.raises(OSError, match="baotong"):
        write_start(tmp_path / "baotong.yaml", "a: b\n", {"wecom.key": "new"}, replaces=True)
    assert (tmp_path / "wecom.key").exists()


def test_the_first_free_name(tmp_path: Path) -> None:
    assert free_name(tmp_path, "wecom.key") == "wecom.key"
    (tmp_path / "wecom.key").touch()
    (tmp_path / "wecom-2.key").touch()
    assert free_name(tmp_path, "wecom.key") == "wecom-3.key"
