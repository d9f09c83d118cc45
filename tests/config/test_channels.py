"""Robots, programs and Telegram's webhook, as an operator writes them."""

import pytest

from tests.fakes.operator import ONE_PAPER, Operator

ROBOTS = (
    ONE_PAPER
    + """\
channels:
  wecom:
    desk: {key: "${WECOM_KEY}"}
    night: {key_file: night.key}
  dingtalk:
    desk: {key: d, secret: SECsecret}
  feishu:
    desk: {key: f, secret_file: feishu.secret}
  webhook:
    archive: {url: "https://a.test/?t=1", secret: whsec}
  apprise:
    team: {url: "discord://id/token"}
deliver:
  - {to: wecom:desk, source: huaian}
  - {to: webhook:archive, source: huaian}
operators: [feishu:desk]
"""
)


def test_robots_have_names_and_their_secrets_come_from_anywhere(operator: Operator) -> None:
    (operator.folder / "night.key").write_text("night-key\n")
    (operator.folder / "feishu.secret").write_text("feishu-secret\n")
    settings = operator.settings(ROBOTS, {"WECOM_KEY": "desk-key"})

    assert settings.channels.wecom["desk"].key.get_secret_value() == "desk-key"
    assert settings.channels.wecom["night"].key.get_secret_value() == "night-key"
    feishu = settings.channels.feishu["desk"].secret
    assert feishu is not None
    assert feishu.get_secret_value() == "feishu-secret"
    wanted = {"desk-key", "night-key", "SECsecret", "feishu-secret", "whsec", "discord://id/token"}
    assert wanted <= set(settings.secrets())


@pytest.mark.parametrize("secret", ["short", "with space in it!", "x" * 257])
def test_case_134_a_telegram_webhook_needs_a_secret_that_telegram_takes(
    operator: Operator, secret: str
) -> None:
    webhook = "{url: 'https://bot.test/', secret: '%s'}"
    text = "channels:\n  telegram:\n    token: x\n    webhook: "
    (problem,) = operator.problems(text + webhook % secret + "\n")
    assert "16" in problem.message
    (problem,) = operator.problems(text + "{url: 'https://bot.test/'}\n")
    assert problem.key == "channels.telegram.webhook.secret"


def test_paid_broadcasts_are_faster_unless_a_rate_is_chosen(operator: Operator) -> None:
    def pace(more: str) -> float:
        telegram = operator.settings(
            f"channels: {{telegram: {{token: x{more}}}}}\n"
        ).channels.telegram
        assert telegram is not None
        return telegram.messages_a_second

    assert pace("") == 29
    assert pace(", paid_broadcasts: true") == 900
    assert pace(", paid_broadcasts: true, rate: 100") == 100


def test_what_is_too_old_and_what_is_unknown_are_the_operators_to_say(operator: Operator) -> None:
    settings = operator.settings("push: {max_age: 2d, unknown: {channel: again}}\n")
    assert settings.push.max_age.days == 2
    assert settings.push.unknown.channel == "again"
    assert settings.push.unknown.private == "again"
