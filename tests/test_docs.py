"""The documentation says what is so: commands, options, keys, defaults, examples, links, tests that it names."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest

from bot.channels.table import CHANNELS
from bot.cli.main import main
from bot.cli.usage.init import DEPLOY
from bot.commands import operating
from bot.commands.table import BY_NAME
from config.load import load
from config.models import Settings
from config.shape import known_keys
from config.sources import KINDS
from config.yaml_tree import read_yaml
from feeds.clock import SystemClock
from feeds.publish.orders import Order
from feeds.sources.languages import RULE_LANGUAGES
from feeds.sources.presets import NAMES as PRESETS
from feeds.store.build import open_store
from feeds.web.server import build_app
from feeds.words import languages
from tests import reference
from tests.fakes.markdown import Page, read
from tests.fakes.operator import Operator
from tests.locks import ROOT

DOCS = ROOT / "docs"
HISTORY = {"CHANGELOG.md", "decisions.md"}  # of their time: what they name may be gone
PAGES = {
    str(path.relative_to(ROOT)): read(path)
    for path in sorted([ROOT / "README.md", ROOT / "SECURITY.md", *DOCS.glob("*.md")])
}
TODAYS = {name: page for name, page in PAGES.items() if page.path.name not in HISTORY}
COMMANDS = {
    name: command
    for name in main.list_commands(click.Context(main))
    if (command := main.get_command(click.Context(main), name)) is not None
}
OTHER_PROGRAMS = {"groups", "services"}  # Prometheus' rules, compose
STANDARD = {"--help", "--version"}
_OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]*|-[a-zA-Z])(?![\w-])")


def options(command: click.Command) -> set[str]:
    """Every way in which an option of this command may be written."""
    found: set[str] = set()
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            found |= {*parameter.opts, *parameter.secondary_opts}
    return found


def subcommands(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """A command with those below it, each by all of its words."""
    yield name, command
    if isinstance(command, click.Group):
        for inner, one in command.commands.items():
            yield from subcommands(f"{name} {inner}", one)


TREE = dict(pair for name, command in COMMANDS.items() for pair in subcommands(name, command))
GUIDE = read(DOCS / "commands.md")
CHATS = read(DOCS / "chats.md")
FEEDS = read(DOCS / "feeds.md")
NEWSPAPERS = read(DOCS / "newspapers.md")


# ── commands ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", TREE)
def test_every_command_has_a_section_with_its_options_and_no_others(name: str) -> None:
    section = GUIDE.section(f"`baotong {name}`")
    assert section is not None, f"docs/commands.md needs a section ## `baotong {name}`"
    told = {
        option
        for row in re.findall(r"(?m)^\| (`-.*?) \| \S", section)
        for option in _OPTION.findall(row)
    }

    assert told == options(TREE[name])


def test_no_section_tells_of_a_command_that_there_is_not() -> None:
    told = set(re.findall(r"(?m)^## `baotong ([^`]+)`$", GUIDE.text))

    assert told == set(TREE)


def _called(page: Page) -> Iterator[tuple[str, str]]:
    """The commands that a page calls, each with the rest of its line."""
    said = [*page.words(), *(line for block in page.blocks for line in block.text.splitlines())]
    for line in said:
        for call in re.finditer(r"(?:^|[\s`/\\])baotong ([a-z][a-z-]*)\b([^`#;&]*)", line):
            yield call[1], call[2]


@pytest.mark.parametrize("name", TODAYS)
def test_every_command_and_option_that_is_named_exists(name: str) -> None:
    wrong = [
        f"baotong {command} {option or ''}".strip()
        for command, rest in _called(TODAYS[name])
        for option in (None, *_OPTION.findall(rest.partition("baotong")[0]))
        if command not in TREE or (option is not None and option not in _known(command))
    ]

    assert wrong == []


def _known(command: str) -> set[str]:
    below = [one for name, one in TREE.items() if name.split()[0] == command]
    return STANDARD | {"-h"} | {option for one in below for option in options(one)}


def test_the_first_page_names_every_command() -> None:
    for page in (PAGES["README.md"], PAGES["docs/README.zh-CN.md"]):
        assert set(COMMANDS) <= {command for command, _ in _called(page)}, page.path.name


def test_every_file_that_init_shows_is_on_the_page_of_commands() -> None:
    text = PAGES["docs/commands.md"].path.read_text("utf-8")
    [line] = (line for line in text.splitlines() if line.startswith("| `--show FILE`"))
    assert [name for name in DEPLOY if name not in line] == []


# ── settings ────────────────────────────────────────────────────────────────────────────────────


def test_the_reference_is_what_the_settings_say() -> None:
    assert reference.PATH.read_text("utf-8") == reference.page(), "run: make docs"


def test_every_duration_says_what_it_may_be() -> None:
    cells = [line.split(" | ") for line in reference.PATH.read_text("utf-8").splitlines()]
    told = {cell[0]: cell[2] for cell in cells if re.fullmatch(r"`\d+[smhd]`", "".join(cell[1:2]))}
    assert len(told) > 5
    assert [key for key, span in told.items() if " to " not in span] == []


def _told_keys() -> dict[str, str]:
    """The keys of the page as it is, each with its default in YAML."""
    rows = re.findall(
        r"(?m)^\| `([^`]+)` \| (`[^`]*`|\*\w+\*) \|", reference.PATH.read_text("utf-8")
    )
    return {key: default.strip("`") for key, default in rows}


def test_the_defaults_of_the_page_are_those_of_the_code(tmp_path: Path) -> None:
    told = {key: value for key, value in _told_keys().items() if not re.search(r"[*\[]|NAME", key)}
    lines = defaultdict(list)
    for key, default in told.items():
        section, _, name = key.rpartition(".")
        if not default.startswith("*") and not section.startswith("channels."):
            lines[section].append(f"{name}: {default}")
    text = "\n".join(
        line
        for section, inner in lines.items()
        for line in _nested(section.split(".") if section else [], inner)
    )

    assert set(told) >= set(Settings.model_fields)
    assert len(lines) > 5
    assert Operator(tmp_path).settings(text) == Operator(tmp_path).settings("{}")


def _nested(section: list[str], inner: list[str]) -> list[str]:
    """Lines of a section; one within a section is written in one line of its own."""
    if len(section) < 2:
        return [f"{section[0]}:", *(f"  {line}" for line in inner)] if section else inner
    return [f"  {section[1]}: {{{', '.join(inner)}}}"]


def test_every_key_that_may_be_written_is_on_the_page() -> None:
    told = {re.sub(r"\[\]|\.NAME", "", key) for key in _told_keys()}

    def missing(path: tuple[str | int, ...]) -> Iterator[str]:
        for key in known_keys(path):
            shown = ".".join(str(step) for step in (*path, key) if step not in {0, "one"})
            if shown in told:
                yield from missing((*path, key))
                yield from missing((*path, key, 0))
                if len(path) == 1 and path[0] == "channels":
                    yield from missing((*path, key, "one"))
            elif not path or path[-1] not in {"selectors", "data"}:
                yield shown

    assert list(missing(())) == []


@pytest.mark.parametrize("name", TODAYS)
def test_every_key_that_is_named_exists(name: str) -> None:
    told = {re.sub(r"\[\]|\.NAME", "", key) for key in _told_keys()}
    tops = set(Settings.model_fields)
    dotted = re.compile(r"([a-z_]+(?:\.[a-z_]+)+):?")
    wrong = [
        word
        for word in TODAYS[name].words()
        if (found := dotted.fullmatch(word)) and found[1].split(".")[0] in tops
        if found[1] not in told and not found[1].endswith((".py", ".md", ".yaml", ".opml"))
        if not (DOCS.parent / found[1].replace(".", "/")).exists()
        if not (ROOT / f"{found[1].replace('.', '/')}.py").exists()
    ]

    assert wrong == []


@pytest.mark.parametrize("name", TODAYS)
def test_a_default_that_is_named_beside_its_key_is_that_of_the_code(name: str) -> None:
    """`feeds.entries` (50), `check_every` (10 minutes): a number, and perhaps its unit, in brackets."""
    told = _told_keys()
    for key, number, unit in re.findall(
        r"`([a-z_.]+)` [(（](\d+)(?: (seconds?|minutes?|hours?|days?))?[)）]", TODAYS[name].prose
    ):
        meant = {value for full, value in told.items() if f".{full}".endswith(f".{key}")}
        assert meant == {f"{number}{unit[:1]}"}, key


@pytest.mark.parametrize("name", TODAYS)
def test_every_variable_of_ours_that_is_named_sets_a_key(name: str) -> None:
    told = {re.sub(r"\[\]|\.NAME", "", key) for key in _told_keys()}
    for variable in re.findall(r"BAOTONG_([A-Z0-9_]+)", TODAYS[name].text):
        steps = [step for step in variable.lower().split("__") if not step.isdigit()]
        assert ".".join(steps) in told, variable


def _yaml() -> Iterator[tuple[str, str, str]]:
    for name, page in PAGES.items():
        for block in page.blocks:
            if block.info.split()[:1] == ["yaml"]:
                yield name, block.info, block.text


@pytest.mark.parametrize(("name", "info", "text"), list(_yaml()))
def test_every_configuration_that_is_shown_loads(
    tmp_path: Path, name: str, info: str, text: str
) -> None:
    """Fragments (`yaml fragment`) and other programs' files are only YAML."""
    assert info in {"yaml", "yaml fragment"}
    shown = read_yaml(text).value
    assert isinstance(shown, dict | list)
    if info == "yaml fragment" or set(shown) <= OTHER_PROGRAMS:
        return
    file = tmp_path / "baotong.yaml"
    file.write_text(text + _newspapers_left_out(shown), "utf-8")
    environ = dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "x" * 20)

    assert load(file, environ, RULE_LANGUAGES, sends=False)


def _newspapers_left_out(shown: dict[str, Any]) -> str:
    """Where subscribers are shown and newspapers are not: those that are meant."""
    if "sources" in shown:
        return ""
    named = sorted({one["source"] for one in shown.get("deliver", ())} - {"*"})
    papers = (f"{{id: {n}, kind: yunbao, title: {n}, url: https://a.test/{n}/}}" for n in named)
    return f"\nsources: [{', '.join(papers)}]\n"


# ── newspapers and chats ────────────────────────────────────────────────────────────────────────


def test_every_family_and_preset_is_described() -> None:
    rows = set(re.findall(r"(?m)^\| `([\w-]+)` \|", NEWSPAPERS.text))

    assert rows == {*KINDS, *PRESETS}


def test_every_channel_is_described_by_its_address() -> None:
    told = set(re.findall(r"`([a-z]+):[A-Z]", CHATS.section("Channels") or ""))
    assert told == set(CHANNELS)


@pytest.mark.parametrize("name", sorted({*BY_NAME, *operating.BY_NAME} - {"start", "help"}))
def test_every_chat_command_is_described(name: str) -> None:
    rows = [line for line in CHATS.text.splitlines() if re.match(rf"\|.*`/{name}[ `]", line)]

    assert rows, f"docs/chats.md needs a row for /{name}"
    assert all(re.search(r"\| [^|`]*\w[^|]*\|$|\| *\|$", row) for row in rows)


@pytest.mark.parametrize("name", TODAYS)
def test_every_chat_command_that_is_named_exists(name: str) -> None:
    said = [
        word.lstrip("/").split()[0].split("@")[0]
        for word in TODAYS[name].words()
        if re.match(r"/[a-z]+(?:$| [^/]*$)", word)
    ]
    others = {"newbot"}  # BotFather's
    others |= {"healthz", "hub", "metrics", "search", "static", "feeds"}  # addresses of the server

    assert [one for one in said if one not in {*BY_NAME, *operating.BY_NAME} | others] == []


# ── feeds and pages ─────────────────────────────────────────────────────────────────────────────


def _first_cells(heading: str) -> set[str]:
    """What stands in code in the first cells of the table of this section."""
    rows = re.findall(r"(?m)^\| (`.*?) \| ", FEEDS.section(heading) or "")
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def test_every_parameter_of_a_feed_is_described() -> None:
    told = {word.partition("=")[0] for word in _first_cells("Made to order")}

    assert told == {field.name for field in fields(Order)}


async def test_every_address_of_the_server_is_described(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "var", None)
    publisher: Any = None  # addresses are known before anything is published
    routes = build_app(store, publisher, Settings(), SystemClock()).router.resources()
    await store.close()
    known = {re.sub(r"\{(\w+)[^{}/]*\}", r"{\1}", route.canonical) for route in routes}
    known -= {f"{route}/" for route in known if route.endswith("{article}")}  # lead to the others
    known -= {route.rstrip("/") for route in known if route.endswith("/") and route != "/"}

    assert _first_cells("Pages") == known


# ── links, files, tests ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    page = PAGES[name]
    lost = []
    for link in page.links():
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        path = page.path.parent / target if target else page.path
        is_there = path.exists() and path.resolve().is_relative_to(ROOT)
        if not is_there or (anchor and anchor not in read(path).anchors()):
            lost.append(link)

    assert lost == []


def test_the_index_leads_to_every_page_of_the_documentation() -> None:
    listed = set(PAGES["docs/README.md"].links())

    assert {path.name for path in DOCS.glob("*.md")} - {"README.md"} <= listed


@pytest.mark.parametrize("name", TODAYS)
def test_every_file_that_is_named_exists(name: str) -> None:
    named = [
        word.rstrip("/")
        for word in TODAYS[name].words()
        if re.fullmatch(r"(?:bot|feeds|config|tests|docs|\.ci)/[\w./-]*[\w/]", word)
    ]

    assert [word for word in named if not (ROOT / word).exists()] == []


@cache
def _tests_of(path: Path) -> frozenset[str]:
    tree = ast.walk(ast.parse(path.read_text("utf-8")))
    return frozenset(
        node.name for node in tree if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def _named_tests() -> list[tuple[str, str]]:
    model = PAGES["docs/threat-model.md"].text
    return re.findall(r"`([\w/]+\.py)::(\w+)`", model)


def test_every_test_of_the_threat_model_exists() -> None:
    gone = [
        f"{path}::{name}"
        for path, name in _named_tests()
        if not (ROOT / "tests" / path).is_file() or name not in _tests_of(ROOT / "tests" / path)
    ]

    assert len(_named_tests()) > 100
    assert gone == []


def test_every_row_of_the_threat_model_has_a_test_or_says_that_nothing_stops_it() -> None:
    rows = re.findall(
        r"(?m)^\| (?!---|what |who |where )(.*) \|$", PAGES["docs/threat-model.md"].text
    )

    assert rows
    for row in rows:
        _, stops, shown = re.split(r" \| ?", row, maxsplit=2)
        assert "::test_" in shown or "**nothing**" in stops, row


def test_the_languages_of_the_documentation_are_those_of_the_program() -> None:
    assert (DOCS / "README.zh-CN.md").exists()
    assert set(languages()) == {"zh-CN", "en"}
