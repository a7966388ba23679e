"""The distribution of a delay from a line list whose dates are whole days, or spans of days, cut off today.

A date is a span: the event fell somewhere in its span and so did the report (double interval censoring), and
delays that end after the day of the view are not seen (right truncation). Both bias a histogram of
differences, the second badly while an epidemic grows (Park et al. 2024, DOI 10.1101/2024.01.12.24301247;
Reich et al. 2009, DOI 10.1002/sim.3659).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import gammainc, ndtr

FloatArray = NDArray[np.float64]

_POINTS, _MASSES = np.polynomial.legendre.leggauss(6)
NODES, WEIGHTS = (_POINTS + 1) / 2, _MASSES / 2
LEAST_RECORDS = 5
FAMILIES = ("gamma", "lognormal")


@dataclass(frozen=True)
class CensoredDelays:
    """Spans of events and reports, in days from any origin.

    Parameters
    ----------
    event_from, event_to, report_from, report_to : arrays [record]
        A date known to the day d is the span from d to d + 1.
    as_of : float
        End of the view: reports after it were not seen. Infinity where nothing was cut off.
    """

    event_from: ArrayLike
    event_to: ArrayLike
    report_from: ArrayLike
    report_to: ArrayLike
    as_of: float = np.inf

    @classmethod
    def from_days(
        cls, event_day: ArrayLike, report_day: ArrayLike, as_of_day: float = np.inf
    ) -> CensoredDelays:
        """Return the spans of dates that are known to the day, seen at the end of ``as_of_day``."""
        event, report = np.asarray(event_day, dtype=np.float64), np.asarray(report_day, dtype=np.float64)
        return cls(event, event + 1, report, report + 1, as_of_day + 1)


class DelayEstimate(NamedTuple):
    """A fitted delay.

    Attributes
    ----------
    family : str
    mean_days, standard_deviation_days : float
    mean_interval, standard_deviation_interval : pair of float
        95 %, from the curvature of the likelihood on the log scale.
    probability : float array [delay in days]
        That the date of the report is 0, 1, 2, ... days after that of the event.
    log_likelihood : float
    """

    family: str
    mean_days: float
    standard_deviation_days: float
    mean_interval: tuple[float, float]
    standard_deviation_interval: tuple[float, float]
    probability: FloatArray
    log_likelihood: float


def estimate_delay(delays: CensoredDelays, *, longest_days: int = 120) -> DelayEstimate:
    """Fit gamma and lognormal delays and return the likelier.

    Parameters
    ----------
    delays : CensoredDelays
    longest_days : int
        Length of ``probability``.

    Returns
    -------
    DelayEstimate

    Raises
    ------
    ValueError
        On fewer than five records, a span that ends before it begins, a report before its event, or a
        report after the view.

    Notes
    -----
    With the event uniform on its span, a record contributes the mean over the event's span of
    ``F(report_to - event) - F(report_from - event)`` over that of ``F(as_of - event)``.
    """
    spans = _checked(delays)
    fits = [_fit(spans, delays.as_of, family, longest_days) for family in FAMILIES]
    return max(fits, key=lambda fit: fit.log_likelihood)


def _checked(delays: CensoredDelays) -> FloatArray:
    spans = np.vstack(
        [
            np.asarray(part, dtype=np.float64)
            for part in (delays.event_from, delays.event_to, delays.report_from, delays.report_to)
        ]
    )
    if spans.shape[1] < LEAST_RECORDS:
        raise ValueError(
            f"a delay needs at least {LEAST_RECORDS} records (got {spans.shape[1]}); give it from elsewhere"
        )
    wrong = (spans[1] <= spans[0]) | (spans[3] <= spans[2]) | (spans[3] <= spans[0])
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            "spans must end after they begin, and the report must not end before the event begins "
            f"(got {spans[:, row].tolist()} at {row}); correct the dates or leave the record out"
        )
    if np.any(spans[2] >= delays.as_of):
        raise ValueError(
            f"as_of must lie after every report (got {delays.as_of:g}, a report from {spans[2].max():g}); "
            "leave out what was not known"
        )
    return spans


def _below(family: str, log_mean: float, log_deviation: float, days: FloatArray) -> FloatArray:
    """Return the distribution function of a delay at given days."""
    mean, deviation = np.exp(log_mean), np.exp(log_deviation)
    positive = np.maximum(days, 0.0)
    if family == "gamma":
        shape = (mean / deviation) ** 2
        return np.asarray(gammainc(shape, positive * shape / mean))
    spread = np.sqrt(np.log1p((deviation / mean) ** 2))
    unit = (np.log(np.maximum(positive, 1e-12)) - np.log(mean) + spread**2 / 2) / spread
    return np.where(positive > 0, ndtr(unit), 0.0)


def _fit(spans: FloatArray, as_of: float, family: str, longest_days: int) -> DelayEstimate:
    event_from, event_to, report_from, report_to = spans
    event = event_from + NODES[:, None] * (event_to - event_from)  # [node, record]

    def cost(point: FloatArray) -> float:
        log_mean, log_deviation = float(point[0]), float(point[1])
        inside = _below(family, log_mean, log_deviation, np.minimum(report_to, as_of) - event)
        inside = WEIGHTS @ (inside - _below(family, log_mean, log_deviation, report_from - event))
        seen = WEIGHTS @ _below(family, log_mean, log_deviation, as_of - event) if np.isfinite(as_of) else 1.0
        # a mean of a century is the same as no information: the wall keeps the search on the ground
        wall = (
            10 * max(log_mean - np.log(1000), 0.0) ** 2
            + 10 * max(abs(log_deviation - log_mean) - 3, 0.0) ** 2
        )
        return float(-np.sum(np.log(np.maximum(inside, 1e-300)) - np.log(np.maximum(seen, 1e-300))) + wall)

    middle = (report_from + report_to - event_from - event_to) / 2
    start = np.log([max(float(middle.mean()), 0.3), max(float(middle.std()), 0.3)])
    best = minimize(cost, start, method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-7}).x
    deviation = np.sqrt(np.diag(np.linalg.inv(_curvature(cost, best))))
    ends = [np.exp(best + sign * 1.959964 * deviation) for sign in (-1, 1)]
    return DelayEstimate(
        family,
        float(np.exp(best[0])),
        float(np.exp(best[1])),
        (float(ends[0][0]), float(ends[1][0])),
        (float(ends[0][1]), float(ends[1][1])),
        _by_day(family, best, longest_days),
        -cost(best),
    )


def _curvature(cost: Callable[[FloatArray], float], point: FloatArray) -> FloatArray:
    """Return the second derivatives by differences, made positive definite."""
    step = 0.02
    result = np.empty((2, 2))
    for left in range(2):
        for right in range(2):
            total = 0.0
            for sign_left, sign_right in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                moved = point.copy()
                moved[left] += sign_left * step
                moved[right] += sign_right * step
                total += sign_left * sign_right * cost(moved)
            result[left, right] = total / (4 * step**2)
    values, vectors = np.linalg.eigh(result)
    return np.asarray(vectors @ np.diag(np.maximum(values, 0.05)) @ vectors.T)


def _by_day(family: str, point: FloatArray, longest_days: int) -> FloatArray:
    """Return the chance of each difference of dates, the event uniform over its day."""
    edges = np.arange(longest_days + 2)[None, :] - NODES[:, None]
    below = WEIGHTS @ _below(family, float(point[0]), float(point[1]), edges)
    probability = np.diff(below)
    return np.asarray(probability / probability.sum())
