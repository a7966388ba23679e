"""Claim: 300 warehouses x 3 000 points x 20 items with a proven gap of at most 0.1 %, under 4 GB.

``python bench/supplies.py [--items N] [--aid none|parent|region] [--seed S]``. The city is made up from the
seed (模拟数据); with ``--aid region``, the default, every warehouse may serve every point, so that all arcs
count. Gaps are those of the four objectives in order; the floor is one reading of all arcs of each item.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from fangxian.logistics.allocation.allocate import allocate
from fangxian.logistics.allocation.stocks import usable
from fangxian.logistics.allocation.worth import gaps
from fangxian.logistics.instances.geography import RegionSize, make_region
from fangxian.logistics.instances.supplies import SupplyOptions, SupplyWorld, make_supplies

CITY = RegionSize(1, 20, 277, 2_400, 9_400_000)


def main() -> None:
    """Print a row an item, then time, memory and the largest gaps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--aid", default="region")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    tiny = make_supplies(make_region(RegionSize(1, 1, 2, 4, 9_000), 1), SupplyOptions(2), 1)
    allocate(tiny.problem)  # compiled before timing
    world = make_supplies(
        make_region(CITY, chosen.seed), SupplyOptions(chosen.items, aid=chosen.aid), chosen.seed
    )
    began = time.perf_counter()
    found = allocate(world.problem)
    spent = time.perf_counter() - began
    began = time.perf_counter()
    for _ in range(chosen.items):
        world.problem.km.min()
    floor = time.perf_counter() - began
    report(world, found.plans)
    held, wanted = world.problem.km.shape
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{held} warehouses x {wanted} points x {chosen.items} items: {spent:.1f} s, "
        f"{spent / floor:.0f} x one reading of all arcs; peak {memory:.2f} GB (模拟数据)"
    )


def report(world: SupplyWorld, plans: tuple) -> None:
    """Print what each item's plan is worth and how far it may be from the best, and all together."""
    names = ("fairness", "shortage", "expiry", "transport")
    print(f"{'item':<19}{'sent':>9}{'usable':>9}{'lowest floor':>13}" + "".join(f"{n:>11}" for n in names))
    excess, base = np.zeros(4), np.zeros(4)
    for plan in plans:
        held = max(int(usable(world.problem, plan.item).sum()), 1)
        gap = gaps(plan.worth, plan.bound, held)
        litres = float(world.problem.items.litres[plan.item])
        bound = plan.bound
        size = np.array([bound.steps.sum(), bound.weighted_shortage, held, bound.hectometres * litres])
        base += size
        excess += size * [gap[name] for name in names]
        print(
            f"{world.problem.items.code[plan.item]:<19}{plan.received.sum():>9}{held:>9}"
            f"{plan.worth.lowest_share:>13.3f}" + "".join(f"{gap[name]:>11.4%}" for name in names)
        )
    print(f"{'all items':<50}" + "".join(f"{share:>11.4%}" for share in excess / np.maximum(base, 1e-9)))


if __name__ == "__main__":
    main()
