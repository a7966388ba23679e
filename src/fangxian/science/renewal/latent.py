"""The reproduction number on the day of infection, from counts that are late, weekly or full of gaps.

Infections are not observed. They follow the renewal equation exactly,
``I(t) = R(t) sum w(s) I(t-s) + imports``, and each is reported after a delay; what is counted in a day or a
week is negative binomial around the reports expected in it. That is the model of Abbott et al. 2020 (DOI
10.12688/wellcomeopenres.16006.2) and Bhatt et al. 2023 (DOI 10.1093/jrsssa/qnad030). It needs no count on any
given day, so that gaps, weeks and reports still to come cost nothing but certainty; in return all chance is
taken for noise of reporting, so that with few cases the model in ``renewal`` is the better one.

Inference: for each setting of movement and noise the mode by Newton's method and the normal there; draws of
that normal are then moved by Markov steps that leave the exact posterior as it is (preconditioned
Crank-Nicolson, Cotter et al. 2013, DOI 10.1214/13-STS421). The settings keep the weights of their evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from fangxian.base.compiled import compiled
from fangxian.science.renewal.cori import FloatArray, checked_incidence, checked_interval
from fangxian.science.renewal.renewal import Reproduction
from fangxian.science.renewal.smooth_model import weekday_columns

MOST_KNOTS = 60
LEVEL_DEVIATION = 2.0
TREND_DEVIATION = 0.1
WEEKDAY_DEVIATION = 0.3
PULL_DEVIATION = 10.0
ROUNDS = 50
STEP = 0.45
MOVEMENTS = np.log(np.array([0.005, 0.01, 0.02, 0.04, 0.08, 0.16]))
NOISES = np.log(np.array([0.01, 0.03, 0.1, 0.2, 0.4, 0.8]))
MARKOV_STEPS = 100
KEPT_STEPS = (40, 60, 80, 100)
"""Steps after which a chain gives a draw: far enough apart to differ, and not to waste what lies between."""
LEAST_GAP = 5.0


@dataclass(frozen=True)
class LatentData:
    """What the model is told of one place.

    Parameters
    ----------
    counts : array [period]
        Reports in each period; NaN is a missing one.
    generation_interval : array [interval in days]
        From infection to infection; probability of 0, 1, 2, ... days, entry 0 is 0.
    delay : array [delay in days]
        From infection to report; sums to 1. ``(1.0,)`` says that infections are reported at once.
    period_days : int
        1 for daily counts, 7 for weekly.
    reported_share : array [period], optional
        Share of the period's reports that is in ``counts``; 1 by default.
    imports : array [day], optional
        People infected elsewhere who arrive on each day.
    population, ascertainment : float, optional
        People, and the share of infections that is reported: R then falls as people become immune.
    weekdays : bool
        Whether reports depend on the day of the week (daily counts only).
    """

    counts: ArrayLike
    generation_interval: ArrayLike
    delay: ArrayLike = (1.0,)
    period_days: int = 1
    reported_share: ArrayLike | None = None
    imports: ArrayLike | None = None
    population: float = np.inf
    ascertainment: float = 1.0
    weekdays: bool = False


@dataclass(frozen=True)
class LatentPrior:
    """Prior of R and of the noise.

    Parameters
    ----------
    movement, noise : float
        Means of the exponential priors of the standard deviation of a day's step of log R, and of the
        coefficient of variation beyond Poisson.
    first_deviation : float
        Standard deviation of log R on the first day, about 0.
    """

    movement: float = 0.05
    noise: float = 0.2
    first_deviation: float = 1.0


class LatentFit(NamedTuple):
    """Draws from the posterior, all of the same weight.

    Attributes
    ----------
    reproduction_draws, infection_draws, report_draws : float arrays [draw, day or period]
        R and infections on each day; expected reports of each period once all are in.
    noise, movement : float
        Posterior means.
    acceptance : float
        Share of the last Markov steps that were taken; below a tenth the draws are still those of the normal.
    """

    reproduction_draws: FloatArray
    infection_draws: FloatArray
    report_draws: FloatArray
    noise: float
    movement: float
    acceptance: float

    def reproduction(self, probabilities: tuple[float, ...] = (0.025, 0.5, 0.975)) -> Reproduction:
        """Return mean, standard deviation and quantiles of R on each day."""
        draws = self.reproduction_draws
        quantiles = np.quantile(draws, probabilities, axis=0).T
        return Reproduction(draws.mean(axis=0), draws.std(axis=0), quantiles, probabilities)

    def infections(self, probabilities: tuple[float, ...] = (0.025, 0.5, 0.975)) -> FloatArray:
        """Return quantiles of the infections on each day [day, probability]."""
        return np.asarray(np.quantile(self.infection_draws, probabilities, axis=0).T)


class _Model(NamedTuple):
    """The data as arrays; unknowns are knots of log R, level and trend before the series, weekdays."""

    counts: FloatArray
    seen: FloatArray
    basis: FloatArray
    gap_days: int
    weight: FloatArray
    delay: FloatArray
    imports: FloatArray
    countable: float
    period_days: int
    columns: FloatArray
    level: float

    @property
    def size(self) -> int:
        return int(self.basis.shape[1] + 2 + self.columns.shape[1])


@compiled(nogil=True)
def _infect(
    log_r: FloatArray, before: FloatArray, weight: FloatArray, imports: FloatArray, countable: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return infections [past + day], their derivatives by log R of each day and by each past infection.

    The derivative of day t by log R of day u is entry [t, u]; by the past infection p entry [t, p].
    """
    days, past, lags = len(log_r), len(before), len(weight)
    infected = np.zeros(past + days)
    infected[:past] = before
    by_r, by_past = np.zeros((days, days)), np.zeros((days, past))
    total = 0.0
    for day in range(days):
        pressure = 0.0
        for lag in range(1, lags):
            pressure += weight[lag] * infected[past + day - lag]
        factor = np.exp(log_r[day]) * max(1.0 - total / countable, 1e-6)
        for lag in range(1, lags):
            share = factor * weight[lag]
            source = day - lag
            if source >= 0:
                for other in range(source + 1):
                    by_r[day, other] += share * by_r[source, other]
                for other in range(past):
                    by_past[day, other] += share * by_past[source, other]
            else:
                by_past[day, past + source] += share
        by_r[day, day] = factor * pressure
        infected[past + day] = factor * pressure + imports[day]
        total += infected[past + day]
    return infected, by_r, by_past


def estimate_latent_renewal(
    data: LatentData, prior: LatentPrior | None = None, *, draws: int = 4000, seed: int = 1
) -> LatentFit:
    """Fit the model to one place.

    Parameters
    ----------
    data : LatentData
    prior : LatentPrior, optional
    draws : int
        Four of each chain, twenty steps apart.
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    LatentFit

    Raises
    ------
    ValueError
        On negative counts, a wrong interval or delay, or arrays that do not fit the series.

    Notes
    -----
    Log R is a broken line between at most 60 knots, whose steps are a random walk. Depletion of susceptibles
    enters the mean; its derivative, a smaller term, does not, which the Markov steps make good.
    """
    chosen = prior or LatentPrior()
    model = _model(data)
    points = _settings(model, chosen)
    generator = np.random.Generator(np.random.Philox(key=seed))
    logs = np.array([point.value for point in points])
    share = np.exp(logs - logs.max())
    chains = -(-draws // len(KEPT_STEPS))
    source = np.sort(generator.choice(len(points), size=chains, p=share / share.sum()))
    states, acceptance = _moved(model, points, source, generator)
    reproduction, infected, reports = _simulate(model, states[:draws])
    settled = np.exp(np.array([point.setting for point in points]))[source]
    return LatentFit(
        reproduction,
        infected,
        reports,
        float(settled[:, 1].mean()),
        float(settled[:, 0].mean()),
        acceptance,
    )


def _moved(
    model: _Model, points: list[_Point], source: NDArray[np.int64], generator: np.random.Generator
) -> tuple[FloatArray, float]:
    """Return states [draw] of Markov chains from the normals at the modes, and the share of last steps taken.

    There are as many draws a chain as steps are kept; those of one step follow each other.
    """
    modes = np.array([point.mode for point in points])[source]

    def normal() -> FloatArray:
        unit = generator.standard_normal((len(source), model.size))
        return np.vstack([unit[source == index] @ point.root.T for index, point in enumerate(points)])

    def gain(away: FloatArray) -> FloatArray:
        """Return the log of posterior over normal."""
        value = np.empty(len(source))
        for index, point in enumerate(points):
            here = source == index
            if here.any():
                half = np.linalg.solve(point.root, away[here].T)
                value[here] = (half**2).sum(axis=0) / 2
        return value + _log_joint(model, points, source, modes + away)

    away = normal()
    value = gain(away)
    stride, taken = 0.5, 0.0
    kept: list[FloatArray] = []
    for step in range(MARKOV_STEPS):
        trial = np.sqrt(1 - stride**2) * away + stride * normal()
        trial_value = gain(trial)
        accepted = np.log(generator.random(len(source))) < trial_value - value
        away[accepted], value[accepted] = trial[accepted], trial_value[accepted]
        taken = float(accepted.mean())
        if step < MARKOV_STEPS // 2:
            stride = float(np.clip(stride * np.exp(0.3 * (taken - 0.3)), 0.02, 0.95))
        if step + 1 in KEPT_STEPS:
            kept.append(modes + away)
    return np.vstack(kept), taken


def _model(data: LatentData) -> _Model:
    counts = checked_incidence(data.counts)
    weight = checked_interval(data.generation_interval)
    delay = np.asarray(data.delay, dtype=np.float64)
    if delay.ndim != 1 or np.any(delay < 0) or abs(float(delay.sum()) - 1) > 0.01:
        raise ValueError(
            f"delay must be probabilities of 0, 1, 2, ... days that sum to 1 (got sum {delay.sum():.3f}); "
            "divide by the sum, or lengthen it"
        )
    days = len(counts) * data.period_days
    share = np.ones(len(counts)) if data.reported_share is None else np.asarray(data.reported_share, float)
    imports = np.zeros(days) if data.imports is None else np.asarray(data.imports, dtype=np.float64)
    if share.shape != counts.shape or imports.shape != (days,) or np.any(imports < 0):
        raise ValueError(
            f"reported_share is one number a period and imports one a day (got {share.shape} and "
            f"{imports.shape} for {len(counts)} periods of {data.period_days} days); leave unknown ones out"
        )
    if data.weekdays and data.period_days != 1:
        raise ValueError("weekdays need daily counts (got weekly ones); leave weekdays out")
    gap = max(data.period_days, -(-days // MOST_KNOTS))
    knots = np.arange(0, days - 1 + gap, gap)
    basis = np.maximum(0.0, 1 - np.abs(np.arange(days)[:, None] - knots[None, :]) / gap)
    early = counts[~np.isnan(counts)][:3]
    level = float(np.log((early.mean() if len(early) else 0.0) / data.period_days + 0.1))
    return _Model(
        counts,
        np.where(np.isnan(counts), 0.0, share),
        basis,
        gap,
        weight,
        delay / delay.sum(),
        imports,
        data.population * data.ascertainment,
        data.period_days,
        weekday_columns(days) if data.weekdays else np.zeros((days, 0)),
        level,
    )


def _before(model: _Model) -> FloatArray:
    """Return the days of the past whose infections still matter, counted back from the series."""
    return np.arange(-max(len(model.weight), len(model.delay)) + 1, 0, dtype=np.float64)


def _prior_precision(model: _Model, prior: LatentPrior, movement: float) -> FloatArray:
    knots = model.basis.shape[1]
    difference = np.diff(np.eye(knots), axis=0)
    matrix = np.zeros((model.size, model.size))
    matrix[:knots, :knots] = difference.T @ difference / (movement**2 * model.gap_days)
    matrix[:knots, :knots] += np.eye(knots) * model.gap_days / PULL_DEVIATION**2
    matrix[0, 0] += prior.first_deviation**-2
    rest = [LEVEL_DEVIATION**-2, TREND_DEVIATION**-2, *[WEEKDAY_DEVIATION**-2] * model.columns.shape[1]]
    matrix[knots:, knots:] = np.diag(rest)
    return matrix


def _mean_and_slope(model: _Model, state: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the expected count of each period and its derivative by the unknowns [period, unknown]."""
    knots, past = model.basis.shape[1], _before(model)
    before = np.exp(np.clip(model.level + state[knots] + state[knots + 1] * past, -30, 30))
    log_r = np.clip(model.basis @ state[:knots], -10, 5)
    infected, by_r, by_past = _infect(log_r, before, model.weight, model.imports, model.countable)
    days, size = len(log_r), len(past)
    slope = np.zeros((size + days, model.size))
    slope[:size, knots] = before
    slope[:size, knots + 1] = before * past
    slope[size:, :knots] = by_r @ model.basis
    slope[size:, knots : knots + 2] = by_past @ slope[:size, knots : knots + 2]
    lag = np.subtract.outer(np.arange(size, size + days), np.arange(size + days))
    late = np.where(
        (lag >= 0) & (lag < len(model.delay)), model.delay[np.clip(lag, 0, len(model.delay) - 1)], 0.0
    )
    factor = np.exp(model.columns @ state[knots + 2 :])
    reports, by_state = (late @ infected) * factor, (late @ slope) * factor[:, None]
    by_state[:, knots + 2 :] = reports[:, None] * model.columns
    shape = (-1, model.period_days)
    share = model.seen
    return reports.reshape(shape).sum(axis=1) * share, (
        by_state.reshape(len(share), model.period_days, -1).sum(axis=1) * share[:, None]
    )


def _likelihood(counts: FloatArray, mean: FloatArray, noise: FloatArray | float) -> FloatArray:
    """Return the negative binomial log likelihood, summed over the last axis; NaN counts are left out."""
    size = 1 / np.maximum(np.asarray(noise, dtype=np.float64), 1e-4) ** 2
    known = ~np.isnan(counts)
    y, mean = counts[known], np.maximum(mean[..., known], 1e-12)
    terms = gammaln(y + size) - gammaln(size) - gammaln(y + 1) + y * np.log(mean / (size + mean))
    return np.asarray((terms - size * np.log1p(mean / size)).sum(axis=-1))


class _Point(NamedTuple):
    """One setting: log evidence with prior, precision of the prior, mode, root of the covariance there."""

    value: float
    setting: FloatArray
    precision: FloatArray
    mode: FloatArray
    root: FloatArray


def _point(model: _Model, prior: LatentPrior, setting: FloatArray, start: FloatArray) -> _Point:
    """Climb from a state to the mode at a setting."""
    movement, noise = np.exp(setting)
    precision = _prior_precision(model, prior, float(movement))
    known = ~np.isnan(model.counts)

    def target(state: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        mean, slope = _mean_and_slope(model, state)
        value = float(_likelihood(model.counts, mean, float(noise))) - float(state @ precision @ state) / 2
        return value, np.maximum(mean[known], 1e-12), slope[known]

    state = start.copy()
    value, mean, slope = target(state)
    for _ in range(ROUNDS):
        variance = mean * (1 + noise**2 * mean)
        gradient = slope.T @ ((model.counts[known] - mean) / variance) - precision @ state
        hessian = (slope.T / variance) @ slope + precision
        step = np.linalg.solve(hessian, gradient)
        length = min(1.0, 2.0 / float(np.abs(step).max() + 1e-300))
        for _half in range(12):
            new, new_mean, new_slope = target(state + length * step)
            if new >= value - 1e-9 * abs(value):
                break
            length /= 2
        gain = new - value
        state, value, mean, slope = state + length * step, new, new_mean, new_slope
        if abs(gain) < 1e-5 and length * float(np.abs(step).max()) < 1e-2:
            break
    variance = mean * (1 + noise**2 * mean)
    hessian = (slope.T / variance) @ slope + precision
    root = np.linalg.inv(np.linalg.cholesky(hessian)).T
    evidence = value + np.linalg.slogdet(precision)[1] / 2 - np.linalg.slogdet(hessian)[1] / 2
    return _Point(float(evidence) + _setting_density(prior, setting), setting, precision, state, root)


def _setting_density(prior: LatentPrior, setting: FloatArray) -> float:
    scaled = np.exp(setting) / np.array([prior.movement, prior.noise])
    return float(np.sum(np.log(scaled) - scaled))


def _settings(model: _Model, prior: LatentPrior) -> list[_Point]:
    """Return the settings that matter: a coarse grid, and a finer one around its best."""
    state = np.zeros(model.size)
    coarse = []
    for movement in MOVEMENTS[::-1]:
        for noise in NOISES[::-1]:
            coarse.append(_point(model, prior, np.array([movement, noise]), state))
            state = coarse[-1].mode
    best = max(coarse, key=lambda point: point.value)
    fine = []
    for first in range(-3, 4):
        for second in range(-3, 4):
            setting = best.setting + STEP * np.array([first, second])
            fine.append(_point(model, prior, setting, best.mode))
    top = max(point.value for point in fine)
    return [point for point in fine if point.value > top - LEAST_GAP]


def _simulate(model: _Model, state: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return R, infections and expected reports of many states at once: [draw, day], [draw, period]."""
    knots, past = model.basis.shape[1], _before(model)
    days, size = len(model.basis), len(past)
    reproduction = np.exp(np.clip(state[:, :knots] @ model.basis.T, -10, 5))
    infected = np.empty((len(state), size + days))
    infected[:, :size] = np.exp(
        np.clip(model.level + state[:, knots : knots + 1] + state[:, knots + 1 : knots + 2] * past, -30, 30)
    )
    backwards = model.weight[:0:-1]
    total = np.zeros(len(state))
    for day in range(days):
        here = size + day
        pressure = infected[:, here - len(backwards) : here] @ backwards
        reproduction[:, day] *= np.maximum(1 - total / model.countable, 1e-6)
        infected[:, here] = reproduction[:, day] * pressure + model.imports[day]
        total += infected[:, here]
    reports = np.empty((len(state), days))
    reversed_delay = model.delay[::-1]
    for day in range(days):
        here = size + day + 1
        reports[:, day] = infected[:, here - len(reversed_delay) : here] @ reversed_delay
    reports *= np.exp(state[:, knots + 2 :] @ model.columns.T)
    return (
        reproduction,
        infected[:, size:],
        reports.reshape(len(state), -1, model.period_days).sum(axis=2),
    )


def _log_joint(
    model: _Model, points: list[_Point], source: NDArray[np.int64], state: FloatArray
) -> FloatArray:
    """Return the log density of counts and states [draw], each at its setting, up to its constant."""
    form = np.empty(len(state))
    noise = np.exp(np.array([point.setting[1] for point in points]))[source]
    for index, point in enumerate(points):
        here = source == index
        form[here] = ((state[here] @ point.precision) * state[here]).sum(axis=1)
    _reproduction, _infected, reports = _simulate(model, state)
    return np.asarray(_likelihood(model.counts, reports * model.seen, noise[:, None]) - form / 2)
