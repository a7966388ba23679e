"""A merger changes no sum above it; the successor takes in all that the old place ever reported."""

from __future__ import annotations

from datetime import date

import pytest
from typer.testing import CliRunner

from fangxian.console.cli.places import app
from fangxian.ground.accounts.models import User
from fangxian.ground.places.models import Facility, Place
from fangxian.reporting.models import Total
from fangxian.reporting.selectors.totals import verify_totals
from fangxian.reporting.services import ReportSubmission, submit_report
from worlds import make_places, make_plan, make_units, make_user

BEFORE, AFTER = date(2024, 3, 1), date(2024, 3, 3)


def cases(places: dict[str, Place], place: str, day: date) -> int | None:
    kept = Total.objects.filter(place=places[place], form="hospital-daily", day=day).first()
    return kept.sums["new_cases"] if kept is not None else None


def say(officer: User, unit: str, day: date, new_cases: int) -> None:
    facility = Facility.objects.select_related("place").get(code=unit)
    said = ReportSubmission(unit=facility, form="hospital-daily", day=day, values={"new_cases": new_cases})
    submit_report(actor=officer, submission=said)


@pytest.mark.django_db
def test_totals_go_on_over_a_merger() -> None:
    places = make_places()
    make_plan(places["nation"])
    make_units(places)
    officer = make_user("city_duty_officer", places["city"])
    for unit, new_cases in (("H11", 3), ("H12", 4), ("H21", 5)):
        say(officer, unit, BEFORE, new_cases)
    assert [cases(places, place, BEFORE) for place in ("city", "county-1", "county-2")] == [12, 7, 5]

    merged = CliRunner().invoke(app, ["merge", "T111", "--into", "T112", "--on", "2024-03-02"])
    assert merged.exit_code == 0, merged.output

    assert [cases(places, place, BEFORE) for place in ("city", "county-1", "county-2")] == [12, 7, 12]
    say(officer, "H11", AFTER, 2)
    say(officer, "H21", AFTER, 1)
    assert [cases(places, place, AFTER) for place in ("city", "county-2")] == [3, 3]
    assert verify_totals() == []
