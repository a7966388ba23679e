"""Compiled core of the smooth renewal model: posterior mode, evidence and covariance on an arrow matrix.

Unknown are a path ``f`` over time, held smooth by a random walk of order 1 or 2, and a few effects ``b``
(days of the week, jumps) that reach many days. The precision matrix of both is an arrow: banded in time,
with a border as wide as there are effects. Every solution costs time x border.

The observation of day t is negative binomial with ``log(mean) = base[t] + f[t] + columns[t] @ b`` and
variance ``mean + dispersion * mean**2``; NaN is a day without observation.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

FloatArray = NDArray[np.float64]

ROUNDS = 60
SMALL_STEP = 1e-4
LARGEST_LOG = 40.0


class Problem(NamedTuple):
    """What is observed, and how the unknowns enter its log mean.

    Attributes
    ----------
    observed, base : float arrays [time]
        Counts (NaN: none) and the known part of the log mean.
    columns : float array [time, effect]
        How each effect enters the log mean.
    precision : float array [effect]
        Prior precision of each effect; its mean is 0.
    shown : float array [effect]
        1 where the effect is part of the path that is reported (a jump), 0 where not (a day of the week).
    """

    observed: FloatArray
    base: FloatArray
    columns: FloatArray
    precision: FloatArray
    shown: FloatArray


class Walk(NamedTuple):
    """Prior of the path: a random walk of order 1 or 2, by the precision of its parts.

    ``pull`` is the precision with which every value is drawn to 0: it keeps a path on which nothing is
    observed from wandering off without bound.
    """

    order: int
    step: float
    first: float
    slope: float
    pull: float


@compiled(nogil=True)
def terms_of_counts(observed: FloatArray, dispersion: float) -> FloatArray:
    """Return the terms of the log likelihood without the mean: [time, 2], Poisson and negative binomial.

    The same at every step of a search for the mode, and the dearest part of it.
    """
    terms = np.zeros((len(observed), 2))
    size = 1.0 / dispersion if dispersion > 0.0 else 0.0
    of_size = math.lgamma(size) if dispersion > 0.0 else 0.0
    for day in range(len(observed)):
        count = observed[day]
        if math.isnan(count):
            continue
        terms[day, 0] = math.lgamma(count + 1)
        if dispersion > 0.0:
            terms[day, 1] = math.lgamma(count + size) - of_size - terms[day, 0]
    return terms


@compiled(nogil=True)
def log_likelihood(observed: FloatArray, log_mean: FloatArray, dispersion: float, terms: FloatArray) -> float:
    """Return the log likelihood of all observed days; ``terms`` are those of `terms_of_counts`."""
    total = 0.0
    for day in range(len(observed)):
        count = observed[day]
        if math.isnan(count):
            continue
        eta = min(max(log_mean[day], -LARGEST_LOG), LARGEST_LOG)
        mean = math.exp(eta)
        if dispersion * (mean + count) < 1e-9:
            total += count * eta - mean - terms[day, 0]
        else:
            size = 1.0 / dispersion
            total += (
                terms[day, 1] + count * (eta - math.log(size + mean)) - size * math.log1p(mean * dispersion)
            )
    return total


@compiled(nogil=True)
def _walk_gradient(path: FloatArray, walk: Walk) -> FloatArray:
    """Return the prior precision of the walk times the path, and (in the last entry) the quadratic form."""
    days, order, first, slope = len(path), walk.order, walk.first, walk.slope
    result = np.zeros(days + 1)
    result[0] += first * path[0]
    form = first * path[0] ** 2
    for day in range(days):
        result[day] += walk.pull * path[day]
        form += walk.pull * path[day] ** 2
    if order == 2 and days > 1:
        step = path[1] - path[0]
        result[1] += slope * step
        result[0] -= slope * step
        form += slope * step**2
    for day in range(order, days):
        if order == 1:
            step = path[day] - path[day - 1]
            result[day] += walk.step * step
            result[day - 1] -= walk.step * step
        else:
            step = path[day] - 2 * path[day - 1] + path[day - 2]
            result[day] += walk.step * step
            result[day - 1] -= 2 * walk.step * step
            result[day - 2] += walk.step * step
        form += walk.step * step**2
    result[days] = form
    return result


@compiled(nogil=True)
def walk_band(days: int, walk: Walk) -> FloatArray:
    """Return the prior precision of the walk: [time, 3], the diagonal and the two entries left of it."""
    band = np.zeros((days, 3))
    order, slope, step = walk.order, walk.slope, walk.step
    band[:, 0] += walk.pull
    band[0, 0] += walk.first
    if order == 2 and days > 1:
        band[0, 0] += slope
        band[1, 0] += slope
        band[1, 1] -= slope
    for day in range(order, days):
        if order == 1:
            band[day, 0] += step
            band[day - 1, 0] += step
            band[day, 1] -= step
        else:
            band[day, 0] += step
            band[day - 1, 0] += 4 * step
            band[day - 2, 0] += step
            band[day, 1] -= 2 * step
            band[day - 1, 1] -= 2 * step
            band[day, 2] += step
    return band


@compiled(nogil=True)
def _factor_band(band: FloatArray) -> float:
    """Replace a band by its Cholesky factor and return the log determinant of the matrix."""
    total = 0.0
    for day in range(len(band)):
        if day >= 2:
            band[day, 2] /= band[day - 2, 0]
        if day >= 1:
            before = band[day, 2] * band[day - 1, 1] if day >= 2 else 0.0
            band[day, 1] = (band[day, 1] - before) / band[day - 1, 0]
        pivot = band[day, 0] - band[day, 1] ** 2 - band[day, 2] ** 2
        band[day, 0] = math.sqrt(max(pivot, 1e-300))
        total += 2 * math.log(band[day, 0])
    return total


@compiled(nogil=True)
def solve_band(factor: FloatArray, right: FloatArray) -> None:
    """Solve in place for the columns of ``right`` [time, column], given the factor of the band."""
    days, columns = right.shape
    for day in range(days):
        for column in range(columns):
            value = right[day, column]
            if day >= 1:
                value -= factor[day, 1] * right[day - 1, column]
            if day >= 2:
                value -= factor[day, 2] * right[day - 2, column]
            right[day, column] = value / factor[day, 0]
    for day in range(days - 1, -1, -1):
        for column in range(columns):
            value = right[day, column]
            if day + 1 < days:
                value -= factor[day + 1, 1] * right[day + 1, column]
            if day + 2 < days:
                value -= factor[day + 2, 2] * right[day + 2, column]
            right[day, column] = value / factor[day, 0]


@compiled(nogil=True)
def product(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """Return matrix times vector; small ones need no library."""
    result = np.zeros(len(matrix))
    for row in range(len(matrix)):
        for column in range(len(vector)):
            result[row] += matrix[row, column] * vector[column]
    return result


@compiled(nogil=True)
def curvature(
    observed: FloatArray, log_mean: FloatArray, dispersion: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return first, negative second and third derivative of the log likelihood by the log mean."""
    days = len(observed)
    first, second, third = np.zeros(days), np.zeros(days), np.zeros(days)
    for day in range(days):
        count = observed[day]
        if math.isnan(count):
            continue
        mean = math.exp(min(max(log_mean[day], -LARGEST_LOG), LARGEST_LOG))
        scaled = 1.0 + dispersion * mean
        first[day] = (count - mean) / scaled
        second[day] = (1.0 + dispersion * count) * mean / scaled**2
        third[day] = -second[day] * (1.0 - dispersion * mean) / scaled
    return first, second, third


@compiled(nogil=True)
def log_mean_of(base: FloatArray, columns: FloatArray, state: FloatArray) -> FloatArray:
    """Return the log mean of each day at a state."""
    days = len(base)
    result = base + state[:days]
    for column in range(columns.shape[1]):
        effect = state[days + column]
        for day in range(days):
            result[day] += columns[day, column] * effect
    return result


@compiled(nogil=True)
def factor_arrow(
    second: FloatArray, columns: FloatArray, precision: FloatArray, band: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Factor the posterior precision.

    Returns
    -------
    factor : float array [time, 3]
        Of the block of the path.
    reach : float array [time, effect]
        The path's block solved for the border.
    border : float array [effect, effect]
        Posterior covariance of the effects.
    log_determinant : float
    """
    days, width = columns.shape
    factor = band.copy()
    for day in range(days):
        factor[day, 0] += second[day]
    log_determinant = _factor_band(factor)
    reach = np.empty((days, width))
    for day in range(days):
        for column in range(width):
            reach[day, column] = second[day] * columns[day, column]
    solve_band(factor, reach)
    schur = np.zeros((width, width))
    for left in range(width):
        for right in range(left + 1):
            value = precision[left] if left == right else 0.0
            for day in range(days):
                value += second[day] * columns[day, left] * (columns[day, right] - reach[day, right])
            schur[left, right] = value
            schur[right, left] = value
    border = np.zeros((width, width))
    if width > 0:
        lower = np.linalg.cholesky(schur)
        for column in range(width):
            log_determinant += 2 * math.log(lower[column, column])
        border = np.ascontiguousarray(np.linalg.inv(schur))
    return factor, reach, border, log_determinant


@compiled(nogil=True)
def _newton_step(
    problem: Problem,
    dispersion: float,
    here: tuple[FloatArray, FloatArray, FloatArray],
    band: FloatArray,
) -> tuple[FloatArray, float]:
    """Return the step to the maximum of the quadratic at (log mean, prior gradient, state)."""
    log_mean, prior, state = here
    columns, precision = problem.columns, problem.precision
    days, width = columns.shape
    first, second, _third = curvature(problem.observed, log_mean, dispersion)
    factor, reach, border, log_determinant = factor_arrow(second, columns, precision, band)
    right = np.empty((days, 1))
    for day in range(days):
        right[day, 0] = first[day] - prior[day]
    pull = np.empty(width)
    for column in range(width):
        pull[column] = -precision[column] * state[days + column]
        for day in range(days):
            pull[column] += columns[day, column] * first[day] - reach[day, column] * right[day, 0]
    solve_band(factor, right)
    step = np.empty(days + width)
    step[days:] = product(border, pull)
    for day in range(days):
        step[day] = right[day, 0]
        for column in range(width):
            step[day] -= reach[day, column] * step[days + column]
    return step, log_determinant


@compiled(nogil=True)
def find_mode(problem: Problem, walk: Walk, dispersion: float, state: FloatArray) -> float:
    """Move ``state`` to the posterior mode by Newton's method and return the Laplace log evidence.

    Parameters
    ----------
    problem : Problem
    walk : Walk
    dispersion : float
        Of the negative binomial; 0 is Poisson.
    state : float array [time + effect]
        Start, overwritten by the mode.

    Returns
    -------
    float
        Log evidence of the observed days.
    """
    observed, base, columns, precision = problem.observed, problem.base, problem.columns, problem.precision
    days, width = columns.shape
    band = walk_band(days, walk)
    log_mean = log_mean_of(base, columns, state)
    prior = _walk_gradient(state[:days], walk)
    form = prior[days] + np.sum(precision * state[days:] ** 2)
    terms = terms_of_counts(observed, dispersion)
    target = log_likelihood(observed, log_mean, dispersion, terms) - form / 2
    log_determinant = 0.0
    for _ in range(ROUNDS):
        step, log_determinant = _newton_step(problem, dispersion, (log_mean, prior, state), band)
        length = 1.0
        largest = np.max(np.abs(step))
        if largest > 3.0:
            length = 3.0 / largest
        while True:
            trial = state + length * step
            log_mean = log_mean_of(base, columns, trial)
            prior = _walk_gradient(trial[:days], walk)
            form = prior[days] + np.sum(precision * trial[days:] ** 2)
            new = log_likelihood(observed, log_mean, dispersion, terms) - form / 2
            if new >= target - 1e-9 * abs(target) - 1e-9 or length < 1e-6:
                break
            length /= 2
        state[:] = trial
        gain = new - target
        target = new
        if length == 1.0 and largest < SMALL_STEP:  # what is left is its square
            break
        if length * largest < 1e-8 or (abs(gain) < 1e-9 and largest < 1e-3):
            break
    prior_determinant = _factor_band(band)
    for column in range(width):
        prior_determinant += math.log(precision[column])
    return float(target + prior_determinant / 2 - log_determinant / 2)
