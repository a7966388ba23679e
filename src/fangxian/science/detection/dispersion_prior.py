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

_LOWEST = 0.05  # phi - 1 below which a series is as good as Poisson
_RATIO = 1.6  # of neighbours on the grid of phi - 1
_POINTS = 46  # up to 10^8, the dispersion of counts of that size that are merely proportional
_USUAL_EXCESS, _USUAL_SPREAD = 0.4, 1.0  # median of phi - 1 in general, and its spread on the log scale
_POISSON_SHARE = 0.2
_PRIOR_SERIES = 10.0  # for how many series of the panel the general prior stands
_ROUNDS = 150  # of EM: stopped before it breaks up into points
_SETTLED = 1e-7
_OUTBREAK_SHARE = 0.01  # of past counts that belong to an outbreak
_OUTBREAK_RISE = 3.0  # the mean of such a count, over that without outbreak
_ALWAYS_LOOKED_AT, _TIMES_OFF = 16.0, 12.0  # dispersions up to there, or so many times off Pearson's


def _grid() -> FloatArray:
    excess = _LOWEST * _RATIO ** np.arange(_POINTS - 1, dtype=np.float64)
    phi = np.concatenate([np.ones(1), 1 + excess])
    log_odds = np.log(np.maximum(phi - 1, 1e-300)) - np.log(phi)
    return np.ascontiguousarray(np.stack([phi, np.log(phi), log_odds]))


def _general_prior() -> FloatArray:
    """Return a log t distribution of three degrees of freedom, and a share of Poisson series."""
    weight = np.zeros(_POINTS)
    z = np.log((GRID[0, 1:] - 1) / _USUAL_EXCESS) / _USUAL_SPREAD
    weight[1:] = (1 + z * z / 3) ** -2
    weight *= (1 - _POISSON_SHARE) / weight.sum()
    weight[0] = _POISSON_SHARE
    return weight


GRID: FloatArray = _grid()
"""Dispersions phi from 1 on, their logs, and log (phi - 1) / phi: [3, point]."""
PRIOR: FloatArray = _general_prior()
"""What is believed of a dispersion before any data, [point]."""


@compiled()
def _log_rising(size: float, count: float) -> float:
    """Return log of gamma(size + count) / gamma(size): a product, Stirling's series, or the plain way."""
    if count <= 8 and count == math.floor(count):
        product = 1.0
        for step in range(int(count)):
            product *= size + step
        return math.log(product)
    if size < 8:
        return math.lgamma(size + count) - math.lgamma(size)
    end = size + count
    series = (end - 0.5) * math.log(end) - (size - 0.5) * math.log(size) - count
    return series + (1 / end - 1 / size) / 12 - (1 / end**3 - 1 / size**3) / 360


@compiled()
def looked_at(dispersion: float, phi: FloatArray) -> tuple[int, int]:
    """Return the first point of the grid and that after the last which a series may have, by Pearson's."""
    first, last = 0, len(phi)
    while last > 1 and phi[last - 1] > max(_ALWAYS_LOOKED_AT, _TIMES_OFF * dispersion):
        last -= 1
    while first < last - 1 and phi[first] < dispersion / _TIMES_OFF:
        first += 1
    return first, last


@compiled()
def add_log_likelihood(count: float, mean: float, weight: float, grid: FloatArray, found: FloatArray) -> None:
    """Add the log likelihood of one count at each dispersion; ``grid`` is a part of `GRID`."""
    rise = _OUTBREAK_RISE * (mean + 1)
    outbreak = math.log(_OUTBREAK_SHARE / (1 + rise)) + count * math.log(rise / (1 + rise))
    if count <= mean:
        outbreak = -math.inf
    ways = math.lgamma(count + 1)
    for g in range(len(found)):
        phi = grid[0, g]
        if phi <= 1:
            told = count * math.log(mean) - mean - ways
        else:
            size = mean / (phi - 1)
            told = _log_rising(size, count) - ways - size * grid[1, g] + count * grid[2, g]
        found[g] += weight * max(told, outbreak)


@compiled()
def _possible(likelihood: FloatArray, known: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the first point that any known place may have, and that after the last."""
    places, size = likelihood.shape
    first, last = size, 0
    for place in range(places):
        if known[place]:
            for g in range(size):
                if likelihood[place, g] > 0:
                    first, last = min(first, g), max(last, g + 1)
    return min(first, last), last


@compiled()
def _mixture(likelihood: FloatArray, known: NDArray[np.bool_], prior: FloatArray) -> FloatArray:
    """Return the mixture of dispersions that best explains the known places."""
    places, size = likelihood.shape
    first, last = _possible(likelihood, known)
    mixture, gathered = prior.copy(), np.empty(size)
    for _ in range(_ROUNDS):
        gathered[:] = _PRIOR_SERIES * prior
        for place in range(places):
            if known[place]:
                total = 0.0
                for g in range(first, last):
                    total += mixture[g] * likelihood[place, g]
                for g in range(first, last):
                    gathered[g] += mixture[g] * likelihood[place, g] / total
        gathered /= gathered.sum()
        moved = np.abs(gathered - mixture).max()
        mixture[:] = gathered
        if moved < _SETTLED:
            break
    return mixture


@compiled()
def learn_weights(told: FloatArray, prior: FloatArray, weights: FloatArray) -> None:
    """Fill how probable each dispersion is for each place: [place, point], rows sum to 1.

    ``told`` [place, point] is the log likelihood, minus infinity where it was not looked at, NaN for a place
    of which nothing is known: it keeps the prior that the others teach.
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
