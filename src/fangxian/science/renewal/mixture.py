"""Quantiles and moments of mixtures of slightly skewed normals, for all days at once."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from fangxian.base.compiled import compiled
from fangxian.science.renewal.arrow import FloatArray

LARGEST_SKEWNESS = 0.8
ROUNDS = 100
ACCURATE = 1e-9
HALF_ROOT = 1 / math.sqrt(2.0)
DENSITY = 1 / math.sqrt(2 * math.pi)


@compiled(nogil=True)
def _below(point: float, weight: FloatArray, day_parts: FloatArray) -> tuple[float, float]:
    """Return distribution function and density, each part by Cornish and Fisher to first order."""
    total, density = 0.0, 0.0
    for part in range(len(weight)):
        deviation, tilt = day_parts[part, 1], day_parts[part, 2]
        unit = (point - day_parts[part, 0]) / deviation
        square = unit * unit
        bent = unit - tilt * (min(square, 9.0) - 1) / 6
        total += weight[part] * 0.5 * math.erfc(-bent * HALF_ROOT)
        slope = 1.0 - tilt * unit / 3 if square < 9.0 else 1.0
        density += weight[part] * math.exp(-0.5 * bent * bent) * slope / deviation
    return total, density * DENSITY


def mixture_quantiles(
    weight: FloatArray, mean: FloatArray, deviation: FloatArray, skew: FloatArray, levels: FloatArray
) -> FloatArray:
    """Return quantiles [time, level].

    Parameters
    ----------
    weight : float array [part]
        Sums to 1.
    mean, deviation, skew : float arrays [part, time]
        Of each part.
    levels : float array [level]
    """
    return np.asarray(_quantiles((weight, mean, deviation, skew), levels, ndtri(levels)))


@compiled(nogil=True)
def _quantiles(
    parts: tuple[FloatArray, FloatArray, FloatArray, FloatArray], levels: FloatArray, normal: FloatArray
) -> FloatArray:
    weight, mean, deviation, skew = parts
    days = mean.shape[1]
    result = np.empty((days, len(levels)))
    of_day = np.empty((len(weight), 3))
    for day in range(days):
        for part in range(len(weight)):
            of_day[part, 0], of_day[part, 1] = mean[part, day], deviation[part, day]
            of_day[part, 2] = min(max(skew[part, day], -LARGEST_SKEWNESS), LARGEST_SKEWNESS)
        for column in range(len(levels)):
            result[day, column] = _quantile(weight, of_day, levels[column], normal[column])
    return result


@compiled(nogil=True)
def _quantile(weight: FloatArray, of_day: FloatArray, level: float, unit: float) -> float:
    """Return where the distribution function is the level: Newton's method, kept inside a bracket."""
    low, high, point, widest = math.inf, -math.inf, 0.0, 0.0
    for part in range(len(weight)):
        middle, spread, tilt = of_day[part, 0], of_day[part, 1], of_day[part, 2]
        own = middle + spread * (unit + tilt * (min(unit * unit, 9.0) - 1) / 6)
        low, high = min(low, own - 0.2 * spread), max(high, own + 0.2 * spread)
        widest = max(widest, spread)
        point += weight[part] * own
    while _below(low, weight, of_day)[0] > level:
        low -= widest
    while _below(high, weight, of_day)[0] < level:
        high += widest
    for _ in range(ROUNDS):
        value, density = _below(point, weight, of_day)
        if abs(value - level) < ACCURATE or high - low < 1e-10:
            break
        if value > level:
            high = point
        else:
            low = point
        goal = point - (value - level) / max(density, 1e-300)
        point = goal if low < goal < high else (low + high) / 2
    return float(point)


@compiled(nogil=True)
def exponential_moments(
    weight: FloatArray, mean: FloatArray, deviation: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of the exponential of the mixture: arrays [time]."""
    days = mean.shape[1]
    average, second = np.zeros(days), np.zeros(days)
    for part in range(len(weight)):
        for day in range(days):
            variance = deviation[part, day] ** 2
            middle = math.exp(mean[part, day] + variance / 2)
            average[day] += weight[part] * middle
            second[day] += weight[part] * middle**2 * math.exp(variance)
    return average, np.sqrt(np.maximum(second - average**2, 0.0))
