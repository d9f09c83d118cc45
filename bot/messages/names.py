"""What the forms of messages are called, for those who look at what was sent."""

from collections.abc import Mapping

from feeds.words import N_

FORM_NAMES: Mapping[str, str] = {
    "issue": N_("一期"),
    "article": N_("一篇"),
    "rest": N_("其余的"),
    "daily": N_("一天"),
    "reads": N_("阅读数"),
    "correction": N_("更正"),
    "summary": N_("错过的报纸"),
    "alarm": N_("警报"),
    "said": N_("通知"),
    "incident": N_("警报"),
    "recovery": N_("恢复"),
}
"""By their name in the ledger."""
