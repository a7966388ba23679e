"""A few free numbers chosen so that a run shows what was observed, in few runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Calibrated:
    """Where a search ended.

    Parameters
    ----------
    numbers : float array [n]
        The free numbers.
    shown : float array [n]
        What the run with them shows.
    runs : int
        How many runs it took.
    """

    numbers: FloatArray
    shown: FloatArray
    runs: int


def calibrate(
    show: Callable[[FloatArray], FloatArray],
    wanted: FloatArray,
    start: FloatArray,
    *,
    step: FloatArray,
    tolerance: float = 0.02,
    most_runs: int = 15,
) -> Calibrated:
    """Search for as many numbers as there are observations.

    Broyden 1965, DOI 10.1090/S0025-5718-1965-0198670-6.

    Parameters
    ----------
    show : callable
        From the free numbers, each above 0, to what a run with them shows; float arrays [n].
    wanted : float array [n]
        What was observed.
    start : float array [n]
        Where the search begins.
    step : float array [n]
        First change of the logarithm of each number; later ones are at most four times as large.
    tolerance : float
        Largest difference from what was observed at which the search ends.
    most_runs : int
        The search ends after so many, with the best of them.

    Returns
    -------
    Calibrated
        The best numbers met; ``shown`` tells how good they are.
    """
    at = np.log(np.asarray(start, dtype=np.float64))
    runs = [(at, show(np.exp(at)) - wanted)]
    slopes = np.zeros((len(at), len(at)))
    for number in range(len(at)):
        moved = at.copy()
        moved[number] += step[number]
        runs.append((moved, show(np.exp(moved)) - wanted))
        slopes[:, number] = (runs[-1][1] - runs[0][1]) / step[number]
    at, error = runs[0]
    while np.abs(error).max() > tolerance and len(runs) < most_runs:
        change = np.clip(np.linalg.lstsq(slopes, -error, rcond=None)[0], -4.0 * step, 4.0 * step)
        after = show(np.exp(at + change)) - wanted
        slopes += np.outer(after - error - slopes @ change, change) / (change @ change)
        at, error = at + change, after
        runs.append((at, error))
    best, least = min(runs, key=lambda run: float(np.abs(run[1]).max()))
    return Calibrated(np.exp(best), least + wanted, len(runs))
