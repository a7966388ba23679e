"""Claim: the rank of the true R in its posterior is uniform, for both renewal models (rank histograms flat).

Simulation-based calibration (Talts et al. 2018, arXiv:1804.06788): movement, noise and path are drawn from
the prior, a series from the model (模拟数据), and the true R of a middle and of the last day is placed among
the tenths of its posterior. Where the posterior is right each tenth holds as many. A histogram is called flat
where a chi-square test finds no more unevenness than chance makes in one of a hundred (p at least 0.01).

    python bench/renewal_calibration.py [--series 300]
"""

from __future__ import annotations

import argparse
import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from fangxian.science.renewal.cori import infectivity
from fangxian.science.renewal.latent import LatentData, LatentPrior, estimate_latent_renewal
from fangxian.science.renewal.renewal import RenewalData, RenewalOptions, estimate_renewal
from fangxian.science.renewal.smooth_model import SmoothPrior

FloatArray = NDArray[np.float64]

WEIGHT = np.array([0.0, 0.25, 0.35, 0.25, 0.15])
DELAY = np.array([0.2, 0.4, 0.3, 0.1])
DAYS = 40
SHOWN = (18, DAYS - 1)
MOVEMENT, FIRST, NOISE = 0.03, 0.15, 0.1
MOST = 1e6
"""Expected reports a day: a series that outgrows it is drawn again."""
TENTHS = tuple(np.arange(1, 10) / 10)


def _path(generator: np.random.Generator) -> FloatArray:
    step = generator.normal(0, generator.exponential(MOVEMENT), DAYS)
    step[0] = generator.normal(0, FIRST)
    return np.cumsum(step)


def _seen(generator: np.random.Generator, mean: FloatArray, noise: float) -> FloatArray:
    return generator.poisson(mean * generator.gamma(noise**-2, noise**2, len(mean))).astype(float)


def _reports(generator: np.random.Generator, jumps: float) -> list[int]:
    """Return the tenths of two days of one series in which reports lead to reports."""
    prior = SmoothPrior(
        orders=(1,),
        step_deviation=MOVEMENT,
        first_deviation=FIRST,
        noise=NOISE,
        pull_deviation=1e6,
        jump_probability=jumps,
        jump_deviation=0.5,
    )
    path, noise = _path(generator), generator.exponential(NOISE)
    jump = (generator.random(DAYS) < jumps) & (np.arange(DAYS) > 0)
    path += np.cumsum(jump * generator.normal(0, prior.jump_deviation, DAYS))
    counts = np.full(DAYS, 60.0)
    for day in range(5, DAYS):
        mean = math.exp(path[day]) * infectivity(counts[: day + 1], WEIGHT)[day]
        counts[day] = _seen(generator, np.array([mean]), noise)[0]
    options = RenewalOptions(prior=prior, weekdays=False)
    quantiles = estimate_renewal(RenewalData(counts, WEIGHT), options).posterior.quantiles(TENTHS)
    return [int(np.searchsorted(quantiles[day], path[day])) for day in SHOWN]


def _expected_reports(generator: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return the mean of each day's reports, and the log of R."""
    path, past = _path(generator), len(WEIGHT) - 1
    level, trend = math.log(60) + generator.normal(0, 0.5), generator.normal(0, 0.1)
    infected = np.concatenate([np.exp(level + trend * np.arange(-past, 0)), np.zeros(DAYS)])
    for day in range(DAYS):
        here = past + day
        infected[here] = math.exp(path[day]) * infected[here - past : here] @ WEIGHT[:0:-1]
    return np.convolve(infected, DELAY)[past : past + DAYS], path


def _infections(generator: np.random.Generator, seed: int) -> list[int]:
    """Return the tenths of two days of one series of infections that are reported late."""
    prior = LatentPrior(movement=MOVEMENT, noise=NOISE, first_deviation=FIRST)
    mean, path = np.full(1, np.inf), np.zeros(DAYS)
    while mean.max() > MOST:
        mean, path = _expected_reports(generator)
    counts = _seen(generator, mean, generator.exponential(NOISE))
    fit = estimate_latent_renewal(LatentData(counts, WEIGHT, DELAY), prior, draws=796, seed=seed)
    below = (fit.reproduction_draws < np.exp(path)).sum(axis=0)
    return [int(below[day] * 10 // (len(fit.reproduction_draws) + 1)) for day in SHOWN]


def main() -> None:
    """Print a histogram a model, and exit 1 where one is not flat."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=300)
    series = parser.parse_args().series
    generator = np.random.default_rng(11)
    places = {
        "reports": [place for _ in range(series) for place in _reports(generator, 0.0)],
        "reports, jumps": [place for _ in range(series) for place in _reports(generator, 0.02)],
        "infections": [place for seed in range(series) for place in _infections(generator, seed + 1)],
    }
    flat = True
    print(f"{'model':15}" + "".join(f"{tenth:5d}" for tenth in range(1, 11)) + "   chi-square p")
    for name, found in places.items():
        counts = np.bincount(found, minlength=10)
        chance = float(stats.chisquare(counts).pvalue)
        flat &= chance >= 0.01
        print(f"{name:15}" + "".join(f"{count:5d}" for count in counts) + f"   {chance:12.3f}")
    print(f"claim: rank histograms are flat: {'holds' if flat else 'DOES NOT HOLD'}")
    raise SystemExit(not flat)


if __name__ == "__main__":
    main()
