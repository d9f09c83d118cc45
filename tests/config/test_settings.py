"""What the settings mean once they are read: defaults, examples, and what follows from several keys."""

import re
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.models import Settings
from config.sources import KINDS, BaseSource
from feeds.sources import table
from feeds.sources.fields import FIELDS
from tests.fakes.operator import ONE_PAPER, Operator

EXAMPLES = sorted(one.name for one in files("config").joinpath("examples").iterdir())
ENVIRON = {
    "TELEGRAM_TOKEN": "123:ABC",
    "WECOM_KEY": "x",
    "WEBHOOK_URL": "https://hook.example.com/",
    "WEBHOOK_SECRET": "c2VjcmV0LW9mLXRoZS13ZWJob29r",
    "APPRISE_URL": "json://example.com/",
    "PGPASSWORD": "secret",
}

# design.md, section 5, as far as this version goes.
DESIGN = """\
data_dir: var
database: null
public_url: http://127.0.0.1:8080/
language: zh-CN
timezone: Asia/Shanghai
server:
  listen: 127.0.0.1:8080
fetch:
  gap: 1s
  user_agent: null
  contact: null
  allow_hosts: []
sources:
  - id: huaian
    kind: yunbao
    title: 淮安区报
    url: https://paper.example.com/
    timezone: Asia/Shanghai
    check_every: 10m
    first: newest
    skip: [credits, ad]
    reads: auto
    content: null
    rights: null
    robots: obey
    headers: {}
    selectors: {}
    data: {}
feeds:
  entries: 50
  id_authority: null
hub:
  allow_hosts: []
channels:
  telegram:
    token: ${TELEGRAM_TOKEN}
    api_url: https://api.telegram.org
    proxy: null
    rate: 29
deliver:
  - to: telegram:-1001234567890
    source: huaian
    mode: issue
    at: "20:00"
    quiet: "22:00-07:00"
    pages: []
    filter: ""
operators: []
"""
SHORT = """\
sources:
  - {id: huaian, kind: yunbao, title: 淮安区报, url: https://paper.example.com/, skip: [ad, credits]}
channels: {telegram: {token: "${TELEGRAM_TOKEN}"}}
deliver: [{to: telegram:-1001234567890, source: huaian}]
"""


def test_what_the_design_writes_out_is_the_default(operator: Operator) -> None:
    assert operator.settings(DESIGN, ENVIRON) == operator.settings(SHORT, ENVIRON)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_loads(operator: Operator, name: str) -> None:
    text = files("config").joinpath("examples", name).read_text(encoding="utf-8")

    assert operator.settings(text, ENVIRON).sources


def test_the_commented_lines_of_the_example_load_too(operator: Operator) -> None:
    text = files("config").joinpath("examples", "baotong.yaml").read_text(encoding="utf-8")
    opened = re.sub(r"(?m)^(\s*)# (?=\s*(?:- )?[a-z_]+:(?: |$))", r"\1", text)
    settings = operator.settings(opened, ENVIRON)

    assert settings.channels.telegram.proxy is not None
    assert settings.channels.webhook["archive"].secret
    assert settings.channels.apprise["team"].url
    assert settings.database is not None
    assert settings.deliver[0].source == settings.sources[0].id
    assert settings.sources[0].selectors
    assert settings.sources[0].rights
    assert settings.fetch.allow_hosts
    assert settings.fetch.contact


def test_settings_do_not_change_once_they_are_read(operator: Operator) -> None:
    settings = operator.settings(ONE_PAPER)

    with pytest.raises(ValidationError):
        settings.language = "en"
    with pytest.raises(ValidationError):
        settings.sources[0].first = "all"


def test_the_models_themselves_refuse_sections_that_disagree() -> None:
    with pytest.raises(ValidationError, match=r"deliver\[0\].source"):
        Settings.model_validate({"deliver": [{"to": "console:x", "source": "none"}]})


@pytest.mark.parametrize(
    ("url", "is_public"),
    [
        ("http://127.0.0.1:8080/", False),
        ("http://localhost/", False),
        ("http://paper.localhost/", False),
        ("http://nas.local/", False),
        ("http://news.lan:8080/", False),
        ("http://box.internal/", False),
        ("http://nas/", False),
        ("http://10.0.0.5/", False),
        ("http://192.168.1.2:8080/", False),
        ("http://[::1]:8080/", False),
        ("http://[fd00::1]/", False),
        ("http://0.0.0.0:8080/", False),
        ("http://8.8.8.8/", True),
        ("http://[2606:4700::1]/", True),
        ("https://news.example.com/", True),
        ("https://NEWS.EXAMPLE.COM/", True),
    ],
)
def test_whole_texts_are_shown_only_where_nobody_else_sees_them(
    operator: Operator, url: str, is_public: bool
) -> None:
    settings = operator.settings(f"public_url: {url}\n{ONE_PAPER}")

    assert settings.is_public is is_public
    assert settings.content_of(settings.sources[0]) == ("summary" if is_public else "full")


@pytest.mark.parametrize(
    ("more", "content"),
    [
        ("", "summary"),
        ("rights: 淮安区报授权转载", "full"),
        ("content: full", "full"),
        ("{content: summary, rights: x}", "summary"),
        ("content: null", "summary"),
    ],
)
def test_what_is_shown_in_public_follows_the_operator_and_the_licence(
    operator: Operator, more: str, content: str
) -> None:
    lines = more.strip("{}").split(", ") if more else []
    paper = ONE_PAPER + "".join(f"    {line}\n" for line in lines)
    settings = operator.settings(f"public_url: https://news.example.com/\n{paper}")

    assert settings.content_of(settings.sources[0]) == content


def test_a_paper_is_found_by_its_id(operator: Operator) -> None:
    settings = operator.settings(ONE_PAPER)

    assert settings.source("huaian") is settings.sources[0]
    assert settings.source("other") is None


def test_a_relative_path_is_beside_the_file_and_not_where_the_command_runs(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))

    assert operator.settings("language: en").data_dir == operator.folder / "var"


def test_the_configuration_may_be_named_by_a_relative_path(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.file.write_text("language: en")
    monkeypatch.chdir(operator.folder)

    assert Operator(Path()).read().data_dir == operator.folder / "var"


def test_a_folder_behind_links_that_go_round_is_left_to_whoever_opens_it(
    operator: Operator,
) -> None:
    (operator.folder / "a").symlink_to("b")
    (operator.folder / "b").symlink_to("a")

    assert operator.settings("data_dir: a/x").data_dir.name == "x"


def test_every_family_that_can_be_configured_can_be_built_and_the_other_way_round() -> None:
    assert set(KINDS) == set(table.KINDS)


def test_a_rule_may_be_set_for_every_field_that_rules_know() -> None:
    selectors = BaseSource.model_fields["selectors"]

    assert selectors.annotation is not None
    assert set(FIELDS) == set(selectors.annotation.__args__[0].__args__)


def test_durations_are_read_as_such(operator: Operator) -> None:
    assert operator.settings(ONE_PAPER).sources[0].check_every == timedelta(minutes=10)


def test_figures_are_off_and_have_a_place_of_their_own(operator: Operator) -> None:
    assert operator.settings(ONE_PAPER).metrics.listen is None
    on = operator.settings(f"metrics: {{listen: '[::1]:9464'}}\n{ONE_PAPER}").metrics
    assert (on.host, on.port) == ("::1", 9464)
    environ = {"BAOTONG_METRICS__LISTEN": "127.0.0.1:9464"}
    assert operator.settings(ONE_PAPER, environ).metrics.port == 9464
