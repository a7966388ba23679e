"""What each warehouse may send of one item: by how long it lasts, less the reserve, within its vehicles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.ladder import PointNeeds
from fangxian.logistics.allocation.supplies import NEVER, SupplyProblem

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WHOLE = 840
"""A unit, in the parts that expiry is counted in: whole when divided by 1 to 8."""
_PLANS_SEEN = 8
_MOST_CUTS = 6
"""Shelf lives that are told apart beyond the next plan's day, and at or before it."""


@dataclass(frozen=True)
class Stocks:
    """Rows of stock of one item, one a warehouse and shelf life.

    Parameters
    ----------
    warehouse : int64[R]
    amount : int64[R]
        Units that may leave.
    lasts : int64[R]
        Shelf life in days, rounded down to one of ``cuts``; ``NEVER`` for what outlasts the plan.
    reach : bool[M, R]
        Whether it may serve a need: road, time on the road, service area, cold vehicles, shelf life.
    cost : int64[M, R]
        Hectometres by road.
    cuts : int64[C]
        Shelf lives told apart, rising.
    batch, batch_row : int64[B]
        The item's batches and the row of each; -1 where none of it may leave.
    risk : int64[R]
        What a unit left behind counts as lost, in parts of ``WHOLE``; see :func:`risk_if_kept`.
    stranded : int
        The same, summed over units that vehicles cannot carry away.
    """

    warehouse: Integers
    amount: Integers
    lasts: Integers
    reach: Flags
    cost: Integers
    cuts: Integers
    batch: Integers
    batch_row: Integers
    risk: Integers
    stranded: int


def risk_if_kept(lasts: Integers, replan_days: int) -> Integers:
    """Return what a unit that stays in its warehouse counts as lost, in parts of ``WHOLE``.

    All of it if it is over by the next plan; if it lives to see n further plans, 1/n, up to ``_PLANS_SEEN``.

    Parameters
    ----------
    lasts : int64[R]
        Shelf life in days.
    replan_days : int

    Returns
    -------
    int64[R]
    """
    plans = np.maximum(lasts // replan_days, 1)
    return np.where(plans <= _PLANS_SEEN, WHOLE // plans, 0).astype(np.int64)


def item_loads(problem: SupplyProblem, item: int) -> Floats:
    """Return float64[W]: litres that vehicles fit for an item carry away from each warehouse."""
    held = problem.warehouses
    return held.cold_load_litres if problem.items.cold[item] else held.load_litres


def usable(problem: SupplyProblem, item: int) -> Integers:
    """Return int64[W]: units of an item in each warehouse less its reserve."""
    of_item = problem.batches.item == item
    held = np.bincount(
        problem.batches.warehouse[of_item],
        weights=problem.batches.quantity[of_item],
        minlength=len(problem.warehouses.code),
    ).astype(np.int64)
    free: Integers = np.maximum(held - problem.reserve[:, item], 0)
    return free


def item_stocks(problem: SupplyProblem, item: int, needs: PointNeeds, load_litres: Floats) -> Stocks:
    """Return what may be sent of an item.

    Parameters
    ----------
    problem : SupplyProblem
    item : int
    needs : PointNeeds
        Of the item.
    load_litres : float64[W]
        What its vehicles can still carry away.

    Returns
    -------
    Stocks
        Of each warehouse the oldest units first, so that the reserve keeps the longest-lived. A warehouse
        that has fewer than the least shipment sends none.
    """
    carried = np.floor(load_litres / problem.items.litres[item] + 1e-9)
    free = usable(problem, item)
    batches = np.flatnonzero(problem.batches.item == item)
    lasts = problem.batches.expires_days[batches]
    cuts, beyond = _cuts(problem, needs, lasts)
    floor = np.full(lasts.shape[0], NEVER)
    ends = lasts <= beyond
    floor[ends] = cuts[np.searchsorted(cuts, lasts[ends], side="right") - 1]
    pairs, back = np.unique(
        np.stack([problem.batches.warehouse[batches], floor], axis=1), axis=0, return_inverse=True
    )
    held = np.bincount(back.ravel(), weights=problem.batches.quantity[batches], minlength=pairs.shape[0])
    warehouse, shelf = pairs[:, 0], pairs[:, 1]
    whole = _oldest_first(warehouse, held.astype(np.int64), free)
    may_leave = np.minimum(free, carried).astype(np.int64)
    may_leave[may_leave < problem.items.least_shipment[item]] = 0
    amount = _oldest_first(warehouse, whole, may_leave)
    stranded = int((whole - amount) @ risk_if_kept(shelf, problem.replan_days))
    kept = amount > 0
    row = np.where(kept, np.cumsum(kept) - 1, -1)[back.ravel()]
    warehouse, shelf, amount = warehouse[kept], shelf[kept], amount[kept]
    hours = problem.hours[np.ix_(warehouse, needs.point)].T
    reach = problem.serves[np.ix_(warehouse, needs.point)].T & np.isfinite(hours)
    reach &= (hours <= problem.items.longest_hours[item]) & (hours <= 24.0 * np.maximum(shelf, 1))
    km = problem.km[np.ix_(warehouse, needs.point)].T
    cost = np.where(reach, np.rint(10 * np.where(np.isfinite(km), km, 0)), 0).astype(np.int64)
    risk = risk_if_kept(shelf, problem.replan_days)
    return Stocks(warehouse, amount, shelf, reach, cost, cuts, batches, row, risk, stranded)


def _cuts(problem: SupplyProblem, needs: PointNeeds, lasts: Integers) -> tuple[Integers, float]:
    """Return the shelf lives to tell apart, and the one beyond which none matters to this plan."""
    used = needs.daily_use > 0
    longest = (needs.marks[used, -1, 2] / needs.daily_use[used]).max(initial=0.0)
    beyond = max(float(longest), float(problem.replan_days * (_PLANS_SEEN + 1) - 1))
    shelf = np.unique(lasts)
    lost = shelf[shelf <= problem.replan_days]
    near = shelf[(shelf > problem.replan_days) & (shelf <= beyond)]
    return np.union1d(_thinned(lost), _thinned(near)), beyond


def _thinned(days: Integers) -> Integers:
    if days.size <= _MOST_CUTS:
        return days
    return days[np.linspace(0, days.size - 1, _MOST_CUTS).round().astype(np.int64)]


def _oldest_first(warehouse: Integers, held: Integers, allowed: Integers) -> Integers:
    """Cut each warehouse's rows, which stand in the order of their shelf lives, to what may leave it."""
    before = np.cumsum(held) - held
    first = np.searchsorted(warehouse, warehouse, side="left")
    before = before - before[first]
    return np.clip(allowed[warehouse] - before, 0, held)
