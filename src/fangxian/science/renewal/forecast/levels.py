"""Counts as a smooth level: weekly sums on a log scale, their growth, and what is left out as an artefact.

Everything on a row is made of that row and rows before it, except the mending of artefacts, which looks one
week to either side inside the rows that it is given; a caller cuts the rows at the date of the forecast.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

LOG_OFFSET = 1.0
"""Added to a weekly count before the logarithm, so that a week without cases has a level."""
SATURATION = 0.7
"""Weekly log growth beyond which growth counts less and less: few epidemics keep tripling for a month."""
WEEKLY_DAMPING = 0.7
"""Share of growth, and of log R, that is left a week later before the data say otherwise."""
LARGEST_GROWTH = float(np.log(4.0))
"""Log growth of the next week beyond which no forecast goes; it is damped from week to week."""
SMALL_COUNTS = 2.0
"""Rise of the log of a count that chance makes possible, for each root of the count."""
LARGEST_GAP = 3 / 7
"""Share of a week that may be missing; its mean then stands for the missing days."""
ARTEFACT_RATIO = 4.0
"""A count this many times above the same weekday of the week before and after is a delivery of old counts."""


class Levels(NamedTuple):
    """What the members of the ensemble read; arrays are [time, place], NaN where not known.

    Attributes
    ----------
    period : int
        Rows in a week: 7 for daily counts, 1 for weekly ones.
    weekly : float array
        Sum of the last week.
    level : float array
        ``log(weekly + LOG_OFFSET)``.
    growth : float array
        Change of the level over one week, saturating.
    latest : float array
        Growth of the last three days against the same three a week before, saturating; the growth itself
        where counts are weekly.
    era : float array
        How many new definitions there have been by the row; days of different eras are not compared.
    """

    period: int
    weekly: FloatArray
    level: FloatArray
    growth: FloatArray
    latest: FloatArray
    era: FloatArray


def measure_levels(counts: ArrayLike, *, period: int, breaks: NDArray[np.bool_] | None = None) -> Levels:
    """Measure level and growth of every row.

    Parameters
    ----------
    counts : array [time, place]
        New cases a row, consecutive days or weeks; NaN is missing. Downward corrections are negative.
    period : int
        7 for daily rows, 1 for weekly rows.
    breaks : bool array [time, place], optional
        True on the first row of a new definition: nothing is compared across it.

    Returns
    -------
    Levels

    Raises
    ------
    ValueError
        If the counts are not [time, place] or the period is neither 1 nor 7.
    """
    values = np.asarray(counts, dtype=np.float64)
    if values.ndim != 2 or period not in (1, 7):
        raise ValueError(
            f"counts must be [time, place] in rows of a day or a week (got shape {values.shape}, period "
            f"{period}); fill missing days with NaN, and give period 7 or 1"
        )
    mended = mend_artefacts(values, period)
    era = np.zeros(values.shape) if breaks is None else np.cumsum(breaks, axis=0).astype(np.float64)
    weekly = np.maximum(_trailing_sum(mended, period, period, era), 0.0)
    level = np.log(weekly + LOG_OFFSET)
    growth = saturated(_change(level, period, era))
    if period == 1:
        return Levels(period, weekly, level, growth, growth, era)
    short = np.maximum(_trailing_sum(mended, 3, 7, era), 0.0)
    latest = saturated(_change(np.log(short + LOG_OFFSET), period, era))
    return Levels(period, weekly, level, growth, np.where(np.isnan(latest), growth, latest), era)


def mend_artefacts(counts: FloatArray, period: int) -> FloatArray:
    """Return counts with deliveries of old cases spread out and downward corrections taken back.

    Parameters
    ----------
    counts : float array [time, place]
    period : int
        Rows in a week.

    Returns
    -------
    float array [time, place]
        A count far above the same weekday one week before and after, and far above the mean of the two weeks
        around it, becomes the mean of those two weekdays; so does a negative count, or 0 where neither
        neighbour is known. In the last week only the week before can speak, and a rise is taken at its word.
    """
    before, after = shifted(counts, period), _later(counts, period)
    neighbours = np.fmax(before, after)
    around = np.fmax(_mean_around(counts, 7), 0.0)
    spike = ~np.isnan(before) & ~np.isnan(after)
    spike &= counts > ARTEFACT_RATIO * np.fmax(np.fmax(neighbours, around), 10.0)
    wrong = spike | (counts < 0)
    if not wrong.any():
        return counts
    usual = np.fmax(np.where(np.isnan(before) | np.isnan(after), neighbours, (before + after) / 2), 0.0)
    return np.where(wrong, np.where(np.isnan(usual), 0.0, usual), counts)


def saturated(growth: FloatArray) -> FloatArray:
    """Return growth that follows small changes and flattens beyond the saturation."""
    return np.asarray(SATURATION * np.tanh(growth / SATURATION), dtype=np.float64)


def largest_rise(level: FloatArray, weeks: float | FloatArray) -> FloatArray:
    """Return by how much a level may rise within so many weeks, small counts by chance besides.

    Parameters
    ----------
    level : float array
        Log level now.
    weeks : float or array
        Ahead; an array fits the level. A day may rise as much as a week.

    Returns
    -------
    float array
    """
    damped = (1 - WEEKLY_DAMPING ** np.maximum(weeks, 1.0)) / (1 - WEEKLY_DAMPING)
    return np.asarray(LARGEST_GROWTH * damped + SMALL_COUNTS * np.exp(-0.5 * level), dtype=np.float64)


def shifted(values: FloatArray, rows: int) -> FloatArray:
    """Return the values of ``rows`` earlier, NaN where there is no such row."""
    moved = np.full(values.shape, np.nan)
    if rows < len(values):
        moved[rows:] = values[: len(values) - rows]
    return moved


def _later(values: FloatArray, rows: int) -> FloatArray:
    moved = np.full(values.shape, np.nan)
    if rows < len(values):
        moved[: len(values) - rows] = values[rows:]
    return moved


def _change(level: FloatArray, rows: int, era: FloatArray) -> FloatArray:
    change = level - shifted(level, rows)
    return np.where(era == shifted(era, rows), change, np.nan)


def _trailing_sum(values: FloatArray, rows: int, period: int, era: FloatArray) -> FloatArray:
    """Sum of the last ``rows`` rows; the mean of the known ones stands for up to LARGEST_GAP of a week.

    Rows of an earlier definition are not known under that of the row.
    """
    found = np.full(values.shape, np.nan)
    for one in np.unique(era):
        of_it = _sum_of_known(np.where(era == one, values, np.nan), rows, period)
        found = np.where(era == one, of_it, found)
    return found


def _sum_of_known(values: FloatArray, rows: int, period: int) -> FloatArray:
    missing = np.isnan(values)
    known = _running(np.where(missing, 0.0, values), rows)
    absent = _running(missing.astype(np.float64), rows)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = known * rows / (rows - absent)
    allowed = (absent <= LARGEST_GAP * period) & (absent < rows)
    allowed[: rows - 1] = False
    return np.where(allowed, total, np.nan)


def _running(values: FloatArray, rows: int) -> FloatArray:
    summed = np.cumsum(np.vstack([np.zeros((1, values.shape[1])), values]), axis=0)
    result = np.zeros(values.shape)
    start = np.maximum(np.arange(len(values)) + 1 - rows, 0)
    result[:] = summed[1:] - summed[start]
    return result


def _mean_around(values: FloatArray, rows: int) -> FloatArray:
    """Mean of the rows before and after, without the row itself."""
    missing = np.isnan(values)
    known = np.where(missing, 0.0, values)
    total = _running(known, rows + 1) + _reverse_running(known, rows + 1) - 2 * known
    number = (
        _running((~missing).astype(np.float64), rows + 1)
        + _reverse_running((~missing).astype(np.float64), rows + 1)
        - 2 * ~missing
    )
    return np.asarray(total / np.maximum(number, 1.0), dtype=np.float64)


def _reverse_running(values: FloatArray, rows: int) -> FloatArray:
    return _running(values[::-1], rows)[::-1]
