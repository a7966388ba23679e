"""A smooth path behind counts, with rare jumps: posterior by Laplace's method over settings and jumps.

The log mean of the counts is a known part, plus a path that moves as a random walk of order 1 or 2 and may
jump on rare days, plus effects of the day of the week. How fast the path moves, how noisy the counts are,
which order, and when it jumped are not chosen but weighed by their evidence (Rue, Martino and Chopin 2009,
DOI 10.1111/j.1467-9868.2008.00700.x; jumps as a spike and slab on the steps, George and McCulloch 1993, DOI
10.1080/01621459.1993.10476353).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.science.renewal.arrow import FloatArray
from fangxian.science.renewal.arrow_posterior import jump_scores, path_moments
from fangxian.science.renewal.settings import climb, explore, log_posterior
from fangxian.science.renewal.smooth_model import Series, SmoothPrior
from fangxian.science.renewal.smooth_posterior import Part, SmoothPosterior

LEAST_SHARE = 4e-3
NEGLIGIBLE = 7.0
START = (0.05, 0.1)


class _Found(NamedTuple):
    """The maximum over settings for one order and one set of jumps."""

    value: float
    jumps: tuple[int, ...]
    settings: FloatArray
    curvature: FloatArray
    state: FloatArray


def fit_smooth(series: Series, prior: SmoothPrior, near: SmoothPosterior | None = None) -> SmoothPosterior:
    """Return the posterior of the path behind a series.

    Parameters
    ----------
    series : Series
    prior : SmoothPrior
    near : SmoothPosterior, optional
        Of much the same series with the same side effects: the search begins there.

    Returns
    -------
    SmoothPosterior
    """
    chains = {order: _search_jumps(series, prior, order, near) for order in prior.orders}
    ceiling = max(found.value for chain in chains.values() for found in chain)
    parts: list[_Bare] = []
    for order, chain in chains.items():
        if max(found.value for found in chain) > ceiling - NEGLIGIBLE:
            parts += _parts_of_order(series, prior, order, chain)
    logs = np.array([part.log_weight for part in parts])
    top = float(logs.max())
    weight = np.exp(logs - top)
    evidence = top + float(np.log(weight.sum())) - np.log(len(prior.orders))
    weight /= weight.sum()
    order_of = np.argsort(-weight, kind="stable")
    kept = order_of[weight[order_of] >= LEAST_SHARE]
    return SmoothPosterior(
        series,
        prior,
        tuple(_part(series, prior, parts[index]) for index in kept),
        weight[kept] / weight[kept].sum(),
        evidence,
    )


def fit_roughly(series: Series, prior: SmoothPrior, near: SmoothPosterior | None = None) -> SmoothPosterior:
    """Return the mode at the likeliest settings of a walk of order 1 without jumps, without its spread.

    The evidence is that of those settings: it compares series that differ in their side effects.
    """
    days = len(series.observed)
    found = _climbed(series, prior, 1, _start(series, prior, 1, near))
    part = Part(
        found.value,
        1,
        found.settings,
        (),
        found.state,
        found.state[:days],
        np.full(days, 1e-9),
        np.zeros(days),
    )
    return SmoothPosterior(series, prior, (part,), np.ones(1), found.value)


def _start(series: Series, prior: SmoothPrior, order: int, near: SmoothPosterior | None = None) -> _Found:
    days, width = series.columns.shape
    if near is not None:
        part, shared = near.parts[0], min(width, near.series.columns.shape[1])
        state = np.concatenate([part.state[: days + shared], np.zeros(width - shared)])
        settings = part.settings.copy()
        if order != part.order:
            settings[0] += np.log(prior.bend_deviation / prior.step_deviation)
        return _Found(-np.inf, (), settings, np.eye(2), state)
    seen = ~np.isnan(series.observed)
    state = np.zeros(days + width)
    if seen.any():
        level = np.log(np.sum(series.observed[seen]) + 0.5) - np.log(np.sum(np.exp(series.base[seen])) + 0.5)
        state[:days] = np.clip(level, -3, 3)
    movement = START[0] if order == 1 else START[0] * prior.bend_deviation / prior.step_deviation
    return _Found(-np.inf, (), np.log(np.array([movement, START[1]])), np.eye(2), state)


class _Bare(NamedTuple):
    """A part before its moments are computed: most are too light to need them."""

    log_weight: float
    order: int
    settings: FloatArray
    jumps: tuple[int, ...]
    state: FloatArray


def _parts_of_order(series: Series, prior: SmoothPrior, order: int, chain: list[_Found]) -> list[_Bare]:
    best = chain[-1]
    parts: list[_Bare] = []
    ceiling = max(found.value for found in chain)
    for found in chain:
        if found.value > ceiling - NEGLIGIBLE:
            parts += _grid_parts(series, prior, order, found)
    parts += _neighbours(series, prior, order, best, _total(parts, best.jumps))
    return parts


def _grid_parts(series: Series, prior: SmoothPrior, order: int, found: _Found) -> list[_Bare]:
    problem = series.problem(found.jumps, prior)
    points, weights, states = explore(
        problem, prior.settings_prior(order), found.settings, found.curvature, found.state
    )
    weights = weights + _jump_prior(len(series.observed), len(found.jumps), prior)
    return [
        _Bare(float(weight), order, point, found.jumps, state)
        for weight, point, state in zip(weights, points, states, strict=True)
    ]


def _part(series: Series, prior: SmoothPrior, bare: _Bare) -> Part:
    problem = series.problem(bare.jumps, prior)
    walk = prior.walk(bare.order, bare.settings)
    noise = float(np.exp(2 * bare.settings[1]))
    mean, variance, skewness = path_moments(problem, walk, noise, bare.state)
    return Part(*bare, mean, np.sqrt(variance), skewness)


def _jump_prior(days: int, jumps: int, prior: SmoothPrior) -> float:
    if prior.jump_probability == 0:
        return 0.0
    none = days - 1 - jumps
    return float(jumps * np.log(prior.jump_probability) + none * np.log1p(-prior.jump_probability))


def _total(parts: list[_Bare], jumps: tuple[int, ...]) -> float:
    logs = np.array([part.log_weight for part in parts if part.jumps == jumps])
    return float(logs.max() + np.log(np.sum(np.exp(logs - logs.max()))))


def _climbed(series: Series, prior: SmoothPrior, order: int, start: _Found) -> _Found:
    problem = series.problem(start.jumps, prior)
    settings = start.settings.copy()
    state = start.state.copy()
    value, curvature = climb(problem, prior.settings_prior(order), settings, state)
    value += _jump_prior(len(series.observed), len(start.jumps), prior)
    return _Found(value, start.jumps, settings, curvature, state)


def _search_jumps(
    series: Series, prior: SmoothPrior, order: int, near: SmoothPosterior | None
) -> list[_Found]:
    """Return the best set of 0, 1, 2, ... jumps, each found by adding the best to the one before."""
    chain = [_climbed(series, prior, order, _start(series, prior, order, near))]
    while prior.jump_probability > 0 and len(chain) <= prior.most_jumps:
        last = chain[-1]
        day = _best_jump(series, prior, order, last)
        if day is None:
            break
        state = np.append(last.state, 0.0)
        new = _climbed(series, prior, order, last._replace(jumps=(*last.jumps, day), state=state))
        if new.value < last.value - 2:
            break
        chain.append(new)
    best = int(np.argmax([found.value for found in chain]))
    return chain[: best + 1]


def _scores(series: Series, prior: SmoothPrior, order: int, found: _Found) -> FloatArray:
    walk = prior.walk(order, found.settings)
    problem = series.problem(found.jumps, prior)
    noise = float(np.exp(2 * found.settings[1]))
    score = jump_scores(problem, walk, noise, found.state, prior.jump_deviation**2)
    score[0] = -np.inf
    score[list(found.jumps)] = -np.inf
    return np.asarray(score + np.log(prior.jump_probability) - np.log1p(-prior.jump_probability))


def _best_jump(series: Series, prior: SmoothPrior, order: int, found: _Found) -> int | None:
    score = _scores(series, prior, order, found)
    day = int(np.argmax(score))
    return day if score[day] > -1 else None


def _neighbours(series: Series, prior: SmoothPrior, order: int, best: _Found, total: float) -> list[_Bare]:
    """Return parts for jumps a few days earlier or later, and for the likeliest further jumps."""
    if prior.jump_probability == 0:
        return []
    days = len(series.observed)
    settings_prior = prior.settings_prior(order)
    parts: list[_Bare] = []

    def weigh(jumps: tuple[int, ...], state: NDArray[np.float64]) -> float:
        problem = series.problem(jumps, prior)
        value = log_posterior(problem, settings_prior, best.settings, state)
        value += _jump_prior(days, len(jumps), prior)
        relative = float(value - best.value)
        if relative > np.log(LEAST_SHARE):
            parts.append(_Bare(total + relative, order, best.settings, jumps, state))
        return relative

    for index, day in enumerate(best.jumps):
        for direction in (-1, 1):
            moved = day + direction
            while 0 < moved < days and moved not in best.jumps:
                jumps = tuple(moved if place == index else other for place, other in enumerate(best.jumps))
                if weigh(jumps, best.state.copy()) < np.log(LEAST_SHARE):
                    break
                moved += direction
    score = _scores(series, prior, order, best)
    for day in np.argsort(-score, kind="stable")[:6]:
        if score[day] < np.log(5 * LEAST_SHARE):
            break
        weigh((*best.jumps, int(day)), np.append(best.state, 0.0))
    return parts
