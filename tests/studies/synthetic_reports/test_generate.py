"""Synthetic reports are repeatable, consistent with themselves, and keep to the forms of the plan."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from made_up_epidemic import made_up

from fangxian.plans.loader import packaged_plan
from fangxian.studies.synthetic_reports import Parameters, SyntheticReports, Unit, generate_reports

FIRST = date(2026, 3, 2)
AREAS = {"a": 400_000, "b": 250_000}
HONEST = Parameters(contradiction_share=0, cross_contradiction_share=0, correction_share=0)


def _units() -> list[Unit]:
    units = []
    for area in AREAS:
        units += [Unit(f"{area}-h{n}", "hospital", area, 100_000, 400, 18) for n in range(3)]
        units += [Unit(f"{area}-t{n}", "township_clinic", area, 20_000, 20) for n in range(6)]
        units += [Unit(f"{area}-v{n}", "village_clinic", area, 1500) for n in range(20)]
        units += [Unit(f"{area}-l", "laboratory", area, 400_000, tubes_per_day=3000)]
        units += [Unit(f"{area}-p", "pharmacy", area, 20_000), Unit(f"{area}-c", "cdc", area, 400_000)]
    return units


def _made(days: int = 40, parameters: Parameters | None = HONEST) -> SyntheticReports:
    return generate_reports(
        _units(), AREAS, first_day=FIRST, days=days, epidemic=made_up(AREAS, days), parameters=parameters
    )


def _table(made: SyntheticReports, form: str) -> pl.DataFrame:
    return next(table.reports for table in made.tables if table.form == form)


def _fields(frame: pl.DataFrame) -> list[str]:
    return [
        name
        for name in frame.columns
        if name not in ("unit", "day", "reported_at", "zero_declared", "reason")
    ]


def test_the_same_seed_gives_the_same_reports_in_any_order_of_units() -> None:
    """Repeatable; another seed gives others."""
    made = _made(parameters=None)
    again = generate_reports(_units()[::-1], AREAS, first_day=FIRST, days=40, epidemic=made_up(AREAS, 40))
    for table, other in zip(made.tables, again.tables, strict=True):
        assert table.reports.equals(other.reports)
        assert table.corrections.equals(other.corrections)
    assert not _table(_made(parameters=Parameters(seed=7)), "hospital-daily").equals(
        _table(made, "hospital-daily")
    )


def test_more_days_leave_the_earlier_ones_as_they_are() -> None:
    """A demonstration that is opened tomorrow tells of yesterday what it told today."""
    short, longer = _made(25, None), _made(40, None)
    last = FIRST + timedelta(days=24)
    for table, other in zip(short.tables, longer.tables, strict=True):
        assert table.reports.equals(other.reports.filter(pl.col("day") <= last))
        assert table.corrections.equals(other.corrections.filter(pl.col("day") <= last))


def test_stocks_are_what_flows_make_of_them() -> None:
    """In hospital = the day before + admissions - discharges - deaths, within the beds that are open."""
    whole = HONEST.model_copy(update={"on_time_share": 1.0, "outage_share": 0.0})
    frame = _table(
        _made(parameters=whole.model_copy(update={"on_time_share": 0.999})), "hospital-daily"
    ).sort("unit", "day")
    steps = frame.with_columns(
        pl.col("in_hospital").shift(1).over("unit").alias("before"),
        pl.col("day").diff().over("unit").dt.total_days().alias("step"),
    ).filter(pl.col("step") == 1)
    flow = pl.col("before") + pl.col("admissions") - pl.col("discharges") - pl.col("deaths")
    assert steps.height > 500
    assert steps.filter(pl.col("in_hospital") != flow).is_empty()
    told = frame.filter(~pl.col("zero_declared"))
    assert told.filter(pl.col("intensive_care") > pl.col("intensive_care_beds")).is_empty()
    assert told.filter(
        pl.col("in_hospital") > pl.col("ordinary_beds") + pl.col("intensive_care_beds")
    ).is_empty()
    assert frame.filter(pl.col("severe") > pl.col("in_hospital")).is_empty()


@pytest.mark.parametrize("form", ["hospital-daily", "village-daily", "laboratory-daily", "pharmacy-daily"])
def test_values_keep_to_the_form_of_the_plan(form: str) -> None:
    """Every field exists, required ones are given, ranges and whole numbers are kept, even with slips."""
    described = next(one for one in packaged_plan("covid19-class-b-2023").forms if one.id == form)
    frame = _table(_made(60, Parameters(correction_share=0.05, contradiction_share=0.05)), form)
    assert set(_fields(frame)) <= {field.id for field in described.fields}
    for field in described.fields:
        if field.required:
            assert frame[field.id].null_count() == 0
        if field.id in frame.columns:
            values = frame[field.id].drop_nulls()
            assert values.min() >= field.minimum
            assert field.maximum is None or values.max() <= field.maximum
            assert not field.integer or (values == values.floor()).all()
    declared = frame.filter("zero_declared")
    zeroed = [
        field.id for field in described.fields if field.zero_by_declaration and field.id in frame.columns
    ]
    assert declared.select(pl.sum_horizontal(zeroed)).to_series().sum() == 0


def test_laboratories_and_clinics_never_break_a_rule_that_refuses() -> None:
    """Positives within tests, antigen within visits, also in reports with slips and contradictions."""
    made = _made(60, Parameters(correction_share=0.1, contradiction_share=0.1, cross_contradiction_share=0.1))
    laboratory, village = _table(made, "laboratory-daily"), _table(made, "village-daily")
    assert laboratory.filter(pl.col("positive") > pl.col("tests")).is_empty()
    assert village.filter(pl.col("antigen_positive") > pl.col("visits") + pl.col("home_care")).is_empty()


def test_a_correction_follows_its_report_and_changes_it() -> None:
    """Each correction has an earlier report of its unit and day that said something else, and a reason."""
    for table in _made(60, Parameters(correction_share=0.05)).tables:
        both = table.corrections.join(table.reports, on=["unit", "day"], suffix="_first")
        assert both.height == table.corrections.height
        assert (both["reported_at"] > both["reported_at_first"]).all()
        assert both["reason"].null_count() == 0
        changed = pl.any_horizontal(
            pl.col(name) != pl.col(f"{name}_first") for name in _fields(table.reports)
        )
        assert both.filter(~changed.fill_null(value=False)).is_empty()


def test_units_report_on_time_late_and_not_at_all() -> None:
    """Most are in time, some are late, some reports never come, and a unit never reports twice on a day."""
    frame = _table(_made(60), "village-daily")
    owed = 40 * 60
    deadline = pl.col("day").cast(pl.Datetime("us", "UTC")) + pl.duration(hours=24 + 17 - 8)
    late = frame.filter(pl.col("reported_at") > deadline).height
    assert 0.90 * owed < frame.height < owed
    assert 0.01 * owed < late < 0.10 * owed
    assert not frame.select("unit", "day").is_duplicated().any()
    assert frame.filter(
        pl.col("reported_at").dt.convert_time_zone("Asia/Shanghai").dt.date() <= pl.col("day")
    ).is_empty()


def test_what_cannot_be_generated_is_refused() -> None:
    """No days, or a unit in an area that has no people."""
    with pytest.raises(ValueError, match=r"days must be at least 1 \(got 0\)"):
        _made(0)
    with pytest.raises(ValueError, match="areas without population: z; add them"):
        generate_reports(
            [Unit("u", "hospital", "z", 100)], AREAS, first_day=FIRST, days=1, epidemic=made_up(AREAS, 1)
        )
