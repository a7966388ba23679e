"""Compiled search over the two settings of the smooth model: movement of the path, noise of counts."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from fangxian.base.compiled import compiled
from fangxian.science.renewal.arrow import FloatArray, Problem, Walk, find_mode

SMALLEST = np.log(np.array([5e-4, 3e-3]))
LARGEST = np.log(np.array([1.0, 3.0]))
STENCIL = 0.4
OFFSETS = np.array([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0], [1.0, 1.0]])
ROUNDS = 12
REACH = 6
SPACING = 1.5
LIKELY = 2.0
NEIGHBOURS = np.array([[-1, 0], [1, 0], [0, -1], [0, 1]])
LEAST_CURVATURE = 0.35


class SettingsPrior(NamedTuple):
    """Prior of the settings.

    Attributes
    ----------
    order : int
        Of the random walk.
    movement : float
        Mean of the exponential prior of the standard deviation of a step of the walk.
    noise : float
        Mean of the exponential prior of the coefficient of variation beyond Poisson.
    first_deviation, slope_deviation : float
        Standard deviation of the first value and, for order 2, of the first slope a day.
    pull : float
        Precision with which every value is drawn to 0.
    """

    order: int
    movement: float
    noise: float
    first_deviation: float
    slope_deviation: float
    pull: float


@compiled(nogil=True)
def log_posterior(problem: Problem, prior: SettingsPrior, settings: FloatArray, state: FloatArray) -> float:
    """Return evidence plus prior at the logarithms of movement and noise; ``state`` becomes the mode."""
    movement, noise = math.exp(settings[0]), math.exp(settings[1])
    walk = Walk(prior.order, movement**-2, prior.first_deviation**-2, prior.slope_deviation**-2, prior.pull)
    evidence = find_mode(problem, walk, noise**2, state)
    density = settings[0] - math.log(prior.movement) - movement / prior.movement
    return float(evidence + density + settings[1] - math.log(prior.noise) - noise / prior.noise)


@compiled(nogil=True)
def climb(
    problem: Problem, prior: SettingsPrior, settings: FloatArray, state: FloatArray
) -> tuple[float, FloatArray]:
    """Move settings and state to the maximum and return its value and the curvature there [2, 2]."""
    curvature = np.eye(2)
    trial = state.copy()
    value = np.empty(len(OFFSETS))
    best = -np.inf
    for turn in range(ROUNDS):
        for point in range(0 if turn == 0 else 1, len(OFFSETS)):
            trial[:] = state
            value[point] = log_posterior(problem, prior, settings + STENCIL * OFFSETS[point], trial)
            if point == 0:
                state[:] = trial
        if turn == 0:
            best = value[0]
        gradient = np.array([value[1] - value[2], value[3] - value[4]]) / (2 * STENCIL)
        curvature[0, 0] = (2 * best - value[1] - value[2]) / STENCIL**2
        curvature[1, 1] = (2 * best - value[3] - value[4]) / STENCIL**2
        curvature[0, 1] = (value[1] + value[3] - best - value[5]) / STENCIL**2
        curvature[1, 0] = curvature[0, 1]
        values, vectors = np.linalg.eigh(curvature)
        step = np.zeros(2)
        for axis in range(2):
            slope = vectors[0, axis] * gradient[0] + vectors[1, axis] * gradient[1]
            length = min(max(slope / max(values[axis], 0.2), -1.2), 1.2)
            step += length * vectors[:, axis]
        moved = False
        for _half in range(5):
            goal = np.minimum(np.maximum(settings + step, SMALLEST), LARGEST)
            trial[:] = state
            new = log_posterior(problem, prior, goal, trial)
            if new > best:
                moved = True
                break
            step = step / 2
        if not moved:
            break
        gain = new - best
        settings[:] = goal
        state[:] = trial
        best = new
        if gain < 0.02:
            break
    return best, curvature


@compiled(nogil=True)
def explore(
    problem: Problem, prior: SettingsPrior, settings: FloatArray, curvature: FloatArray, state: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Evaluate a grid along the principal axes of the curvature around the maximum.

    The grid grows from the maximum: a point that is likely enough calls in its four neighbours. Where few
    cases leave the movement open downwards, its tail is several times as long as the curvature says.

    Returns
    -------
    points : float array [point, 2]
        Logarithms of movement and noise.
    weights : float array [point]
        Log posterior plus the log of the area that the point stands for.
    states : float array [point, time + effect]
        Posterior mode at each point.
    """
    values, vectors = np.linalg.eigh(curvature)
    spread = 1 / np.sqrt(np.maximum(values, LEAST_CURVATURE))
    spread *= SPACING
    area = math.log(spread[0] * spread[1])
    side = 2 * REACH + 1
    many = side * side
    points, weights = np.empty((many, 2)), np.empty(many)
    states = np.empty((many, len(state)))
    waiting, origin = np.empty((many, 2), dtype=np.int64), np.empty(many, dtype=np.int64)
    called = np.zeros((side, side), dtype=np.bool_)
    waiting[0], origin[0], called[REACH, REACH] = REACH, -1, True
    kept, seen, end, top = 0, 0, 1, -np.inf
    while seen < end:
        first, second = waiting[seen, 0] - REACH, waiting[seen, 1] - REACH
        before = origin[seen]
        seen += 1
        point = settings + first * spread[0] * vectors[:, 0] + second * spread[1] * vectors[:, 1]
        if point[0] < SMALLEST[0] - 2 or point[1] < SMALLEST[1] - 2 or np.max(point) > 2:
            continue
        states[kept] = state if before < 0 else states[before]
        weights[kept] = log_posterior(problem, prior, point, states[kept]) + area
        points[kept] = point
        top = max(top, weights[kept])
        here, kept = kept, kept + 1
        if weights[here] <= top - LIKELY:
            continue
        for neighbour in range(len(NEIGHBOURS)):
            row = first + REACH + NEIGHBOURS[neighbour, 0]
            column = second + REACH + NEIGHBOURS[neighbour, 1]
            if 0 <= row < side and 0 <= column < side and not called[row, column]:
                called[row, column] = True
                waiting[end, 0], waiting[end, 1], origin[end] = row, column, here
                end += 1
    return points[:kept], weights[:kept], states[:kept]
