"""Mending shipments that are too small to leave: merged with others, made larger, or given to neighbours.

The cheapest plan has few of them: it ships along a tree, so at most one a stock beyond one a point. For each
the mendings are compared by what they do to fairness and shortage, and the best is taken:

- another warehouse that serves the point, or the nearest that has enough left, takes the shipment over;
- it takes units over from that warehouse until it is large enough;
- the point is given more;
- the point goes without.

Units that a warehouse must find come from what it keeps, or from the point that it serves which loses least
by them; units that it is left with go to the one that gains most, or stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.ladder import GUARANTEED, Ladder, PointNeeds
from fangxian.logistics.allocation.shipping import Shipping
from fangxian.logistics.allocation.stocks import Stocks

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_ROUNDS = 4


class _Move(NamedTuple):
    """Change of units from a warehouse to a need."""

    warehouse: int
    need: int
    units: int


@dataclass
class _Ledger:
    """Shipments by warehouse and need, with what each warehouse keeps."""

    least: int
    cost: Integers
    sent: dict[tuple[int, int], int]
    kept: dict[int, int]
    received: Integers
    near: dict[int, list[int]] = field(default_factory=dict)
    """Warehouses that may serve a need, the nearest first."""
    served: dict[int, set[int]] = field(default_factory=dict)
    sources: dict[int, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for warehouse, need in self.sent:
            self.served.setdefault(warehouse, set()).add(need)
            self.sources.setdefault(need, set()).add(warehouse)

    def apply(self, moves: list[_Move]) -> None:
        for warehouse, need, units in moves:
            left = self.sent.get((warehouse, need), 0) + units
            self.kept[warehouse] = self.kept.get(warehouse, 0) - units
            self.received[need] += units
            if left:
                self.sent[warehouse, need] = left
                self.served.setdefault(warehouse, set()).add(need)
                self.sources.setdefault(need, set()).add(warehouse)
            else:
                del self.sent[warehouse, need]
                self.served[warehouse].discard(need)
                self.sources[need].discard(warehouse)


class _Values:
    """What the units of each need are worth together, from the ladder; fairness far above shortage."""

    def __init__(self, ladder: Ladder, needs: PointNeeds) -> None:
        most = float(ladder.value.max(initial=1.0))
        unit = ladder.value + 10.0 * most * (ladder.steps - ladder.step)
        unit = np.where(ladder.step == GUARANTEED, 1e3 * most * ladder.steps, unit)
        order = np.lexsort((ladder.start, ladder.need))
        owner, begins = ladder.need[order], ladder.start[order] - needs.available[ladder.need[order]]
        worth = unit[order] * ladder.amount[order]
        self._ends = begins + ladder.amount[order]
        self._total = np.cumsum(worth)
        self._from = np.searchsorted(owner, np.arange(needs.need.shape[0] + 1))
        self._before = np.concatenate([[0.0], self._total])[self._from]

    def __call__(self, need: int, units: int) -> float:
        first, last = int(self._from[need]), int(self._from[need + 1])
        if first == last or units <= 0:
            return 0.0
        at = first + int(np.searchsorted(self._ends[first:last], units))
        base = float(self._before[need])
        low_end = float(self._ends[at - 1]) if at > first else 0.0
        low_worth = float(self._total[at - 1]) - base if at > first else 0.0
        if at == last:
            return low_worth
        part = (units - low_end) / (float(self._ends[at]) - low_end)
        return low_worth + part * (float(self._total[at]) - base - low_worth)


def mend(ladder: Ladder, needs: PointNeeds, stocks: Stocks, shipping: Shipping, least: int) -> Shipping:
    """Return shipments of which none is smaller than the least.

    Parameters
    ----------
    ladder : Ladder
    needs : PointNeeds
    stocks : Stocks
    shipping : Shipping
    least : int
        Fewest units that leave a warehouse for a point; at least 1.

    Returns
    -------
    Shipping
        Itself, proof included, if nothing was too small; otherwise without proof.
    """
    ledger = _ledger(stocks, shipping, least)
    small = [pair for pair, units in ledger.sent.items() if units < least]
    if not small:
        return shipping
    values = _Values(ladder, needs)
    ledger.near = _nearest(stocks, small)
    for _ in range(_ROUNDS):
        for warehouse, need in sorted(small, key=lambda pair: (needs.point[pair[1]], pair[0])):
            if 0 < ledger.sent.get((warehouse, need), 0) < least:
                ledger.apply(_best(ledger, values, warehouse, need))
        small = [pair for pair, units in ledger.sent.items() if units < least]
        if not small:
            break
    for warehouse, need in small:  # what four rounds could not place stays where it is
        ledger.apply([_Move(warehouse, need, -ledger.sent[warehouse, need])])
    return _by_stock(needs, stocks, shipping, ledger)


def _ledger(stocks: Stocks, shipping: Shipping, least: int) -> _Ledger:
    sent: dict[tuple[int, int], int] = {}
    for row, need, units in zip(
        shipping.row.tolist(), shipping.need.tolist(), shipping.amount.tolist(), strict=True
    ):
        pair = (int(stocks.warehouse[row]), need)
        sent[pair] = sent.get(pair, 0) + units
    kept = np.bincount(stocks.warehouse, stocks.amount).astype(np.int64)
    kept -= np.bincount(stocks.warehouse[shipping.row], shipping.amount, kept.shape[0]).astype(np.int64)
    received = np.bincount(shipping.need, shipping.amount, stocks.reach.shape[0]).astype(np.int64)
    cost = np.zeros((stocks.reach.shape[0], kept.shape[0]), np.int64)
    for row, warehouse in enumerate(stocks.warehouse.tolist()):
        cost[:, warehouse] = np.maximum(cost[:, warehouse], stocks.cost[:, row])
    return _Ledger(least, cost, sent, dict(enumerate(kept.tolist())), received)


def _nearest(stocks: Stocks, small: list[tuple[int, int]]) -> dict[int, list[int]]:
    near: dict[int, list[int]] = {}
    for _, need in small:
        if need not in near:
            rows = np.flatnonzero(stocks.reach[need])
            rows = rows[np.argsort(stocks.cost[need, rows], kind="stable")]
            near[need] = list(dict.fromkeys(stocks.warehouse[rows].tolist()))
    return near


def _best(ledger: _Ledger, values: _Values, warehouse: int, need: int) -> list[_Move]:
    """Return the best mending of a shipment that is too small."""
    have = ledger.sent[warehouse, need]
    lack = ledger.least - have
    without = _freed(ledger, values, _Move(warehouse, need, -have))
    grown = _found(ledger, values, _Move(warehouse, need, lack))
    possible = [without] if grown is None else [without, grown]
    for other in sorted(ledger.sources[need] - {warehouse}):
        taken = _found(ledger, values, _Move(other, need, have))
        if taken is not None:
            possible.append(without + taken)
        left = ledger.sent[other, need] - lack
        if grown is not None and (left >= ledger.least or left == 0):
            possible.append(grown + _freed(ledger, values, _Move(other, need, -lack)))
    whole = max(have, ledger.least)
    spare = (other for other in ledger.near.get(need, []) if ledger.kept.get(other, 0) >= whole)
    elsewhere = next(spare, warehouse)
    if elsewhere != warehouse:
        possible.append([*without, _Move(elsewhere, need, whole)])
    return max(possible, key=lambda moves: _gain(ledger, values, moves))


def _gain(ledger: _Ledger, values: _Values, moves: list[_Move]) -> tuple[float, int]:
    """Return what moves add in fairness and usefulness, then the transport that they save."""
    change: dict[int, int] = {}
    for move in moves:
        change[move.need] = change.get(move.need, 0) + move.units
    worth = sum(
        values(need, int(ledger.received[need]) + units) - values(need, int(ledger.received[need]))
        for need, units in change.items()
    )
    saved = -sum(move.units * int(ledger.cost[move.need, move.warehouse]) for move in moves)
    return round(worth, 6), saved


def _found(ledger: _Ledger, values: _Values, move: _Move) -> list[_Move] | None:
    """Return a move with the one that finds its units; None if the warehouse cannot."""
    short = move.units - ledger.kept.get(move.warehouse, 0)
    if short <= 0:
        return [move]
    givers = [
        _Move(move.warehouse, need, -short)
        for need in sorted(ledger.served[move.warehouse] - {move.need})
        if ledger.sent[move.warehouse, need] >= ledger.least + short
    ]
    if not givers:
        return None
    return [move, max(givers, key=lambda giver: _gain(ledger, values, [giver]))]


def _freed(ledger: _Ledger, values: _Values, move: _Move) -> list[_Move]:
    """Return a move that frees units with the one that gives them to another need, if one gains by them."""
    takers = [
        _Move(move.warehouse, need, -move.units)
        for need in sorted(ledger.served[move.warehouse] - {move.need})
        if ledger.sent[move.warehouse, need] >= ledger.least
    ]
    best = max(takers, key=lambda taker: _gain(ledger, values, [taker]), default=None)
    if best is None or _gain(ledger, values, [best])[0] <= 0:
        return [move]
    return [move, best]


def _by_stock(needs: PointNeeds, stocks: Stocks, shipping: Shipping, ledger: _Ledger) -> Shipping:
    """Change only what the mending changed: longer-lived units are released, the shortest-lived taken."""
    lines = dict(
        zip(
            zip(shipping.row.tolist(), shipping.need.tolist(), strict=True),
            shipping.amount.tolist(),
            strict=True,
        )
    )
    left = stocks.amount - np.bincount(shipping.row, shipping.amount, stocks.amount.shape[0]).astype(np.int64)
    rows_of: dict[int, list[int]] = {}
    for row in np.lexsort((stocks.lasts, stocks.warehouse)).tolist():
        rows_of.setdefault(int(stocks.warehouse[row]), []).append(row)
    change = dict(ledger.sent)
    for (row, need), units in lines.items():
        pair = (int(stocks.warehouse[row]), need)
        change[pair] = change.get(pair, 0) - units
    for (warehouse, need), units in sorted(change.items(), key=lambda entry: entry[1]):
        used_up = float(needs.available[need] + ledger.received[need]) / max(
            float(needs.daily_use[need]), 1e-9
        )
        rows = sorted(rows_of[warehouse], key=lambda row: _unfit(float(stocks.lasts[row]), used_up))
        _move_lines(lines, left, stocks, need, units, rows)
    kept = sorted((need, row, units) for (row, need), units in lines.items() if units)
    columns = np.array(kept, np.int64).reshape(-1, 3).T
    return Shipping(columns[1], columns[0], columns[2], proven=False)


def _unfit(lasts: float, used_up: float) -> tuple[bool, float]:
    """Sort shelf lives: the shortest that is long enough first, then the others, the longest first."""
    return (lasts < used_up, -lasts if lasts < used_up else lasts)


def _move_lines(
    lines: dict[tuple[int, int], int], left: Integers, stocks: Stocks, need: int, units: int, rows: list[int]
) -> None:
    for row in rows if units > 0 else rows[::-1]:
        now = lines.get((row, need), 0)
        room = int(left[row]) if stocks.reach[need, row] else 0
        moved = min(units, room) if units > 0 else -min(-units, now)
        if moved:
            lines[row, need] = now + moved
            left[row] -= moved
            units -= moved
