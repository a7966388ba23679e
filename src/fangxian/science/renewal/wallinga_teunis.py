"""The case reproduction number of Wallinga and Teunis 2004: how many people a case went on to infect.

Wallinga J, Teunis P. Different epidemic curves for severe acute respiratory syndrome reveal similar impacts
of control measures. Am J Epidemiol 2004;160:509-16. DOI 10.1093/aje/kwh255.

It looks forward where Cori et al. look back: the number of a day counts infections that its cases cause
later. Cases whose infectees have not yet fallen ill are therefore counted too low: the last serial interval
of a series reads low, and says so in ``completed``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri
from scipy.stats import binom

from fangxian.science.renewal.cori import FloatArray, checked_incidence, checked_interval

TOLERATED_GAP = 0.01
TOLERATED_STRANGERS = 0.1
"""Chance that a case was infected on a missing day, up to which the known days share it out."""
LARGE_VARIANCE = 400.0
NEGLIGIBLE = 1e-13


class CaseReproductionNumber(NamedTuple):
    """Case reproduction number in sliding windows; every array is [window].

    Attributes
    ----------
    window_start, window_end : int arrays
        First and last day of the window, counted from 0 at the start of the series, both inclusive.
    cases : float array
        Cases in the window; NaN where a day is missing.
    mean, standard_deviation : float arrays
        Over who infected whom; NaN where the window holds no case.
    quantiles : float array [window, probability]
        In the order of ``probabilities``; a mean over few cases moves in steps of one over the cases.
    completed : float array
        Share of the serial interval of the window's cases that had passed by the end of the series.
    probabilities : tuple of float
    """

    window_start: NDArray[np.int64]
    window_end: NDArray[np.int64]
    cases: FloatArray
    mean: FloatArray
    standard_deviation: FloatArray
    quantiles: FloatArray
    completed: FloatArray
    probabilities: tuple[float, ...]


def estimate_case_reproduction_number(
    incidence: ArrayLike,
    serial_interval: ArrayLike,
    *,
    window_days: int = 7,
    probabilities: tuple[float, ...] = (0.025, 0.5, 0.975),
) -> CaseReproductionNumber:
    """Estimate how many people each case of a window infected.

    Parameters
    ----------
    incidence : array [time]
        New cases a day; NaN is a missing day. Windows that hold one, or whose cases may have infected
        people on one, are not estimated: who fell ill that day is unknown. Nor are those whose cases may have
        infected people on days after it who may as well have been infected on it.
    serial_interval : array [interval in days]
        Probability of 0, 1, 2, ... days; entry 0 is 0 and the sum is 1.
    window_days : int
        Cases of this many days are taken together, each case with equal weight.
    probabilities : tuple of float
        Which quantiles.

    Returns
    -------
    CaseReproductionNumber
        Windows start on days 1, 2, ... as those of Cori et al.

    Raises
    ------
    ValueError
        On a negative count, a wrong serial interval, or a window below 1 day.

    Notes
    -----
    A case of day t was infected by one given case of day s with probability
    ``w(t-s) / sum_u cases(u) w(t-u)``. Infectees are independent, so the number infected by a window's cases
    is a sum of binomials over the days. Its distribution is computed without simulation: by convolution
    where its variance is at most 400, by its first three moments above. Fractional counts are rounded for
    the quantiles alone.
    """
    series = checked_incidence(incidence)
    weight = checked_interval(serial_interval)
    if window_days < 1:
        raise ValueError(f"window_days must be at least 1 (got {window_days}); 7 evens out the week")
    days = len(series)
    start = np.arange(1, max(1, days - window_days + 1), dtype=np.int64)
    missing = np.isnan(series)
    known = np.where(missing, 0.0, series)
    share = _shares(known, weight)
    untold = missing | (_past(missing.astype(np.float64), weight) > TOLERATED_STRANGERS)
    blind = _chances(untold.astype(np.float64), weight) > TOLERATED_GAP
    passed = np.cumsum(weight)[np.minimum(days - 1 - np.arange(days), len(weight) - 1)]
    result = np.full((len(start), 4 + len(probabilities)), np.nan)
    for row, first in enumerate(start):
        window = slice(int(first), int(first) + window_days)
        cases = float(known[window].sum())
        if missing[window].any():
            continue
        result[row, 0] = cases
        if cases == 0 or blind[window].any():
            continue
        chance = np.minimum(share[:, window].sum(axis=1), 1.0)
        variance = float(np.sum(known * chance * (1 - chance)))
        result[row, 1] = float(np.sum(known * chance)) / cases
        result[row, 2] = np.sqrt(variance) / cases
        result[row, 3] = float(np.sum(known[window] * passed[window])) / cases
        result[row, 4:] = _quantiles(known, chance, probabilities) / cases
    return CaseReproductionNumber(
        window_start=start,
        window_end=start + window_days - 1,
        cases=result[:, 0],
        mean=result[:, 1],
        standard_deviation=result[:, 2],
        quantiles=result[:, 4:],
        completed=result[:, 3],
        probabilities=probabilities,
    )


def _shares(known: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the chance that a case of day t was infected on day s, by all cases of s: [t, s]."""
    day = np.arange(len(known))
    lag = np.subtract.outer(day, day)
    kernel = np.where((lag > 0) & (lag < len(weight)), weight[np.clip(lag, 0, len(weight) - 1)], 0.0)
    weighted = kernel * known
    pressure = weighted.sum(axis=1, keepdims=True)
    share = np.zeros_like(weighted)
    np.divide(weighted, pressure, out=share, where=pressure > 0)
    return share


def _chances(missing: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the share of each day's onward infections that falls on missing days: [infector day]."""
    padded = np.concatenate([missing, np.zeros(len(weight))])
    return np.asarray(
        [padded[day : day + len(weight)] @ weight for day in range(len(missing))], dtype=np.float64
    )


def _past(missing: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the chance that a case of each day was infected on a missing day, if all days had as many."""
    return np.asarray(np.convolve(missing, weight)[: len(missing)], dtype=np.float64)


def _quantiles(known: FloatArray, chance: FloatArray, probabilities: tuple[float, ...]) -> FloatArray:
    """Return quantiles of the number infected: a sum of independent binomials over the days."""
    variance = float(np.sum(known * chance * (1 - chance)))
    levels = np.asarray(probabilities)
    if variance > LARGE_VARIANCE:
        mean = float(np.sum(known * chance))
        third = float(np.sum(known * chance * (1 - chance) * (1 - 2 * chance)))
        normal = ndtri(levels)
        return np.asarray(mean + np.sqrt(variance) * normal + third / variance * (normal**2 - 1) / 6)
    distribution, offset = np.ones(1), 0
    for count, probability in zip(np.rint(known), chance, strict=True):
        if count > 0 and probability > 0:
            low, high = binom.ppf([NEGLIGIBLE, 1 - NEGLIGIBLE], count, probability)
            low = max(low, 0.0)
            distribution = np.convolve(distribution, binom.pmf(np.arange(low, high + 1), count, probability))
            offset += int(low)
    below = np.cumsum(distribution)
    below /= below[-1]
    return np.asarray(offset + np.searchsorted(below, levels - 1e-12), dtype=np.float64)
