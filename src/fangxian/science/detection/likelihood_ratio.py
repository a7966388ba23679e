"""Count data regression charts: when did the mean change, and is it worth an alarm?

Hoehle M, Paul M. Count data regression charts for the monitoring of surveillance time series. Comput Stat
Data Anal 2008;52:4357-68. DOI 10.1016/j.csda.2008.02.015.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangxian.science.detection import likelihood_ratio_kernel as kernel
from fangxian.science.detection.log_linear import fit_log_linear, seasonal_design

FloatArray = NDArray[np.float64]

_NO_COUNT = 2**40  # more than any count of cases


class Change(StrEnum):
    """What an outbreak does to the mean."""

    INTERCEPT = "intercept"  # multiplies it
    EPIDEMIC = "epi"  # adds a multiple of the count before


class Direction(StrEnum):
    """Which changes are looked for."""

    INCREASE = "inc"
    DECREASE = "dec"


@dataclass(frozen=True)
class RatioOptions:
    """When a likelihood ratio alarms; the defaults are those of R ``glrnb``.

    Parameters
    ----------
    limit : float
        The likelihood ratio that is an alarm (``c.ARL``).
    alpha : float, optional
        Over-dispersion: variance = mean + alpha mean^2; 0 is Poisson, None estimates it once.
    change : Change
    log_ratio : float, optional
        A known log ratio of an outbreak to the mean (``theta``): a recursive sum instead of a search.
    direction : Direction
    least_steps : int
        Steps that a change must have lasted (``Mtilde``).
    window : int, optional
        Steps looked back (``M``); None looks back to the last alarm.
    largest_count : int
        Where the search for the smallest count that alarms gives up (``xMax``), where it goes step by step.
    exact : bool
        Find the maximum of the likelihood whatever happens, and take ``least_steps`` by its word. Otherwise
        alarms are those of R surveillance 1.20.3: its search for a negative binomial change has no guard and
        finds nothing where the rise is sudden (5 cases where 0.3 are expected); its negative binomial chart
        of an epidemic change takes the log ratio of a step in the mean for the log of what each case adds;
        its Poisson chart leaves out runs without a case, and without a window only waits ``least_steps``
        after a start.
    bounds : bool
        Find for each step the count that would be an alarm; for a negative binomial chart that takes long.
    """

    limit: float = 5.0
    alpha: float | None = 0.0
    change: Change = Change.INTERCEPT
    log_ratio: float | None = None
    direction: Direction = Direction.INCREASE
    least_steps: int = 1
    window: int | None = None
    largest_count: int = 10_000
    exact: bool = False
    bounds: bool = True

    def __post_init__(self) -> None:
        if not self.limit > 0:
            raise ValueError(f"limit must be positive (got {self.limit}); 5 is usual")
        if self.alpha is not None and self.alpha < 0:
            raise ValueError(f"alpha must not be negative (got {self.alpha}); 0 is Poisson")
        if self.least_steps < 1:
            raise ValueError(f"least_steps must be at least 1 (got {self.least_steps})")


@dataclass(frozen=True)
class SeasonalMean:
    """The in-control mean that is fitted to the counts before the monitored ones.

    Parameters
    ----------
    steps_per_year : float
    harmonics : int
    trend : bool
    refit : bool
        Fit anew after each alarm, to all counts up to it; the over-dispersion stays.
    """

    steps_per_year: float = 52
    harmonics: int = 1
    trend: bool = False
    refit: bool = False


class RatioResult(NamedTuple):
    """Arrays are [monitored step].

    Attributes
    ----------
    expected : float array
        In-control mean.
    statistic : float array
        The likelihood ratio since the last alarm.
    upper : float array
        Smallest count that would have been an alarm (of a decrease: would have been none); NaN where there is
        none, or where bounds are not asked for.
    alarm : bool array
        The chart starts anew after each.
    missed : bool array
        No alarm, but the exact search would have found one.
    alpha : float
    """

    expected: FloatArray
    statistic: FloatArray
    upper: FloatArray
    alarm: NDArray[np.bool_]
    missed: NDArray[np.bool_]
    alpha: float


class _Chart(NamedTuple):
    counts: FloatArray
    before: FloatArray
    means: FloatArray
    alpha: float
    options: RatioOptions


def detect_likelihood_ratio(
    counts: ArrayLike,
    first: int,
    expected: ArrayLike | SeasonalMean | None = None,
    options: RatioOptions | None = None,
) -> RatioResult:
    """Monitor one series from a step on.

    Parameters
    ----------
    counts : array [time]
        Missing counts must be given to `SeasonalMean` before ``first`` only.
    first : int
        First monitored step; what lies before it is the past to which a mean is fitted.
    expected : array [monitored step] or SeasonalMean, optional
        In-control means, or how to fit them.
    options : RatioOptions, optional

    Raises
    ------
    ValueError
        For a missing monitored count, negative counts, or a mean that is not positive.
    """
    chosen = options or RatioOptions()
    observed = np.asarray(counts, dtype=np.float64)
    monitored = observed[first:]
    if np.isnan(monitored).any():
        step = first + int(np.flatnonzero(np.isnan(monitored))[0])
        raise ValueError(
            f"a likelihood ratio chart needs every monitored count (step {step} is missing); "
            "end the chart before it, or use a method that tolerates gaps"
        )
    if np.any(observed < 0):
        raise ValueError(f"counts must not be negative (got {np.nanmin(observed):g})")
    before = np.concatenate([[0.0], monitored[:-1]])
    means, alpha = _in_control(observed, first, expected, chosen)
    number = len(monitored)
    statistic, upper = np.zeros(number), np.full(number, np.nan)
    alarm, missed = np.zeros(number, dtype=np.bool_), np.zeros(number, dtype=np.bool_)
    start, running = 0, 0.0
    chart = _Chart(monitored, before, means, alpha, chosen)
    for step in range(number):
        if chosen.bounds:
            upper[step] = _bound(chart, step, start, running)
        running = statistic[step] = _statistic(chart, step, start, running)
        if _alarms(chart, running):
            alarm[step] = True
            start, running = step + 1, 0.0
            if isinstance(expected, SeasonalMean) and expected.refit and start < number:
                anew = replace(chosen, alpha=alpha)
                means[start:] = _in_control(observed, first + start, expected, anew)[0]
        else:
            missed[step] = _alarms(chart, _exact(chart, step, start))
    return RatioResult(means, statistic, upper, alarm, missed, alpha)


def _in_control(
    observed: FloatArray, first: int, expected: ArrayLike | SeasonalMean | None, options: RatioOptions
) -> tuple[FloatArray, float]:
    """Return the in-control means of the monitored steps and the over-dispersion."""
    if expected is None or isinstance(expected, SeasonalMean):
        season = expected or SeasonalMean()
        time = np.arange(1, len(observed) + 1, dtype=np.float64)
        design = seasonal_design(time, season.steps_per_year, season.harmonics, trend=season.trend)
        fit = fit_log_linear(observed[:first], design[:first], alpha=options.alpha)
        found: FloatArray = np.exp(design[first:] @ fit.coefficients)
        return found, fit.alpha
    means = np.broadcast_to(np.asarray(expected, dtype=np.float64), (len(observed) - first,))
    if np.any(~(means > 0)):
        raise ValueError(f"expected counts must be positive (got {np.min(means):g})")
    if options.alpha is None:
        raise ValueError("alpha can only be estimated with a fitted mean; give alpha, or leave expected out")
    return np.ascontiguousarray(means), options.alpha


def _exact(chart: _Chart, step: int, start: int) -> float:
    """Return the likelihood ratio by the guarded search, where that may differ; else 0."""
    options = chart.options
    stepwise = options.change is Change.INTERCEPT
    if options.exact or (stepwise and (options.log_ratio is not None or chart.alpha == 0)):
        return 0.0
    return _statistic(chart._replace(options=replace(options, exact=True)), step, start, 0.0)


def _statistic(chart: _Chart, step: int, start: int, running: float) -> float:
    """Return the likelihood ratio at a step of a chart that began at ``start``."""
    options = chart.options
    if options.log_ratio is not None and options.change is Change.INTERCEPT:
        return max(0.0, running + _known_gain(chart, float(chart.counts[step]), step))
    window = _window(chart, step, start)
    if window is None:
        return 0.0
    if options.change is Change.EPIDEMIC:
        how = (chart.alpha, not options.exact)
        return float(kernel.epidemic_statistic(chart.counts, chart.means, chart.before, step, how, window))
    sign = 1.0 if options.direction is Direction.INCREASE else -1.0
    model = (chart.alpha, sign, not options.exact)
    return float(kernel.intercept_statistic(chart.counts, chart.means, step, model, window))


def _alarms(chart: _Chart, statistic: float) -> bool:
    """Return whether a statistic is an alarm: in some charts it must pass the limit, not reach it."""
    options = chart.options
    known = options.log_ratio is not None and options.change is Change.INTERCEPT
    if known or (options.change is Change.EPIDEMIC and chart.alpha == 0):
        return statistic > options.limit
    return statistic >= options.limit


def _window(chart: _Chart, step: int, start: int) -> tuple[int, int] | None:
    """Return the first and last step at which the change may have begun."""
    options = chart.options
    newest = step - options.least_steps + 1
    oldest, back = start, options.window
    poisson = chart.alpha == 0 and options.change is Change.INTERCEPT
    if poisson and not back:
        back = None  # to R's Poisson chart a window of 0 is none
        if not options.exact and newest >= start:
            newest = step
    if back is not None:
        oldest = max(start, step - back)
        if poisson:
            newest -= 1  # R's windowed Poisson chart looks for changes that began before the last step
    return (oldest, newest) if newest >= oldest else None


def _known_gain(chart: _Chart, count: float, step: int) -> float:
    """Return the log likelihood ratio of one count for the known log ratio."""
    theta, mean = float(chart.options.log_ratio or 0.0), float(chart.means[step])
    if chart.alpha == 0:
        return count * theta - mean * float(np.expm1(theta))
    shrink = np.log((1 + chart.alpha * mean) / (1 + chart.alpha * mean * np.exp(theta)))
    return float(count * (theta + float(shrink)) + float(shrink) / chart.alpha)


def _bound(chart: _Chart, step: int, start: int, running: float) -> float:
    """Return the smallest count of a step that would be an alarm (of a decrease: that would be none)."""
    options = chart.options
    if options.log_ratio is not None and options.change is Change.INTERCEPT:
        fixed = _known_gain(chart, 0.0, step)
        return max(0.0, (options.limit - running - fixed) / (_known_gain(chart, 1.0, step) - fixed))
    if _window(chart, step, start) is None:
        return np.nan
    counts, observed = chart.counts.copy(), int(chart.counts[step])
    unguarded = not options.exact and (chart.alpha > 0 or options.change is Change.EPIDEMIC)
    walked = unguarded and observed > 0 and options.direction is Direction.INCREASE
    if unguarded and not walked:
        chart = chart._replace(options=replace(options, exact=True))

    def alarms(count: int) -> bool:
        counts[step] = count
        return _alarms(chart, _statistic(chart._replace(counts=counts), step, start, running))

    if walked:
        return _walked_to(alarms, observed, options.largest_count)
    if options.direction is Direction.DECREASE:
        quiet = (float(count) for count in range(_NO_COUNT) if not alarms(count))
        return next(quiet, np.nan)
    return _smallest(alarms, observed, options.largest_count if unguarded else _NO_COUNT)


def _walked_to(alarms: Callable[[int], bool], observed: int, largest: int) -> float:
    """Return the bound nearest to the observed count: as R finds it, where no search can be relied on."""
    if alarms(observed):
        quiet = next((count for count in range(observed - 1, -1, -1) if not alarms(count)), -1)
        return quiet + 1.0
    return next((float(count) for count in range(observed + 1, largest + 2) if alarms(count)), np.nan)


def _smallest(alarms: Callable[[int], bool], observed: int, largest: int) -> float:
    """Return the smallest count that alarms, where all above it do."""
    high = max(observed, 1)
    while not alarms(high):
        if high >= largest:
            return np.nan
        high = min(high * 2, largest)
    low = -1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if alarms(middle) else (middle, high)
    return float(high)
