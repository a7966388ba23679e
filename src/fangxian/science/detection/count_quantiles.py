"""Quantiles and tail probabilities of Poisson and negative binomial counts, for arrays of any mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammainc, gammaincc, ndtri

FloatArray = NDArray[np.float64]


def at_most(count: FloatArray, mean: FloatArray, dispersion: FloatArray) -> FloatArray:
    """Return the probability of a count or fewer.

    Parameters
    ----------
    count, mean, dispersion : float arrays of one shape
        ``dispersion`` is variance / mean; 1 or less is Poisson, more is negative binomial with size
        mean / (dispersion - 1). A count below 0 has probability 0.
    """
    whole = np.floor(np.maximum(count, 0.0)) + 1
    expected = np.maximum(mean, 1e-300)
    found = np.empty(np.shape(whole))
    spread = (
        np.broadcast_to(dispersion, found.shape) > 1
    )  # each of the two functions only where it is asked for
    if spread.any():
        size, excess = _size(expected[spread], dispersion[spread])
        found[spread] = betainc(size, whole[spread], 1 / (1 + excess))
    if not spread.all():
        found[~spread] = gammaincc(whole[~spread], expected[~spread])
    return np.where(count < 0, 0.0, found)


def _size(mean: FloatArray, dispersion: FloatArray) -> tuple[FloatArray, FloatArray]:
    excess = np.maximum(dispersion - 1, 1e-12)
    return mean / excess, excess


def at_least(count: FloatArray, mean: FloatArray, dispersion: FloatArray) -> FloatArray:
    """Return the probability of a count or more, without loss where it is tiny; arguments as `at_most`."""
    whole = np.maximum(np.ceil(count), 1.0)
    expected = np.maximum(mean, 1e-300)
    found = np.empty(np.shape(whole))
    spread = np.broadcast_to(dispersion, found.shape) > 1
    if spread.any():
        size, excess = _size(expected[spread], dispersion[spread])
        found[spread] = betainc(whole[spread], size, excess / (1 + excess))
    if not spread.all():
        found[~spread] = gammainc(whole[~spread], expected[~spread])
    return np.where(count <= 0, 1.0, found)


def smallest_covering(
    probability: float | FloatArray, mean: FloatArray, dispersion: FloatArray
) -> FloatArray:
    """Return the smallest whole count whose distribution function reaches a probability, or one for each.

    NaN stays NaN; a mean beyond 1e15 has no exact count and gives infinity.
    """
    expected = np.asarray(mean, dtype=float)
    spread = np.broadcast_to(np.asarray(dispersion, dtype=float), expected.shape)
    known = np.isfinite(expected) & (expected < 1e15)
    found = np.where(np.isnan(expected), np.nan, np.inf)
    if known.any():
        level = np.broadcast_to(np.asarray(probability, dtype=float), expected.shape)
        found[known] = _covering(level[known], expected[known], np.maximum(spread[known], 1.0))
    return found


def _covering(probability: FloatArray, mean: FloatArray, dispersion: FloatArray) -> FloatArray:
    """Bracket each quantile from a guess by strides that double, then halve the bracket."""
    deviation, z = np.sqrt(mean * dispersion), ndtri(probability)
    skew = (2 * dispersion - 1) / np.maximum(deviation, 1e-9)
    guess = np.maximum(np.floor(mean + z * deviation + (z * z - 1) / 6 * skew * deviation), 0.0)
    low, high = np.full(mean.shape, -1.0), np.full(mean.shape, np.inf)
    stride, looked = np.maximum(np.ceil(deviation / 8), 1.0), guess
    open_ = np.arange(len(mean))
    while len(open_):
        reached = at_most(looked[open_], mean[open_], dispersion[open_]) >= probability[open_]
        high[open_[reached]] = looked[open_[reached]]
        low[open_[~reached]] = looked[open_[~reached]]
        open_ = open_[high[open_] - low[open_] > 1]
        unbounded = np.isinf(high[open_])
        halved = np.floor((low[open_] + high[open_]) / 2)
        up, down = low[open_] + stride[open_], high[open_] - stride[open_]
        inside = np.where(down > low[open_], down, halved)
        looked[open_] = np.where(unbounded, up, np.where(low[open_] < 0, inside, halved))
        stride[open_] *= 2
    return high
