"""Why a round cannot be: which limits collide, and a way out.

In a county the plain programme says it, with limits dropped one by one (deletion filter). A city is too large
for that: there prices prove it. If testing everybody uses more than there is, counted at any prices of the
limits, then no plan keeps them; the way out is what the nearest plan that was met lacks.

Chinneck JW. Feasibility and infeasibility in optimization. Springer 2008. DOI 10.1007/978-0-387-74932-7.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled
from fangxian.logistics.programme import SolverStop
from fangxian.logistics.testing_round.columns import Limits, free, limits_of, load_of
from fangxian.logistics.testing_round.ground import Assignment, Ground
from fangxian.logistics.testing_round.model import LIMITS, build_model
from fangxian.logistics.testing_round.problem import TestingRoundProblem
from fangxian.logistics.testing_round.schemes import SchemeChoice

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_WAY_OUT = SolverStop(5.0, 0.02)
_TURNS = 100
_NOBODY = np.zeros(0, np.int64)


@dataclass(frozen=True)
class RelaxationPrices:
    """What it costs to push a limit, to find the cheapest way out of a collision.

    Parameters
    ----------
    person_later_yuan : float
        For a person who is left to a later round.
    lane_more_yuan : float
        For one more lane at a site than it has room for.
    staff_more_yuan : float
        For one more member of staff from outside.
    tube_more_yuan, retest_more_yuan : float
        For one more tube an hour, of the first round and of single tests, for example in a mobile laboratory.
    """

    person_later_yuan: float = 40.0
    lane_more_yuan: float = 2000.0
    staff_more_yuan: float = 1500.0
    tube_more_yuan: float = 500.0
    retest_more_yuan: float = 500.0

    def __post_init__(self) -> None:
        """Refuse limits that cost nothing to break: then nothing would be said of them."""
        if not min(self.by_limit().values()) > 0:
            raise ValueError(f"prices of limits must be above 0 (got {self.by_limit()}); correct them")

    def by_limit(self) -> dict[str, float]:
        """Return the prices by limit."""
        values = (
            self.person_later_yuan,
            self.lane_more_yuan,
            self.staff_more_yuan,
            self.tube_more_yuan,
            self.retest_more_yuan,
        )
        return {name: float(value) for name, value in zip(LIMITS, values, strict=True)}


@dataclass(frozen=True)
class Collision:
    """Why there is no plan, and the cheapest way out.

    Parameters
    ----------
    limits : tuple of str
        Limits that cannot hold together, none of which can be left out of the list; empty where they collide
        only because lanes come whole and an area goes whole to one site.
    relaxation : dict of float[.]
        How much of each limit is bought in the cheapest way out: share of each area left to a later round,
        lanes of each site, staff, tubes an hour of each laboratory.
    price : float
        Yuan that this costs; 0 where splitting the areas below is enough.
    uncovered : int64[.]
        Areas that cannot go whole to any site, where only that stands in the way.
    also : tuple of tuple of str
        Further sets of limits that collide although one of each set before is lifted.
    exact : bool
        Whether none of the limits can be left out and no way out is cheaper; else the limits are proven to
        collide, and the way out is the best that was found.
    """

    limits: tuple[str, ...]
    relaxation: dict[str, Floats]
    price: float
    uncovered: NDArray[np.int64]
    also: tuple[tuple[str, ...], ...] = ()
    exact: bool = True


def without_way(
    ground: Ground, late: Integers, large: Integers, prices: RelaxationPrices
) -> Collision | None:
    """Return why some areas have nowhere to go: no laboratory in time, else no site that takes them whole.

    Parameters
    ----------
    ground : Ground
    late, large : int64[.]
        Those areas.
    prices : RelaxationPrices

    Returns
    -------
    Collision or None
        None where every area has somewhere to go.
    """
    if late.size:
        later = np.isin(np.arange(ground.people.shape[0]), late).astype(np.float64)
        price = prices.person_later_yuan * float(later @ ground.people)
        return Collision(("everybody",), {"everybody": later}, price, _NOBODY)
    return Collision((), {}, 0.0, large) if large.size else None


def collision_of(
    problem: TestingRoundProblem, choice: SchemeChoice, prices: RelaxationPrices, until: float
) -> Collision:
    """Keep only the limits that collide (deletion filter), and find the cheapest way out.

    Parameters
    ----------
    problem : TestingRoundProblem
    choice : SchemeChoice
    prices : RelaxationPrices
    until : float
        When to stop, by the monotonic clock: what is not proven by then is not said.

    Returns
    -------
    Collision
        Without limits where the plain programme, in which areas may be split, has a solution.
    """
    charged = prices.by_limit()

    def collides(bought: list[str]) -> bool:
        left = until - time.monotonic()
        if left <= 0:
            return False
        model = build_model(problem, choice, prices=charged, bought=bought)
        return model.programme.solve(SolverStop(left), relaxed=True).status == "infeasible"

    sets: list[tuple[str, ...]] = []
    lifted: list[str] = []
    while collides(lifted):
        bought = list(lifted)
        for name in LIMITS:
            if name not in bought and collides([*bought, name]):
                bought.append(name)
        sets.append(tuple(name for name in LIMITS if name not in bought))
        # With the means of this set lifted, is everybody still too many for other means?
        lifted += [name for name in sets[-1] if name != "everybody"] or list(sets[-1])
    late = time.monotonic() > until
    seconds = min(_WAY_OUT.time_limit_s, max(0.1, until - time.monotonic()))
    model = build_model(problem, choice, prices=charged, bought=LIMITS)
    way_out = model.programme.solve(SolverStop(seconds, _WAY_OUT.relative_gap))
    if not way_out.has_plan:
        return Collision(sets[0] if sets else (), {}, 0.0, _NOBODY, tuple(sets[1:]), exact=False)
    relaxation = {
        name: np.where(way_out.values[columns] > 1e-6, way_out.values[columns], 0.0)
        for name, columns in model.slack.items()
    }
    exact = not late and way_out.status == "optimal"
    return Collision(sets[0] if sets else (), relaxation, way_out.objective, _NOBODY, tuple(sets[1:]), exact)


def proven_collision(
    problem: TestingRoundProblem, ground: Ground, nearest: Assignment, prices: RelaxationPrices, until: float
) -> Collision:
    """Prove by prices which limits collide, and say what the nearest plan lacks.

    Parameters
    ----------
    problem : TestingRoundProblem
    ground : Ground
    nearest : Assignment
        A plan that breaks little.
    prices : RelaxationPrices
    until : float
        When to stop, by the monotonic clock.

    Returns
    -------
    Collision
        Without limits where nothing is proven.
    """
    sets = []
    people = float(ground.people.sum())
    if least_staff(ground) > ground.staff:
        bare = people * ground.lane_staff / ground.lane_people > ground.staff
        sets.append(("everybody", "staff") if bare else ("everybody", "lanes", "staff"))
    for names in (("laboratories",), ("retests",), ("laboratories", "retests")):
        known = any(set(each) <= {"everybody", *names} for each in sets)
        if not known and overload(ground, names, until) > 0:
            sets.append(("everybody", *names))
    relaxation = _lacks(problem, ground, nearest)
    charged = prices.by_limit()
    weight = {"everybody": problem.people}
    price = sum(
        float((amount * weight.get(name, 1)).sum()) * charged[name] for name, amount in relaxation.items()
    )
    return Collision(sets[0] if sets else (), relaxation, price, _NOBODY, tuple(sets[1:]), exact=False)


def _lacks(problem: TestingRoundProblem, ground: Ground, plan: Assignment) -> dict[str, Floats]:
    """Return how much of each limit a plan would have to buy."""
    load, room = load_of(ground, plan), limits_of(ground)
    left = np.maximum(ground.hours_left, 1e-9)
    first = np.maximum(0.0, load.first - room.first) / left
    again = np.maximum(0.0, load.again - room.again) / max(problem.rules.retest_hours, 1e-9)
    return {
        "everybody": ((plan.walk < 0) & (ground.people > 0)).astype(np.float64),
        "lanes": np.zeros(ground.opening.shape[0]),
        "staff": np.array([max(0.0, load.staff - room.staff)]),
        "laboratories": first.max(axis=1),
        "retests": again,
    }


def least_staff(ground: Ground) -> float:
    """Return staff that no plan can do without: every lane full, every site full."""
    each = ground.lane_staff + ground.site_staff / np.maximum(1, ground.most_lanes)
    least = np.full(ground.people.shape[0], np.inf)
    np.minimum.at(least, ground.walk_area, each[ground.walk_site])
    going = np.isfinite(least)
    return float(least[going] @ ground.people[going] / ground.lane_people)


def overload(ground: Ground, names: tuple[str, ...], until: float) -> float:
    """Return by how much testing everybody exceeds what laboratories can do, at the worst prices found.

    Parameters
    ----------
    ground : Ground
    names : tuple of str
        The limits that have prices: ``laboratories``, ``retests`` or both.
    until : float
        When to stop, by the monotonic clock.

    Returns
    -------
    float
        Above 0 these limits and everybody cannot hold together; otherwise nothing is proven.
    """
    room, none = limits_of(ground), free(ground)
    early = np.where(np.arange(room.first.shape[1]) == 0, 1.0, 0.0) + none.first
    price = Limits(
        0.0,
        early if "laboratories" in names else none.first,
        none.again + 1.0 if "retests" in names else none.again,
    )
    soonest = _soonest(ground)
    best = -np.inf
    for turn in range(_TURNS):
        if best > 0 or time.monotonic() > until:
            break
        used, first, again = least_use(ground, soonest, ground.late @ price.first.T, price.again)
        best = max(best, used - float(price.flat() @ room.flat()))
        push = [
            (need - have) / np.maximum(have, 1.0) * (name in names)
            for need, have, name in ((first, room.first, "laboratories"), (again, room.again, "retests"))
        ]
        size = np.sqrt(sum(float((each**2).sum()) for each in push))
        step = np.sqrt(float((price.flat() ** 2).sum())) / (max(size, 1e-12) * (4 + turn))
        price = Limits(
            0.0, np.maximum(0.0, price.first + step * push[0]), np.maximum(0.0, price.again + step * push[1])
        )
    return best


def _soonest(ground: Ground) -> Integers:
    """Return the earliest arrival at each laboratory from any site of an area: int64[A, L], -1 for none."""
    kinds = ground.late.shape[0]
    soonest = np.full((ground.people.shape[0], ground.room.shape[0]), kinds)
    arrival = np.where(ground.timely, ground.arrival, kinds)
    np.minimum.at(soonest, ground.walk_area, arrival[ground.walk_site])
    return np.where(soonest < kinds, soonest, -1)


@compiled()
def least_use(ground: Ground, soonest: Integers, tube: Floats, again: Floats) -> tuple[float, Floats, Floats]:
    """Return what it uses at least to test everybody, at prices of tubes and single tests, and of what."""
    first_used, again_used = np.zeros(ground.room.shape), np.zeros(ground.room_again.shape)
    total = 0.0
    for area in range(ground.people.shape[0]):
        least, best_lab, best = np.inf, -1, 0
        for lab in range(soonest.shape[1]):
            kind = soonest[area, lab]
            if kind < 0:
                continue
            for scheme in range(ground.allowed.shape[1]):
                tests = ground.tests[area, scheme]
                cost = tests[0] * tube[kind, lab] + tests[1] * again[lab]
                if ground.allowed[area, scheme] and cost < least:
                    least, best_lab, best = cost, lab, scheme
        if best_lab >= 0:
            total += least
            again_used[best_lab] += ground.tests[area, best, 1]
            late = ground.late[soonest[area, best_lab]]
            for hour in range(late.shape[0]):
                first_used[best_lab, hour] += ground.tests[area, best, 0] * late[hour]
    return total, first_used, again_used
