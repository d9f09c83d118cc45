"""The JSON Schema: it allows what the loader allows, and tells an editor what an operator must know."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from config.schema import json_schema
from config.yaml_tree import read_yaml
from tests.config.written import AT, BAD, GOOD
from tests.fakes.json_schema import faults
from tests.fakes.operator import ONE_PAPER, Operator

SCHEMA = json_schema()
EXAMPLES = sorted(one.name for one in files("config").joinpath("examples").iterdir())

# What no pattern can say; the loader does.
BEYOND = {"url", "title", "headers", "selector", "expression", "timezone", "data_dir", "database", "quiet", "pages", "filter", "to", "token", "proxy", "allow_hosts", "rights", "listen", "public_url", "check_every", "gap"}  # fmt: skip


def problems_in_editor(text: str) -> list[str]:
    return faults(read_yaml(text).value, SCHEMA, SCHEMA)


def named(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that may be written, with what the schema says of it."""
    for name, inner in {"": SCHEMA, **SCHEMA["$defs"]}.items():
        for key, value in inner["properties"].items():
            yield f"{name}.{key}", value


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_allows_every_example(name: str) -> None:
    text = files("config").joinpath("examples", name).read_text(encoding="utf-8")

    assert problems_in_editor(text) == []


@pytest.mark.parametrize(("key", "written", "_meant"), GOOD)
def test_it_allows_whatever_the_loader_takes(key: str, written: str, _meant: Any) -> None:
    assert problems_in_editor(AT[key][0] + written) == []


@pytest.mark.parametrize("key", BAD)
def test_it_refuses_what_the_loader_refuses_as_far_as_a_pattern_can(
    operator: Operator, key: str
) -> None:
    refused = [written for written in BAD[key] if problems_in_editor(AT[key][0] + written)]

    assert refused
    assert key in BEYOND or refused == BAD[key]


@pytest.mark.parametrize(
    "text",
    [
        "public_ulr: x",
        "language: zh",
        "server: {lisen: x}",
        "channels: {telegram: {rate: 5}}",
        "channels: {telegram: {token: x, extra: y}}",
        "sources: {}",
        "deliver: [{to: 'console:x'}]",
        ONE_PAPER.replace("yunbao", "yunabo"),
        f"{ONE_PAPER}    first: newst",
        f"{ONE_PAPER}    skip: [credit]",
        f"{ONE_PAPER}    selectors: {{titel: h1}}",
        ONE_PAPER.replace("    url: https://paper.example.com/\n", ""),
    ],
)
def test_it_refuses_unknown_keys_wrong_choices_and_what_is_missing(text: str) -> None:
    assert problems_in_editor(text)


@pytest.mark.parametrize(
    "text",
    [
        "channels: {telegram: {token_file: /run/secrets/telegram}}",
        "channels: {telegram: {token: 123}}",
        "channels: {telegram: null}",
        "public_url: ${PUBLIC_URL}",
        "database: postgresql://u:${PASSWORD}@h/b",
        "server: {listen: '${HOST}:8080'}",
    ],
)
def test_it_allows_secret_files_and_variables(text: str) -> None:
    assert problems_in_editor(text) == []


def test_it_explains_every_key_in_both_languages() -> None:
    for name, schema in named(SCHEMA):
        words = schema.get("description") or SCHEMA["$defs"][schema["$ref"][8:]]["description"]
        assert re.search(r"[\u4e00-\u9fff]", words) or words == "WebSub.", name
        assert re.search(r"\([^)]*[a-z]{3}", words) or words == "WebSub.", name


def test_its_defaults_are_what_an_operator_would_write(operator: Operator) -> None:
    defaults = {key: value["default"] for key, value in SCHEMA["properties"].items()}

    assert defaults["fetch"]["gap"] == "1s"
    assert SCHEMA["$defs"]["YunbaoSource"]["properties"]["check_every"]["default"] == "10m"
    assert faults(defaults, SCHEMA, SCHEMA) == []
    assert operator.settings(str(defaults).replace("None", "null")) == operator.settings("{}")


def test_its_patterns_are_anchored_and_its_examples_fit_them() -> None:
    def walk(schema: Any) -> Iterator[dict[str, Any]]:
        if isinstance(schema, dict):
            yield schema
            for inner in schema.values():
                yield from walk(inner)
        elif isinstance(schema, list):
            for inner in schema:
                yield from walk(inner)

    patterned = [one for one in walk(SCHEMA) if isinstance(one.get("pattern"), str)]
    assert patterned
    for one in patterned:
        assert one["pattern"].startswith("^(?:") or one["pattern"] == r"\S"
        assert all(re.search(one["pattern"], example) for example in one.get("examples", ()))


def test_a_real_validator_agrees() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.check_schema(SCHEMA)

    for key, written, _ in GOOD:
        assert list(validator.iter_errors(read_yaml(AT[key][0] + written).value)) == []


def test_it_holds_no_value_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAOTONG_CHANNELS__TELEGRAM__TOKEN", "canary")

    assert "canary" not in str(json_schema())
