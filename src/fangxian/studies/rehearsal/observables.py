"""What the plan's indicators would show while a rehearsal runs: reported figures only, late and incomplete.

A unit's report of a day is in by its deadline with some probability, comes late with another, or never. What
is summed over many units is then short by a share that shrinks as late reports come in. Cases are short by
those that units leave out. The truth is never looked at: the simulator hands over no more than ``Reported``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.schema import Indicator, Plan, RehearsalDefaults
from fangxian.science.agents.outcome import Flow, Reported, Stock

FloatArray = NDArray[np.float64]
Read = Callable[[Reported], NDArray[np.int32]]

_FIELDS: Mapping[str, Read] = {
    "tests": lambda seen: seen.flow(Flow.TESTS),
    "positive": lambda seen: seen.flow(Flow.REPORTED),
    "deaths": lambda seen: seen.flow(Flow.DEATHS),
    "admissions": lambda seen: seen.flow(Flow.ADMISSIONS),
    "discharges": lambda seen: seen.flow(Flow.DISCHARGES),
    "recovered": lambda seen: seen.flow(Flow.DISCHARGES),
    "fever_clinic_visits": lambda seen: seen.flow(Flow.FEVER_CLINIC_VISITS),
    "in_hospital": lambda seen: seen.stock(Stock.IN_WARD) + seen.stock(Stock.IN_INTENSIVE_CARE),
    "intensive_care": lambda seen: seen.stock(Stock.IN_INTENSIVE_CARE),
    "severe": lambda seen: seen.stock(Stock.IN_INTENSIVE_CARE) + seen.stock(Stock.WAITING_INTENSIVE_CARE),
    "home_care": lambda seen: seen.stock(Stock.AT_HOME_APART),
}
CASES = ("new_cases", "asymptomatic")
"""Fields that share the confirmed cases between them, by the share of infections with symptoms."""


def known_fields() -> tuple[str, ...]:
    """Return the ids of form fields that a rehearsal can fill."""
    return (*CASES, *_FIELDS)


class Observed:
    """Indicators of a plan as an authority would have them on the morning of a day.

    Parameters
    ----------
    plan : Plan
        Indicators, the forms that they come from, and how units report.
    symptomatic_share : float
        Share of confirmed cases reported as cases; the others are reported as asymptomatic.
    """

    def __init__(self, plan: Plan, symptomatic_share: float) -> None:
        self.start = plan.rehearsal or RehearsalDefaults()
        self._share = symptomatic_share
        self._indicators = {indicator.id: indicator for indicator in plan.indicators}
        self._waits = {form.id: form.deadline.days_after for form in plan.forms}

    def days_late(self, name: str) -> int:
        """Return how many days lie between a day and the morning on which its figure is in."""
        indicator = self._indicators[name]
        if indicator.numerator is not None and indicator.denominator is not None:
            return max(self.days_late(indicator.numerator), self.days_late(indicator.denominator))
        waits = [self._waits[source.partition(".")[0]] for source in indicator.sources]
        return 1 + (waits[0] if waits else 1)

    def ratio_of(self, name: str) -> tuple[str, str] | None:
        """Return numerator and denominator of an indicator that is a ratio, else None."""
        indicator = self._indicators[name]
        if indicator.numerator is None or indicator.denominator is None:
            return None
        return indicator.numerator, indicator.denominator

    def series(self, name: str, seen: Reported) -> FloatArray | None:
        """Return an indicator by day and place, for the days whose deadline has passed.

        Parameters
        ----------
        name : str
            Id of an indicator.
        seen : Reported
            What the simulator has counted of reported things.

        Returns
        -------
        float array [days, P], or None
            None for an indicator that no rehearsal can fill.
        """
        indicator = self._indicators[name]
        days = max(0, seen.day - self.days_late(name) + 1)
        if indicator.numerator is not None and indicator.denominator is not None:
            above, below = self.series(indicator.numerator, seen), self.series(indicator.denominator, seen)
            if above is None or below is None:
                return None
            ratio: FloatArray = np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
            return ratio[:days]
        field = _field_of(indicator)
        if field is None:
            return None
        values = self._read(field, seen)[:days].sum(axis=2).astype(np.float64)
        age = seen.day - np.arange(days) - self.days_late(name)
        known: FloatArray = values * self.completeness(age)[:, None]
        return known

    def completeness(self, days_since_deadline: NDArray[np.integer]) -> FloatArray:
        """Return the share of reports that are in, by days since the deadline."""
        start = self.start
        in_time = start.reported_in_time
        late = max(0.0, 1.0 - in_time - start.never_reported)
        if start.late_days == 0:
            return np.full(len(days_since_deadline), in_time + late)
        come = -np.expm1(-np.asarray(days_since_deadline, dtype=np.float64) / start.late_days)
        share: FloatArray = in_time + late * come
        return share

    def _read(self, field: str, seen: Reported) -> FloatArray:
        if field in CASES:
            share = self._share if field == "new_cases" else 1.0 - self._share
            return seen.flow(Flow.REPORTED).astype(np.float64) * (share * self.start.cases_reported)
        return _FIELDS[field](seen).astype(np.float64)


def _field_of(indicator: Indicator) -> str | None:
    """Return the field of the first source that a rehearsal can fill."""
    fields = (source.partition(".")[2] for source in indicator.sources)
    return next((field for field in fields if field in known_fields()), None)
