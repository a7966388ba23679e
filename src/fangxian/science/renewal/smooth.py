"""A smooth path behind counts, with rare jumps: posterior by Laplace's method over settings and jumps.

The log mean of the counts is a known part, plus a path that moves as a random walk of order 1 or 2 and may
jump on rare days, plus effects of the day of the week. How fast the path moves, how noisy the counts are,
which order, and when it jumped are not chosen but weighed by their evidence (Rue, Martino and Chopin 2009,
DOI 10.1111/j.1467-9868.2008.00700.x; jumps as a spike and slab on the steps, George and McCulloch 1993, DOI
10.1080/01621459.1993.10476353).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.science.renewal.arrow import FloatArray, Problem, Walk
from fangxian.science.renewal.arrow_posterior import draw_states, jump_scores, path_moments
from fangxian.science.renewal.mixture import exponential_moments, mixture_quantiles
from fangxian.science.renewal.settings import SettingsPrior, climb, explore, log_posterior

LEAST_SHARE = 4e-3
NEGLIGIBLE = 7.0
START = (0.05, 0.1)


@dataclass(frozen=True)
class SmoothPrior:
    """Prior of path and noise, on the scale of natural logarithms a day.

    Parameters
    ----------
    orders : tuple of int
        Random walks weighed against each other: 1 steps, 2 bends.
    step_deviation, bend_deviation : float
        Mean of the exponential prior of the standard deviation of a step (order 1) or a bend (order 2).
    first_deviation, slope_deviation : float
        Standard deviation of the first value (about 0) and of the first slope.
    noise : float
        Mean of the exponential prior of the coefficient of variation beyond Poisson.
    pull_deviation : float
        Every value is drawn to 0 as by an observation of this standard deviation, so that a path on which
        nothing is observed stays within a few units.
    jump_probability : float
        That the path jumps on a given day; 0 forbids jumps.
    jump_deviation : float
        Standard deviation of the size of a jump.
    most_jumps : int
        Search stops there.
    """

    orders: tuple[int, ...] = (1, 2)
    step_deviation: float = 0.05
    bend_deviation: float = 0.005
    first_deviation: float = 1.0
    slope_deviation: float = 0.1
    noise: float = 0.2
    pull_deviation: float = 10.0
    jump_probability: float = 0.005
    jump_deviation: float = 0.7
    most_jumps: int = 8

    def __post_init__(self) -> None:
        scales = (
            self.step_deviation,
            self.bend_deviation,
            self.first_deviation,
            self.slope_deviation,
            self.noise,
            self.pull_deviation,
            self.jump_deviation,
        )
        if min(scales) <= 0 or not 0 <= self.jump_probability < 0.5:
            raise ValueError(
                "SmoothPrior: every deviation must be positive and jump_probability in [0, 0.5) "
                f"(got {scales} and {self.jump_probability}); use jump_probability=0 to forbid jumps"
            )
        if not self.orders or any(order not in (1, 2) for order in self.orders):
            raise ValueError(f"SmoothPrior: orders must be 1, 2 or both (got {self.orders})")

    def settings_prior(self, order: int) -> SettingsPrior:
        """Return the part of the prior that the search over settings needs."""
        movement = self.step_deviation if order == 1 else self.bend_deviation
        return SettingsPrior(
            order,
            movement,
            self.noise,
            self.first_deviation,
            self.slope_deviation,
            self.pull_deviation**-2,
        )

    def walk(self, order: int, settings: FloatArray) -> Walk:
        """Return the prior of the path at given settings."""
        return Walk(
            order,
            float(np.exp(-2 * settings[0])),
            self.first_deviation**-2,
            self.slope_deviation**-2,
            self.pull_deviation**-2,
        )


class Part(NamedTuple):
    """One normal of the mixture: settings, jumps and mode, and the path's moments under them."""

    log_weight: float
    order: int
    settings: FloatArray
    jumps: tuple[int, ...]
    state: FloatArray
    mean: FloatArray
    deviation: FloatArray
    skewness: FloatArray


@dataclass(frozen=True)
class SmoothPosterior:
    """Posterior of the path: a mixture over settings and jumps.

    Parameters
    ----------
    series : Series
        What was fitted.
    parts : tuple of Part
        In order of falling weight.
    weight : float array [part]
        Sums to 1.
    log_evidence : float
        Of the counts under the whole model.
    """

    series: Series
    prior: SmoothPrior
    parts: tuple[Part, ...]
    weight: FloatArray
    log_evidence: float

    def quantiles(self, levels: tuple[float, ...]) -> FloatArray:
        """Return quantiles of the path [time, level], on the log scale."""
        mean, deviation, skewness = self._stacked()
        return np.asarray(mixture_quantiles(self.weight, mean, deviation, skewness, np.array(levels)))

    def exponential(self) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of the exponential of the path: arrays [time]."""
        mean, deviation, _skewness = self._stacked()
        average, spread = exponential_moments(self.weight, mean, deviation)
        return average, spread

    def jump_probability(self) -> FloatArray:
        """Return the posterior probability of a jump on each day [time]."""
        result = np.zeros(len(self.series.observed))
        for weight, part in zip(self.weight, self.parts, strict=True):
            result[list(part.jumps)] += weight
        return result

    def average(self, value: str) -> float:
        """Return the posterior mean of ``"movement"``, ``"noise"`` or the share of order 2, ``"bends"``."""
        each = {
            "movement": [np.exp(part.settings[0]) for part in self.parts],
            "noise": [np.exp(part.settings[1]) for part in self.parts],
            "bends": [float(part.order == 2) for part in self.parts],
        }[value]
        return float(self.weight @ np.array(each))

    def average_of_order(self, value: str, order: int, otherwise: float) -> float:
        """Return the posterior mean of ``"movement"`` or ``"noise"`` within one order of the walk.

        ``otherwise`` is returned where that order has no weight.
        """
        index = 0 if value == "movement" else 1
        inside = np.array([part.order == order for part in self.parts])
        if not inside.any():
            return otherwise
        each = np.exp(np.array([part.settings[index] for part in self.parts]))
        return float(self.weight[inside] @ each[inside] / self.weight[inside].sum())

    def side_effects(self) -> FloatArray:
        """Return the posterior mean of the effects of the columns that are not jumps: [effect]."""
        days, width = self.series.columns.shape
        return np.asarray(self.weight @ np.array([part.state[days : days + width] for part in self.parts]))

    def draw(self, draws: int, seed: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Draw from the joint posterior.

        Returns
        -------
        path, log_mean : float arrays [draw, time]
            The path, and the log mean of the counts.
        noise : float array [draw]
            Coefficient of variation beyond Poisson.
        """
        path, log_mean, part = self._draw(draws, seed)
        return path, log_mean, np.exp(np.array([each.settings[1] for each in self.parts]))[part]

    def _draw(self, draws: int, seed: int) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
        """Return draws of path and log mean [draw, time] and the part that each draw is from."""
        generator = np.random.Generator(np.random.Philox(key=seed))
        shares = np.floor(self.weight * draws).astype(int)
        rest = draws - int(shares.sum())
        shares[np.argsort(shares - self.weight * draws, kind="stable")[:rest]] += 1
        days = len(self.series.observed)
        path, log_mean = np.empty((draws, days)), np.empty((draws, days))
        source = np.repeat(np.arange(len(self.parts)), shares)
        row = 0
        for share, part in zip(shares, self.parts, strict=True):
            if share == 0:
                continue
            problem = self.series.problem(part.jumps, self.prior)
            normal = generator.standard_normal((int(share), len(part.state)))
            state = draw_states(
                problem,
                self.prior.walk(part.order, part.settings),
                np.exp(2 * part.settings[1]),
                part.state,
                normal,
            )
            here = slice(row, row + int(share))
            shown = (problem.columns * problem.shown) @ state[:, days:].T
            middle = part.state[:days] + (problem.columns * problem.shown) @ part.state[days:]
            shift = part.mean - middle
            path[here] = state[:, :days] + shown.T + shift
            log_mean[here] = problem.base + state[:, :days] + (problem.columns @ state[:, days:].T).T + shift
            row += int(share)
        order = generator.permutation(draws)
        return path[order], log_mean[order], source[order]

    def draw_last(self, draws: int, seed: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Draw what a look ahead starts from.

        Returns
        -------
        path : float array [draw]
            Value of the path on the last day.
        noise, movement : float arrays [draw]
            Coefficient of variation beyond Poisson; standard deviation of a step or bend of the walk.
        effects : float array [draw, effect]
            Side effects, at the mode of the drawn part.
        """
        path, _log_mean, part = self._draw(draws, seed)
        days, width = self.series.columns.shape
        settings = np.array([each.settings for each in self.parts])
        effects = np.array([each.state[days : days + width] for each in self.parts])
        return path[:, -1], np.exp(settings[part, 1]), np.exp(settings[part, 0]), effects[part]

    def _stacked(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        return (
            np.array([part.mean for part in self.parts]),
            np.array([part.deviation for part in self.parts]),
            np.array([part.skewness for part in self.parts]),
        )


@dataclass(frozen=True)
class Series:
    """Counts, the known part of their log mean, and effects that are no part of the path.

    Parameters
    ----------
    observed, base : float arrays [time]
        NaN in ``observed`` is a day that says nothing; ``base`` is finite everywhere.
    columns : float array [time, effect]
        Of effects beside the path: days of the week, a change of definition.
    deviation : float array [effect]
        Prior standard deviation of each; the mean is 0.
    """

    observed: FloatArray
    base: FloatArray
    columns: FloatArray
    deviation: FloatArray
    _made: dict[tuple[tuple[int, ...], float], Problem] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def problem(self, jumps: tuple[int, ...], prior: SmoothPrior) -> Problem:
        """Return the series with a column for each jump."""
        key = (jumps, prior.jump_deviation)
        if key not in self._made:
            self._made[key] = self._with_jumps(jumps, prior)
        return self._made[key]

    def _with_jumps(self, jumps: tuple[int, ...], prior: SmoothPrior) -> Problem:
        days, width = self.columns.shape
        steps = (np.arange(days)[:, None] >= np.array(jumps, dtype=np.int64)[None, :]).astype(np.float64)
        shown = np.concatenate([np.zeros(width), np.ones(len(jumps))])
        deviation = np.concatenate([self.deviation, np.full(len(jumps), prior.jump_deviation)])
        columns = np.ascontiguousarray(np.hstack([self.columns, steps]))
        return Problem(self.observed, self.base, columns, deviation**-2.0, shown)


class _Found(NamedTuple):
    """The maximum over settings for one order and one set of jumps."""

    value: float
    jumps: tuple[int, ...]
    settings: FloatArray
    curvature: FloatArray
    state: FloatArray


def weekday_columns(days: int) -> FloatArray:
    """Return six orthonormal contrasts of the days of the week, [time, 6], so that the effects sum to 0."""
    basis = np.zeros((7, 6))
    for column in range(6):
        basis[: column + 1, column] = 1.0
        basis[column + 1, column] = -(column + 1.0)
        basis[:, column] /= np.sqrt((column + 1.0) * (column + 2.0))
    return np.asarray(basis[np.arange(days) % 7])


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
