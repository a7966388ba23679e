"""Many reports at once follow the rules of one: the same refusals, the same totals, nothing by halves."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from fangxian.ground.audit.models import AuditEvent
from fangxian.plans.loader import load_plan
from fangxian.reporting.models import Contradiction, Report, Total
from fangxian.reporting.rules import canonical, check_values
from fangxian.reporting.rules.bulk import as_numbers, row_values, text_of_values, value_faults
from fangxian.reporting.selectors import verify_totals
from fangxian.reporting.services import BulkOptions, ReportSubmission, submit_bulk, submit_report
from worlds import PLAN, make_unit, number_tree

DAY = date(2024, 3, 1)
FORM = load_plan(PLAN).form("hospital-daily")


def take(world, rows, who="officer", form="hospital-daily", **options):
    return submit_bulk(actor=world[who], form=form, frame=pl.DataFrame(rows), options=BulkOptions(**options))


def test_a_batch_is_kept_added_up_and_audited_once(world):
    result = take(
        world,
        {
            "unit": ["H11", "H12", "H21"],
            "day": [DAY] * 3,
            "new_cases": [3, 0, 5],
            "deaths": [None, 0, None],
            "cover_days": [None, 2.5, 1.0],
            "not_known": [["deaths"], [], []],
        },
    )
    assert (result.rows, result.accepted, result.refused, result.unchanged) == (3, 3, 0, 0)
    kept = dict(Report.objects.values_list("unit__code", "values"))
    assert kept["H11"] == {"deaths": None, "new_cases": 3}
    assert kept["H12"] == {"cover_days": 2.5, "deaths": 0, "new_cases": 0}
    city = Total.objects.get(place=world["places"]["city"])
    assert city.sums == {"cover_days": 3.5, "deaths": 0, "new_cases": 8}
    assert city.counts == {"cover_days": 2, "deaths": 1, "new_cases": 3}
    assert verify_totals() == []
    event = AuditEvent.objects.get(code="reports.imported")
    assert event.detail["sha256"] == result.digest


def test_a_reason_is_kept_to_the_letter_whatever_it_holds(world):
    reasons = ['重报\t漏\n一例\r"甲", 乙', "\\N", "a\\tb\\\\."]
    rows = {"unit": ["H11", "H12", "H21"], "day": [DAY] * 3, "new_cases": [3, 0, 5]}
    take(world, rows)
    assert take(world, {**rows, "new_cases": [4, 1, 6], "reason": reasons}).corrected == 3
    kept = dict(Report.objects.filter(is_current=True).values_list("unit__code", "reason"))
    assert [kept[code] for code in rows["unit"]] == reasons


def test_every_bad_row_is_refused_with_its_reason_and_the_others_stand(world):
    rows = [
        {"unit": "H11", "day": DAY, "new_cases": 1.0, "code": None},
        {"unit": "H12", "day": DAY, "new_cases": -1.0, "code": "value-negative"},
        {"unit": "H12", "day": date(2024, 3, 2), "new_cases": None, "code": "value-required"},
        {"unit": "H12", "day": date(2024, 3, 3), "new_cases": float("nan"), "code": "value-not-finite"},
        {"unit": "H12", "day": date(2024, 3, 4), "new_cases": 1e12, "code": "value-too-large"},
        {"unit": "X", "day": DAY, "new_cases": 1.0, "code": "unit-unknown"},
        {"unit": "H12", "day": None, "new_cases": 1.0, "code": "day-missing"},
        {"unit": "H12", "day": date(2999, 1, 1), "new_cases": 1.0, "code": "day-future"},
        {"unit": "V111", "day": DAY, "new_cases": 1.0, "code": "form-not-owed"},
        {"unit": "H11", "day": DAY, "new_cases": 2.0, "code": "row-repeated"},
        {"unit": "H12", "day": date(1999, 1, 1), "new_cases": 1.0, "code": "plan-missing"},
        {"unit": "H21", "day": DAY, "new_cases": 1.0, "code": "unit-out-of-scope"},
    ]
    result = take(world, pl.DataFrame(rows).drop("code"), who="county")
    expected = {index: row["code"] for index, row in enumerate(rows, start=1) if row["code"]}
    assert expected.items() <= {(one.row, one.code) for one in result.findings}
    assert (result.accepted, result.refused, result.unchanged) == (1, 11, 0)
    assert list(result.refused_rows) == sorted(expected)
    assert Report.objects.get().values == {"new_cases": 1}
    repeated = next(one for one in result.findings if one.code == "row-repeated")
    assert "Row 1 already reports this unit and day" in repeated.message["en"]


def test_the_same_batch_twice_changes_nothing(world):
    rows = {
        "unit": ["H11", "H12", "H11"],
        "day": [DAY] * 3,
        "new_cases": [3, 4, 3],
        "cover_days": [0.001, None, 0.001],
    }
    first, second = take(world, rows), take(world, rows)
    assert (first.accepted, first.unchanged) == (2, 1)
    assert (second.accepted, second.unchanged) == (0, 3)
    assert AuditEvent.objects.filter(code="reports.imported").count() == 1


def test_corrections_need_a_reason_and_keep_the_original(world):
    take(world, {"unit": ["H11", "H12"], "day": [DAY] * 2, "new_cases": [3, 4], "longest_wait_hours": [9, 1]})
    rows = {"unit": ["H11", "H12"], "day": [DAY] * 2, "new_cases": [5, 4], "longest_wait_hours": [2, 1]}
    refused = take(world, rows)
    assert [one.code for one in refused.findings] == ["correction-needs-reason"]
    assert (refused.accepted, refused.unchanged) == (0, 1)
    result = take(world, rows, reason="counted again")
    assert (result.accepted, result.corrected, result.unchanged) == (1, 1, 1)
    revisions = Report.objects.filter(unit=world["H11"]).order_by("revision")
    assert [(one.revision, one.is_current, one.reason) for one in revisions] == [
        (1, False, ""),
        (2, True, "counted again"),
    ]
    nation = Total.objects.get(place=world["places"]["nation"])
    assert (nation.sums, nation.maxima, nation.corrected) == (
        {"longest_wait_hours": 3, "new_cases": 9},
        {"longest_wait_hours": 2},
        1,
    )
    assert verify_totals() == []


def test_lateness_goes_by_when_the_unit_said_it(world):
    said = [datetime(2024, 3, 2, 8, 59, tzinfo=UTC), datetime(2024, 3, 2, 9, 1, tzinfo=UTC)]
    take(world, {"unit": ["H11", "H12"], "day": [DAY] * 2, "new_cases": [1, 1], "reported_at": said})
    assert dict(Report.objects.values_list("unit__code", "late")) == {"H11": False, "H12": True}
    assert Report.objects.get(unit=world["H11"]).reported_at == said[0]


def test_checks_look_at_the_day_before_in_the_batch_and_in_the_store(world):
    before = ReportSubmission(world["H11"], "hospital-daily", date(2024, 2, 29), {"new_cases": 0})
    submit_report(actor=world["officer"], submission=before)
    rows = {
        "unit": ["H11", "H11", "H12"],
        "day": [DAY, date(2024, 3, 2), DAY],
        "new_cases": [51, 561, 900],
        "deaths": [None, None, 5],
        "in_hospital": [None, None, 3],
    }
    warned = take(world, rows)
    assert [(one.row, one.code) for one in warned.warnings] == [
        (1, "check-sudden-rise"),
        (2, "check-sudden-rise"),
    ]
    assert (warned.accepted, warned.refused) == (3, 0)
    assert Report.objects.filter(day=date(2024, 3, 2)).exists()


def test_unconfirmed_warnings_refuse_their_row(world):
    rows = {"unit": ["H11", "H11"], "day": [DAY, date(2024, 3, 2)], "new_cases": [0, 51]}
    result = take(world, rows, confirmed_warnings=False)
    assert (result.accepted, list(result.refused_rows)) == (1, [2])


def test_a_batch_opens_and_resolves_contradictions(world):
    villages = {"unit": ["V111", "V121"], "day": [DAY] * 2, "referred": [9, 0], "home_care": [0, 0]}
    take(world, villages, form="village-daily")
    hospitals = {"unit": ["H11", "H12"], "day": [DAY] * 2, "new_cases": [1, 2]}
    take(world, hospitals)
    assert Contradiction.objects.get().figures == {
        "hospital_daily.new_cases": 3,
        "village_daily.referred": 9,
    }
    take(world, {**hospitals, "new_cases": [5, 5]}, reason="found more")
    assert Contradiction.objects.get().resolved_at is not None


def test_a_merged_county_still_adds_to_its_successor(world):
    places = world["places"]
    county = places["county-2"]
    county.parent = county.successor = places["county-1"]
    county.valid_to = date(2024, 1, 1)
    county.save()
    number_tree()
    make_unit("H23", county)
    take(world, {"unit": ["H21", "H23", "H11"], "day": [DAY] * 3, "new_cases": [1, 2, 4]})
    assert Total.objects.get(place=places["county-1"]).sums == {"new_cases": 7}
    assert Total.objects.get(place=county).sums == {"new_cases": 3}
    assert verify_totals() == []


NUMBERS = st.one_of(
    st.none(),
    st.integers(-3, 3),
    st.sampled_from([10**10, 10**10 + 1, 10**12, 0.5, 0.0005, 0.001, 2.125, float("nan"), float("inf")]),
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(0, 10**7).map(lambda thousandths: thousandths / 1000),
)


@given(st.lists(st.fixed_dictionaries({field.id: NUMBERS for field in FORM.fields}), min_size=1, max_size=20))
@settings(max_examples=150, deadline=None)
def test_the_column_test_refuses_exactly_what_the_plain_rule_refuses(rows):
    frame = pl.DataFrame(
        [{**row, "row": index} for index, row in enumerate(rows)],
        schema={**{field.id: pl.Float64 for field in FORM.fields}, "row": pl.Int64},
        strict=False,
    )
    numbers = as_numbers(FORM, frame)
    faulty = numbers.select(value_faults(FORM, numbers).alias("faulty"))["faulty"].to_list()
    plain = [bool(check_values(FORM, row_values(FORM, row))) for row in frame.iter_rows(named=True)]
    assert faulty == plain
    good = numbers.filter(~pl.Series(faulty, dtype=pl.Boolean))
    texts = good.select(text_of_values(FORM, good).alias("text"))["text"].to_list()
    assert [json.loads(text) for text in texts] == [
        canonical(row_values(FORM, {key: value for key, value in row.items() if not key.startswith("_")}))
        for row in good.iter_rows(named=True)
    ]
