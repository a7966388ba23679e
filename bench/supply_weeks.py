"""Claim: in 50 seeded weeks, beside sharing in proportion, the red tier's unmet need falls 30 %, expiry 50 %.

At no more transport. ``python bench/supply_weeks.py [--weeks N] [--seed S] [--ratio R]``. Both rules live
through the same weeks in a made-up city (模拟数据), each with what its own shipments left. Today's rule sends
to the places below a warehouse; ours may also send to points within an hour 药物共享共济, and plans within
98 % of the litre-km that today's rule took until then (floors travel whatever the limit). At every point the
red tier is served first. Other rows: ours in the same areas, and without the limit. Intervals are from weeks
drawn again with replacement, four in a row. Last comes what expires in the same areas under any rule, even
one that knows all weeks ahead.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from fangxian.logistics.instances.geography import RegionSize, make_region
from fangxian.logistics.instances.supplies import SupplyOptions, SupplyWorld, make_supplies
from fangxian.studies.supplies.foresight import least_expired
from fangxian.studies.supplies.weeks import (
    Policy,
    WeeksOptions,
    proportional,
    run_weeks,
    targeted,
    targeted_within,
)

CITY = RegionSize(1, 6, 40, 400, 600_000)
STRETCH = 4
MARGIN = 0.98
"""Part of today's transport that ours plans within: floors travel whatever the limit."""


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


def play(name: str, world: SupplyWorld, rule: Policy, options: WeeksOptions, seed: int) -> np.ndarray:
    """Play the weeks under a rule, print their sums and return their table."""
    began = time.perf_counter()
    table = table_of(run_weeks(world, rule, options, seed))
    sums = zip(table.sum(axis=0), (9, 9, 11, 9, 12), strict=True)
    shown = "".join(f"{value:>{width}.0f}" for value, width in sums)
    print(f"{name:<28}{shown}{time.perf_counter() - began:>9.0f}", flush=True)
    return table


def main() -> None:
    """Print what each rule left unmet, threw away and carried, and the change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ratio", type=float, default=0.9)
    chosen = parser.parse_args()
    region = make_region(CITY, chosen.seed)
    options = WeeksOptions(chosen.weeks, chosen.ratio)
    own = make_supplies(region, SupplyOptions(6, chosen.ratio), chosen.seed)
    near = make_supplies(region, SupplyOptions(6, chosen.ratio, aid_hours=1.0), chosen.seed)
    print(f"{'rule':<28}{'red':>9}{'yellow':>9}{'green':>11}{'expired':>9}{'litre-km':>12}{'seconds':>9}")
    theirs = play("in proportion (today)", own, proportional, options, chosen.seed)
    limit = (MARGIN * theirs[:, -1]).tolist()
    ours = {
        name: play(name, *each, options, chosen.seed)
        for name, each in {
            "targeted, same areas": (own, targeted_within(limit)),
            "targeted, neighbours too": (near, targeted_within(limit)),
            "the same, no limit": (near, targeted),
        }.items()
    }
    for name, table in ours.items():
        red, _, _, expired, carried = change(table, theirs, chosen.seed)
        print(f"{name}: red unmet {red}, expired {expired}, transport {carried}")
    least = least_expired(own, options, chosen.seed)
    share = least / theirs[:, 3].sum() - 1
    print(f"in the same areas at least {least} expire whatever the rule: {share:+.0%}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{chosen.weeks} weeks, seed {chosen.seed}; peak {memory:.2f} GB (模拟数据)")


if __name__ == "__main__":
    main()
