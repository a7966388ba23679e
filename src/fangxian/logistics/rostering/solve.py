"""A roster and a bound that no roster can be below.

The search: everybody in turn takes the best period given what the others do, which is exact for one person
and all rules (a dynamic programme); then some leave and come back in another order, and what is not worse is
kept (large neighbourhood search; Shaw 1998, DOI 10.1007/3-540-49481-2_30).

The bound: needs are priced and everybody takes the best period at those prices; whatever the prices, the sum
is a bound (Lagrangian relaxation; Fisher 1981, DOI 10.1287/mnsc.27.1.1). The first prices are those of a
linear programme that every roster satisfies. Cover alone has prices of its own, and each level below it a
bound among the rosters that are no worse above: the gap of fairness says how much fairer a roster with this
cover could be.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.programme import SolverStop, relative_gap
from fangxian.logistics.rostering.kernel import Arena, all_best, respond, try_leavers
from fangxian.logistics.rostering.problem import RosterProblem
from fangxian.logistics.rostering.relaxation import FirstPrices, first_prices, level_bound
from fangxian.logistics.rostering.rest import rest_table

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_BATCH = 50
"""Tries between two looks at the clock."""
_CAPS = (8.0, 24.0, 80.0)
"""Caps of what a missing member of staff is worth, in points of unfairness: worth a few points too many."""
_FOR_LEVELS = 0.12
"""Part of the time kept for the bounds of the levels."""
_FIRST_STEP, _MOST_FAILURES = 0.02, 25
"""Of the prices: the first step as a share of the bound, and steps in vain before they rest."""


@dataclass(frozen=True)
class RosterStop(SolverStop):
    """When search and bound together stop.

    Parameters
    ----------
    time_limit_s : float
        Seconds.
    relative_gap : float
        Near enough.
    """

    time_limit_s: float = 50.0
    relative_gap: float = 0.005


@dataclass(frozen=True)
class RosterSearch:
    """How the search and the bound move; no choice makes the bound wrong.

    Parameters
    ----------
    leave : int
        Staff who leave and come back in a try of the search.
    heat : float
        How much worse a try may be at first and still be kept, in missing staff; it cools to nothing.
    share_for_bound : float
        Part of the time given to the bound, in (0, 1).
    """

    leave: int = 4
    heat: float = 0.05
    share_for_bound: float = 0.3

    def __post_init__(self) -> None:
        """Refuse a search without a step."""
        if self.leave < 1 or not 0 < self.share_for_bound < 1:
            raise ValueError(
                f"leave must be at least 1 and share_for_bound in (0, 1) (got {self.leave}, "
                f"{self.share_for_bound})"
            )


@dataclass(frozen=True)
class RosterCost:
    """What a roster counts, by kind.

    Parameters
    ----------
    uncovered, reserve, fairness, changes, lending : float
        Weighted; they add up to the total.
    """

    uncovered: float
    reserve: float
    fairness: float
    changes: float
    lending: float

    @property
    def total(self) -> float:
        """Sum of the kinds."""
        return self.uncovered + self.reserve + self.fairness + self.changes + self.lending


@dataclass(frozen=True)
class Level:
    """One of the things a roster is judged by, in the order of their importance.

    Parameters
    ----------
    name : str
        ``uncovered``, ``reserve``, ``fairness``, ``changes`` or ``lending``.
    value : float
        What the roster counts there.
    bound : float
        What no roster can be below that is no worse in the levels above; for ``changes`` what leave and
        illness make unavoidable.
    """

    name: str
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """Relative distance of value and bound; 0 where no better is possible."""
        return relative_gap(self.value, self.bound)


@dataclass(frozen=True)
class RosterResult:
    """A roster with its bounds.

    Parameters
    ----------
    step : int64[P, D]
        0 for a day off, 1 + shift.
    duty : int64[P, D]
        The need each works for; -1 on a day off.
    missing : int64[R]
        Staff whom each need lacks.
    cost : RosterCost
        What the roster counts.
    bound : float
        What no roster can be below.
    uncovered_bound : float
        What the uncovered needs of no roster can be below, in the same unit as ``cost.uncovered``.
    price : float[R]
        What one more member of staff at a need would save, by the bound.
    tries : int
        Tries of the search.
    levels : tuple of Level
        Cover first, then reserve, fairness, changes and lending, each with its own bound.
    """

    step: Integers
    duty: Integers
    missing: Integers
    cost: RosterCost
    bound: float
    uncovered_bound: float
    price: Floats
    tries: int
    levels: tuple[Level, ...]

    @property
    def gap(self) -> float:
        """Relative distance of roster and bound."""
        return relative_gap(self.cost.total, self.bound)

    def covered_share(self, problem: RosterProblem) -> tuple[float, float]:
        """Return the share of weighted need that is covered, and the share that no roster can exceed."""
        wanted = float(problem.need @ problem.weight) * problem.rules.unit_weight
        if wanted == 0:
            return 1.0, 1.0
        return 1 - self.cost.uncovered / wanted, 1 - self.uncovered_bound / wanted


def make_arena(problem: RosterProblem) -> Arena:
    """Return what the kernels need of a problem."""
    skills = len(problem.skill_code)
    slots = len(problem.place_code) * skills
    kinds, kind = np.unique(
        np.concatenate([problem.home[:, None], problem.skills], axis=1), axis=0, return_inverse=True
    )
    first, slot, away = [0], [], []
    for row in kinds:
        home, able = int(row[0]), np.flatnonzero(row[1:])
        for place in np.flatnonzero(problem.helps[home]):
            slot += [int(place) * skills + int(skill) for skill in able]
            away += [bool(place != home)] * able.shape[0]
        first.append(len(slot))
    duty = np.full((len(problem.day_code), len(problem.shift_code), slots), -1, np.int64)
    duty[problem.need_day, problem.need_shift, problem.need_place * skills + problem.need_skill] = np.arange(
        problem.need.shape[0]
    )
    rest, rules = rest_table(problem), problem.rules
    unit = rules.unit_weight * problem.weight
    return Arena(
        rest.following,
        rest.start,
        np.concatenate([[0], problem.load]).astype(np.int64),
        problem.most_load,
        problem.fair_load,
        rules.fairness_weight,
        rules.change_weight,
        rules.lend_weight,
        problem.available,
        problem.published,
        problem.home,
        kind.ravel().astype(np.int64),
        np.array(first, np.int64),
        np.array(slot, np.int64),
        np.array(away, np.bool_),
        duty,
        problem.need,
        problem.reserve(),
        unit,
        unit * rules.reserve_weight,
    )


def cost_of(problem: RosterProblem, arena: Arena, step: Integers, duty: Integers) -> RosterCost:
    """Return what a roster counts.

    Parameters
    ----------
    problem : RosterProblem
        What is needed.
    arena : Arena
        The same for the kernels.
    step, duty : int64[P, D]
        The roster.

    Returns
    -------
    RosterCost
    """
    cover = np.bincount(duty[duty >= 0], minlength=problem.need.shape[0])
    missing = np.maximum(0, arena.need - cover)
    lacking = np.maximum(0, arena.need + arena.reserve - cover) - missing
    beside = arena.load[step].sum(axis=1) - problem.fair_load
    changed = (problem.published >= 0) & (problem.published != step)
    at_work = duty >= 0
    away = at_work & (problem.need_place[np.where(at_work, duty, 0)] != problem.home[:, None])
    rules = problem.rules
    return RosterCost(
        float(missing @ arena.unit),
        float(lacking @ arena.reserve_unit),
        float(rules.fairness_weight * (beside**2).sum()),
        float(rules.change_weight * changed.sum()),
        float(rules.lend_weight * away.sum()),
    )


def solve_roster(
    problem: RosterProblem,
    *,
    seed: int = 1,
    stop: RosterStop | None = None,
    search: RosterSearch | None = None,
) -> RosterResult:
    """Make a roster.

    Parameters
    ----------
    problem : RosterProblem
        What is needed.
    seed : int
        The same seed and enough time give the same roster.
    stop : RosterStop, optional
        When to stop.
    search : RosterSearch, optional
        How to move.

    Returns
    -------
    RosterResult
    """
    limit, chosen = stop or RosterStop(), search or RosterSearch()
    began = time.monotonic()
    arena = make_arena(problem)
    numbers = np.random.default_rng(seed)
    team = _Team(problem, arena)
    for cap in (*(each * problem.rules.fairness_weight for each in _CAPS[:2]), np.inf, np.inf):
        everybody = numbers.permutation(len(problem.staff_code))
        respond(arena, (team.duty, team.step, team.cover), everybody, cap)
    bound, cover = _Bound(arena), _Bound(_cover_alone(arena))
    seconds = chosen.share_for_bound * limit.time_limit_s
    cover.improve(first_prices(problem, arena, seconds / 2, levels=("uncovered",)), began + seconds / 2)
    bound.improve(first_prices(problem, arena, seconds / 2), began + seconds)
    until = began + (1 - _FOR_LEVELS) * limit.time_limit_s
    tries = _search(team, bound.value, numbers, (limit, chosen, until))
    missing = np.maximum(0, arena.need - team.cover)
    cost, least = team.cost(), max(0.0, cover.value)
    levels = _levels(problem, arena, (cost, least), began + limit.time_limit_s)
    return RosterResult(team.step, team.duty, missing, cost, bound.value, least, bound.price, tries, levels)


def _cover_alone(arena: Arena) -> Arena:
    """Return the arena in which only uncovered needs count."""
    nothing = np.zeros_like(arena.reserve)
    return arena._replace(fairness_weight=0.0, change_weight=0.0, lend_weight=0.0, reserve=nothing)


def _levels(
    problem: RosterProblem, arena: Arena, cover: tuple[RosterCost, float], until: float
) -> tuple[Level, ...]:
    """Return each level with its bound among rosters that are no worse above; zeros need none."""
    cost, least = cover
    above = {"uncovered": cost.uncovered}
    found = [Level("uncovered", cost.uncovered, least)]
    for name in ("reserve", "fairness", "changes", "lending"):
        value, bound = float(getattr(cost, name)), 0.0
        if name == "changes":
            bound = arena.change_weight * float(((problem.published > 0) & ~problem.available).sum())
        elif value > 0 and (left := until - time.monotonic()) > 0:
            bound = level_bound(problem, arena, name, above, left)
        found.append(Level(name, value, min(bound, value)))
        if name != "changes":
            above[name] = value
    return tuple(found)


class _Team:
    """The roster as it stands."""

    def __init__(self, problem: RosterProblem, arena: Arena) -> None:
        shape = problem.available.shape
        self.problem, self.arena = problem, arena
        self.step = np.zeros(shape, np.int64)
        self.duty = np.full(shape, -1, np.int64)
        self.cover = np.zeros(problem.need.shape[0], np.int64)

    def cost(self) -> RosterCost:
        return cost_of(self.problem, self.arena, self.step, self.duty)


def _search(
    team: _Team, bound: float, numbers: np.random.Generator, limits: tuple[RosterStop, RosterSearch, float]
) -> int:
    """Improve the roster in place until the gap or the time is reached; return the tries made."""
    stop, search, until = limits
    began, arena, place = time.monotonic(), team.arena, team.problem.need_place
    total = best = team.cost().total
    kept = team.step.copy(), team.duty.copy(), team.cover.copy()
    tries = 0
    while (left := until - time.monotonic()) > 0 and relative_gap(best, bound) > stop.relative_gap:
        leavers = np.stack([_leavers(team, numbers, search.leave) for _ in range(_BATCH)])
        heat = search.heat * team.problem.rules.unit_weight * left / max(until - began, 1e-9)
        allowed = np.maximum(1e-9, -heat * np.log(numbers.random(_BATCH)))
        cap = np.append(np.array(_CAPS) * max(team.problem.rules.fairness_weight, 1e-9), np.inf)
        luck = allowed, cap[numbers.integers(0, cap.shape[0], _BATCH)]
        total += try_leavers(arena, (team.duty, team.step, team.cover), leavers, place, luck)
        tries += _BATCH
        if total < best - 1e-9:
            best = total
            kept = team.step.copy(), team.duty.copy(), team.cover.copy()
    team.step, team.duty, team.cover = kept
    return tries


def _leavers(team: _Team, numbers: np.random.Generator, count: int) -> Integers:
    """Return who leaves: colleagues who could fill the same needs as one person, or anybody."""
    people = len(team.problem.staff_code)
    if numbers.random() < 0.3:
        return _padded(numbers.permutation(people)[:count], count)
    one = int(numbers.integers(people))
    near = team.problem.helps[team.problem.home[one], team.problem.home]
    near = near | team.problem.helps[team.problem.home, team.problem.home[one]]
    near = near & (team.problem.skills & team.problem.skills[one]).any(axis=1)
    return _padded(numbers.permutation(np.flatnonzero(near))[:count], count)


def _padded(who: Integers, count: int) -> Integers:
    return np.concatenate([who, np.full(count - who.shape[0], -1, np.int64)])


class _Bound:
    """Prices of needs and the bound that they prove."""

    def __init__(self, arena: Arena) -> None:
        self.arena = arena
        self.price = np.zeros(arena.need.shape[0])
        self.value = -np.inf

    def at(self, price: Floats, arena: Arena) -> tuple[float, Integers, Floats]:
        """Return the bound at prices, who goes where then, and how far supply is from demand."""
        people = arena.available.shape[0]
        demand, own = np.zeros(price.shape[0], np.int64), np.zeros(people)
        all_best(arena, price, demand, own)
        # Each need chooses how much of it to cover: 0, its need, or need and reserve.
        full = arena.need + arena.reserve
        options = np.stack(
            [
                arena.need * arena.unit + arena.reserve * arena.reserve_unit,
                arena.reserve * arena.reserve_unit + price * arena.need,
                price * full,
            ]
        )
        choice = options.argmin(axis=0)
        wanted = np.where(choice == 0, 0, np.where(choice == 1, arena.need, full))
        return float(options.min(axis=0).sum() - own.sum()), demand, (wanted - demand).astype(np.float64)

    def improve(self, first: FirstPrices, until: float) -> None:
        """Begin with the prices of the linear programme and move them while that pays and time is left."""
        self.value, self.price = first.bound, first.price
        value, _, slope = self.at(first.price, self.arena)
        self.value = max(self.value, value)
        step, failures = _FIRST_STEP, 0
        mean = slope
        while time.monotonic() < until and failures < _MOST_FAILURES and (length := float(mean @ mean)) > 0:
            trial = self.price + step * max(abs(self.value), 1.0) / length * mean
            trial = np.clip(trial, 0.0, self.arena.unit)
            found, _, slope = self.at(trial, self.arena)
            better = found > self.value
            if better:
                self.value, self.price = found, trial
            failures = 0 if better else failures + 1
            step *= 1.2 if better else 0.75
            mean = 0.8 * mean + 0.2 * slope
