"""How items share vehicles: what must be sent of all of them, then their floors, then what is worth most.

Items load in the order of the table. Before an item loads, room is kept for what must be sent of those after
it, and for their survival floors; where not all floors fit, each keeps its share. So no unit above a floor
takes the seat of one below, whatever the order of the table. Above the floors the units worth most ride, of
whatever item, among units worth about the same those that take least room; what an item leaves of its room
goes to those after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.above_floor import Load, pieces
from fangxian.logistics.allocation.collisions import guaranteed_litres
from fangxian.logistics.allocation.ladder import Ladder, PointNeeds
from fangxian.logistics.allocation.sharing import share_out
from fangxian.logistics.allocation.shipping import Shipping
from fangxian.logistics.allocation.stocks import Stocks, item_stocks
from fangxian.logistics.allocation.supplies import SupplyProblem

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Filled = tuple[PointNeeds, Ladder, Stocks, Integers]
"""Of an item: needs, ladder, stocks, and what is shipped by row and need if it had all vehicles."""

_STEP = 0.5
"""Units are worth about the same within half of what a unit lacking counts in the least tier."""


@dataclass(frozen=True)
class Claims:
    """What each item needs of the vehicles of each warehouse.

    Parameters
    ----------
    promised, floors : float64[I, W]
        Litres for what must be sent, and beyond that for the survival floors.
    above : float64[I, W]
        Litres above the floors, for the units that are worth most.
    """

    promised: Floats
    floors: Floats
    above: Floats

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
        own = np.minimum(free - share * after, self.promised[item] + share * self.floors[item])
        kept: Floats = np.maximum(free - share * after - self.above[later].sum(axis=0), np.maximum(own, 0))
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
    floors, above = np.zeros_like(promised), np.zeros_like(promised)
    if crowded:
        for item, (needs, ladder, _, _) in enumerate(filled):
            stocks = item_stocks(problem, item, needs, np.full(promised.shape[1], np.inf))
            flow = share_out(_floors_of(ladder), stocks).flow
            floors[item] = _by_warehouse(stocks, flow, promised.shape[1]) * litres[item]
        floors = np.maximum(floors - promised, 0)
        for each, load in ((~cold, held.load_litres), (cold, held.cold_load_litres)):
            mine = np.flatnonzero(each)
            left = load - (promised + floors)[mine].sum(axis=0)
            above[mine] = _worth_most(problem, [(item, filled[item]) for item in mine.tolist()], left)
    return Claims(promised, floors, above)


def _worth_most(problem: SupplyProblem, filled: list[tuple[int, Filled]], left: Floats) -> Floats:
    """Return float64[I, W]: litres of each item where the units worth most ride, of each warehouse."""
    least_tier = min(problem.tier_weight)
    columns: list[Floats] = []
    for number, (item, (needs, ladder, stocks, flow)) in enumerate(filled):
        row, need = np.nonzero(flow)
        litres = float(problem.items.litres[item])
        shipping = Shipping(row, need, flow[row, need], proven=False)
        piece = pieces(Load(ladder, needs, stocks, shipping, litres, 1, least_tier))
        at = stocks.warehouse[row[piece.line]]
        about = np.rint(piece.worth / (_STEP * least_tier))
        columns.append(
            np.stack([np.full(at.shape[0], number), at, piece.units * litres, about, piece.worth / litres])
        )
    item, warehouse, amount, about, a_litre = np.concatenate([np.zeros((5, 0)), *columns], axis=1)
    order = np.lexsort((item, -a_litre, -about, warehouse))
    item, warehouse = item[order].astype(np.int64), warehouse[order].astype(np.int64)
    total = np.cumsum(amount[order])
    before = total - amount[order]
    before -= before[np.searchsorted(warehouse, warehouse, side="left")]
    taken = np.clip(left[warehouse] - before, 0, amount[order])
    room = np.zeros((len(filled), left.shape[0]))
    np.add.at(room, (item, warehouse), taken)
    return room


def _by_warehouse(stocks: Stocks, flow: Integers, count: int) -> Floats:
    return np.bincount(stocks.warehouse, flow.sum(axis=1), count).astype(np.float64)


def _floors_of(ladder: Ladder) -> Ladder:
    """Return the segments below the floor: the first of the ladder."""
    end = int(np.searchsorted(ladder.step, ladder.steps))
    return Ladder(
        ladder.need[:end], ladder.start[:end], ladder.amount[:end], ladder.step[:end], ladder.value[:end],
        ladder.by_tier[:end], ladder.rank[:end], ladder.steps,
    )  # fmt: skip
