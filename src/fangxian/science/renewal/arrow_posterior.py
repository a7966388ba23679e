"""What is read off an arrow matrix at its mode: moments of the path, scores of jumps, joint draws."""

from __future__ import annotations

import math

import numpy as np

from fangxian.base.compiled import compiled
from fangxian.science.renewal.arrow import (
    FloatArray,
    Problem,
    Walk,
    curvature,
    factor_arrow,
    log_mean_of,
    product,
    solve_band,
    walk_band,
)


@compiled(nogil=True)
def path_moments(
    problem: Problem, walk: Walk, dispersion: float, state: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return mean, variance and skewness of the reported path on each day: arrays [time].

    The normal at the mode is corrected to the next order by the third derivative of the likelihood, as in
    Rue, Martino and Chopin 2009 (DOI 10.1111/j.1467-9868.2008.00700.x, section 3.2.3): with C the
    covariance and g the third derivatives, the mean moves by ``C (g * diag(C)) / 2`` and the third central
    moment is ``C**3 g``.
    """
    columns = problem.columns
    days, width = columns.shape
    band = walk_band(days, walk)
    log_mean = log_mean_of(problem.base, columns, state)
    _first, second, third = curvature(problem.observed, log_mean, dispersion)
    factor, reach, border, _log_determinant = factor_arrow(second, columns, problem.precision, band)
    inside = np.zeros((days, days))
    for day in range(days):
        inside[day, day] = 1.0
    solve_band(factor, inside)
    shown, linear = columns * problem.shown - reach, columns - reach
    left, right = np.dot(shown, border), np.dot(linear, border)
    mean, variance = np.zeros(days), np.zeros(days)
    spread = np.zeros(days)
    for day in range(days):
        mean[day] = state[day]
        variance[day] = inside[day, day]
        spread[day] = inside[day, day]
        for column in range(width):
            mean[day] += columns[day, column] * problem.shown[column] * state[days + column]
            variance[day] += left[day, column] * shown[day, column]
            spread[day] += right[day, column] * linear[day, column]
    together = inside + np.dot(left, np.ascontiguousarray(linear.T))
    mean += np.dot(together, third * spread) / 2
    skewness = np.dot(together * together * together, third) / variance**1.5  # a power costs ten times more
    return mean, variance, skewness


@compiled(nogil=True)
def jump_scores(
    problem: Problem, walk: Walk, dispersion: float, state: FloatArray, jump_variance: float
) -> FloatArray:
    """Return for each day the log Bayes factor of a jump of the path on that day: [time].

    The likelihood of the size of the jump is taken as normal around the mode without it.
    """
    columns = problem.columns
    days, width = columns.shape
    band = walk_band(days, walk)
    log_mean = log_mean_of(problem.base, columns, state)
    first, second, _third = curvature(problem.observed, log_mean, dispersion)
    factor, reach, border, _log_determinant = factor_arrow(second, columns, problem.precision, band)
    right = np.zeros((days, days))  # column k: what a step on day k adds, weighted
    pull = np.zeros((width, days))
    for day in range(days):
        right[day, : day + 1] = second[day]
        for column in range(width):
            pull[column, : day + 1] += (columns[day, column] - reach[day, column]) * second[day]
    solve_band(factor, right)
    inner = np.sum(pull * np.dot(border, pull), axis=0)
    for start in range(days):
        for day in range(start, days):
            inner[start] += second[day] * right[day, start]
    score = np.zeros(days)
    gradient, weight = 0.0, 0.0
    for start in range(days - 1, -1, -1):
        gradient += first[start]
        weight += second[start]
        information = max(weight - inner[start], 0.0)
        score[start] = (
            gradient**2 / (information + 1 / jump_variance) - math.log1p(jump_variance * information)
        ) / 2
    return score


@compiled(nogil=True)
def draw_states(
    problem: Problem, walk: Walk, dispersion: float, state: FloatArray, normal: FloatArray
) -> FloatArray:
    """Return draws [draw, time + effect] of the normal at the mode from standard normals of that shape."""
    columns = problem.columns
    days, width = columns.shape
    band = walk_band(days, walk)
    log_mean = log_mean_of(problem.base, columns, state)
    _first, second, _third = curvature(problem.observed, log_mean, dispersion)
    factor, reach, border, _log_determinant = factor_arrow(second, columns, problem.precision, band)
    root = np.zeros((width, width))
    if width > 0:
        root[:] = np.linalg.cholesky(border)
    result = np.empty_like(normal)
    for draw in range(len(normal)):
        effect = product(root, normal[draw, days:])
        for column in range(width):
            result[draw, days + column] = state[days + column] + effect[column]
        for day in range(days - 1, -1, -1):
            value = normal[draw, day]
            if day + 1 < days:
                value -= factor[day + 1, 1] * result[draw, day + 1]
            if day + 2 < days:
                value -= factor[day + 2, 2] * result[draw, day + 2]
            result[draw, day] = value / factor[day, 0]
        for day in range(days):
            value = result[draw, day] + state[day]
            for column in range(width):
                value -= reach[day, column] * effect[column]
            result[draw, day] = value
    return result
