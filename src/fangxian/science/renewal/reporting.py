"""How events come to be reported, and how many there were: one model for both, fitted to the triangle.

A report has a delay, falls on a day and belongs to a cohort, the events of one day. Each of the three has
its own effect on how soon it comes: long delays before an outbreak is known, offices that close on Sundays
or catch up, and events that are reported ever faster. The number of events follows a growth rate that wanders
and fades. All of it is estimated together, because a surge of reports is a surge of events or of reporting,
and only both at once can be weighed (reporting as a discrete-time hazard: Höhle and an der Heiden 2014, DOI
10.1111/biom.12194; effects of delay and report day beside a smooth path: van de Kassteele et al. 2019, DOI
10.1097/EDE.0000000000001050). Posterior by Laplace's method, mixed over settings by their evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.science.renewal.one_thread import (
    cholesky,
    inverse,
    log_determinant,
    product,
    rows_of_covariance,
    solve,
)
from fangxian.science.renewal.reporting_kernel import LARGEST_LOG_RATE, add_likelihood

FloatArray = NDArray[np.float64]

USUAL_RATE, RATE_DEVIATION = 0.1, 1.2
"""Reports a day of those not yet reported, before any data: median, and deviation of its log."""
DELAY_DEVIATION = 0.7
"""Step of the log rate from one delay to the next; falls with the root of the delay."""
WEEKDAY_DEVIATION = 0.4
FIRST_LEVEL_DEVIATION = 3.0
STEP_DEVIATION = 0.05
GROWTH_MEMORY_DAYS = 10.0
"""Days after which a growth rate has faded to a third."""
LONGER_THAN_SEEN = 2.5
"""Delays are thought possible up to so many times the longest seen, and four days more: early in an outbreak
the long delays have not had the time to be seen."""
LEAST_WEIGHT = 1e-3
ROUNDS = 40
SMALL_DECREMENT = 1e-4
LARGEST_STEP = 2.0
JITTER = 1e-6


class Setting(NamedTuple):
    """Standard deviations on the log scale.

    Attributes
    ----------
    growth : float
        Of the growth rate of events, a day.
    noise : float
        Coefficient of variation of the events of a day beyond Poisson.
    pace : float
        Daily step of the rate at which everything is reported.
    day : float
        Of a single report day.
    cohort : float
        Step of the rate from one event day to the next.
    """

    growth: float
    noise: float
    pace: float
    day: float
    cohort: float


CHOICES = ((0.05, 0.2), (0.1, 0.4), (0.05, 0.3), (0.2, 0.8), (0.03, 0.15))
"""Of each value of a setting; ``bench/nowcast_replay.py`` replays outbreaks with them."""


class _Part(NamedTuple):
    """One normal of the mixture: its setting, mode, Cholesky factor of the curvature, and weight."""

    setting: Setting
    mode: FloatArray
    factor: FloatArray
    weight: float


@dataclass(frozen=True)
class ReportingPosterior:
    """Posterior of events and reporting.

    Parameters
    ----------
    counts : float array [event day, delay]
        What was fitted.
    parts : tuple
        The mixture, heaviest first.
    """

    counts: FloatArray
    parts: tuple[_Part, ...]

    def draw(self, generator: np.random.Generator, draws: int) -> tuple[FloatArray, FloatArray]:
        """Draw what is still to be reported.

        Parameters
        ----------
        generator : Generator
        draws : int

        Returns
        -------
        coming, share : float arrays [draw, event day]
            Events not yet reported, and the share of all that is reported.
        """
        days = len(self.counts)
        coming, share = np.zeros((draws, days)), np.ones((draws, days))
        weights = np.array([part.weight for part in self.parts])
        which = generator.choice(len(self.parts), size=draws, p=weights)
        for index, part in enumerate(self.parts):
            rows = np.flatnonzero(which == index)
            if len(rows):
                coming[rows], share[rows] = self._draw_part(part, generator, len(rows))
        return coming, share

    def _draw_part(
        self, part: _Part, generator: np.random.Generator, draws: int
    ) -> tuple[FloatArray, FloatArray]:
        days, delays = self.counts.shape
        normal = generator.standard_normal((draws, len(part.mode)))
        state = rows_of_covariance(part.factor, part.mode, normal)
        delay, report_day = state[:, days : days + delays], state[:, days + delays : 2 * days + delays]
        cohort = state[:, 2 * days + delays :]
        report_day = np.hstack([report_day, self._days_to_come(part.setting, report_day, generator)])
        size = part.setting.noise**-2
        coming, share = np.zeros((draws, days)), np.ones((draws, days))
        for day in range(days):
            log_rate = delay + report_day[:, day : day + delays] + cohort[:, day, None]
            rate = np.exp(np.minimum(log_rate, LARGEST_LOG_RATE))
            seen = min(delays, days - day)
            passed, left = rate[:, :seen].sum(axis=1), rate[:, seen:].sum(axis=1)
            shown, later = -np.expm1(-passed), np.exp(-passed) * -np.expm1(-left)
            mean = np.exp(np.minimum(state[:, day], 30.0))
            frailty = generator.gamma(self.counts[day, :seen].sum() + size, 1 / (mean * shown + size))
            coming[:, day] = generator.poisson(np.minimum(frailty * mean * later, 1e15))
            share[:, day] = shown / (shown + later)
        return coming, share

    def _days_to_come(
        self, setting: Setting, report_day: FloatArray, generator: np.random.Generator
    ) -> FloatArray:
        """Draw the effects of the coming report days: the pace wanders on, weekdays are as they were."""
        days, delays = self.counts.shape
        weekday = np.eye(7)[np.arange(days) % 7]
        precision, _ = inverse(_day_covariance(days, setting))
        known = np.einsum("st,tw->sw", precision, weekday)
        mean = WEEKDAY_DEVIATION**2 * np.einsum("ds,sw->dw", report_day, known)
        explained = WEEKDAY_DEVIATION**2 * np.einsum("sv,sw->vw", weekday, known)
        root = cholesky(WEEKDAY_DEVIATION**2 * (np.eye(7) - explained) + JITTER * np.eye(7))
        effect = mean + np.einsum("dv,wv->dw", generator.standard_normal(mean.shape), root)
        walk = np.cumsum(setting.pace * generator.standard_normal((len(report_day), delays)), axis=1)
        alone = setting.day * generator.standard_normal((len(report_day), delays))
        return np.asarray(walk + alone + effect[:, (days + np.arange(delays)) % 7])


def fit_reporting(counts: FloatArray) -> ReportingPosterior:
    """Fit the model.

    Parameters
    ----------
    counts : float array [event day, delay]
        Reports known at the end of the last event day; later cells are not read.

    Returns
    -------
    ReportingPosterior
    """
    days = len(counts)
    longest = min(counts.shape[1], days)
    delays = int(LONGER_THAN_SEEN * longest) + 4
    cells = np.zeros((days, delays))
    cells[:, :longest] = np.nan_to_num(counts[:, :longest])
    found = _explored(cells)
    logs = np.array([evidence for evidence, _ in found])
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    kept = [index for index in np.argsort(-weight, kind="stable") if weight[index] >= LEAST_WEIGHT]
    total = float(weight[kept].sum())
    return ReportingPosterior(
        cells, tuple(found[index][1]._replace(weight=float(weight[index]) / total) for index in kept)
    )


def _explored(counts: FloatArray) -> list[tuple[float, _Part]]:
    """Fit a setting and those that differ from it in one value; go on from the best until none is better."""
    best = Setting(*(values[-1] for values in CHOICES))
    found = {best: _fit(counts, best, None)}
    while True:
        here = best
        for name, values in zip(Setting._fields, CHOICES, strict=True):
            for value in values:
                setting = here._replace(**{name: value})
                if setting not in found:
                    found[setting] = _fit(counts, setting, found[here][1].mode)
        best = max(found, key=lambda setting: found[setting][0])
        if best == here:
            return list(found.values())


def _fit(counts: FloatArray, setting: Setting, near: FloatArray | None) -> tuple[float, _Part]:
    """Return the log evidence and the mode of one setting, by Fisher scoring from a mode near by."""
    precision, centre, certainty = _prior(counts, setting)
    size = setting.noise**-2

    def value(state: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        gradient, curvature = np.zeros(len(state)), np.zeros(precision.shape)
        likelihood = add_likelihood(counts, state, size, gradient, curvature)
        pulled = product(precision, state - centre)
        posterior = likelihood - 0.5 * float((state - centre) @ pulled)
        return posterior, gradient - pulled, curvature + precision

    state = centre.copy() if near is None else near.copy()
    best, slope, curvature = value(state)
    for _ in range(ROUNDS):
        step = solve(cholesky(curvature), slope)
        if float(slope @ step) < SMALL_DECREMENT:
            break
        share = min(1.0, LARGEST_STEP / float(np.abs(step).max()))
        trial = value(state + share * step)
        while trial[0] < best and share > SMALL_DECREMENT:
            share /= 2
            trial = value(state + share * step)
        if trial[0] < best:
            break
        state = state + share * step
        best, slope, curvature = trial
    factor = cholesky(curvature)
    evidence = best + 0.5 * (certainty - log_determinant(factor))
    return evidence, _Part(setting, state, factor, 0.0)


def _prior(counts: FloatArray, setting: Setting) -> tuple[FloatArray, FloatArray, float]:
    """Return prior precision and mean of the state, and the log determinant of the precision."""
    days, delays = counts.shape
    cohorts = setting.cohort**2 * (_distance_to_last(days) + 0.01 * np.eye(days))
    level, level_spread = inverse(_level_covariance(days, setting))
    day, day_spread = inverse(_day_covariance(days, setting))
    cohort, cohort_spread = inverse(cohorts)
    delay = _delay_precision(delays)
    certainty = log_determinant(cholesky(delay)) - level_spread - day_spread - cohort_spread
    precision = np.zeros((3 * days + delays,) * 2)
    start = 0
    for block in (level, delay, day, cohort):
        here = slice(start, start + len(block))
        precision[here, here] = block
        start += len(block)
    centre = np.zeros(len(precision))
    centre[:days] = np.log(counts.sum() / days + 0.1)
    centre[days : days + delays] = np.log(USUAL_RATE)
    return precision, centre, certainty


def _level_covariance(days: int, setting: Setting) -> FloatArray:
    """A level whose growth rate wanders and fades, and a small step of its own each day."""
    distance = np.abs(np.subtract.outer(np.arange(days - 1), np.arange(days - 1)))
    growth = setting.growth**2 * np.exp(-distance / GROWTH_MEMORY_DAYS)
    steps = np.zeros((days, days))
    steps[1:, 1:] = growth + STEP_DEVIATION**2 * np.eye(days - 1)
    summed = np.cumsum(np.cumsum(steps, axis=0), axis=1)
    return np.asarray(FIRST_LEVEL_DEVIATION**2 + summed + JITTER * np.eye(days))


def _delay_precision(delays: int) -> FloatArray:
    """A walk over delays whose steps fall with the root of the delay."""
    result = np.zeros((delays, delays))
    result[0, 0] = RATE_DEVIATION**-2
    for delay in range(1, delays):
        pair = slice(delay - 1, delay + 1)
        result[pair, pair] += (delay + 1) / DELAY_DEVIATION**2 * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return result


def _day_covariance(days: int, setting: Setting) -> FloatArray:
    """Effects of report days: a walk that ends at 0 today, weekdays, and each day's own."""
    weekday = np.arange(days) % 7
    same = weekday[:, None] == weekday[None, :]
    walk = setting.pace**2 * _distance_to_last(days)
    return np.asarray(walk + WEEKDAY_DEVIATION**2 * same + setting.day**2 * np.eye(days))


def _distance_to_last(days: int) -> FloatArray:
    """Covariance of a walk that ends at 0 on the last day."""
    back = np.arange(days)[::-1].astype(np.float64)
    return np.asarray(np.minimum.outer(back, back))
