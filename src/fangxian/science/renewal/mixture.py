"""Quantiles and moments of mixtures of slightly skewed normals, for all days at once."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from fangxian.base.compiled import compiled
from fangxian.science.renewal.arrow import FloatArray

LARGEST_SKEWNESS = 0.8
ROUNDS = 100
ACCURATE = 1e-7


@compiled(nogil=True)
def _below(
    point: float, weight: FloatArray, mean: FloatArray, deviation: FloatArray, skew: FloatArray
) -> float:
    """Return the distribution function of the mixture, each part by Cornish and Fisher to first order."""
    total = 0.0
    for part in range(len(weight)):
        unit = (point - mean[part]) / deviation[part]
        tilt = min(max(skew[part], -LARGEST_SKEWNESS), LARGEST_SKEWNESS)
        bent = unit - tilt * (min(unit * unit, 9.0) - 1) / 6
        total += weight[part] * 0.5 * math.erfc(-bent / math.sqrt(2.0))
    return total


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
    for day in range(days):
        middle, spread = mean[:, day].copy(), deviation[:, day].copy()
        tilt = skew[:, day].copy()
        for column in range(len(levels)):
            unit = normal[column]
            lean = np.minimum(np.maximum(tilt, -LARGEST_SKEWNESS), LARGEST_SKEWNESS)
            each = middle + spread * (unit + lean * (min(unit * unit, 9.0) - 1) / 6)
            low, high = np.min(each - 0.2 * spread), np.max(each + 0.2 * spread)
            value_low = _below(low, weight, middle, spread, tilt) - levels[column]
            value_high = _below(high, weight, middle, spread, tilt) - levels[column]
            while value_low > 0:
                low -= np.max(spread)
                value_low = _below(low, weight, middle, spread, tilt) - levels[column]
            while value_high < 0:
                high += np.max(spread)
                value_high = _below(high, weight, middle, spread, tilt) - levels[column]
            result[day, column] = _root((low, high, value_low, value_high), levels[column], parts, day)
    return result


@compiled(nogil=True)
def _root(
    bracket: tuple[float, float, float, float],
    level: float,
    parts: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    day: int,
) -> float:
    """Return where the distribution function is the level: false position (Illinois), halved when slow."""
    low, high, value_low, value_high = bracket
    weight, middle = parts[0], parts[1][:, day].copy()
    spread, tilt = parts[2][:, day].copy(), parts[3][:, day].copy()
    point, side = (low + high) / 2, 0
    for turn in range(ROUNDS):
        if value_high == value_low:
            break
        point = (low * value_high - high * value_low) / (value_high - value_low)
        if turn % 4 == 3:
            point = (low + high) / 2
        value = _below(point, weight, middle, spread, tilt) - level
        if abs(value) < ACCURATE or high - low < 1e-10:
            break
        if value > 0:
            high, value_high = point, value
            if side == 1:
                value_low /= 2
            side = 1
        else:
            low, value_low = point, value
            if side == -1:
                value_high /= 2
            side = -1
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
