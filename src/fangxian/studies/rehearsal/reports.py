"""What a rehearsed city would have reported: the forms of its units, in time, late or never (模拟数据)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.schema import RehearsalDefaults
from fangxian.science.agents.outcome import Flow
from fangxian.studies.rehearsal.play import Played, Rehearsal
from fangxian.studies.rehearsal.told import CountyCounts, Span, tell
from fangxian.studies.synthetic_reports import SyntheticReports, Unit

FloatArray = NDArray[np.float64]


def emit_reports(
    rehearsal: Rehearsal, played: Played, units: Sequence[Unit], *, first_day: date, seed: int
) -> SyntheticReports:
    """Return the reports of every unit over the days of a run, as :func:`told.tell` divides them.

    Parameters
    ----------
    rehearsal : Rehearsal
        Of the run.
    played : Played
        The run, D days.
    units : sequence of Unit
        Of counties of the town.
    first_day : date
        Day 0 of the run.
    seed : int
        Of what is divided and how units report.

    Returns
    -------
    SyntheticReports
        A table for each form that one of the units owes.

    Raises
    ------
    ValueError
        If a unit stands in a county that the town has not.
    """
    start = rehearsal.plan.rehearsal or RehearsalDefaults()
    span = Span(first_day, played.outcome.days)
    return tell(county_counts(rehearsal, played), units, start, span, seed=seed)


def county_counts(rehearsal: Rehearsal, played: Played) -> CountyCounts:
    """Return the counts of a run by county; a smaller town speaks for the whole city, scaled up."""
    town, outcome = rehearsal.town, played.outcome
    scale = max(1.0, town.people_stood_for / town.population.size)
    people = town.by_county(town.people_of_place.astype(np.float64)) * scale
    order = np.argsort(np.asarray(town.population.parent_code, dtype=object), kind="stable")

    def by_county(flow: Flow) -> FloatArray:
        counts = outcome.flow(flow).sum(axis=2, dtype=np.int64).astype(np.float64)
        return town.by_county(counts)[:, order] * scale

    return CountyCounts(
        people={town.population.parent_code[number]: round(people[number]) for number in order},
        infections=by_county(Flow.INFECTIONS),
        confirmed=by_county(Flow.REPORTED),
        admissions=by_county(Flow.ADMISSIONS),
    )
