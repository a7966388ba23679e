"""Series made ready for the brief: ratios, the day a figure speaks of, weekly means and their changes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import cached_property
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

    @cached_property
    def _on_the_day(self) -> tuple[list[list[float]], ...]:
        """Return values, reported, due and population share of the last day due, [place][indicator]."""
        arrays = (self.values, self.reported, self.due, self.population_share)
        column = np.arange(len(self.last))
        found = (np.where(self.last >= 0, array[self.last, :, column].T, np.nan) for array in arrays)
        return tuple(at_last.tolist() for at_last in found)

    @cached_property
    def _weeks(self) -> tuple[list[list[float]], list[list[list[float]]]]:
        """Return 7-day sums [place][indicator], and before, after and surprise of each change."""
        shape = self.values.shape[1:]
        sums, changes = np.full(shape, np.nan), np.full((3, *shape), np.nan)
        for index, indicator in enumerate(self.source.indicators):
            if indicator.kind is IndicatorKind.DAILY_COUNT:
                sums[:, index] = known_sum(self._week(index, index, 0))
                changes[:, :, index] = self._count_change(index)
            elif indicator.kind is IndicatorKind.STOCK:
                changes[:, :, index] = self._stock_change(index)
            else:
                changes[:, :, index] = self._ratio_change(index)
        return sums.tolist(), changes.transpose(1, 2, 0).tolist()

    def value(self, place: int, indicator: int) -> float:
        """Return the figure of the last day due; NaN is absent."""
        return self._on_the_day[0][place][indicator]

    def day(self, indicator: int) -> date | None:
        """Return the last day whose reports were due."""
        time = int(self.last[indicator])
        return self.source.day(time) if time >= 0 else None

    def coverage(self, place: int, indicator: int) -> CoveragePart:
        """Return how much of what was due stands behind the figure of the last day."""
        _, *behind = self._on_the_day
        reported, due, share = (absent_or_number(array[place][indicator]) for array in behind)
        return CoveragePart(
            reported=None if reported is None else round(reported),
            due=None if due is None else round(due),
            share=None if reported is None or not due else rounded(reported / due, 4),
            population_share=None if share is None else rounded(share, 4),
        )

    def coverage_share(self, place: int, indicator: int) -> FloatArray:
        """Return reported / due by day [time]; NaN where either is not known or nothing was due."""
        due = self.due[:, place, indicator]
        with np.errstate(invalid="ignore", divide="ignore"):
            share = self.reported[:, place, indicator] / due
        return np.where(due > 0, share, np.nan)

    def week_sum(self, place: int, indicator: int) -> float:
        """Return the sum of the known days of the last 7 of a daily count; NaN if fewer than 5 are known."""
        return self._weeks[0][place][indicator]

    def change(self, place: int, indicator: int) -> WeekChange:
        """Return the figure now and a week before."""
        return WeekChange(*self._weeks[1][place][indicator])

    def _week(self, column: int, indicator: int, weeks_back: int) -> FloatArray:
        """Return a column in the week of an indicator, or in one before it, [time, place]."""
        end = int(self.last[indicator]) + 1 - WEEK * weeks_back
        return self.values[max(0, end - WEEK) : max(0, end), :, column]

    def _count_change(self, indicator: int) -> FloatArray:
        weeks = [self._week(indicator, indicator, back) for back in (1, 0)]
        before, after = (known_sum(week) / np.count_nonzero(~np.isnan(week), axis=0) for week in weeks)
        return _decided(before, after, _surprise(WEEK * before, WEEK * after))

    def _stock_change(self, indicator: int) -> FloatArray:
        time = int(self.last[indicator])
        if time < WEEK:
            return np.full((3, self.values.shape[1]), np.nan)
        before, after = self.values[time - WEEK, :, indicator], self.values[time, :, indicator]
        return _decided(before, after, _surprise(before, after))

    def _ratio_change(self, indicator: int) -> FloatArray:
        part = self.source.indicators[indicator]
        above = self.source.indicator_index(part.numerator or "")
        below = self.source.indicator_index(part.denominator or "")
        if above is None or below is None:
            return np.full((3, self.values.shape[1]), np.nan)
        parts = []
        for back in (1, 0):
            count, of = self._week(above, indicator, back), self._week(below, indicator, back)
            unknown = np.isnan(count) | np.isnan(of)
            parts += [known_sum(np.where(unknown, np.nan, each)) for each in (count, of)]
        before_count, before_of, after_count, after_of = parts
        with np.errstate(invalid="ignore", divide="ignore"):
            before, after = before_count / before_of, after_count / after_of
            pooled = (before_count + after_count) / (before_of + after_of)
            spread = pooled * (1 - pooled) * (1 / before_of + 1 / after_of) + _OVERDISPERSION * pooled**2
            surprise = np.where(spread > 0, np.abs(after - before) / np.sqrt(spread), 0.0)
        tested = (before_of > 0) & (after_of > 0)
        return np.where(tested, _decided(before, after, surprise), np.nan)


def known_sum(week: FloatArray) -> FloatArray:
    """Return the sum over the known days [place]; NaN if fewer than 5 are known."""
    known = ~np.isnan(week)
    total = np.where(known, week, 0.0).sum(axis=0)
    return np.where(np.count_nonzero(known, axis=0) >= LEAST_KNOWN_DAYS, total, np.nan)


def _decided(before: FloatArray, after: FloatArray, surprise: FloatArray) -> FloatArray:
    """Return the three rows of a change, all NaN for a place where either week is not known."""
    return np.where(np.isnan(before + after), np.nan, np.stack((before, after, surprise)))


def _surprise(before: FloatArray, after: FloatArray) -> FloatArray:
    """Return the change in units of its own spread, were both overdispersed counts of one mean."""
    total = before + after
    return np.abs(after - before) / np.sqrt(total + 1 + _OVERDISPERSION * total**2)


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
    values, reported, due, population = (
        array.copy(order="K") for array in (panel.values, panel.reported, panel.due, panel.population_share)
    )
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
    return None if math.isnan(value) else float(value)


def rounded(value: float | np.floating, digits: int = 6) -> float | None:
    """Return the value rounded, None for NaN or infinite."""
    return round(float(value), digits) if math.isfinite(value) else None


def rounded_series(values: FloatArray, digits: int = 6) -> list[float | None]:
    """Return a series with None for NaN."""
    return [rounded(value, digits) for value in values.tolist()]


def moving_mean(values: FloatArray) -> FloatArray:
    """Return the mean of the known days of the 7 that end on each day; NaN if fewer than 5 are known."""
    known = ~np.isnan(values)
    sums = np.convolve(np.where(known, values, 0.0), np.ones(WEEK))[: len(values)]
    number = np.convolve(known.astype(np.float64), np.ones(WEEK))[: len(values)]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(number >= LEAST_KNOWN_DAYS, sums / number, np.nan)
