"""A round walked stop by stop, in plain words: when, where, who is aboard, and which limits it breaks.

This is the slow twin of the kernels: it knows nothing of slack, and whatever they hand back is walked here
before anybody is shown it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.routing.problem import HOME, TransferProblem

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Visit:
    """One stop of a round.

    Parameters
    ----------
    request : int
    picks_up : bool
        Whether they get in here; they get out otherwise.
    place : int
    leg_m : int
        Metres driven to here from the stop before.
    cleaning_s : int
        Time spent cleaning before setting out to here.
    arrive_s, begin_s, leave_s : int
    aboard : int
        Persons in the vehicle on leaving.
    """

    request: int
    picks_up: bool
    place: int
    leg_m: int
    cleaning_s: int
    arrive_s: int
    begin_s: int
    leave_s: int
    aboard: int


@dataclass(frozen=True)
class Itinerary:
    """The round of one vehicle.

    Parameters
    ----------
    vehicle : int
    visits : tuple of Visit
        Empty for a vehicle that stays.
    metres : int
        Driven, with the way to the end place.
    last_cleaning_s : int
        Cleaning after the last passenger.
    back_s : int
        When the vehicle is at its end place and clean.
    broken : tuple of str
        Limits that the round does not keep; empty for a plan that can be driven.
    """

    vehicle: int
    visits: tuple[Visit, ...]
    metres: int
    last_cleaning_s: int
    back_s: int
    broken: tuple[str, ...]


def walk(problem: TransferProblem, vehicle: int, stops: list[tuple[int, bool]]) -> Itinerary:
    """Drive a round on paper.

    Parameters
    ----------
    problem : TransferProblem
    vehicle : int
    stops : list of (request, picks_up)
        In order.

    Returns
    -------
    Itinerary
        With every limit it breaks.
    """
    asked, fleet = problem.requests, problem.vehicles
    place, now = int(fleet.start[vehicle]), int(fleet.opens_s[vehicle])
    category = int(fleet.last_category[vehicle])
    riding = {int(each): int(asked.persons[each]) for each in np.flatnonzero(asked.aboard == vehicle)}
    visits: list[Visit] = []
    broken: list[str] = []
    for request, picks_up in stops:
        kind = int(asked.category[request])
        cleaning = 0 if riding else int(problem.cleaning_s[category, kind])
        if riding and kind != category:
            broken.append(f"request {request} mixes category {kind} with {category}")
        broken += _change_riding(problem, vehicle, request, picks_up, riding)
        there = int(asked.pickup[request] if picks_up else asked.delivery[request])
        arrive = now + cleaning + int(problem.travel_s[place, there])
        opens, until = (
            (asked.ready_s, asked.pickup_until_s)
            if picks_up
            else (asked.deliver_from_s, asked.deliver_until_s)
        )
        begin = max(arrive, int(opens[request]))
        if begin > until[request]:
            what = "picked up" if picks_up else "set down"
            broken.append(f"request {request} is {what} {begin - int(until[request])} s late")
        now = begin + int((asked.pickup_s if picks_up else asked.delivery_s)[request])
        leg = int(problem.distance_m[place, there])
        visits.append(
            Visit(request, picks_up, there, leg, cleaning, arrive, begin, now, sum(riding.values()))
        )
        place, category = there, kind
    home = int(fleet.end[vehicle])
    broken += [f"request {each} is not set down" for each in riding if asked.delivery[each] != HOME]
    last_cleaning = int(problem.cleaning_s[category, problem.clean]) if visits else 0
    back = now + int(problem.travel_s[place, home]) + last_cleaning
    if visits and back > fleet.closes_s[vehicle]:
        broken.append(
            f"vehicle {vehicle} is back {back - int(fleet.closes_s[vehicle])} s after its crew hours"
        )
    metres = sum(each.leg_m for each in visits) + int(problem.distance_m[place, home])
    return Itinerary(vehicle, tuple(visits), metres, last_cleaning, back, tuple(broken))


def _change_riding(
    problem: TransferProblem, vehicle: int, request: int, picks_up: bool, riding: dict[int, int]
) -> list[str]:
    """Let a request in or out; return what is wrong with that."""
    if not picks_up:
        if riding.pop(request, None) is None:
            return [f"request {request} is set down before it is picked up"]
        return []
    broken = []
    if request in riding:
        broken.append(f"request {request} is picked up twice")
    riding[request] = int(problem.requests.persons[request])
    if not problem.fits[request, vehicle]:
        broken.append(f"vehicle {vehicle} lacks what request {request} needs")
    if sum(riding.values()) > problem.vehicles.capacity[vehicle]:
        broken.append(f"vehicle {vehicle} carries {sum(riding.values())} persons with request {request}")
    return broken
