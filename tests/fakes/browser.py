"""Debian's chromium by playwright, quiet: it fetches nothing of its own."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
PHONE = {"width": 390, "height": 844}
TABLET = {"width": 820, "height": 1180}
DESK = {"width": 1280, "height": 900}
_QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# In CI a missing browser is a failure: a promise that nobody looks at is none.
needs_browser = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"),
    reason="no browser here: apt-get install chromium to see the pages tested",
)


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """A browser without a window; closed at the end."""
    if CHROMIUM is None:
        raise RuntimeError("no chromium, no google-chrome: the pages cannot be tested")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=False, args=_QUIET
        )
        yield browser
        await browser.close()
