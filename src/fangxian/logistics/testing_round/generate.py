"""Plan a round over whole sites: a search, then columns that would pay, then the best of them together.

The linear programme over columns prices areas, staff and hours of laboratories; when no column pays, its
value is a bound on every plan, a far better one than that of the plain programme: lanes and sites come
whole in every column. A city is too large for one programme: it is cut into parts, see ``city``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.programme import SolverStop
from fangxian.logistics.testing_round.columns import (
    Limits,
    Master,
    Pattern,
    pattern_of,
    patterns_of,
    site_prices,
)
from fangxian.logistics.testing_round.ground import Assignment, Ground
from fangxian.logistics.testing_round.neighbourhood import Searched, search_round
from fangxian.logistics.testing_round.patterns import send_all

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_TOLERANCE = 1e-6
_PRICES, _AGAIN, _DIVE = 0.4, 0.6, 0.7
"""Parts of the time after which the making of columns, a second search, and a dive end."""
_PUNCTUAL = 0.75
"""Part of what is left that HiGHS is given: its heuristics look at the clock late."""
_ROUNDS_A_DIVE, _MOST_ROUNDS = 2, 12
_INFINITY = highspy.kHighsInf


@dataclass(frozen=True)
class GeneratedPlan:
    """What was found.

    Parameters
    ----------
    plan : Assignment or None
        None when no plan was found.
    bound : float
        Yuan that no plan can be below in which every area goes to one site.
    complete : bool
        Whether the plan is within the gap asked for.
    uncovered : int64[.]
        Areas that the limits leave out, when there is no plan.
    prices : Limits
        What one more unit of each limit would save.
    """

    plan: Assignment | None
    bound: float
    complete: bool
    uncovered: Integers
    prices: Limits


def generate_round(ground: Ground, searched: Searched, stop: SolverStop) -> GeneratedPlan:
    """Plan a round in which every area goes to one site.

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
    master = Master(ground, stand_in_cost(ground))
    master.add(lonely(ground))
    start = patterns_of(ground, searched.found) if searched.legal else []
    master.add(start)
    priced = price_out(master, 0.1 * stop.relative_gap, began + _PRICES * stop.time_limit_s)
    left = np.flatnonzero(master.weights()[0] > _TOLERANCE)
    prices = master.limit_prices(priced.dual)
    if left.size and not priced.late and not start:
        return GeneratedPlan(None, priced.bound, False, left, prices)
    if start and not _near(start, priced.bound, stop.relative_gap):
        again = priced_anew(ground, searched.found, prices, began + _AGAIN * stop.time_limit_s)
        start = patterns_of(ground, again)
        master.add(start)
    chosen: list[Pattern] | None = start or None
    if chosen is None:
        chosen = _dive(master, began + _DIVE * stop.time_limit_s)
    seconds = stop.time_limit_s - (time.monotonic() - began)
    if seconds > 0.05 and (chosen is None or not _near(chosen, priced.bound, stop.relative_gap)):
        chosen = choose(master, chosen, _PUNCTUAL * seconds, stop.relative_gap / 2)
    if chosen is None:
        return GeneratedPlan(None, priced.bound, False, np.arange(0) if priced.late else left, prices)
    plan = joined(ground, chosen)
    near = _near(chosen, priced.bound, stop.relative_gap)
    return GeneratedPlan(plan, priced.bound, near, np.arange(0), prices)


def _near(chosen: list[Pattern], bound: float, gap: float) -> bool:
    return total(chosen) - bound <= gap * total(chosen)


@dataclass(frozen=True)
class Priced:
    """The linear programme solved over all columns, as far as time allowed.

    Parameters
    ----------
    bound : float
        The best that any prices proved.
    dual : float[R]
        The prices that proved it.
    late : bool
        Whether time ran out before the bound came near the value.
    """

    bound: float
    dual: Floats
    late: bool


def price_out(master: Master, near: float, until: float) -> Priced:
    """Make columns until none pays, or the bound is near.

    Parameters
    ----------
    master : Master
    near : float
        Distance of bound and value, as a share of the value, that is near enough.
    until : float
        When to stop, by the monotonic clock.

    Returns
    -------
    Priced
    """
    best, smooth = Priced(-np.inf, np.zeros(master.rows), late=True), None
    while time.monotonic() < until and master.solve(until - time.monotonic()):
        dual = master.dual()
        smooth = dual if smooth is None else 0.6 * smooth + 0.4 * dual
        fresh, bound = master.columns(smooth)
        best = max(best, Priced(bound, smooth, late=True), key=lambda each: each.bound)
        if smooth is not dual and not _useful(master, fresh, dual) and time.monotonic() < until:
            fresh, bound = master.columns(dual)
            best = max(best, Priced(bound, dual, late=True), key=lambda each: each.bound)
            smooth = dual
        if not fresh or master.value - best.bound <= max(near, 1e-6) * abs(master.value):
            return Priced(best.bound, best.dual, late=False)
        master.add(fresh)
    return best


def _useful(master: Master, fresh: list[Pattern], dual: Floats) -> bool:
    """Say whether a column found at smoothed prices pays at the true ones."""
    for pattern in fresh:
        cost, rows, used = master.column(pattern)
        if cost < dual[rows] @ used - _TOLERANCE:
            return True
    return False


def priced_anew(ground: Ground, plan: Assignment, charge: Limits, until: float) -> Assignment:
    """Return the better of a plan and of what is found from it with tests where these charges send them.

    Parameters
    ----------
    ground : Ground
    plan : Assignment
    charge : Limits
        Prices of limits.
    until : float
        When to stop, by the monotonic clock.
    """
    nothing, none = np.zeros(ground.people.shape[0]), np.zeros(ground.opening.shape[0])
    *_, scheme, lab = send_all(ground, site_prices(ground, nothing, none, charge), plan.walk)
    start = Assignment(plan.walk, scheme, lab)
    again = search_round(ground, seconds=max(0.0, until - time.monotonic()), start=start)
    if again.legal and total(patterns_of(ground, again.found)) < total(patterns_of(ground, plan)):
        return again.found
    return plan


def stand_in_cost(ground: Ground) -> Floats:
    """Return for each area more than it costs to swab it anywhere: float[A]."""
    each = ground.material.max(axis=1) + 2 * ground.test_cost.max() * ground.people
    lanes = np.ceil(ground.people / ground.lane_people) + 1
    opening = ground.opening.max() + ground.trips.max()
    return np.asarray(10 * (each + lanes * ground.lane_cost + opening))


def lonely(ground: Ground) -> list[Pattern]:
    """Return a column for every walk by itself, in its cheapest laboratory: a plan to begin with."""
    area, site = ground.walk_area, ground.walk_site
    cost = ground.tests[:, None, :, 2] * ground.test_cost[:, None] + ground.material[:, None, :]
    cost = np.where(ground.allowed[:, None, :], cost, np.inf)
    scheme = cost.argmin(axis=2)
    yuan = np.where(ground.timely[site], cost.min(axis=2)[area] + ground.trips[site], np.inf)
    lab = yuan.argmin(axis=1)
    fits = ground.people[area] <= ground.lane_people * ground.most_lanes[site]
    return [
        pattern_of(
            ground,
            int(site[walk]),
            int(lab[walk]),
            (np.array([walk]), np.array([scheme[area[walk], lab[walk]]])),
        )
        for walk in np.flatnonzero(fits & np.isfinite(yuan.min(axis=1))).tolist()
    ]


def _dive(master: Master, stop_at: float) -> list[Pattern] | None:
    """Return whole columns: the fullest are fixed in turn, and new ones are made for what is left."""
    fixed: set[int] = set()
    while True:
        solved = master.solve(stop_at - time.monotonic())
        left, weight = master.weights()
        open_ = [k for k in np.flatnonzero(weight > _TOLERANCE).tolist() if k not in fixed]
        if not open_ or not solved:
            break
        least = min(0.8, max(weight[k] for k in open_))
        for column in (k for k in open_ if weight[k] >= least - 1e-9):
            fixed.add(column)
            master.solver.changeColBounds(master.areas + column, 1.0, _INFINITY)
        for turn in range(_MOST_ROUNDS):
            solved = master.solve(stop_at - time.monotonic())
            whole = (master.weights()[0] <= _TOLERANCE).all()
            fresh = (
                [] if not solved or (whole and turn >= _ROUNDS_A_DIVE) else master.columns(master.dual())[0]
            )
            master.add(fresh)
            if not fresh:
                break
    for column in fixed:
        master.solver.changeColBounds(master.areas + column, 0.0, _INFINITY)
    if open_ or not solved or (left > _TOLERANCE).any():
        return None
    return [master.patterns[column] for column in sorted(fixed)]


def choose(master: Master, begin: list[Pattern] | None, seconds: float, gap: float) -> list[Pattern] | None:
    """Return whole columns that cover everybody: HiGHS over the columns so far, from a plan.

    Parameters
    ----------
    master : Master
        Afterwards its columns are whole ones.
    begin : list of Pattern, optional
        Columns of the master that make a plan.
    seconds, gap : float
        When to stop.

    Returns
    -------
    list of Pattern or None
        Not dearer than what it began from.
    """
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
    value = master.weights()[1]
    found = [pattern for pattern, used in zip(master.patterns, value, strict=True) if used > 0.5]
    return found if begin is None or total(found) < total(begin) else begin


def total(patterns: list[Pattern]) -> float:
    """Return what columns cost together."""
    return sum(each.cost for each in patterns)


def joined(ground: Ground, chosen: list[Pattern]) -> Assignment:
    """Return the plan of the columns; an area that two of them hold goes to the nearer site."""
    walk = np.full(ground.people.shape[0], -1, np.int64)
    scheme, lab = np.zeros_like(walk), ground.near_lab[:, 0].copy()
    for pattern in chosen:
        lab[pattern.site] = pattern.lab
        area = ground.walk_area[pattern.walk]
        near = ground.walk_minutes[pattern.walk]
        # Of two that are as near the one whose walk stands first.
        nearer = (walk[area] < 0) | (near < ground.walk_minutes[walk[area]])
        nearer |= (near == ground.walk_minutes[walk[area]]) & (pattern.walk < walk[area])
        walk[area[nearer]] = pattern.walk[nearer]
        scheme[area[nearer]] = pattern.scheme[nearer]
    return Assignment(walk, scheme, lab)
