"""Claim: with 10 000 series watched and nothing happening, a date has an alarm with the stated chance.

Simulated series without outbreak (模拟数据). Each date is judged once, on fresh series; the stated rate is
5 %. The right half of the table compares chances with how often they came: 1 is exact, less is cautious, and
an alarm among 10 000 needs a chance of about 1e-5. Counts that cluster in time are not in the model: their
row says what happens then.

    python bench/detection_null.py [--dates 20] [--only sparse]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.science.detection.reference_points import TimeAxis
from fangxian.science.detection.surprise import detect_surprises

FloatArray = NDArray[np.float64]

SERIES = 10_000
LEVELS = (1e-2, 1e-3, 1e-4, 1e-5)


@dataclass(frozen=True)
class Kind:
    """One kind of quiet series; the fields are what varies among them."""

    name: str
    steps: int
    a_year: int
    dispersion: Callable[[np.random.Generator], FloatArray]
    log_level: tuple[float, float] = (1.0, 1.2)
    season: float = 0.0
    trend: float = 0.0
    weekday: float = 0.0
    clustering: float = 0.0


def poisson(_: np.random.Generator) -> FloatArray:
    """Return dispersions of 1."""
    return np.ones(SERIES)


def mixed(rng: np.random.Generator) -> FloatArray:
    """Return dispersions from 1 on, 2 on average, some above 6."""
    return 1.01 + rng.gamma(1, 1, SERIES)


KINDS = (
    Kind("weekly, 1 year, Poisson", 52, 52, poisson),
    Kind("weekly, 1 year, negative binomial", 52, 52, mixed),
    Kind("weekly, 1 year, season and trend", 52, 52, mixed, season=0.8, trend=0.1),
    Kind("weekly, 3 years, season and trend", 156, 52, mixed, season=0.8, trend=0.1),
    Kind("weekly, 2 years, sparse", 104, 52, mixed, log_level=(-2.0, 0.8)),
    Kind("weekly, 12 weeks", 12, 52, mixed),
    Kind("daily, 90 days, Poisson", 90, 365, poisson),
    Kind("daily, 90 days, negative binomial", 90, 365, mixed),
    Kind("daily, 90 days, weekdays, season", 90, 365, mixed, season=0.8, trend=0.1, weekday=0.3),
    Kind("daily, 400 days, weekdays, season", 400, 365, mixed, season=0.8, trend=0.1, weekday=0.3),
    Kind("daily, 120 days, sparse, weekdays", 120, 365, mixed, log_level=(-2.0, 0.8), weekday=0.5),
    Kind("weekly, 2 years, clustered in time", 104, 52, mixed, clustering=0.3),
)


def quiet(kind: Kind, seed: int) -> FloatArray:
    """Return counts without outbreak [time, series]."""
    rng = np.random.default_rng(seed)
    year = np.arange(kind.steps)[:, None] / kind.a_year
    level = rng.normal(*kind.log_level, SERIES) + kind.trend * rng.normal(0, 1, SERIES) * (year - year[-1])
    phase = rng.uniform(0, 1, SERIES)
    level = level + kind.season * rng.uniform(0, 1, SERIES) * np.sin(2 * np.pi * (year + phase))
    if kind.weekday:
        pattern = kind.weekday * rng.normal(0, 1, (7, SERIES))
        level = level + pattern[np.arange(kind.steps) % 7]
    if kind.clustering:
        noise = np.zeros(SERIES)
        for step in range(kind.steps):
            noise = 0.7 * noise + rng.normal(0, kind.clustering * np.sqrt(1 - 0.49), SERIES)
            level[step] += noise
    mean, dispersion = np.exp(level), kind.dispersion(rng)
    if (dispersion <= 1).all():
        return rng.poisson(mean).astype(np.float64)
    size = mean / (dispersion - 1)
    return rng.negative_binomial(size, np.broadcast_to(1 / dispersion, size.shape)).astype(np.float64)


def row(number: int, kind: Kind, dates: int) -> str:
    """Judge the last step of so many panels and return the line of the table."""
    some = alarms = 0
    came = np.zeros(len(LEVELS))
    for date in range(dates):
        counts = quiet(kind, seed=1_000_000 * number + date)
        axis = TimeAxis(kind.steps, kind.a_year)
        found = detect_surprises(counts, axis, steps=[kind.steps - 1])
        some += int(found.alarm.any())
        alarms += int(found.alarm.sum())
        came += [(found.probability <= level).sum() for level in LEVELS]
    cells = " | ".join(f"{one:.2f}" for one in came / (dates * SERIES * np.array(LEVELS)))
    return f"| {kind.name} | {some / dates:.0%} | {alarms / dates:.2f} | {cells} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dates", type=int, default=20)
    parser.add_argument("--only", default="", help="kinds whose name holds this")
    given = parser.parse_args()
    levels = " | ".join(f"at {level:g}" for level in LEVELS)
    print(f"| {SERIES:,} series, {given.dates} dates | dates with an alarm | alarms a date | {levels} |")
    print("| --- |" + " --- |" * (2 + len(LEVELS)))
    for number, kind in enumerate(KINDS):
        if given.only in kind.name:
            print(row(number, kind, given.dates), flush=True)


if __name__ == "__main__":
    main()
