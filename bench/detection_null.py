"""Claim: with 10 000 series watched and nothing happening, a date has an alarm with the stated chance.

Simulated series without outbreak (模拟数据), negative binomial with many levels, seasons, trends and
dispersions. Each date is judged once, on fresh series; the stated rate is 5 %. The second part of the table
compares chances with how often they came: 1 is exact, less is cautious.
"""

from __future__ import annotations

import sys

import numpy as np

from fangxian.science.detection.reference_points import TimeAxis
from fangxian.science.detection.surprise import SurpriseOptions, detect_surprises

SERIES = 10_000
LEVELS = (1e-2, 1e-3, 1e-4, 1e-5)
KINDS = {"weekly, 1 year": (52, 52), "weekly, 3 years": (156, 52), "daily, 90 days": (90, 365)}


def quiet(steps: int, a_year: int, seed: int) -> np.ndarray:
    """Return counts without outbreak [time, series]."""
    rng = np.random.default_rng(seed)
    year = np.arange(steps)[:, None] / a_year
    level = rng.normal(1, 1.2, SERIES) + rng.normal(0, 0.1, SERIES) * (year - year[-1])
    level = level + rng.uniform(0, 0.8, SERIES) * np.sin(2 * np.pi * (year + rng.uniform(0, 1, SERIES)))
    if a_year == 365:
        level = level + (np.arange(steps)[:, None] % 7 == 6) * rng.normal(0, 0.3, SERIES)
    mean, excess = np.exp(level), rng.gamma(1, 1, SERIES) + 0.01
    return rng.negative_binomial(mean / excess, 1 / (1 + excess) * np.ones_like(mean)).astype(float)


def main() -> None:
    """Print the table."""
    dates = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    options = SurpriseOptions()
    print(
        f"| {SERIES:,} series, {dates} dates | dates with an alarm | alarms a date | "
        + " | ".join(f"at {level:g}" for level in LEVELS)
        + " |"
    )
    print("| --- |" + " --- |" * (2 + len(LEVELS)))
    for name, (steps, a_year) in KINDS.items():
        some = alarms = 0
        came = np.zeros(len(LEVELS))
        for date in range(dates):
            counts = quiet(steps, a_year, seed=1000 * steps + date)
            found = detect_surprises(counts, TimeAxis(steps, a_year), options, steps=[steps - 1])
            some += int(found.alarm.any())
            alarms += int(found.alarm.sum())
            came += [(found.probability <= level).sum() for level in LEVELS]
        ratio = came / (dates * SERIES * np.array(LEVELS))
        cells = " | ".join(f"{one:.2f}" for one in ratio)
        print(f"| {name} | {some / dates:.0%} | {alarms / dates:.2f} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
