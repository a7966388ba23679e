"""Units and places may move and serve other numbers of people: kept totals stay the sum of the reports."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fangxian.ground.places.models import Facility, Place
from fangxian.ground.places.rules.tables import read_csv
from fangxian.ground.places.services import import_facilities, import_places, merge_place, save_facility
from fangxian.ground.places.services.divisions import Origin
from fangxian.reporting.models import Report, Total
from fangxian.reporting.selectors import verify_totals
from fangxian.reporting.services import submit_bulk

FIRST = date(2024, 3, 1)
UNITS = ("H11", "H12", "H21", "H22")
PLACES = ("city", "county-1", "township-11", "township-21", "village-121")


@pytest.fixture
def reported(world):
    """Two days of reports of every hospital, one of them corrected, one figure combined by maximum."""
    slots = [(unit, FIRST + timedelta(days=day)) for unit in UNITS for day in (0, 1)]
    frame = pl.DataFrame(slots, schema=["unit", "day"], orient="row").with_columns(
        pl.Series("new_cases", [3, 1, 4, 1, 5, 9, 2, 6]),
        pl.Series("longest_wait_hours", [0.5, 2.25, 1.0, 8.125, 3.0, 7.5, 6.0, 4.0]),
        pl.Series("cover_days", [None, 2.5, 1.0, None, 4.0, 0.125, 3.0, 2.0]),
    )
    submit_bulk(actor=world["officer"], form="hospital-daily", frame=frame)
    again = frame.head(1).with_columns(pl.lit(7).alias("new_cases"), pl.lit("recount").alias("reason"))
    submit_bulk(actor=world["officer"], form="hospital-daily", frame=again)
    assert verify_totals() == []
    return world


moves = st.tuples(
    st.sampled_from(UNITS),
    st.fixed_dictionaries(
        {},
        optional={
            "place": st.sampled_from(PLACES),
            "population_served": st.one_of(st.none(), st.integers(0, 90_000)),
        },
    ),
)


@given(st.lists(moves, min_size=1, max_size=4))
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_totals_follow_a_unit_wherever_it_goes(reported, sequence):
    with transaction.atomic():
        for unit, change in sequence:
            values = {
                name: reported["places"][value] if name == "place" else value
                for name, value in change.items()
            }
            save_facility(actor=None, facility=Facility.objects.get(code=unit), values=values)
        assert verify_totals() == []
        transaction.set_rollback(True)


def test_a_unit_that_moves_takes_its_figures_to_the_other_county(reported):
    places = reported["places"]
    save_facility(actor=None, facility=reported["H11"], values={"place": places["township-21"]})

    def said(place: str) -> tuple[object, object]:
        kept = Total.objects.get(place=places[place], form="hospital-daily", day=FIRST)
        return kept.sums["new_cases"], kept.maxima["longest_wait_hours"]

    assert [said(place) for place in ("city", "county-1", "county-2")] == [(18, 6), (4, 1), (14, 6)]
    assert verify_totals() == []


def test_totals_follow_a_file_of_facilities(reported):
    rows = "code,name,kind,place_code,population_served\n" + "".join(
        f"{unit},某{unit},hospital,T11{place},{people}\n"
        for unit, place, people in (("H11", 22, 10_000), ("H12", 12, 44_000), ("H21", 1, 5))
    )
    table = read_csv("机构.csv", rows.encode())
    assert import_facilities(actor=None, table=table).accepted == 3
    assert Facility.objects.get(code="H11").place.code == "T1122"
    assert verify_totals() == []


def test_totals_follow_places_that_merge_or_hang_elsewhere(reported):
    places = reported["places"]
    merge_place(actor=None, place=places["township-11"], into=places["township-12"], on=date(2024, 4, 1))
    assert verify_totals() == []
    rows = "code,name,level,parent_code\nT1121,某township-21,4,T111\n"
    import_places(actor=None, file=("地区.csv", rows.encode()), origin=Origin("CN", "test"))
    assert Place.objects.get(code="T1121").parent.code == "T111"
    assert Report.objects.exists()
    assert verify_totals() == []
