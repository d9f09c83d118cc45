"""Logs: one line an event, for eyes in a terminal and as JSON elsewhere, with no secret in any of them.

event ──counted (bot.logs.repeats)──▶ without secrets (redaction) ──▶ without controls (escaping) ──▶ line
"""

from bot.logs.setup import FULL, configure_logging

__all__ = ["FULL", "configure_logging"]
