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

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.allocate import (
    Allocation,
    AllocationParameters,
    allocate,
    share_item,
)
from fangxian.logistics.allocation.ladder import cell_probability, expected_shortage
from fangxian.logistics.allocation.proportional import in_proportion
from fangxian.logistics.allocation.stocks import item_loads
from fangxian.logistics.allocation.supplies import Batches, SupplyProblem

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
class ProvinceAllocation:
    """Plans of all parts.

    Parameters
    ----------
    parts : tuple of Allocation
    divided : int64[P, I]
        Shared units given to each part.
    steps, steps_bound : int64[I, T]
        Units delivered by step of the floor in the whole province, and what no plan betters.
    weighted_shortage, shortage_bound : float64[I]
    """

    parts: tuple[Allocation, ...]
    divided: Integers
    steps: Integers
    steps_bound: Integers
    weighted_shortage: Floats
    shortage_bound: Floats


@dataclass(frozen=True)
class _Use:
    """How a part would use shared units of an item: by (step, -value), units it lacks through that rank."""

    key: NDArray[np.float64]
    alone: Integers
    lacking: Integers
    shortage: float


def allocate_parts(
    parts: Sequence[SupplyProblem], shared: SharedStock, parameters: AllocationParameters | None = None
) -> ProvinceAllocation:
    """Divide the shared stock, then plan every part.

    Parameters
    ----------
    parts : sequence of SupplyProblem
        With the same items; their shared warehouse holds nothing yet.
    shared : SharedStock
    parameters : AllocationParameters, optional

    Returns
    -------
    ProvinceAllocation
    """
    chosen = parameters or AllocationParameters()
    claim = _average_claim(parts)
    joined = [replace(part, average_claim=claim) for part in parts]
    uses = [_uses(part, shared, chosen) for part in joined]
    pool = np.bincount(shared.item, shared.quantity, claim.shape[0]).astype(np.int64)
    by_item = [[use[item] for use in uses] for item in range(claim.shape[0])]
    divided = np.stack([_divide(use, int(units)) for use, units in zip(by_item, pool, strict=True)], axis=1)
    bounds = [_bound(use, int(units), chosen.floor_steps) for use, units in zip(by_item, pool, strict=True)]
    plans = tuple(
        allocate(_with_share(part, shared, divided, number), chosen) for number, part in enumerate(joined)
    )
    worth = [[found.plans[item].worth for found in plans] for item in range(claim.shape[0])]
    return ProvinceAllocation(
        plans,
        divided,
        np.array([np.sum([each.steps for each in of_item], axis=0) for of_item in worth]),
        np.array([steps for steps, _ in bounds]),
        np.array([sum(each.weighted_shortage for each in of_item) for of_item in worth]),
        np.array([shortage for _, shortage in bounds]),
    )


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
        helped = share_item(full, item, item_loads(full, item), parameters)
        ladder = alone.ladder
        ranks = int(ladder.rank.max(initial=-1)) + 1
        first = np.searchsorted(ladder.rank, np.arange(ranks))
        key = np.stack([ladder.step[first], -ladder.value[first]], axis=1).astype(np.float64)
        own = np.bincount(ladder.rank, alone.shares.filled, ranks).astype(np.int64)
        all_of_it = np.bincount(ladder.rank, helped.shares.filled, ranks).astype(np.int64)
        probability = cell_probability(problem.levels)
        unaided = expected_shortage(alone.needs, probability, alone.needs.available).sum(axis=0)
        found.append(_Use(key, own, all_of_it - own, float(unaided @ np.asarray(problem.tier_weight))))
    return found


def _divide(uses: Sequence[_Use], pool: int) -> Integers:
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


def _bound(uses: Sequence[_Use], pool: int, steps: int) -> tuple[Integers, float]:
    """Return units by step, and the weighted shortage, that no division of the shared stock betters."""
    keys, lacking = _common(uses)
    _, alone = _common(uses, of="alone")
    helped = np.minimum(np.cumsum(np.maximum(lacking, 0).sum(axis=0)), pool)
    filled = alone.sum(axis=0) + np.diff(helped, prepend=0)
    step = keys[:, 0].astype(np.int64)
    by_step = np.bincount(step + 1, filled, steps + 2)[1:-1].astype(np.int64)
    return by_step, sum(use.shortage for use in uses) + float(keys[:, 1] @ filled)


def _common(uses: Sequence[_Use], of: str = "lacking") -> tuple[Floats, Integers]:
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
