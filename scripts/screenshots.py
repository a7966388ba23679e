"""Make the pictures of the README from the demonstration: docs/images/*.png.

    python scripts/screenshots.py              opens a demonstration of its own, takes the pictures, closes it
    python scripts/screenshots.py --at ADDRESS  takes them from a demonstration that is already open

Needs Debian's Chromium. The demonstration's reports are synthetic, and every picture says so.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "docs/images"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
CITY = "1304"
OFFICER, CLINIC, CLINIC_UNIT = "zhiban", "cunyi", "M130426400201V"
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
DESK, PHONE = (1280, 860), (360, 740)


@dataclass(frozen=True)
class Picture:
    """One picture: who looks at which page on which screen, in which language."""

    name: str
    person: str
    address: str
    screen: tuple[int, int] = DESK
    language: str = "zh-hans"


PICTURES = (
    Picture("today", OFFICER, "/"),
    Picture("brief", OFFICER, f"/brief/{CITY}/"),
    Picture("board", OFFICER, f"/board/{CITY}/"),
    Picture("board-en", OFFICER, f"/board/{CITY}/", language="en"),
    Picture("entry-phone", CLINIC, f"/entry/{CLINIC_UNIT}/village-daily/{TODAY}/", PHONE),
)


@contextmanager
def demonstration() -> Iterator[str]:
    """Open a demonstration in a folder of its own and yield its address."""
    with tempfile.TemporaryDirectory(prefix="fangxian-pictures-") as home:
        command = [str(Path(sys.executable).with_name("fangxian")), "demo"]
        around = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=around | {"FANGXIAN_HOME": home}
        )
        try:
            yield _address(server)
        finally:
            server.terminate()
            server.wait(timeout=30)


def _address(server: subprocess.Popen[str]) -> str:
    for line in server.stdout or ():
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            return found[0]
    raise SystemExit("The demonstration did not open.")


def take(browser: Browser, base: str, picture: Picture, password: str) -> None:
    """Sign in as the person, open the page, wait until it is at rest and keep what it shows."""
    width, height = picture.screen
    context = browser.new_context(
        base_url=base, viewport={"width": width, "height": height}, device_scale_factor=1.25, locale="zh-CN"
    )
    context.add_cookies([{"name": "django_language", "value": picture.language, "url": base}])
    page = context.new_page()
    _sign_in(page, picture.person, password)
    page.goto(picture.address)
    page.wait_for_selector("html[data-ready=yes]")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=str(IMAGES / f"{picture.name}.png"))
    context.close()


def _sign_in(page: Any, person: str, password: str) -> None:  # noqa: ANN401 -- Playwright's page
    for _ in range(60):  # the address is told a moment before the server listens
        try:
            page.goto("/accounts/login/")
            break
        except Exception:  # noqa: BLE001 -- Playwright has one class for every refusal
            page.wait_for_timeout(500)
    page.locator("input[name=login]").fill(person)
    page.locator("input[name=password]").fill(password)
    page.locator("main form button").first.click()
    page.wait_for_url("**/")


def main() -> None:
    """Take every picture."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--at", help="address of a demonstration that is already open")
    given = asked.parse_args()
    IMAGES.mkdir(parents=True, exist_ok=True)
    if given.at:
        _take_all(given.at)
        return
    with demonstration() as base:
        _take_all(base)


def _take_all(base: str) -> None:
    password = _password()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for picture in PICTURES:
            take(browser, base, picture, password)
            print(f"docs/images/{picture.name}.png")
        browser.close()


def _password() -> str:
    """Return the password that the demonstration gives to all its accounts."""
    source = Path(__file__).resolve().parents[1] / "src/fangxian/console/cli/demo_data.py"
    found = re.search(r'^PASSWORD\s*=\s*"([^"]+)"', source.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise SystemExit("demo_data.py states no PASSWORD.")
    return found[1]


if __name__ == "__main__":
    main()
