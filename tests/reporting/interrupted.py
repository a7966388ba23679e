"""Steps that a test runs in processes of their own: prepare, begin a commit and hang half way, look at it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from django.core.management import call_command

from fangxian.ground.accounts.models import User
from fangxian.ground.audit.models import AuditEvent
from fangxian.reporting.models import ImportBatch, Report, Total
from fangxian.reporting.services import imports
from worlds import make_places, make_plan, make_units, make_user

imports.CHUNK = 10
CONTENT = "unit,day,new_cases\n" + "".join(
    f"{unit},2024-03-{day:02},{day}\n" for unit in ("H11", "H12", "H21", "H22") for day in range(1, 26)
)


def prepare() -> None:
    """Make the small world and preview a file of a hundred rows."""
    call_command("migrate", verbosity=0)
    places = make_places()
    make_plan(places["nation"])
    make_units(places)
    officer = make_user("city_duty_officer", places["city"], "officer")
    imports.preview_import(actor=officer, file_name="百行.csv", content=CONTENT.encode())


def commit(progress: Callable[[int, int], None] | None = None) -> None:
    """Commit the file, ten rows at a time."""
    imports.commit_import(
        actor=User.objects.get(), batch=ImportBatch.objects.get(), confirm_warnings=True, progress=progress
    )


def hang(done: int, total: int) -> None:
    """Say that half of the rows are written, and wait for the end."""
    if done >= total // 2:
        say(f"half {Report.objects.count()}")
        time.sleep(600)


def look() -> None:
    """Print what is on record."""
    batch = ImportBatch.objects.get()
    audited = AuditEvent.objects.filter(code="reports.imported").count()
    say(f"{batch.status} {Report.objects.count()} {Total.objects.count()} {audited}")


def hang_half_way() -> None:
    """Begin a commit that never ends."""
    commit(hang)


def say(text: str) -> None:
    """Hand a line to the test."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
