"""Counts of a table as arrays, time first, for a forecast that sees only what lies before its date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.errors import InvalidInput

FloatArray = NDArray[np.float64]

WEEK = timedelta(days=7)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


class Grid(NamedTuple):
    """Counts of one target on consecutive days or weeks.

    Attributes
    ----------
    first : date
        First day, or last day of the first week.
    period : int
        7 for daily rows, 1 for weekly rows.
    locations : tuple of str
    counts : float array [time, place]
        NaN where missing.
    """

    first: date
    period: int
    locations: tuple[str, ...]
    counts: FloatArray

    def rows_before(self, day: date) -> int:
        """Return how many rows end before a day."""
        days = (day - self.first).days
        rows = days if self.period == 7 else -(-days // 7)
        return int(np.clip(rows, 0, None))


def is_weekly(dates: pl.Series, *, alone: bool) -> bool:
    """Say whether dates stand for weeks: all on one weekday; for a single date ``alone`` says so."""
    days = dates.unique()
    if len(days) < 2:
        return alone
    return bool(days.dt.weekday().n_unique() == 1)


def grid_of(table: pl.DataFrame, *, week_end: str, weekly: bool) -> Grid:
    """Lay out the counts of one target.

    Parameters
    ----------
    table : polars.DataFrame
        ``date``, ``location``, ``value`` as of `tables.read_counts`, of one target, not empty.
    week_end : str
        Weekday on which weeks end, in English, lower case.
    weekly : bool
        Whether a row is a week. Its date is then the last day of the week, or the first.

    Returns
    -------
    Grid

    Raises
    ------
    InvalidInput
        If weekly dates are neither the first nor the last day of a week that ends on ``week_end``, or other
        dates are mostly more than a week apart.
    """
    dates = table["date"]
    if weekly:
        dates = _week_ends(dates, week_end)
    else:
        _check_days(dates)
    first, last = dates.min(), dates.max()
    if not isinstance(first, date) or not isinstance(last, date):
        raise ValueError("grid_of: the table holds no date; leave out targets without rows")
    step = 7 if weekly else 1
    rows = (last - first).days // step + 1
    locations = tuple(sorted(table["location"].unique()))
    place = {name: number for number, name in enumerate(locations)}
    counts = np.full((rows, len(locations)), np.nan)
    at = (dates - first).dt.total_days().to_numpy() // step
    counts[at, [place[name] for name in table["location"]]] = table["value"].fill_null(np.nan).to_numpy()
    return Grid(first, 1 if weekly else 7, locations, counts)


def summed_by_week(grid: Grid, week_end: str) -> Grid:
    """Return a daily grid in weeks; a week that lacks a day is missing.

    Parameters
    ----------
    grid : Grid
        Daily.
    week_end : str

    Returns
    -------
    Grid
        Weekly.
    """
    to_end = (WEEKDAYS.index(week_end) - grid.first.weekday()) % 7
    padded = np.vstack([np.full((6 - to_end, grid.counts.shape[1]), np.nan), grid.counts])
    whole = len(padded) // 7
    weeks = padded[: 7 * whole].reshape(whole, 7, -1).sum(axis=1)
    return Grid(grid.first + timedelta(days=to_end), 1, grid.locations, weeks)


def aligned(grid: Grid, other: Grid) -> FloatArray:
    """Return the counts of another grid on the rows and places of the first; NaN elsewhere.

    Parameters
    ----------
    grid, other : Grid
        Of the same period.

    Returns
    -------
    float array [time, place]
        Of the shape of ``grid.counts``.
    """
    step = 7 if grid.period == 1 else 1
    found = np.full(grid.counts.shape, np.nan)
    offset = (other.first - grid.first).days // step
    rows = np.arange(len(other.counts)) + offset
    inside = (rows >= 0) & (rows < len(found))
    place = {name: number for number, name in enumerate(other.locations)}
    for column, name in enumerate(grid.locations):
        if name in place:
            found[rows[inside], column] = other.counts[inside, place[name]]
    return found


def _check_days(dates: pl.Series) -> None:
    """Refuse rows of months and the like: taken for days, they would never make a week."""
    gap = dates.unique().sort().diff().dt.total_days().median()
    if isinstance(gap, float) and gap > 7:
        raise InvalidInput(
            {
                "zh": f"日期多数相隔 {gap:g} 天，既不是每日也不是每周的数。",
                "en": f"Most dates lie {gap:g} days apart: rows are neither days nor weeks.",
            },
            {
                "zh": "请给每日或每周的数；缺的日子不要写行或把数留空。",
                "en": "Give counts by day or by week, with missing days left out or left empty.",
            },
        )


def _week_ends(dates: pl.Series, week_end: str) -> pl.Series:
    weekday = int(dates.dt.weekday().to_list()[0]) - 1
    end = WEEKDAYS.index(week_end)
    if weekday == end:
        return dates
    if weekday == (end + 1) % 7:
        return dates + timedelta(days=6)
    here, before = WEEKDAYS[weekday], WEEKDAYS[weekday - 1]
    raise InvalidInput(
        {
            "zh": f"每周数据的日期是{WEEKDAYS_ZH[weekday]}，而一周在{WEEKDAYS_ZH[end]}结束。",
            "en": f"The weekly dates fall on a {here}, but weeks end on a {week_end}.",
        },
        {
            "zh": f"日期是一周最后一天用 --week-end {here}，是第一天用 --week-end {before}。",
            "en": f"If they are last days, add --week-end {here}; if first days, --week-end {before}.",
        },
    )
