"""Whatever is written, the answer is Settings or a ConfigError whose problems lie in the file."""

import re
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from config.load import ConfigError, load
from config.models import Settings
from config.problems import Path as KeyPath
from config.problems import show_path
from config.shape import known_keys
from config.yaml_tree import read_yaml
from feeds.sources.languages import RULE_LANGUAGES
from feeds.sources.table import fault_of_family
from tests.config.written import AT, BAD, GOOD
from tests.fakes.operator import ONE_PAPER

FRAGMENTS = [
    *[before + written for key, all_ in BAD.items() for written in all_ for before in [AT[key][0]]],
    *[AT[key][0] + written for key, written, _ in GOOD],
]
KEYS = sorted({name for path in [(), ("server",), ("fetch",), ("feeds",), ("channels",), ("channels", "telegram"), ("sources", 0), ("sources", 0, "data"), ("deliver", 0)] for name in known_keys(path)})  # fmt: skip
WORDS = [written.strip("'\"") for all_ in BAD.values() for written in all_] + [
    written.strip("'\"") for _, written, _ in GOOD
]

names = st.one_of(st.sampled_from(KEYS), st.text(max_size=8))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(WORDS),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=5)),
    max_leaves=20,
)
mappings = st.dictionaries(names, values, max_size=6)


@st.composite
def broken_yaml(draw: st.DrawFn) -> str:
    """A text that is nearly a configuration: parts of some, with signs of YAML in between."""
    text = draw(st.sampled_from(FRAGMENTS))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 5))
        sign = draw(
            st.sampled_from(
                [
                    *"\t\n\r:-?[]{}&*!|>'\"%@`#,：\u2028\x85\x00\ufeff ",
                    "---",
                    "...",
                    "<<",
                    "${",
                    "${X}",
                    "!!int ",
                    "&a ",
                    "*a",
                    "\r\n",
                ]
            )
        )
        text = text[:at] + sign + text[at + cut :]
    return text


def answer(data: bytes, environ: dict[str, str] | None = None) -> Settings | ConfigError:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "baotong.yaml")
        file.write_bytes(data)
        try:
            return load(file, environ or {}, RULE_LANGUAGES, judge=fault_of_family)
        except ConfigError as error:
            told = error
    lines = len(re.findall(rb"\r\n|\r|\n", data)) + 1
    assert told.problems
    for problem in told.problems:
        assert problem.message
        assert str(problem).isprintable(), problem
        if problem.file == str(file) and problem.line:
            assert 1 <= problem.line <= lines, problem
            assert problem.column >= 1, problem
    return told


@given(st.one_of(broken_yaml(), st.text()))
@example("a: [\x85")
@example("? ")
@example('a: "\\ud800"')
@example("sources:\n- kind: [x]")
@example("a: {b")
@example("- - - - :")
def test_any_text_is_settings_or_faults_within_its_lines(text: str) -> None:
    answer(text.encode("utf-8", "surrogatepass"))


@given(st.binary())
def test_any_bytes_are_settings_or_faults(data: bytes) -> None:
    answer(data)


@given(mappings)
def test_any_mapping_is_settings_or_faults(mapping: dict[str, Any]) -> None:
    answer(_yaml(mapping).encode("utf-8", "surrogatepass"))


def _yaml(value: Any) -> str:
    """JSON by hand, so that every string and float can be written."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_yaml(key)}: {_yaml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value) + '"'
    return (
        {None: "null", True: "true", False: "false"}.get(value, repr(value))
        if isinstance(value, bool | None)
        else repr(value)
    )


@given(st.dictionaries(st.one_of(names, st.lists(names, max_size=4).map("__".join), st.sampled_from(["SOURCES__0__URL", "SOURCES__1", "DELIVER__0__PAGES__0", "SOURCES__0__SKIP__1"])), st.text(max_size=40), max_size=5))  # fmt: skip
def test_any_environment_is_settings_or_faults(variables: dict[str, str]) -> None:
    answer(
        ONE_PAPER.encode(), {f"BAOTONG_{name.upper()}": value for name, value in variables.items()}
    )


@given(st.text(max_size=60))
def test_any_variable_in_any_key_is_settings_or_faults(value: str) -> None:
    text = "".join(
        f"{key}: '${{V}}'\n"
        for key in ("data_dir", "database", "public_url", "language", "timezone")
    )

    answer(text.encode(), {"V": value})


@given(mappings)
def test_what_is_written_is_read_back_with_the_place_of_every_key(mapping: dict[str, Any]) -> None:
    tree = read_yaml(_yaml(mapping))

    def paths(value: Any, path: KeyPath) -> list[KeyPath]:
        below = (
            value.items()
            if isinstance(value, dict)
            else enumerate(value)
            if isinstance(value, list)
            else ()
        )
        return [one for key, inner in below for one in ((*path, key), *paths(inner, (*path, key)))]

    assert all(path in tree.places for path in paths(tree.value, ()))


@given(st.lists(st.one_of(st.text(), st.integers(0)), max_size=5))
def test_a_path_is_shown_on_one_line_of_a_terminal(path: list[str | int]) -> None:
    assert show_path(tuple(path)).isprintable()
