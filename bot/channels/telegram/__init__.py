"""Telegram, through python-telegram-bot: its only door."""
