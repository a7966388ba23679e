"""How many events have happened of which not all are reported yet.

Two things are learned from the triangle of reports and combined: how fast reports come in (``triangle``),
and along which smooth path the events go (``smooth``). An event day with many reports is multiplied up; one
with few is carried by the path; in between they share by their uncertainty (Bayesian nowcasting as in Höhle
and an der Heiden 2014, DOI 10.1111/biom.12194; McGough et al. 2020, DOI 10.1371/journal.pcbi.1007735).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangxian.science.renewal.cori import checked_incidence
from fangxian.science.renewal.smooth import Series, SmoothPrior, fit_smooth
from fangxian.science.renewal.triangle import ReportingTriangle, estimate_reporting_speed

FloatArray = NDArray[np.float64]

LEAST_SHARE = 1e-3
MEMORY_DAYS = 90
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


def nowcast_triangle(
    triangle: ReportingTriangle, *, draws: int = 2000, seed: int = 1, paths: int = 8
) -> Nowcast:
    """Nowcast a reporting triangle.

    Parameters
    ----------
    triangle : ReportingTriangle
        Only the last ``MEMORY_DAYS`` event days enter the path.
    draws : int
        Joint draws of final counts.
    seed : int
        Draws are the same for the same seed.
    paths : int
        For so many draws of the reporting shares the path is fitted anew.

    Returns
    -------
    Nowcast
    """
    generator = np.random.Generator(np.random.Philox(key=seed))
    speed = estimate_reporting_speed(triangle)
    shares = speed.draw_share(generator, draws, len(triangle.counts))
    return _nowcast(triangle.reported, shares, paths, generator)


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
        On a negative count, or probabilities that are negative or do not sum to 1.
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
    return _nowcast(reported, np.tile(share, (draws, 1)), 1, generator)


def _nowcast(reported: FloatArray, shares: FloatArray, paths: int, generator: np.random.Generator) -> Nowcast:
    """Draw final counts for each draw of the shares [draw, event day], which are fitted in groups."""
    draws, days = shares.shape
    start = max(0, days - MEMORY_DAYS)
    missing = np.isnan(reported)
    known = np.where(missing, 0.0, reported)
    shares = np.where(missing, 0.0, shares)
    result = np.tile(known, (draws, 1))
    order = np.argsort(shares[:, start:].sum(axis=1), kind="stable")
    for rows in np.array_split(order, paths):
        visible = shares[rows, start:]
        typical = np.median(visible, axis=0)
        series = Series(
            np.where(typical < LEAST_SHARE, np.nan, known[start:]),
            np.log(np.maximum(typical, LEAST_SHARE)),
            np.zeros((days - start, 0)),
            np.zeros(0),
        )
        path, _log_mean, noise = fit_smooth(series, PATH_PRIOR).draw(
            len(rows), int(generator.integers(2**62))
        )
        mean = np.exp(np.minimum(path, 30.0))
        size = 1 / np.maximum(noise, 1e-3)[:, None] ** 2
        frailty = generator.gamma(known[start:] + size, 1 / (mean * visible + size))
        result[rows, start:] += generator.poisson(np.minimum(frailty * mean * (1 - visible), 1e15))
    return Nowcast(reported, shares.mean(axis=0), result)
