"""A province in parts: each city solved alone, joined by the stock that may go to any of them.

A part's warehouses serve its own points. What is shared lies in one warehouse that every part has, and which
holds nothing until it is divided. How a part uses ``a`` shared units follows from two fillings of its ladder,
without them and with all: through any rank it delivers the lesser of (alone + a) and (with all), since one
stock is one arc of a flow (Ford and Fulkerson 1956, DOI 10.4153/CJM-1956-045-5). So the units are worth most
where the highest rank still lacks them, and dividing by rank is as fair and as useful as solving the whole
province at once. Where parts lack units of equal rank, these are divided in proportion; that choice can cost
kilometres, and bounds on transport and expiry are those of the division made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.allocate import (
    AllocationParameters,
    allocate,
    share_item,
    unaided_shortage,
)
from fangxian.logistics.allocation.blocks import build_blocks, by_worth, step_weight
from fangxian.logistics.allocation.ladder import Ladder, cell_probability
from fangxian.logistics.allocation.proportional import in_proportion
from fangxian.logistics.allocation.sharing import share_out
from fangxian.logistics.allocation.stocks import Stocks, item_loads, item_stocks
from fangxian.logistics.allocation.supplies import Batches, SupplyProblem
from fangxian.logistics.allocation.worth import Worth, filled_by

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SharedStock:
    """What may go to any part.

    Parameters
    ----------
    warehouse : int
        Its number in every part.
    item, quantity, expires_days : int64[B]
        Batches.
    """

    warehouse: int
    item: Integers
    quantity: Integers
    expires_days: Integers


@dataclass(frozen=True)
class PartPlan:
    """The plan of one item in one part, without the tables that it was made from.

    Parameters
    ----------
    warehouse, need, amount : int64[S]
        Shipments; needs are rows of the part's needs.
    worth, bound : Worth
        See :class:`fangxian.logistics.allocation.allocate.ItemPlan`.
    lift : float
        Weight of the steps of the floor that it fills.
    """

    warehouse: Integers
    need: Integers
    amount: Integers
    worth: Worth
    bound: Worth
    lift: float


@dataclass(frozen=True)
class ProvinceAllocation:
    """Plans of all parts.

    Parameters
    ----------
    parts : tuple of tuple of PartPlan
        By part, then by item.
    divided : int64[P, I]
        Shared units given to each part.
    steps, steps_bound : int64[I, T]
        Units delivered by step of the floor in the whole province, and what no plan betters.
    weighted_shortage, shortage_bound : float64[I]
        The bound holds for plans that are as fair as the bound on steps.
    """

    parts: tuple[tuple[PartPlan, ...], ...]
    divided: Integers
    steps: Integers
    steps_bound: Integers
    weighted_shortage: Floats
    shortage_bound: Floats


@dataclass(frozen=True)
class _Filling:
    """How a part fills a ladder, rank by rank: without shared units, and what these can add."""

    key: Floats
    alone: Integers
    lacking: Integers


@dataclass(frozen=True)
class _Use:
    """How a part would use shared units of an item.

    ``by_rank`` has keys (step, -value); ``by_worth``, of the blocks, has the negative worth and bounds the
    plans that keep the least shipment. ``shortage`` is the weighted one without any shipment.
    """

    by_rank: _Filling
    by_worth: _Filling
    shortage: float


def allocate_parts(
    parts: Sequence[SupplyProblem],
    shared: SharedStock,
    parameters: AllocationParameters | None = None,
    each: Callable[..., Iterable[Any]] = map,
) -> ProvinceAllocation:
    """Divide the shared stock, then plan every part.

    Parameters
    ----------
    parts : sequence of SupplyProblem
        With the same items; their shared warehouse holds nothing yet.
    shared : SharedStock
    parameters : AllocationParameters, optional
    each : callable
        Works through the parts, the largest first, like ``map``: for example that of a pool of processes.

    Returns
    -------
    ProvinceAllocation

    Raises
    ------
    ValueError
        When units that must be sent in a part cannot be.
    """
    chosen = parameters or AllocationParameters()
    claim = _average_claim(parts)
    joined = [replace(part, average_claim=claim) for part in parts]
    order = sorted(range(len(parts)), key=lambda number: -len(parts[number].point_code))
    found = each(partial(_uses, shared=shared, parameters=chosen), [joined[number] for number in order])
    uses = _in_turn(order, found)
    pool = np.bincount(shared.item, shared.quantity, claim.shape[0]).astype(np.int64)
    by_item = [[use[item] for use in uses] for item in range(claim.shape[0])]
    divided = np.stack(
        [
            _divide([use.by_rank for use in of_item], int(units))
            for of_item, units in zip(by_item, pool, strict=True)
        ],
        axis=1,
    )
    with_share = [_with_share(joined[number], shared, divided, number) for number in order]
    plans = _in_turn(order, each(partial(_plan_part, parameters=chosen), with_share))
    failed = [number for number, plan in enumerate(plans) if not plan]
    if failed:
        raise ValueError(
            f"what must be sent in a part must be possible there (got collisions in part {failed[0]}); "
            "allocate that part alone to see which"
        )
    return _joined(plans, divided, by_item, pool)


def _in_turn(order: list[int], found: Iterable[Any]) -> list[Any]:
    """Return what was found for the parts of an order, in the order of their numbers."""
    by_number = dict(zip(order, found, strict=True))
    return [by_number[number] for number in range(len(order))]


def _plan_part(problem: SupplyProblem, parameters: AllocationParameters) -> tuple[PartPlan, ...]:
    """Plan one part; nothing if what must be sent cannot be."""
    found = []
    for plan in allocate(problem, parameters).plans:
        filled = filled_by(plan.ladder, plan.needs, plan.received)
        shipping = plan.shipping
        found.append(
            PartPlan(
                plan.stocks.warehouse[shipping.row],
                plan.needs.need[shipping.need],
                shipping.amount,
                plan.worth,
                plan.bound,
                float(step_weight(plan.ladder, problem.tier_weight[0]) @ filled),
            )
        )
    return tuple(found)


def _joined(
    plans: list[tuple[PartPlan, ...]], divided: Integers, by_item: list[list[_Use]], pool: Integers
) -> ProvinceAllocation:
    """Add up the parts and bound the whole, item by item."""
    steps, steps_bound = [], []
    shortage, shortage_bound = [], []
    for item, uses in enumerate(by_item):
        of_item = [plan[item] for plan in plans]
        filled = np.sum([plan.worth.steps for plan in of_item], axis=0)
        best, least = _bound([use.by_rank for use in uses], int(pool[item]), filled.shape[0])
        unaided = sum(use.shortage for use in uses)
        least += unaided
        if np.array_equal(filled, best):
            worth = -_value([use.by_worth for use in uses], int(pool[item]))
            least = max(least, unaided - (worth - sum(plan.lift for plan in of_item)))
        steps.append(filled)
        steps_bound.append(best)
        shortage.append(sum(plan.worth.weighted_shortage for plan in of_item))
        shortage_bound.append(least)
    return ProvinceAllocation(
        tuple(plans), divided, np.array(steps), np.array(steps_bound), np.array(shortage),
        np.array(shortage_bound),
    )  # fmt: skip


def _average_claim(parts: Sequence[SupplyProblem]) -> Floats:
    """Return float64[I]: the claim of the average unit used in the whole province."""
    use, claimed = (np.zeros(len(parts[0].items.code)) for _ in range(2))
    for part in parts:
        daily = part.needs.quantiles @ cell_probability(part.levels)
        claim = part.severity[part.needs.point] * (part.needs.tier_share @ np.asarray(part.tier_weight))
        use += np.bincount(part.needs.item, daily, use.shape[0])
        claimed += np.bincount(part.needs.item, daily * claim, use.shape[0])
    return np.where(use > 0, claimed / np.maximum(use, 1e-300), 1.0)


def _uses(problem: SupplyProblem, shared: SharedStock, parameters: AllocationParameters) -> list[_Use]:
    full = _with_batches(problem, shared, shared.item, shared.quantity, shared.expires_days)
    found = []
    for item in range(len(problem.items.code)):
        alone = share_item(problem, item, item_loads(problem, item), parameters)
        ladder, needs = alone.ladder, alone.needs
        helped = item_stocks(full, item, needs, item_loads(full, item))
        keys = np.stack([ladder.step, -ladder.value], axis=1).astype(np.float64)
        by_rank = _filling(ladder, keys, alone.shares.filled, helped)
        least = int(problem.items.least_shipment[item])
        worth = by_worth(build_blocks(ladder, needs, least, problem.tier_weight[0]))
        filled = share_out(worth, alone.stocks).filled
        of_blocks = _filling(worth, -worth.value[:, None], filled, helped)
        found.append(_Use(by_rank, of_blocks, unaided_shortage(problem, needs)))
    return found


def _filling(ladder: Ladder, keys: Floats, alone: Integers, helped: Stocks) -> _Filling:
    ranks = int(ladder.rank.max(initial=-1)) + 1
    first = np.searchsorted(ladder.rank, np.arange(ranks))
    own = np.bincount(ladder.rank, alone, ranks).astype(np.int64)
    all_of_it = np.bincount(ladder.rank, share_out(ladder, helped).filled, ranks).astype(np.int64)
    return _Filling(keys[first], own, all_of_it - own)


def _divide(uses: Sequence[_Filling], pool: int) -> Integers:
    """Give shared units to the highest rank that lacks them, in proportion among parts of equal rank."""
    keys, lacking = _common(uses)
    given = np.zeros(len(uses), np.int64)
    for rank in range(keys.shape[0]):
        share = in_proportion(pool, np.maximum(lacking[:, rank], 0))
        given += share
        pool -= int(share.sum())
        if not pool:
            break
    return given


def _bound(uses: Sequence[_Filling], pool: int, steps: int) -> tuple[Integers, float]:
    """Return units by step, and the change of the shortage, that no division of the shared stock betters."""
    keys, filled = _filled(uses, pool)
    step = keys[:, 0].astype(np.int64)
    by_step = np.bincount(step + 1, filled, steps + 2)[1:-1].astype(np.int64)
    return by_step, float(keys[:, 1] @ filled)


def _value(uses: Sequence[_Filling], pool: int) -> float:
    """Return the sum of the last keys of what the best division of the shared stock fills."""
    keys, filled = _filled(uses, pool)
    return float(keys[:, -1] @ filled)


def _filled(uses: Sequence[_Filling], pool: int) -> tuple[Floats, Integers]:
    """Return the common ranks and the units of each that the best division of the shared stock fills."""
    keys, lacking = _common(uses)
    _, alone = _common(uses, of="alone")
    helped = np.minimum(np.cumsum(np.maximum(lacking, 0).sum(axis=0)), pool)
    return keys, alone.sum(axis=0) + np.diff(helped, prepend=0)


def _common(uses: Sequence[_Filling], of: str = "lacking") -> tuple[Floats, Integers]:
    """Return the ranks of all parts in one order, and units by part and rank."""
    keys = np.unique(np.concatenate([use.key for use in uses]), axis=0)
    place = {tuple(key): index for index, key in enumerate(keys.tolist())}
    table = np.zeros((len(uses), keys.shape[0]), np.int64)
    for number, use in enumerate(uses):
        table[number, [place[tuple(key)] for key in use.key.tolist()]] = getattr(use, of)
    return keys, table


def _with_share(problem: SupplyProblem, shared: SharedStock, divided: Integers, number: int) -> SupplyProblem:
    """Give a part its units of every batch, the same part of each."""
    quantity = np.zeros_like(shared.quantity)
    for item in range(divided.shape[1]):
        mine = np.flatnonzero(shared.item == item)
        left = shared.quantity[mine].copy()
        for each in range(number + 1):  # parts before this one have taken theirs
            taken = in_proportion(int(divided[each, item]), left)
            left -= taken
        quantity[mine] = taken
    return _with_batches(problem, shared, shared.item, quantity, shared.expires_days)


def _with_batches(
    problem: SupplyProblem, shared: SharedStock, item: Integers, quantity: Integers, ends: Integers
) -> SupplyProblem:
    held = problem.batches
    more = tuple(f"shared {index}" for index in range(item.shape[0]))
    batches = Batches(
        (*held.code, *more),
        np.concatenate([held.warehouse, np.full(item.shape[0], shared.warehouse)]),
        np.concatenate([held.item, item]),
        np.concatenate([held.quantity, quantity]),
        np.concatenate([held.expires_days, ends]),
    )
    return replace(problem, batches=batches)
