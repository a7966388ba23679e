"""The three detectors of the Early Aberration Reporting System, for many series at once.

Hutwagner L, Thompson W, Seeman GM, Treadwell T. The bioterrorism preparedness and response Early Aberration
Reporting System (EARS). J Urban Health 2003;80:i89-96. DOI 10.1007/pl00022319. C3 is written as a bound on
the count of the step, after Salmon M, Schumacher D, Hoehle M. Monitoring count time series in R. J Stat
Softw 2016;70(10). DOI 10.18637/jss.v070.i10.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from fangxian.base.compiled import compiled

FloatArray = NDArray[np.float64]


class EarsMethod(StrEnum):
    """Which detector."""

    C1 = "C1"  # baseline: the days just before
    C2 = "C2"  # the same, two days earlier, so that a slow rise does not hide itself
    C3 = "C3"  # C2 that remembers how far the last two days exceeded


_ERROR_RATE = {EarsMethod.C1: 0.001, EarsMethod.C2: 0.001, EarsMethod.C3: 0.025}
_GUARD = {EarsMethod.C1: 0, EarsMethod.C2: 2, EarsMethod.C3: 2}


class EarsResult(NamedTuple):
    """What was expected and where an alarm stands; arrays have the shape of the counts.

    Attributes
    ----------
    expected : float array
        Mean of the baseline; NaN where not decided.
    upper : float array
        A count above it is an alarm; NaN where not decided.
    alarm : bool array
        False where not decided.
    """

    expected: FloatArray
    upper: FloatArray
    alarm: NDArray[np.bool_]


def detect_ears(
    counts: ArrayLike,
    method: EarsMethod = EarsMethod.C2,
    *,
    baseline_length: int = 7,
    error_rate: float | None = None,
    least_standard_deviation: float = 0.0,
    least_known: int | None = None,
) -> EarsResult:
    """Compare each count with the mean and spread of the counts shortly before it.

    Parameters
    ----------
    counts : array [time] or [time, place]
        NaN is a missing count: it is no alarm, and it leaves the baselines that hold it.
    method : EarsMethod
        C1, C2 or C3.
    baseline_length : int
        Length of the baseline, at least 3.
    error_rate : float, optional
        Chance of a false alarm a time step if the counts were normal: 0.001 (C1, C2) or 0.025 (C3).
    least_standard_deviation : float
        Floor under the spread: with 0, one case after a quiet week is an alarm.
    least_known : int, optional
        Known counts that a baseline needs; by default all of them.

    Returns
    -------
    EarsResult

    Raises
    ------
    ValueError
        If the baseline is shorter than 3 or ``error_rate`` is not between 0 and 1.

    Notes
    -----
    With baseline mean m and standard deviation s (n - 1), C1 and C2 alarm above ``m + z s``. C3 alarms above
    ``max(0, y + s (z - e))`` where y is the count itself and e adds up ``max(0, (y - m) / s - 1)`` of the two
    steps before. It is the bound that R surveillance prints, anchored at the count of the step, so that C3
    alarms when the two steps before exceeded by more than z together, whatever the step itself holds. A step
    with s = 0 exceeded without bound if its count is above the mean, which makes the bound 0, and leaves C3
    undecided if it equals the mean; so does s = 0 at the step itself after an excess without bound.
    """
    if baseline_length < 3:
        raise ValueError(f"baseline_length must be at least 3 (got {baseline_length}); EARS uses 7")
    rate = _ERROR_RATE[method] if error_rate is None else error_rate
    if not 0 < rate < 1:
        raise ValueError(f"error_rate must lie between 0 and 1 (got {rate}); EARS uses 0.001 or 0.025")
    observed = np.asarray(counts, dtype=np.float64)
    panel = observed[:, None] if observed.ndim == 1 else observed
    mean, spread = _baseline(panel, baseline_length, _GUARD[method], least_known or baseline_length)
    spread = np.maximum(spread, least_standard_deviation)
    limit = float(ndtri(1 - rate))
    if method is EarsMethod.C3:
        with np.errstate(invalid="ignore"):
            upper = np.maximum(0.0, panel + spread * (limit - _excess(panel, mean, spread)))
    else:
        upper = mean + limit * spread
    undecided = np.isnan(panel) | np.isnan(upper)
    alarm = np.zeros(panel.shape, dtype=np.bool_)
    np.greater(panel, upper, out=alarm, where=~undecided)
    expected = np.where(np.isnan(upper), np.nan, mean)
    return EarsResult(
        expected.reshape(observed.shape), upper.reshape(observed.shape), alarm.reshape(observed.shape)
    )


@compiled()
def _baseline(panel: FloatArray, length: int, guard: int, least_known: int) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of the ``length`` counts that end ``guard`` + 1 steps before."""
    mean, spread = np.full(panel.shape, np.nan), np.full(panel.shape, np.nan)
    least = max(least_known, 3)
    for step in range(length + guard, len(panel)):
        first = step - guard - length
        for place in range(panel.shape[1]):
            known, total = 0, 0.0
            for row in range(first, first + length):
                if not np.isnan(panel[row, place]):
                    known += 1
                    total += panel[row, place]
            if known < least:
                continue
            centre, square = total / known, 0.0
            for row in range(first, first + length):
                if not np.isnan(panel[row, place]):
                    square += (panel[row, place] - centre) ** 2
            mean[step, place] = centre
            spread[step, place] = np.sqrt(square / (known - 1))
    return mean, spread


def _excess(panel: FloatArray, mean: FloatArray, spread: FloatArray) -> FloatArray:
    """Return by how much the two steps before exceeded their own baselines, in standard deviations."""
    with np.errstate(invalid="ignore", divide="ignore"):
        over = np.maximum((panel - mean) / spread - 1, 0.0)
    total = np.full(panel.shape, np.nan)
    total[2:] = over[1:-1] + over[:-2]
    return total
