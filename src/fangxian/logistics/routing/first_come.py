"""The rule in use where nothing is planned: in the order of the calls, the vehicle that can be there first.

Nobody is fetched on the way to somebody else, and what was promised is not changed: the plan to beat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.routing.itinerary import Itinerary, walk
from fangxian.logistics.routing.problem import HOME, NOBODY, TransferProblem

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class FirstCome:
    """What dispatching by call comes to.

    Parameters
    ----------
    rounds : tuple of Itinerary
        One a vehicle.
    left_behind : tuple of int
        Requests that no vehicle could take in time behind what it had promised.
    left_weight : int
        Their weight.
    metres : int
        Driven by all.
    """

    rounds: tuple[Itinerary, ...]
    left_behind: tuple[int, ...]
    left_weight: int
    metres: int


@dataclass
class _Fleet:
    """Where each vehicle will be when it has done what it has promised; int64[V] each."""

    place: Integers
    free_s: Integers
    category: Integers
    load: Integers


def dispatch_by_call(problem: TransferProblem) -> FirstCome:
    """Give every request, the first to be ready first, the vehicle that can be there soonest.

    A vehicle brings one request to its end before it sets out for the next; those who ride to the end of the
    round stay aboard while there are seats.

    Parameters
    ----------
    problem : TransferProblem
        Nobody may be aboard yet.

    Returns
    -------
    FirstCome
        Every round keeps every limit.

    Raises
    ------
    ValueError
        When somebody is aboard.
    """
    asked, vehicles = problem.requests, problem.vehicles
    if (asked.aboard != NOBODY).any():
        raise ValueError(
            f"nobody may be aboard (got {int((asked.aboard != NOBODY).sum())} requests); dispatch a day from "
            "its beginning"
        )
    fleet = _Fleet(
        vehicles.start.copy(),
        vehicles.opens_s.copy(),
        vehicles.last_category.copy(),
        np.zeros(len(vehicles), np.int64),
    )
    stops: list[list[tuple[int, bool]]] = [[] for _ in range(len(vehicles))]
    left = []
    for request in np.argsort(asked.ready_s, kind="stable").tolist():
        vehicle = _send(problem, fleet, request)
        if vehicle is None:
            left.append(request)
            continue
        stops[vehicle].append((request, True))
        if asked.delivery[request] != HOME:
            stops[vehicle].append((request, False))
    rounds = tuple(walk(problem, vehicle, mine) for vehicle, mine in enumerate(stops))
    weight = int(asked.weight[left].sum()) if left else 0
    return FirstCome(rounds, tuple(sorted(left)), weight, sum(each.metres for each in rounds))


def _send(problem: TransferProblem, fleet: _Fleet, request: int) -> int | None:
    """Send the vehicle that begins the pickup first, the nearest of those; None where none can."""
    asked, vehicles = problem.requests, problem.vehicles
    kind, pickup = int(asked.category[request]), int(asked.pickup[request])
    cleaning = np.where(fleet.load > 0, 0, problem.cleaning_s[fleet.category, kind])
    arrive = fleet.free_s + cleaning + problem.travel_s[fleet.place, pickup]
    begin = np.maximum(arrive, asked.ready_s[request])
    possible = problem.fits[request] & (begin <= asked.pickup_until_s[request])
    possible &= fleet.load + asked.persons[request] <= vehicles.capacity
    possible &= (fleet.load == 0) | (fleet.category == kind)
    then, there, stay = begin + asked.pickup_s[request], pickup, int(asked.persons[request])
    if asked.delivery[request] != HOME:
        there, stay = int(asked.delivery[request]), 0
        handed = np.maximum(then + problem.travel_s[pickup, there], asked.deliver_from_s[request])
        possible &= handed <= asked.deliver_until_s[request]
        then = handed + asked.delivery_s[request]
    back = then + problem.travel_s[there, vehicles.end] + problem.cleaning_s[kind, problem.clean]
    possible &= back <= vehicles.closes_s
    able = np.flatnonzero(possible)
    if not able.size:
        return None
    way = problem.distance_m[fleet.place[able], pickup]
    vehicle = int(able[np.lexsort((way, begin[able]))[0]])
    fleet.place[vehicle], fleet.free_s[vehicle] = there, then[vehicle]
    fleet.category[vehicle] = kind
    fleet.load[vehicle] += stay
    return vehicle
