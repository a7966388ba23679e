"""The rule used today: each warehouse shares its stock among the requests of its area in proportion.

The lowest level sends first; what it cannot fill is asked of the next level up. A point requests what fills
it to the highest quantile of its forecast. The oldest batches leave first. No warehouse looks at tiers, at
who is emptiest, or at how fast a batch will be used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.ladder import PointNeeds, point_needs
from fangxian.logistics.allocation.shipping import Shipping
from fangxian.logistics.allocation.stocks import Stocks, item_stocks
from fangxian.logistics.allocation.supplies import SupplyProblem

Integers = NDArray[np.int64]

_FROM_BELOW = ("township", "county", "city", "province", "national")


@dataclass(frozen=True)
class SharedOut:
    """What the rule sends of one item.

    Parameters
    ----------
    item : int
    needs : PointNeeds
    stocks : Stocks
    shipping : Shipping
    """

    item: int
    needs: PointNeeds
    stocks: Stocks
    shipping: Shipping


def share_in_proportion(problem: SupplyProblem) -> tuple[SharedOut, ...]:
    """Share out every item by the rule used today.

    Parameters
    ----------
    problem : SupplyProblem

    Returns
    -------
    tuple of SharedOut
        One an item; earlier items load first.
    """
    loads = [problem.warehouses.load_litres.copy(), problem.warehouses.cold_load_litres.copy()]
    found = []
    for item in range(len(problem.items.code)):
        load = loads[int(problem.items.cold[item])]
        needs = point_needs(problem, item)
        stocks = item_stocks(problem, item, needs, load)
        shipping = _share(problem, needs, stocks)
        found.append(SharedOut(item, needs, stocks, shipping))
        units = np.bincount(stocks.warehouse[shipping.row], shipping.amount, load.shape[0])
        load -= units * problem.items.litres[item]
        np.maximum(load, 0, out=load)
    return tuple(found)


def _share(problem: SupplyProblem, needs: PointNeeds, stocks: Stocks) -> Shipping:
    request = np.maximum(needs.marks[:, -1, 2] - needs.available, 0)
    flow = np.zeros((stocks.amount.shape[0], needs.need.shape[0]), np.int64)
    depth = np.array([_FROM_BELOW.index(problem.warehouses.level[w]) for w in stocks.warehouse], np.int64)
    for row in np.lexsort((stocks.lasts, stocks.warehouse, depth)).tolist():
        asked = np.where(stocks.reach[:, row], request, 0)
        flow[row] = in_proportion(int(stocks.amount[row]), asked)
        request = request - flow[row]
    row_column, need = np.nonzero(flow)
    return Shipping(row_column, need, flow[row_column, need], proven=False)


def in_proportion(units: int, asked: Integers) -> Integers:
    """Share units in proportion to what is asked, in whole units by largest remainders; nobody gets more.

    Parameters
    ----------
    units : int
    asked : int64[M]

    Returns
    -------
    int64[M]
        Sums to the lesser of ``units`` and what is asked together.
    """
    total = int(asked.sum())
    if total <= units:
        return asked.copy()
    exact = asked * (units / total)
    given = np.floor(exact).astype(np.int64)
    order = np.argsort(given - exact, kind="stable")
    given[order[: units - int(given.sum())]] += 1
    shared: Integers = np.minimum(given, asked)
    return shared
