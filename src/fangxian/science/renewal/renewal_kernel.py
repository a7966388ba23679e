"""Compiled core of the completion of counts: one day after the other, since a day infects those after it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

FloatArray = NDArray[np.float64]

MOST_COMPLETED = 0.4
"""Share of a day's pressure, or of its count, up to which what is not reported yet may be put in."""


@compiled(nogil=True)
def whole_mean(
    path: FloatArray,
    counts: FloatArray,
    share: FloatArray,
    weight: FloatArray,
    adjusted: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """Return the mean of each day's final count: [time].

    Parameters
    ----------
    path : float array [time]
        Reproduction number.
    counts, share : float arrays [time]
        Reported so far, and the share of the final count that this is.
    weight : float array [interval in days]
        Serial interval.
    adjusted : tuple of float arrays [time]
        By how much counts of a day are larger than those that infect; counts with what is not reported yet
        put in, as far as known.
    """
    scale, completed = adjusted
    days = len(path)
    infecting, mean = completed / scale, np.zeros(days)
    for day in range(days):
        pressure = 0.0
        for lag in range(1, min(day, len(weight) - 1) + 1):
            pressure += weight[lag] * infecting[day - lag]
        mean[day] = path[day] * pressure * scale[day]
        if share[day] < MOST_COMPLETED:
            infecting[day] = (counts[day] + (1 - share[day]) * mean[day]) / scale[day]
    return mean
