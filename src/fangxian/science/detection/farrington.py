"""The quasi-Poisson regressions of Farrington 1996 and of Noufaily 2013, for many series at once.

Farrington CP, Andrews NJ, Beale AD, Catchpole MA. A statistical algorithm for the early detection of
outbreaks of infectious disease. J R Stat Soc A 1996;159:547-63. DOI 10.2307/2983331.
Noufaily A, Enki DG, Farrington P, et al. An improved algorithm for outbreak detection in multiple
surveillance systems. Stat Med 2013;32:1206-22. DOI 10.1002/sim.5595.
Salmon M, Schumacher D, Hoehle M. Monitoring count time series in R. J Stat Softw 2016;70(10).
DOI 10.18637/jss.v070.i10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtr

from fangxian.science.detection import farrington_kernel as kernel
from fangxian.science.detection.count_quantiles import at_least, smallest_covering
from fangxian.science.detection.reference_points import ReferenceSteps, TimeAxis, reference_steps

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


class Threshold(StrEnum):
    """How the bound follows from the regression."""

    DELTA = "delta"  # normal after a power transformation (Farrington 1996)
    NEGATIVE_BINOMIAL = "nbPlugin"  # negative binomial quantile at the expected count (Noufaily 2013)
    NEGATIVE_BINOMIAL_UPPER_MEAN = "muan"  # the same at an upper limit of the expected count


class Power(StrEnum):
    """Which power of a count is taken for normal by `Threshold.DELTA`."""

    TWO_THIRDS = "2/3"
    HALF = "1/2"
    NONE = "none"


@dataclass(frozen=True)
class FarringtonOptions:
    """What the regression looks at and when it alarms; the defaults are those of R ``farringtonFlexible``.

    Parameters
    ----------
    years : int
        Years looked back, at least 1.
    half_window : int
        Steps on each side of the same day of a past year.
    seasons : int
        1 uses those windows only, more use the whole past with that many levels of season.
    guard : int, optional
        Steps just before the step that are left out; by default ``half_window``.
    reweight : bool
        Weigh past outbreaks down.
    weight_threshold : float
        Anscombe residual above which a past count is weighed down: 1 (1996) or 2.58 (2013).
    error_rate : float
        Chance of a false alarm a step, one-sided.
    trend : bool
        Whether a linear trend may be kept.
    trend_error_rate : float
        Level at which it must be significant; 1 keeps it always (2013).
    least_cases, least_cases_steps : int
        No decision unless that many cases were counted in that many steps, the last one included.
    power : Power
    threshold : Threshold
    pearson_errors : bool
        Scale standard errors by Pearson's dispersion, as both papers do. False scales them by the mean
        squared working residual, as R ``farringtonFlexible`` does, so that bounds agree with it.
    """

    years: int = 5
    half_window: int = 3
    seasons: int = 1
    guard: int | None = None
    reweight: bool = True
    weight_threshold: float = 2.58
    error_rate: float = 0.05
    trend: bool = True
    trend_error_rate: float = 0.05
    least_cases: float = 5
    least_cases_steps: int = 4
    power: Power = Power.TWO_THIRDS
    threshold: Threshold = Threshold.DELTA
    pearson_errors: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.error_rate < 1:
            raise ValueError(f"error_rate must lie between 0 and 1 (got {self.error_rate}); 0.05 is usual")
        for name, least in (("years", 1), ("half_window", 0), ("seasons", 1), ("least_cases_steps", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least} (got {getattr(self, name)})")
        if self.guard is not None and self.guard < 0:
            raise ValueError(f"guard must be at least 0 (got {self.guard}); 26 weeks are advised in 2013")

    @property
    def steps_left_out(self) -> int:
        """Return how many steps just before the step are no part of its past."""
        return self.half_window if self.guard is None else self.guard


class FarringtonResult(NamedTuple):
    """One row a judged step; arrays are [judged step, place], NaN where nothing could be decided.

    Attributes
    ----------
    step : int array [judged step]
    expected, upper : float arrays
        Expected count, and the bound above which a count is an alarm.
    alarm : bool array
        False where not decided.
    score : float array
        (count - expected) / (upper - expected) for `Threshold.DELTA`; for the others the normal score of the
        chance of the count or more, divided by the normal score of ``error_rate``. Alarms score above 1.
    probability : float array
        Chance of the count or a larger one, negative binomial at the expected count.
    dispersion, slope : float arrays
        Variance / mean; change of the log count a unit of time (a day, or a step), NaN without trend.
    """

    step: NDArray[np.int64]
    expected: FloatArray
    upper: FloatArray
    alarm: BoolArray
    score: FloatArray
    probability: FloatArray
    dispersion: FloatArray
    slope: FloatArray


def detect_farrington(
    counts: ArrayLike,
    axis: TimeAxis,
    options: FarringtonOptions | None = None,
    *,
    steps: Sequence[int] | None = None,
    population: ArrayLike | None = None,
) -> FarringtonResult:
    """Judge counts by what the same season of past years leads one to expect.

    Parameters
    ----------
    counts : array [time] or [time, place]
        Not negative; NaN is a missing count, which leaves the regression.
    axis : TimeAxis
        Where the steps stand in time.
    options : FarringtonOptions, optional
    steps : sequence of int, optional
        Steps to judge; by default all that have enough past.
    population : array [time] or [time, place], optional
        Positive; enters as an offset. NaN, or 0 with no case, takes the step for missing.

    Returns
    -------
    FarringtonResult

    Raises
    ------
    ValueError
        For negative counts, a population that is not positive, or a judged step without enough past.

    Notes
    -----
    A log-linear quasi-Poisson regression with trend and season is fitted to the reference steps; counts whose
    standardised Anscombe residual s exceeds the threshold get weight ``1 / s^2`` and it is fitted again. The
    trend is dropped unless it is significant, three years are looked back and the prediction does not exceed
    the largest reference count. With expected count mu, dispersion phi and standard error e of log mu, the
    bound is ``(mu^(2/3) + z sqrt(4/9 mu^(1/3) (phi + mu e^2)))^(3/2)`` or a negative binomial quantile.
    """
    chosen = options or FarringtonOptions()
    panel, offsets = _panel(counts, axis, population)
    judged = _judged(axis, chosen, steps)
    shape = (len(judged), panel.shape[1])
    names = ("expected", "upper", "score", "probability", "dispersion", "slope")
    found = {name: np.full(shape, np.nan) for name in names}
    alarm = np.zeros(shape, dtype=np.bool_)
    for row, (step, reference) in enumerate(judged):
        fields = _regress(panel, offsets, step, axis, reference, chosen)
        one = _decide(panel, step, fields, chosen)
        for name in names:
            found[name][row] = one[name]
        np.greater(panel[step], one["upper"], where=~np.isnan(one["upper"]), out=alarm[row])
    index = np.array([step for step, _ in judged], dtype=np.int64)
    if np.asarray(counts).ndim == 1:
        found = {name: array[:, 0] for name, array in found.items()}
        alarm = alarm[:, 0]
    return FarringtonResult(step=index, alarm=alarm, **found)


def _panel(counts: ArrayLike, axis: TimeAxis, population: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """Return counts [time, place] and the log population, without rows where there is none."""
    observed = np.asarray(counts, dtype=np.float64)
    panel = np.ascontiguousarray(observed[:, None] if observed.ndim == 1 else observed)
    if len(panel) != axis.steps:
        raise ValueError(f"counts must have one row a step of the axis: {axis.steps} (got {len(panel)})")
    if np.any(panel < 0):
        raise ValueError(
            f"counts must not be negative (got {np.nanmin(panel):g}); "
            "put a correction on the step that it corrects"
        )
    if population is None:
        return panel, np.empty((0, panel.shape[1]))
    people = np.asarray(population, dtype=np.float64)
    people = np.broadcast_to(people[:, None] if people.ndim == 1 else people, panel.shape)
    people = np.where((people == 0) & ~(panel > 0), np.nan, people)
    if np.any(people <= 0):
        raise ValueError(
            f"population must be positive (got {np.nanmin(people):g}); NaN where it is not known"
        )
    return np.where(np.isnan(people), np.nan, panel), np.log(people)


def _judged(
    axis: TimeAxis, options: FarringtonOptions, steps: Sequence[int] | None
) -> list[tuple[int, ReferenceSteps]]:
    """Return each judged step with its past."""
    found: list[tuple[int, ReferenceSteps]] = []
    for step in range(axis.steps) if steps is None else steps:
        past = reference_steps(
            axis,
            step,
            years=options.years,
            half_window=options.half_window,
            seasons=options.seasons,
            guard=options.steps_left_out,
        )
        if past is not None:
            found.append((step, past))
        elif steps is not None:
            raise ValueError(
                f"step {step} has not {options.years} years and {options.half_window} steps before it; "
                "look back fewer years or judge later steps"
            )
    return found


def _regress(
    panel: FloatArray,
    offsets: FloatArray,
    step: int,
    axis: TimeAxis,
    reference: ReferenceSteps,
    options: FarringtonOptions,
) -> FloatArray:
    """Return the fields of the fit [place, field]: with trend where it is kept, without it elsewhere."""
    time = axis.position
    past = kernel.Past(
        panel, offsets, step, reference.step, reference.season, time[reference.step] - time[step]
    )
    settings = kernel.Settings(
        options.reweight, options.weight_threshold, options.pearson_errors, options.seasons
    )
    found = np.full((panel.shape[1], kernel.FIELDS), np.nan)
    everywhere = np.ones(panel.shape[1], dtype=np.bool_)
    kept = np.zeros(panel.shape[1], dtype=np.bool_)
    if options.trend:
        kernel.regress_panel(past, settings, True, everywhere, found)
        kept = _trend_is_kept(found, options)
    if not kept.all():
        kernel.regress_panel(past, settings, False, ~kept, found)
    found[~kept, kernel.SLOPE] = np.nan
    return found


def _trend_is_kept(found: FloatArray, options: FarringtonOptions) -> BoolArray:
    """Return where the trend is significant, long enough and does not extrapolate beyond what was seen."""
    if options.years < 3:
        return np.zeros(len(found), dtype=np.bool_)
    with np.errstate(invalid="ignore", over="ignore"):
        chance = 2 * stdtr(found[:, kernel.FREEDOM], -found[:, kernel.SLOPE_SCORE])
        kept: BoolArray = (chance < options.trend_error_rate) & (
            np.exp(found[:, kernel.PREDICTOR]) <= found[:, kernel.LARGEST]
        )
    return kept


def _decide(
    panel: FloatArray, step: int, fields: FloatArray, options: FarringtonOptions
) -> dict[str, FloatArray]:
    """Return bound, score and probability of the counts of one step."""
    observed = panel[step]
    spreading = fields[:, kernel.DISPERSION]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        expected = np.exp(fields[:, kernel.PREDICTOR])
        upper = _bound(expected, fields[:, kernel.ERROR], spreading, options)
        recent = panel[max(step - options.least_cases_steps + 1, 0) : step + 1]
        enough = recent.sum(axis=0) >= options.least_cases
        upper = np.where(enough & np.isfinite(upper), upper, np.nan)
        score = (observed - expected) / (upper - expected)
        if options.threshold is not Threshold.DELTA:
            mean = _threshold_mean(expected, fields[:, kernel.ERROR], options)
            score = -_normal_score(_chance(observed, mean, spreading)) / float(ndtri(1 - options.error_rate))
            score = np.where(np.isnan(upper), np.nan, score)
    probability = _chance(observed, expected, spreading)
    return {
        "expected": expected,
        "upper": upper,
        "score": score,
        "probability": probability,
        "dispersion": spreading,
        "slope": fields[:, kernel.SLOPE],
    }


def _bound(
    expected: FloatArray, error: FloatArray, spreading: FloatArray, options: FarringtonOptions
) -> FloatArray:
    """Return the largest count that is no alarm [place]."""
    z = float(ndtri(1 - options.error_rate))
    if options.threshold is Threshold.DELTA:
        tau = spreading + expected * error**2
        if options.power is Power.TWO_THIRDS:
            root = expected ** (2 / 3) + z * np.sqrt(4 / 9 * expected ** (1 / 3) * tau)
            return np.maximum(root, 0.0) ** 1.5
        if options.power is Power.HALF:
            return np.maximum(np.sqrt(expected) + z * np.sqrt(tau / 4), 0.0) ** 2
        return np.maximum(expected + z * np.sqrt(expected * tau), 0.0)
    return smallest_covering(1 - options.error_rate, _threshold_mean(expected, error, options), spreading)


def _threshold_mean(expected: FloatArray, error: FloatArray, options: FarringtonOptions) -> FloatArray:
    """Return the mean of the negative binomial whose quantile is the bound [place]."""
    if options.threshold is Threshold.NEGATIVE_BINOMIAL_UPPER_MEAN:
        return expected * np.exp(float(ndtri(1 - options.error_rate)) * error)
    return expected


def _chance(observed: FloatArray, mean: FloatArray, spreading: FloatArray) -> FloatArray:
    """Return the chance of a count or more [place], NaN where count or mean is not known."""
    chance = np.full(len(observed), np.nan)
    known = ~np.isnan(observed) & np.isfinite(mean)
    chance[known] = at_least(observed[known], mean[known], spreading[known])
    return chance


def _normal_score(chance: FloatArray) -> FloatArray:
    score: FloatArray = ndtri(np.clip(chance, 1e-300, 1 - 1e-16))
    return score
