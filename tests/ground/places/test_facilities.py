"""Facilities load row by row with every mistake named, and capacities follow each other by date."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangxian.base.errors import InvalidInput
from fangxian.ground.places.models import Capacity, Facility, Place
from fangxian.ground.places.rules.facility_files import read_facility_file
from fangxian.ground.places.rules.tables import read_csv, table_from
from fangxian.ground.places.selectors import capacity_totals, facility_by_code, place_by_code, units_under
from fangxian.ground.places.services import import_facilities, merge_place, set_capacity

pytestmark = pytest.mark.django_db
HEADER = "code,name,kind,grade,place_code,ordinary_bed,opened,closed,longitude\n"


def load(text: str, **options: object) -> object:
    return import_facilities(actor=None, table=read_csv("f.csv", (HEADER + text).encode()), **options)


def test_the_same_table_again_changes_nothing(small_city: Place) -> None:
    rows = "H1,医院,hospital,tertiary,130402,800,,,114.5\nV1,卫生室,village_clinic,,130402001006,,,,\n"
    first = load(rows, capacity_from=date(2022, 1, 1))
    second = load(rows, capacity_from=date(2022, 1, 1))
    assert first.counts() == {"read": 2, "accepted": 2, "refused": 0, "unchanged": 0}
    assert second.counts() == {"read": 2, "accepted": 0, "refused": 0, "unchanged": 2}
    assert Capacity.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [(",甲,hospital,,130402,,,,", "value-missing", "code"),
     ("H1,甲,clinic,,130402,,,,", "choice-unknown", "kind"),
     ("H1,甲,hospital,best,130402,,,,", "choice-unknown", "grade"),
     ("H1,甲,hospital,,999999,,,,", "place-unknown", "place_code"),
     ("H1,甲,hospital,,130402,-3,,,", "number-invalid", "ordinary_bed"),
     ("H1,甲,hospital,,130402,1000000000000,,,", "number-invalid", "ordinary_bed"),
     ("H1,甲,hospital,,130402,,2022-13-01,,", "date-invalid", "opened"),
     ("H1,甲,hospital,,130402,,2022-02-01,2022-01-01,", "dates-reversed", "closed"),
     ("H1,甲,hospital,,130402,,,,1145", "degrees-invalid", "longitude"),
     ("H1,甲,hospital,,130402,5", "row-cut", None)],
)  # fmt: skip
def test_each_mistake_is_named_and_nothing_is_written(
    small_city: Place, row: str, code: str, column: str | None
) -> None:
    good = "H0,好医院,hospital,,130402,10,,,\n"
    with pytest.raises(InvalidInput, match="nothing was imported") as caught:
        load(good + row + "\n", capacity_from=date(2022, 1, 1))
    assert [(one.code, one.row, one.column) for one in caught.value.findings] == [(code, 3, column)]
    assert {name: caught.value.fields[name] for name in ("read", "accepted", "refused", "unchanged")} == {
        "read": 2, "accepted": 1, "refused": 1, "unchanged": 0,
    }  # fmt: skip
    assert not Facility.objects.exists()


def test_a_capacity_without_a_date_is_refused(small_city: Place) -> None:
    with pytest.raises(InvalidInput) as caught:
        load("H1,甲,hospital,,130402,5,,,\n")
    assert [one.code for one in caught.value.findings] == ["capacity-date-missing"]


def test_a_facility_cannot_be_put_in_a_place_that_was_merged(small_city: Place) -> None:
    merge_place(actor=None, place=place_by_code("130402"), into=place_by_code("130403"), on=date(2025, 7, 1))
    with pytest.raises(InvalidInput) as caught:
        load("H1,甲,hospital,,130402,,,,\n")
    assert [one.code for one in caught.value.findings] == ["place-closed"]
    assert "Use 130403" in caught.value.findings[0].remedy["en"]


def test_an_excel_sheet_in_chinese_is_read(small_city: Place) -> None:
    book = openpyxl.Workbook()
    book.active.append(["机构代码", "机构名称", "类型", "等级", "地区代码", "普通床位"])
    book.active.append(["H1", "第一医院", "医院", "三级", 130402, 800])
    content = io.BytesIO()
    book.save(content)
    table = read_facility_file("机构.xlsx", content.getvalue())
    import_facilities(actor=None, table=table, capacity_from=date(2022, 1, 1))
    hospital = facility_by_code("H1")
    assert (hospital.kind, hospital.grade, hospital.place.code) == ("hospital", "tertiary", "130402")


def test_a_preview_writes_nothing_and_says_what_would_happen(small_city: Place) -> None:
    rows = [{"code": "H1", "name": "甲", "kind": "hospital", "place_code": "130402"},
            {"code": "H2", "name": "乙", "kind": "hospital", "place_code": "9"}]  # fmt: skip
    outcome = import_facilities(actor=None, table=table_from("f.csv", rows), preview=True)
    assert outcome.counts() == {"read": 2, "accepted": 1, "refused": 1, "unchanged": 0}
    assert not Facility.objects.exists()


def test_an_amount_holds_until_the_next_even_if_told_late(two_hospitals: Place) -> None:
    hospital = facility_by_code("H1")
    for since, amount in ((date(2022, 12, 20), 90), (date(2022, 12, 10), 60), (date(2022, 12, 20), 95)):
        set_capacity(
            actor=None, facility=hospital, kind="intensive_care_bed", amount=amount, valid_from=since
        )
    city = place_by_code("1304")

    def beds(day: date) -> int:
        return capacity_totals(city, ["intensive_care_bed"], on=day)["intensive_care_bed"].amount

    assert [beds(date(2022, 12, day)) for day in (9, 10, 19, 20, 31)] == [40, 60, 60, 95, 95]


def test_a_capacity_nobody_states_is_absent_not_zero(two_hospitals: Place) -> None:
    totals = capacity_totals(two_hospitals, on=date(2022, 6, 1))
    assert totals["intensive_care_bed"].facilities == 1
    assert totals["ordinary_bed"].amount == 1100
    assert "isolation_room" not in totals
    assert capacity_totals(two_hospitals, on=date(2021, 12, 31)) == {}


def test_a_nonsense_capacity_is_refused(two_hospitals: Place) -> None:
    hospital = facility_by_code("H1")
    with pytest.raises(InvalidInput, match="'beds' is not a known value"):
        set_capacity(actor=None, facility=hospital, kind="beds", amount=1, valid_from=date(2022, 1, 1))
    with pytest.raises(InvalidInput, match="'-1' is not a whole number"):
        set_capacity(
            actor=None, facility=hospital, kind="ordinary_bed", amount=-1, valid_from=date(2022, 1, 1)
        )


def test_closed_units_are_not_under_a_place(two_hospitals: Place) -> None:
    load("H2,第二医院,hospital,secondary,130403,,,2023-01-01,\n")
    city = place_by_code("1304")
    assert {unit.code for unit in units_under(city, ["hospital"], on=date(2022, 12, 31))} == {"H1", "H2"}
    assert {unit.code for unit in units_under(city, ["hospital"], on=date(2023, 1, 1))} == {"H1"}


def test_totals_take_one_query(two_hospitals: Place) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        capacity_totals(two_hospitals, on=date(2022, 6, 1))
    assert len(queries) == 1
