"""Telegram, through python-telegram-bot: its only door."""

import os

# PTB's documented switch: RetryAfter.retry_after is a timedelta, and no deprecation is told.
os.environ.setdefault("PTB_TIMEDELTA", "1")
