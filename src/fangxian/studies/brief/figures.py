"""Series made ready for the brief: ratios, the day a figure speaks of, weekly means and their changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.studies.brief.contract import CoveragePart
from fangxian.studies.brief.records import BriefInput, FloatArray, IndicatorKind

WEEK = 7
LEAST_KNOWN_DAYS = 5
_OVERDISPERSION = 0.005


class WeekChange(NamedTuple):
    """A figure now and a week before; NaN where not decided.

    Daily counts: means a day over the known days of 7, of which at least 5 must be known. Stocks: the number
    on the day and 7 days before. Ratios: 7-day sums divided.
    """

    before: float
    after: float
    surprise: float

    @property
    def difference(self) -> float:
        """Return after less before."""
        return self.after - self.before

    @property
    def relative(self) -> float:
        """Return the change relative to before; NaN where before is 0."""
        return self.difference / self.before if self.before > 0 else float("nan")


@dataclass(frozen=True)
class Figures:
    """Everything that the parts of the brief read.

    Parameters
    ----------
    source : BriefInput
    values, reported, due, population_share : float arrays [time, place, indicator]
        As in the panel, with ratios filled in.
    last : int array [indicator]
        Index of the last day whose reports were due, -1 where there is none.
    """

    source: BriefInput
    values: FloatArray
    reported: FloatArray
    due: FloatArray
    population_share: FloatArray
    last: NDArray[np.int64]
    _changes: dict[tuple[int, int], WeekChange] = field(default_factory=dict)

    def value(self, place: int, indicator: int) -> float:
        """Return the figure of the last day due; NaN is absent."""
        time = int(self.last[indicator])
        return float(self.values[time, place, indicator]) if time >= 0 else float("nan")

    def day(self, indicator: int) -> date | None:
        """Return the last day whose reports were due."""
        time = int(self.last[indicator])
        return self.source.day(time) if time >= 0 else None

    def coverage(self, place: int, indicator: int) -> CoveragePart:
        """Return how much of what was due stands behind the figure of the last day."""
        time = int(self.last[indicator])
        if time < 0:
            return CoveragePart(reported=None, due=None, share=None, population_share=None)
        reported = absent_or_number(self.reported[time, place, indicator])
        due = absent_or_number(self.due[time, place, indicator])
        return CoveragePart(
            reported=None if reported is None else round(reported),
            due=None if due is None else round(due),
            share=None if reported is None or not due else rounded(reported / due, 4),
            population_share=rounded(self.population_share[time, place, indicator], 4),
        )

    def coverage_share(self, place: int, indicator: int) -> FloatArray:
        """Return reported / due by day [time]; NaN where either is not known or nothing was due."""
        due = self.due[:, place, indicator]
        with np.errstate(invalid="ignore", divide="ignore"):
            share = self.reported[:, place, indicator] / due
        return np.where(due > 0, share, np.nan)

    def week_sum(self, place: int, indicator: int) -> float:
        """Return the sum of the known days of the last 7 of a daily count; NaN if fewer than 5 are known."""
        week = self._week(self.values[:, place, indicator], indicator, 0)
        kind = self.source.indicators[indicator].kind
        if kind is not IndicatorKind.DAILY_COUNT or np.count_nonzero(~np.isnan(week)) < LEAST_KNOWN_DAYS:
            return float("nan")
        return float(np.nansum(week))

    def change(self, place: int, indicator: int) -> WeekChange:
        """Return the figure now and a week before; asked for often, so kept."""
        found = self._changes.get((place, indicator))
        if found is None:
            found = self._changes[(place, indicator)] = self._change(place, indicator)
        return found

    def _change(self, place: int, indicator: int) -> WeekChange:
        kind = self.source.indicators[indicator].kind
        series = self.values[:, place, indicator]
        if kind is IndicatorKind.DAILY_COUNT:
            return self._count_change(series, indicator)
        if kind is IndicatorKind.STOCK:
            return self._stock_change(series, indicator)
        return self._ratio_change(place, indicator)

    def _week(self, series: FloatArray, indicator: int, weeks_back: int) -> FloatArray:
        end = int(self.last[indicator]) + 1 - WEEK * weeks_back
        return series[max(0, end - WEEK) : max(0, end)]

    def _count_change(self, series: FloatArray, indicator: int) -> WeekChange:
        weeks = [self._week(series, indicator, back) for back in (0, 1)]
        now, before = (week[~np.isnan(week)] for week in weeks)
        if min(len(now), len(before)) < LEAST_KNOWN_DAYS:
            return _UNDECIDED
        after, earlier = float(now.mean()), float(before.mean())
        return WeekChange(earlier, after, _surprise(WEEK * earlier, WEEK * after))

    def _stock_change(self, series: FloatArray, indicator: int) -> WeekChange:
        time = int(self.last[indicator])
        if time < WEEK or np.isnan(series[time]) or np.isnan(series[time - WEEK]):
            return _UNDECIDED
        earlier, after = float(series[time - WEEK]), float(series[time])
        return WeekChange(earlier, after, _surprise(earlier, after))

    def _ratio_change(self, place: int, indicator: int) -> WeekChange:
        part = self.source.indicators[indicator]
        above = self.source.indicator_index(part.numerator or "")
        below = self.source.indicator_index(part.denominator or "")
        if above is None or below is None:
            return _UNDECIDED
        sums = []
        for back in (1, 0):
            numerator = self._week(self.values[:, place, above], indicator, back)
            denominator = self._week(self.values[:, place, below], indicator, back)
            known = ~np.isnan(numerator) & ~np.isnan(denominator)
            if np.count_nonzero(known) < LEAST_KNOWN_DAYS or denominator[known].sum() <= 0:
                return _UNDECIDED
            sums.append((float(numerator[known].sum()), float(denominator[known].sum())))
        (before_count, before_of), (after_count, after_of) = sums
        pooled = (before_count + after_count) / (before_of + after_of)
        spread = pooled * (1 - pooled) * (1 / before_of + 1 / after_of) + _OVERDISPERSION * pooled**2
        before, after = before_count / before_of, after_count / after_of
        surprise = abs(after - before) / np.sqrt(spread) if spread > 0 else 0.0
        return WeekChange(before, after, float(surprise))


_UNDECIDED = WeekChange(float("nan"), float("nan"), float("nan"))


def _surprise(before: float, after: float) -> float:
    """Return the change in units of its own spread, were both overdispersed counts of one mean."""
    total = before + after
    return abs(after - before) / float(np.sqrt(total + 1 + _OVERDISPERSION * total**2))


def make_figures(source: BriefInput) -> Figures:
    """Fill in ratios and find the last day that was due for each indicator.

    Parameters
    ----------
    source : BriefInput

    Returns
    -------
    Figures
    """
    panel = source.panel
    values, reported = panel.values.copy(), panel.reported.copy()
    due, population = panel.due.copy(), panel.population_share.copy()
    for index, indicator in enumerate(source.indicators):
        if indicator.kind is not IndicatorKind.RATIO:
            continue
        above = source.indicator_index(indicator.numerator or "")
        below = source.indicator_index(indicator.denominator or "")
        if above is None or below is None:
            continue
        denominator = values[:, :, below]
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = values[:, :, above] / denominator
        values[:, :, index] = np.where(denominator > 0, ratio, np.nan)
        for array, join in ((reported, np.minimum), (due, np.maximum), (population, np.minimum)):
            array[:, :, index] = join(array[:, :, above], array[:, :, below])
    was_due = ~(due[:, 0, :] == 0)
    last = np.where(was_due.any(axis=0), len(was_due) - 1 - np.argmax(was_due[::-1], axis=0), -1)
    return Figures(source, values, reported, due, population, last.astype(np.int64))


def absent_or_number(value: float | np.floating) -> float | None:
    """Return None for NaN: in the contract absent is null."""
    return None if np.isnan(value) else float(value)


def rounded(value: float | np.floating, digits: int = 6) -> float | None:
    """Return the value rounded, None for NaN or infinite."""
    return round(float(value), digits) if np.isfinite(value) else None


def rounded_series(values: FloatArray, digits: int = 6) -> list[float | None]:
    """Return a series with None for NaN."""
    return [rounded(value, digits) for value in values]


def moving_mean(values: FloatArray) -> FloatArray:
    """Return the mean of the known days of the 7 that end on each day; NaN if fewer than 5 are known."""
    known = ~np.isnan(values)
    sums = np.convolve(np.where(known, values, 0.0), np.ones(WEEK))[: len(values)]
    number = np.convolve(known.astype(np.float64), np.ones(WEEK))[: len(values)]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(number >= LEAST_KNOWN_DAYS, sums / number, np.nan)
