"""What a rehearsed city would have reported: the forms of its units, in time, late or never (模拟数据)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.schema import RehearsalDefaults
from fangxian.science.agents.outcome import Flow
from fangxian.studies.rehearsal.play import Played, Rehearsal
from fangxian.studies.synthetic_reports import Epidemic, Parameters, SyntheticReports, Unit, generate_reports
from fangxian.studies.synthetic_reports.wave import HISTORY_DAYS

FloatArray = NDArray[np.float64]


def emit_reports(
    rehearsal: Rehearsal, played: Played, units: Sequence[Unit], *, first_day: date, seed: int
) -> SyntheticReports:
    """Return the reports of every unit over the days of a run.

    Confirmed cases and admissions of a county are divided among its hospitals by people and beds, infections
    among village clinics and pharmacies by people, at random; how units report (in time, late, silent, with
    slips that are corrected) is the plan's. A smaller town speaks for the whole city: counts are scaled up.

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
    town, outcome = rehearsal.town, played.outcome
    start = rehearsal.plan.rehearsal or RehearsalDefaults()
    scale = max(1.0, town.people_stood_for / town.population.size)
    people = town.by_county(town.people_of_place.astype(np.float64)) * scale
    order = np.argsort(np.asarray(town.population.parent_code, dtype=object), kind="stable")
    codes = [town.population.parent_code[number] for number in order]

    def by_county(flow: Flow) -> FloatArray:
        counts = outcome.flow(flow).sum(axis=2, dtype=np.int64).astype(np.float64)
        before = np.zeros((HISTORY_DAYS, len(codes)))
        return np.concatenate((before, town.by_county(counts)[:, order] * scale))

    return generate_reports(
        units,
        {code: round(people[number]) for code, number in zip(codes, order, strict=True)},
        first_day=first_day,
        days=outcome.days,
        parameters=_parameters(start, seed),
        epidemic=Epidemic(
            infections=by_county(Flow.INFECTIONS),
            cases=by_county(Flow.REPORTED) * start.cases_reported,
            admissions=by_county(Flow.ADMISSIONS),
        ),
    )


def _parameters(start: RehearsalDefaults, seed: int) -> Parameters:
    """Return how units report: the plan's shares in the generator's terms."""
    behind = max(1e-9, 1.0 - start.reported_in_time)
    return Parameters(
        seed=seed,
        on_time_share=min(0.999, max(0.001, start.reported_in_time)),
        late_share=min(1.0, max(0.0, 1.0 - start.never_reported / behind)),
    )
