"""How many events have happened of which not all are reported yet.

From a triangle of reports, how fast reports come in and along which path the events go are estimated
together (``reporting``); where only counts and a delay are given, the path alone (``smooth``). An event day
with many reports is multiplied up; one with few is carried by the path; in between they share by their
uncertainty (Bayesian nowcasting as in Höhle and an der Heiden 2014, DOI 10.1111/biom.12194; McGough et al.
2020, DOI 10.1371/journal.pcbi.1007735).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangxian.science.renewal.cori import checked_incidence
from fangxian.science.renewal.reporting import fit_reporting
from fangxian.science.renewal.smooth import fit_smooth
from fangxian.science.renewal.smooth_model import Series, SmoothPrior
from fangxian.science.renewal.triangle import ReportingTriangle

FloatArray = NDArray[np.float64]

LEAST_SHARE = 1e-3
MEMORY_DAYS = 90
REPORTING_DAYS = 60
PATH_PRIOR = SmoothPrior(
    orders=(1,), step_deviation=0.1, first_deviation=3.0, noise=0.2, jump_probability=0.0
)


@dataclass(frozen=True)
class Nowcast:
    """Final counts of each event day as they are expected.

    Parameters
    ----------
    reported : float array [event day]
        Known at the time; final counts are never below it.
    share : float array [event day]
        Expected share of the final count that is known.
    draws : float array [draw, event day]
        Joint draws of the final counts.
    """

    reported: FloatArray
    share: FloatArray
    draws: FloatArray

    def quantiles(self, probabilities: tuple[float, ...]) -> FloatArray:
        """Return quantiles of the final counts [event day, probability]: whole numbers."""
        return np.quantile(self.draws, probabilities, axis=0, method="inverted_cdf").T


def nowcast_triangle(triangle: ReportingTriangle, *, draws: int = 2000, seed: int = 1) -> Nowcast:
    """Nowcast a reporting triangle.

    Parameters
    ----------
    triangle : ReportingTriangle
        Only the last ``REPORTING_DAYS`` event days are read; earlier ones are taken to be complete.
    draws : int
        Joint draws of final counts.
    seed : int
        Draws are the same for the same seed.

    Returns
    -------
    Nowcast
    """
    generator = np.random.Generator(np.random.Philox(key=seed))
    reported = triangle.reported
    start = max(0, len(reported) - REPORTING_DAYS)
    coming, share = fit_reporting(triangle.counts[start:]).draw(generator, draws)
    known = np.ones(len(reported))
    known[start:] = share.mean(axis=0)
    final = np.tile(reported, (draws, 1))
    final[:, start:] += coming
    return Nowcast(reported, known, final)


def nowcast_with_delay(counts: ArrayLike, delay: ArrayLike, *, draws: int = 2000, seed: int = 1) -> Nowcast:
    """Nowcast counts by day of event where only the distribution of the delay is known.

    Parameters
    ----------
    counts : array [event day]
        Known at the end of the last day; NaN is a missing day, whose final count follows the path alone.
    delay : array [delay in days]
        Probability that an event is reported after 0, 1, 2, ... days; sums to 1.

    Raises
    ------
    ValueError
        On a negative count, probabilities that are negative or do not sum to 1, or reports that come before
        the delay allows for any.
    """
    reported = checked_incidence(counts)
    probability = np.asarray(delay, dtype=np.float64)
    if probability.ndim != 1 or np.any(probability < 0) or abs(float(probability.sum()) - 1) > 0.01:
        raise ValueError(
            "delay must be probabilities of 0, 1, 2, ... days that sum to 1 "
            f"(got sum {probability.sum():.3f}); divide by the sum, or lengthen it"
        )
    generator = np.random.Generator(np.random.Philox(key=seed))
    below = np.minimum(np.cumsum(probability), 1.0)
    age = np.arange(len(reported))[::-1]
    share = below[np.minimum(age, len(below) - 1)]
    early = np.flatnonzero((share <= 0) & (np.nan_to_num(reported) > 0))
    if len(early):
        raise ValueError(
            f"delay says that nothing of an event day is reported within {age[early[0]]} days (got "
            f"{reported[early[0]]:g} reports of day {early[0]} of the series by then); "
            "give a delay that allows for them, or leave the counts of these days empty"
        )
    return _nowcast(reported, share, draws, generator)


def _nowcast(reported: FloatArray, share: FloatArray, draws: int, generator: np.random.Generator) -> Nowcast:
    """Draw final counts where the share that is known [event day] is certain."""
    days = len(reported)
    start = max(0, days - MEMORY_DAYS)
    missing = np.isnan(reported)
    known = np.where(missing, 0.0, reported)
    share = np.where(missing, 0.0, share)
    result = np.tile(known, (draws, 1))
    visible = share[start:]
    series = Series(
        np.where(visible < LEAST_SHARE, np.nan, known[start:]),
        np.log(np.maximum(visible, LEAST_SHARE)),
        np.zeros((days - start, 0)),
        np.zeros(0),
    )
    path, _log_mean, noise = fit_smooth(series, PATH_PRIOR).draw(draws, int(generator.integers(2**62)))
    hidden = np.flatnonzero(visible < 1)
    mean = np.exp(np.minimum(path[:, hidden], 30.0))
    size = 1 / np.maximum(noise, 1e-3)[:, None] ** 2
    frailty = generator.gamma(known[start + hidden] + size, 1 / (mean * visible[hidden] + size))
    result[:, start + hidden] += generator.poisson(np.minimum(frailty * mean * (1 - visible[hidden]), 1e15))
    return Nowcast(reported, share, result)
