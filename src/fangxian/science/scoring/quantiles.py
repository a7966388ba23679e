"""Scores of a forecast that is a set of quantiles: interval score, its weighted sum, coverage, bias.

Bracher J, Ray EL, Gneiting T, Reich NG. Evaluating epidemic forecasts in an interval format. PLoS Comput
Biol 2021;17:e1008618. DOI 10.1371/journal.pcbi.1008618.

A score is in the unit of what is forecast, and lower is better. An observation that is missing is NaN and so
is its score: it is neither good nor bad.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

HUB_LEVELS: tuple[float, ...] = (
    0.01,
    0.025,
    *(round(0.05 * step, 2) for step in range(1, 20)),
    0.975,
    0.99,
)
"""The 23 levels of the COVID-19 forecast hubs."""

SAME_LEVEL = 1e-9


class WeightedIntervalScore(NamedTuple):
    """The weighted interval score and the three parts that add up to it; every array is [...].

    Attributes
    ----------
    total : float array
    dispersion : float array
        What wide intervals cost, whatever came.
    overprediction, underprediction : float arrays
        What it costs that the observation lies below, above the intervals and the median.
    """

    total: FloatArray
    dispersion: FloatArray
    overprediction: FloatArray
    underprediction: FloatArray


def pinball_loss(quantiles: ArrayLike, levels: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Return the loss of each quantile.

    Parameters
    ----------
    quantiles : array [..., level]
        In the order of ``levels``.
    levels : array [level]
        Between 0 and 1, rising.
    observed : array [...]
        NaN where missing.

    Returns
    -------
    float array [..., level]
        ``(y - q) level`` where the observation y is above the quantile q, ``(q - y) (1 - level)`` below.

    Raises
    ------
    ValueError
        On levels outside 0 to 1, quantiles that fall, or shapes that do not fit.
    """
    forecast, level, truth = _checked(quantiles, levels, observed)
    above = truth[..., None] - forecast
    return np.asarray(np.maximum(level * above, (level - 1) * above), dtype=np.float64)


def interval_score(
    lower: ArrayLike, upper: ArrayLike, observed: ArrayLike, *, nominal_coverage: float
) -> FloatArray:
    """Return the score of a central interval: its width, and a penalty for missing.

    Parameters
    ----------
    lower, upper : array [...]
        Ends of the interval.
    observed : array [...]
        NaN where missing.
    nominal_coverage : float
        Share that the interval promises to hold, e.g. 0.95.

    Returns
    -------
    float array [...]
        ``(u - l) + 2/a (l - y)+ + 2/a (y - u)+`` with ``a = 1 - nominal_coverage``.

    Raises
    ------
    ValueError
        If the coverage is not between 0 and 1, or an upper end lies below its lower end.
    """
    low, high, truth = (np.asarray(values, dtype=np.float64) for values in (lower, upper, observed))
    if not 0 < nominal_coverage < 1:
        raise ValueError(f"nominal_coverage must lie between 0 and 1 (got {nominal_coverage}); 95 % is 0.95")
    if np.any(high < low):
        raise ValueError("interval: an upper end lies below its lower end; sort the quantiles first")
    missed = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
    return np.asarray((high - low) + 2 / (1 - nominal_coverage) * missed, dtype=np.float64)


def weighted_interval_score(
    quantiles: ArrayLike, levels: ArrayLike, observed: ArrayLike
) -> WeightedIntervalScore:
    """Return the weighted interval score with its parts.

    Parameters
    ----------
    quantiles : array [..., level]
        In the order of ``levels``.
    levels : array [level]
        Symmetric around one half, rising: every level has its partner 1 - level; the median may lack.
    observed : array [...]
        NaN where missing.

    Returns
    -------
    WeightedIntervalScore

    Raises
    ------
    ValueError
        As `pinball_loss`, and if a level has no partner.

    Notes
    -----
    ``(|y - m| / 2 + sum_k a_k / 2 IS_k) / (K + 1/2)`` over K central intervals of coverage 1 - a_k and the
    median m (Bracher et al. 2021, equation 2), which is twice the mean pinball loss of the levels. Without a
    median the sum is divided by K.
    """
    forecast, level, truth = _checked(quantiles, levels, observed)
    if np.any(np.abs(level + level[::-1] - 1) > SAME_LEVEL):
        lone = level[np.abs(level + level[::-1] - 1) > SAME_LEVEL]
        raise ValueError(
            f"levels must be symmetric around 0.5 (got {lone[:4]} without a partner); "
            "drop them, or score quantile by quantile with pinball_loss"
        )
    y = truth[..., None]
    lower_half = level < 0.5 - SAME_LEVEL
    upper_half = lower_half[::-1]
    weight = np.where(lower_half | upper_half, 1.0, 0.5)  # the median is half an interval
    share = 2.0 / len(level)
    width = forecast[..., upper_half][..., ::-1] - forecast[..., lower_half]
    dispersion = share * np.sum(level[lower_half] * width, axis=-1)
    dispersion = np.where(np.isnan(truth), np.nan, dispersion)
    not_above, not_below = ~upper_half, ~lower_half
    over = share * np.sum((weight * np.maximum(forecast - y, 0))[..., not_above], axis=-1)
    under = share * np.sum((weight * np.maximum(y - forecast, 0))[..., not_below], axis=-1)
    return WeightedIntervalScore(dispersion + over + under, dispersion, over, under)


def covered(
    quantiles: ArrayLike, levels: ArrayLike, observed: ArrayLike, *, nominal_coverage: float
) -> FloatArray:
    """Say for each forecast whether its central interval holds the observation.

    Parameters
    ----------
    quantiles : array [..., level]
    levels : array [level]
        Must hold the two ends of the interval.
    observed : array [...]
        NaN where missing.
    nominal_coverage : float
        E.g. 0.5 for the interval between the quartiles.

    Returns
    -------
    float array [...]
        1 where it does, ends included, 0 where it does not, NaN where the observation is missing; the mean is
        the coverage.

    Raises
    ------
    ValueError
        As `pinball_loss`, and if the levels lack an end of the interval.
    """
    forecast, level, truth = _checked(quantiles, levels, observed)
    ends = [(1 - nominal_coverage) / 2, (1 + nominal_coverage) / 2]
    places = [np.flatnonzero(np.abs(level - end) < SAME_LEVEL) for end in ends]
    if any(place.size == 0 for place in places):
        raise ValueError(
            f"an interval of {nominal_coverage:.0%} needs the levels {ends[0]:g} and {ends[1]:g} "
            f"(got {level}); ask for an interval whose ends were forecast"
        )
    low, high = (forecast[..., int(place[0])] for place in places)
    inside = ((truth >= low) & (truth <= high)).astype(np.float64)
    return np.where(np.isnan(truth), np.nan, inside)


def bias(quantiles: ArrayLike, levels: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Return the bias of each forecast: 1 all of it above the observation, -1 all below, 0 on the median.

    Parameters
    ----------
    quantiles : array [..., level]
    levels : array [level]
        Must hold 0.5.
    observed : array [...]
        NaN where missing.

    Returns
    -------
    float array [...]
        ``1 - 2 max{level: q <= y}`` where the observation y is below the median (1 if no quantile is),
        ``1 - 2 min{level: q >= y}`` above it (-1 if no quantile is).

    Raises
    ------
    ValueError
        As `pinball_loss`, and if the levels lack the median.

    Notes
    -----
    Funk S et al. Assessing the performance of real-time epidemic forecasts. PLoS Comput Biol
    2019;15:e1006785, DOI 10.1371/journal.pcbi.1006785, in its form for quantiles (Bosse NI et al.,
    DOI 10.48550/arXiv.2205.07090).
    """
    forecast, level, truth = _checked(quantiles, levels, observed)
    middle = np.flatnonzero(np.abs(level - 0.5) < SAME_LEVEL)
    if middle.size == 0:
        raise ValueError(f"bias needs the median (got levels {level}); forecast level 0.5 too")
    y = truth[..., None]
    reached = np.max(np.where(forecast <= y, level, 0.0), axis=-1)
    passed = np.min(np.where(forecast >= y, level, 1.0), axis=-1)
    median = forecast[..., int(middle[0])]
    side = np.where(truth < median, 1 - 2 * reached, 1 - 2 * passed)
    side = np.where(truth == median, 0.0, side)
    return np.where(np.isnan(truth), np.nan, side)


def _checked(
    quantiles: ArrayLike, levels: ArrayLike, observed: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    forecast, level, truth = (
        np.asarray(values, dtype=np.float64) for values in (quantiles, levels, observed)
    )
    if level.ndim != 1 or level.size == 0 or np.any(level <= 0) or np.any(level >= 1):
        raise ValueError(f"levels must lie between 0 and 1 (got {level}); a percentage is divided by 100")
    if np.any(np.diff(level) <= 0):
        raise ValueError(f"levels must rise without repeats (got {level}); sort them with their quantiles")
    if forecast.shape[-1:] != level.shape or forecast.shape[:-1] != truth.shape:
        raise ValueError(
            f"quantiles must be [..., level] for observed [...] (got {forecast.shape}, {level.shape} levels "
            f"and {truth.shape}); put the levels on the last axis"
        )
    if np.any(np.diff(forecast, axis=-1) < 0):
        raise ValueError("quantiles must not fall as the level rises; sort each forecast first")
    return forecast, level, truth
