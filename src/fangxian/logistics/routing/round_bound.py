"""A bound by whole rounds, where everybody rides to the end of the round: column generation.

Every plan is a set of rounds that serves each request once and takes of each kind of vehicle no more than
there are. With prices for the requests, and the cheapest round of each kind of vehicle at these prices, no
plan costs less than the prices together, less what every vehicle could gain (Lagrange): true at any prices,
so also when time is up. Better prices come from the linear programme over the rounds found so far, drawn
towards the best prices known (Wentges 1997, DOI 10.1016/S0969-6016(97)00001-4).
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.programme import add_empty_rows, silent_solver
from fangxian.logistics.routing.alone import impossible_alone
from fangxian.logistics.routing.bounds import LowerBound
from fangxian.logistics.routing.problem import HOME, Integers, TransferProblem
from fangxian.logistics.routing.round_prices import (
    UNREACHED,
    RoundTables,
    close_rounds,
    label_rounds,
    trace_round,
)

Floats = NDArray[np.float64]

MILLIMETRES = 1000
_ROOM = 3 * 10**7
"""Labels that are kept at most: 8 bytes each."""
_MEMORIES = (2, 5, 8)
"""Requests remembered at each: few first, which is quick, more when the programme is nearly solved."""
_NEXT_MEMORY = 3e-3
_BY_GROUP = 60
"""Rounds of a group that join the programme at a time."""
_DRAWN = 0.7
_NEAR_ENOUGH = 1e-5


def can_bound_by_rounds(problem: TransferProblem) -> bool:
    """Say whether everybody waits for a vehicle and rides to the end of its round."""
    asked = problem.requests
    return bool((asked.delivery == HOME).all() and (asked.aboard < 0).all())


def bound_by_rounds(
    problem: TransferProblem, fast: LowerBound, rounds: Sequence[tuple[int, Sequence[int]]], seconds: float
) -> LowerBound:
    """Raise a bound as far as time allows.

    Parameters
    ----------
    problem : TransferProblem
        For which :func:`can_bound_by_rounds` holds.
    fast : LowerBound
        Known already; returned where nothing better is found.
    rounds : sequence of (vehicle, requests in their order)
        Of a good plan: the programme begins with them.
    seconds : float
        Above 0.

    Returns
    -------
    LowerBound
        ``"rounds"``: see this module. Windows count between two pickups that follow each other; crew hours
        only where a vehicle comes too late for the first.
    """
    desk = _Desk(problem)
    if desk.served.size == 0 or desk.groups.size == 0:
        return fast
    for vehicle, requests in rounds:
        desk.begin(int(desk.group_of[vehicle]), desk.number[list(requests)])
    best = desk.run(seconds)
    if best <= fast.cost_m:
        return fast
    return LowerBound(fast.left_weight, best, "rounds")


@dataclass
class _Desk:
    """The programme, the tables and the best prices."""

    problem: TransferProblem
    served: Integers = field(init=False)
    number: Integers = field(init=False)
    group_of: Integers = field(init=False)
    groups: Integers = field(init=False)
    vehicles: Integers = field(init=False)
    tables: RoundTables = field(init=False)
    width: int = field(init=False)
    share: Integers = field(init=False)
    solver: highspy.Highs = field(init=False)

    def __post_init__(self) -> None:
        problem, fleet = self.problem, self.problem.vehicles
        self.served = np.flatnonzero(~impossible_alone(problem))
        self.number = np.full(len(problem.requests), -1)
        self.number[self.served] = np.arange(self.served.size)
        columns = [fleet.start, fleet.end, fleet.capacity, fleet.opens_s, fleet.closes_s, fleet.fixed_m]
        kinds = np.concatenate([np.stack([*columns, fleet.last_category]), problem.fits], axis=0)
        _, self.groups, group_of, self.vehicles = np.unique(
            kinds, axis=1, return_index=True, return_inverse=True, return_counts=True
        )
        self.group_of = group_of.ravel()
        self.tables = _tables(problem, self.served, self.groups)
        self.width = self.tables.near.shape[1]
        self.share = np.zeros(self.served.size, np.int64)
        self.solver = silent_solver()
        once = np.ones(self.served.size)
        no_least = np.full(self.vehicles.shape, -highspy.kHighsInf)
        add_empty_rows(self.solver, np.concatenate([once, no_least]), np.concatenate([once, self.vehicles]))
        alone = (self.tables.first + self.tables.last.T).min(axis=0) / MILLIMETRES
        for row, cost in enumerate((2 * alone).tolist()):  # at any prices the bound holds: these only guide
            self.solver.addCol(cost, 0.0, highspy.kHighsInf, 1, np.array([row], np.int32), np.ones(1))

    def add(self, group: int, requests: Integers) -> None:
        """Let the programme use a round."""
        if requests.size == 0:
            return
        tables = self.tables
        legs = tables.leg[requests[:-1], requests[1:]].sum()
        cost = tables.first[group, requests[0]] + legs + tables.last[requests[-1], group]
        rows, times = np.unique(requests, return_counts=True)
        rows = np.append(rows, self.served.size + group).astype(np.int32)
        values = np.append(times, 1).astype(np.float64)
        self.solver.addCol(cost / MILLIMETRES, 0.0, highspy.kHighsInf, rows.size, rows, values)

    def begin(self, group: int, requests: Integers) -> None:
        """Let the programme use a round of a good plan, and begin with prices that share its cost."""
        self.add(group, requests)
        if requests.size:
            legs = self.tables.leg[requests[:-1], requests[1:]].sum()
            ends = self.tables.first[group, requests[0]] + self.tables.last[requests[-1], group]
            self.share[requests] = (legs + ends) // requests.size

    def run(self, seconds: float) -> int:
        """Return the best bound, in metres."""
        end = time.perf_counter() + seconds
        best, centre = -math.inf, self.share
        drawn, widths = 1.0, [width for width in _MEMORIES if width < self.width] + [self.width]
        tables = _remembering(self.tables, widths.pop(0))
        while True:
            self.solver.run()
            value = float(self.solver.getInfo().objective_function_value) * MILLIMETRES
            dual = np.array(self.solver.getSolution().row_dual)
            price = np.rint(dual[: self.served.size] * MILLIMETRES).astype(np.int64)
            tried = np.rint(drawn * centre + (1 - drawn) * price).astype(np.int64)
            bound, added = self._price(tables, tried, price, dual[self.served.size :])
            if bound > best:
                best, centre = bound, tried
            solved = value - best <= (_NEXT_MEMORY if widths else _NEAR_ENOUGH) * value
            if time.perf_counter() >= end:
                break
            if solved or (not added and not drawn):
                if not widths:
                    break
                tables = _remembering(self.tables, widths.pop(0))
            drawn = _DRAWN if added else 0.0
        return math.ceil(best / MILLIMETRES)

    def _price(
        self, tables: RoundTables, tried: Integers, price: Integers, group_price: Floats
    ) -> tuple[int, int]:
        """Return the bound at some prices, and how many rounds joined that help at those of the programme."""
        value = label_rounds(tables, tried)
        cost, load, memory = close_rounds(tables, value)
        gain = np.minimum(cost.min(axis=1), 0)
        bound = int(tried.sum() + (gain * self.vehicles).sum())
        added = 0
        for group in range(self.groups.size):
            limit = math.floor(group_price[group] * MILLIMETRES) - 1
            for last in np.argsort(cost[group], kind="stable")[:_BY_GROUP].tolist():
                if cost[group, last] >= UNREACHED:
                    break
                end = (group, last, int(load[group, last]), int(memory[group, last]))
                found = trace_round(tables, tried, value, end)[::-1]
                if cost[group, last] + (tried[found] - price[found]).sum() < limit:
                    self.add(group, found)
                    added += 1
        return bound, added


def _tables(problem: TransferProblem, served: Integers, groups: Integers) -> RoundTables:
    asked, fleet = problem.requests, problem.vehicles
    place = asked.pickup[served]
    leaves = np.maximum(asked.ready_s, fleet.opens_s.min())[served] + asked.pickup_s[served]
    until, kind = asked.pickup_until_s[served], asked.category[served]
    leg = problem.distance_m[np.ix_(place, place)].astype(np.int64) * MILLIMETRES
    barred = leaves[:, None] + problem.travel_s[np.ix_(place, place)] > until[None, :]
    barred |= kind[:, None] != kind[None, :]
    np.fill_diagonal(barred, val=True)
    first = problem.distance_m[np.ix_(fleet.start[groups], place)] + fleet.fixed_m[groups][:, None]
    too_late = fleet.opens_s[groups][:, None] + problem.travel_s[np.ix_(fleet.start[groups], place)] > until
    too_late |= ~problem.fits[np.ix_(served, groups)].T
    last = problem.distance_m[np.ix_(place, fleet.end[groups])].astype(np.int64) * MILLIMETRES
    seats = fleet.capacity[groups].astype(np.int64)
    labels = (int(seats.max()) + 1) * served.size * groups.size
    width = max(0, min(_MEMORIES[-1], served.size - 1, int(math.log2(max(_ROOM / max(labels, 1), 1)))))
    order = np.argsort(np.where(np.eye(served.size, dtype=bool), UNREACHED, leg), axis=1, kind="stable")
    tables = RoundTables(
        np.where(barred, UNREACHED, leg),
        np.where(too_late, UNREACHED, first.astype(np.int64) * MILLIMETRES),
        last,
        asked.persons[served].astype(np.int64),
        seats,
        order[:, :width].astype(np.int64),
        np.zeros((0, 0), np.bool_),
    )
    return _remembering(tables, width)


def _remembering(tables: RoundTables, width: int) -> RoundTables:
    """Return tables in which only so many requests are remembered at each."""
    near = np.ascontiguousarray(tables.near[:, :width])
    member = np.eye(near.shape[0], dtype=np.float32)
    np.put_along_axis(member, near, 1.0, axis=1)
    return tables._replace(near=near, close=member @ member.T > 0)
