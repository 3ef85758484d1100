"""Which browser there is."""

import os
import shutil
from importlib.util import find_spec

NAMES = ("chromium", "chromium-browser", "google-chrome")
# a page is drawn the same on every machine
OPTIONS = ["--force-color-profile=srgb", "--font-render-hinting=none"]


def found() -> str | None:
    """Where a Chromium is; KINDRED_BROWSER names another."""
    own = os.environ.get("KINDRED_BROWSER")
    return own or next(filter(None, map(shutil.which, NAMES)), None)


def why_not() -> str | None:
    """Why no browser can run here."""
    if find_spec("playwright") is None or find_spec("axe_playwright_python") is None:
        return "Playwright is not installed: make .venv/dev"
    if found() is None:
        return f"no browser on the PATH ({', '.join(NAMES)}), and KINDRED_BROWSER names none"
    return None
