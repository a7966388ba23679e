"""What a rehearsed city reports: its wave in the forms of its units, late and not all of them."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from fangxian.plans.loader import load_plan, packaged_disease, packaged_plan_text
from fangxian.plans.schema import RehearsalDefaults
from fangxian.science.agents.outcome import Flow
from fangxian.studies.rehearsal.play import Question, make_ready, play
from fangxian.studies.rehearsal.reports import emit_reports
from fangxian.studies.rehearsal.told import CountyCounts, Span, tell
from fangxian.studies.synthetic_reports import Epidemic, Unit, generate_reports
from small_towns import small_town

TOWN = small_town(4000)
FIRST = date(2023, 1, 2)
UNITS = [
    Unit(f"{kind}-{area}-{number}", kind, area, 500 * number, 40, 4, tubes_per_day=900)
    for area in ("A", "B")
    for kind in ("hospital", "village_clinic", "laboratory", "pharmacy")
    for number in (1, 2, 3)
]  # fmt: skip


@pytest.fixture(scope="module")
def run():
    """A wave through a small town under the class-B plan."""
    text = packaged_plan_text("covid19-class-b-2023")
    rehearsal = make_ready(
        load_plan(text),
        packaged_disease("covid19-omicron-ba5"),
        TOWN,
        Question(days=50, infections_per_million=5000),
    )
    return rehearsal, play(rehearsal, 4)


def table_of(reports, form: str) -> pl.DataFrame:
    """Return the reports on one form."""
    [table] = [one.reports for one in reports.tables if one.form == form]
    return table


def test_every_form_is_reported_and_the_cases_are_those_of_the_run(run):
    """Summed over hospitals, reported cases are the run's, less what never came, within chance."""
    rehearsal, played = run
    reports = emit_reports(rehearsal, played, UNITS, first_day=FIRST, seed=1)
    assert {one.form for one in reports.tables} == {
        "hospital-daily", "village-daily", "laboratory-daily", "pharmacy-daily"
    }  # fmt: skip
    told = table_of(reports, "hospital-daily")["new_cases"].sum()
    happened = played.outcome.total(Flow.REPORTED).sum() * rehearsal.plan.rehearsal.cases_reported
    assert 0.75 * happened < told < 1.15 * happened
    assert happened > 100


def test_the_wave_of_the_reports_is_the_wave_of_the_run(run):
    """Cases told by day follow cases confirmed by day."""
    rehearsal, played = run
    told = (
        table_of(emit_reports(rehearsal, played, UNITS, first_day=FIRST, seed=1), "hospital-daily")
        .group_by("day")
        .agg(pl.col("new_cases").sum())
        .sort("day")
    )
    offsets = [(day - FIRST).days for day in told["day"]]
    happened = played.outcome.total(Flow.REPORTED)[offsets]
    assert np.corrcoef(told["new_cases"].to_numpy(), happened)[0, 1] > 0.9


def test_units_are_late_and_silent_as_the_plan_says(run):
    """A plan whose units never report late or never fail loses nothing; one with silent units does."""
    rehearsal, played = run
    units_days = 3 * 2 * played.outcome.days
    told = table_of(emit_reports(rehearsal, played, UNITS, first_day=FIRST, seed=1), "hospital-daily").height
    assert 0.85 * units_days < told < units_days
    start = rehearsal.plan.rehearsal.model_copy(update={"reported_in_time": 0.5, "never_reported": 0.4})
    quiet = rehearsal.__class__(
        **{**vars(rehearsal), "plan": rehearsal.plan.model_copy(update={"rehearsal": start})}
    )
    less = table_of(emit_reports(quiet, played, UNITS, first_day=FIRST, seed=1), "hospital-daily").height
    assert less < 0.75 * units_days


@pytest.mark.parametrize(("burst", "from_day", "full"), [(39, 0, False), (3, 5, True)])
def test_days_before_the_first_have_filled_the_wards_and_days_before_the_run_are_empty(burst, from_day, full):
    """Told from its first day a run has nothing behind it, least of all its own end."""
    admissions = np.zeros((40, 1))
    admissions[burst] = 50.0
    counts = CountyCounts({"A": 4000}, np.zeros((40, 1)), np.zeros((40, 1)), admissions)
    units = [Unit("H", "hospital", "A", 4000, 400, 40)]
    always = RehearsalDefaults(reported_in_time=1.0, never_reported=0.0)
    told = tell(counts, units, always, Span(FIRST, 10, from_day), seed=1)
    first = table_of(told, "hospital-daily").filter(pl.col("day") == FIRST)
    assert first.height == 1
    assert (first["in_hospital"].item() > 10) == full


def test_the_same_seed_tells_the_same(run):
    """Twice the same, and another seed another."""
    rehearsal, played = run
    first, again, other = (
        table_of(emit_reports(rehearsal, played, UNITS, first_day=FIRST, seed=seed), "village-daily")
        for seed in (1, 1, 2)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_an_epidemic_of_another_shape_is_refused():
    """Every day and area must be there once, history included."""
    short = np.zeros((3, 1))
    with pytest.raises(ValueError, match=r"epidemic.infections must have shape \(24, 1\), history included"):
        generate_reports(
            [Unit("H", "hospital", "A", 100)],
            {"A": 100},
            first_day=FIRST,
            days=3,
            epidemic=Epidemic(short, short, short),
        )
