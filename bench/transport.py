"""Claim: transport of 20 items, 300 warehouses x 3 000 points, 4 x faster than OR-Tools, optimum proven.

``python bench/transport.py [INSTANCE.npz]``. The instance holds ``cost[w, d]``, ``sup[item, w]`` and
``dem[item, d]``; without a file one is drawn from a seed. OR-Tools (extra ``routing``) solves the same items
over all arcs in the same run; without it the ratio is left out. The floor is one reading of all arcs.
"""

from __future__ import annotations

import resource
import sys
import time
from importlib.util import find_spec

import numpy as np

from fangxian.logistics.allocation.transport import TransportProblem, solve_transport


def instance() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return cost, supplies and demands, of the file named or drawn from a seed."""
    if len(sys.argv) > 1:
        held = np.load(sys.argv[1])
        return held["cost"], held["sup"], held["dem"]
    numbers = np.random.default_rng(7)
    here, there = numbers.uniform(0, 1000, (300, 1, 2)), numbers.uniform(0, 1000, (1, 3000, 2))
    cost = np.hypot(*np.moveaxis(here - there, -1, 0)).round().astype(np.int64)
    demand = numbers.integers(1, 100, (20, 3000))
    supply = np.stack([numbers.multinomial(int(1.15 * each.sum()), np.full(300, 1 / 300)) for each in demand])
    return cost, supply, demand


def ours(cost: np.ndarray, supply: np.ndarray, demand: np.ndarray) -> tuple[int, int]:
    """Return total cost and total gap over the items."""
    results = [solve_transport(TransportProblem(cost, *item)) for item in zip(supply, demand, strict=True)]
    return sum(each.total_cost for each in results), sum(each.gap for each in results)


def or_tools(cost: np.ndarray, supply: np.ndarray, demand: np.ndarray) -> int:
    """Return the total cost that OR-Tools' min-cost flow finds over all arcs."""
    from ortools.graph.python import min_cost_flow

    warehouses, points = cost.shape
    tails = np.repeat(np.arange(warehouses), points)
    heads = warehouses + np.tile(np.arange(points), warehouses)
    sink, everywhere = warehouses + points, np.arange(warehouses)
    total = 0
    for held, wanted in zip(supply, demand, strict=True):
        flow = min_cost_flow.SimpleMinCostFlow()
        most = np.full(tails.shape[0], 10**6)
        flow.add_arcs_with_capacity_and_unit_cost(tails, heads, most, cost.ravel())
        flow.add_arcs_with_capacity_and_unit_cost(
            everywhere, np.full(warehouses, sink), held, np.zeros(warehouses, np.int64)
        )
        for node, amount in enumerate([*held, *-wanted, wanted.sum() - held.sum()]):
            flow.set_node_supply(node, int(amount))
        assert flow.solve() == flow.OPTIMAL
        total += flow.optimal_cost()
    return total


def main() -> None:
    """Print time, cost, gap, ratio and peak memory."""
    cost, supply, demand = instance()
    solve_transport(
        TransportProblem(cost[:2, :2], supply[0][:2], demand[0][:2] * 0)
    )  # compiled before timing
    began = time.perf_counter()
    total, gap = ours(cost, supply, demand)
    spent = time.perf_counter() - began
    began = time.perf_counter()
    for _ in demand:
        cost.min()
    floor = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{demand.shape[0]} items, {cost.shape[0]} warehouses x {cost.shape[1]} points")
    print(f"{'solver':<22}{'seconds':>10}{'total cost':>16}{'gap':>6}")
    print(f"{'Fangxian':<22}{spent:>10.2f}{total:>16}{gap:>6}   peak {memory:.0f} MB")
    print(f"{'reading all arcs once':<22}{floor:>10.3f}{'':>22}   {spent / floor:.0f} x the floor")
    if find_spec("ortools") is None:
        print("OR-Tools is not installed (extra [routing]); no ratio")
        return
    began = time.perf_counter()
    theirs = or_tools(cost, supply, demand)
    other = time.perf_counter() - began
    print(f"{'OR-Tools min-cost flow':<22}{other:>10.2f}{theirs:>16}{0:>6}   ratio {other / spent:.1f} x")
    assert theirs == total


if __name__ == "__main__":
    main()
