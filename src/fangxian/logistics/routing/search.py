"""Plan the rounds: greedy first, then torn and mended until the time is up; never worse than it began."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fangxian.base.counter_random import purpose_key
from fangxian.logistics.routing.alone import impossible_alone
from fangxian.logistics.routing.bounds import LowerBound, lower_bound
from fangxian.logistics.routing.itinerary import Itinerary, walk
from fangxian.logistics.routing.load_bound import bound_by_loads, can_bound_by_loads
from fangxian.logistics.routing.problem import FOREVER, HOME, Integers, TransferProblem
from fangxian.logistics.routing.round_bound import bound_by_rounds, can_bound_by_rounds
from fangxian.logistics.routing.route_kernel import NEVER, Instance, Rounds
from fangxian.logistics.routing.search_kernel import Dials, Memory, list_insertions, mend_once, search

Stops = list[tuple[int, bool]]

LEAST_STOPS = 100
"""Room for the stops of a vehicle: so many, or eight times its even share where that is more."""
_CHUNK_S = 0.05


@dataclass(frozen=True)
class SearchParameters:
    """How the plan is torn and mended.

    Parameters
    ----------
    removed : float
        Mean number of stops taken out in an attempt.
    split : float
        Chance to lengthen the piece that stays inside a torn string, each time.
    blink : float
        Chance to overlook a vehicle when a request is put back.
    heat, cold : float
        Temperature at the beginning and at the end, as a share of the mean leg of the best plan.
    seed : int
        The luck.
    """

    removed: float = 10.0
    split: float = 0.5
    blink: float = 0.01
    heat: float = 0.6
    cold: float = 0.02
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse dials that tear nothing or never cool."""
        if not (self.removed >= 1 and 0 <= self.split < 1 and 0 <= self.blink < 1):
            raise ValueError(
                "removed must be at least 1, split and blink in [0, 1) "
                f"(got {self.removed}, {self.split}, {self.blink}); use the defaults"
            )
        if not 0 < self.cold <= self.heat:
            raise ValueError(
                f"heat must be at least cold, and cold above 0 (got {self.heat} and {self.cold}); "
                "use the defaults"
            )


@dataclass(frozen=True)
class SearchStop:
    """When to stop.

    Parameters
    ----------
    time_limit_s : float
        Seconds of search; the best plan so far is returned with its gap.
    attempts : int, optional
        Stop after so many attempts; a run that ends by these is the same on every machine.
    bound_s : float
        Seconds spent after the search on a better bound, where there is a way; 0 keeps the quick one.
    """

    time_limit_s: float = 30.0
    attempts: int | None = None
    bound_s: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a limit that lets nothing happen."""
        if not self.time_limit_s > 0 or (self.attempts is not None and self.attempts < 0):
            raise ValueError(
                f"time_limit_s must be above 0 and attempts at least 0 (got {self.time_limit_s} and "
                f"{self.attempts}); give the seconds you can wait"
            )
        if not self.bound_s >= 0:
            raise ValueError(f"bound_s must be at least 0 (got {self.bound_s}); 0 keeps the quick bound")


@dataclass(frozen=True)
class TransferResult:
    """A plan that can be driven, and how far from the best it can be at most.

    Parameters
    ----------
    rounds : tuple of Itinerary
        One a vehicle.
    left_behind : tuple of int
        Requests without a vehicle.
    metres : int
        Driven by all.
    left_weight : int
        Their weight: what is minimised first.
    cost_m : int
        Metres and fixed costs: what is minimised next.
    bound : LowerBound
        What no plan can be below.
    attempts : int
        Made by the search.
    """

    rounds: tuple[Itinerary, ...]
    left_behind: tuple[int, ...]
    left_weight: int
    metres: int
    cost_m: int
    bound: LowerBound
    attempts: int

    @property
    def gap(self) -> float:
        """How far metres and fixed costs may be above the best, as a share of them.

        Infinite where more weight is left behind than is proven to be unavoidable: then the first aim has a
        gap, ``left_weight - bound.left_weight``, and the second has no meaning yet.
        """
        if self.left_weight > self.bound.left_weight:
            return math.inf
        return max(0.0, (self.cost_m - self.bound.cost_m) / max(1, self.cost_m))

    def stops(self) -> list[Stops]:
        """Return the rounds as lists of (request, picks up), to begin another search from."""
        return [[(visit.request, visit.picks_up) for visit in each.visits] for each in self.rounds]


def plan_transfers(
    problem: TransferProblem,
    parameters: SearchParameters | None = None,
    stop: SearchStop | None = None,
    *,
    begin_with: Sequence[Stops] = (),
) -> TransferResult:
    """Find who fetches whom, and in which order.

    Parameters
    ----------
    problem : TransferProblem
    parameters : SearchParameters, optional
    stop : SearchStop, optional
    begin_with : sequence of lists of (request, picks up)
        Rounds to begin with, one a vehicle; they must keep every limit.

    Returns
    -------
    TransferResult

    Raises
    ------
    ValueError
        When a round to begin with breaks a limit.
    """
    chosen, until = parameters or SearchParameters(), stop or SearchStop()
    desk = _Desk(problem, chosen)
    desk.begin(begin_with)
    attempts = desk.run(until)
    rounds = tuple(walk(problem, vehicle, stops) for vehicle, stops in enumerate(desk.best_stops()))
    broken = [words for each in rounds for words in each.broken]
    if broken:
        raise AssertionError(f"the search returned a plan that cannot be driven: {broken[0]}")
    left = tuple(int(each) for each in np.flatnonzero(desk.best.vehicle < 0))
    metres = sum(each.metres for each in rounds)
    fixed = sum(int(problem.vehicles.fixed_m[each.vehicle]) for each in rounds if each.visits)
    weight = int(problem.requests.weight[list(left)].sum())
    bound = lower_bound(problem)
    unavoidable = int(problem.requests.weight[impossible_alone(problem)].sum())
    if until.bound_s and bound.left_weight == unavoidable:  # otherwise another might be left behind instead
        bound = _raised(problem, bound, rounds, until.bound_s)
    return TransferResult(rounds, left, weight, metres, metres + fixed, bound, attempts)


def _raised(
    problem: TransferProblem, bound: LowerBound, rounds: tuple[Itinerary, ...], seconds: float
) -> LowerBound:
    """Return a better bound, where there is a way and time enough."""
    if can_bound_by_rounds(problem):
        served = [(each.vehicle, [visit.request for visit in each.visits]) for each in rounds]
        return bound_by_rounds(problem, bound, served, seconds)
    if can_bound_by_loads(problem):
        stops = [
            (each.vehicle, [(visit.request, visit.picks_up) for visit in each.visits]) for each in rounds
        ]
        return bound_by_loads(problem, bound, stops, seconds)
    return bound


@dataclass
class _Desk:
    """The arrays that the kernels work on."""

    problem: TransferProblem
    parameters: SearchParameters
    given: Instance = field(init=False)
    present: Rounds = field(init=False)
    best: Rounds = field(init=False)
    saved: Rounds = field(init=False)
    memory: Memory = field(init=False)

    def __post_init__(self) -> None:
        self.given = instance_of(self.problem)
        requests, vehicles = len(self.problem.requests), len(self.problem.vehicles)
        self.present, self.best, self.saved = (no_rounds(requests, vehicles) for _ in range(3))
        seed = purpose_key(self.parameters.seed, "transfer rounds")
        self.memory = Memory(
            np.full((requests, vehicles), -1, np.int64),
            np.zeros((requests, vehicles), np.int64),
            np.zeros((requests, vehicles, 2), np.int32),
            np.zeros(requests, np.bool_),
            np.zeros(requests, np.int64),
            np.zeros(vehicles, np.int64),
            np.full(vehicles, -1, np.int64),
            np.zeros(requests, np.int64),
            np.zeros(vehicles, np.int64),
            np.zeros(8, np.int64),
            np.array([seed], np.uint64),
        )

    def begin(self, rounds: Sequence[Stops]) -> None:
        """Take over the rounds given, and those aboard; then put everybody else where they cost least."""
        lists = _with_those_aboard(self.problem, rounds)
        for vehicle, stops in enumerate(lists):
            broken = walk(self.problem, vehicle, stops).broken
            if broken:
                raise ValueError(
                    f"a round to begin with must keep every limit (got: {broken[0]}); repair it, or begin "
                    "without rounds"
                )
        fill_rounds(self.problem, self.present, lists)
        mend_once(self.given, (self.present, self.best, self.saved), self.memory)

    def run(self, stop: SearchStop) -> int:
        """Search until the stop; return the attempts made."""
        hot, cold = self.parameters.heat, self.parameters.cold
        dials = Dials(self.parameters.removed, 1.0 - self.parameters.split, self.parameters.blink)
        states = (self.present, self.best, self.saved)
        began, done, chunk = time.perf_counter(), 0, 200
        while stop.attempts is None or done < stop.attempts:
            spent = time.perf_counter() - began
            if spent >= stop.time_limit_s:
                break
            part = spent / stop.time_limit_s if stop.attempts is None else done / stop.attempts
            if stop.attempts is not None:
                chunk = min(1000, stop.attempts - done)
            warmth = self._mean_leg() * hot * (cold / hot) ** part
            search(self.given, states, self.memory, dials, warmth, chunk)
            done += chunk
            if stop.attempts is None:
                taken = time.perf_counter() - began - spent
                chunk = int(np.clip(chunk * _CHUNK_S / max(taken, 1e-4), 10, 100_000))
        return done

    def _mean_leg(self) -> float:
        """Return metres from stop to stop in the best plan: the scale of what an attempt can change."""
        legs = int((self.best.length[self.best.length > 0] + 1).sum())
        return max(1.0, float(self.best.metres.sum()) / max(1, legs))

    def best_stops(self) -> list[Stops]:
        """Return the best rounds."""
        return [
            [(int(stop) // 2, stop % 2 == 0) for stop in row[:count]]
            for row, count in zip(self.best.stop, self.best.length, strict=True)
        ]


def insertions(
    problem: TransferProblem, rounds: Sequence[Stops], request: int, given: Instance | None = None
) -> list[int | None]:
    """Return, for each vehicle, the metres that taking one more request would add; None where it cannot.

    Parameters
    ----------
    problem : TransferProblem
    rounds : sequence of lists of (request, picks up)
        One a vehicle, without the request.
    request : int
    given : Instance, optional
        The problem as :func:`instance_of` returns it, perhaps with limits eased.
    """
    held = no_rounds(len(problem.requests), len(problem.vehicles))
    fill_rounds(problem, held, rounds)
    found = np.zeros(len(problem.vehicles), np.int64)
    list_insertions(instance_of(problem) if given is None else given, held, request, found)
    return [int(each) if each < NEVER else None for each in found]


def _with_those_aboard(problem: TransferProblem, rounds: Sequence[Stops]) -> list[Stops]:
    """Return the rounds, with a setting down in front for everybody aboard who has none."""
    asked, count = problem.requests, len(problem.vehicles)
    lists = [list(each) for each in rounds] or [[] for _ in range(count)]
    if len(lists) != count:
        raise ValueError(
            f"there must be a round a vehicle to begin with (got {len(lists)} for {count}); "
            "give an empty list for a vehicle that stays"
        )
    planned = {stop for stops in lists for stop in stops}
    for request in np.flatnonzero((asked.aboard >= 0) & (asked.delivery != HOME)):
        if (int(request), False) not in planned:
            lists[int(asked.aboard[request])].insert(0, (int(request), False))
    return lists


def fill_rounds(problem: TransferProblem, held: Rounds, rounds: Sequence[Stops]) -> None:
    """Write lists of stops into the arrays of the kernels; clocks are not wound."""
    aboard = problem.requests.aboard
    held.vehicle[:] = aboard
    for vehicle, stops in enumerate(rounds):
        for place, (request, picks_up) in enumerate(stops):
            held.stop[vehicle, place] = 2 * request + (not picks_up)
            held.vehicle[request] = vehicle
        held.length[vehicle] = len(stops)


def instance_of(problem: TransferProblem) -> Instance:
    """Return the problem as the kernels read it: pickups and deliveries in turn."""
    asked, fleet = problem.requests, problem.vehicles
    vehicles = len(fleet)
    home, rides = asked.delivery == HOME, asked.aboard >= 0
    load = np.stack([asked.persons, np.where(home, 0, -asked.persons)], axis=1).ravel()
    aboard = np.zeros(vehicles, np.int64)
    np.add.at(aboard, asked.aboard[rides], asked.persons[rides])
    fits = problem.fits.copy()
    fits[rides] = False
    late = np.minimum(np.stack([asked.pickup_until_s, asked.deliver_until_s], axis=1), FOREVER).ravel()
    return Instance(
        node=np.stack([asked.pickup, asked.delivery], axis=1).ravel(),
        service=np.stack([asked.pickup_s, asked.delivery_s], axis=1).ravel(),
        early=np.stack([asked.ready_s, asked.deliver_from_s], axis=1).ravel(),
        late=late,
        load=load,
        category=np.repeat(asked.category, 2),
        start=fleet.start,
        end=fleet.end,
        capacity=fleet.capacity,
        opens=fleet.opens_s,
        closes=np.minimum(fleet.closes_s, FOREVER),
        first_category=fleet.last_category,
        first_load=aboard,
        fixed=fleet.fixed_m,
        alike=_alike(problem),
        fits=fits,
        penalty=problem.penalty_m(),
        movable=~rides,
        distance=problem.distance_m.astype(np.int32),
        seconds=problem.travel_s.astype(np.int32),
        cleaning=problem.cleaning_s.astype(np.int64),
        near=_near(problem),
        remote=problem.distance_m[fleet.start][:, asked.pickup].min(axis=0),
    )


def _alike(problem: TransferProblem) -> Integers:
    """Number the vehicles so that equal numbers mean: empty, they cannot be told apart."""
    fleet = problem.vehicles
    riding = np.bincount(problem.requests.aboard[problem.requests.aboard >= 0], minlength=len(fleet))
    own = np.where(riding > 0, np.arange(len(fleet)), -1)
    columns = [fleet.start, fleet.end, fleet.capacity, fleet.opens_s, fleet.closes_s, fleet.fixed_m]
    table = np.stack([*columns, fleet.last_category, own], axis=1)
    _, number = np.unique(np.concatenate([table, problem.fits.T], axis=1), axis=0, return_inverse=True)
    return number.astype(np.int64).ravel()


def _near(problem: TransferProblem) -> np.ndarray:
    """Return int32[R, R]: the other requests by how near they begin and end, each request first itself."""
    asked, way = problem.requests, problem.distance_m
    goal = np.where(asked.delivery == HOME, asked.pickup, asked.delivery)
    apart = way[np.ix_(asked.pickup, asked.pickup)] + way[np.ix_(goal, goal)]
    np.fill_diagonal(apart, -1)
    return np.argsort(apart, axis=1, kind="stable").astype(np.int32)


def no_rounds(requests: int, vehicles: int) -> Rounds:
    """Return empty rounds, with room."""
    stops = min(2 * requests, max(LEAST_STOPS, 8 * -(-2 * requests // vehicles))) + 1
    return Rounds(
        np.zeros((vehicles, stops), np.int32),
        np.zeros((vehicles, stops), np.int64),
        np.zeros((vehicles, stops), np.int64),
        np.zeros((vehicles, stops), np.int64),
        np.zeros(vehicles, np.int64),
        np.zeros(vehicles, np.int64),
        np.full(vehicles, -1, np.int64),
        np.full(requests, -1, np.int64),
    )
