"""What past forecasts teach: the weight of each member, and how much wider the intervals should be."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.science.renewal.forecast.levels import LOG_OFFSET

FloatArray = NDArray[np.float64]

PREFERENCE = 8.0
"""Power of the past score in the weight of a member."""
RECENT_WEEKS = 26.0
"""Half-life of the weight of a past round."""
USUAL_SCORE = 0.9
"""Score of a member over that of persistence before any past score."""
DOUBT = 15.0
"""Past rounds times places that the usual score is worth beside the scores seen."""
COVERAGE_DOUBT = 20.0
"""Past rounds times places below which their coverage counts for less than half."""
HORIZON_ROUNDS = 26.0
"""Rounds times places that the score over all horizons is worth beside that of one horizon."""
PLACE_ROUNDS = 10.0
"""Rounds that the score over all places is worth beside that of one place."""
COVERAGES = (0.5, 0.8, 0.95)
"""Central intervals that are held to what they promise; those between are interpolated."""
LIMITS_OF_WIDENING = (0.5, 3.0)


class PastRounds(NamedTuple):
    """Earlier dates of the forecast, and what came after them.

    Attributes
    ----------
    truth : list of float arrays [horizon, place]
        In counts a week; NaN where nothing has come yet.
    ages : float array [round]
        Weeks since.
    scale : float array [horizon, place]
        Size of a place: its mean count, 1 at least.
    levels : float array [level]
        Of the quantiles.
    """

    truth: list[FloatArray]
    ages: FloatArray
    scale: FloatArray
    levels: FloatArray


def weigh_members(names: tuple[str, ...], replayed: list[FloatArray], past: PastRounds) -> FloatArray:
    """Weigh members by past scores over those of persistence.

    Parameters
    ----------
    names : tuple of str
        Of the members, persistence first.
    replayed : list of float arrays [member, horizon, place, level]
        Quantiles of each past round.
    past : PastRounds

    Returns
    -------
    float array [member, horizon, place]
        Sum 1 over members.
    """
    shape = (len(names), *past.scale.shape)
    cost, usual = np.zeros(shape), np.zeros(shape)
    for quantiles, came, age in zip(replayed, past.truth, past.ages, strict=True):
        over = ~np.isnan(came).all(axis=1)  # horizons of which something has come
        score = _scores(quantiles[:, over], past.levels, came[over]) / past.scale[over]
        known = ~(np.isnan(score) | np.isnan(score[0]))
        recency = 0.5 ** (age / RECENT_WEEKS)
        cost[:, over] += recency * np.where(known, score, 0.0)
        usual[:, over] += recency * np.where(known, score[0], 0.0)
    rounds = np.zeros(shape[1:])
    for came in past.truth:
        rounds += ~np.isnan(came)
    told = float(rounds.max(axis=0).sum())
    everywhere = _ratio(cost.sum(axis=(1, 2), keepdims=True), usual.sum(axis=(1, 2), keepdims=True), 1.0)
    of_horizon = _ratio(cost.sum(axis=2, keepdims=True), usual.sum(axis=2, keepdims=True), everywhere)
    ratio = _between(of_horizon, everywhere, rounds.sum(axis=1)[None, :, None], HORIZON_ROUNDS)
    ratio = _between(_ratio(cost, usual, ratio), ratio, rounds[None], PLACE_ROUNDS)
    assumed = np.where(np.array(names) == "persistence", 1.0, USUAL_SCORE)[:, None, None]
    ratio = _between(ratio, assumed, told, DOUBT)
    weights = (np.maximum(ratio, 1e-3) / np.maximum(ratio.min(axis=0), 1e-3)) ** -PREFERENCE
    return np.asarray(weights / weights.sum(axis=0), dtype=np.float64)


def widening_factors(replayed: list[FloatArray], past: PastRounds) -> FloatArray:
    """Return the factor that would have made each interval hold its share of past outcomes.

    Parameters
    ----------
    replayed : list of float arrays [horizon, place, level]
        Combined quantiles of each past round.
    past : PastRounds

    Returns
    -------
    float array [horizon, coverage]
        For the central intervals of ``COVERAGES``.
    """
    factor = np.ones((len(past.scale), len(COVERAGES)))
    if not replayed:
        return factor
    forecasts, came = np.log(np.stack(replayed) + LOG_OFFSET), np.log(np.stack(past.truth) + LOG_OFFSET)
    middle = len(past.levels) // 2
    recency = 0.5 ** (past.ages / RECENT_WEEKS)[:, None, None]
    weight = recency * np.sqrt(np.maximum(np.stack(replayed)[..., middle], 1.0) / past.scale)
    known = ~(np.isnan(came) | np.isnan(forecasts[..., middle]))
    if not known.any():
        return factor
    error = came - forecasts[..., middle]
    told = int(known.any(axis=1).sum())
    trust = told / (told + COVERAGE_DOUBT)
    for column, coverage in enumerate(COVERAGES):
        low = int(np.argmin(np.abs(past.levels - (1 - coverage) / 2)))
        half = np.where(
            error > 0,
            forecasts[..., len(past.levels) - 1 - low] - forecasts[..., middle],
            forecasts[..., middle] - forecasts[..., low],
        )
        needed = np.abs(error) / np.maximum(half, 1e-6)
        exact = _weighted_quantile(needed[known], weight[known], coverage)
        factor[:, column] = np.clip(exact, *LIMITS_OF_WIDENING) ** trust
    return factor


def widen(quantiles: FloatArray, factors: FloatArray, ceiling: FloatArray, levels: FloatArray) -> FloatArray:
    """Stretch quantiles about their median on the log scale.

    Parameters
    ----------
    quantiles : float array [horizon, place, level]
        In counts.
    factors : float array [horizon, coverage]
    ceiling : float array [horizon, place]
        Highest log level that is taken to be possible.
    levels : float array [level]

    Returns
    -------
    float array [horizon, place, level]
    """
    logs = np.log(quantiles + LOG_OFFSET)
    middle = logs[..., len(levels) // 2][..., None]
    central = np.abs(2 * levels - 1)
    factor = np.stack([np.interp(central, COVERAGES, row) for row in factors])[:, None, :]
    stretched = np.maximum.accumulate(middle + (logs - middle) * factor, axis=-1)
    possible = np.minimum(stretched, np.maximum(ceiling[..., None], middle))
    return np.maximum(np.exp(possible) - LOG_OFFSET, 0.0)


def combine(weights: FloatArray, quantiles: FloatArray) -> FloatArray:
    """Return the mean log quantiles of the members that were there; weights [member, horizon, place]."""
    there = ~np.isnan(quantiles).all(axis=(1, 2, 3))
    if not there.any():
        return np.full(quantiles.shape[1:], np.nan)
    share = weights[there] / weights[there].sum(axis=0)
    logs = np.einsum("mhp,mhpq->hpq", share, np.log(quantiles[there] + LOG_OFFSET))
    return np.asarray(np.exp(logs) - LOG_OFFSET, dtype=np.float64)


def _scores(quantiles: FloatArray, levels: FloatArray, came: FloatArray) -> FloatArray:
    """Return the weighted interval scores [member, horizon, place]: twice the mean pinball loss."""
    score = np.empty(quantiles.shape[:-1])
    for member, forecast in enumerate(quantiles):
        missed = came[..., None] - forecast
        score[member] = 2 * np.maximum(levels * missed, (levels - 1) * missed).mean(axis=-1)
    return score


def _ratio(cost: FloatArray, usual: FloatArray, otherwise: FloatArray | float) -> FloatArray:
    return np.where(usual > 0, cost / np.maximum(usual, 1e-300), otherwise)


def _between(own: FloatArray, shared: FloatArray, rounds: FloatArray | float, worth: float) -> FloatArray:
    """Return a mean of a ratio of few rounds and that of many, which counts as so many rounds."""
    return np.asarray((rounds * own + worth * shared) / (rounds + worth))


def _weighted_quantile(values: FloatArray, weight: FloatArray, level: float) -> float:
    order = np.argsort(values)
    below = np.cumsum(weight[order])
    return float(np.interp(level, (below - 0.5 * weight[order]) / below[-1], values[order]))
