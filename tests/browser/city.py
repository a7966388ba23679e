"""A small city on a working day: ten days of reports under a packaged plan, some units silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from typing import Any

from django.utils import timezone

from fangxian.ground.accounts.models import User
from fangxian.ground.places.models import Facility, Place
from fangxian.plans.schema import Form
from fangxian.reporting.selectors.plans import plan_at
from fangxian.reporting.selectors.units import is_reporter
from fangxian.reporting.services import ReportSubmission, submit_report
from worlds import make_places, make_plan, make_units, make_user

PLAN = (files("fangxian.plans") / "packaged/covid19-class-b-2023.toml").read_text(encoding="utf-8")
PASSWORD = "a long enough password"
SILENT = ("H22", "V221")
"""Units that have said nothing about yesterday."""


@dataclass(frozen=True)
class City:
    """Who and what a journey meets."""

    places: dict[str, Place]
    units: dict[str, Facility]
    officer: User
    reporter: User
    yesterday: date


def make_city() -> City:
    """Make places, units, people and reports up to yesterday."""
    places = make_places()
    make_plan(places["nation"], PLAN)
    units = make_units(places)
    Facility.objects.update(synthetic=True, telephone="0310-5550123")
    officer = make_user("city_duty_officer", places["city"], "duty")
    reporter = make_user("reporter", units["V221"], "clinic")
    yesterday = timezone.localdate() - timedelta(days=1)
    for back in range(8, -1, -1):
        day = yesterday - timedelta(days=back)
        for name, unit in units.items():
            if back or name not in SILENT:
                say(officer, unit, day, step=8 - back)
    return City(places, units, officer, reporter, yesterday)


def say(officer: User, unit: Facility, day: date, step: int) -> None:
    """Report plausible, slowly rising figures on every form that the unit fills in."""
    for form in plan_at(unit.place, day).forms:
        if is_reporter(form, unit.kind, unit.grade):
            morning = datetime.combine(day + timedelta(days=1), time(0, 5))
            submission = ReportSubmission(
                unit=unit,
                form=form.id,
                day=day,
                values=figures(form, step),
                reported_at=min(timezone.make_aware(morning), timezone.now()),
                confirmed_warnings=True,
                synthetic=True,
            )
            submit_report(actor=officer, submission=submission)


def figures(form: Form, step: int) -> dict[str, Any]:
    """Return one value for each field: stocks are larger than flows, so that no rule is broken."""
    large = {"in_hospital": 40, "ordinary_beds": 120, "intensive_care_beds": 12, "tests": 200, "visits": 60}
    small = {"deaths": 0, "intensive_care": 2, "severe": 3, "antipyretic_days": 9}
    return {
        field.id: large.get(field.id, small.get(field.id, 5)) + (step if field.id in large else 0)
        for field in form.fields
    }
