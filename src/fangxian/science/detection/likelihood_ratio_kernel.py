"""Kernels: generalised likelihood ratios of a change that began at each step of the past."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

FloatArray = NDArray[np.float64]

ROUNDS = 60
FURTHEST = 30.0  # a log ratio beyond this is a change by 13 orders of magnitude
START_OF_R, LOST_IN_R, NEAR_IN_R, ROUNDS_OF_R = 0.5, -18.0, 1e-6, 1000  # the searches of R surveillance


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


@compiled(error_model="numpy")
def _search_of_r(
    counts: FloatArray, means: FloatArray, span: tuple[int, int], alpha: float, start: float
) -> float:
    """Return where Newton's method for a log ratio ends, without a guard: far below if the rise is sudden."""
    end, step = start, 1.0
    for _ in range(ROUNDS_OF_R):
        if not (end > LOST_IN_R and abs(step) > NEAR_IN_R):
            break
        slope, curve = _slope_and_curve(counts, means, span, alpha, end)
        step = slope / curve
        end += step
    return end


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
        if as_r and alpha > 0:
            kappa = _search_of_r(counts, means, (first, last), alpha, kappa)
        else:
            kappa = _log_ratio(counts, means, first, last, alpha)
        if as_r and alpha == 0 and kappa == -FURTHEST:
            continue
        if not kappa * sign > 0:
            kappa = 0.0
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
    model: tuple[float, bool],
    window: tuple[int, int],
) -> float:
    """Return the largest likelihood ratio of a mean that gained ``lambda`` x the count before it.

    ``model`` is alpha, and whether to search as R does: a Poisson chart by Newton's method without a guard,
    each search from the end of the one before; a negative binomial chart takes the log ratio of a step in the
    mean for the log of lambda.
    """
    alpha, as_r = model
    best, found = 0.0, math.log(START_OF_R) if alpha == 0 else START_OF_R
    for first in range(window[0], window[1] + 1):
        if not as_r:
            added = _most_likely_gain(counts, means, before, (first, last), alpha)
        elif alpha == 0:
            found = _log_gain_of_r(counts, means, before, (first, last), found)
            added = math.exp(found)
        else:
            found = _search_of_r(counts, means, (first, last), alpha, found)
            added = math.exp(found)
        total = 0.0
        for t in range(first, last + 1):
            total += _gain(counts[t], means[t], means[t] + added * before[t], alpha)
        if total > best:  # not so where the search ended nowhere
            best = total
    return best


@compiled()
def _most_likely_gain(
    counts: FloatArray, means: FloatArray, before: FloatArray, span: tuple[int, int], alpha: float
) -> float:
    low, high = 0.0, 1.0
    if _epidemic_slope(counts, means, before, span, (0.0, alpha)) <= 0:
        return 0.0
    while _epidemic_slope(counts, means, before, span, (high, alpha)) > 0 and high < 1e6:
        high *= 2
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        if _epidemic_slope(counts, means, before, span, (middle, alpha)) > 0:
            low = middle
        else:
            high = middle
    return low


@compiled(error_model="numpy")
def _log_gain_of_r(
    counts: FloatArray, means: FloatArray, before: FloatArray, span: tuple[int, int], start: float
) -> float:
    """Return where Newton's method for the log of lambda ends: not a number where no case came before."""
    end = start
    for _ in range(ROUNDS_OF_R):
        if not end > LOST_IN_R:
            break
        added = math.exp(end)
        slope, square = 0.0, 0.0
        for t in range(span[0], span[1] + 1):
            share = before[t] / (added * before[t] + means[t])
            slope += counts[t] * share - before[t]
            square += counts[t] * share * share
        end += added * slope / (added * added * square - added * slope)
        if not abs(math.exp(end) - added) > NEAR_IN_R:
            break
    return end


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
