"""Kernel: what a series of any length leads one to expect of its next counts, past outbreaks weighed down.

A log-linear quasi-Poisson regression with penalised season and trend: with a short past the penalty keeps
level alone, with a long one the data speak. Rows with a large positive Anscombe residual lose weight in
each round (Farrington CP et al. 1996, DOI 10.2307/2983331); the dispersion leaves out only what chance
can hardly do, so that it is not flattered by the weighing.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled
from fangxian.science.detection.dispersion_prior import GRID, add_log_likelihood, looked_at

FloatArray = NDArray[np.float64]

ROUNDS = 4  # of weighing down
STEPS = 12  # of reweighted least squares in each
CERTAIN = 4.0  # residual above which a count is no part of the dispersion: below it, chance does such things
PSEUDO_COUNT = 0.5  # Jeffreys' prior of a Poisson mean: a silent past is not a certain zero


class Baseline(NamedTuple):
    """The panel that is fitted, place first so that a series is read in one piece.

    Counts and offsets are [place, time], the design [time, column], penalties [column].
    """

    counts: FloatArray
    offset: FloatArray  # log of what part of a count is known to be in
    design: FloatArray
    penalty: FloatArray  # 1 / variance of each coefficient's prior
    age_weight: FloatArray  # [time] at lag 0, 1, ...: how much an old row counts


@compiled()
def _solve(matrix: FloatArray, vector: FloatArray) -> bool:
    """Factor a small positive matrix in place (lower Cholesky) and solve; False if it is not positive."""
    size = len(vector)
    for i in range(size):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            if i == j:
                if total <= 0:
                    return False
                matrix[i, i] = math.sqrt(total)
            else:
                matrix[i, j] = total / matrix[j, j]
    for i in range(size):
        for k in range(i):
            vector[i] -= matrix[i, k] * vector[k]
        vector[i] /= matrix[i, i]
    for i in range(size - 1, -1, -1):
        for k in range(i + 1, size):
            vector[i] -= matrix[k, i] * vector[k]
        vector[i] /= matrix[i, i]
    return True


@compiled()
def _mean(base: Baseline, row: int, place: int, beta: FloatArray) -> float:
    predictor = base.offset[place, row]
    for c in range(len(beta)):
        predictor += base.design[row, c] * beta[c]
    return math.exp(min(max(predictor, -30.0), 30.0))


@compiled()
def _accumulate(
    base: Baseline, place: int, weight: FloatArray, beta: FloatArray, right: FloatArray, factor: FloatArray
) -> None:
    """Fill score and information of the penalised quasi-likelihood at ``beta``."""
    columns = len(beta)
    factor[:, :] = 0.0
    right[:] = 0.0
    for row in range(len(weight)):
        if weight[row] <= 0:
            continue
        mean = _mean(base, row, place, beta)
        heavy = weight[row] * mean
        residual = weight[row] * (base.counts[place, row] - mean)
        for c in range(columns):
            right[c] += base.design[row, c] * residual
            for d in range(c + 1):
                factor[c, d] += heavy * base.design[row, c] * base.design[row, d]
    for c in range(columns):
        right[c] -= base.penalty[c] * beta[c]
        factor[c, c] += base.penalty[c]
    right[0] += PSEUDO_COUNT


@compiled()
def _regress(base: Baseline, place: int, weight: FloatArray, beta: FloatArray, factor: FloatArray) -> bool:
    """Fit the weighted rows; ``factor`` becomes the Cholesky factor of the information."""
    step = np.empty(len(beta))
    for _ in range(STEPS):
        _accumulate(base, place, weight, beta, step, factor)
        if not _solve(factor, step):
            return False
        largest = 0.0
        for c in range(len(beta)):
            move = min(max(step[c], -2.0), 2.0)
            beta[c] += move
            largest = max(largest, abs(move))
        if largest < 1e-3:  # Newton steps: the next would move it by a millionth
            break
    return True


@compiled()
def _weigh(
    base: Baseline, place: int, now: int, beta: FloatArray, setting: tuple[float, float], weight: FloatArray
) -> float:
    """Weigh rows by age and residual; return Pearson's dispersion, at least 1."""
    threshold, before = setting
    pearson, number = 0.0, 0.0
    for row in range(len(weight)):
        count = base.counts[place, row]
        if math.isnan(count):
            continue
        mean = _mean(base, row, place, beta)
        score = 0.0
        if count > mean:  # only counts above their mean lose weight
            power = mean ** (1 / 6)
            score = 1.5 * (count ** (2 / 3) / power - power * power * power) / math.sqrt(before)
        kept = 1.0 if score <= threshold else (threshold / score) ** 2
        weight[row] = kept * base.age_weight[now - row]
        spared = 1.0 if score <= CERTAIN else (CERTAIN / score) ** 2
        pearson += spared * base.age_weight[now - row] * (count - mean) ** 2 / mean
        number += spared * base.age_weight[now - row]
    return max(pearson / number, 1.0) if number > 0 else 1.0


@compiled()
def _start(base: Baseline, place: int, now: int, weight: FloatArray) -> float:
    """Weigh rows by age and return the log of their mean; NaN where no row is known."""
    total, known = 0.0, 0.0
    for row in range(len(weight)):
        if not math.isnan(base.counts[place, row]):
            weight[row] = base.age_weight[now - row]
            total += weight[row] * base.counts[place, row]
            known += weight[row] * math.exp(base.offset[place, row])
    return math.log((total + PSEUDO_COUNT) / known) if known > 0 else math.nan


@compiled()
def _variance(row: FloatArray, factor: FloatArray) -> float:
    """Return the variance of the log mean of a row of the design at dispersion 1."""
    columns, column, variance = len(row), row.copy(), 0.0
    for i in range(columns):
        for j in range(i):
            column[i] -= factor[i, j] * column[j]
        column[i] /= factor[i, i]
        variance += column[i] * column[i]
    return variance


@compiled()
def _told(
    base: Baseline,
    place: int,
    now: int,
    fitted: tuple[FloatArray, FloatArray, float, float],
    told: FloatArray,
) -> None:
    """Fill the log likelihood of each dispersion; what the coefficients have taken up is given back.

    ``fitted`` is the coefficients, the weights of the rows, the dispersion, and how many coefficients the
    data have paid for; where that is negative, half of them.
    """
    beta, weight, dispersion, paid = fitted
    first, last = looked_at(dispersion, GRID[0])
    told[:] = -math.inf
    inside, grid = told[first:last], GRID[:, first:last]
    inside[:] = 0.0
    rows = 0.0
    for row in range(len(weight)):
        counted = base.age_weight[now - row]
        if counted > 0 and not math.isnan(base.counts[place, row]):
            mean = _mean(base, row, place, beta)
            add_log_likelihood(base.counts[place, row], mean, counted, grid, inside)
            rows += counted
    taken = min(len(beta) / 2 if paid < 0 else paid, rows / 4)
    for g in range(len(inside)):
        inside[g] += taken / 2 * grid[1, g]


@compiled()
def expect(
    base: Baseline,
    place: int,
    now: int,
    setting: tuple[int, float],
    found: FloatArray,
    told: FloatArray,
) -> bool:
    """Predict rows now-len(found)+1..now of one place from its rows before now-guard.

    ``setting`` is the guard and the residual from which counts lose weight. ``found`` [3 or 4, row] is filled
    with the mean, the variance of the log mean at dispersion 1, the weight of the rows behind it and, where
    there is a fourth line, the variance of the log mean of all its rows together; ``told`` with the log
    likelihood of each dispersion. False where no row is known.
    """
    guard, threshold = setting
    columns = base.design.shape[1]
    beta, factor = np.zeros(columns), np.zeros((columns, columns))
    weight = np.zeros(max(now - guard, 0))
    beta[0] = _start(base, place, now, weight)
    if math.isnan(beta[0]):
        return False
    dispersion = 1.0
    for turn in range(ROUNDS + 1):
        if not _regress(base, place, weight, beta, factor):
            return False
        if turn < ROUNDS:
            dispersion = _weigh(base, place, now, beta, (threshold, dispersion), weight)
    width = found.shape[1]
    for k in range(width):
        found[0, width - 1 - k] = _mean(base, now - k, place, beta)
        found[1, width - 1 - k] = _variance(base.design[now - k], factor)
    found[2, :] = weight.sum()
    paid = -1.0
    if len(found) > 3:
        paid = 0.0
        for row in range(len(weight)):
            if weight[row] > 0:
                share = weight[row] * _mean(base, row, place, beta)
                paid += share * _variance(base.design[row], factor)
        together = np.zeros(columns)
        for k in range(width):
            together += base.design[now - k] / width
        found[3, :] = _variance(together, factor)
    _told(base, place, now, (beta, weight, dispersion, paid), told)
    return True


@compiled()
def expect_panel(
    base: Baseline, now: int, setting: tuple[int, float], found: FloatArray, told: FloatArray
) -> None:
    """Fill ``found`` [place, 3 or 4, row] and ``told`` [place, point]; NaN where nothing can be said."""
    for place in range(base.counts.shape[0]):
        if not expect(base, place, now, setting, found[place], told[place]):
            found[place] = np.nan
            told[place] = np.nan
