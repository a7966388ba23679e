"""Claim: in 50 seeded weeks, beside sharing in proportion, the red tier's unmet need falls 30 %, expiry 50 %.

At no more transport. ``python bench/supply_weeks.py [--weeks N] [--seed S] [--ratio R]``. Both rules live
through the same weeks in a made-up city (模拟数据), each with what its own shipments left; both may send only
to the places below a warehouse, and at every point the red tier is served first. The last row lets warehouses
also serve the places of their parent 药物共享共济. Intervals are from weeks drawn again with replacement, in
stretches of four.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from fangxian.logistics.instances.geography import RegionSize, make_region
from fangxian.logistics.instances.supplies import SupplyOptions, make_supplies
from fangxian.studies.supplies.weeks import WeeksOptions, proportional, run_weeks, targeted

CITY = RegionSize(1, 6, 40, 400, 600_000)
STRETCH = 4


def table_of(outcomes: tuple) -> np.ndarray:
    """Return red, yellow and green unmet, expired and litre-km by week."""
    return np.array([[*week.unmet, week.expired, week.litre_km] for week in outcomes], float)


def change(ours: np.ndarray, theirs: np.ndarray, seed: int) -> list[str]:
    """Return the change of each column in per cent with a 95 % interval."""
    numbers = np.random.default_rng(seed)
    weeks = ours.shape[0]
    starts = numbers.integers(0, weeks, (1_000, -(-weeks // STRETCH)))
    drawn = ((starts[:, :, None] + np.arange(STRETCH)) % weeks).reshape(1_000, -1)[:, :weeks]
    again = ours[drawn].sum(axis=1) / np.maximum(theirs[drawn].sum(axis=1), 1e-9) - 1
    low, high = np.percentile(again, [2.5, 97.5], axis=0)
    now = ours.sum(axis=0) / np.maximum(theirs.sum(axis=0), 1e-9) - 1
    return [f"{n:+.0%} ({a:+.0%} to {b:+.0%})" for n, a, b in zip(now, low, high, strict=True)]


def main() -> None:
    """Print what each rule left unmet, threw away and carried, and the change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ratio", type=float, default=0.9)
    chosen = parser.parse_args()
    region = make_region(CITY, chosen.seed)
    options = WeeksOptions(chosen.weeks, chosen.ratio)
    made = {aid: SupplyOptions(6, chosen.ratio, aid) for aid in ("none", "parent")}
    worlds = {aid: make_supplies(region, each, chosen.seed) for aid, each in made.items()}
    print(f"{'rule':<28}{'red':>9}{'yellow':>9}{'green':>11}{'expired':>9}{'litre-km':>12}{'seconds':>9}")
    found = {}
    for name, rule, aid in (
        ("in proportion (today)", proportional, "none"),
        ("targeted", targeted, "none"),
        ("targeted, neighbours too", targeted, "parent"),
    ):
        began = time.perf_counter()
        found[name] = table_of(run_weeks(worlds[aid], rule, options, chosen.seed))
        sums = found[name].sum(axis=0)
        print(
            f"{name:<28}"
            + "".join(f"{value:>{width}.0f}" for value, width in zip(sums, (9, 9, 11, 9, 12), strict=True))
            + f"{time.perf_counter() - began:>9.0f}"
        )
    theirs = found.pop("in proportion (today)")
    for name, ours in found.items():
        red, _, _, expired, carried = change(ours, theirs, chosen.seed)
        print(f"{name}: red unmet {red}, expired {expired}, transport {carried}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{chosen.weeks} weeks, seed {chosen.seed}; peak {memory:.2f} GB (模拟数据)")


if __name__ == "__main__":
    main()
