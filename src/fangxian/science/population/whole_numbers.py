"""Whole people from shares: rounding that keeps the sum."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

IntArray = NDArray[np.int64]


def largest_remainder(weights: ArrayLike, total: int) -> IntArray:
    """Divide a whole number by weights so that the parts sum to it and each misses its share by less than 1.

    Parameters
    ----------
    weights : array_like
        0 or more, at least one positive unless the total is 0.
    total : int
        0 or more.

    Returns
    -------
    int64 array
        In the order of the weights; equal remainders are served from the front.

    Raises
    ------
    ValueError
        If a weight is negative, or all are 0 and the total is not.
    """
    weight = np.asarray(weights, dtype=np.float64)
    if total < 0 or np.any(weight < 0) or (total > 0 and not weight.sum() > 0):
        raise ValueError(
            f"largest_remainder: weights must be 0 or more with a positive sum and the total 0 or more "
            f"(got sum {weight.sum():.6g}, least {weight.min(initial=0):.6g}, total {total})"
        )
    if total == 0:
        return np.zeros(len(weight), dtype=np.int64)
    exact = weight / weight.sum() * total
    whole: IntArray = np.floor(exact).astype(np.int64)
    missing = total - int(whole.sum())
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[:missing]] += 1
    return whole


def bend_to_mean(shares: ArrayLike, mean: float) -> NDArray[np.float64]:
    """Return the shares of sizes 1, 2, 3, ... nearest to the given ones that have this mean.

    Parameters
    ----------
    shares : array_like
        Shares of sizes 1, 2, 3, ...; they are scaled to sum to 1.
    mean : float
        Between the smallest and the largest size with a share.

    Returns
    -------
    float array
        ``shares * exp(t * size)`` scaled to sum to 1: of all shares with this mean, those that lose the least
        information (Kullback-Leibler).

    Raises
    ------
    ValueError
        If no bending reaches the mean.
    """
    share = np.asarray(shares, dtype=np.float64)
    size = np.arange(1, len(share) + 1)
    present = size[share > 0]
    if len(present) == 0 or not present[0] <= mean <= present[-1]:
        raise ValueError(
            f"bend_to_mean: the mean size must lie between the sizes that occur (got {mean:.4g}, "
            f"sizes {present[:1]} to {present[-1:]}); give shares of larger or smaller households"
        )
    if mean in (present[0], present[-1]):
        return np.where(size == mean, 1.0, 0.0)
    low, high = -50.0, 50.0
    bent = share
    for _ in range(200):
        middle = (low + high) / 2
        logarithm = np.log(np.where(share > 0, share, 1)) + middle * size
        bent = np.where(share > 0, np.exp(logarithm - logarithm[share > 0].max()), 0.0)
        bent = bent / bent.sum()
        if bent @ size < mean:
            low = middle
        else:
            high = middle
    return np.asarray(bent, dtype=np.float64)


def household_counts(shares: ArrayLike, households: int, people: int) -> IntArray:
    """Return how many households of 1, 2, 3, ... persons make exactly these households and people.

    Parameters
    ----------
    shares : array_like
        Of sizes 1, 2, 3, ...; bent to the mean size first.
    households, people : int
        To be met exactly.

    Returns
    -------
    int64 array
        Sums to ``households``; weighted by size, to ``people``.
    """
    if households == 0:
        return np.zeros(len(np.asarray(shares)), dtype=np.int64)
    counts = largest_remainder(bend_to_mean(shares, people / households), households)
    size = np.arange(1, len(counts) + 1)
    while (missing := people - int(counts @ size)) != 0:
        step = 1 if missing > 0 else -1
        movable = counts[:-1] if step > 0 else counts[1:]
        start = int(np.argmax(movable)) + (0 if step > 0 else 1)
        moved = min(abs(missing), int(counts[start]))
        counts[start] -= moved
        counts[start + step] += moved
    return counts
