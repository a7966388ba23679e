"""Kernels: generalised likelihood ratios of a change that began at each step of the past."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

FloatArray = NDArray[np.float64]

ROUNDS = 60
FURTHEST = 30.0  # a log ratio beyond this is a change by 13 orders of magnitude
START_OF_R, LOST_IN_R, ROUNDS_OF_R = 0.5, -18.0, 100  # of the unguarded search of R surveillance


@compiled()
def _slope_and_curve(
    counts: FloatArray, means: FloatArray, span: tuple[int, int], alpha: float, kappa: float
) -> tuple[float, float]:
    """Return the first derivative of the log likelihood by kappa, and minus the second."""
    slope, curve = 0.0, 0.0
    for t in range(span[0], span[1] + 1):
        mean = means[t] * math.exp(kappa)
        slope += (counts[t] - mean) / (1 + alpha * mean)
        curve += mean * (1 + alpha * counts[t]) / (1 + alpha * mean) ** 2
    return slope, curve


@compiled()
def _search_of_r(
    counts: FloatArray, means: FloatArray, first: int, last: int, alpha: float, kappa: float
) -> float:
    """Return where Newton's method without a guard ends: far below if the rise is too sudden for it.

    It starts at ``kappa``, where the search for the change before ended, and stays far below once there.
    """
    if kappa <= LOST_IN_R:
        return kappa
    for _ in range(ROUNDS_OF_R):
        slope, curve = _slope_and_curve(counts, means, (first, last), alpha, kappa)
        if not curve > 0:
            return -FURTHEST
        step = slope / curve
        kappa += step
        if not LOST_IN_R < kappa < FURTHEST:
            return -FURTHEST
        if abs(step) < 1e-6:
            break
    return kappa


@compiled()
def _log_ratio(counts: FloatArray, means: FloatArray, first: int, last: int, alpha: float) -> float:
    """Return the most likely log ratio kappa of counts first..last to their in-control means."""
    total, expected = 0.0, 0.0
    for t in range(first, last + 1):
        total += counts[t]
        expected += means[t]
    if total <= 0:
        return -FURTHEST
    kappa = math.log(total / expected)
    if alpha == 0:
        return kappa
    low, high = -FURTHEST, FURTHEST
    for _ in range(ROUNDS):
        slope, curve = _slope_and_curve(counts, means, (first, last), alpha, kappa)
        if slope > 0:
            low = kappa
        else:
            high = kappa
        step = kappa + slope / curve
        if not low < step < high:
            step = (low + high) / 2
        if abs(step - kappa) < 1e-12:
            break
        kappa = step
    return kappa


@compiled()
def _gain(count: float, mean: float, changed: float, alpha: float) -> float:
    """Return the log likelihood ratio of a changed mean for one count."""
    if alpha == 0:
        return (count * math.log(changed / mean) if count > 0 else 0.0) - changed + mean
    ratio = (1 + alpha * mean) / (1 + alpha * changed)
    return (count * math.log(changed / mean * ratio) if count > 0 else 0.0) + math.log(ratio) / alpha


@compiled()
def intercept_statistic(
    counts: FloatArray,
    means: FloatArray,
    last: int,
    model: tuple[float, float, bool],
    window: tuple[int, int],
) -> float:
    """Return the largest likelihood ratio of a step in the mean that began first..newest (``window``).

    ``model`` is alpha, the sign of the changes that count, and whether to search as R does: unguarded, and
    with a Poisson mean not among runs without any case.
    """
    alpha, sign, as_r = model
    best, kappa = 0.0, START_OF_R
    for first in range(window[0], window[1] + 1):
        if as_r and alpha > 0 and counts[first : last + 1].sum() > 0:
            kappa = _search_of_r(counts, means, first, last, alpha, kappa)
        else:
            kappa = _log_ratio(counts, means, first, last, alpha)
        if as_r and alpha == 0 and kappa == -FURTHEST:
            continue
        if kappa * sign <= 0:
            continue
        total = 0.0
        for t in range(first, last + 1):
            total += _gain(counts[t], means[t], means[t] * math.exp(kappa), alpha)
        best = max(best, total)
    return best


@compiled()
def epidemic_statistic(
    counts: FloatArray,
    means: FloatArray,
    before: FloatArray,
    last: int,
    alpha: float,
    window: tuple[int, int],
) -> float:
    """Return the largest likelihood ratio of a mean that gained ``lambda`` x the count before it."""
    best = 0.0
    for first in range(window[0], window[1] + 1):
        low, high = 0.0, 1.0
        slope = 1.0
        while slope > 0 and high < 1e6:
            slope = _epidemic_slope(counts, means, before, (first, last), (high, alpha))
            if slope > 0:
                high *= 2
        if _epidemic_slope(counts, means, before, (first, last), (0.0, alpha)) <= 0:
            continue
        for _ in range(ROUNDS):
            middle = (low + high) / 2
            if _epidemic_slope(counts, means, before, (first, last), (middle, alpha)) > 0:
                low = middle
            else:
                high = middle
        total = 0.0
        for t in range(first, last + 1):
            total += _gain(counts[t], means[t], means[t] + low * before[t], alpha)
        best = max(best, total)
    return best


@compiled()
def _epidemic_slope(
    counts: FloatArray,
    means: FloatArray,
    before: FloatArray,
    span: tuple[int, int],
    point: tuple[float, float],
) -> float:
    slope = 0.0
    for t in range(span[0], span[1] + 1):
        mean = means[t] + point[0] * before[t]
        slope += before[t] * (counts[t] / mean - 1) / (1 + point[1] * mean)
    return slope
