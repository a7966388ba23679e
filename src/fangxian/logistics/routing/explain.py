"""Why somebody was left behind, and what is the least that would have to give way.

Whether a request could be served at all, by the whole fleet standing ready for it alone, is decided exactly;
the limits named then are a set that cannot be met together and of which none can be spared. Otherwise it is
the others that are in the way: then each kind of relief is measured on the plan as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fangxian.logistics.routing.alone import LIMITS, missed_alone
from fangxian.logistics.routing.problem import Integers, TransferProblem
from fangxian.logistics.routing.route_kernel import Instance
from fangxian.logistics.routing.search import Stops, TransferResult, insertions, instance_of

_STEP_S = 60
_LONGEST_S = 24 * 3600


@dataclass(frozen=True)
class Relief:
    """One change that would let a request be served, the others as planned.

    Parameters
    ----------
    kind : str
        ``"later"`` (both deadlines of the request), ``"overtime"`` (crew hours of the vehicle), ``"vehicle"``
        (one more like this one), ``"instead"`` (of another request, left behind in its place).
    amount : int
        Seconds; 1 for a vehicle; the other request's number.
    vehicle : int
        Who would drive.
    added_m : int
    """

    kind: str
    amount: int
    vehicle: int
    added_m: int


@dataclass(frozen=True)
class LeftBehind:
    """One request without a vehicle.

    Parameters
    ----------
    request : int
    alone : tuple of str
        Limits that cannot be met together even with the fleet to itself; empty if the others are in the way.
    short : dict of str to int
        By how much the best single vehicle misses each of them: seconds, or persons.
    in_the_way : tuple of int
        Requests of which leaving any single one would make room.
    reliefs : tuple of Relief
        The smallest of each kind.
    """

    request: int
    alone: tuple[str, ...]
    short: dict[str, int]
    in_the_way: tuple[int, ...]
    reliefs: tuple[Relief, ...]


def explain_left_behind(problem: TransferProblem, plan: TransferResult) -> tuple[LeftBehind, ...]:
    """Return the reasons for each request that the plan leaves behind.

    Parameters
    ----------
    problem : TransferProblem
    plan : TransferResult

    Returns
    -------
    tuple of LeftBehind
    """
    given, missed = instance_of(problem), missed_alone(problem)
    found = []
    for request in plan.left_behind:
        mine = [_only_missed(missed, request, vehicle) for vehicle in range(len(problem.vehicles))]
        if all(mine):
            found.append(LeftBehind(request, _irreducible(mine), min(mine, key=_severity), (), ()))
        else:
            found.append(_explain(_Reach(problem, given, plan.stops(), request)))
    return tuple(found)


def _explain(reach: _Reach) -> LeftBehind:
    instead = reach.instead()
    reliefs = [reach.least_time(_later), reach.least_time(_overtime), reach.another_vehicle(), *instead[:1]]
    in_the_way = tuple(sorted(each.amount for each in instead))
    return LeftBehind(reach.request, (), {}, in_the_way, tuple(each for each in reliefs if each is not None))


def _only_missed(missed: dict[str, Integers], request: int, vehicle: int) -> dict[str, int]:
    return {limit: int(by[request, vehicle]) for limit, by in missed.items() if by[request, vehicle] > 0}


def _severity(missed: dict[str, int]) -> tuple[int, int, int]:
    seconds = sum(amount for limit, amount in missed.items() if limit not in {"seats", "vehicle kind"})
    return missed.get("vehicle kind", 0), missed.get("seats", 0), seconds


def _irreducible(missed: list[dict[str, int]]) -> tuple[str, ...]:
    """Return limits of which every vehicle misses one, and none of which can be left out."""
    kept = list(LIMITS)
    for limit in LIMITS[::-1]:
        fewer = [each for each in kept if each != limit]
        if all(any(each in one for each in fewer) for one in missed):
            kept = fewer
    return tuple(kept)


def _later(given: Instance, request: int, seconds: int) -> Instance:
    late = given.late.copy()
    late[2 * request : 2 * request + 2] += seconds
    return given._replace(late=late)


def _overtime(given: Instance, _request: int, seconds: int) -> Instance:
    return given._replace(closes=given.closes + seconds)


@dataclass(frozen=True)
class _Reach:
    """Where one request would find a place in the rounds as planned, once something gives way."""

    problem: TransferProblem
    given: Instance
    rounds: list[Stops]
    request: int

    def places(self, given: Instance, rounds: list[Stops]) -> list[tuple[int, int]]:
        """Return (metres, vehicle) of every vehicle that could take the request."""
        found = insertions(self.problem, rounds, self.request, given)
        return [(metres, vehicle) for vehicle, metres in enumerate(found) if metres is not None]

    def least_time(self, ease: Callable[[Instance, int, int], Instance]) -> Relief | None:
        """Return the fewest minutes of a relief with which the request finds a place, by halving."""
        low, high = 0, _LONGEST_S // _STEP_S
        best = self.places(ease(self.given, self.request, _LONGEST_S), self.rounds)
        if not best:
            return None
        while high - low > 1:
            middle = (low + high) // 2
            found = self.places(ease(self.given, self.request, middle * _STEP_S), self.rounds)
            if found:
                high, best = middle, found
            else:
                low = middle
        metres, vehicle = min(best)
        return Relief(ease.__name__.strip("_"), high * _STEP_S, vehicle, metres)

    def another_vehicle(self) -> Relief | None:
        """Return what one more vehicle, like the one of the fleet that suits best, would drive."""
        found = self.places(self.given, [[] for _ in self.rounds])
        if not found:
            return None
        metres, vehicle = min(found)
        return Relief("vehicle", 1, vehicle, metres)

    def instead(self) -> list[Relief]:
        """Return the requests whose place this one could take, the lightest and cheapest first."""
        reliefs = []
        for vehicle, stops in enumerate(self.rounds):
            if not self.problem.fits[self.request, vehicle]:
                continue
            for other in sorted({each for each, picks_up in stops if picks_up}):
                fewer = [stop for stop in stops if stop[0] != other]
                rounds = [*self.rounds[:vehicle], fewer, *self.rounds[vehicle + 1 :]]
                added = {each: metres for metres, each in self.places(self.given, rounds)}
                if vehicle in added:
                    reliefs.append(Relief("instead", other, vehicle, added[vehicle]))
        weight = self.problem.requests.weight
        return sorted(reliefs, key=lambda each: (int(weight[each.amount]), each.added_m, each.amount))
