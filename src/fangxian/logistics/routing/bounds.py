"""What no plan can be below: every stop has one that follows it, whatever the rounds look like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from fangxian.logistics.routing.alone import impossible_alone
from fangxian.logistics.routing.problem import HOME, Integers, TransferProblem

_FORBIDDEN = 2.0**52


@dataclass(frozen=True)
class LowerBound:
    """What no plan can be below: first in who is left behind, then in what is driven.

    Parameters
    ----------
    left_weight : int
        Weight of the requests that every plan leaves behind.
    cost_m : int
        Metres and fixed costs of a plan that leaves no more than that behind.
    method : str
        ``"successors"``: each stop, and each vehicle at its start, is followed by one other stop or by the
        end, at least cost over all such matchings. Windows, seats and categories count only between two
        stops that follow each other. Valid for every problem; weak where many ride together. ``"rounds"``:
        whole rounds with what their seats hold, where everybody rides to the end: see ``round_bound``.
        ``"loads"``: stops with how many are aboard, where nobody does: see ``load_bound``.
    """

    left_weight: int
    cost_m: int
    method: str


def lower_bound(problem: TransferProblem) -> LowerBound:
    """Return the bound by successors.

    Parameters
    ----------
    problem : TransferProblem

    Returns
    -------
    LowerBound
    """
    asked, fleet = problem.requests, problem.vehicles
    pickups = np.flatnonzero(asked.aboard < 0)
    deliveries = np.flatnonzero(asked.delivery != HOME)
    ends = _Stops.of(problem, pickups, deliveries)
    follows = ends.between(problem)
    first = ends.from_starts(problem)
    last = problem.distance_m[ends.place][:, fleet.end].astype(np.float64)
    last[: pickups.shape[0]][asked.delivery[pickups] != HOME] = _FORBIDDEN
    stay = np.full((len(fleet), len(fleet)), _FORBIDDEN)
    np.fill_diagonal(stay, problem.distance_m[fleet.start, fleet.end])
    table = np.block([[follows, last], [first, stay]])
    hopeless = impossible_alone(problem)[ends.request] & ends.is_pickup
    table[: hopeless.shape[0]][hopeless] = _FORBIDDEN
    # A request left behind is a stop that follows itself, at its penalty.
    loops = np.arange(ends.place.shape[0])
    table[loops, loops] = np.where(ends.is_pickup, problem.penalty_m()[ends.request], 0)
    rows, columns = linear_sum_assignment(table)
    cost = int(table[rows, columns].sum())
    unit = problem.penalty_m() // asked.weight
    return LowerBound(cost // int(unit[0]), cost % int(unit[0]), "successors")


@dataclass(frozen=True)
class _Stops:
    request: Integers
    is_pickup: NDArray[np.bool_]
    place: Integers
    earliest_leave: Integers
    latest: Integers

    @staticmethod
    def of(problem: TransferProblem, pickups: Integers, deliveries: Integers) -> _Stops:
        asked, fleet = problem.requests, problem.vehicles
        begin = np.maximum(asked.ready_s, fleet.opens_s.min())
        ride = problem.travel_s[asked.pickup, np.maximum(asked.delivery, 0)]
        waits = asked.aboard < 0
        set_down = np.where(waits, begin + asked.pickup_s + ride, 0)
        arrive = np.maximum(asked.deliver_from_s, set_down)
        return _Stops(
            np.concatenate([pickups, deliveries]),
            np.repeat([True, False], [pickups.shape[0], deliveries.shape[0]]),
            np.concatenate([asked.pickup[pickups], asked.delivery[deliveries]]),
            np.concatenate([(begin + asked.pickup_s)[pickups], (arrive + asked.delivery_s)[deliveries]]),
            np.concatenate([asked.pickup_until_s[pickups], asked.deliver_until_s[deliveries]]),
        )

    def between(self, problem: TransferProblem) -> NDArray[np.float64]:
        """Return float64[S, S]: metres from stop to stop, forbidden where the second cannot follow."""
        asked = problem.requests
        one, other = self.request[:, None], self.request[None, :]
        reach = self.earliest_leave[:, None] + problem.travel_s[np.ix_(self.place, self.place)]
        table = problem.distance_m[np.ix_(self.place, self.place)].astype(np.float64)
        kind = asked.category[self.request]
        seats = int(problem.vehicles.capacity.max())
        together = (kind[:, None] == kind[None, :]) & (asked.persons[one] + asked.persons[other] <= seats)
        picks, sets = self.is_pickup[:, None], ~self.is_pickup[None, :]
        same = one == other
        # Out of a pickup the vehicle is not empty, nor before a setting down: both must be able to ride
        # together, unless it is the same request's. Between setting down and picking up it may be empty.
        impossible = np.where(picks & sets, ~together & ~same, picks & ~sets & ~together)
        impossible |= ~picks & sets & ~together
        impossible |= same & ~(picks & sets)
        empty_between = ~picks & ~sets & ~together
        cleaning = problem.cleaning_s[np.ix_(kind, kind)] * empty_between
        impossible |= reach + cleaning > self.latest[None, :]
        table[impossible] = _FORBIDDEN
        return table

    def from_starts(self, problem: TransferProblem) -> NDArray[np.float64]:
        """Return float64[V, S]: metres and fixed cost from a vehicle's start to its first stop."""
        asked, fleet = problem.requests, problem.vehicles
        table = problem.distance_m[np.ix_(fleet.start, self.place)].astype(np.float64)
        table += fleet.fixed_m[:, None]
        aboard = asked.aboard[self.request]
        own = aboard[None, :] == np.arange(len(fleet))[:, None]
        allowed = np.where(self.is_pickup[None, :], problem.fits.T[:, self.request], own)
        reach = fleet.opens_s[:, None] + problem.travel_s[np.ix_(fleet.start, self.place)]
        table[~allowed | (reach > self.latest[None, :])] = _FORBIDDEN
        return table
