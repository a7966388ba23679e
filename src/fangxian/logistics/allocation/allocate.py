"""Allocation of scarce supplies: the problem in, shipments with bounds and prices out.

Objectives in their order: the survival floor (the emptiest point first, weighed by tier and severity), the
expected shortage weighed by tier, units that expire, transport. Items meet only in the vehicles of a
warehouse: each is solved alone with all of them, which bounds every plan; where the items together want more
than the vehicles carry, floors come first, then earlier items of the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.above_floor import Load
from fangxian.logistics.allocation.blocks import build_blocks, by_worth, step_weight
from fangxian.logistics.allocation.collisions import Collision, find_collisions
from fangxian.logistics.allocation.ladder import (
    GUARANTEED,
    Ladder,
    PointNeeds,
    build_ladder,
    cell_probability,
    expected_shortage,
    point_needs,
)
from fangxian.logistics.allocation.least_shipment import mend
from fangxian.logistics.allocation.sharing import Shares, share_out
from fangxian.logistics.allocation.shipping import Shipping, ship, ship_fixed
from fangxian.logistics.allocation.stocks import Stocks, item_loads, item_stocks
from fangxian.logistics.allocation.supplies import SupplyProblem
from fangxian.logistics.allocation.transport_limit import shipped_litre_km, within
from fangxian.logistics.allocation.vehicles import claims_of
from fangxian.logistics.allocation.worth import Worth, distance, filled_by, judge, lost_units

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AllocationParameters:
    """How finely fairness is told apart.

    Parameters
    ----------
    floor_steps : int
        Steps of the survival floor; points within one step of each other count as equally empty. At least 1.
    most_litre_km : float
        Transport that all items together may take; at least 0. Beyond it only units below a floor travel.
    """

    floor_steps: int = 100
    most_litre_km: float = inf

    def __post_init__(self) -> None:
        """Refuse a floor without steps."""
        if self.floor_steps < 1:
            raise ValueError(
                f"floor_steps must be at least 1 (got {self.floor_steps}); 100 steps are 1 % each"
            )
        if not self.most_litre_km >= 0:
            raise ValueError(f"most_litre_km must be at least 0 (got {self.most_litre_km:g}); leave it out")


_FOR_MENDING = 0.2
"""Part of the time limit that mending may go on beyond it."""


@dataclass(frozen=True)
class _Late:
    """Whether there is no time for the cheapest roads; and a call that says whether mending must end, too."""

    roads: bool
    mending: Callable[[], bool]


@dataclass(frozen=True)
class StopRule:
    """When to stop improving; what is found by then is returned with its gap.

    The amounts of every item are found whatever the limit: they are the plan and its bound. After the limit
    the nearest stock is taken, and too small shipments are mended for a fifth of it longer.

    Parameters
    ----------
    seconds : float
        Above 0; infinite without a limit.
    clock : callable
        Returns seconds that only grow; the core itself has no clock.
    """

    seconds: float = inf
    clock: Callable[[], float] = float  # stands still

    def __post_init__(self) -> None:
        """Refuse a limit that is over before it begins."""
        if not self.seconds > 0:
            raise ValueError(f"seconds must be above 0 (got {self.seconds:g}); give the search some time")


@dataclass(frozen=True)
class ItemPlan:
    """The plan of one item.

    Parameters
    ----------
    item : int
    needs : PointNeeds
    ladder : Ladder
    stocks : Stocks
        Offered to it: within the reserve and the vehicles that items before it left.
    shares : Shares
        Amounts without a least shipment, and the ranks that explain them.
    shipping : Shipping
    received : int64[M]
    worth, bound : Worth
        What the plan is worth and what no plan can better, objective by objective. Expiry and transport are
        bounded over all plans whose fairness and shortage are those of the bound.
    same_amounts : bool
        The bounds on expiry and transport hold for plans that give each point the same amounts, since the
        plan's own fairness and shortage differ from the bound.
    shortened : bool
        Units stayed behind to keep to the limit of transport.
    """

    item: int
    needs: PointNeeds
    ladder: Ladder
    stocks: Stocks
    shares: Shares
    shipping: Shipping
    received: Integers
    worth: Worth
    bound: Worth
    same_amounts: bool
    shortened: bool = False


@dataclass(frozen=True)
class Allocation:
    """Plans of all items, in the order of the table; or why there is none.

    Parameters
    ----------
    plans : tuple of ItemPlan
        Empty if units that must be sent cannot be.
    collisions : tuple of Collision
        Which demands and limits collide.
    stopped_early : bool
        Whether the stop rule cut the search short.
    """

    plans: tuple[ItemPlan, ...]
    collisions: tuple[Collision, ...] = ()
    stopped_early: bool = False


def allocate(
    problem: SupplyProblem,
    parameters: AllocationParameters | None = None,
    stop: StopRule | None = None,
) -> Allocation:
    """Plan one round of shipments.

    Parameters
    ----------
    problem : SupplyProblem
    parameters : AllocationParameters, optional
    stop : StopRule, optional

    Returns
    -------
    Allocation
    """
    chosen, rule = parameters or AllocationParameters(), stop or StopRule()
    end = rule.clock() + rule.seconds
    mended = end + _FOR_MENDING * rule.seconds
    collisions = find_collisions(problem)
    if collisions:
        return Allocation((), collisions)
    relaxed = [
        share_item(problem, item, item_loads(problem, item), chosen)
        for item in range(len(problem.items.code))
    ]
    claims = claims_of(
        problem, [(each.needs, each.ladder, each.stocks, each.shares.flow) for each in relaxed]
    )
    loads = [problem.warehouses.load_litres.copy(), problem.warehouses.cold_load_litres.copy()]
    plans = []
    stopped = False
    for shared in relaxed:
        late = rule.clock() >= end
        stopped |= late
        load = loads[int(problem.items.cold[shared.item])]
        room = claims.room(problem, shared.item, load)
        plan = _plan(problem, shared, room, chosen, _Late(late, lambda: rule.clock() >= mended))
        load -= _carried(problem, plan, plan.shipping)
        plans.append(plan)
    return Allocation(_within_transport(problem, relaxed, plans, chosen, late=stopped), (), stopped)


def _within_transport(
    problem: SupplyProblem,
    relaxed: list[SharedItem],
    plans: list[ItemPlan],
    parameters: AllocationParameters,
    *,
    late: bool,
) -> tuple[ItemPlan, ...]:
    """Leave out what is worth least beside its road, if all items together travel too far."""
    loads = [
        Load(
            plan.ladder,
            plan.needs,
            plan.stocks,
            plan.shipping,
            float(problem.items.litres[plan.item]),
            int(problem.items.least_shipment[plan.item]),
            min(problem.tier_weight),
        )
        for plan in plans
    ]
    carried = sum(shipped_litre_km(load.stocks, load.shipping, load.litres) for load in loads)
    if carried <= parameters.most_litre_km:
        return tuple(plans)
    found = []
    for plan, shipping, shared in zip(plans, within(loads, parameters.most_litre_km), relaxed, strict=True):
        if shipping is plan.shipping:
            found.append(plan)
            continue
        count = plan.needs.need.shape[0]
        received = np.bincount(shipping.need, shipping.amount, count).astype(np.int64)
        used = SharedItem(plan.item, plan.needs, plan.ladder, plan.stocks, plan.shares)
        worth = _worth(problem, used, shipping, filled_by(plan.ladder, plan.needs, received))
        bound = _bound_of_amounts(problem, shared, plan.bound, received, late=late)
        found.append(
            replace(
                plan,
                shipping=shipping,
                received=received,
                worth=worth,
                bound=bound,
                same_amounts=True,
                shortened=True,
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class SharedItem:
    """One item shared out, roads not yet chosen.

    Parameters
    ----------
    item : int
    needs : PointNeeds
    ladder : Ladder
    stocks : Stocks
    shares : Shares
    """

    item: int
    needs: PointNeeds
    ladder: Ladder
    stocks: Stocks
    shares: Shares


def share_item(
    problem: SupplyProblem, item: int, load: Floats, parameters: AllocationParameters
) -> SharedItem:
    """Fill the ladder of one item.

    Parameters
    ----------
    problem : SupplyProblem
    item : int
    load : float64[W]
        Litres that its vehicles can still carry away.
    parameters : AllocationParameters

    Returns
    -------
    SharedItem
    """
    needs = point_needs(problem, item)
    stocks = item_stocks(problem, item, needs, load)
    probability = cell_probability(problem.levels)
    ladder = build_ladder(needs, probability, np.asarray(problem.tier_weight), parameters.floor_steps)
    return SharedItem(item, needs, ladder, stocks, share_out(ladder, stocks))


def _plan(
    problem: SupplyProblem, relaxed: SharedItem, load: Floats, parameters: AllocationParameters, late: _Late
) -> ItemPlan:
    """Ship one item within the load that is left; bounds come from all of the load."""
    least = int(problem.items.least_shipment[relaxed.item])
    best, in_blocks = _ship(problem, relaxed, late=late.roads)
    used, shipping = relaxed, best
    if (_carried(problem, relaxed, best) > load + 1e-6).any():
        used = share_item(problem, relaxed.item, load, parameters)
        shipping, _ = _ship(problem, used, late=late.roads)
    shipping = mend(used.ladder, used.needs, used.stocks, shipping, least, over=late.mending)
    received = np.bincount(shipping.need, shipping.amount, used.needs.need.shape[0]).astype(np.int64)
    filled = filled_by(used.ladder, used.needs, received)
    worth = _worth(problem, used, shipping, filled)
    bound = _worth(problem, relaxed, best, relaxed.shares.filled)
    if not best.proven:
        bound = _without_search(bound, relaxed, relaxed.shares.flow.sum(axis=0))
    same_steps = np.array_equal(worth.steps, bound.steps)
    same_amounts = in_blocks or not (same_steps and shipping.proven == best.proven)
    if in_blocks and same_steps:
        bound = _bound_of_blocks(problem, relaxed, bound, filled)
    if worth.weighted_shortage > bound.weighted_shortage + 1e-6:
        same_amounts = True
    if same_amounts:
        bound = _bound_of_amounts(problem, relaxed, bound, received, late=late.roads)
    return ItemPlan(
        relaxed.item, used.needs, used.ladder, used.stocks, used.shares, shipping, received, worth, bound,
        same_amounts,
    )  # fmt: skip


def _ship(problem: SupplyProblem, shared: SharedItem, *, late: bool) -> tuple[Shipping, bool]:
    """Return shipments, and whether blocks were filled since somebody would receive less than the least."""
    least = int(problem.items.least_shipment[shared.item])
    if not _is_too_little(shared.shares.flow.sum(axis=0), least):
        shipping = _along(shared, shared.ladder, shared.shares, late=late)
        count = shared.needs.need.shape[0]
        if not _is_too_little(np.bincount(shipping.need, shipping.amount, count), least):
            return shipping, False
    ladder = build_blocks(shared.ladder, shared.needs, least, problem.tier_weight[0]).ladder
    return _along(shared, ladder, share_out(ladder, shared.stocks), late=late), True


def _is_too_little(received: Integers | Floats, least: int) -> bool:
    return bool(((received > 0) & (received < least)).any())


def _along(shared: SharedItem, ladder: Ladder, shares: Shares, *, late: bool) -> Shipping:
    if not late:
        return ship(ladder, shared.needs, shared.stocks, shares)
    row, need = np.nonzero(shares.flow)
    return Shipping(row, need, shares.flow[row, need], proven=False)


def _bound_of_blocks(problem: SupplyProblem, shared: SharedItem, bound: Worth, filled: Integers) -> Worth:
    """Return the bound on the shortage of plans that are as fair as given and keep the least shipment."""
    least, red = int(problem.items.least_shipment[shared.item]), problem.tier_weight[0]
    ladder = by_worth(build_blocks(shared.ladder, shared.needs, least, red))
    best = float(ladder.value @ share_out(ladder, shared.stocks).filled)
    saving = best - float(step_weight(shared.ladder, red) @ filled)
    return replace(
        bound,
        weighted_shortage=max(bound.weighted_shortage, unaided_shortage(problem, shared.needs) - saving),
    )


def unaided_shortage(problem: SupplyProblem, needs: PointNeeds) -> float:
    """Return the weighted shortage if nothing is sent."""
    lacking = expected_shortage(needs, cell_probability(problem.levels), needs.available)
    return float(lacking.sum(axis=0) @ np.asarray(problem.tier_weight))


def _carried(problem: SupplyProblem, shared: SharedItem | ItemPlan, shipping: Shipping) -> Floats:
    """Return float64[W]: litres that leave each warehouse."""
    warehouse = shared.stocks.warehouse[shipping.row]
    units = np.bincount(warehouse, shipping.amount, len(problem.warehouses.code)).astype(np.float64)
    return units * float(problem.items.litres[shared.item])


def _worth(problem: SupplyProblem, shared: SharedItem, shipping: Shipping, filled: Integers) -> Worth:
    probability, weight = cell_probability(problem.levels), np.asarray(problem.tier_weight)
    first = judge(shared.ladder, shared.needs, probability, weight, filled)
    lost = lost_units(shared.needs, shared.stocks, shipping)
    return Worth(*first, lost, distance(shared.stocks, shipping))


def _without_search(bound: Worth, shared: SharedItem, received: Integers) -> Worth:
    """Return what holds without a proof: nothing expires, and each unit comes from the nearest stock."""
    cost = np.where(shared.stocks.reach, shared.stocks.cost, np.iinfo(np.int64).max)
    nearest = cost.min(axis=1, initial=np.iinfo(np.int64).max)
    needed = received > 0
    return replace(bound, lost=0.0, hectometres=int(nearest[needed] @ received[needed]))


def _bound_of_amounts(
    problem: SupplyProblem, shared: SharedItem, bound: Worth, received: Integers, *, late: bool
) -> Worth:
    if late:
        return _without_search(bound, shared, received)
    cheapest = ship_fixed(shared.needs, shared.stocks, received)
    if not cheapest.proven:
        return _without_search(bound, shared, received)
    lost = lost_units(shared.needs, shared.stocks, cheapest)
    return replace(bound, lost=lost, hectometres=distance(shared.stocks, cheapest))


def unfilled_guarantees(ladder: Ladder, filled: Integers) -> int:
    """Return the units that must be sent and are not."""
    must = ladder.step == GUARANTEED
    return int((ladder.amount[must] - filled[must]).sum())
