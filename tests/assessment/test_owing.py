"""Who owes what, for all places and days at once, against counting unit by unit."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from fangxian.assessment.selectors.owing import owed
from fangxian.ground.places.models import Facility, Place
from fangxian.plans.schema import Form
from fangxian.reporting.selectors import form_at
from fangxian.reporting.selectors.coverage import DueTable, groups_in
from fangxian.reporting.selectors.units import children_of, owes, units_in
from town import AS_OF, Town

DAYS = [AS_OF + timedelta(days=step) for step in range(-10, 1)]


@pytest.mark.parametrize("place", ["city", "county-1", "township-11"])
@pytest.mark.parametrize("form", ["hospital-daily", "village-daily"])
def test_owing_equals_counting_unit_by_unit(town: Town, place: str, form: str) -> None:
    """Units that open, close, never open, stand beside every place below, or state no people are counted."""
    dates: list[tuple[date | None, date | None]] = [
        (DAYS[3], None),
        (None, DAYS[6]),
        (DAYS[8], DAYS[2]),
        (DAYS[4], DAYS[4]),
        (AS_OF + timedelta(days=9), None),
    ]
    for number, (opened, closed) in enumerate(dates):
        for where in ("city", "county-1", "township-11", "village-111"):
            Facility.objects.create(
                code=f"X{number}{where}",
                name="甲",
                kind="village_clinic" if number % 2 else "hospital",
                place=town.places[where],
                opened=opened,
                closed=closed,
                population_served=None if number == 1 else 100 + number,
            )
    top = town.places[place]
    plan_form = form_at(top, form, AS_OF)
    places = [top, *children_of(top)]
    groups = groups_in(top)
    due, people = owed(plan_form, groups, places, DAYS)
    table = DueTable.of(plan_form, groups)
    for index, one in enumerate(places):
        counted = [_unit_by_unit(plan_form, one, day) for day in DAYS]
        assert list(zip(*table.count(one, DAYS), strict=True)) == counted
        assert due[:, index].tolist() == [number for number, _ in counted]
        served = [np.nan if some is None else some for _, some in counted]
        np.testing.assert_array_equal(people[:, index], served)


def _unit_by_unit(form: Form, place: Place, day: date) -> tuple[int, int | None]:
    """Return how many units owe a form in a place on a day, and the people whom they say they serve."""
    owing = [unit for unit in units_in(place) if owes(form, unit, day)]
    stated = [unit.population for unit in owing if unit.population is not None]
    return len(owing), sum(stated) if stated else None
