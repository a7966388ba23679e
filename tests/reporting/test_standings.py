"""Standings by columns, against judging unit by unit."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from fangxian.ground.places.models import Facility
from fangxian.reporting.choices import Channel
from fangxian.reporting.models import Report
from fangxian.reporting.rules import STATES, Arrival, Standing, standing
from fangxian.reporting.selectors import BoardQuery, board, plan_at
from fangxian.reporting.selectors.standings import Standings, UnitRoll
from fangxian.reporting.selectors.units import children_of, is_reporter, owes
from worlds import make_places, make_plan, make_unit, make_user

CHINA = ZoneInfo("Asia/Shanghai")
DAY = date(2024, 3, 1)
MOMENTS = {
    "before the day": datetime(2024, 2, 28, 9, tzinfo=CHINA),
    "between the two deadlines": datetime(2024, 3, 2, 14, tzinfo=CHINA),
    "after both": datetime(2024, 3, 3, 9, tzinfo=CHINA),
}


@pytest.fixture
def town(db):
    """Forty units of two kinds in all places; open, closed or not yet; silent or heard in every way."""
    places = make_places()
    make_plan(places["nation"])
    officer = make_user("city_duty_officer", places["city"], "officer")
    random = np.random.default_rng(11)
    where = [place for key, place in places.items() if not key.startswith(("nation", "province"))]
    for number in range(40):
        kind = "hospital" if random.random() < 0.5 else "village_clinic"
        opened = DAY + timedelta(days=1) if random.random() < 0.15 else None
        closed = DAY if random.random() < 0.15 else None
        place = where[random.integers(len(where))]
        unit = make_unit(f"U{(7 * number) % 40:02}", place, kind, opened=opened, closed=closed)
        if random.random() < 0.7:
            Report.objects.create(
                unit=unit,
                form="hospital-daily" if kind == "hospital" else "village-daily",
                day=DAY,
                revision=int(random.integers(1, 4)),
                values={},
                late=bool(random.random() < 0.4),
                zero_declared=bool(random.random() < 0.4),
                reported_at=datetime(2024, 3, 2, 8, tzinfo=CHINA),
                entered_at=datetime(2024, 3, 2, 8, tzinfo=CHINA),
                entered_by=officer,
                channel=Channel.WEB,
            )
    return places, officer


def _unit_by_unit(place, forms, now, contradicted):
    """Return where each unit stands, by unit and form."""
    inside = (place.tree_left, place.tree_right)
    found: dict[tuple[int, str], Standing] = {}
    for unit in Facility.objects.filter(place__tree_left__range=inside).select_related("place"):
        for form in forms:
            if not is_reporter(form, unit.kind, unit.grade):
                continue
            report = Report.objects.filter(unit=unit, form=form.id, day=DAY, is_current=True).first()
            arrival = report and Arrival(report.late, report.revision, report.zero_declared)
            found[unit.pk, form.id] = standing(
                owes=owes(form, unit, DAY),
                deadline=form.deadline,
                day=DAY,
                now=now,
                arrival=arrival,
                contradicted=unit.pk in contradicted,
            )
    return found


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("where", ["city", "county-1", "township-11", "village-111"])
def test_columns_say_what_judging_unit_by_unit_says(town, where, moment):
    place, now = town[0][where], MOMENTS[moment]
    forms = plan_at(place, DAY).forms
    doubtful = {unit.pk for unit in Facility.objects.all() if unit.pk % 3 == 0}
    stand = Standings.read(UnitRoll.read(place, forms), forms, DAY, now=now, contradicted=doubtful)
    expected = _unit_by_unit(place, forms, now, doubtful)
    found = {
        (stand.pk(entry), stand.form(entry).id): stand.standing(entry) for entry in range(len(stand.way))
    }
    assert found == expected

    whole = stand.counts()
    assert whole.states == Counter(one.state for one in expected.values())
    assert whole.zero_declared == sum(one.zero_declared for one in expected.values())
    assert whole.corrected == sum(one.corrected for one in expected.values())
    assert whole.contradicted == sum(one.contradicted for one in expected.values())
    assert sum(one.due for one in stand.counts_by_form()) == whole.due


@pytest.mark.parametrize("where", ["city", "county-1", "township-11", "village-111"])
def test_rows_of_a_board_come_worst_first_and_its_parts_add_up(town, where):
    places, officer = town
    place, now = places[where], MOMENTS["after both"]
    seen = board(officer, place, DAY, BoardQuery(states=STATES, limit=1000), now=now)
    order = [
        (STATES.index(row.standing.state), row.unit.tree_left, row.unit.code, row.form) for row in seen.rows
    ]
    assert order == sorted(order)
    assert len(order) == seen.rows_found == sum(seen.counts.states.values())
    below = {child.pk: Counter() for child in children_of(place)}
    for row in seen.rows:
        for child in children_of(place):
            if child.tree_left <= row.unit.tree_left <= child.tree_right:
                below[child.pk][row.standing.state] += 1
    assert {child.place.pk: child.counts.states for child in seen.children} == below


def test_a_board_is_searched_by_what_is_written_on_it(town):
    places, officer = town
    seen = board(officer, places["city"], DAY, BoardQuery(search="u0"), now=MOMENTS["after both"])
    assert seen.rows and all(row.unit.code.startswith("U0") for row in seen.rows)
    assert seen.rows_found < seen.counts.due


def test_a_place_without_units_has_an_empty_board(db):
    places = make_places()
    make_plan(places["nation"])
    seen = board(None, places["county-1"], DAY)
    assert (seen.counts.due, list(seen.rows), seen.rows_found) == (0, [], 0)
    assert [child.counts.due for child in seen.children] == [0, 0]
