"""Less transport than the best plan takes: what is worth least beside its road is not sent.

Only units above the survival floor are left out, of each point the last ones first, those from farthest away:
what they are worth rises and what they cost falls along that order, so units taken by their worth a
litre-kilometre, over all points and items, lessen the expected shortage least for the transport saved.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.above_floor import Load, pieces
from fangxian.logistics.allocation.shipping import Shipping
from fangxian.logistics.allocation.stocks import Stocks

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


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
    cut = [pieces(load) for load in loads]
    a_unit = [_litre_km(load)[piece.line] for load, piece in zip(loads, cut, strict=True)]
    worth = np.concatenate(
        [
            np.divide(piece.worth, saved, out=np.full_like(saved, np.inf), where=saved > 0)
            for piece, saved in zip(cut, a_unit, strict=True)
        ]
    )
    saves = np.concatenate([saved * piece.units for piece, saved in zip(cut, a_unit, strict=True)])
    order = np.argsort(worth, kind="stable")
    gone = np.zeros(worth.shape[0], np.bool_)
    before = np.cumsum(saves[order]) - saves[order]
    gone[order] = (before < over) & (saves[order] > 0)
    found, first = [], 0
    for load, piece in zip(loads, cut, strict=True):
        mine = gone[first : first + piece.units.shape[0]]
        first += piece.units.shape[0]
        less = np.bincount(piece.line[mine], piece.units[mine], load.shipping.amount.shape[0]).astype(
            np.int64
        )
        found.append(_lessened(load, less) if less.any() else load.shipping)
    return tuple(found)


def _litre_km(load: Load) -> Floats:
    """Return float64[S]: litre-km of a unit of each line."""
    return load.stocks.cost[load.shipping.need, load.shipping.row] * load.litres / 10


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
