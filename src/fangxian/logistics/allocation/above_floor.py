"""Units above the survival floor in the order in which they may stay behind, and what is lost with them.

Of each point the last units stay behind first, those from farthest away: what they are worth rises and what
they cost to bring falls along that order. A unit that would expire if it stayed will be lacking to somebody:
it counts one more of the least tier.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.ladder import Ladder, PointNeeds
from fangxian.logistics.allocation.shipping import Shipping
from fangxian.logistics.allocation.stocks import WHOLE, Stocks
from fangxian.logistics.allocation.worth import filled_by

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Load(NamedTuple):
    """What is shipped of one item, its litres and least shipment, and what a unit that expires counts."""

    ladder: Ladder
    needs: PointNeeds
    stocks: Stocks
    shipping: Shipping
    litres: float
    least: int
    lost: float


class Pieces(NamedTuple):
    """Units that may stay behind: their line of the shipping, and what each of them is worth."""

    line: Integers
    units: Integers
    worth: Floats


def pieces(load: Load) -> Pieces:
    """Cut what is shipped above the floor into pieces of equal worth.

    Parameters
    ----------
    load : Load

    Returns
    -------
    Pieces
    """
    ladder, shipping = load.ladder, load.shipping
    received = np.bincount(shipping.need, shipping.amount, load.needs.need.shape[0]).astype(np.int64)
    filled = filled_by(ladder, load.needs, received)
    above = np.flatnonzero((ladder.step >= ladder.steps) & (filled > 0))
    above = above[np.lexsort((-ladder.start[above], ladder.need[above]))]
    cost = load.stocks.cost[shipping.need, shipping.row]
    lines = np.lexsort((-cost, shipping.need))
    removable = np.bincount(ladder.need[above], filled[above], received.shape[0]).astype(np.int64)
    of_line = _first_units(shipping.need[lines], shipping.amount[lines], removable)
    segment_end, line_end = np.cumsum(filled[above]), np.cumsum(of_line)
    ends = np.union1d(segment_end, line_end)
    ends = ends[ends > 0]
    units = np.diff(ends, prepend=0)
    line = lines[np.searchsorted(line_end, ends)]
    risk = load.stocks.risk[shipping.row[line]] / WHOLE
    value = ladder.value[above[np.searchsorted(segment_end, ends)]]
    return Pieces(line, units, value + load.lost * risk)


def _first_units(need: Integers, amount: Integers, removable: Integers) -> Integers:
    """Return how much of each line is removable, lines of one need standing together, farthest first."""
    total = np.cumsum(amount)
    start = np.searchsorted(need, need, side="left")
    before = total - amount - (total - amount)[start] if need.size else total
    part: Integers = np.clip(removable[need] - before, 0, amount)
    return part
