"""The approximation against a long Markov chain, and its ranks against a uniform distribution.

The chain is written from the model alone: elliptical slice sampling of the whitened steps of log R (Murray,
Adams and MacKay 2010) and random-walk Metropolis of the two settings, in the non-centred form. It shares
nothing with the approximation but the prior.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from fangxian.base.compiled import compiled
from fangxian.science.renewal.cori import infectivity
from fangxian.science.renewal.renewal import RenewalData, RenewalOptions, estimate_renewal
from fangxian.science.renewal.smooth_model import SmoothPrior

WEIGHT = np.array([0.0, 0.25, 0.35, 0.25, 0.15])
LEVELS = (0.025, 0.25, 0.5, 0.75, 0.975)


@compiled(nogil=True)
def _log_likelihood(counts: np.ndarray, pressure: np.ndarray, path: np.ndarray, noise: float) -> float:
    size, total = 1 / noise**2, 0.0
    for day in range(len(counts)):
        if not math.isnan(counts[day]):
            mean, count = pressure[day] * math.exp(path[day]), counts[day]
            total += math.lgamma(count + size) - math.lgamma(size)
            total += count * math.log(mean / (size + mean)) - size * math.log1p(mean / size)
    return total


@compiled(nogil=True)
def _path(unit: np.ndarray, movement: float, first: float) -> np.ndarray:
    path = np.empty(len(unit))
    path[0] = first * unit[0]
    for day in range(1, len(unit)):
        path[day] = path[day - 1] + movement * unit[day]
    return path


@compiled(nogil=True)
def _chain(
    counts: np.ndarray,
    pressure: np.ndarray,
    prior: tuple[float, float, float],
    steps: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Return every tenth path of the chain after its first fifth."""
    first, mean_movement, mean_noise = prior
    days = len(counts)
    unit, settings = np.zeros(days), np.log(np.array([mean_movement, mean_noise]))
    value = _log_likelihood(
        counts, pressure, _path(unit, math.exp(settings[0]), first), math.exp(settings[1])
    )
    kept = np.empty(((steps - steps // 5) // 10, days))
    for step in range(steps):
        for _ in range(2):
            other, threshold = generator.standard_normal(days), value + math.log(generator.random())
            angle = generator.random() * 2 * math.pi
            low, high = angle - 2 * math.pi, angle
            while True:
                trial = unit * math.cos(angle) + other * math.sin(angle)
                path = _path(trial, math.exp(settings[0]), first)
                new = _log_likelihood(counts, pressure, path, math.exp(settings[1]))
                if new > threshold:
                    unit, value = trial, new
                    break
                if angle < 0:
                    low = angle
                else:
                    high = angle
                angle = low + (high - low) * generator.random()
        for axis in range(2):
            moved = settings.copy()
            moved[axis] += 0.6 * generator.standard_normal()
            path = _path(unit, math.exp(moved[0]), first)
            new = _log_likelihood(counts, pressure, path, math.exp(moved[1]))
            mean = mean_movement if axis == 0 else mean_noise
            change = moved[axis] - settings[axis] - (math.exp(moved[axis]) - math.exp(settings[axis])) / mean
            if math.log(generator.random()) < new - value + change:
                settings, value = moved, new
        index = (step - steps // 5) // 10
        if step >= steps // 5 and (step - steps // 5) % 10 == 0 and index < len(kept):
            kept[index] = _path(unit, math.exp(settings[0]), first)
    return kept


def _epidemic(generator: np.random.Generator, reproduction: np.ndarray, start: float) -> np.ndarray:
    counts = np.full(len(reproduction), start)
    for day in range(5, len(counts)):
        mean = reproduction[day] * infectivity(counts[: day + 1], WEIGHT)[day]
        counts[day] = generator.negative_binomial(100, 100 / (100 + mean)) if mean > 0 else 0
    return counts


@pytest.mark.parametrize(("start", "seed"), [(4.0, 1), (12.0, 2)])
def test_intervals_are_those_of_a_long_chain(start: float, seed: int) -> None:
    """Medians within 2 %, ends of the 95 % interval within 5 % of its width; few cases and some."""
    generator = np.random.default_rng(seed)
    counts = _epidemic(generator, np.exp(0.25 * np.sin(np.arange(45) / 7)), start)
    counts[25] = np.nan if start == 12 else counts[25]
    prior = SmoothPrior(
        orders=(1,),
        step_deviation=0.1,
        first_deviation=0.5,
        noise=0.2,
        pull_deviation=1e6,
        jump_probability=0,
    )
    fit = estimate_renewal(RenewalData(counts, WEIGHT), RenewalOptions(prior=prior, weekdays=False))
    ours = fit.reproduction(LEVELS).quantiles
    series = fit.posterior.series
    paths = _chain(
        series.observed, np.exp(series.base), (0.5, 0.1, 0.2), 160_000, np.random.default_rng(seed + 100)
    )
    chain = np.quantile(np.exp(paths), LEVELS, axis=0).T
    width = chain[:, 4] - chain[:, 0]
    assert np.max(np.abs(ours[:, 2] / chain[:, 2] - 1)) < 0.02
    assert np.max(np.abs(ours[:, 0] - chain[:, 0]) / width) < 0.05
    assert np.max(np.abs(ours[:, 4] - chain[:, 4]) / width) < 0.05


@pytest.mark.parametrize("jump_probability", [0.0, 0.02])
def test_ranks_of_simulated_truth_are_uniform(jump_probability: float) -> None:
    """Simulation-based calibration (Talts et al. 2018): truth drawn from the prior fills deciles evenly."""
    prior = SmoothPrior(
        orders=(1,),
        step_deviation=0.03,
        first_deviation=0.15,
        noise=0.1,
        pull_deviation=1e6,
        jump_probability=jump_probability,
        jump_deviation=0.5,
    )
    generator = np.random.default_rng(11)
    deciles = tuple(np.arange(1, 10) / 10)
    places: list[int] = []
    for _ in range(150):
        movement, noise = generator.exponential(prior.step_deviation), generator.exponential(prior.noise)
        step = generator.normal(0, movement, 40)
        step[0] = generator.normal(0, prior.first_deviation)
        jump = (generator.random(40) < jump_probability) & (np.arange(40) > 0)
        path = np.cumsum(step + jump * generator.normal(0, prior.jump_deviation, 40))
        counts = np.full(40, 60.0)
        for day in range(5, 40):
            mean = math.exp(path[day]) * infectivity(counts[: day + 1], WEIGHT)[day]
            counts[day] = generator.poisson(mean * generator.gamma(noise**-2, noise**2))
        options = RenewalOptions(prior=prior, weekdays=False)
        quantiles = estimate_renewal(RenewalData(counts, WEIGHT), options).posterior.quantiles(deciles)
        places += [int(np.searchsorted(quantiles[day], path[day])) for day in (12, 39)]
    assert stats.chisquare(np.bincount(places, minlength=10)).pvalue > 0.005
