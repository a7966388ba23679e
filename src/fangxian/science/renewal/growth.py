"""The rate of exponential growth and the doubling time, by negative-binomial regression."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

FloatArray = NDArray[np.float64]
_ROUNDS = 50


class Growth(NamedTuple):
    """Growth a day and doubling time, with a 95 % interval; every number is NaN where undefined.

    Attributes
    ----------
    rate, rate_lower, rate_upper : float
        Natural logarithm of the growth a day.
    doubling_days : float
        ``ln 2 / rate``: negative where the counts halve.
    doubling_days_shortest, doubling_days_longest : float
        From the ends of the interval of the rate. Both NaN where that interval holds 0: then the data do
        not say whether the counts grow or fall.
    dispersion : float
        Variance is ``mean + dispersion * mean**2``.
    days, cases : float
        What the estimate stands on.
    """

    rate: float
    rate_lower: float
    rate_upper: float
    doubling_days: float
    doubling_days_shortest: float
    doubling_days_longest: float
    dispersion: float
    days: int
    cases: float


def estimate_growth(
    counts: ArrayLike, *, least_days: int = 7, least_cases: float = 10, confidence: float = 0.95
) -> Growth:
    """Fit ``log(mean) = level + rate * day`` to daily counts.

    Parameters
    ----------
    counts : array [time]
        Daily counts; NaN is a missing day and is left out.
    least_days : int
        Fewer known days leave the rate undefined.
    least_cases : float
        Fewer cases in all leave the rate undefined.
    confidence : float
        Of the interval.

    Returns
    -------
    Growth

    Raises
    ------
    ValueError
        On a negative count.

    Notes
    -----
    Iteratively reweighted least squares with the dispersion by moments (Breslow 1984, DOI
    10.2307/2347661); the interval uses Student's t with two degrees of freedom less than the days, which
    is wider than the normal and right for two weeks of data.
    """
    series = np.asarray(counts, dtype=np.float64)
    if np.any(series < 0):
        raise ValueError(f"counts must not be negative (got {np.nanmin(series):g}); set that day to NaN")
    known = ~np.isnan(series)
    observed, cases = series[known], float(np.nansum(series))
    if len(observed) < least_days or cases < least_cases or np.count_nonzero(observed) < 3:
        return _undefined(len(observed), cases)
    day = np.flatnonzero(known).astype(np.float64)
    design = np.column_stack([np.ones_like(day), day - day.mean()])
    coefficient, dispersion = np.array([np.log(observed.mean()), 0.0]), 0.0
    covariance = np.eye(2)
    for _ in range(_ROUNDS):
        mean = np.exp(np.clip(design @ coefficient, -30, 30))
        weight = mean / (1 + dispersion * mean)
        covariance = np.linalg.pinv(design.T @ (weight[:, None] * design))
        step = covariance @ (design.T @ (weight * (observed - mean) / mean))
        coefficient = coefficient + step
        dispersion = _dispersion(observed, np.exp(np.clip(design @ coefficient, -30, 30)))
        if np.max(np.abs(step)) < 1e-10:
            break
    rate = float(coefficient[1])
    reach = float(stdtrit(len(observed) - 2, 0.5 + confidence / 2)) * float(np.sqrt(covariance[1, 1]))
    return _growth(rate, reach, dispersion, (len(observed), cases))


def _dispersion(observed: FloatArray, mean: FloatArray) -> float:
    """Return the dispersion at which Pearson's chi-square equals its degrees of freedom, at least 0."""
    freedom = len(observed) - 2
    square = (observed - mean) ** 2
    if float(np.sum(square / mean)) <= freedom:
        return 0.0
    low, high = 0.0, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        if float(np.sum(square / (mean + middle * mean**2))) > freedom:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _growth(rate: float, reach: float, dispersion: float, basis: tuple[int, float]) -> Growth:
    lower, upper = rate - reach, rate + reach
    decided = lower > 0 or upper < 0
    ends = sorted((np.log(2) / lower, np.log(2) / upper), key=abs) if decided else [np.nan, np.nan]
    doubling = float(np.log(2) / rate) if rate != 0 else np.nan
    return Growth(
        rate, lower, upper, doubling, float(ends[0]), float(ends[1]), dispersion, basis[0], basis[1]
    )


def _undefined(days: int, cases: float) -> Growth:
    nan = float("nan")
    return Growth(nan, nan, nan, nan, nan, nan, nan, days, cases)
