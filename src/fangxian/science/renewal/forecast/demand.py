"""From cases to admissions to beds in use: shares, delays and lengths of stay as convolutions.

People admitted on day s are in hospital on day t with the probability that a stay lasts longer than t - s
days. With ``a(s)`` admissions, ``S(k) = P(stay > k days)``: ``occupancy(t) = sum_k a(t - k) S(k)``. Stays are
taken not to depend on each other, on the load or on the date of admission: a ward that discharges early when
it is full keeps fewer than this says.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc

FloatArray = NDArray[np.float64]

LEAST_IN_BEDS = 0.5
"""Beds that the model must expect today before the count of today says how the model is wrong."""


def stay_survival(mean_days: float, standard_deviation_days: float) -> FloatArray:
    """Return the probability that a stay lasts longer than 0, 1, 2, ... days, as a gamma distribution.

    Parameters
    ----------
    mean_days, standard_deviation_days : float
        Of the length of stay; positive.

    Returns
    -------
    float array [day]
        Starts at 1, falls to below 0.001.

    Raises
    ------
    ValueError
        If one is not positive.
    """
    if not (mean_days > 0 and standard_deviation_days > 0):
        raise ValueError(
            "stay: mean and standard deviation must be positive days "
            f"(got {mean_days}, {standard_deviation_days}); give the survival as an array for fixed stays"
        )
    shape = (mean_days / standard_deviation_days) ** 2
    scale = standard_deviation_days**2 / mean_days
    longest = int(np.ceil(mean_days + 12 * standard_deviation_days)) + 2
    survival = np.asarray(gammaincc(shape, np.arange(longest) / scale), dtype=np.float64)
    return survival[: int(np.argmax(survival < 0.001)) + 1]


def expected_admissions(cases: ArrayLike, share_admitted: float, delay: ArrayLike) -> FloatArray:
    """Return the admissions that cases let expect.

    Parameters
    ----------
    cases : array [time, ...]
        New cases a day; no missing days.
    share_admitted : float
        Share of the cases that is admitted, 0 to 1.
    delay : array [day]
        Probability of 0, 1, 2, ... days from the day of the case to admission; sum 1.

    Returns
    -------
    float array [time, ...]
        ``share sum_k cases(t - k) delay(k)``; the first days lack those admitted from earlier cases.

    Raises
    ------
    ValueError
        On a share outside 0 to 1, or a delay that is no distribution.
    """
    kernel = np.asarray(delay, dtype=np.float64)
    if not 0 <= share_admitted <= 1:
        raise ValueError(f"share_admitted must lie between 0 and 1 (got {share_admitted}); 8 % is 0.08")
    if kernel.ndim != 1 or np.any(kernel < 0) or abs(float(kernel.sum()) - 1) > 1e-6:
        raise ValueError(
            f"delay must be probabilities of 0, 1, 2, ... days that sum to 1 (got {kernel.sum():.3f}); "
            "divide it by its sum"
        )
    return share_admitted * _convolved(_checked_counts("cases", cases), kernel)


def occupancy(admissions: ArrayLike, survival: ArrayLike) -> FloatArray:
    """Return the beds in use at the end of each day, by those admitted within the series.

    Parameters
    ----------
    admissions : array [time, ...]
        A day; no missing days.
    survival : array [day]
        Probability that a stay lasts longer than 0, 1, 2, ... days; starts at most at 1, never rises.

    Returns
    -------
    float array [time, ...]

    Raises
    ------
    ValueError
        On negative admissions or a survival that is none.
    """
    return _convolved(_checked_counts("admissions", admissions), _checked_survival(survival))


def forecast_occupancy(
    admissions: ArrayLike, admission_quantiles: ArrayLike, survival: ArrayLike, *, beds_in_use: ArrayLike
) -> FloatArray:
    """Return quantiles of the beds in use on the coming days.

    Parameters
    ----------
    admissions : array [time, place]
        Past admissions a day, up to today.
    admission_quantiles : array [horizon, place, level]
        Of the coming days, tomorrow first.
    survival : array [day]
        As `occupancy`.
    beds_in_use : array [place]
        Counted today. The patients that past admissions let expect are scaled to it, today and from then on;
        NaN where not counted.

    Returns
    -------
    float array [horizon, place, level]

    Raises
    ------
    ValueError
        As `occupancy`; if shapes do not fit.

    Notes
    -----
    Each level is carried through on its own, as if all days ran high or low together: the quantile of a sum
    of days that move together. Days that even each other out would give narrower intervals, so these err on
    the wide side. What lengths of stay themselves may do is not in them.
    """
    past = _checked_counts("admissions", admissions)
    coming = _checked_counts("admission_quantiles", admission_quantiles)
    stays, counted = _checked_survival(survival), np.asarray(beds_in_use, dtype=np.float64)
    places = {past.shape[1:], coming.shape[1:2], counted.shape}
    if past.ndim != 2 or coming.ndim != 3 or len(places) > 1:
        raise ValueError(
            "forecast_occupancy: admissions [time, place], quantiles [horizon, place, level] and beds "
            f"[place] must be of the same places (got {past.shape}, {coming.shape}, {counted.shape}); "
            "order them alike"
        )
    horizons = len(coming)
    longer = np.vstack([past, np.zeros((horizons, past.shape[1]))])
    staying = _convolved(longer, stays)[len(past) - 1 :]
    today = staying[0]
    told = ~np.isnan(counted) & (today >= LEAST_IN_BEDS)
    ratio = np.where(told, counted / np.maximum(today, LEAST_IN_BEDS), 1.0)
    return staying[1:, :, None] * ratio[None, :, None] + _convolved(coming, stays)


def _convolved(values: FloatArray, kernel: FloatArray) -> FloatArray:
    """Return ``sum_k values(t - k) kernel(k)`` along the first axis."""
    result = np.zeros(values.shape)
    for lag, weight in enumerate(kernel[: len(values)]):
        result[lag:] += weight * values[: len(values) - lag]
    return result


def _checked_counts(name: str, counts: ArrayLike) -> FloatArray:
    values = np.asarray(counts, dtype=np.float64)
    if np.any(~np.isfinite(values)) or np.any(values < 0):
        raise ValueError(
            f"{name} must be known and not negative on every day (got {float(np.min(values)):g}); "
            "fill missing days with an estimate before, a zero is no estimate"
        )
    return values


def _checked_survival(survival: ArrayLike) -> FloatArray:
    stays = np.asarray(survival, dtype=np.float64)
    if stays.ndim != 1 or stays.size == 0 or stays[0] > 1 or stays[-1] < 0 or np.any(np.diff(stays) > 0):
        raise ValueError(
            "survival must start at most at 1 and never rise "
            f"(got {stays[:3]}); give the probability that a stay is longer than 0, 1, 2, ... days"
        )
    return stays
