"""A published dataset becomes reports of health authorities; a total that fell becomes corrections."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.base.errors import InvalidInput
from fangxian.ground.places.models import Facility, Place
from fangxian.plans.datasets import load_descriptor, parse_descriptor, read_dataset
from fangxian.reporting.models import Report, Total
from fangxian.reporting.rules.published import counted_once, places_above
from fangxian.reporting.rules.revisions import Fall, take_off
from fangxian.reporting.selectors import verify_totals
from fangxian.reporting.services.datasets import DatasetRequest, import_dataset
from shared_data import shared_path
from worlds import make_user

DESCRIPTOR = """
schema = 1

[dataset]
id = "two-regions"
title = { zh = "两个大区", en = "Two regions" }
source = "Made for this test"
licence = "CC0-1.0"
plan = "covid19-class-b-2023"

[places]
country = "XX"
level_names = [{ level = 0, zh = "全国", en = "Nation" }, { level = 1, zh = "大区", en = "Region" }]
known = [{ code = "XX", name = "Xland", name_en = "Xland", level = 0 }]

[[tables]]
id = "regions"
files = ["regions.csv"]
day = { column = "day", formats = ["iso"] }

[[tables.places]]
level = 1
code = { column = "code" }
name = { column = "name" }
parent = { value = "XX" }

[[tables.fields]]
field = "new_cases"
columns = ["cases"]
kind = "daily"

[[tables.fields]]
field = "deaths"
columns = ["deaths_total"]
kind = "cumulative"
"""
ROWS = """day,code,name,cases,deaths_total
2023-02-01,X1,North,5,0
2023-02-02,X1,North,6,3
2023-02-03,X1,North,,5
2023-02-04,X1,North,4,4
2023-02-05,X1,North,4,6
2023-02-01,X2,South,1,0
2023-02-02,X2,South,0,0
"""


@pytest.fixture
def request_of(tmp_path):
    (tmp_path / "regions.csv").write_text(ROWS, encoding="utf-8")
    descriptor = parse_descriptor(DESCRIPTOR, file="two-regions.toml")

    def make(**said) -> DatasetRequest:
        return DatasetRequest(descriptor, tmp_path, **said)

    return make


def current(place: str) -> dict[date, dict[str, float | None]]:
    reports = Report.objects.filter(unit__place__code=place, is_current=True)
    return dict(reports.order_by("day").values_list("day", "values"))


def test_units_are_created_only_when_asked_for(db, request_of):
    """Without --create-units an unregistered place is an error that names the remedy."""
    actor = make_user("administrator", None)
    with pytest.raises(InvalidInput, match="Create them with --create-units"):
        import_dataset(actor=actor, request=request_of())
    assert not Place.objects.exists()


def test_a_total_that_fell_corrects_the_days_before(db, request_of):
    """The deaths of the days add up to the published total; the originals are kept with the reason."""
    actor = make_user("administrator", None)
    outcome = import_dataset(actor=actor, request=request_of(create_units=True, reported_at="day"))
    assert (outcome.places_created, outcome.units_created) == (3, 2)
    north = current("X1")
    days = [date(2023, 2, 1) + timedelta(days) for days in range(5)]
    assert [north[day].get("new_cases") for day in days] == [5, 6, None, 4, 4]
    assert "new_cases" in north[days[2]]
    given_deaths = [north[day].get("deaths") for day in days]
    assert given_deaths[1:] == [3, 1, None, 2]
    assert sum(value for value in given_deaths if value) == 6
    original, corrected = Report.objects.filter(unit__place__code="X1", day=days[2]).order_by("revision")
    assert (original.values["deaths"], corrected.values["deaths"]) == (2, 1)
    assert "5→4" in corrected.reason
    assert corrected.reported_at.date() == date(2023, 2, 5)
    assert original.reported_at < corrected.reported_at
    assert Total.objects.get(place__code="XX", day=days[0], form="area-daily").sums["new_cases"] == 6
    assert verify_totals() == []


def test_the_same_dataset_twice_changes_nothing(db, request_of):
    """Neither figures nor corrections are written again."""
    actor = make_user("administrator", None)
    import_dataset(actor=actor, request=request_of(create_units=True))
    before = list(Report.objects.order_by("pk").values())
    again = import_dataset(actor=actor, request=request_of(create_units=True))
    assert list(Report.objects.order_by("pk").values()) == before
    assert (again.batch.rows_read, again.batch.rows_unchanged) == (7, 7)
    assert (again.places_created, again.units_created) == (0, 0)


def test_a_place_and_those_below_it_are_counted_once():
    """Where cities give a field, the province's own figure is left out, and how far they differ is said."""
    parents = {"X1": "XX", "X2": "XX", "X11": "X1"}
    assert places_above(parents, ["XX", "X1", "X2"]) == {"XX"}
    assert places_above(parents, ["XX", "X11"]) == {"XX"}
    assert places_above(parents, ["X1", "X2"]) == set()
    data = shared_path("data/03_covid_china")
    dataset = read_dataset(load_descriptor("china-cities-2020"), data)
    once, findings = counted_once(dataset)
    cases = once.values.filter(once.values["field"] == "new_cases")
    assert (
        places_above(
            {code: parent for code, parent in dataset.places.select("code", "parent_code").rows() if parent},
            cases["place_code"].unique().to_list(),
        )
        == set()
    )
    assert [one.code for one in findings] == ["place-counted-below"] * 3
    assert "11" not in set(cases["place_code"])
    nation = dataset.totals().filter(pl.col("place_code") == "CN", pl.col("field") == "new_cases")
    said = next(one.message["en"] for one in findings if one.column == "new_cases")
    assert abs(float(said.split("add up to ")[1].split(",")[0]) / nation["total"][0] - 1) < 0.01
    assert once.corrections.filter(once.corrections["place_code"] == "11").is_empty()


def test_italy_as_published(db):
    """All regions of Italy come in, and the deaths kept equal the total that was published last."""
    data = shared_path("data/04_hospital_icu")
    actor = make_user("administrator", None)
    descriptor = load_descriptor("italy-regions")
    outcome = import_dataset(
        actor=actor,
        request=DatasetRequest(
            descriptor, data, create_units=True, until=date(2020, 7, 31), reported_at="day"
        ),
    )
    assert Facility.objects.count() == 21
    assert outcome.batch.rows_refused == 0
    kept = sum(
        values.get("deaths") or 0
        for values in Report.objects.filter(is_current=True).values_list("values", flat=True)
    )
    totals = outcome.dataset.totals()
    published = totals.filter(totals["field"] == "deaths")["total"].sum()
    openings = outcome.dataset.openings
    opened = openings.filter(openings["field"] == "deaths")["amount"].sum()
    assert kept == published - opened + outcome.not_taken_off


@given(
    st.dictionaries(st.integers(0, 30), st.integers(0, 9), max_size=20),
    st.integers(1, 30),
    st.integers(0, 31),
)
def test_a_fall_is_taken_off_once_and_never_below_zero(counts, amount, when):
    """What is taken off and what is left add up to the fall; no day becomes negative; later days stay."""
    first = date(2023, 1, 1)
    series = {first + timedelta(day): float(value) for day, value in counts.items()}
    before = dict(series)
    day = first + timedelta(when)
    done = take_off(Fall(("X", "area-daily", "deaths"), day, -amount, 10, 10 - amount), series)
    assert sum(before.values()) - sum(series.values()) + done.left == amount
    assert all(value >= 0 for value in series.values())
    assert all(series[one] == before[one] for one in series if one >= day)
