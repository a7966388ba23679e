"""The bound of a round of a city, too large for one programme: part after part, with laboratories at a price.

The limits that all parts share, staff and laboratories, are charged for at one price; each part then has its
own linear programme over columns, in which the areas at its border, which have sites elsewhere too, may be
left out at the price that they have so far. So every part raises the bound of the whole or leaves it as it
is, and the bound holds whenever time ends.

Lasdon LS. Optimization theory for large systems. Macmillan 1970 (prices for shared limits).
Bertsekas DP. Nonlinear programming. Athena Scientific 1999 (ascent by blocks).
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.programme import SolverStop
from fangxian.logistics.testing_round.columns import (
    Limits,
    Master,
    columns_that_pay,
    free,
    limits_of,
    patterns_of,
    site_prices,
)
from fangxian.logistics.testing_round.generate import (
    GeneratedPlan,
    price_out,
    priced_anew,
    total,
)
from fangxian.logistics.testing_round.ground import Assignment, Ground
from fangxian.logistics.testing_round.neighbourhood import Searched
from fangxian.logistics.testing_round.parts import Part, cut, part_of
from fangxian.logistics.testing_round.patterns import send_all

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_CHARGES, _AGAIN, _FIRST = 0.1, 0.35, 0.9
"""Parts of the time after which charges, the second search, and the first pass over the parts end."""
_ELSEWHERE = 0.38
"""Where groups are cut in the second pass, so that what stood at a border stands inside."""
_SLOW = 1.3
"""A part may take so many times its share of the time that is left."""
_TURNS, _PATIENCE = 100, 5
_NEAR = 1e-3
_MODEST, _DEAR = 0.8, 3.0
"""What areas are paid, as shares of what they cost in the plan: to begin with, and at most."""


def plan_city(ground: Ground, searched: Searched, stop: SolverStop) -> GeneratedPlan:
    """Return what a search found, with a bound that is proven part by part.

    Parameters
    ----------
    ground : Ground
    searched : Searched
        What a search found.
    stop : SolverStop
        When to stop.

    Returns
    -------
    GeneratedPlan
    """
    began = time.monotonic()
    if not searched.legal:
        return GeneratedPlan(None, -np.inf, False, np.arange(0), free(ground))
    plan = searched.found
    charge = charges(ground, plan, began + _CHARGES * stop.time_limit_s)
    plan = priced_anew(ground, plan, charge, began + _AGAIN * stop.time_limit_s)
    cost = total(patterns_of(ground, plan))
    price = _MODEST * shares(ground, plan)
    for share, end in ((0.5, _FIRST), (_ELSEWHERE, 1.0)):
        price_parts(ground, plan, (price, charge), cut(ground, share), began + end * stop.time_limit_s)
    bound = bound_of(ground, price, charge)
    return GeneratedPlan(plan, bound, cost - bound <= stop.relative_gap * cost, np.arange(0), charge)


def price_parts(
    ground: Ground, plan: Assignment, prices: tuple[Floats, Limits], groups: list[Integers], until: float
) -> None:
    """Raise the bound part by part: the prices of areas are changed in place.

    Parameters
    ----------
    ground : Ground
    plan : Assignment
        Its sites are the first columns.
    prices : (float[A], Limits)
        Of areas and limits.
    groups : list of int64[.]
        Areas of each part.
    until : float
        When to stop, by the monotonic clock.
    """
    charge, most = prices[1], _DEAR * shares(ground, plan)
    tubes = ground.people.sum() / 10 / max(1, np.unique(ground.walk_site[plan.walk]).shape[0])
    yuan = ground.trips + tubes * (ground.test_cost + charge.again)
    likely = np.argsort(np.where(ground.timely, yuan, np.inf), axis=1, kind="stable")
    walks = np.diff(ground.first_walk)
    effort = np.array([float(walks[areas].sum()) for areas in groups])
    for number, areas in enumerate(groups):
        left = until - time.monotonic()
        seconds = min(left, _SLOW * left * effort[number] / effort[number:].sum())
        if seconds > 0:
            _price_part(ground, plan, prices, (areas, likely, most), time.monotonic() + seconds)


def charges(ground: Ground, plan: Assignment, until: float) -> Limits:
    """Return what the limits of laboratories are worth where every area keeps to its site of a plan.

    Parameters
    ----------
    ground : Ground
    plan : Assignment
        Who goes where.
    until : float
        When to stop, by the monotonic clock.

    Returns
    -------
    Limits
        Prices; staff cost nothing, since who goes where is given.

    Notes
    -----
    Held M, Wolfe P, Crowder HP. Validation of subgradient optimization. Math Program 1974.
    DOI 10.1007/BF01580223.
    """
    room = limits_of(ground)
    patterns = patterns_of(ground, plan)
    cost = total(patterns)
    fixed = sum(float(ground.opening[each.site]) + each.lanes * ground.lane_cost for each in patterns)
    nothing, none = np.zeros(ground.people.shape[0]), np.zeros(ground.opening.shape[0])
    best, charge, stride, worse = (-np.inf, free(ground)), free(ground), 1.0, 0
    for _ in range(_TURNS):
        if time.monotonic() > until:
            break
        yuan, *used, _, _ = send_all(ground, site_prices(ground, nothing, none, charge), plan.walk)
        value = fixed + yuan - float(charge.flat() @ room.flat())
        worse = 0 if value > best[0] else worse + 1
        best = max(best, (value, charge), key=lambda each: each[0])
        if worse == _PATIENCE:
            stride, worse, charge = stride / 2, 0, best[1]
            continue
        push = [
            np.where((have < need) | (paid > 0), need - have, 0.0)
            for need, have, paid in zip(used, room[1:], charge[1:], strict=True)
        ]
        size = sum(float((each**2).sum()) for each in push)
        if size <= 0 or cost - value <= _NEAR * cost:
            break
        step = stride * (cost - value) / size
        raised = (np.maximum(0.0, paid + step * each) for paid, each in zip(charge[1:], push, strict=True))
        charge = Limits(0.0, *raised)
    return best[1]


def shares(ground: Ground, plan: Assignment) -> Floats:
    """Return what each area costs in a plan, by its people: float[A]."""
    price = np.zeros(ground.people.shape[0])
    for each in patterns_of(ground, plan):
        area = ground.walk_area[each.walk]
        price[area] = each.cost * ground.people[area] / ground.people[area].sum()
    return price


def bound_of(ground: Ground, price: Floats, charge: Limits) -> float:
    """Return what no plan can be below, as these prices of areas and limits prove."""
    _, most = columns_that_pay(ground, price, np.zeros(ground.opening.shape[0]), charge)
    return float(price.sum() - charge.flat() @ limits_of(ground).flat() - most)


def _price_part(
    ground: Ground,
    plan: Assignment,
    prices: tuple[Floats, Limits],
    where: tuple[Integers, Integers, Floats],
    until: float,
) -> None:
    price, charge = prices
    areas, likely, most = where
    part = part_of(ground, areas, likely)
    within = part.ground
    inside = np.isin(part.areas, areas)
    charged = Limits(charge.staff, charge.first[part.labs], charge.again[part.labs])
    master = Master(within, np.where(inside, most[part.areas], price[part.areas]), charged)
    master.add(patterns_of(within, _within(ground, part, plan)))
    dual = np.zeros(master.rows)
    dual[: master.areas] = price[part.areas]
    _, before = master.columns(dual)
    priced = price_out(master, _NEAR, until)
    if priced.bound > before:
        price[part.areas] = np.maximum(0.0, priced.dual[: master.areas])


def _within(ground: Ground, part: Part, plan: Assignment) -> Assignment:
    """Return what a plan does at the sites of a part, where the part has their laboratories."""
    number = np.full(ground.walk_site.shape[0] + 1, -1)  # the last for nobody goes
    number[part.walks] = np.arange(part.walks.shape[0])
    number[:-1][~np.isin(plan.lab, part.labs)[ground.walk_site]] = -1
    lab = np.minimum(np.searchsorted(part.labs, plan.lab[part.sites]), part.labs.shape[0] - 1)
    return Assignment(number[plan.walk[part.areas]], plan.scheme[part.areas], lab)
