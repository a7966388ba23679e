"""Kernels: a log-linear quasi-Poisson regression with one intercept a season and one slope.

The linear predictor is ``offset + level[season] + slope x (time - centre)``. With separate intercepts and
one slope the normal equations are an arrow: they are solved in one pass, without a matrix. Fitting is
iteratively reweighted least squares as in McCullagh P, Nelder JA. Generalized Linear Models, 2nd ed. 1989,
section 2.5, with the usual start (count + 0.1) and stop (relative change of the deviance below 1e-8).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

STEPS = 25
TOLERANCE = 1e-8


class Rows(NamedTuple):
    """What is regressed; arrays are [row]."""

    observed: FloatArray
    season: IntArray
    time: FloatArray
    offset: FloatArray
    prior: FloatArray


class Room(NamedTuple):
    """What a fit fills: means [row], weights and responses [2, row], sums by season [3, season]."""

    mean: FloatArray
    work: FloatArray
    sums: FloatArray


@compiled()
def sum_by_season(rows: Rows, room: Room) -> tuple[float, float]:
    """Fill the weighted sums of each season and return slope and the spread of time that carries it.

    The room's ``work`` holds [weight, response]; its ``sums`` become [weight, mean time, mean response].
    """
    season, time, work, sums = rows.season, rows.time, room.work, room.sums
    sums[:] = 0.0
    for row in range(len(season)):
        k = season[row]
        sums[0, k] += work[0, row]
        sums[1, k] += work[0, row] * time[row]
        sums[2, k] += work[0, row] * work[1, row]
    for k in range(sums.shape[1]):
        if sums[0, k] > 0:
            sums[1, k] /= sums[0, k]
            sums[2, k] /= sums[0, k]
    spread, product = 0.0, 0.0
    for row in range(len(season)):
        k = season[row]
        distance = time[row] - sums[1, k]
        spread += work[0, row] * distance * distance
        product += work[0, row] * distance * (work[1, row] - sums[2, k])
    return (product / spread if spread > 0 else 0.0), spread


@compiled()
def fit(rows: Rows, trend: bool, room: Room) -> tuple[bool, float, float]:
    """Fit one series and fill the room.

    Returns
    -------
    tuple
        Whether it converged, the slope, and the spread of time (the inverse of the slope's variance at
        dispersion 1). ``work[0]`` keeps the weights of the last step, ``sums`` its weights, times and levels.
    """
    count, season, time, offset, prior = rows
    mean, work, sums = room
    for row in range(len(count)):
        mean[row] = count[row] + 0.1
        work[1, row] = math.log(mean[row]) - offset[row]
    slope, spread, before = 0.0, 0.0, math.inf
    for _ in range(STEPS):
        for row in range(len(count)):
            work[0, row] = prior[row] * mean[row]
            work[1, row] += (count[row] - mean[row]) / mean[row]
        slope, spread = sum_by_season(rows, room)
        if not trend:
            slope, spread = 0.0, 0.0
        deviance = 0.0
        for row in range(len(count)):
            k = season[row]
            predictor = sums[2, k] + slope * (time[row] - sums[1, k])
            work[1, row] = predictor
            mean[row] = max(math.exp(min(predictor + offset[row], 700.0)), 2.3e-16)
            term = mean[row] - count[row]
            if count[row] > 0:
                term += count[row] * math.log(count[row] / mean[row])
            deviance += 2 * prior[row] * term
        if not math.isfinite(deviance):
            return False, slope, spread
        if abs(deviance - before) / (abs(deviance) + 0.1) < TOLERANCE:
            return True, slope, spread
        before = deviance
    return False, slope, spread


@compiled()
def dispersion(rows: Rows, room: Room, freedom: int) -> float:
    """Return Pearson's estimate of the dispersion of the fit that filled the room."""
    if freedom <= 0:
        return math.nan
    total = 0.0
    for row in range(len(rows.observed)):
        residual = (rows.observed[row] - room.mean[row]) / room.mean[row]
        total += room.work[0, row] * residual * residual
    return total / freedom


@compiled()
def downweight(rows: Rows, room: Room, spread: float, spreading: float, threshold: float) -> None:
    """Fill the prior weights: they fall with the squared Anscombe residual above a threshold.

    ``spread`` is the spread of time of the fit, ``spreading`` its dispersion. Farrington 1996, section 3.6.
    """
    count, season, time, _, prior = rows
    mean, work, sums = room
    total = 0.0
    for row in range(len(count)):
        k = season[row]
        leverage = 1 / sums[0, k] if sums[0, k] > 0 else 0.0
        if spread > 0:
            distance = time[row] - sums[1, k]
            leverage += distance * distance / spread
        leverage *= work[0, row]
        power = mean[row] ** (1 / 6)
        residual = 1.5 * (count[row] ** (2 / 3) / power - power * power * power)
        residual /= math.sqrt(spreading * max(1 - leverage, 1e-12))
        prior[row] = 1.0 if residual <= threshold else 1 / (residual * residual)
        total += prior[row]
    for row in range(len(count)):
        prior[row] *= len(count) / total


@compiled()
def prediction_dispersion(rows: Rows, room: Room, freedom: int) -> float:
    """Return the mean squared working residual, by which R surveillance scales its standard errors.

    It is the dispersion divided by the mean: smaller than Pearson's estimate where the mean exceeds 1.
    """
    if freedom <= 0:
        return math.nan
    total = 0.0
    for row in range(len(rows.observed)):
        residual = (rows.observed[row] - room.mean[row]) / room.mean[row]
        total += rows.prior[row] * residual * residual
    return total / freedom
