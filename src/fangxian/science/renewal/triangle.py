"""Counts by day of event and delay of report, and how fast reports come in, lately more than long ago.

The delay is described by reverse hazards ``g[d] = P(delay = d | delay <= d)``: what is not yet reported
needs no correction in them (Kalbfleisch and Lawless 1991, DOI 10.1080/01621459.1991.10475011; Lawless 1994,
DOI 10.2307/3315601).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, gammaln

FloatArray = NDArray[np.float64]

HALF_LIVES_DAYS = (2.0, 4.0, 8.0, 16.0, 1e4)
LEAST_DAYS = 3
TEMPER = 0.5
MOST_VARIANCE = 1.0
PACE_DEVIATIONS = (0.45, 0.45, 0.45, 0.35, 0.15)
LONGEST_DELAY_DAYS = 120


@dataclass(frozen=True)
class ReportingTriangle:
    """Reports known at the end of a day.

    Parameters
    ----------
    counts : float array [event day, delay in days]
        The last event day is the day of the view; NaN where the report would lie after it.
    """

    counts: FloatArray

    def __post_init__(self) -> None:
        days, delays = self.counts.shape
        future = np.add.outer(np.arange(days), np.arange(delays)) >= days
        wrong = np.isnan(self.counts) != future
        if wrong.any() or np.any(self.counts[~future] < 0):
            raise ValueError(
                "counts must be NaN exactly where event day plus delay lies after the last event day, "
                f"and not negative elsewhere (got {int(wrong.sum())} entries against that); "
                "build it with from_reports"
            )

    @classmethod
    def from_reports(
        cls,
        event_day: ArrayLike,
        report_day: ArrayLike,
        *,
        as_of: int,
        first: int | None = None,
        number: ArrayLike | None = None,
    ) -> ReportingTriangle:
        """Count a line list as it was known at the end of day ``as_of``.

        Parameters
        ----------
        event_day, report_day : int arrays [record]
            Days counted from any origin.
        as_of : int
            Later reports are left out: they were not known.
        first : int, optional
            First event day; by default that of the first known event.
        number : array [record], optional
            Events in each record; 1 by default.

        Raises
        ------
        ValueError
            Where a report comes before its event.
        """
        event, report = np.asarray(event_day, dtype=np.int64), np.asarray(report_day, dtype=np.int64)
        many = np.ones(len(event)) if number is None else np.asarray(number, dtype=np.float64)
        if np.any(report < event):
            row = int(np.flatnonzero(report < event)[0])
            raise ValueError(
                f"report_day must not be before event_day (got {report[row]} before {event[row]} at {row}); "
                "correct the dates or leave the record out"
            )
        seen = (report <= as_of) & (event <= as_of)
        origin = first if first is not None else (int(event[seen].min()) if seen.any() else as_of)
        seen &= event >= origin
        place = event[seen] - origin
        delay = np.minimum((report - event)[seen], LONGEST_DELAY_DAYS)
        days = as_of - origin + 1
        delays = int(delay.max()) + 1 if len(delay) else 1
        counts = np.zeros((days, delays))
        np.add.at(counts, (place, delay), many[seen])
        counts[np.add.outer(np.arange(days), np.arange(delays)) >= days] = np.nan
        return cls(counts)

    @property
    def reported(self) -> FloatArray:
        """Events of each day that are known: [event day]."""
        return np.asarray(np.nansum(self.counts, axis=1))


@dataclass(frozen=True)
class ReportingSpeed:
    """How fast reports come in, as known at the end of the last day.

    Parameters
    ----------
    reports, earlier : float arrays [memory, delay]
        Parameters of the beta distribution of each reverse hazard, for memories of several lengths.
    weight : float array [memory]
        By what each memory foresaw; sums to 1.
    pace_deviation : float array [memory]
        Standard deviation of the log of the factor by which the pace of coming reports may differ.
    day_variance : float
        Relative variance of the reports of a day beyond chance: days without office, batches.
    """

    reports: FloatArray
    earlier: FloatArray
    weight: FloatArray
    pace_deviation: FloatArray
    day_variance: float

    def draw_share(self, generator: np.random.Generator, draws: int, days: int) -> FloatArray:
        """Return draws of the share of each event day's count that is known: [draw, event day].

        Parameters
        ----------
        generator : Generator
        draws : int
        days : int
            Event days up to and including the last day.
        """
        delays = self.reports.shape[1]
        memory = generator.choice(len(self.weight), size=draws, p=self.weight)
        hazard = generator.beta(self.reports[memory], self.earlier[memory])
        odds = hazard / np.maximum(1 - hazard, 1e-12)
        if self.day_variance > 0:
            shape = 1 / self.day_variance
            factor = generator.gamma(shape, 1 / shape, size=(draws, max(delays - 1, 1)))
        else:
            factor = np.ones((draws, max(delays - 1, 1)))
        factor = factor * np.exp(self.pace_deviation[memory] * generator.standard_normal(draws))[:, None]
        share = np.ones((draws, days))
        for age in range(min(delays - 1, days)):
            rates = odds[:, age + 1 :] * factor[:, : delays - age - 1]
            share[:, days - 1 - age] = np.exp(-np.log1p(rates).sum(axis=1))
        return share


def estimate_reporting_speed(triangle: ReportingTriangle) -> ReportingSpeed:
    """Estimate the reverse hazards with memories of several lengths.

    Parameters
    ----------
    triangle : ReportingTriangle

    Returns
    -------
    ReportingSpeed

    Notes
    -----
    The memories are weighed by the product of the probabilities that each gave to the reports of every past
    day before that day: reports of a delay given the earlier ones of the same event day are beta negative
    binomial. The memory that foresaw best is thereby preferred, with no look at later reports. The product
    enters with power 1/2, as reports of one day are not independent. The shorter the memory, the faster the
    pace has been changing, and the less sure it is for the reports to come: a factor with standard deviation
    0.45 on the log scale at a half-life of two days, 0.15 where nothing is forgotten.
    ``bench/nowcast_replay.py`` replays outbreaks with these numbers.
    """
    counts = triangle.counts
    days, delays = counts.shape
    known = ~np.isnan(counts)
    new = np.where(known, counts, 0.0)
    earlier = np.where(known, np.cumsum(new, axis=1) - new, 0.0)
    prior = _prior(delays)
    memories = np.tile(prior, (len(HALF_LIVES_DAYS), 1, 1))
    score = np.zeros(len(HALF_LIVES_DAYS))
    excess = np.zeros((len(HALF_LIVES_DAYS), 3))
    decay = 0.5 ** (1 / np.array(HALF_LIVES_DAYS))
    for day in range(days):
        row = np.arange(max(0, day - delays + 1), day + 1)
        lag = day - row
        fresh, old = new[row, lag], earlier[row, lag]
        tellable = (lag > 0) & (old > 0)
        if day >= LEAST_DAYS and tellable.any():
            a, b = memories[:, 0, lag[tellable]], memories[:, 1, lag[tellable]]
            score += _log_probability(fresh[tellable], old[tellable], a, b)
            excess += _excess(fresh[tellable], old[tellable], a, b)
        memories = (memories - prior) * decay[:, None, None] + prior
        memories[:, 0, lag] += fresh
        memories[:, 1, lag] += old
    weight = np.exp((score - score.max()) * TEMPER)
    weight /= weight.sum()
    spread = weight @ excess
    beyond_chance = float(spread[0] - np.sqrt(spread[2]))  # by more than a standard error, or it is none
    variance = max(beyond_chance, 0.0) / float(spread[1]) if spread[1] > 0 else 0.0
    memories[:, 0, 0], memories[:, 1, 0] = 1.0, 1e-12
    return ReportingSpeed(
        memories[:, 0], memories[:, 1], weight, np.array(PACE_DEVIATIONS), min(variance, MOST_VARIANCE)
    )


def _prior(delays: int) -> FloatArray:
    """Return the prior of the hazards: one report each, and the more before it the longer the delay."""
    delay = np.arange(delays)
    return np.vstack([np.ones(delays), 1.0 + 1.5 * delay + 0.1 * delay**2])


def _log_probability(new: FloatArray, old: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the log probability of new reports after old ones, hazards beta(a, b): [memory]."""
    chance = gammaln(old + new) - gammaln(old) - gammaln(new + 1)
    return np.asarray((chance + betaln(a + new, b + old) - betaln(a, b)).sum(axis=1))


def _excess(new: FloatArray, old: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    """Return a day's squared miss beyond chance, the squared expectation, the first squared: [memory, 3]."""
    odds = a / b
    mean = np.sum(old * odds, axis=1)
    chance = np.sum(old * odds * (1 + odds) + (old * odds) ** 2 * (1 / a + 1 / b), axis=1)
    beyond = (new.sum() - mean) ** 2 - chance
    return np.column_stack([beyond, mean**2, beyond**2])
