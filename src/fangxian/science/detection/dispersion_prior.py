"""How spread out the counts of each series may be, by what the whole panel shows: empirical Bayes.

The rarest chances come from series that are more spread out than they have shown. So each series keeps a
distribution over a grid of dispersions phi (variance / mean): its likelihood is that of its past counts,
negative binomial or, with a small chance, of an outbreak; its prior is the mixture that best explains all
series of the panel, drawn towards a general one where the panel is small.

Efron B. Large-scale inference, 2010, chapter 1. DOI 10.1017/CBO9780511761362 (mixtures learned by EM);
Smyth GK. Stat Appl Genet Mol Biol 2004;3:3. DOI 10.2202/1544-6115.1027 (dispersions of a panel).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

FloatArray = NDArray[np.float64]

_RATIO = 1.6  # of neighbours on the grid of phi - 1
_LOWEST = 0.05  # below it a series is as good as Poisson
_FEWEST = 13  # points: up to phi = 15
_USUAL_EXCESS, _USUAL_SPREAD = 0.4, 1.3  # median of phi - 1 in general, and its deviation on the log scale
_POISSON_SHARE = 0.2
_PRIOR_SERIES = 10.0  # for how many series of the panel the general prior stands
_ROUNDS = 150  # of EM: stopped before it breaks up into points
_OUTBREAK_SHARE = 0.01  # of past counts that belong to an outbreak
_OUTBREAK_RISE = 3.0  # the mean of such a count, over that without outbreak


def dispersion_grid(counts: FloatArray) -> FloatArray:
    """Return dispersions from 1 up to well beyond that of any series.

    Parameters
    ----------
    counts : float array [place, time]
        NaN is missing.

    Returns
    -------
    float array [grid]
    """
    known = ~np.isnan(counts)
    number = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, counts, 0.0).sum(axis=1) / number
    square = np.where(known, (counts - mean[:, None]) ** 2, 0.0).sum(axis=1) / number
    reach = float(np.max(square / np.maximum(mean, 0.1), initial=_LOWEST))
    needed = 2 + math.ceil(math.log(max(2 * reach, _LOWEST) / _LOWEST) / math.log(_RATIO))
    excess = _LOWEST * _RATIO ** np.arange(max(needed, _FEWEST), dtype=np.float64)
    return np.concatenate([np.ones(1), 1 + excess])


def general_prior(grid: FloatArray) -> FloatArray:
    """Return what is believed of a dispersion before any data, [grid]."""
    excess = np.maximum(grid - 1, _LOWEST / _RATIO)
    weight = np.exp(-0.5 * (np.log(excess / _USUAL_EXCESS) / _USUAL_SPREAD) ** 2)
    weight[0] = 0.0
    weight *= (1 - _POISSON_SHARE) / weight.sum()
    weight[0] = _POISSON_SHARE
    return np.asarray(weight)


@compiled()
def _log_rising(size: float, count: float) -> float:
    """Return log of gamma(size + count) / gamma(size)."""
    if count <= 8 and count == math.floor(count):
        product = 1.0
        for step in range(int(count)):
            product *= size + step
        return math.log(product)
    return math.lgamma(size + count) - math.lgamma(size)


@compiled()
def add_log_likelihood(
    count: float, mean: float, weight: float, grid: tuple[FloatArray, FloatArray], found: FloatArray
) -> None:
    """Add the log likelihood of one count at each dispersion; ``grid`` holds phi and log phi."""
    phi, log_phi = grid
    rise = _OUTBREAK_RISE * (mean + 1)
    outbreak = math.log(_OUTBREAK_SHARE / (1 + rise)) + count * math.log(rise / (1 + rise))
    if count <= mean:
        outbreak = -math.inf
    ways, log_mean = math.lgamma(count + 1), math.log(mean)
    for g in range(len(phi)):
        if phi[g] <= 1:
            told = count * log_mean - mean - ways
        else:
            size = mean / (phi[g] - 1)
            told = _log_rising(size, count) - ways - size * log_phi[g]
            told += count * (math.log(phi[g] - 1) - log_phi[g])
        found[g] += weight * max(told, outbreak)


@compiled()
def _mixture(likelihood: FloatArray, known: NDArray[np.bool_], prior: FloatArray) -> FloatArray:
    """Return the mixture of dispersions that best explains the known places."""
    places, size = likelihood.shape
    mixture, gathered = prior.copy(), np.empty(size)
    for _ in range(_ROUNDS):
        gathered[:] = _PRIOR_SERIES * prior
        for place in range(places):
            if known[place]:
                total = 0.0
                for g in range(size):
                    total += mixture[g] * likelihood[place, g]
                for g in range(size):
                    gathered[g] += mixture[g] * likelihood[place, g] / total
        mixture[:] = gathered / gathered.sum()
    return mixture


@compiled()
def learn_weights(told: FloatArray, prior: FloatArray, weights: FloatArray) -> None:
    """Fill how probable each dispersion is for each place: [place, grid], rows sum to 1.

    ``told`` [place, grid] is the log likelihood, NaN for a place of which nothing is known: it keeps the
    prior that the others teach.
    """
    places, size = told.shape
    known = ~np.isnan(told[:, 0])
    for place in range(places):
        best = told[place].max()
        for g in range(size):
            weights[place, g] = math.exp(told[place, g] - best) if known[place] else 1.0
    mixture = _mixture(weights, known, prior)
    for place in range(places):
        for g in range(size):
            weights[place, g] *= mixture[g]
        weights[place] /= weights[place].sum()
