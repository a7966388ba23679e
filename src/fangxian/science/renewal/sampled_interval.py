"""The uncertain serial interval by simulation, draw for draw as EpiEstim does it under ``set.seed``.

Pairs of mean and standard deviation are drawn in turn, each again until it lies between its ends; then, pair
by pair and window by window, reproduction numbers are drawn from the posterior (Cori et al. 2013, DOI
10.1093/aje/kwt133, web appendix 4). The result has the error of simulation: use it to repeat a published
figure, and :func:`estimate_with_uncertain_interval`, to which it tends, for anything else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fangxian.base.compiled import compiled
from fangxian.science.renewal.cori import (
    FloatArray,
    GammaPrior,
    ReproductionNumber,
    checked_incidence,
)
from fangxian.science.renewal.reference_stream import State, draw_gamma, draw_normal, reference_state
from fangxian.science.renewal.uncertain_interval import (
    TruncatedNormal,
    UncertainInterval,
    posteriors_of_pairs,
)

MOST_TRIES = 1_000_000


@dataclass(frozen=True)
class IntervalDraws:
    """How many draws, and from which stream.

    Parameters
    ----------
    pairs : int
        Pairs of mean and standard deviation; ``n1`` of EpiEstim.
    each : int
        Reproduction numbers a window for each pair; ``n2`` of EpiEstim.
    seed : int
        As in R's ``set.seed``.
    """

    pairs: int = 500
    each: int = 50
    seed: int = 1

    def __post_init__(self) -> None:
        if self.pairs < 1 or self.each < 1 or self.pairs * self.each < 2:
            raise ValueError(
                "IntervalDraws: a standard deviation needs two draws or more "
                f"(got {self.pairs} pairs of {self.each}); EpiEstim takes 500 pairs of 50"
            )


def sample_with_uncertain_interval(
    incidence: ArrayLike,
    interval: UncertainInterval,
    draws: IntervalDraws,
    *,
    window_days: int = 7,
    prior: GammaPrior | None = None,
    probabilities: tuple[float, ...] = (0.025, 0.5, 0.975),
) -> ReproductionNumber:
    """Estimate the reproduction number in every window from draws of EpiEstim's stream.

    Parameters
    ----------
    incidence : array [time]
        New cases a day; NaN is a missing day. Windows that it silences are drawn in no pair.
    interval : UncertainInterval
    draws : IntervalDraws
    window_days, prior, probabilities
        As in :func:`estimate_reproduction_number`.

    Returns
    -------
    ReproductionNumber
        Mean, standard deviation and quantiles of the draws. A pair whose mean interval has not passed by the
        end of a window has no part in it.

    Raises
    ------
    ValueError
        On wrong input, or where the normals hardly ever fall between their ends.
    """
    series = checked_incidence(incidence)
    state = reference_state(draws.seed)
    pairs = np.array(
        [
            [_drawn(state, interval.mean_days), _drawn(state, interval.standard_deviation_days)]
            for _ in range(draws.pairs)
        ]
    )
    sample: list[FloatArray] = []
    for one in posteriors_of_pairs(series, pairs, window_days, prior):
        drawn = _posterior_draws(state, one.shape, one.scale, draws.each)
        drawn[:, ~one.passed] = np.nan
        sample.append(drawn)
    return _summary(one.windows, np.concatenate(sample), probabilities)


def _summary(
    windows: ReproductionNumber, drawn: FloatArray, probabilities: tuple[float, ...]
) -> ReproductionNumber:
    """Return moments and quantiles of draws [draw, window]; NaN where a window has less than two."""
    result = np.full((drawn.shape[1], 2 + len(probabilities)), np.nan)
    for column, values in enumerate(drawn.T):
        known = values[~np.isnan(values)]
        if len(known) > 1:
            result[column] = [known.mean(), known.std(ddof=1), *np.quantile(known, probabilities)]
    return windows._replace(
        mean=result[:, 0],
        standard_deviation=result[:, 1],
        quantiles=result[:, 2:],
        probabilities=probabilities,
    )


def _drawn(state: State, normal: TruncatedNormal) -> float:
    value = _between(state, normal.mean, normal.standard_deviation, (normal.least, normal.most))
    if np.isnan(value):
        raise ValueError(
            f"a normal of {normal.mean:g} with standard deviation {normal.standard_deviation:g} hardly ever "
            f"falls between {normal.least:g} and {normal.most:g}; set the ends on both sides of its mean"
        )
    return value


@compiled(nogil=True)
def _between(state: State, mean: float, deviation: float, ends: tuple[float, float]) -> float:
    """Return the first normal between the ends, NaN where a million tries find none."""
    for _ in range(MOST_TRIES):
        value = mean + deviation * draw_normal(state)
        if ends[0] <= value <= ends[1]:
            return value
    return np.nan


@compiled(nogil=True)
def _posterior_draws(state: State, shape: FloatArray, scale: FloatArray, each: int) -> FloatArray:
    """Return gamma draws [draw, window], window after window; none where a window is not estimated."""
    drawn = np.full((each, len(shape)), np.nan)
    for window in range(len(shape)):
        if not np.isnan(shape[window]):
            for row in range(each):
                drawn[row, window] = draw_gamma(state, shape[window], scale[window])
    return drawn
