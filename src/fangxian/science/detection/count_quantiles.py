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
    excess = np.maximum(dispersion - 1, 1e-12)
    poisson = gammaincc(whole, expected)
    negative_binomial = betainc(expected / excess, whole, 1 / (1 + excess))
    found: FloatArray = np.where(dispersion > 1, negative_binomial, poisson)
    return np.where(count < 0, 0.0, found)


def at_least(count: FloatArray, mean: FloatArray, dispersion: FloatArray) -> FloatArray:
    """Return the probability of a count or more, without loss where it is tiny; arguments as `at_most`."""
    whole = np.maximum(np.ceil(count), 1.0)
    expected = np.maximum(mean, 1e-300)
    excess = np.maximum(dispersion - 1, 1e-12)
    poisson = gammainc(whole, expected)
    negative_binomial = betainc(whole, expected / excess, excess / (1 + excess))
    found: FloatArray = np.where(dispersion > 1, negative_binomial, poisson)
    return np.where(count <= 0, 1.0, found)


def smallest_covering(probability: float, mean: FloatArray, dispersion: FloatArray) -> FloatArray:
    """Return the smallest whole count whose distribution function reaches a probability.

    NaN stays NaN; a mean beyond 1e15 has no exact count and gives infinity.
    """
    expected = np.asarray(mean, dtype=float)
    spread = np.broadcast_to(np.asarray(dispersion, dtype=float), expected.shape)
    known = np.isfinite(expected) & (expected < 1e15)
    centre = np.where(known, expected, 0.0)
    deviation = np.sqrt(centre * np.maximum(np.where(known, spread, 1.0), 1.0))
    z = abs(float(ndtri(probability)))
    high = np.ceil(
        centre + (z + 1) * deviation + (z * z + 10) * np.maximum(np.where(known, spread, 1.0), 1.0)
    )
    while True:
        short = known & (at_most(high, centre, spread) < probability)
        if not short.any():
            break
        high = np.where(short, high * 2, high)
    low = np.full(expected.shape, -1.0)
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        reached = at_most(middle, centre, spread) >= probability
        high = np.where(reached, middle, high)
        low = np.where(reached, low, middle)
    return np.where(known, high, np.where(np.isnan(expected), np.nan, np.inf))
