"""The plain transportation problem: ship from warehouses to demand points at least cost, proven.

The dual prices prove the optimum: every arc is priced at the end, and none is cheaper than its prices say.
They also explain it: the price of a demand point is what one more unit there would cost, the price of a
warehouse what one more unit in stock would save.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.transport_kernel import (
    first_tree,
    hang_tree,
    lowest_reduced,
    pivot_to_optimum,
)

Integers = NDArray[np.int64]

_LARGEST = 2**40
"""Costs and amounts stay below this, so that prices, sums of at most some thousand costs, fit 64 bits."""


@dataclass(frozen=True)
class TransportProblem:
    """What is where and what it costs to move it.

    Parameters
    ----------
    cost : int64[W, D]
        Cost of moving one unit from a warehouse to a demand point; not negative.
    supply : int64[W]
        Units in each warehouse.
    demand : int64[D]
        Units wanted; their sum is at most that of the supplies.

    Raises
    ------
    ValueError
        When shapes differ, a value is negative or not whole, or demands exceed supplies.
    """

    cost: Integers
    supply: Integers
    demand: Integers

    def __post_init__(self) -> None:
        """Check shapes, signs and that there is enough."""
        shape = (self.supply.shape[0], self.demand.shape[0])
        if self.cost.shape != shape or min(shape) == 0:
            raise ValueError(
                f"cost must have one row a warehouse and one column a demand point, at least one of each "
                f"(got {self.cost.shape} for {shape[0]} supplies and {shape[1]} demands); align the tables"
            )
        for name, values in (("cost", self.cost), ("supply", self.supply), ("demand", self.demand)):
            if not np.issubdtype(values.dtype, np.integer):
                raise ValueError(
                    f"{name} must be whole numbers (got {values.dtype}); choose a finer unit and round"
                )
            if values.min() < 0:
                raise ValueError(f"{name} must not be negative (got {values.min()}); correct the record")
            if values.max() >= _LARGEST:
                raise ValueError(f"{name} must be below 2^40 (got {values.max()}); choose a coarser unit")
        if self.demand.sum() > self.supply.sum():
            raise ValueError(
                f"demands must not exceed supplies (got {self.demand.sum()} wanted, "
                f"{self.supply.sum()} held); cut demands first, for example by fair shares"
            )


@dataclass(frozen=True)
class TransportParameters:
    """How the tree is pivoted; no choice changes the cost found.

    Parameters
    ----------
    stripe : int
        Demand points whose arcs are compared before the best enters; at least 1.
    nearest : int
        Arcs of each demand point that the first tree is made from; at least 1.
    """

    stripe: int = 8
    nearest: int = 16

    def __post_init__(self) -> None:
        """Refuse a stripe or a neighbourhood of nothing."""
        if self.stripe < 1 or self.nearest < 1:
            raise ValueError(f"stripe and nearest must be at least 1 (got {self.stripe} and {self.nearest})")


@dataclass(frozen=True)
class TransportResult:
    """An optimum and its proof.

    Parameters
    ----------
    warehouse, point, amount : int64[S]
        The shipments, each with at least one unit.
    total_cost : int
        Their cost.
    bound : int
        What no plan can undercut: the value of the prices. Equal to ``total_cost`` at an optimum.
    warehouse_price, point_price : int64[W], int64[D]
        ``cost[w, d] >= point_price[d] - warehouse_price[w]`` everywhere, with equality where goods move.
    pivots : int
        Steps taken.
    """

    warehouse: Integers
    point: Integers
    amount: Integers
    total_cost: int
    bound: int
    warehouse_price: Integers
    point_price: Integers
    pivots: int

    @property
    def gap(self) -> int:
        """Cost above the bound; 0 when the optimum is proven."""
        return self.total_cost - self.bound


def solve_transport(
    problem: TransportProblem,
    parameters: TransportParameters | None = None,
    start: tuple[Integers, Integers, Integers] | None = None,
) -> TransportResult:
    """Find the cheapest shipments.

    Parameters
    ----------
    problem : TransportProblem
        What is where.
    parameters : TransportParameters, optional
        How to pivot.
    start : tuple of int64[S], optional
        Warehouse, point and units of shipments to begin from, such as those of a problem that differs
        little. They meet every demand, and no chain of them closes to a circle, as in any result.

    Returns
    -------
    TransportResult
        With ``gap`` 0.

    Raises
    ------
    ValueError
        When the start does not meet the demands, overdraws a supply or closes a circle.
    """
    chosen = parameters or TransportParameters()
    warehouses, points = problem.cost.shape
    supply = problem.supply.astype(np.int64)
    spare = int(supply.sum() - problem.demand.sum())
    demand = np.append(problem.demand, spare).astype(np.int64)
    cost = np.empty((points + 1, warehouses), np.int64)
    cost[:points] = problem.cost.T
    cost[points] = 0
    if start is None:
        parent, flow = _first_basis(cost, supply, demand, chosen.nearest)
    else:
        parent, flow = _basis_from(start, supply, demand)
    price, pivots = pivot_to_optimum(cost, parent, flow, chosen.stripe)
    child = np.flatnonzero((flow > 0) & (parent >= 0))
    ends = np.stack([child, parent[child]])
    warehouse, node = ends.min(axis=0), ends.max(axis=0)
    kept = node < warehouses + points
    warehouse, point, amount = warehouse[kept], node[kept] - warehouses, flow[child][kept]
    order = np.lexsort((warehouse, point))
    # The sink's price is the zero of the scale: what stays in a warehouse is worth nothing.
    scale = price[warehouses + points]
    warehouse_price, point_price = price[:warehouses] - scale, price[warehouses : warehouses + points] - scale
    lowest = lowest_reduced(cost, price)
    bound = int(point_price @ problem.demand - warehouse_price @ supply) if lowest >= 0 else 0
    return TransportResult(
        warehouse[order],
        point[order],
        amount[order],
        int(problem.cost[warehouse, point] @ amount),
        bound,
        warehouse_price,
        point_price,
        pivots,
    )


def _basis_from(
    start: tuple[Integers, Integers, Integers], supply: Integers, demand: Integers
) -> tuple[Integers, Integers]:
    warehouse, point, amount = start
    warehouses, points = supply.shape[0], demand.shape[0] - 1
    left = supply - np.bincount(warehouse, amount, warehouses).astype(np.int64)
    got = np.bincount(point, amount, points).astype(np.int64)
    if left.min() < 0 or not np.array_equal(got, demand[:points]):
        raise ValueError(
            "start must meet every demand and overdraw no supply (got "
            f"{int(np.abs(got - demand[:points]).sum())} units amiss); leave it out"
        )
    keeps = np.flatnonzero(left)
    parent, flow = hang_tree(
        np.concatenate([point, np.full(keeps.shape[0], points)]),
        np.concatenate([warehouse, keeps]),
        np.concatenate([amount, left[keeps]]),
        points + 1,
        warehouses,
    )
    nodes = warehouses + points + 1
    arcs_of_forest = nodes - int((parent == nodes).sum())
    too_many = warehouse.shape[0] + keeps.shape[0] - arcs_of_forest
    if too_many:
        raise ValueError(
            f"start must not close a circle (got {too_many} shipments too many); "
            "give the shipments of a result"
        )
    return parent, flow


def _first_basis(
    cost: Integers, supply: Integers, demand: Integers, nearest: int
) -> tuple[Integers, Integers]:
    points, warehouses = cost.shape[0] - 1, cost.shape[1]
    count = min(nearest, warehouses)
    near = np.argpartition(cost[:points], count - 1, axis=1)[:, :count]
    arcs = (np.arange(points)[:, None] * warehouses + near).ravel()
    arcs = arcs[np.argsort(cost.ravel()[arcs], kind="stable")]
    carried = np.zeros(arcs.shape[0], np.int64)
    left, wanted = first_tree(arcs, supply, demand, carried)
    used = carried > 0
    more, rest = _north_west(left, wanted, warehouses)
    arcs, carried = np.concatenate([arcs[used], more]), np.concatenate([carried[used], rest])
    return hang_tree(arcs // warehouses, arcs % warehouses, carried, points + 1, warehouses)


def _north_west(left: Integers, wanted: Integers, warehouses: int) -> tuple[Integers, Integers]:
    """Ship what the cheap arcs left over, in the order of the tables; sums of both sides are equal."""
    held, needed = np.cumsum(left), np.cumsum(wanted)
    cuts = np.union1d(held, needed)
    cuts = cuts[cuts > 0]
    amount = np.diff(cuts, prepend=0)
    warehouse = np.searchsorted(held, cuts, side="left")
    point = np.searchsorted(needed, cuts, side="left")
    return point * warehouses + warehouse, amount
