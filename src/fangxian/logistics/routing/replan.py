"""A vehicle fails in the middle of the day: what has happened stands, who is aboard stays, the rest is open.

A leg begun is finished and a cleaning begun is finished; only after that can a vehicle be sent elsewhere.
Those in a vehicle that failed wait at the roadside for another: they are picked up from there, as soon as can
be and however late. Those aboard vehicles that still go are brought where they were going, however late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from fangxian.logistics.routing.itinerary import Itinerary, walk
from fangxian.logistics.routing.problem import FOREVER, NOBODY, Integers, Requests, TransferProblem, Vehicles
from fangxian.logistics.routing.search import Stops, TransferResult


@dataclass(frozen=True)
class Remainder:
    """What is left to plan.

    Parameters
    ----------
    problem : TransferProblem
        From now on; vehicles keep their numbers, those that failed fit nobody.
    begin_with : tuple of lists of (request, picks up)
        The old rounds as far as they can still be driven.
    request : int64[R']
        Number that each request of ``problem`` had before.
    arrived : tuple of int
        Requests, by their old numbers, that have been set down.
    stranded : tuple of int
        Requests, by their old numbers, that were in a vehicle that failed.
    """

    problem: TransferProblem
    begin_with: tuple[Stops, ...]
    request: Integers
    arrived: tuple[int, ...]
    stranded: tuple[int, ...]


@dataclass(frozen=True)
class _State:
    """One vehicle now: where and when it is free, what it is dirty with, and how many visits are past."""

    place: int
    free_s: int
    category: int
    past: int


def remainder(
    problem: TransferProblem, plan: TransferResult, now_s: int, failed: Mapping[int, int | None]
) -> Remainder:
    """Return the problem that is left at a moment, with vehicles that have just failed.

    Parameters
    ----------
    problem : TransferProblem
    plan : TransferResult
        As driven until now.
    now_s : int
    failed : mapping of vehicle to place
        Where each stands; None for the place it left last.

    Returns
    -------
    Remainder

    Raises
    ------
    ValueError
        When a failed vehicle does not exist, or nothing is left to be planned.
    """
    strangers = [each for each in failed if not 0 <= each < len(problem.vehicles)]
    if strangers:
        raise ValueError(
            f"vehicles that fail must be of the fleet (got {strangers[0]} of {len(problem.vehicles)}); "
            "give the number of the vehicle in the plan"
        )
    states = [_state(problem, each, now_s, each.vehicle in failed) for each in plan.rounds]
    rider = problem.requests.aboard.copy()
    arrived: set[int] = set()
    for each, state in zip(plan.rounds, states, strict=True):
        home = state.past == len(each.visits) and each.vehicle not in failed
        _ride(problem, each, state.past, home, rider, arrived)
    stranded = {int(each) for each in np.flatnonzero(np.isin(rider, list(failed)))} - arrived
    kept = np.array([each for each in range(len(problem.requests)) if each not in arrived], np.int64)
    if kept.size == 0:
        raise ValueError(f"there must be a request to plan (got none at {now_s} s); everybody has arrived")
    where = {each: states[each].place if place is None else place for each, place in failed.items()}
    requests = _requests_left(problem.requests, kept, rider, where, now_s)
    vehicles = _vehicles_left(problem, states, failed)
    fits = problem.fits[kept].copy()
    fits[:, list(failed)] = False
    left = TransferProblem(requests, vehicles, fits, problem.distance_m, problem.travel_s, problem.cleaning_s)
    number = {int(old): new for new, old in enumerate(kept)}
    begin = []
    for each, state in zip(plan.rounds, states, strict=True):
        stops = [(number[visit.request], visit.picks_up) for visit in each.visits[state.past :]]
        drivable = each.vehicle not in failed and not walk(left, each.vehicle, stops).broken
        begin.append(stops if drivable else [])
    return Remainder(left, tuple(begin), kept, tuple(sorted(arrived)), tuple(sorted(stranded)))


def _state(problem: TransferProblem, driven: Itinerary, now_s: int, failed: bool) -> _State:
    fleet, vehicle = problem.vehicles, driven.vehicle
    place, free = int(fleet.start[vehicle]), int(fleet.opens_s[vehicle])
    category, past = int(fleet.last_category[vehicle]), 0
    for visit in driven.visits:
        departs = free + visit.cleaning_s
        if (visit.begin_s if failed else departs) > now_s:
            if visit.cleaning_s and free <= now_s and not failed:
                return _State(place, departs, problem.clean, past)
            return _State(place, max(free, now_s), category, past)
        place, free, past = visit.place, visit.leave_s, past + 1
        category = int(problem.requests.category[visit.request])
    if driven.visits and not failed and free <= now_s:  # on its way home, or there
        return _State(int(fleet.end[vehicle]), max(driven.back_s, now_s), problem.clean, past)
    return _State(place, max(free, now_s), category, past)


def _ride(
    problem: TransferProblem, driven: Itinerary, past: int, home: bool, rider: Integers, arrived: set[int]
) -> None:
    """Let the visits that are past happen; at home everybody gets out."""
    for visit in driven.visits[:past]:
        if visit.picks_up:
            rider[visit.request] = driven.vehicle
        else:
            rider[visit.request] = NOBODY
            arrived.add(visit.request)
    if home and past:
        arrived.update(int(each) for each in np.flatnonzero(rider == driven.vehicle))


def _requests_left(
    asked: Requests, kept: Integers, rider: Integers, where: Mapping[int, int], now_s: int
) -> Requests:
    """Return the rows that are left; ``where`` is the place at which each failed vehicle stands."""
    left = Requests(**{name: values[kept].copy() for name, values in vars(asked).items()})
    for new, old in enumerate(kept):
        vehicle = int(rider[old])
        if vehicle == NOBODY:
            continue
        left.pickup_until_s[new] = FOREVER
        left.deliver_until_s[new] = FOREVER
        left.aboard[new] = vehicle
        if vehicle in where:
            left.aboard[new] = NOBODY
            left.pickup[new] = where[vehicle]
            left.ready_s[new] = now_s
    return left


def _vehicles_left(
    problem: TransferProblem, states: list[_State], failed: Mapping[int, int | None]
) -> Vehicles:
    fleet = problem.vehicles
    used = np.array([state.past > 0 for state in states])
    broken = np.isin(np.arange(len(fleet)), list(failed))
    free = np.array([state.free_s for state in states])
    end = np.where(broken, [state.place for state in states], fleet.end)
    return replace(
        fleet,
        start=np.array([state.place for state in states]),
        end=end,
        opens_s=free,
        closes_s=np.maximum(fleet.closes_s, free),
        fixed_m=np.where(used, 0, fleet.fixed_m),
        last_category=np.array([state.category for state in states]),
    )
