"""A bound where people are set down on the way: a flow over stops and loads, as a linear programme.

A round is a walk over states: a stop, and how many persons are aboard after it. Every stop is left at the
load at which it was reached, every stop is come to once, and as many rounds end at a base as begin there. The
rounds of a plan satisfy this together; that who gets in at one stop gets out at another is not asked for, nor
a clock beyond two stops that follow each other. But a vehicle that goes round in circles must be empty again,
that is, must go where people get out: in the matching of successors it need not.

Most legs are never used: the programme begins with those to near stops and those of a plan, and takes up legs
that its prices make worth taking. At any prices no plan costs less than the prices of the stops, less what
the best legs could gain (Lagrange), so the bound also holds when time is up (Desrosiers & Lübbecke 2005,
DOI 10.1007/0-387-25486-2_1).
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components, floyd_warshall

from fangxian.logistics.programme import add_empty_rows, silent_solver
from fangxian.logistics.routing.alone import impossible_alone
from fangxian.logistics.routing.bounds import LowerBound, lower_bound
from fangxian.logistics.routing.problem import HOME, Integers, Requests, TransferProblem, Vehicles

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Stops = Sequence[tuple[int, bool]]

_NEAR = 2
"""Stops after each, of either sort, that the programme begins with."""
_JOIN = 2
"""Legs to a stop at a load that join the programme at a time."""
_DRAWN, _NEAR_ENOUGH = 0.5, 1e-4


def can_bound_by_loads(problem: TransferProblem) -> bool:
    """Say whether everybody waits for a vehicle and is set down at a place of their own."""
    asked = problem.requests
    return bool((asked.delivery != HOME).all() and (asked.aboard < 0).all())


def bound_by_loads(
    problem: TransferProblem, fast: LowerBound, rounds: Sequence[tuple[int, Stops]], seconds: float
) -> LowerBound:
    """Raise a bound as far as time allows.

    Parameters
    ----------
    problem : TransferProblem
        For which :func:`can_bound_by_loads` holds.
    fast : LowerBound
        Known already; returned where nothing better is found. Nobody is left behind in it but who must be.
    rounds : sequence of (vehicle, (request, picks up) in their order)
        Of a good plan: the programme begins with its legs.
    seconds : float
        Above 0.

    Returns
    -------
    LowerBound
        ``"loads"``: see this module.
    """
    end, total = time.perf_counter() + seconds, 0
    served = np.flatnonzero(~impossible_alone(problem))
    if not served.size:
        return fast
    fits = problem.fits[served]
    parts, part_of = connected_components(fits.astype(np.int64) @ fits.T.astype(np.int64))
    sizes = np.bincount(part_of, minlength=parts)
    for place, part in enumerate(np.argsort(sizes, kind="stable").tolist()):
        mine = served[part_of == part]
        flow = _Flow(problem, mine)
        flow.begin(rounds)
        weight = sizes[part] ** 2 / (np.sort(sizes)[place:].astype(np.float64) ** 2).sum()
        raised = flow.run(time.perf_counter() + max(0.0, end - time.perf_counter()) * float(weight))
        total += max(raised, lower_bound(_part(problem, mine)).cost_m)
    if total <= fast.cost_m:
        return fast
    return LowerBound(fast.left_weight, total, "loads")


def _part(problem: TransferProblem, requests: Integers) -> TransferProblem:
    """Return the problem of some requests and the vehicles that fit one of them."""
    vehicles = np.flatnonzero(problem.fits[requests].any(axis=0))
    asked = {name: values[requests] for name, values in vars(problem.requests).items()}
    fleet = {name: values[vehicles] for name, values in vars(problem.vehicles).items()}
    return replace(
        problem,
        requests=Requests(**asked),
        vehicles=Vehicles(**fleet),
        fits=problem.fits[np.ix_(requests, vehicles)],
    )


def _fastest(travel_s: Integers, places: Integers) -> Integers:
    """Return the times of the table, between some places by way of others where that is faster."""
    used = np.unique(places)
    among = np.ix_(used, used)
    found = travel_s.astype(np.int64)
    detour = np.floor(np.nan_to_num(floyd_warshall(found[among]), posinf=2.0**40)).astype(np.int64)
    found[among] = np.minimum(found[among], detour)
    return found


@dataclass
class _Flow:
    """The programme of requests that share vehicles; stops are their pickups, then their deliveries."""

    problem: TransferProblem
    requests: Integers
    most: int = field(init=False)
    persons: Integers = field(init=False)
    room: Integers = field(init=False)
    metres: Floats = field(init=False)
    loaded: Flags = field(init=False)
    empty: Flags = field(init=False)
    first: Floats = field(init=False)
    last: Floats = field(init=False)
    cap: Integers = field(init=False)
    base_of: dict[int, int] = field(init=False)
    place: Integers = field(init=False)
    leave: Integers = field(init=False)
    late: Integers = field(init=False)
    known: Flags = field(init=False)
    solver: highspy.Highs = field(init=False)

    def __post_init__(self) -> None:
        asked, fleet = self.problem.requests, self.problem.vehicles
        fits = self.problem.fits[self.requests]
        vehicles = np.flatnonzero(fits.any(axis=0))
        most = np.where(fits, fleet.capacity[None, :], 0).max(axis=1)
        self.most, self.room = int(most.max()), np.concatenate([most, most])
        persons = asked.persons[self.requests]
        self.persons = np.concatenate([persons, -persons])
        bases, of = np.unique(np.stack([fleet.start, fleet.end])[:, vehicles], axis=1, return_inverse=True)
        of = of.ravel()
        self.base_of = dict(zip(vehicles.tolist(), of.tolist(), strict=True))
        self.cap = np.bincount(of)
        fixed, opens, closes = (
            np.array([pick(values[vehicles[of == base]]) for base in range(self.cap.size)])
            for pick, values in ((np.min, fleet.fixed_m), (np.min, fleet.opens_s), (np.max, fleet.closes_s))
        )
        self._legs(int(opens.min()))
        self._ends(bases, (fixed, opens, closes))
        self._rows()

    def _legs(self, opens: int) -> None:
        """Fill in which stop may follow which, with somebody aboard between them and with nobody."""
        asked, mine, count = self.problem.requests, self.requests, self.requests.size
        place = np.concatenate([asked.pickup[mine], asked.delivery[mine]])
        way = _fastest(self.problem.travel_s, place)
        service = np.concatenate([asked.pickup_s[mine], asked.delivery_s[mine]])
        ride = way[asked.pickup[mine], asked.delivery[mine]]
        ready = np.maximum(asked.ready_s[mine], opens)
        down = np.maximum(asked.deliver_from_s[mine], ready + asked.pickup_s[mine] + ride)
        until = asked.deliver_until_s[mine] - ride - asked.pickup_s[mine]
        until = np.minimum(asked.pickup_until_s[mine], until)
        self.place, self.leave = place, np.concatenate([ready, down]) + service
        self.late = np.concatenate([until, asked.deliver_until_s[mine]])
        apart, kind = way[np.ix_(place, place)], np.tile(asked.category[mine], 2)
        reach = self.leave[:, None] + apart
        own = np.tile(np.arange(count), 2)
        follows = own[:, None] != own[None, :]
        follows |= np.eye(2 * count, k=count, dtype=bool)
        self.loaded = follows & (reach <= self.late[None, :]) & (kind[:, None] == kind[None, :])
        self.loaded[:count, :count] &= self._ride_together(apart, service, np.concatenate([ready, down]))
        cleaning = self.problem.cleaning_s[np.ix_(kind, kind)]
        self.empty = follows & (reach + cleaning <= self.late[None, :])
        self.empty[:count], self.empty[:, count:] = False, False
        self.metres = self.problem.distance_m[np.ix_(place, place)].astype(np.float64)

    def _ride_together(self, apart: Integers, service: Integers, early: Integers) -> Flags:
        """Return bool[R, R]: the second can be picked up after the first and both be set down in time."""
        count = self.requests.size
        up, down = slice(0, count), slice(count, None)
        now = np.maximum(self.leave[up, None] + apart[up, up], early[None, up]) + service[None, up]
        lag, between, late = apart[up, down], apart[down, down], self.late[down]
        first = np.maximum(now + lag.T, early[down, None])  # the first is set down first
        second = np.maximum(first + service[down, None] + between, early[None, down])
        good = (first <= late[:, None]) & (second <= late[None, :])
        first = np.maximum(now + lag.diagonal()[None, :], early[None, down])
        second = np.maximum(first + service[None, down] + between.T, early[down, None])
        both: Flags = good | (first <= late[None, :]) & (second <= late[:, None])
        return both

    def _ends(self, bases: Integers, hours: tuple[Floats, Floats, Floats]) -> None:
        """Fill in metres from bases to pickups and from deliveries to bases; infinite if there is no time."""
        fixed, opens, closes = hours
        count, way, length = self.requests.size, self.problem.travel_s, self.problem.distance_m
        up, down = self.place[:count], self.place[count:]
        too_late = opens[:, None] + way[np.ix_(bases[0], up)] > self.late[None, :count]
        self.first = np.where(too_late, np.inf, length[np.ix_(bases[0], up)] + fixed[:, None])
        back = self.leave[count:, None] + way[np.ix_(down, bases[1])]
        self.last = np.where(back > closes[None, :], np.inf, length[np.ix_(down, bases[1])])

    def _rows(self) -> None:
        """Write the rows: states are left as often as reached, so are bases, stops are come to once."""
        stops, states, bases = self.persons.size, self.persons.size * (self.most + 1), self.cap.size
        equal = np.concatenate([np.zeros(states + bases), np.ones(stops)])
        self.solver = silent_solver()
        least = np.concatenate([equal, np.full(bases, -highspy.kHighsInf)])
        add_empty_rows(self.solver, least, np.concatenate([equal, self.cap.astype(np.float64)]))
        self.known = np.zeros((self.most + 1, stops, stops), np.bool_)
        count = self.requests.size
        base, up = np.nonzero(np.isfinite(self.first))
        reached = up * (self.most + 1) + self.persons[up]
        visit, used = states + bases + up, states + bases + stops + base
        self._columns(self.first[base, up], (reached, states + base, visit, used), (1, -1, 1, 1))
        down, base = np.nonzero(np.isfinite(self.last))
        left = (down + count) * (self.most + 1)
        self._columns(self.last[down, base], (left, states + base), (-1, 1))
        # Leaving a request out keeps the first programmes solvable; at any prices the bound holds.
        far = 4.0 * float(self.metres.max()) + float(np.where(np.isfinite(self.first), self.first, 0).max())
        both = states + bases + np.arange(count)
        self._columns(np.full(count, far), (both, both + count), (1, 1))

    def _columns(self, cost: Floats, rows: tuple[Integers, ...], signs: tuple[int, ...]) -> None:
        index = np.stack(rows, axis=1).astype(np.int32)
        starts = np.arange(cost.size, dtype=np.int32) * len(signs)
        values = np.tile(np.array(signs, np.float64), cost.size)
        nothing, forever = np.zeros(cost.size), np.full(cost.size, highspy.kHighsInf)
        self.solver.addCols(cost.size, cost, nothing, forever, index.size, starts, index.ravel(), values)

    def add(self, load: Integers, one: Integers, other: Integers) -> None:
        """Let the programme use legs from a stop left with a load to another stop, once each."""
        new = ~self.known[load, one, other]
        load, one, other = np.unique(np.stack([load, one, other])[:, new], axis=1)
        self.known[load, one, other] = True
        width, stops = self.most + 1, self.persons.size
        left, reached = one * width + load, other * width + load + self.persons[other]
        visit = stops * width + self.cap.size + other
        self._columns(self.metres[one, other], (left, reached, visit), (-1, 1, 1))

    def allowed(self, load: int) -> Flags:
        """Return bool[S, S]: legs that may be driven with so many aboard."""
        count, after = self.requests.size, load + self.persons
        legs = (self.loaded if load else self.empty).copy()
        up = np.arange(self.persons.size) < count
        stood = np.where(up, load >= self.persons, load - self.persons <= self.room) & (load <= self.room)
        reached = np.where(up, after <= self.room, after >= 0) & (load <= self.room)
        legs &= stood[:, None] & reached[None, :]
        # Between a pickup and another's setting down both are aboard.
        both = self.persons[:count, None] + self.persons[None, :count]
        legs[:count, count:] &= (load >= both) | np.eye(count, dtype=bool)
        return legs

    def begin(self, rounds: Sequence[tuple[int, Stops]]) -> None:
        """Begin with legs to near stops, and those of the rounds of a plan."""
        number = {int(request): row for row, request in enumerate(self.requests)}
        count = self.requests.size
        for load in range(self.most + 1):
            legs = np.where(self.allowed(load), self.metres, np.inf)
            for half in (slice(0, count), slice(count, None)):
                near = np.argsort(legs[:, half], axis=1, kind="stable")[:, :_NEAR] + (half.start or 0)
                one = np.repeat(np.arange(legs.shape[0]), near.shape[1])
                good = np.isfinite(legs[one, near.ravel()])
                self.add(np.full(int(good.sum()), load), one[good], near.ravel()[good])
        for vehicle, stops in rounds:
            if vehicle in self.base_of and all(request in number for request, _ in stops):
                way = [number[request] + (0 if picks_up else count) for request, picks_up in stops]
                loads = np.cumsum(self.persons[way])[:-1] if way else np.zeros(0, np.int64)
                self.add(loads, np.array(way[:-1], np.int64), np.array(way[1:], np.int64))

    def run(self, end: float) -> int:
        """Return the best bound, in metres."""
        best, centre, drawn = 0.0, None, 0.0
        while (left := end - time.perf_counter()) > 0:
            self.solver.setOptionValue("time_limit", self.solver.getRunTime() + left)
            self.solver.run()
            if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                break
            value = float(self.solver.getInfo().objective_function_value)
            dual = np.array(self.solver.getSolution().row_dual)
            tried = dual if centre is None else drawn * centre + (1 - drawn) * dual
            bound, added = self._price(tried)
            if centre is None or bound > best:
                best, centre = max(best, bound), tried
            if value - best <= _NEAR_ENOUGH * value or (not added and not drawn):
                break
            drawn = _DRAWN if added else 0.0
        return math.ceil(best - 1e-6)

    def _price(self, dual: Floats) -> tuple[float, int]:
        """Return the bound at prices, and how many legs joined that they make worth taking."""
        width, stops, bases, count = self.most + 1, self.persons.size, self.cap.size, self.requests.size
        state, base, visit, used = np.split(dual, np.cumsum([stops * width, bases, stops]))
        price = state.reshape(stops, width)
        up = np.arange(count)
        begun = self.first - price[up, self.persons[:count]][None, :] + base[:, None] - visit[None, :count]
        begun = begun - np.minimum(used, 0.0)[:, None]
        least = np.full(stops, np.inf)
        least[:count] = begun.min(axis=0)
        ended = (self.last + price[count:, 0][:, None] - base[None, :]).min(axis=0)
        added = 0
        for load in range(width):
            after = np.clip(load + self.persons, 0, self.most)
            worth = self.metres + price[:, load][:, None] - (price[np.arange(stops), after] + visit)[None, :]
            worth[~self.allowed(load)] = np.inf
            least = np.minimum(least, worth.min(axis=0))
            one = np.argpartition(worth, min(_JOIN, stops - 1), axis=0)[:_JOIN].ravel()
            other = np.tile(np.arange(stops), one.size // stops)
            good = (worth[one, other] < -1e-6) & ~self.known[load, one, other]
            added += int(good.sum())
            self.add(np.full(int(good.sum()), load), one[good], other[good])
        bound = visit.sum() + (self.cap * np.minimum(used, 0.0)).sum()
        bound += np.minimum(least, 0.0).sum() + (self.cap * np.minimum(ended, 0.0)).sum()
        return float(bound), added
