"""Counts of a run by day and county, and the reports that the units of the city would have made of them.

Nothing here runs a simulation: a demonstration or a drill reads counts that were kept (模拟数据).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.schema import RehearsalDefaults
from fangxian.studies.synthetic_reports import (
    HISTORY_DAYS,
    Epidemic,
    Parameters,
    SyntheticReports,
    Unit,
    generate_reports,
)

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CountyCounts:
    """What happened in a run of D days in C counties, in numbers of the real city.

    Parameters
    ----------
    people : dict of str to int
        Of each county, by code; C of them.
    infections, confirmed, admissions : float arrays [D, C]
        A day; counties sorted by code. Confirmed are cases on the day of their report.
    """

    people: dict[str, int]
    infections: FloatArray
    confirmed: FloatArray
    admissions: FloatArray


@dataclass(frozen=True)
class Span:
    """Which days are told of, and when they are said to have been.

    Parameters
    ----------
    first_day : date
        First day reported on.
    days : int
        How many.
    from_day : int
        Day of the run that falls on ``first_day``; those before it have filled wards and delays.
    """

    first_day: date
    days: int
    from_day: int = 0


def tell(
    counts: CountyCounts, units: Sequence[Unit], start: RehearsalDefaults, span: Span, *, seed: int
) -> SyntheticReports:
    """Return the reports of every unit.

    Confirmed cases and admissions of a county are divided among its hospitals by people and beds, infections
    among village clinics and pharmacies by people, at random; how units report (in time, late, silent, with
    slips that are corrected) is the plan's.

    Parameters
    ----------
    counts : CountyCounts
        What happened.
    units : sequence of Unit
        Of counties of the counts.
    start : RehearsalDefaults
        Of the plan: how units report.
    span : Span
        Which days; after its last day the run begins again.
    seed : int
        Of what is divided and how units report.

    Returns
    -------
    SyntheticReports
        A table for each form that one of the units owes.

    Raises
    ------
    ValueError
        If a unit stands in a county that is not counted.
    """
    length = len(counts.infections)
    row = span.from_day - HISTORY_DAYS + np.arange(HISTORY_DAYS + span.days)

    def rows(values: FloatArray) -> FloatArray:
        return np.where(row[:, None] < 0, 0.0, values[row % length])

    return generate_reports(
        units,
        counts.people,
        first_day=span.first_day,
        days=span.days,
        parameters=_parameters(start, seed),
        epidemic=Epidemic(
            infections=rows(counts.infections),
            cases=rows(counts.confirmed) * start.cases_reported,
            admissions=rows(counts.admissions),
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
