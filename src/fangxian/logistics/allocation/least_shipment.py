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

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.ladder import GUARANTEED, Ladder, PointNeeds
from fangxian.logistics.allocation.shipping import Shipping
from fangxian.logistics.allocation.stocks import Stocks

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_ROUNDS = 4
_NEAR = 2
"""Warehouses tried beyond those that serve a point already."""
_WINDOW = 100
"""Needs before and behind in the table that units may come from or go to."""


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
    reach: NDArray[np.bool_]
    sent: Integers
    kept: Integers
    received: Integers

    def apply(self, moves: list[_Move]) -> None:
        for warehouse, need, units in moves:
            self.sent[warehouse, need] += units
            self.kept[warehouse] -= units
            self.received[need] += units

    def too_small(self) -> list[tuple[int, int]]:
        """Return (need, warehouse) of what may not leave as it is."""
        warehouse, need = np.nonzero((self.sent > 0) & (self.sent < self.least))
        return sorted(zip(need.tolist(), warehouse.tolist(), strict=True))


class _Values:
    """What the units of each need are worth together, from the ladder; fairness far above shortage."""

    def __init__(self, ladder: Ladder, needs: PointNeeds) -> None:
        most = float(ladder.value.max(initial=1.0))
        unit = ladder.value + 10.0 * most * (ladder.steps - ladder.step)
        unit = np.where(ladder.step == GUARANTEED, 1e3 * most * ladder.steps, unit)
        order = np.lexsort((ladder.start, ladder.need))
        owner = ladder.need[order]
        ends = ladder.start[order] - needs.available[owner] + ladder.amount[order]
        self._unit, self._ends = unit[order], ends
        self._total = np.cumsum(self._unit * ladder.amount[order])
        self._width = int(ends.max(initial=0)) + 2
        self._key = owner * self._width + ends
        self._from = np.searchsorted(owner, np.arange(needs.need.shape[0] + 1))
        self._before = np.concatenate([[0.0], self._total])[self._from]

    def __call__(self, need: Integers, units: Integers) -> Floats:
        """Return float64[n]: worth of the first units of each need."""
        if self._unit.size == 0:
            return np.zeros(need.shape[0])
        within = np.clip(units, 0, self._width - 1)
        at = np.searchsorted(self._key, need * self._width + within)
        last = np.minimum(at, self._from[need + 1] - 1)
        beyond = (at > last) | (self._from[need] == self._from[need + 1])
        worth = self._total[last] - self._before[need]
        worth = worth - np.where(beyond, 0, (self._ends[last] - within) * self._unit[last])
        return np.where(self._from[need] == self._from[need + 1], 0.0, worth)


def _never() -> bool:
    return False


def mend(
    ladder: Ladder,
    needs: PointNeeds,
    stocks: Stocks,
    shipping: Shipping,
    least: int,
    *,
    over: Callable[[], bool] = _never,
) -> Shipping:
    """Return shipments of which none is smaller than the least.

    Parameters
    ----------
    ladder : Ladder
    needs : PointNeeds
    stocks : Stocks
    shipping : Shipping
    least : int
        Fewest units that leave a warehouse for a point; at least 1.
    over : callable
        Says when there is no time to compare mendings: what is too small then stays.

    Returns
    -------
    Shipping
        Itself, proof included, if nothing was too small; otherwise without proof.
    """
    ledger = _ledger(stocks, shipping, least)
    small = ledger.too_small()
    if not small:
        return shipping
    values = _Values(ladder, needs)
    for _ in range(_ROUNDS):
        for need, warehouse in small:
            if 0 < ledger.sent[warehouse, need] < least and not over():
                ledger.apply(_best(ledger, values, warehouse, need))
        small = ledger.too_small()
        if not small or over():
            break
    for need, warehouse in small:  # what the rounds could not place stays where it is
        ledger.apply([_Move(warehouse, need, -int(ledger.sent[warehouse, need]))])
    return _by_stock(needs, stocks, shipping, ledger)


def _ledger(stocks: Stocks, shipping: Shipping, least: int) -> _Ledger:
    wants, count = stocks.reach.shape[0], int(stocks.warehouse.max(initial=-1)) + 1
    sent = np.zeros((count, wants), np.int64)
    np.add.at(sent, (stocks.warehouse[shipping.row], shipping.need), shipping.amount)
    held = np.bincount(stocks.warehouse, stocks.amount, count).astype(np.int64)
    cost, reach = np.zeros((count, wants), np.int64), np.zeros((count, wants), np.bool_)
    for row, warehouse in enumerate(stocks.warehouse.tolist()):
        cost[warehouse] = np.maximum(cost[warehouse], stocks.cost[:, row])
        reach[warehouse] |= stocks.reach[:, row]
    return _Ledger(least, cost, reach, sent, held - sent.sum(axis=1), sent.sum(axis=0))


def _best(ledger: _Ledger, values: _Values, warehouse: int, need: int) -> list[_Move]:
    """Return the best mending of a shipment that is too small."""
    have = int(ledger.sent[warehouse, need])
    lack = ledger.least - have
    without = _freed(ledger, values, _Move(warehouse, need, -have))
    grown = _found(ledger, values, _Move(warehouse, need, lack))
    possible = [without] if grown is None else [without, grown]
    for other in np.flatnonzero(ledger.sent[:, need]).tolist():
        if other == warehouse:
            continue
        taken = _found(ledger, values, _Move(other, need, have))
        if taken is not None:
            possible.append(without + taken)
        left = int(ledger.sent[other, need]) - lack
        if grown is not None and (left >= ledger.least or left == 0):
            possible.append(grown + _freed(ledger, values, _Move(other, need, -lack)))
    possible += [without + sent for sent in _from_elsewhere(ledger, values, warehouse, need)]
    gains = [_gain(ledger, values, moves) for moves in possible]
    return possible[max(range(len(gains)), key=gains.__getitem__)]


def _from_elsewhere(ledger: _Ledger, values: _Values, warehouse: int, need: int) -> Iterator[list[_Move]]:
    """Yield shipments from warehouses that do not serve the point yet: one with enough left, near ones."""
    whole = max(int(ledger.sent[warehouse, need]), ledger.least)
    others = np.flatnonzero(ledger.reach[:, need] & (ledger.sent[:, need] == 0))
    others = others[np.argsort(ledger.cost[others, need], kind="stable")]
    spare = others[ledger.kept[others] >= whole][:1]
    for other in np.union1d(spare, others[:_NEAR]).tolist():
        found = _found(ledger, values, _Move(other, need, whole))
        if found is not None:
            yield found


def _gain(ledger: _Ledger, values: _Values, moves: list[_Move]) -> tuple[float, int]:
    """Return what moves add in fairness and usefulness, then the transport that they save."""
    change: dict[int, int] = {}
    for move in moves:
        change[move.need] = change.get(move.need, 0) + move.units
    needs = np.fromiter(change.keys(), np.int64)
    before = ledger.received[needs]
    after = before + np.fromiter(change.values(), np.int64)
    worth = float((values(needs, after) - values(needs, before)).sum())
    saved = -sum(move.units * int(ledger.cost[move.warehouse, move.need]) for move in moves)
    return round(worth, 6), saved


def _found(ledger: _Ledger, values: _Values, move: _Move) -> list[_Move] | None:
    """Return a move with the one that finds its units; None if the warehouse cannot."""
    short = move.units - int(ledger.kept[move.warehouse])
    if short <= 0:
        return [move]
    givers = np.flatnonzero(ledger.sent[move.warehouse] >= ledger.least + short)
    best = _most(ledger, values, move, givers, -short)
    return None if best is None else [move, best[0]]


def _freed(ledger: _Ledger, values: _Values, move: _Move) -> list[_Move]:
    """Return a move that frees units with the one that gives them to another need, if one gains by them."""
    takers = np.flatnonzero(ledger.sent[move.warehouse] >= ledger.least)
    best = _most(ledger, values, move, takers, -move.units)
    return [move] if best is None or best[1] <= 0 else [move, best[0]]


def _most(
    ledger: _Ledger, values: _Values, move: _Move, needs: Integers, units: int
) -> tuple[_Move, float] | None:
    """Return which of some needs gains most, or loses least, by a change, the shorter road deciding ties."""
    here = int(np.searchsorted(needs, move.need))
    others = needs[max(here - _WINDOW, 0) : here + _WINDOW]
    others = others[others != move.need]
    if others.size == 0:
        return None
    now = ledger.received[others]
    gain = np.round(values(others, now + units) - values(others, now), 6)
    best = np.lexsort((units * ledger.cost[move.warehouse, others], -gain))[0]
    return _Move(move.warehouse, int(others[best]), units), float(gain[best])


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
    before = np.zeros_like(ledger.sent)
    np.add.at(before, (stocks.warehouse[shipping.row], shipping.need), shipping.amount)
    change = ledger.sent - before
    changed = np.argwhere(change)
    for warehouse, need in changed[np.argsort(change[change != 0], kind="stable")].tolist():
        used_up = float(needs.available[need] + ledger.received[need]) / max(
            float(needs.daily_use[need]), 1e-9
        )
        rows = sorted(rows_of[warehouse], key=lambda row: _unfit(float(stocks.lasts[row]), used_up))
        _move_lines(lines, left, stocks, need, int(change[warehouse, need]), rows)
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
