"""Counts against the predictive distribution of Poisson counts near them, this year and the years before.

X distribution with Jeffreys' prior follows Gelman A et al. Bayesian Data Analysis,
3rd ed. 2013, section 2.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangxian.science.detection.count_quantiles import at_least, smallest_covering
from fangxian.science.detection.reference_points import TimeAxis

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class BayesOptions:
    """Which counts are taken for alike; the defaults are the system "Bayes 1".

    Parameters
    ----------
    years : int
        Years looked back.
    half_window : int
        Steps on each side of the same step of a past year, and steps just before.
    this_year : bool
        Whether the steps just before count.
    error_rate : float
        Chance of a false alarm a step.
    """

    years: int = 0
    half_window: int = 6
    this_year: bool = True
    error_rate: float = 0.05

    def __post_init__(self) -> None:
        if not 0 < self.error_rate < 1:
            raise ValueError(f"error_rate must lie between 0 and 1 (got {self.error_rate}); 0.05 is usual")
        if self.half_window < 1 or self.years < 0 or not (self.years or self.this_year):
            raise ValueError(
                f"nothing to compare with: half_window {self.half_window}, years {self.years}, "
                f"this_year {self.this_year}; look back a step of this year or of a year before"
            )


class BayesResult(NamedTuple):
    """Arrays have the shape of the counts, NaN where not decided.

    Attributes
    ----------
    expected, upper : float arrays
        Predictive mean and quantile; a count above the quantile is an alarm.
    alarm : bool array
    probability : float array
        Chance of the count or a larger one.
    """

    expected: FloatArray
    upper: FloatArray
    alarm: NDArray[np.bool_]
    probability: FloatArray


def detect_bayes(counts: ArrayLike, axis: TimeAxis, options: BayesOptions | None = None) -> BayesResult:
    """Judge every step of counts [time] or [time, place] that has all its reference steps.

    Notes
    -----
    With n known reference counts of sum s, the predictive distribution is negative binomial with size
    ``s + 1/2`` and mean ``(s + 1/2) / n``.
    """
    chosen = options or BayesOptions()
    observed = np.asarray(counts, dtype=np.float64)
    panel = observed[:, None] if observed.ndim == 1 else observed
    total, number = np.zeros(panel.shape), np.zeros(panel.shape)
    known, filled = ~np.isnan(panel), np.nan_to_num(panel)
    width = chosen.half_window
    for step in range(len(panel)):
        spans = [(step - width, step)] if chosen.this_year else []
        spans.extend(
            (anchor - width, anchor + width + 1) if anchor >= 0 else (-1, 0)
            for anchor in axis.years_before(step, chosen.years)[1:]
        )
        if min(span[0] for span in spans) < 0:
            continue
        for low, high in spans:
            total[step] += filled[low:high].sum(axis=0)
            number[step] += known[low:high].sum(axis=0)
    decided = (number > 0) & known
    count = np.where(decided, number, 1.0)
    expected = (total + 0.5) / count
    dispersion = (count + 1) / count
    upper = smallest_covering(1 - chosen.error_rate, expected, dispersion)
    probability = at_least(filled, expected, dispersion)
    alarm = decided & (filled > upper)
    hidden = [np.where(decided, array, np.nan) for array in (expected, upper, probability)]
    shape = observed.shape
    return BayesResult(
        hidden[0].reshape(shape), hidden[1].reshape(shape), alarm.reshape(shape), hidden[2].reshape(shape)
    )
