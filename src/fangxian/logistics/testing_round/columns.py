"""The linear programme of a round over whole sites, and the columns that would pay in it.

A column is an open site with its areas, the scheme of each, its lanes and its laboratory.

Barnhart C, Johnson EL, Nemhauser GL, Savelsbergh MWP, Vance PH. Branch-and-price. Oper Res 1998.
DOI 10.1287/opre.46.3.316.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.programme import add_empty_rows, silent_solver
from fangxian.logistics.testing_round.ground import Assignment, Ground
from fangxian.logistics.testing_round.patterns import SitePrices, price_sites

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_TOLERANCE = 1e-6
_INFINITY = highspy.kHighsInf


@dataclass(frozen=True)
class Pattern:
    """An open site: its laboratory, lanes, the walks that lead to it and the scheme of each.

    Parameters
    ----------
    site, lab, lanes : int
    walk, scheme : int64[W]
    cost : float
        Yuan.
    """

    site: int
    lab: int
    lanes: int
    walk: Integers
    scheme: Integers
    cost: float


class Limits(NamedTuple):
    """Room for staff and laboratories, or what a unit of it costs.

    Attributes
    ----------
    staff : float
    first : float[L, H]
        Tubes of the first round after each hour.
    again : float[L]
        Single tests, with room for more.
    """

    staff: float
    first: Floats
    again: Floats

    def flat(self) -> Floats:
        """Return all in a row: staff, hours by laboratory, single tests."""
        return np.concatenate([[self.staff], self.first.ravel(), self.again])


def limits_of(ground: Ground) -> Limits:
    """Return the room that there is."""
    return Limits(float(ground.staff), ground.room, ground.room_again)


def load_of(ground: Ground, plan: Assignment) -> Limits:
    """Return how much of each limit a plan uses."""
    area = np.flatnonzero(plan.walk >= 0)
    site = ground.walk_site[plan.walk[area]]
    lab = plan.lab[site]
    tests = ground.tests[area, plan.scheme[area]]
    first = np.zeros_like(ground.room)
    np.add.at(first, lab, tests[:, :1] * ground.late[ground.arrival[site, lab]])
    people = np.bincount(site, ground.people[area], ground.opening.shape[0])
    lanes = np.ceil(people / ground.lane_people - 1e-9).sum()
    staff = ground.lane_staff * lanes + ground.site_staff * np.unique(site).shape[0]
    again = np.bincount(lab, tests[:, 1], ground.room_again.shape[0]).astype(np.float64)
    return Limits(float(staff), first, again)


def free(ground: Ground) -> Limits:
    """Return prices of limits none of which binds."""
    return Limits(0.0, np.zeros_like(ground.room), np.zeros_like(ground.room_again))


def pattern_of(ground: Ground, site: int, lab: int, walks: tuple[Integers, Integers]) -> Pattern:
    """Return the column of a site to which these walks lead, with the scheme of each."""
    walk, scheme = walks
    area = ground.walk_area[walk]
    lanes = int(np.ceil(ground.people[area].sum() / ground.lane_people - 1e-9))
    fixed = ground.opening[site] + lanes * ground.lane_cost + ground.trips[site, lab]
    tests = ground.tests[area, scheme, 2].sum() * ground.test_cost[lab]
    return Pattern(site, lab, lanes, walk, scheme, float(fixed + tests + ground.material[area, scheme].sum()))


def patterns_of(ground: Ground, plan: Assignment) -> list[Pattern]:
    """Return the columns of a plan."""
    going = plan.walk[plan.walk >= 0]
    order = going[np.argsort(ground.walk_site[going], kind="stable")]
    site, start = np.unique(ground.walk_site[order], return_index=True)
    groups = np.split(order, start[1:])
    return [
        pattern_of(ground, int(each), int(plan.lab[each]), (walk, plan.scheme[ground.walk_area[walk]]))
        for each, walk in zip(site, groups, strict=True)
    ]


def site_prices(ground: Ground, area_price: Floats, site_charge: Floats, charge: Limits) -> SitePrices:
    """Return what areas pay and sites cost where limits have a price."""
    lane = ground.lane_cost + ground.lane_staff * charge.staff
    opening = ground.opening + ground.site_staff * charge.staff + site_charge
    tube = ground.late @ charge.first.T
    return SitePrices(area_price, lane, opening[:, None] + ground.trips, tube, charge.again)


def columns_that_pay(
    ground: Ground, area_price: Floats, site_charge: Floats, charge: Limits
) -> tuple[list[Pattern], float]:
    """Return the best column of each site that pays, and what all sites together bring at most.

    Parameters
    ----------
    ground : Ground
    area_price : float[A]
        What is paid for swabbing an area.
    site_charge : float[S]
        What is charged for using a site.
    charge : Limits
        Prices of the limits.

    Returns
    -------
    list of Pattern, float
    """
    prices = site_prices(ground, area_price, site_charge, charge)
    value, upper, lab, taken, scheme = price_sites(ground, prices)
    found = []
    for site in np.flatnonzero(value > _TOLERANCE).tolist():
        mine = slice(ground.first_guest[site], ground.first_guest[site + 1])
        item = np.flatnonzero(taken[mine]) + mine.start
        found.append(pattern_of(ground, site, int(lab[site]), (ground.guest[item], scheme[item])))
    return found, float(upper.sum())


class Master:
    """The linear programme of the columns so far, kept warm between prices.

    Parameters
    ----------
    ground : Ground
    stand_in : float[A]
        What it costs to leave an area out: an upper limit of its price.
    charge : Limits, optional
        Prices of limits, which then are charged for instead of held.
    """

    def __init__(self, ground: Ground, stand_in: Floats, charge: Limits | None = None) -> None:
        self.ground, self.charge, self.patterns = ground, charge, list[Pattern]()
        self.areas, self.sites = ground.people.shape[0], ground.opening.shape[0]
        limits = np.ones(self.sites)
        if charge is None:
            limits = np.concatenate([limits, limits_of(ground).flat()])
        self.rows = self.areas + limits.shape[0]
        self.solver = silent_solver()
        least = (ground.people > 0).astype(np.float64)
        add_empty_rows(
            self.solver,
            np.concatenate([least, np.full(limits.shape, -_INFINITY)]),
            np.concatenate([np.full(self.areas, _INFINITY), limits]),
        )
        self._grow(stand_in, [np.array([area]) for area in range(self.areas)], [np.ones(1)] * self.areas)

    def _grow(self, cost: Floats, rows: list[Integers], values: list[Floats]) -> None:
        count = cost.shape[0]
        start = np.cumsum([0, *(row.shape[0] for row in rows)])
        self.solver.addCols(
            count,
            cost,
            np.zeros(count),
            np.full(count, _INFINITY),
            int(start[-1]),
            start[:-1].astype(np.int32),
            np.concatenate(rows).astype(np.int32),
            np.concatenate(values),
        )

    def column(self, pattern: Pattern) -> tuple[float, Integers, Floats]:
        """Return what a column costs, the rows in which it stands, and how much of each it uses."""
        ground = self.ground
        area = ground.walk_area[pattern.walk]
        rows, values = np.append(area, self.areas + pattern.site), np.ones(area.shape[0] + 1)
        tests = ground.tests[area, pattern.scheme].sum(axis=0)
        late = tests[0] * ground.late[ground.arrival[pattern.site, pattern.lab]]
        staff = ground.site_staff + ground.lane_staff * pattern.lanes
        if self.charge is not None:
            limits = staff * self.charge.staff + late @ self.charge.first[pattern.lab]
            return float(pattern.cost + limits + tests[1] * self.charge.again[pattern.lab]), rows, values
        labs, hours = ground.room.shape
        first = self.areas + self.sites
        needed = np.flatnonzero(late)
        used = [[first], first + 1 + pattern.lab * hours + needed, [first + 1 + labs * hours + pattern.lab]]
        return (
            pattern.cost,
            np.concatenate([rows, *used]),
            np.concatenate([values, [staff], late[needed], tests[1:2]]),
        )

    def add(self, patterns: list[Pattern]) -> None:
        """Add columns."""
        if patterns:
            cost, rows, values = zip(*(self.column(each) for each in patterns), strict=True)
            self._grow(np.array(cost), list(rows), list(values))
            self.patterns += patterns

    def solve(self, seconds: float) -> bool:
        """Solve it; say whether there was time to."""
        if seconds <= 0:
            return False
        self.solver.setOptionValue("time_limit", seconds + self.solver.getRunTime())
        self.solver.run()
        return bool(self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    @property
    def value(self) -> float:
        """What the programme costs."""
        return float(self.solver.getInfo().objective_function_value)

    def dual(self) -> Floats:
        """Return the price of each row."""
        return np.array(self.solver.getSolution().row_dual)

    def weights(self) -> tuple[Floats, Floats]:
        """Return how much of each area is left out, and of each column used."""
        value = np.array(self.solver.getSolution().col_value)
        return value[: self.areas], value[self.areas :]

    def columns(self, dual: Floats) -> tuple[list[Pattern], float]:
        """Return the columns that pay at such prices, and the bound that these prove."""
        area = np.maximum(0.0, dual[: self.areas])
        site = np.maximum(0.0, -dual[self.areas : self.areas + self.sites])
        charge = self.limit_prices(dual)
        fresh, most = columns_that_pay(self.ground, area, site, charge)
        # Where limits are charged for, what they leave free is not of a part but of the whole.
        paid = 0.0 if self.charge is not None else float(charge.flat() @ limits_of(self.ground).flat())
        return fresh, float(area.sum() - site.sum() - paid - most)

    def limit_prices(self, dual: Floats) -> Limits:
        """Return what the limits cost at such prices of the rows."""
        if self.charge is not None:
            return self.charge
        labs, hours = self.ground.room.shape
        paid = np.maximum(0.0, -dual[self.areas + self.sites :])
        return Limits(float(paid[0]), paid[1 : 1 + labs * hours].reshape(labs, hours), paid[-labs:])
