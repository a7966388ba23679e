"""Who owes what, for all places and days at once, against counting unit by unit."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from fangxian.assessment.selectors.owing import owed, units_of
from fangxian.ground.places.models import Facility
from fangxian.reporting.selectors import form_at
from fangxian.reporting.selectors.coverage import DueTable
from fangxian.reporting.selectors.units import children_of, units_in
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
    due, people = owed(plan_form, units_of(top), places, DAYS)
    table = DueTable.of(plan_form, units_in(top))
    for index, one in enumerate(places):
        expected, served = table.count(one, DAYS)
        assert due[:, index].tolist() == expected
        np.testing.assert_array_equal(people[:, index], [np.nan if some is None else some for some in served])
