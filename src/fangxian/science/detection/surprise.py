"""How surprising the latest counts of many series are, each against its own robust baseline.

Every judged count, and the sums of the last few, are compared with a negative binomial prediction whose
mean and dispersion are uncertain. The chances of the windows are joined by Bonferroni's inequality, so that
a false-alarm rate can be stated for the joint chance, however the windows depend on each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangxian.science.detection.count_quantiles import at_least, smallest_covering
from fangxian.science.detection.dispersion_prior import GRID, PRIOR, learn_weights
from fangxian.science.detection.false_discovery import adjusted_probabilities
from fangxian.science.detection.reference_points import TimeAxis
from fangxian.science.detection.seasonal_baseline import Baseline, expect_panel

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_NEGLIGIBLE = 1e-8  # weight of a dispersion that is not looked at


@dataclass(frozen=True)
class SurpriseOptions:
    """What is expected and when it is an alarm. One set serves all series; none is tuned by series.

    Parameters
    ----------
    false_discovery_rate : float
        Of the alarms of one step, the share that may be false on average.
    windows, window_shares : tuples
        Over how many last steps counts are added up, and how the chance is shared out; shares sum to 1.
    half_life_years : float
        Age at which a past count weighs half.
    seasonal_deviation : tuple of float
        Prior standard deviation of the log amplitude of each harmonic of the year.
    weekday_deviation : float
        The same of each day of the week, for daily series.
    trend_deviation : float
        Prior standard deviation of the change of the log mean in a year.
    residual_threshold : float
        Anscombe residual above which a past count is taken for an outbreak and weighed down.
    guard : int
        Steps just before that are no part of the baseline, at most a quarter of the past.
    least_known : int
        Steps of past that a decision needs.
    memory_steps : int, optional
        Older counts are no part of the baseline, so that a step is judged the same whenever it is looked at;
        without it all counts given are used.
    """

    false_discovery_rate: float = 0.05
    windows: tuple[int, ...] = (1, 2, 4)
    window_shares: tuple[float, ...] = (0.8, 0.1, 0.1)
    half_life_years: float = 2.0
    seasonal_deviation: tuple[float, ...] = (0.5, 0.2)
    weekday_deviation: float = 0.5
    trend_deviation: float = 0.15
    residual_threshold: float = 2.58
    guard: int = 4
    least_known: int = 7
    memory_steps: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.false_discovery_rate < 1:
            raise ValueError(
                "false_discovery_rate must lie between 0 and 1 "
                f"(got {self.false_discovery_rate}); 0.05 is usual"
            )
        if len(self.windows) != len(self.window_shares) or abs(sum(self.window_shares) - 1) > 1e-9:
            raise ValueError(
                f"window_shares must give each of {len(self.windows)} windows a share and sum to 1 "
                f"(got {self.window_shares})"
            )


class SurpriseResult(NamedTuple):
    """One row a judged step; arrays are [judged step, place], NaN where nothing could be decided.

    Attributes
    ----------
    step : int array [judged step]
    expected : float array
    upper : float array
        Smallest count that, were it a single test, would be as rare as the rate of false alarms allows.
    probability : float array
        Chance of counts as high as these or higher, if nothing has happened; windows joined.
    false_discovery_rate : float array
        The smallest rate at which this would be an alarm, among all tests of the step.
    alarm : bool array
    window : int array
        Over how many last steps the counts were most surprising.
    window_count, window_expected : float arrays
        What was counted and expected over that window.
    dispersion : float array
        Variance / mean about the expectation.
    mean_variance : float array
        Variance of the log of the expectation itself.
    """

    step: NDArray[np.int64]
    expected: FloatArray
    upper: FloatArray
    probability: FloatArray
    false_discovery_rate: FloatArray
    alarm: BoolArray
    window: NDArray[np.int64]
    window_count: FloatArray
    window_expected: FloatArray
    dispersion: FloatArray
    mean_variance: FloatArray


def detect_surprises(
    counts: ArrayLike,
    axis: TimeAxis,
    options: SurpriseOptions | None = None,
    *,
    steps: Sequence[int] | None = None,
    completeness: ArrayLike | None = None,
    definition_changes: Sequence[int] = (),
) -> SurpriseResult:
    """Judge all series of a panel at each step, with a stated rate of false alarms over all of them.

    Parameters
    ----------
    counts : array [time] or [time, place]
        Not negative; NaN is a missing count. Places, indicators and ages are all columns.
    axis : TimeAxis
    options : SurpriseOptions, optional
    steps : sequence of int, optional
        Steps to judge; by default all with enough past.
    completeness : array that broadcasts to [time, place], optional
        Part of the final count that is in by now, above 0 and at most 1: counts still to come are no deficit.
    definition_changes : sequence of int
        Steps from which on cases are counted differently: the level is learnt anew there.

    Returns
    -------
    SurpriseResult

    Raises
    ------
    ValueError
        For negative counts or a completeness outside (0, 1].

    Notes
    -----
    With predicted sum m over a window, dispersion phi and variance v of the log mean, the count is taken for
    negative binomial with variance ``phi m + v m^2``; phi is averaged over its scaled inverse chi-square
    distribution. A count that is not above its expectation is no alarm, whatever came before it.
    """
    chosen = options or SurpriseOptions()
    observed = np.asarray(counts, dtype=np.float64)
    panel = np.ascontiguousarray(observed[:, None] if observed.ndim == 1 else observed)
    if np.any(panel < 0):
        raise ValueError(
            f"counts must not be negative (got {np.nanmin(panel):g}); correct the step it belongs to"
        )
    offset = _log_completeness(completeness, panel.shape)
    base = _baseline(panel, offset, axis, chosen, definition_changes)
    judged = range(chosen.least_known, axis.steps) if steps is None else steps
    found = _decide([_weigh_up(base, panel, int(step), chosen) for step in judged], panel, chosen)
    if observed.ndim == 1:
        found = {name: array[:, 0] for name, array in found.items()}
    return SurpriseResult(
        step=np.array(list(judged), dtype=np.int64),
        alarm=found.pop("alarm").astype(np.bool_),
        window=found.pop("window").astype(np.int64),
        **found,
    )


class Expectation(NamedTuple):
    """What the past leads one to expect of the last steps of a panel.

    Attributes
    ----------
    mean : float array [step, place]
        NaN where too little is known.
    dispersion : float array [place]
        Variance / mean about it: the geometric mean of what it may be, which the little that a silent place
        says against a large one does not move.
    mean_variance : float array [place]
        Variance of the log of the mean of all steps together.
    step_variance : float array [step, place]
        What the variance of the log of a step's own mean has beyond that, a day of the week say.
    """

    mean: FloatArray
    dispersion: FloatArray
    mean_variance: FloatArray
    step_variance: FloatArray


def expect_last(
    counts: ArrayLike, axis: TimeAxis, steps: int, options: SurpriseOptions | None = None
) -> Expectation:
    """Say what the counts before the last steps lead one to expect of these.

    Parameters
    ----------
    counts : array [time, place]
    axis : TimeAxis
    steps : int
        How many last steps are no part of what is learned from.
    options : SurpriseOptions, optional
        Its guard is not used.

    Notes
    -----
    For the dispersion the coefficients that the data have paid for are counted by the trace of the smoother,
    where `detect_surprises` takes half of them: a silent place pays for none.
    """
    chosen = options or SurpriseOptions()
    panel = np.ascontiguousarray(counts, dtype=np.float64)
    base = _baseline(panel, np.zeros(panel.shape), axis, chosen, ())
    found = np.full((panel.shape[1], 4, steps), np.nan)
    told = np.full((panel.shape[1], GRID.shape[1]), np.nan)
    expect_panel(base, axis.steps - 1, (steps - 1, chosen.residual_threshold), found, told)
    unknown = ~(found[:, 2, -1] >= chosen.least_known / 2)
    told[unknown], found[unknown] = np.nan, np.nan
    weights = np.empty(told.shape)
    learn_weights(told, PRIOR, weights)
    dispersion: FloatArray = np.exp(weights @ GRID[1])
    together: FloatArray = dispersion * found[:, 3, -1]
    beyond = np.maximum(dispersion * found[:, 1].T - together, 0.0)
    return Expectation(np.ascontiguousarray(found[:, 0].T), dispersion, together, beyond)


def _log_completeness(completeness: ArrayLike | None, shape: tuple[int, ...]) -> FloatArray:
    if completeness is None:
        return np.zeros(shape)
    part = np.asarray(completeness, dtype=np.float64)
    part = np.broadcast_to(part[:, None] if part.ndim == 1 else part, shape)
    if not np.all((part > 0) & (part <= 1)):
        raise ValueError(
            f"completeness must lie above 0 and at most at 1 (got {np.min(part)} to {np.max(part)})"
        )
    return np.log(part)


def _baseline(
    panel: FloatArray, offset: FloatArray, axis: TimeAxis, options: SurpriseOptions, changes: Sequence[int]
) -> Baseline:
    """Return columns and penalties: level, season, trend, day of the week, changes of definition."""
    days = axis.position if axis.days is not None else axis.position * 365.25 / axis.steps_per_year
    years: FloatArray = np.asarray(days / 365.25, dtype=np.float64)
    columns: list[FloatArray] = [np.ones(axis.steps, dtype=np.float64)]
    penalty = [1e-6]
    for harmonic, deviation in enumerate(options.seasonal_deviation, start=1):
        if 2 * harmonic < axis.steps_per_year and deviation > 0:
            angle = 2 * np.pi * harmonic * years
            columns += [np.sin(angle), np.cos(angle)]
            penalty += [deviation**-2] * 2
    columns.append(np.asarray(years - years[-1], dtype=np.float64))
    penalty.append(options.trend_deviation**-2)
    if axis.steps_per_year > 300 and options.weekday_deviation > 0:
        weekday = np.mod(np.floor(days), 7)
        for day in range(6):
            columns.append(np.asarray((weekday == day) * 1.0 - (weekday == 6), dtype=np.float64))
            penalty.append(options.weekday_deviation**-2)
    for change in changes:
        columns.append((np.arange(axis.steps) < change).astype(np.float64))
        penalty.append(0.01)
    age = 0.5 ** (np.arange(axis.steps + 1) / axis.steps_per_year / options.half_life_years)
    if options.memory_steps is not None:
        age[options.memory_steps + 1 :] = 0.0
    series, part = np.ascontiguousarray(panel.T), np.ascontiguousarray(offset.T)
    return Baseline(series, part, np.column_stack(columns), np.array(penalty), age)


class _Evidence(NamedTuple):
    """What one step rests on: arrays [place], sums over windows [window, place], weights [place, point]."""

    step: int
    mean: FloatArray
    known: BoolArray
    variance: FloatArray  # of the log mean, at dispersion 1
    weights: FloatArray
    widths: tuple[int, ...]
    total: FloatArray
    expected: FloatArray


def _weigh_up(base: Baseline, panel: FloatArray, step: int, options: SurpriseOptions) -> _Evidence:
    longest = min(max(options.windows), step + 1)
    guard = min(options.guard, step // 4)
    found = np.full((panel.shape[1], 3, longest), np.nan)
    told = np.full((panel.shape[1], GRID.shape[1]), np.nan)
    expect_panel(base, step, (guard, options.residual_threshold), found, told)
    mean, rows = found[:, 0], found[:, 2, -1]
    known = rows >= min(options.least_known, step - guard) / 2
    told[~known] = np.nan
    weights = np.empty(told.shape)
    learn_weights(told, PRIOR, weights)
    widths = tuple(min(width, longest) for width in options.windows)
    recent = panel[step - longest + 1 : step + 1]
    counted = ~np.isnan(recent)
    counts, awaited = np.where(counted, recent, 0.0), np.where(counted, mean.T, 0.0)
    return _Evidence(
        step,
        mean[:, -1],
        known,
        found[:, 1, -1],
        weights,
        widths,
        np.array([counts[longest - width :].sum(axis=0) for width in widths]),
        np.array([awaited[longest - width :].sum(axis=0) for width in widths]),
    )


def _decide(evidence: list[_Evidence], panel: FloatArray, options: SurpriseOptions) -> dict[str, FloatArray]:
    """Return the fields of the result [step, place]."""
    if not evidence:
        return {name: np.empty((0, panel.shape[1])) for name in SurpriseResult._fields[1:]}
    now = panel[[one.step for one in evidence]]
    mean, variance = _stack(evidence, "mean"), _stack(evidence, "variance")
    known = _stack(evidence, "known").astype(np.bool_)
    total, expected = _stack(evidence, "total"), _stack(evidence, "expected")
    dispersion = np.array([one.weights @ GRID[0] for one in evidence])
    decided = known & ~np.isnan(now)
    above = decided & (now > mean)
    joined, best = np.ones(now.shape), np.zeros(now.shape, dtype=np.int64)
    for row, one in enumerate(evidence):
        joined[row, above[row]], best[row, above[row]] = _joined(one, above[row], options.window_shares)
    probability = np.where(decided, joined, np.nan)
    rate = np.array([adjusted_probabilities(row) for row in probability])
    level = options.false_discovery_rate / np.maximum(decided.sum(axis=1), 1)
    rare = np.broadcast_to((1 - level * options.window_shares[0])[:, None], mean.shape)
    shown = np.where(known, mean, np.nan)
    rows, columns = np.indices(now.shape)
    widths = np.array([one.widths for one in evidence])
    return {
        "expected": shown,
        "upper": smallest_covering(rare, shown, dispersion * (1 + variance * mean)) + 1,
        "dispersion": np.where(known, dispersion, np.nan),
        "mean_variance": np.where(known, dispersion * variance, np.nan),
        "probability": probability,
        "false_discovery_rate": rate,
        "alarm": np.nan_to_num(rate, nan=1.0) <= options.false_discovery_rate,
        "window": widths[rows, best],
        "window_count": np.where(best == 0, now, total[rows, best, columns]),
        "window_expected": np.where(best == 0, mean, expected[rows, best, columns]),
    }


def _joined(
    one: _Evidence, above: BoolArray, shares: tuple[float, ...]
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return for the places above expectation the joint chance, and which window is the most surprising."""
    chances = np.array(
        [
            _chance(
                one.total[window, above],
                one.expected[window, above],
                one.variance[above],
                one.weights[above],
            )
            / share
            for window, share in enumerate(shares)
        ]
    )
    return np.minimum(chances.min(axis=0), 1.0), chances.argmin(axis=0)


def _stack(evidence: list[_Evidence], name: str) -> FloatArray:
    return np.array([getattr(one, name) for one in evidence])


def _chance(total: FloatArray, expected: FloatArray, variance: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the chance of a total or more over what the dispersion may be; 1 up to what is expected."""
    series, point = np.nonzero((weights > _NEGLIGIBLE) & (total > expected)[:, None])
    phi, mean = GRID[0, point], np.maximum(expected[series], 1e-12)
    tail = at_least(total[series], mean, phi * (1 + variance[series] * mean))
    chance = np.where(total > expected, 0.0, 1.0)
    np.add.at(chance, series, weights[series, point] * tail)
    return chance
