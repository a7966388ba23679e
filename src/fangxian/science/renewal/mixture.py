"""Quantiles and moments of mixtures of slightly skewed normals, for all days at once."""

from __future__ import annotations

import math

import numpy as np

from fangxian.base.compiled import compiled
from fangxian.science.renewal.arrow import FloatArray

LARGEST_SKEWNESS = 0.8
ROUNDS = 100


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


@compiled(nogil=True)
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
    days = mean.shape[1]
    result = np.empty((days, len(levels)))
    for day in range(days):
        middle, spread = mean[:, day].copy(), deviation[:, day].copy()
        tilt = skew[:, day].copy()
        lowest, highest = np.min(middle - 7 * spread), np.max(middle + 7 * spread)
        for column in range(len(levels)):
            low, high = lowest, highest
            value_low, value_high = -levels[column], 1 - levels[column]
            side = 0
            for _ in range(ROUNDS):
                # Illinois form of false position, halved when it is slow
                point = (low * value_high - high * value_low) / (value_high - value_low)
                if _ % 3 == 2:
                    point = (low + high) / 2
                value = _below(point, weight, middle, spread, tilt) - levels[column]
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
                if abs(value) < 1e-7 or high - low < 1e-9:
                    break
            result[day, column] = point
    return result


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
