"""Claim: a province of 14 cities, 2 300 townships and 50 000 villages in under 5 minutes, gap stated.

``python bench/supply_province.py [--items N] [--seed S] [--processes P]``. The province is made up from the
seed (模拟数据). Each city is solved alone, one a process at a time; the stock of the province
and the nation is divided among them first. Gaps of fairness and shortage are those of the whole province; of
expiry and transport those of the cities, at this division. The floor is one reading of all arcs of each item.
"""

from __future__ import annotations

import argparse
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from fangxian.logistics.allocation.decomposition import ProvinceAllocation, allocate_parts
from fangxian.logistics.instances.geography import PROVINCE_SIZE, RegionSize, make_region
from fangxian.logistics.instances.supplies import SupplyOptions, make_parts


def main() -> None:
    """Print a row an item, then time and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    tiny = make_parts(make_region(RegionSize(2, 4, 8, 16, 90_000), 1), SupplyOptions(2), 1)
    began = time.perf_counter()
    parts, shared = make_parts(
        make_region(PROVINCE_SIZE, chosen.seed), SupplyOptions(chosen.items), chosen.seed
    )
    made = time.perf_counter() - began
    with ProcessPoolExecutor(chosen.processes, get_context("spawn")) as pool:
        list(pool.map(compiled, [tiny] * chosen.processes))
        began = time.perf_counter()
        found = allocate_parts(parts, shared, each=pool.map)
        spent = time.perf_counter() - began
        peaks = list(pool.map(peak_gb, range(8 * chosen.processes)))
    began = time.perf_counter()
    for _ in range(chosen.items):
        for part in parts:
            part.km.min()
    floor = time.perf_counter() - began
    report(found, parts[0].items.code)
    points = sum(len(part.point_code) for part in parts)
    held = sum(len(part.warehouses.code) - 2 for part in parts) + 2
    print(
        f"{len(parts)} cities, {held} warehouses, {points} points, {chosen.items} items, {chosen.processes} "
        f"processes: {spent:.1f} s, {spent / floor:.0f} x one reading of all arcs (and {made:.1f} s to make "
        f"them up); peak {peak_gb():.2f} GB and {max(peaks):.2f} GB a process (模拟数据)"
    )


def compiled(tiny: tuple) -> None:
    """Let a process compile before timing."""
    allocate_parts(*tiny)
    time.sleep(1)  # so that no process takes two


def peak_gb(_: int = 0) -> float:
    """Return the peak of memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def report(found: ProvinceAllocation, codes: tuple[str, ...]) -> None:
    """Print for each item what is sent and how far it may be from the best."""
    print(
        f"{'item':<16}{'sent':>10}{'shared':>9}{'fairness':>10}{'shortage':>10}{'expiry':>9}{'transport':>11}"
    )
    for item, code in enumerate(codes):
        plans = [part[item] for part in found.parts]
        behind = np.cumsum(found.steps_bound[item]) - np.cumsum(found.steps[item])
        lost = sum(plan.worth.lost - plan.bound.lost for plan in plans)
        sent = sum(int(plan.amount.sum()) for plan in plans)
        far = sum(plan.worth.hectometres for plan in plans)
        least = sum(plan.bound.hectometres for plan in plans)
        gap = (
            max(int(behind.max()), 0) / max(int(found.steps_bound[item].sum()), 1),
            max(found.weighted_shortage[item] / max(found.shortage_bound[item], 1e-9) - 1, 0),
            max(lost, 0) / max(sent, 1),
            max(far / max(least, 1) - 1, 0),
        )
        print(
            f"{code:<16}{sent:>10}{found.divided[:, item].sum():>9}"
            + "".join(f"{value:>{width}.4%}" for value, width in zip(gap, (10, 10, 9, 11), strict=True))
        )


if __name__ == "__main__":
    main()
