"""From which stock each point is served: least expiry first, then least transport, proven.

Amounts that fairness and shortage leave no choice about are columns that must be filled; where several points
are worth the same, their last units are columns that share what is left. Columns are cut where a shelf life
ends: units are used at the rate expected, what is at the point first, then the shortest-lived received, so a
batch of shelf life e is lost in a column that is used up after e. What a warehouse keeps is lost if it does
not outlast the next plan, and in part if it sees only few more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.ladder import Ladder, PointNeeds
from fangxian.logistics.allocation.sharing import Shares
from fangxian.logistics.allocation.stocks import WHOLE, Stocks
from fangxian.logistics.allocation.supplies import NEVER
from fangxian.logistics.allocation.transport import TransportProblem, solve_transport

Integers = NDArray[np.int64]

_NO_WAY = 2**38
"""Cost of what no optimal plan ships; above any sum of expiry and kilometres along a cycle."""


@dataclass(frozen=True)
class Shipping:
    """Shipments of one item that are cheapest for amounts that are fairest.

    Parameters
    ----------
    row, need, amount : int64[S]
        Stock, need and units of each shipment; a pair occurs once.
    proven : bool
        Prices prove that no plan whose amounts are as fair and as useful loses fewer units to expiry, nor
        as few with less transport.
    """

    row: Integers
    need: Integers
    amount: Integers
    proven: bool


@dataclass(frozen=True)
class _Columns:
    need: Integers
    amount: Integers
    begins: Integers
    """Number of shelf lives that are over before the column is used up."""
    optional: NDArray[np.bool_]
    rank: Integers


def ship_fixed(needs: PointNeeds, stocks: Stocks, received: Integers) -> Shipping:
    """Find the shipments that bring given amounts.

    Parameters
    ----------
    needs : PointNeeds
    stocks : Stocks
    received : int64[M]
        Units of each need; some plan of the stocks must be able to bring them.

    Returns
    -------
    Shipping
    """
    count = needs.need.shape[0]
    needed = np.flatnonzero(received)
    nothing, one = np.zeros(count, np.int64), np.ones(count, np.int64)
    rank = nothing[needed]
    whole = Ladder(
        needed, rank, received[needed], rank, np.zeros(needed.size), np.zeros((0, 3)), rank, 1
    )  # fmt: skip
    shares = Shares(received[needed], np.zeros((0, 0), np.int64), np.ones_like(stocks.amount), one)
    return ship(whole, needs, stocks, shares)


def ship(ladder: Ladder, needs: PointNeeds, stocks: Stocks, shares: Shares) -> Shipping:
    """Find the shipments.

    Parameters
    ----------
    ladder : Ladder
    needs : PointNeeds
    stocks : Stocks
    shares : Shares
        Of the same ladder and stocks.

    Returns
    -------
    Shipping
    """
    columns = _columns(ladder, needs, stocks, shares)
    if columns.need.size == 0 or stocks.amount.size == 0:
        empty = np.zeros(0, np.int64)
        return Shipping(empty, empty, empty, proven=True)
    row, column, amount, proven = _transport(columns, stocks, shares)
    pairs, back = np.unique(np.stack([columns.need[column], row], axis=1), axis=0, return_inverse=True)
    units = np.bincount(back.ravel(), weights=amount, minlength=pairs.shape[0]).astype(np.int64)
    return Shipping(pairs[:, 1], pairs[:, 0], units, proven)


def _columns(ladder: Ladder, needs: PointNeeds, stocks: Stocks, shares: Shares) -> _Columns:
    count = needs.need.shape[0]
    own = shares.need_rank[ladder.need]
    must = np.bincount(ladder.need, ladder.amount * (ladder.rank < own), count).astype(np.int64)
    choice = np.bincount(ladder.need, ladder.amount * (ladder.rank == own), count).astype(np.int64)
    fit = [np.floor(needs.daily_use * cut).astype(np.int64) - needs.available for cut in stocks.cuts]
    marks = np.stack([np.zeros(count, np.int64), must, must + choice, *fit], axis=1)
    marks = np.sort(np.clip(marks, 0, (must + choice)[:, None]), axis=1)
    need, place = np.nonzero(np.diff(marks, axis=1))
    end = marks[need, place + 1]
    ends = np.stack([fit_cut[need] < end for fit_cut in fit], axis=1) if fit else np.zeros((need.size, 0))
    return _Columns(
        need,
        end - marks[need, place],
        ends.sum(axis=1).astype(np.int64),
        end > must[need],
        shares.need_rank[need],
    )


def _expires(columns: _Columns, stocks: Stocks) -> NDArray[np.bool_]:
    """Return bool[R, C]: whether units of a stock are over before a column is used up."""
    life = np.where(stocks.lasts >= NEVER, stocks.cuts.size, np.searchsorted(stocks.cuts, stocks.lasts))
    found: NDArray[np.bool_] = life[:, None] < columns.begins[None, :]
    return found


def _transport(
    columns: _Columns, stocks: Stocks, shares: Shares
) -> tuple[Integers, Integers, Integers, bool]:
    rows = stocks.amount.shape[0]
    distance = stocks.cost[columns.need].T
    unit = 2 * (rows + 1) * (int(distance.max()) + 1)
    weight = WHOLE * _expires(columns, stocks).astype(np.int64) + (WHOLE - stocks.risk)[:, None]
    cost = distance + unit * weight
    cost[~stocks.reach[columns.need].T | (shares.stock_rank[:, None] != columns.rank[None, :])] = _NO_WAY
    unfilled = int(columns.amount.sum()) - int(shares.filled.sum())
    nowhere = np.where(columns.optional, 0, _NO_WAY)[None, :]
    result = solve_transport(
        TransportProblem(np.concatenate([cost, nowhere]), np.append(stocks.amount, unfilled), columns.amount)
    )
    real = result.warehouse < rows
    row, column, amount = result.warehouse[real], result.point[real], result.amount[real]
    proven = result.gap == 0 and bool((cost[row, column] < _NO_WAY).all())
    return row, column, amount, proven
