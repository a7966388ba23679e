"""A good plan of a round in seconds: moves between neighbouring plans, hot at first and cooling.

Kirkpatrick S, Gelatt CD, Vecchi MP. Optimization by simulated annealing. Science 1983.
DOI 10.1126/science.220.4598.671.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.testing_round.moves import Ground, State, place_all, search
from fangxian.logistics.testing_round.plan import (
    RoundPlan,
    arrival_hours,
    late_share,
    most_over_expected,
    whole_plan,
)
from fangxian.logistics.testing_round.problem import TestingRoundProblem
from fangxian.logistics.testing_round.schemes import SchemeChoice

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_BATCH = 20_000
_MOVES_PER_AREA = 4000
_HOTTEST, _COLDEST = 0.4, 0.002
"""Heat as a share of what an area costs."""
_TUBE_CHARGE, _STAFF_CHARGE = 200.0, 3000.0


def search_round(
    problem: TestingRoundProblem, choice: SchemeChoice, *, seconds: float, seed: int = 1
) -> RoundPlan | None:
    """Search for a plan that keeps all limits.

    Parameters
    ----------
    problem : TestingRoundProblem
    choice : SchemeChoice
    seconds : float
        The search stops after that time, or when it has cooled.
    seed : int
        The same seed and enough time find the same plan.

    Returns
    -------
    RoundPlan or None
        None when no plan was met that keeps all limits.
    """
    until = time.monotonic() + seconds
    ground, walks = _ground(problem, choice)
    state = _nowhere(problem, choice, ground)
    start = float(ground.charge[2] * ground.people.sum())
    cost = start + place_all(ground, state)
    areas = int(np.count_nonzero(np.diff(ground.first_walk)))
    each = max(1.0, (cost - float(state.totals[1])) / max(1, areas))
    kept = state.walk.copy(), state.scheme.copy(), state.lab.copy()
    fits = state.totals[1] < 1e-6
    run = np.array([cost, cost if fits else np.inf, 0.0, 0.0])
    numbers = np.random.default_rng(seed)
    batches = max(1, _MOVES_PER_AREA * areas // _BATCH)
    cooling = (_COLDEST / _HOTTEST) ** (1 / batches)
    began = time.monotonic()
    turn = 0.0
    while turn < batches and time.monotonic() < until:
        heat = each * _HOTTEST * cooling**turn
        run[2:] = heat, heat * cooling
        search(ground, state, kept, numbers.random((_BATCH, 4)), run)
        spent = time.monotonic() - began
        # Where time is short the cooling is faster, so that it is cold at the end.
        turn += max(1.0, spent / seconds * batches - turn)
    if not np.isfinite(run[1]):
        return None
    return _as_plan(problem, choice, walks, kept)


def _ground(problem: TestingRoundProblem, choice: SchemeChoice) -> tuple[Ground, Integers]:
    """Return what the moves need, and the numbers of the walks in it."""
    rules, areas, sites = problem.rules, len(problem.area_code), len(problem.site_code)
    near = problem.walk_minutes <= rules.walk_limit_minutes
    walks = np.flatnonzero(near & (problem.people[problem.walk_area] > 0))
    walks = walks[np.argsort(problem.walk_area[walks], kind="stable")]
    area, site = problem.walk_area[walks], problem.walk_site[walks]
    guest = np.argsort(site, kind="stable")
    hour = rules.sampling_hours * rules.staff_hour_cost
    late, room = _hours(problem)
    worse = most_over_expected(choice)
    tests = np.stack([choice.tubes, choice.retests * worse, choice.tubes + choice.retests], axis=2)
    _, end = arrival_hours(problem)
    ground = Ground(
        np.searchsorted(area, np.arange(areas + 1)),
        site,
        np.searchsorted(site[guest], np.arange(sites + 1)),
        guest,
        area,
        problem.people,
        tests,
        choice.material,
        choice.allowed,
        problem.site_cost + rules.site_staff * hour,
        float(rules.lane_staff * hour),
        float(int(rules.lane_people)),
        problem.most_lanes,
        2 * problem.drive_hours * rules.trips * rules.courier_hour_cost,
        end <= rules.first_deadline_hours + 1e-9,
        problem.test_cost.copy(),  # tables are read as read-only, and for those numba would compile again
        late,
        room,
        problem.tubes_per_hour * rules.retest_hours,
        rules.site_staff,
        rules.lane_staff,
        rules.staff,
        np.array([_TUBE_CHARGE, _STAFF_CHARGE, 10 * _dearest_person(problem, choice)]),
    )
    return ground, walks


def _hours(problem: TestingRoundProblem) -> tuple[Floats, Floats]:
    """Return late[S, L, H] and room[L, H]: every hour at which something begins or ceases to arrive."""
    rules = problem.rules
    begin, end = arrival_hours(problem)
    timely = end <= rules.first_deadline_hours + 1e-9
    hours = [np.unique(np.concatenate([begin[ok, k], end[ok, k]])) for k, ok in enumerate(timely.T)]
    most = max(1, max(each.shape[0] for each in hours))
    late = np.zeros((*begin.shape, most))
    room = np.full((begin.shape[1], most), np.inf)
    for lab, mine in enumerate(hours):
        for k, hour in enumerate(mine.tolist()):
            late[:, lab, k] = late_share(begin[:, lab], hour, rules.sampling_hours)
            room[lab, k] = problem.tubes_per_hour[lab] * (rules.first_deadline_hours - hour)
    return late, room


def _dearest_person(problem: TestingRoundProblem, choice: SchemeChoice) -> float:
    """Return more than swabbing and testing one person can cost beside lanes and sites."""
    tests = (choice.tubes + choice.retests).max(axis=1) * problem.test_cost.max() + choice.material.max(
        axis=1
    )
    hour = problem.rules.sampling_hours * problem.rules.staff_hour_cost
    site = problem.rules.site_staff * hour + problem.site_cost.max() + problem.rules.lane_staff * hour
    return float((tests / np.maximum(1, problem.people)).max() + site / max(1, int(problem.people.min())))


def _nowhere(problem: TestingRoundProblem, choice: SchemeChoice, ground: Ground) -> State:
    """Return the plan in which nobody goes anywhere: each scheme and laboratory the cheapest by itself."""
    areas, sites, labs = len(problem.area_code), len(problem.site_code), len(problem.lab_code)
    yuan = ground.tests[:, :, 2] * problem.test_cost.mean() + choice.material
    usual = problem.people.sum() / 10 / max(1, sites)
    lab = np.where(ground.timely, ground.trips + usual * problem.test_cost[None, :], np.inf).argmin(axis=1)
    totals = np.array([0.0, float(ground.charge[2] * ground.people.sum())])
    nobody = np.zeros(sites, np.int64)
    return State(
        np.full(areas, -1, np.int64),
        np.where(choice.allowed, yuan, np.inf).argmin(axis=1),
        lab,
        nobody,
        nobody.copy(),
        np.zeros((sites, 2)),
        np.zeros((labs, ground.room.shape[1])),
        np.zeros(labs),
        totals,
    )


def _as_plan(
    problem: TestingRoundProblem,
    choice: SchemeChoice,
    walks: Integers,
    kept: tuple[Integers, Integers, Integers],
) -> RoundPlan:
    walk, scheme, lab = kept
    share = np.zeros((problem.walk_area.shape[0], choice.sizes.shape[0]))
    going = np.flatnonzero(walk >= 0)
    share[walks[walk[going]], scheme[going]] = 1.0
    return whole_plan(problem, share, lab)
