"""Less transport than the best plan takes: what is worth least beside its road is not sent.

Only units above the survival floor are left out, of each point the last ones first, those from farthest away:
what they are worth rises and what they cost falls along that order, so units taken by their worth a
litre-kilometre, over all points and items, lessen the expected shortage least for the transport saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.ladder import Ladder, PointNeeds
from fangxian.logistics.allocation.shipping import Shipping
from fangxian.logistics.allocation.stocks import Stocks
from fangxian.logistics.allocation.worth import filled_by

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Load(NamedTuple):
    """What is shipped of one item, and what a unit takes up: its litres and its least shipment."""

    ladder: Ladder
    needs: PointNeeds
    stocks: Stocks
    shipping: Shipping
    litres: float
    least: int


def shipped_litre_km(stocks: Stocks, shipping: Shipping, litres: float) -> float:
    """Return litres times kilometres of shipments of one item, of which a unit takes some litres."""
    return float(stocks.cost[shipping.need, shipping.row] @ shipping.amount) * litres / 10


def within(loads: Sequence[Load], limit_litre_km: float) -> tuple[Shipping, ...]:
    """Leave units out until transport keeps to a limit.

    Parameters
    ----------
    loads : sequence of Load
    limit_litre_km : float
        At least 0. Units below the survival floor travel even beyond it.

    Returns
    -------
    tuple of Shipping
        One a load; those of loads that lose nothing keep their proof.
    """
    over = sum(shipped_litre_km(load.stocks, load.shipping, load.litres) for load in loads) - limit_litre_km
    pieces = [_pieces(load) for load in loads]
    worth = np.concatenate([piece.worth for piece in pieces])
    saves = np.concatenate([piece.saves * piece.units for piece in pieces])
    order = np.argsort(worth, kind="stable")
    gone = np.zeros(worth.shape[0], np.bool_)
    before = np.cumsum(saves[order]) - saves[order]
    gone[order] = (before < over) & (saves[order] > 0)
    found, first = [], 0
    for load, piece in zip(loads, pieces, strict=True):
        mine = gone[first : first + piece.units.shape[0]]
        first += piece.units.shape[0]
        less = np.bincount(piece.line[mine], piece.units[mine], load.shipping.amount.shape[0]).astype(
            np.int64
        )
        found.append(_lessened(load, less) if less.any() else load.shipping)
    return tuple(found)


class _Pieces(NamedTuple):
    """Units that may stay behind: their line of the shipping, worth a litre-km, and litre-km a unit."""

    line: Integers
    units: Integers
    worth: Floats
    saves: Floats


def _pieces(load: Load) -> _Pieces:
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
    saves = cost[line] * load.litres / 10
    value = ladder.value[above[np.searchsorted(segment_end, ends)]]
    far = saves > 0
    worth = np.where(far, value / np.where(far, saves, 1.0), np.inf)
    return _Pieces(line, units, worth, saves)


def _first_units(need: Integers, amount: Integers, removable: Integers) -> Integers:
    """Return how much of each line is removable, lines of one need standing together, farthest first."""
    total = np.cumsum(amount)
    start = np.searchsorted(need, need, side="left")
    before = total - amount - (total - amount)[start] if need.size else total
    part: Integers = np.clip(removable[need] - before, 0, amount)
    return part


def _lessened(load: Load, less: Integers) -> Shipping:
    """Take units off lines; what would be too small to leave keeps its least, or its floor units."""
    shipping = load.shipping
    left = shipping.amount - less
    warehouse = load.stocks.warehouse[shipping.row]
    _, pair = np.unique(np.stack([warehouse, shipping.need]), axis=1, return_inverse=True)
    pair = pair.ravel()
    small = np.bincount(pair, left)[pair]
    short = (small > 0) & (small < load.least)
    left = np.where(short, shipping.amount, left)
    kept = left > 0
    return Shipping(shipping.row[kept], shipping.need[kept], left[kept], proven=False)
