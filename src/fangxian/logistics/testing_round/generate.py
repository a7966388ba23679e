"""Column generation for a round: a column is an open site with its areas, tubes, lanes and laboratory.

The master chooses columns so that everybody is swabbed within the limits of staff and laboratories; its
prices say which new columns would pay. When none does, the master's value is a bound on every plan, a far
better one than that of the plain programme, because lanes and sites come whole in every column.

Barnhart C, Johnson EL, Nemhauser GL, Savelsbergh MWP, Vance PH. Branch-and-price. Oper Res 1998.
DOI 10.1287/opre.46.3.316.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.programme import SolverStop, add_empty_rows, silent_solver
from fangxian.logistics.testing_round.neighbourhood import search_round
from fangxian.logistics.testing_round.patterns import price_sites
from fangxian.logistics.testing_round.plan import (
    RoundPlan,
    arrival_hours,
    late_share,
    most_over_expected,
    whole_plan,
)
from fangxian.logistics.testing_round.problem import TestingRoundProblem
from fangxian.logistics.testing_round.schemes import SchemeChoice

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_TOLERANCE = 1e-6
_SEARCH, _PRICES = 0.3, 0.6
"""Parts of the time after which the search, and the making of columns, end."""
_PUNCTUAL = 0.75
"""Part of what is left that HiGHS is given: its heuristics look at the clock late."""
_ROUNDS_A_DIVE, _MOST_ROUNDS = 2, 12
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


@dataclass(frozen=True)
class GeneratedPlan:
    """What column generation found.

    Parameters
    ----------
    plan : RoundPlan or None
        None when no plan was found.
    bound : float
        Yuan that no plan can be below in which every area goes to one site.
    complete : bool
        Whether the plan is within the gap asked for.
    uncovered : int64[.]
        Areas that no site can take whole, or that the limits leave out, when there is no plan.
    """

    plan: RoundPlan | None
    bound: float
    complete: bool
    uncovered: Integers


@dataclass
class _Master:
    """The linear programme of the columns so far, kept warm between prices."""

    problem: TestingRoundProblem
    choice: SchemeChoice
    patterns: list[Pattern] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Write the rows: areas, sites, staff, hours of each laboratory, single tests of each."""
        problem, rules = self.problem, self.problem.rules
        self.areas, self.sites = len(problem.area_code), len(problem.site_code)
        begin, end = arrival_hours(problem)
        self.timely = end <= rules.first_deadline_hours + 1e-9
        self.hours = [
            np.unique(np.concatenate([begin[ok, lab], end[ok, lab]])) for lab, ok in enumerate(self.timely.T)
        ]
        self.late = [
            np.stack([late_share(begin[:, lab], float(hour), rules.sampling_hours) for hour in hours], axis=1)
            if hours.size
            else np.zeros((self.sites, 0))
            for lab, hours in enumerate(self.hours)
        ]
        self.worse = most_over_expected(self.choice)
        # No more staff than all lanes together can use: very large limits upset the solver.
        useful = rules.site_staff * self.sites + rules.lane_staff * int(problem.most_lanes.sum())
        upper = [np.ones(self.sites), np.array([min(rules.staff, useful)])]
        for lab, hours in enumerate(self.hours):
            upper.append(problem.tubes_per_hour[lab] * (rules.first_deadline_hours - hours))
        upper.append(problem.tubes_per_hour * rules.retest_hours)
        self.limits = np.concatenate(upper)
        self.staff_row = self.areas + self.sites
        counts = [0, *(hours.shape[0] for hours in self.hours)]
        self.hour_row = self.staff_row + 1 + np.cumsum(counts)
        self.solver = silent_solver()
        self.wanted = (problem.people > 0).astype(np.float64)
        add_empty_rows(
            self.solver,
            np.concatenate([self.wanted, np.full(self.limits.shape, -_INFINITY)]),
            np.concatenate([np.full(self.areas, _INFINITY), self.limits]),
        )
        dear = 10 * self._dearest()
        for area in range(self.areas):
            self.solver.addCol(dear[area], 0.0, _INFINITY, 1, np.array([area], np.int32), np.ones(1))

    def _dearest(self) -> Floats:
        """Return for each area more than it costs to swab it anywhere."""
        problem, rules = self.problem, self.problem.rules
        each = self.choice.material.max(axis=1) + 2 * problem.test_cost.max() * problem.people
        hour = rules.sampling_hours * rules.staff_hour_cost
        lanes = np.ceil(problem.people / rules.lane_people) + 1
        trips = 2 * problem.drive_hours.max() * rules.trips * rules.courier_hour_cost
        opening = problem.site_cost.max() + rules.site_staff * hour + trips
        return np.asarray(each + lanes * rules.lane_staff * hour + opening)

    def add(self, pattern: Pattern) -> None:
        """Add a column."""
        problem, rules = self.problem, self.problem.rules
        area = problem.walk_area[pattern.walk]
        tubes = self.choice.tubes[area, pattern.scheme].sum()
        retests = self.choice.retests[area, pattern.scheme].sum()
        hours = self.hour_row[pattern.lab] + np.arange(self.hours[pattern.lab].shape[0])
        rows = [area, [self.areas + pattern.site], [self.staff_row], hours, [self.hour_row[-1] + pattern.lab]]
        values = [
            np.ones(area.shape[0]),
            [1.0],
            [rules.site_staff + rules.lane_staff * pattern.lanes],
            tubes * self.late[pattern.lab][pattern.site],
            [retests * self.worse],
        ]
        row, value = np.concatenate(rows).astype(np.int32), np.concatenate(values)
        self.solver.addCol(pattern.cost, 0.0, _INFINITY, row.shape[0], row, value)
        self.patterns.append(pattern)

    def prices(self) -> tuple[float, Floats]:
        """Return the value of the master and the price of each row."""
        self.solver.run()
        return float(self.solver.getInfo().objective_function_value), np.array(
            self.solver.getSolution().row_dual
        )

    def weights(self) -> Floats:
        """Return how much of each column is used, the stand-ins for uncovered areas first."""
        return np.array(self.solver.getSolution().col_value)


def generate_round(problem: TestingRoundProblem, choice: SchemeChoice, stop: SolverStop) -> GeneratedPlan:
    """Plan a round in which every area goes to one site.

    Parameters
    ----------
    problem : TestingRoundProblem
        What is where.
    choice : SchemeChoice
        Tests by area and scheme.
    stop : SolverStop
        When to stop.

    Returns
    -------
    GeneratedPlan
    """
    began = time.monotonic()
    known = search_round(problem, choice, seconds=_SEARCH * stop.time_limit_s)
    master = _Master(problem, choice)
    pricing = _Pricing(problem, choice, master)
    for pattern in pricing.lonely():
        master.add(pattern)
    start = [] if known is None else pricing.of_plan(known)
    for pattern in start:
        master.add(pattern)
    bound, late = _price_out(master, pricing, stop, began + _PRICES * stop.time_limit_s)
    left = np.flatnonzero(master.weights()[: master.areas] > 1e-6)
    if left.size and not late and not start:
        return GeneratedPlan(None, bound, False, left)
    chosen: list[Pattern] | None = start or None
    if chosen is None:
        chosen = _dive(master, pricing, began + 0.8 * stop.time_limit_s)
    seconds = stop.time_limit_s - (time.monotonic() - began)
    if seconds > 0.05 and (chosen is None or _total(chosen) - bound > stop.relative_gap * _total(chosen)):
        chosen = _choose(master, chosen, _PUNCTUAL * seconds, stop.relative_gap / 2)
    if chosen is None:
        return GeneratedPlan(None, bound, False, np.arange(0) if late else left)
    plan = _joined(problem, choice, chosen)
    cost = _total(chosen)
    return GeneratedPlan(plan, bound, cost - bound <= stop.relative_gap * cost, np.arange(0))


def _price_out(master: _Master, pricing: _Pricing, stop: SolverStop, until: float) -> tuple[float, bool]:
    """Make columns until none pays; return the bound proven, and whether time ran out before."""
    bound, smooth = -np.inf, None
    while True:
        value, dual = master.prices()
        smooth = dual if smooth is None else 0.6 * smooth + 0.4 * dual
        fresh, smooth_bound = pricing.columns(smooth)
        bound = max(bound, smooth_bound)
        if smooth is not dual and not _useful(master, fresh, dual):
            fresh, exact_bound = pricing.columns(dual)
            bound = max(bound, exact_bound)
            smooth = dual
        near = value - bound <= max(0.1 * stop.relative_gap, 1e-6) * abs(value)
        late = time.monotonic() > until
        if near or late or not fresh:
            return bound, late and not near
        for pattern in fresh:
            master.add(pattern)


def _useful(master: _Master, fresh: list[Pattern], dual: Floats) -> bool:
    """Say whether a column found at smoothed prices pays at the true ones."""
    return any(pattern.cost < _worth_at(master, pattern, dual) - _TOLERANCE for pattern in fresh)


def _worth_at(master: _Master, pattern: Pattern, dual: Floats) -> float:
    problem, rules = master.problem, master.problem.rules
    area = problem.walk_area[pattern.walk]
    tubes = master.choice.tubes[area, pattern.scheme].sum()
    retests = master.choice.retests[area, pattern.scheme].sum() * master.worse
    first = master.hour_row[pattern.lab]
    hours = dual[first : first + master.hours[pattern.lab].shape[0]]
    worth = dual[area].sum() + dual[master.areas + pattern.site]
    worth += dual[master.staff_row] * (rules.site_staff + rules.lane_staff * pattern.lanes)
    worth += tubes * (master.late[pattern.lab][pattern.site] @ hours)
    return float(worth + retests * dual[master.hour_row[-1] + pattern.lab])


class _Pricing:
    """Finds the best column of each site at given prices."""

    def __init__(self, problem: TestingRoundProblem, choice: SchemeChoice, master: _Master) -> None:
        self.problem, self.choice, self.master = problem, choice, master
        rules = problem.rules
        near = np.flatnonzero(
            (problem.walk_minutes <= rules.walk_limit_minutes) & (problem.people[problem.walk_area] > 0)
        )
        self.walk = near[np.argsort(problem.walk_site[near], kind="stable")]
        self.site, self.area = problem.walk_site[self.walk], problem.walk_area[self.walk]
        self.start = np.searchsorted(self.site, np.arange(master.sites + 1))
        self.lane_people = int(rules.lane_people)
        hour = rules.sampling_hours * rules.staff_hour_cost
        self.opening = problem.site_cost + rules.site_staff * hour
        self.lane_cost = rules.lane_staff * hour
        self.trips = 2 * problem.drive_hours * rules.trips * rules.courier_hour_cost
        self.each = problem.test_cost

    def columns(self, dual: Floats) -> tuple[list[Pattern], float]:
        """Return the best column of each site that pays, and the bound that these prices prove."""
        problem, master, rules = self.problem, self.master, self.problem.rules
        area_price = np.maximum(0.0, dual[: master.areas]) * master.wanted
        charge = np.maximum(0.0, -dual)  # prices of limits, as costs
        site_charge, staff = charge[master.areas : master.staff_row], charge[master.staff_row]
        first, last = master.hour_row[:-1], master.hour_row[1:]
        tube = np.stack(
            [
                master.late[lab] @ charge[first[lab] : last[lab]] + self.each[lab]
                for lab in range(len(problem.lab_code))
            ],
            axis=1,
        )
        again = self.each + master.worse * charge[master.hour_row[-1] :]
        cost, size = self._item_costs(tube, again)
        worth = np.where(master.timely[self.site], area_price[self.area][:, None] - cost, -1.0)
        lane_price = np.full(master.sites, self.lane_cost + rules.lane_staff * staff)
        fixed = (self.opening + rules.site_staff * staff + site_charge)[:, None] + self.trips
        value, lab, lanes, taken = price_sites(
            (self.start, problem.people[self.area]),
            worth,
            self.lane_people,
            (lane_price, fixed),
            problem.most_lanes,
        )
        least = -value
        bound = area_price.sum() - self._limits(charge) + least.sum()
        fresh = [
            self._pattern(int(site), int(lab[site]), int(lanes[site]), (taken, size))
            for site in np.flatnonzero(least < -_TOLERANCE)
        ]
        return fresh, float(bound)

    def _limits(self, charge: Floats) -> float:
        """Return the limits at their prices: the right side of the dual."""
        paid = charge[self.master.areas :]
        return float(self.master.limits[paid > 0] @ paid[paid > 0])

    def _item_costs(self, tube: Floats, again: Floats) -> tuple[Floats, Integers]:
        """Return float[I, L] and int64[I, L]: tests of each walk in each laboratory, and the scheme."""
        tubes, retests = self.choice.tubes[self.area], self.choice.retests[self.area]
        cost = tubes[:, None, :] * tube[self.site][:, :, None] + retests[:, None, :] * again[None, :, None]
        cost = cost + self.choice.material[self.area][:, None, :]
        cost = np.where(self.choice.allowed[self.area][:, None, :], cost, np.inf)
        size = cost.argmin(axis=2)
        return np.take_along_axis(cost, size[:, :, None], axis=2)[:, :, 0], size

    def _pattern(self, site: int, lab: int, lanes: int, found: tuple[NDArray[np.bool_], Integers]) -> Pattern:
        taken, size = found
        item = np.flatnonzero(taken[self.start[site] : self.start[site + 1]]) + self.start[site]
        return self._priced(site, lab, lanes, (self.walk[item], size[item, lab]))

    def _priced(self, site: int, lab: int, lanes: int, walks: tuple[Integers, Integers]) -> Pattern:
        walk, size = walks
        area = self.problem.walk_area[walk]
        tests = (self.choice.tubes[area, size] + self.choice.retests[area, size]).sum() * self.each[lab]
        fixed = self.opening[site] + lanes * self.lane_cost + self.trips[site, lab]
        cost = fixed + tests + self.choice.material[area, size].sum()
        return Pattern(site, lab, lanes, walk, size, float(cost))

    def of_plan(self, plan: RoundPlan) -> list[Pattern]:
        """Return the columns of a plan in which every area goes to one site."""
        walk, scheme = np.nonzero(plan.share > 0.5)
        site = self.problem.walk_site[walk]
        found = []
        for each in np.flatnonzero(plan.lab >= 0).tolist():
            mine = walk[site == each], scheme[site == each]
            found.append(self._priced(each, int(plan.lab[each]), int(plan.lanes[each]), mine))
        return found

    def lonely(self) -> list[Pattern]:
        """Return a column for every walk by itself, in its cheapest laboratory: a plan to begin with."""
        master, problem = self.master, self.problem
        cost, size = self._item_costs(np.tile(self.each, (master.sites, 1)), self.each)
        total = np.where(master.timely[self.site], cost + self.trips[self.site], np.inf)
        lab = total.argmin(axis=1)
        found = []
        for item in np.flatnonzero(np.isfinite(total.min(axis=1))):
            lanes = int(np.ceil(problem.people[self.area[item]] / self.lane_people))
            if lanes <= problem.most_lanes[self.site[item]]:
                one = np.array([item])
                walks = (self.walk[one], size[one, lab[item]])
                found.append(self._priced(int(self.site[item]), int(lab[item]), lanes, walks))
        return found


def _dive(master: _Master, pricing: _Pricing, stop_at: float) -> list[Pattern] | None:
    """Return whole columns: the fullest are fixed in turn, and new ones are made for what is left."""
    fixed: set[int] = set()
    while True:
        _, dual = master.prices()
        weight = master.weights()
        left, weight = weight[: master.areas], weight[master.areas :]
        open_ = [k for k in np.flatnonzero(weight > 1e-6).tolist() if k not in fixed]
        if not open_ or time.monotonic() > stop_at:
            break
        least = min(0.8, max(weight[k] for k in open_))
        for column in (k for k in open_ if weight[k] >= least - 1e-9):
            fixed.add(column)
            master.solver.changeColBounds(master.areas + column, 1.0, _INFINITY)
        for turn in range(_MOST_ROUNDS):
            _, dual = master.prices()
            whole = (master.weights()[: master.areas] <= 1e-6).all()
            enough = (whole and turn >= _ROUNDS_A_DIVE) or time.monotonic() > stop_at
            fresh = [] if enough else pricing.columns(dual)[0]
            for pattern in fresh:
                master.add(pattern)
            if not fresh:
                break
    for column in fixed:
        master.solver.changeColBounds(master.areas + column, 0.0, _INFINITY)
    if open_ or (left > 1e-6).any():
        return None
    return [master.patterns[column] for column in sorted(fixed)]


def _choose(master: _Master, begin: list[Pattern] | None, seconds: float, gap: float) -> list[Pattern] | None:
    """Return whole columns that cover everybody: HiGHS over the columns so far, from a plan."""
    solver, count = master.solver, len(master.patterns)
    # HiGHS 1.16 takes the plan to begin from for another one once presolve has left columns out.
    solver.setOptionValue("presolve", "off")
    solver.setOptionValue("time_limit", float(seconds) + solver.getRunTime())
    solver.setOptionValue("mip_rel_gap", float(gap))
    for column in range(master.areas):
        solver.changeColBounds(column, 0.0, 0.0)
    columns = np.arange(master.areas, master.areas + count, dtype=np.int32)
    solver.changeColsIntegrality(count, columns, [highspy.HighsVarType.kInteger] * count)
    if begin is not None:
        known = {id(pattern) for pattern in begin}
        start = highspy.HighsSolution()
        used = [float(id(pattern) in known) for pattern in master.patterns]
        start.col_value = [0.0] * master.areas + used
        solver.setSolution(start)
    solver.run()
    if solver.getInfo().primal_solution_status != highspy.kSolutionStatusFeasible:
        return begin
    value = np.array(solver.getSolution().col_value)[master.areas :]
    found = [pattern for pattern, used in zip(master.patterns, value, strict=True) if used > 0.5]
    return found if begin is None or _total(found) < _total(begin) else begin


def _total(patterns: list[Pattern]) -> float:
    return sum(each.cost for each in patterns)


def _joined(problem: TestingRoundProblem, choice: SchemeChoice, chosen: list[Pattern]) -> RoundPlan:
    """Return the plan of the columns; an area that two of them hold goes to the nearer site."""
    share = np.zeros((problem.walk_area.shape[0], choice.sizes.shape[0]))
    lab = np.full(len(problem.site_code), -1, np.int64)
    for pattern in chosen:
        share[pattern.walk, pattern.scheme] = 1.0
        lab[pattern.site] = pattern.lab
    walk = np.flatnonzero(share.any(axis=1))
    order = walk[np.lexsort((walk, problem.walk_minutes[walk], problem.walk_area[walk]))]
    again = np.diff(problem.walk_area[order], prepend=-1) == 0
    share[order[again]] = 0.0
    return whole_plan(problem, share, lab)
