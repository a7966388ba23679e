"""How items share vehicles: what must be sent of all of them, then their floors, then the rest in turn.

Items load in the order of the table. Before an item loads, room is kept for what must be sent of those after
it, and for their survival floors; where not all floors fit, each keeps its share. So no unit above a floor
takes the seat of one below, whatever the order of the table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.collisions import guaranteed_litres
from fangxian.logistics.allocation.ladder import Ladder, PointNeeds
from fangxian.logistics.allocation.sharing import share_out
from fangxian.logistics.allocation.stocks import Stocks, item_stocks
from fangxian.logistics.allocation.supplies import SupplyProblem

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Filled = tuple[PointNeeds, Ladder, Stocks, Integers]
"""Of an item: needs, ladder, stocks, and what is shipped by row and need if it had all vehicles."""


@dataclass(frozen=True)
class Claims:
    """What each item needs of the vehicles of each warehouse.

    Parameters
    ----------
    promised, floors : float64[I, W]
        Litres for what must be sent, and beyond that for the survival floors.
    """

    promised: Floats
    floors: Floats

    def room(self, problem: SupplyProblem, item: int, load: Floats) -> Floats:
        """Return float64[W]: litres that an item may fill of those still free.

        Parameters
        ----------
        problem : SupplyProblem
        item : int
        load : float64[W]
            Free litres of the vehicles that fit it.
        """
        alike = np.flatnonzero(problem.items.cold == problem.items.cold[item])
        later = alike[alike > item]
        free = np.maximum(load - self.promised[later].sum(axis=0), 0)
        after = self.floors[later].sum(axis=0)
        wanted = after + self.promised[item] + self.floors[item]
        share = np.minimum(1.0, free / np.where(wanted > 0, wanted, 1.0))
        kept: Floats = np.maximum(free - share * after, 0)
        return kept


def claims_of(problem: SupplyProblem, filled: list[Filled]) -> Claims:
    """Return the claims; floors are looked at only where all items together want more than is carried.

    Parameters
    ----------
    problem : SupplyProblem
    filled : list of (PointNeeds, Ladder, Stocks, int64[R, M])
        One an item.
    """
    promised = guaranteed_litres(problem)
    held, litres, cold = problem.warehouses, problem.items.litres, problem.items.cold
    wanted = np.array(
        [
            _by_warehouse(stocks, flow, promised.shape[1]) * litres[item]
            for item, (_, _, stocks, flow) in enumerate(filled)
        ]
    ).reshape(promised.shape)
    crowded = (wanted[~cold].sum(axis=0) > held.load_litres).any()
    crowded |= (wanted[cold].sum(axis=0) > held.cold_load_litres).any()
    floors = np.zeros_like(promised)
    if crowded:
        for item, (needs, ladder, _, _) in enumerate(filled):
            stocks = item_stocks(problem, item, needs, np.full(promised.shape[1], np.inf))
            flow = share_out(_floors_of(ladder), stocks).flow
            floors[item] = _by_warehouse(stocks, flow, promised.shape[1]) * litres[item]
    return Claims(promised, np.maximum(floors - promised, 0))


def _by_warehouse(stocks: Stocks, flow: Integers, count: int) -> Floats:
    return np.bincount(stocks.warehouse, flow.sum(axis=1), count).astype(np.float64)


def _floors_of(ladder: Ladder) -> Ladder:
    """Return the segments below the floor: the first of the ladder."""
    end = int(np.searchsorted(ladder.step, ladder.steps))
    return Ladder(
        ladder.need[:end], ladder.start[:end], ladder.amount[:end], ladder.step[:end], ladder.value[:end],
        ladder.by_tier[:end], ladder.rank[:end], ladder.steps,
    )  # fmt: skip
