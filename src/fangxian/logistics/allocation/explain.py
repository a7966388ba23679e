"""Why a point got what it got: parts of the amount, the limit that binds, what one more unit would do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.allocate import ItemPlan
from fangxian.logistics.allocation.ladder import GUARANTEED, cell_probability, expected_shortage
from fangxian.logistics.allocation.stocks import item_loads, usable
from fangxian.logistics.allocation.supplies import SupplyProblem
from fangxian.logistics.allocation.worth import filled_by

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LIMITS = (
    "enough",
    "transport",
    "least_shipment",
    "no_stock",
    "out_of_reach",
    "others_first",
    "vehicles",
    "reserve",
    "stock",
)
"""What keeps a point from more, the first that holds: its forecast is met; all items together would travel
too far; the rest would be less than may leave; no warehouse has usable units; those that have may not or
cannot reach it; the next unit would serve a point worse off; it would come here, but their vehicles are full;
or what they hold is reserve; or they hold nothing more."""


@dataclass(frozen=True)
class Reasons:
    """An entry a need of one item.

    Parameters
    ----------
    promised, to_floor, above_floor, rounded_up : int64[M]
        Units received because they must be sent, to reach the survival floor, against shortage above it, and
        beyond the forecast so that the shipment may leave. They sum to what is received.
    floor_before, floor_after : float64[M]
        Part of the floor held; 1 where the floor asks for nothing.
    days_before, days_after : float64[M]
        Days of expected use; infinite where none is expected.
    shortage_before, shortage_after : float64[M, 3]
        Units that each tier is expected to lack without and with what is received.
    limit : tuple of str
        One of ``LIMITS`` each.
    next_here : float64[M, 3]
        Units that one more unit at the point would spare each tier, expected.
    next_floor : bool[M]
        Whether that unit would raise the point towards its floor.
    next_stock : float64[M]
        What one more unit in the warehouses that reach the point would lessen the weighted shortage by, at
        the point that it would go to.
    next_stock_floor : bool[M]
        Whether it would raise a point towards its floor.
    """

    promised: Integers
    to_floor: Integers
    above_floor: Integers
    rounded_up: Integers
    floor_before: Floats
    floor_after: Floats
    days_before: Floats
    days_after: Floats
    shortage_before: Floats
    shortage_after: Floats
    limit: tuple[str, ...]
    next_here: Floats
    next_floor: Flags
    next_stock: Floats
    next_stock_floor: Flags


def reasons(problem: SupplyProblem, plan: ItemPlan) -> Reasons:
    """Explain the plan of one item.

    Parameters
    ----------
    problem : SupplyProblem
    plan : ItemPlan

    Returns
    -------
    Reasons
    """
    needs, ladder, received = plan.needs, plan.ladder, plan.received
    count = needs.need.shape[0]
    filled = filled_by(ladder, needs, received)
    above = ladder.steps
    parts = [
        np.bincount(ladder.need, filled * chosen, count).astype(np.int64)
        for chosen in (
            ladder.step == GUARANTEED,
            (ladder.step > GUARANTEED) & (ladder.step < above),
            ladder.step >= above,
        )
    ]
    probability = cell_probability(problem.levels)
    held = needs.available + received
    next_segment = _next_segments(plan, filled)
    has_next = next_segment >= 0
    at = np.where(has_next, next_segment, 0)
    none = ladder.rank.shape[0]
    of_stock = np.searchsorted(ladder.rank, np.minimum(plan.shares.need_rank, none))
    known = plan.shares.need_rank < none
    of_stock = np.where(known, of_stock, 0)
    return Reasons(
        parts[0],
        parts[1],
        parts[2],
        received - sum(parts),
        _part(needs.available, needs.floor),
        _part(held, needs.floor),
        _days(needs.available, needs.daily_use),
        _days(held, needs.daily_use),
        expected_shortage(needs, probability, needs.available),
        expected_shortage(needs, probability, held),
        _limits(problem, plan, has_next, next_segment),
        ladder.by_tier[at] * has_next[:, None] if none else np.zeros((count, 3)),
        has_next & (ladder.step[at] < above) if none else has_next,
        np.where(known, ladder.value[of_stock], 0.0) if none else np.zeros(count),
        known & (ladder.step[of_stock] < above) if none else known,
    )


def _part(held: Integers, floor: Integers) -> Floats:
    return np.where(floor > 0, np.minimum(held, floor) / np.maximum(floor, 1), 1.0)


def _days(held: Integers, daily: Floats) -> Floats:
    return np.where(daily > 0, held / np.where(daily > 0, daily, 1.0), np.inf)


def _next_segments(plan: ItemPlan, filled: Integers) -> Integers:
    """Return int64[M]: the first segment of each need that is not full; -1 if all are."""
    found = np.full(plan.needs.need.shape[0], -1, np.int64)
    open_segments = np.flatnonzero(filled < plan.ladder.amount)[::-1]
    found[plan.ladder.need[open_segments]] = open_segments
    return found


def _limits(
    problem: SupplyProblem, plan: ItemPlan, has_next: Flags, next_segment: Integers
) -> tuple[str, ...]:
    free = usable(problem, plan.item)
    hours = problem.hours[:, plan.needs.point]
    joined = problem.serves[:, plan.needs.point] & np.isfinite(hours)
    joined &= hours <= problem.items.longest_hours[plan.item]
    offered = np.bincount(plan.stocks.warehouse, plan.stocks.amount, free.shape[0]).astype(np.int64)
    cut_short = (offered < free) & (free >= problem.items.least_shipment[plan.item])
    cut_short &= item_loads(problem, plan.item) < np.inf
    reserved = problem.reserve[:, plan.item] > 0
    own_rank = plan.ladder.rank[np.maximum(next_segment, 0)] if plan.ladder.rank.size else next_segment
    conditions = (
        ~has_next,
        np.full(has_next.shape, plan.shortened) & (own_rank < plan.shares.need_rank),
        (own_rank < plan.shares.need_rank) & (problem.items.least_shipment[plan.item] > 1),
        np.full(has_next.shape, not free.any()),
        ~(joined & (free > 0)[:, None]).any(axis=0) & ~(joined & reserved[:, None]).any(axis=0),
        plan.shares.need_rank < own_rank,
        (joined & cut_short[:, None]).any(axis=0),
        (joined & reserved[:, None]).any(axis=0),
        np.ones(has_next.shape, np.bool_),
    )
    first = np.argmax(np.stack(conditions), axis=0)
    return tuple(LIMITS[index] for index in first.tolist())
