"""Kernel: what a series leads one to expect of its next counts, whatever its length, past outbreaks weighed down.

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

FloatArray = NDArray[np.float64]

ROUNDS = 4  # of weighing down
STEPS = 12  # of reweighted least squares in each
CERTAIN = 4.0  # residual above which a count is no part of the dispersion: below it, chance does such things
PSEUDO_COUNT = 0.5  # Jeffreys' prior of a Poisson mean: a silent past is not a certain zero


class Baseline(NamedTuple):
    """The panel that is fitted: counts and offsets [time, place], columns [time, column], penalties [column]."""

    counts: FloatArray
    offset: FloatArray  # log of what part of a count is known to be in, [time, place]
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
def _regress(
    base: Baseline, place: int, last: int, weight: FloatArray, beta: FloatArray, factor: FloatArray
) -> bool:
    """Fit rows 0..last-1 with given weights; ``factor`` becomes the Cholesky factor of the information."""
    columns = len(beta)
    right = np.empty(columns)
    step = np.empty(columns)
    for _ in range(STEPS):
        factor[:, :] = 0.0
        right[:] = 0.0
        for row in range(last):
            if weight[row] <= 0:
                continue
            predictor = base.offset[row, place]
            for c in range(columns):
                predictor += base.design[row, c] * beta[c]
            mean = math.exp(min(max(predictor, -30.0), 30.0))
            heavy = weight[row] * mean
            residual = weight[row] * (base.counts[row, place] - mean)
            for c in range(columns):
                right[c] += base.design[row, c] * residual
                for d in range(c + 1):
                    factor[c, d] += heavy * base.design[row, c] * base.design[row, d]
        for c in range(columns):
            right[c] -= base.penalty[c] * beta[c]
            factor[c, c] += base.penalty[c]
        right[0] += PSEUDO_COUNT
        step[:] = right
        if not _solve(factor, step):
            return False
        largest = 0.0
        for c in range(columns):
            move = min(max(step[c], -2.0), 2.0)
            beta[c] += move
            largest = max(largest, abs(move))
        if largest < 1e-6:
            break
    return True


@compiled()
def _weigh(
    base: Baseline,
    place: int,
    last: int,
    now: int,
    beta: FloatArray,
    setting: tuple[float, float],
    weight: FloatArray,
) -> float:
    """Weigh rows by age and residual; return Pearson's dispersion, at least 1."""
    threshold, before = setting
    pearson, number = 0.0, 0.0
    for row in range(last):
        count = base.counts[row, place]
        if math.isnan(count) or math.isinf(base.offset[row, place]):
            weight[row] = 0.0
            continue
        predictor = base.offset[row, place]
        for c in range(len(beta)):
            predictor += base.design[row, c] * beta[c]
        mean = math.exp(min(max(predictor, -30.0), 30.0))
        power = mean ** (1 / 6)
        score = 1.5 * (count ** (2 / 3) / power - power * power * power) / math.sqrt(before)
        kept = 1.0 if score <= threshold else (threshold / score) ** 2
        weight[row] = kept * base.age_weight[now - row]
        spared = 1.0 if score <= CERTAIN else (CERTAIN / score) ** 2
        pearson += spared * base.age_weight[now - row] * (count - mean) ** 2 / mean
        number += spared * base.age_weight[now - row]
    if number <= 0:
        return 1.0
    return max(pearson / number, 1.0)


@compiled()
def expect(base: Baseline, place: int, now: int, guard: int, threshold: float, found: FloatArray) -> bool:
    """Predict rows now-len(found)+1..now of one place from its rows before now-guard.

    ``found`` [4, row] is filled with the mean, the variance of the log mean at dispersion 1, Pearson's
    dispersion, and the weight of the rows behind it. False where no row is known.
    """
    last = now - guard
    columns = base.design.shape[1]
    beta, factor = np.zeros(columns), np.zeros((columns, columns))
    weight = np.zeros(max(last, 0))
    total, known = 0.0, 0.0
    for row in range(last):
        if not math.isnan(base.counts[row, place]) and not math.isinf(base.offset[row, place]):
            weight[row] = base.age_weight[now - row]
            total += weight[row] * base.counts[row, place]
            known += weight[row] * math.exp(base.offset[row, place])
    if known <= 0:
        return False
    beta[0] = math.log((total + PSEUDO_COUNT) / known)
    dispersion = 1.0
    for turn in range(ROUNDS + 1):
        if not _regress(base, place, last, weight, beta, factor):
            return False
        if turn < ROUNDS:
            dispersion = _weigh(base, place, last, now, beta, (threshold, dispersion), weight)
    width = found.shape[1]
    column = np.empty(columns)
    for k in range(width):
        row = now - width + 1 + k
        predictor = base.offset[row, place]
        for c in range(columns):
            predictor += base.design[row, c] * beta[c]
            column[c] = base.design[row, c]
        variance = 0.0
        for i in range(columns):
            for j in range(i):
                column[i] -= factor[i, j] * column[j]
            column[i] /= factor[i, i]
            variance += column[i] * column[i]
        found[0, k] = math.exp(min(max(predictor, -30.0), 30.0))
        found[1, k] = variance
        found[2, k] = dispersion
        found[3, k] = weight.sum()
    return True


@compiled()
def expect_panel(base: Baseline, now: int, guard: int, threshold: float, found: FloatArray) -> None:
    """Fill ``found`` [place, 4, row] for every place; NaN where nothing can be said."""
    for place in range(base.counts.shape[1]):
        if not expect(base, place, now, guard, threshold, found[place]):
            found[place] = np.nan
