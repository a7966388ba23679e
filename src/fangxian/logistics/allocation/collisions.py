"""When units that must be sent cannot be: which demands and which limits collide, and the cheapest way out.

The demands and limits are those of a linear programme. If it has no solution, demands and limits are left out
one by one as long as there is still none: what remains is irreducible, leaving out any one of it makes the
rest possible (deletion filter; Chinneck 2008, DOI 10.1007/978-0-387-74932-7).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.ladder import point_needs
from fangxian.logistics.allocation.sharing_kernel import fill_ladder
from fangxian.logistics.allocation.stocks import item_loads, item_stocks, usable
from fangxian.logistics.allocation.supplies import SupplyProblem
from fangxian.logistics.programme import INFINITY, Programme, ProgrammeResult, SolverStop

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_PRICED, _SHORT = 1e-9, 1e-6
RELAXATION_COST = {"vehicles": 1.0, "service_area": 2.0, "time_on_road": 3.0, "reserve": 5.0, "demand": 10.0}
"""What a unit found by lifting a limit counts: more vehicles before help from other warehouses, that before a
longer way, that before the reserve, and all before sending less. Working values, in this order by intent."""


@dataclass(frozen=True)
class Limit:
    """A limit of a collision.

    Parameters
    ----------
    kind : str
        ``"stock"`` (of an item in a warehouse, less its reserve) or ``"vehicles"`` (ordinary or cold, of a
        warehouse).
    warehouse : int
    item : int
        -1 for vehicles.
    cold : bool
        Of vehicles: whether the cold ones.
    amount : float
        Units or litres.
    reserve : int
        Units that may not be touched.
    """

    kind: str
    warehouse: int
    item: int
    cold: bool
    amount: float
    reserve: int


@dataclass(frozen=True)
class Relaxation:
    """A way out.

    Parameters
    ----------
    kind : str
        A key of ``RELAXATION_COST``.
    warehouse : int
        Where; -1 for a demand.
    need : int
        Row of the needs that is sent less, or that the units go to; -1 where any of the collision is meant.
    units : int
    cost : float
        Units times the weight of the kind.
    """

    kind: str
    warehouse: int
    need: int
    units: int
    cost: float


@dataclass(frozen=True)
class Collision:
    """Demands and limits of which no one can be left out: together they cannot be.

    Parameters
    ----------
    needs : tuple of int
        Rows of the problem's needs whose guaranteed units collide.
    limits : tuple of Limit
        What they share; empty if no warehouse can reach the point at all.
    shortfall : int
        Units that cannot be sent.
    relaxations : tuple of Relaxation
        The cheapest way out, which makes this collision possible.
    """

    needs: tuple[int, ...]
    limits: tuple[Limit, ...]
    shortfall: int
    relaxations: tuple[Relaxation, ...]


def find_collisions(problem: SupplyProblem) -> tuple[Collision, ...]:
    """Return the collisions among units that must be sent; none if a plan exists.

    Parameters
    ----------
    problem : SupplyProblem

    Returns
    -------
    tuple of Collision
        Every need that cannot be served takes part in one of them, or would after these are solved.
    """
    needs = np.flatnonzero(problem.needs.guaranteed)
    if needs.size == 0 or _in_order(problem) is not None:
        return ()
    left = needs
    found: list[Collision] = []
    while True:
        model = _Model(problem, left)
        short = model.shortfall(np.ones(left.size, np.bool_), model.all_limits())
        if short < _SHORT:
            return tuple(found)
        collision = _irreducible(problem, model)
        found.append(collision)
        left = np.setdiff1d(left, np.array(collision.needs))
        if left.size == 0:
            return tuple(found)


def guaranteed_litres(problem: SupplyProblem) -> Floats:
    """Return float64[I, W]: litres that leave each warehouse if only what must be sent is sent.

    Parameters
    ----------
    problem : SupplyProblem
        Without collisions.

    Returns
    -------
    float64[I, W]
    """
    in_order = _in_order(problem)
    if in_order is not None:
        return in_order
    model = _Model(problem, np.flatnonzero(problem.needs.guaranteed))
    return model.litres()


def _in_order(problem: SupplyProblem) -> Floats | None:
    """Return the litres if items load in their order; None, which proves nothing, if that leaves some."""
    loads = [problem.warehouses.load_litres.copy(), problem.warehouses.cold_load_litres.copy()]
    taken = np.zeros((len(problem.items.code), len(problem.warehouses.code)))
    for item in np.unique(problem.needs.item[problem.needs.guaranteed > 0]).tolist():
        needs = point_needs(problem, item)
        load = loads[int(problem.items.cold[item])]
        stocks = item_stocks(problem, item, needs, load)
        must = np.flatnonzero(needs.guaranteed)
        flow = np.zeros((stocks.amount.shape[0], needs.need.shape[0]), np.int64)
        filled = fill_ladder(
            must, needs.guaranteed[must], stocks.amount.copy(), stocks.reach, stocks.cost, flow
        )
        if filled.sum() < needs.guaranteed.sum():
            return None
        units = np.bincount(stocks.warehouse, flow.sum(axis=1), taken.shape[1])
        taken[item] = units * float(problem.items.litres[item])
        load -= taken[item]
        np.maximum(load, 0, out=load)
    return taken


class _Model:
    """Needs that must be met, stocks and vehicles, as a linear programme with a shortfall for each need."""

    def __init__(self, problem: SupplyProblem, needs: Integers) -> None:
        self.problem, self.needs = problem, needs
        lists = problem.needs
        warehouses, litres = len(problem.warehouses.code), problem.items.litres
        self.arc_need: list[int] = []
        self.arc_limits: list[tuple[int, int]] = []
        self.arc_litres: list[float] = []
        self.limits: list[Limit] = []
        numbers: dict[tuple[str, int, int], int] = {}
        stock_of = {item: usable(problem, item) for item in np.unique(lists.item[needs]).tolist()}
        for index, need in enumerate(needs.tolist()):
            item, cold = int(lists.item[need]), bool(problem.items.cold[lists.item[need]])
            for warehouse in range(warehouses):
                if stock_of[item][warehouse] and can_reach(problem, warehouse, need):
                    stock = self._limit(numbers, "stock", warehouse, item, float(stock_of[item][warehouse]))
                    load = float(item_loads(problem, item)[warehouse])
                    vehicles = self._limit(numbers, "vehicles", warehouse, -1 - int(cold), load)
                    self.arc_need.append(index)
                    self.arc_limits.append((stock, vehicles))
                    self.arc_litres.append(float(litres[item]))

    def _limit(
        self, numbers: dict[tuple[str, int, int], int], kind: str, warehouse: int, item: int, amount: float
    ) -> int:
        key = (kind, warehouse, item)
        if key not in numbers:
            numbers[key] = len(self.limits)
            reserve = int(self.problem.reserve[warehouse, item]) if kind == "stock" else 0
            self.limits.append(Limit(kind, warehouse, max(item, -1), item == -2, amount, reserve))
        return numbers[key]

    def all_limits(self) -> Flags:
        """Return bool[L] that holds every limit."""
        return np.ones(len(self.limits), np.bool_)

    def shortfall(self, wanted: Flags, kept: Flags) -> float:
        """Return the least units that cannot be sent, of some needs and under some limits."""
        return self._solve(wanted, kept).objective

    def priced(self, wanted: Flags) -> tuple[Flags, Flags]:
        """Return, of some needs, those with a price, and the limits with one: they collide (Farkas)."""
        price = np.abs(self._solve(wanted, self.all_limits()).row_dual)
        return wanted & (price[: self.needs.size] > _PRICED), price[self.needs.size :] > _PRICED

    def litres(self) -> Floats:
        """Return float64[I, W]: what leaves each warehouse in a plan that sends what it can."""
        everything = np.ones(self.needs.size, np.bool_)
        sent = self._solve(everything, self.all_limits()).values
        taken = np.zeros((len(self.problem.items.code), len(self.problem.warehouses.code)))
        for index, (stock, _) in enumerate(self.arc_limits):
            limit = self.limits[stock]
            taken[limit.item, limit.warehouse] += sent[index] * self.arc_litres[index]
        return taken

    def _solve(self, wanted: Flags, kept: Flags) -> ProgrammeResult:
        """Minimise what is not sent; the first columns are the arcs."""
        programme = Programme()
        arcs = programme.add_columns(np.zeros(len(self.arc_need)))
        lacking = programme.add_columns(np.ones(self.needs.size))
        needed = np.where(wanted, self.problem.needs.guaranteed[self.needs], 0)
        met = programme.add_rows(needed, INFINITY, self.needs.size)
        programme.add_entries(met, lacking, 1.0)
        amounts = np.array([limit.amount for limit in self.limits])
        caps = programme.add_rows(-INFINITY, np.where(kept, amounts, INFINITY), len(self.limits))
        if arcs.size:
            held = np.array(self.arc_limits, np.int64)
            programme.add_entries(met[np.array(self.arc_need)], arcs, 1.0)
            programme.add_entries(caps[held[:, 0]], arcs, 1.0)
            programme.add_entries(caps[held[:, 1]], arcs, np.array(self.arc_litres))
        return programme.solve(SolverStop(INFINITY))


def can_reach(problem: SupplyProblem, warehouse: int, need: int) -> bool:
    """Say whether a warehouse may serve a need: service area, road and time on it."""
    point, item = problem.needs.point[need], problem.needs.item[need]
    hours = problem.hours[warehouse, point]
    return bool(
        problem.serves[warehouse, point] and np.isfinite(hours) and hours <= problem.items.longest_hours[item]
    )


def _irreducible(problem: SupplyProblem, model: _Model) -> Collision:
    wanted, _ = model.priced(np.ones(model.needs.size, np.bool_))
    _drop(wanted, lambda: model.shortfall(wanted, model.all_limits()))
    _, kept = model.priced(wanted)
    _drop(kept, lambda: model.shortfall(wanted, kept))
    short = int(np.ceil(model.shortfall(wanted, kept) - 1e-6))
    needs = model.needs[wanted]
    limits = tuple(limit for limit, held in zip(model.limits, kept, strict=True) if held)
    return Collision(tuple(needs.tolist()), limits, short, _way_out(problem, needs, limits, short))


def _drop(flags: Flags, shortfall: Callable[[], float]) -> None:
    """Take away, one by one, what the shortfall does not need."""
    for place in np.flatnonzero(flags).tolist():
        flags[place] = False
        if shortfall() < _SHORT:
            flags[place] = True


def _way_out(
    problem: SupplyProblem, needs: Integers, limits: tuple[Limit, ...], short: int
) -> tuple[Relaxation, ...]:
    """Take the cheapest options until the shortfall is covered; each adds units to the same collision."""
    offers = [*_more_from_limits(problem, needs, limits), *_other_warehouses(problem, needs, limits)]
    largest = int(needs[np.argmax(problem.needs.guaranteed[needs])])
    offers.append(("demand", -1, largest, short))
    chosen = []
    for kind, warehouse, need, units in sorted(offers, key=lambda offer: RELAXATION_COST[offer[0]]):
        taken = min(units, short)
        if taken > 0:
            short -= taken
            chosen.append(Relaxation(kind, warehouse, need, taken, taken * RELAXATION_COST[kind]))
    return tuple(chosen)


_Offer = tuple[str, int, int, int]


def _more_from_limits(problem: SupplyProblem, needs: Integers, limits: tuple[Limit, ...]) -> list[_Offer]:
    stocks = {limit.warehouse for limit in limits if limit.kind == "stock"}
    offers: list[_Offer] = []
    for limit in limits:
        if limit.kind == "stock" and limit.reserve:
            offers.append(("reserve", limit.warehouse, -1, limit.reserve))
        elif limit.kind == "vehicles" and limit.warehouse not in stocks:
            reached = [need for need in needs.tolist() if can_reach(problem, limit.warehouse, need)]
            offers.append(("vehicles", limit.warehouse, -1, int(problem.needs.guaranteed[reached].sum())))
    return offers


def _other_warehouses(problem: SupplyProblem, needs: Integers, limits: tuple[Limit, ...]) -> list[_Offer]:
    """Return warehouses outside the collision that hold units and are joined by road, the nearest first."""
    inside = {limit.warehouse for limit in limits}
    offers: list[tuple[float, _Offer]] = []
    for item in np.unique(problem.needs.item[needs]).tolist():
        mine = [need for need in needs.tolist() if problem.needs.item[need] == item]
        for warehouse in np.flatnonzero(usable(problem, item)).tolist():
            hours = problem.hours[warehouse, problem.needs.point[mine]]
            nearest = int(np.argmin(hours))
            if warehouse in inside or not np.isfinite(hours[nearest]):
                continue
            slow = hours[nearest] > problem.items.longest_hours[item]
            carried = int(item_loads(problem, item)[warehouse] // problem.items.litres[item])
            units = min(int(usable(problem, item)[warehouse]), carried)
            offer = ("time_on_road" if slow else "service_area", warehouse, mine[nearest], units)
            offers.append((float(hours[nearest]), offer))
    return [offer for _, offer in sorted(offers)]
