"""How everything stands, read from the store at once: for `baotong status` and for /status in the chat."""

from bot.standing.gather import gather
from bot.standing.needs import Need, needs_of
from bot.standing.report import Channel, Disk, Paper, Report

__all__ = ["Channel", "Disk", "Need", "Paper", "Report", "gather", "needs_of"]
