"""Who gets how much of one item, whatever it costs to bring: fairness first, then the expected shortage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.ladder import Ladder
from fangxian.logistics.allocation.sharing_kernel import fill_ladder, price_ladder
from fangxian.logistics.allocation.stocks import Stocks

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Shares:
    """Amounts that no plan betters in fairness, nor in shortage at that fairness, and what proves it.

    Parameters
    ----------
    filled : int64[S]
        Units of each segment of the ladder.
    flow : int64[R, M]
        Shipments that bring them, near stocks first; not yet the cheapest.
    stock_rank : int64[R]
        Rank of the segment that one more unit in a stock would serve; the ladder's length if none.
    need_rank : int64[M]
        The same for one more unit at a point. A stock serves a point only at equal ranks.
    """

    filled: Integers
    flow: Integers
    stock_rank: Integers
    need_rank: Integers


def share_out(ladder: Ladder, stocks: Stocks) -> Shares:
    """Fill the ladder as far as the stocks allow.

    Parameters
    ----------
    ladder : Ladder
    stocks : Stocks

    Returns
    -------
    Shares
    """
    wants, rows = stocks.reach.shape
    flow = np.zeros((rows, wants), np.int64)
    filled = fill_ladder(ladder.need, ladder.amount, stocks.amount.copy(), stocks.reach, stocks.cost, flow)
    none = ladder.rank.shape[0]
    open_segments = np.flatnonzero(filled < ladder.amount)[::-1]
    next_rank = np.full(wants, none, np.int64)
    next_rank[ladder.need[open_segments]] = ladder.rank[open_segments]  # the first one is written last
    order = np.argsort(next_rank, kind="stable")
    order = order[next_rank[order] < none]
    stock_rank, need_rank = price_ladder(order, next_rank, stocks.reach, flow, none)
    return Shares(filled, flow, stock_rank, need_rank)
