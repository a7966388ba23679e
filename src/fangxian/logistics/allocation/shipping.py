"""From which stock each point is served: least expiry first, then least transport, proven.

Amounts that fairness and shortage leave no choice about are columns that must be filled; where several points
are worth the same, their last units are columns that share what is left. Columns are cut where a shelf life
ends: units are used at the rate expected, what is at the point first, then the shortest-lived received, so a
batch of shelf life e is lost in a column that is used up after e. What a warehouse keeps is lost if it does
not outlast the next plan, and in part if it sees only few more.

Cuts are made where they are needed: a plan that loses nothing where columns are whole is best with cuts
everywhere, since whole columns only leave losses out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from fangxian.logistics.allocation.column_costs import column_costs
from fangxian.logistics.allocation.ladder import Ladder, PointNeeds
from fangxian.logistics.allocation.sharing import Shares
from fangxian.logistics.allocation.stocks import WHOLE, Stocks
from fangxian.logistics.allocation.supplies import NEVER
from fangxian.logistics.allocation.transport import (
    TransportProblem,
    TransportResult,
    solve_transport,
)

Integers = NDArray[np.int64]

_NO_WAY = 2**39
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


def late_units(needs: PointNeeds, stocks: Stocks, lines: Integers) -> Integers:
    """Return the units of each need that are over before they are used, the shortest-lived used first.

    Parameters
    ----------
    needs : PointNeeds
    stocks : Stocks
    lines : int64[3, S]
        Row of stock, need and units of shipments.

    Returns
    -------
    int64[M]
    """
    row, need, amount = lines
    count = needs.need.shape[0]
    late = np.zeros(count, np.int64)
    for cut in stocks.cuts:
        by_then = stocks.lasts[row] <= cut
        given = np.bincount(need[by_then], amount[by_then], count).astype(np.int64)
        fit = np.maximum(np.floor(needs.daily_use * cut).astype(np.int64) - needs.available, 0)
        late = np.maximum(late, given - fit)
    return late


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
    count = needs.need.shape[0]
    own = shares.need_rank[ladder.need]
    must = np.bincount(ladder.need, ladder.amount * (ladder.rank < own), count).astype(np.int64)
    choice = np.bincount(ladder.need, ladder.amount * (ladder.rank == own), count).astype(np.int64)
    found = [np.zeros((3, 0), np.int64)]
    proven = True
    for part in _parts(must + choice, stocks, shares):
        lines, sure = _ship_part(needs, stocks, part, must, choice)
        found.append(lines)
        proven &= sure
    row, need, amount = np.concatenate(found, axis=1)
    return Shipping(row, need, amount, proven)


class _Part(NamedTuple):
    """Rows of stock and needs that belong together: no others may ship to each other."""

    rows: Integers
    needs: Integers
    delivered: int


def _parts(most: Integers, stocks: Stocks, shares: Shares) -> Iterator[_Part]:
    """Return the parts in which something is shipped; ``most`` is what each need may receive."""
    allowed = stocks.reach & (shares.stock_rank[None, :] == shares.need_rank[:, None])
    allowed[most == 0] = False
    wants, rows = allowed.shape
    graph = coo_array(allowed)
    ends = (graph.coords[0], wants + graph.coords[1])
    joined = coo_array((np.ones(graph.nnz), ends), (wants + rows, wants + rows))
    count, label = connected_components(joined, directed=False)
    order = np.argsort(label, kind="stable")
    bounds = np.searchsorted(label[order], np.arange(count + 1))
    for first, last in pairwise(bounds.tolist()):
        members = order[first:last]
        needs, held = members[members < wants], members[members >= wants] - wants
        if needs.size and held.size:
            delivered = int(shares.flow[held].sum()) if shares.flow.size else int(most[needs].sum())
            yield _Part(held, needs, delivered)


def _ship_part(
    needs: PointNeeds, stocks: Stocks, part: _Part, must: Integers, choice: Integers
) -> tuple[Integers, bool]:
    """Ship one part; cut columns of needs that lose units until none with whole columns does."""
    is_cut = np.zeros(needs.need.shape[0], np.bool_)
    start = None
    while True:
        columns = _columns(needs, stocks, part.needs, (must, choice), is_cut)
        result, proven = _transport(columns, stocks, part, start)
        lines = _lines(columns, part, result)
        late = (late_units(needs, stocks, lines) > 0) & ~is_cut
        if not late.any():
            return lines, proven
        is_cut |= late
        cut_again = _columns(needs, stocks, part.needs, (must, choice), is_cut)
        start = _along(result, np.append(stocks.lasts[part.rows], NEVER), cut_again)


def _along(
    result: TransportResult, lasts: Integers, columns: _Columns
) -> tuple[Integers, Integers, Integers]:
    """Lay shipments into columns that are cut more finely, the shortest-lived into the earliest."""
    order = np.lexsort((lasts[result.warehouse], result.point))
    shipped, filled = np.cumsum(result.amount[order]), np.cumsum(columns.amount)
    ends = np.union1d(shipped, filled)
    row = result.warehouse[order][np.searchsorted(shipped, ends)]
    return row, np.searchsorted(filled, ends).astype(np.int64), np.diff(ends, prepend=0)


def _columns(
    needs: PointNeeds,
    stocks: Stocks,
    members: Integers,
    amounts: tuple[Integers, Integers],
    is_cut: NDArray[np.bool_],
) -> _Columns:
    must, choice = (amount[members] for amount in amounts)
    daily, available = needs.daily_use[members], needs.available[members]
    whole = ~is_cut[members]
    fit = np.floor(daily[:, None] * stocks.cuts[None, :]).astype(np.int64) - available[:, None]
    fit[whole] = np.iinfo(np.int64).max
    most = must + choice
    marks = np.concatenate([np.stack([np.zeros_like(most), must, most], axis=1), fit], axis=1)
    marks = np.sort(np.clip(marks, 0, most[:, None]), axis=1)
    place, cell = np.nonzero(np.diff(marks, axis=1))
    end = marks[place, cell + 1]
    begins = (fit[place] < end[:, None]).sum(axis=1)
    return _Columns(members[place], end - marks[place, cell], begins, end > must[place])


def _transport(
    columns: _Columns,
    stocks: Stocks,
    part: _Part,
    start: tuple[Integers, Integers, Integers] | None,
) -> tuple[TransportResult, bool]:
    """Return the cheapest shipments of a part to its columns, and whether they are proven best."""
    rows = part.rows
    unit = 2 * (min(rows.size, columns.need.size) + 1) * (int(stocks.cost.max()) + 1)
    life = np.where(stocks.lasts >= NEVER, stocks.cuts.size, np.searchsorted(stocks.cuts, stocks.lasts))[rows]
    base = unit * (WHOLE - stocks.risk[rows])
    table = column_costs(
        (columns.need, rows), (columns.begins, life), stocks.reach, stocks.cost, base, unit * WHOLE, _NO_WAY
    )
    table[:, -1] = np.where(columns.optional, 0, _NO_WAY)
    unfilled = int(columns.amount.sum()) - part.delivered
    cost = table.T
    problem = TransportProblem(cost, np.append(stocks.amount[rows], unfilled), columns.amount)
    result = solve_transport(problem, start=start)
    return result, result.gap == 0 and bool((cost[result.warehouse, result.point] < _NO_WAY).all())


def _lines(columns: _Columns, part: _Part, result: TransportResult) -> Integers:
    """Return row, need and units of shipments; a pair occurs once."""
    real = result.warehouse < part.rows.shape[0]
    row, need = part.rows[result.warehouse[real]], columns.need[result.point[real]]
    width = int(row.max(initial=0)) + 1
    pairs, back = np.unique(need * width + row, return_inverse=True)
    units = np.bincount(back.ravel(), weights=result.amount[real], minlength=pairs.shape[0])
    return np.stack([pairs % width, pairs // width, units.astype(np.int64)])
