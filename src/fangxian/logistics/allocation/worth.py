"""What a plan of one item is worth, in the four objectives in their order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.ladder import Ladder, PointNeeds, expected_shortage
from fangxian.logistics.allocation.shipping import Shipping, late_units
from fangxian.logistics.allocation.stocks import WHOLE, Stocks

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """The objectives of one item, the first the most important.

    Parameters
    ----------
    steps : int64[T]
        Units delivered by step of the floor: more in an earlier step is fairer.
    lowest_share : float
        Least part of its survival floor that a need holds; 1 when all hold theirs.
    shortage : float64[3]
        Units that the people of each tier are expected to lack.
    weighted_shortage : float
        The same, weighted by tier.
    lost : float
        Units expected to expire: at a point before they are used, or left in a warehouse too long.
    hectometres : int
        Units times hectometres by road.
    """

    steps: Integers
    lowest_share: float
    shortage: Floats
    weighted_shortage: float
    lost: float
    hectometres: int


def filled_by(ladder: Ladder, needs: PointNeeds, received: Integers) -> Integers:
    """Return int64[S]: units of each segment that amounts received fill, from the bottom up."""
    reached = (needs.available + received)[ladder.need] - ladder.start
    filled: Integers = np.clip(reached, 0, ladder.amount)
    return filled


def judge(
    ladder: Ladder, needs: PointNeeds, probability: Floats, weight: Floats, filled: Integers
) -> tuple[Integers, float, Floats, float]:
    """Return the first two objectives of amounts given as filled segments; see :class:`Worth`."""
    count = needs.need.shape[0]
    received = np.bincount(ladder.need, filled, count).astype(np.int64)
    steps = np.bincount(ladder.step + 1, filled, ladder.steps + 2)[1:-1].astype(np.int64)
    held = needs.available + received
    share = np.minimum(held, needs.floor) / np.maximum(needs.floor, 1)
    lowest = float(share[needs.floor > 0].min(initial=1.0))
    shortage = expected_shortage(needs, probability, held).sum(axis=0)
    return steps, lowest, shortage, float(shortage @ weight)


def lost_units(needs: PointNeeds, stocks: Stocks, shipping: Shipping) -> float:
    """Return the units that expire if a plan is carried out and demand is as expected.

    Parameters
    ----------
    needs : PointNeeds
    stocks : Stocks
    shipping : Shipping

    Returns
    -------
    float
        What is kept counts by its risk: see :func:`fangxian.logistics.allocation.stocks.risk_if_kept`.
    """
    kept = stocks.amount - np.bincount(shipping.row, shipping.amount, stocks.amount.shape[0])
    late = late_units(needs, stocks, np.stack([shipping.row, shipping.need, shipping.amount]))
    return float(late.sum()) + (stocks.stranded + float(kept @ stocks.risk)) / WHOLE


def distance(stocks: Stocks, shipping: Shipping) -> int:
    """Return units times hectometres."""
    return int((stocks.cost[shipping.need, shipping.row] * shipping.amount).sum())


def gaps(worth: Worth, bound: Worth, usable: int) -> dict[str, float]:
    """Return how far a plan may be from the optimum, objective by objective.

    Parameters
    ----------
    worth, bound : Worth
    usable : int
        Units that may be sent; above 0.

    Returns
    -------
    dict
        ``fairness``: units that could be in an earlier step of the floor, beside all units below the floor.
        ``shortage`` and ``transport``: excess over the bound. ``expiry``: excess units beside those usable.
    """
    behind = np.cumsum(bound.steps) - np.cumsum(worth.steps)
    below_floor = max(int(bound.steps.sum()), 1)
    return {
        "fairness": max(int(behind.max(initial=0)), 0) / below_floor,
        "shortage": _excess(worth.weighted_shortage, bound.weighted_shortage),
        "expiry": max(worth.lost - bound.lost, 0.0) / usable,
        "transport": _excess(worth.hectometres, bound.hectometres),
    }


def _excess(value: float, bound: float) -> float:
    if value <= bound + 1e-6:
        return 0.0
    return (value - bound) / bound if bound > 0 else 1.0
