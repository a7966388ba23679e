"""What the planners of a round need of a problem, as arrays: prices, hours and room.

Walks out of reach and areas without people are left out, walks stand by area, and hours are those at which
somewhere tubes begin or cease to arrive: at each of them what is still to come must fit into what is left.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
Flags = NDArray[np.bool_]


class Arrivals(NamedTuple):
    """When tubes come, and what each laboratory has time for.

    Attributes
    ----------
    timely : bool[S, L]
        Whether the last tubes of a site are in time at a laboratory.
    kind : int64[S, L]
        The row of ``late`` for what a site sends to a laboratory; 0 where it is not timely.
    late : float[C, H]
        Share of the tubes that arrive after each hour.
    hours_left : float[H]
        From each hour to the last at which a tube of the first round may be put into a machine.
    room : float[L, H]
        Tubes of the first round that a laboratory has time for after each hour.
    room_again : float[L]
        Single tests that it has time for.
    """

    timely: Flags
    kind: Integers
    late: Floats
    hours_left: Floats
    room: Floats
    room_again: Floats


class Fees(NamedTuple):
    """What sites, lanes and couriers cost.

    Attributes
    ----------
    opening : float[S]
        Yuan for an open site with its staff.
    lane : float
        Yuan for the staff of a lane.
    trips : float[S, L]
        Yuan for the couriers of a site.
    """

    opening: Floats
    lane: float
    trips: Floats


def arrivals(problem: TestingRoundProblem) -> Arrivals:
    """Return when tubes come, and what each laboratory has time for."""
    rules = problem.rules
    begin, end = arrival_hours(problem)
    timely = end <= rules.first_deadline_hours + 1e-9
    first = np.append(np.unique(begin[timely]), [] if timely.any() else [rules.courier_interval_hours])
    hours = np.unique(np.concatenate([first, first + rules.sampling_hours]))
    left = rules.first_deadline_hours - hours
    return Arrivals(
        timely,
        np.where(timely, np.minimum(np.searchsorted(first, begin), first.shape[0] - 1), 0),
        np.stack([late_share(first, float(hour), rules.sampling_hours) for hour in hours], axis=1),
        left,
        problem.tubes_per_hour[:, None] * left,
        problem.tubes_per_hour * rules.retest_hours,
    )


def fees(problem: TestingRoundProblem) -> Fees:
    """Return what sites, lanes and couriers cost."""
    rules = problem.rules
    hour = rules.sampling_hours * rules.staff_hour_cost
    trips = 2 * problem.drive_hours * rules.trips * rules.courier_hour_cost
    return Fees(problem.site_cost + rules.site_staff * hour, float(rules.lane_staff * hour), trips)


class Ground(NamedTuple):
    """What the planners need of a round, or of a part of it.

    Attributes
    ----------
    first_walk : int64[A + 1]
    walk_site : int64[I]
        Walks in reach, standing by area.
    first_guest, guest : int64[S + 1], int64[I]
        The same walks, standing by site.
    walk_area : int64[I]
    walk_minutes : float[I]
    people : int64[A]
    tests : float[A, K, 3]
        Tests of the first round, single tests with room for more, and all expected tests.
    material : float[A, K]
    allowed : bool[A, K]
    opening : float[S]
    lane_cost : float
    lane_people : int
    most_lanes : int64[S]
    trips : float[S, L]
        Couriers.
    timely : bool[S, L]
    near_lab : int64[S, L]
        Laboratories of each site, the likeliest first: by couriers and tests of an ordinary site.
    test_cost : float[L]
    arrival : int64[S, L]
        Row of ``late`` for what a site sends to a laboratory.
    late : float[C, H]
        Share of the tubes that arrive after each hour.
    hours_left : float[H]
    room : float[L, H]
        Tubes of the first round that a laboratory has time for after each hour.
    room_again : float[L]
    site_staff, lane_staff, staff : int
    """

    first_walk: Integers
    walk_site: Integers
    first_guest: Integers
    guest: Integers
    walk_area: Integers
    walk_minutes: Floats
    people: Integers
    tests: Floats
    material: Floats
    allowed: Flags
    opening: Floats
    lane_cost: float
    lane_people: int
    most_lanes: Integers
    trips: Floats
    timely: Flags
    near_lab: Integers
    test_cost: Floats
    arrival: Integers
    late: Floats
    hours_left: Floats
    room: Floats
    room_again: Floats
    site_staff: int
    lane_staff: int
    staff: int


class Assignment(NamedTuple):
    """A plan in which every area goes whole to one site.

    Attributes
    ----------
    walk : int64[A]
        Of the ground; -1 for nobody goes.
    scheme : int64[A]
    lab : int64[S]
        Kept where the site is closed.
    """

    walk: Integers
    scheme: Integers
    lab: Integers


def ground_of(problem: TestingRoundProblem, choice: SchemeChoice) -> tuple[Ground, Integers]:
    """Return the ground of a problem, and the numbers that its walks have in the problem."""
    rules, areas, sites = problem.rules, len(problem.area_code), len(problem.site_code)
    near = problem.walk_minutes <= rules.walk_limit_minutes
    walks = np.flatnonzero(near & (problem.people[problem.walk_area] > 0))
    walks = walks[np.argsort(problem.walk_area[walks], kind="stable")]
    area, site = problem.walk_area[walks], problem.walk_site[walks]
    worse = most_over_expected(choice)
    come, fee = arrivals(problem), fees(problem)
    tests = [choice.tubes, choice.retests * worse, choice.tubes + choice.retests]
    usual = problem.people.sum() / 10 / max(1, sites)
    total = np.where(come.timely, fee.trips + usual * problem.test_cost, np.inf)
    # No more staff than all lanes together can use: very large limits upset the solver.
    useful = rules.site_staff * sites + rules.lane_staff * int(problem.most_lanes.sum())
    guest = np.argsort(site, kind="stable")
    # Tables are read as read-only, and for those numba would compile again: arrays are made anew.
    ground = Ground(
        np.searchsorted(area, np.arange(areas + 1)),
        site,
        np.searchsorted(site[guest], np.arange(sites + 1)),
        guest,
        area,
        problem.walk_minutes[walks],
        problem.people,
        np.stack(tests, axis=2),
        choice.material,
        choice.allowed,
        fee.opening,
        fee.lane,
        int(rules.lane_people),
        problem.most_lanes,
        fee.trips,
        come.timely,
        np.argsort(total, axis=1, kind="stable"),
        problem.test_cost.copy(),
        *come[1:],
        rules.site_staff,
        rules.lane_staff,
        min(rules.staff, useful),
    )
    return ground, walks


def plan_of(
    problem: TestingRoundProblem, choice: SchemeChoice, walks: Integers, found: Assignment
) -> RoundPlan:
    """Return an assignment as a plan of the problem."""
    share = np.zeros((problem.walk_area.shape[0], choice.sizes.shape[0]))
    going = np.flatnonzero(found.walk >= 0)
    share[walks[found.walk[going]], found.scheme[going]] = 1.0
    return whole_plan(problem, share, found.lab)


def nowhere_to_go(ground: Ground) -> tuple[Integers, Integers]:
    """Return the areas from which no site is in time at a laboratory, and those that no site takes whole."""
    people = ground.people
    lanes = np.ceil(people[ground.walk_area] / ground.lane_people - 1e-9)
    timely = np.asarray(ground.timely.any(axis=1))[ground.walk_site]
    takes = timely & (lanes <= ground.most_lanes[ground.walk_site])
    late, large = (
        np.flatnonzero((people > 0) & (np.bincount(ground.walk_area[good], minlength=people.shape[0]) == 0))
        for good in (timely, takes)
    )
    return late, np.setdiff1d(large, late)
