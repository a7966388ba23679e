"""Filling the steps of a ladder in order, each as far as the stocks that reach it allow.

Stocks (rows) and points are joined where a stock may serve a point. The amounts that can be delivered form a
polymatroid, so filling the highest rank first, then the next, is optimal for every weighting that respects
the ranks (Edmonds 1970; Federgruen and Groenevelt 1986, DOI 10.1287/opre.34.6.909): amounts once given are
rerouted to other stocks, but never taken back. A search that finds no stock visits a set of points and stocks
that is closed: it is never searched again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_NONE = -1


class _Paths(NamedTuple):
    """How a search came to each stock (from a point) and to each point (from a stock); -1 if not yet."""

    row_from: Integers
    point_from: Integers
    queue: Integers


@compiled()
def _ship_directly(
    point: int, need: int, left: Integers, reach: Flags, cost: Integers, flow: Integers
) -> int:
    """Ship from the nearest stocks that still hold units; return what is still needed."""
    while need:
        best = _NONE
        for row in range(left.shape[0]):
            if left[row] and reach[point, row] and (best == _NONE or cost[point, row] < cost[point, best]):
                best = row
        if best == _NONE:
            return need
        amount = min(need, left[best])
        left[best] -= amount
        flow[best, point] += amount
        need -= amount
    return 0


@compiled()
def _search(
    start: int,
    left: Integers,
    reach: Flags,
    flow: Integers,
    paths: _Paths,
) -> tuple[int, int]:
    """Walk from a point to stocks that reach it and to the points that these serve instead.

    Returns a row that still holds units, or -1, and the number of points queued.
    """
    row_from, point_from, queue = paths
    queue[0] = start
    point_from[start] = left.shape[0]
    head, tail = 0, 1
    while head < tail:
        point = queue[head]
        head += 1
        for row in range(left.shape[0]):
            if not reach[point, row] or row_from[row] != _NONE:
                continue
            row_from[row] = point
            if left[row]:
                return row, tail
            for other in range(flow.shape[1]):
                if flow[row, other] and point_from[other] == _NONE:
                    point_from[other] = row
                    queue[tail] = other
                    tail += 1
    return _NONE, tail


@compiled()
def _reroute(
    start: int,
    row: int,
    need: int,
    left: Integers,
    flow: Integers,
    paths: _Paths,
) -> int:
    """Move units along the path that a search found; return how many reach its start."""
    row_from, point_from, _ = paths
    amount = min(need, int(left[row]))
    point = row_from[row]
    while point != start:
        amount = min(amount, flow[point_from[point], point])
        point = row_from[point_from[point]]
    left[row] -= amount
    giver, point = row, row_from[row]
    while True:
        flow[giver, point] += amount
        if point == start:
            return amount
        giver = point_from[point]
        flow[giver, point] -= amount
        point = row_from[giver]


@compiled()
def fill_ladder(
    segment_point: Integers,
    segment_amount: Integers,
    left: Integers,
    reach: Flags,
    cost: Integers,
    flow: Integers,
) -> Integers:
    """Fill segments in the order given.

    Parameters
    ----------
    segment_point, segment_amount : int64[S]
        Whose need it is and how many units; highest rank first.
    left : int64[R]
        Units in each stock; what remains is written.
    reach : bool[D, R]
        Whether a stock may serve a point.
    cost : int64[D, R]
        Nearer stocks are taken first where there is a choice.
    flow : int64[R, D]
        Shipments; written.

    Returns
    -------
    int64[S]
        Units filled of each segment.
    """
    rows, points = flow.shape
    filled = np.zeros(segment_point.shape[0], np.int64)
    dead_row, dead_point = np.zeros(rows, np.bool_), np.zeros(points, np.bool_)
    row_from, point_from = np.empty(rows, np.int64), np.empty(points, np.int64)
    paths = _Paths(row_from, point_from, np.empty(points, np.int64))
    for segment in range(segment_point.shape[0]):
        point = segment_point[segment]
        if dead_point[point]:
            continue
        need = _ship_directly(point, segment_amount[segment], left, reach, cost, flow)
        while need:
            for row in range(rows):
                row_from[row] = 0 if dead_row[row] else _NONE
            for other in range(points):
                point_from[other] = rows if dead_point[other] else _NONE
            row, seen = _search(point, left, reach, flow, paths)
            if row == _NONE:
                for place in range(seen):
                    dead_point[paths.queue[place]] = True
                for other_row in range(rows):
                    dead_row[other_row] |= row_from[other_row] != _NONE
                break
            need -= _reroute(point, row, need, left, flow, paths)
        filled[segment] = segment_amount[segment] - need
    return filled


@compiled()
def price_ladder(
    order: Integers, next_rank: Integers, reach: Flags, flow: Integers, none: int
) -> tuple[Integers, Integers]:
    """Return the highest rank that one more unit in each stock, and at each point, would serve.

    Parameters
    ----------
    order : int64[P]
        Points with an unfilled segment, the highest rank first.
    next_rank : int64[D]
        Rank of the first segment not filled.
    reach : bool[D, R]
    flow : int64[R, D]
    none : int
        Written where one more unit would serve nobody.

    Returns
    -------
    tuple of int64[R] and int64[D]
    """
    rows, points = flow.shape
    row_rank, point_rank = np.full(rows, none, np.int64), np.full(points, none, np.int64)
    row_from, point_from = np.full(rows, _NONE, np.int64), np.full(points, _NONE, np.int64)
    paths, nothing = _Paths(row_from, point_from, np.empty(points, np.int64)), np.zeros(rows, np.int64)
    for start in order:
        if point_from[start] != _NONE:
            continue
        before = row_from != _NONE
        _, seen = _search(start, nothing, reach, flow, paths)
        for place in range(seen):
            point_rank[paths.queue[place]] = next_rank[start]
        for row in range(rows):
            if row_from[row] != _NONE and not before[row]:
                row_rank[row] = next_rank[start]
    return row_rank, point_rank
