"""The epidemic that units report on: who is infected, confirmed and admitted, by day and county."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HISTORY_DAYS = 21
"""Days before the first reported one, which fill wards and delays."""

WEEKDAY = np.array([1.16, 1.06, 1.02, 1.0, 0.98, 0.92, 0.86])
"""Care sought by weekday, Monday first: people wait for Monday."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Epidemic:
    """What happened in a rehearsal.

    Parameters
    ----------
    infections, cases, admissions : ndarray, shape (history + day, area)
        Numbers a day; areas sorted by code. The first ``HISTORY_DAYS`` rows come before the first day.
    """

    infections: Floats
    cases: Floats
    admissions: Floats


def delayed(series: Floats, mean_days: float) -> Floats:
    """Return a series of rows shifted later by a geometric delay of that mean.

    Parameters
    ----------
    series : ndarray, shape (day, ...)
        Daily counts.
    mean_days : float
        Mean delay; at least 0.
    """
    keep = mean_days / (1 + mean_days)
    found = np.empty_like(series)
    waiting = np.zeros(series.shape[1:])
    for day, row in enumerate(series):
        waiting = waiting * keep + row * (1 - keep)
        found[day] = waiting
    return found
