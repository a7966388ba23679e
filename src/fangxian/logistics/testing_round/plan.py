"""A plan of a round and its accounts: one arithmetic for our plans and for the rule used today."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.testing_round.problem import TestingRoundProblem
from fangxian.logistics.testing_round.schemes import TUBES, SchemeChoice

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_QUARTER = 0.25


@dataclass(frozen=True)
class RoundPlan:
    """Who goes where, and what is tested where.

    Parameters
    ----------
    share : float[N, K]
        Share of the area of each walk that takes it, by scheme.
    lanes : int64[S]
        Lanes at each site; 0 where it is closed.
    lab : int64[S]
        Laboratory of each site; -1 where it is closed.
    """

    share: Floats
    lanes: Integers
    lab: Integers


@dataclass(frozen=True)
class RoundAccount:
    """What a plan costs and when it ends, at the expected prevalence.

    Parameters
    ----------
    cost : dict of float
        Yuan by kind: ``sites``, ``staff``, ``tubes``, ``tests``, ``couriers``; they add up to the total.
    staff : int
        People at work.
    unserved : float
        People whom the plan sends nowhere.
    site_people : float[S]
        Swabbed at each site.
    lab_tubes, lab_retests : float[L]
        Tubes of the first round and single tests.
    lab_first_hours, lab_end_hours : float[L]
        When the last result of the first round is known, and the last of all.
    found, cases : float
        Expected cases found, and expected cases.
    """

    cost: dict[str, float]
    staff: int
    unserved: float
    site_people: Floats
    lab_tubes: Floats
    lab_retests: Floats
    lab_first_hours: Floats
    lab_end_hours: Floats
    found: float
    cases: float

    @property
    def total_cost(self) -> float:
        """Sum of the kinds."""
        return sum(self.cost.values())

    @property
    def end_hours(self) -> float:
        """When the round is over."""
        return float(self.lab_end_hours.max())


def arrival_hours(problem: TestingRoundProblem) -> tuple[Floats, Floats]:
    """Return when the tubes of a site begin and cease to arrive at a laboratory: float[S, L] each.

    A tube waits up to a whole interval for the courier; drives are rounded up to quarters of an hour.
    """
    drive = np.ceil(problem.drive_hours / _QUARTER - 1e-9) * _QUARTER
    begin = problem.rules.courier_interval_hours + drive
    return begin, begin + problem.rules.sampling_hours


def late_share(begin: Floats, hour: float, sampling_hours: float) -> Floats:
    """Return the share of tubes that arrive after an hour, where arrivals are even over the sampling."""
    return np.asarray(np.clip((begin + sampling_hours - hour) / sampling_hours, 0.0, 1.0))


def most_over_expected(choice: SchemeChoice) -> float:
    """Return single tests at the 95 % quantile of prevalence over expected ones, in the round as a whole."""
    return float(choice.most_retests.sum() / max(choice.retests.sum(), 1e-12))


def queue_end_hours(problem: TestingRoundProblem, tubes: Floats) -> Floats:
    """Return when each laboratory has put its last tube of the first round into a machine.

    Parameters
    ----------
    problem : TestingRoundProblem
        Laboratories and drives.
    tubes : float[S, L]
        Tubes sent.

    Returns
    -------
    float[L]
        0 for a laboratory that gets none. What arrives after any hour cannot be tested before it.
    """
    begin, end = arrival_hours(problem)
    result = np.zeros(len(problem.lab_code))
    for lab in range(result.shape[0]):
        sent = tubes[:, lab] > 1e-9
        if not sent.any():
            continue
        hours = np.unique(np.concatenate([begin[sent, lab], end[sent, lab]]))
        late = [
            late_share(begin[sent, lab], hour, problem.rules.sampling_hours) @ tubes[sent, lab]
            for hour in hours
        ]
        result[lab] = (hours + np.array(late) / problem.tubes_per_hour[lab]).max()
    return result


def by_site(problem: TestingRoundProblem, share: Floats, amount: Floats) -> Floats:
    """Return float[S]: an amount of each area and scheme (float[A, K]), by where its people go."""
    moved = (share * amount[problem.walk_area]).sum(axis=1)
    return np.asarray(np.bincount(problem.walk_site, moved, len(problem.site_code)), np.float64)


def account(problem: TestingRoundProblem, choice: SchemeChoice, plan: RoundPlan) -> RoundAccount:
    """Return cost, staff, loads and end of a plan at the expected prevalence.

    Parameters
    ----------
    problem : TestingRoundProblem
        What is where.
    choice : SchemeChoice
        Tests by area and scheme.
    plan : RoundPlan
        Who goes where.

    Returns
    -------
    RoundAccount
    """
    rules, sites = problem.rules, len(problem.site_code)
    opened = plan.lab >= 0
    sent, again = (np.zeros((sites, len(problem.lab_code))) for _ in range(2))
    sent[opened, plan.lab[opened]] = by_site(problem, plan.share, choice.tubes)[opened]
    again[opened, plan.lab[opened]] = by_site(problem, plan.share, choice.retests)[opened]
    staff = int(rules.lane_staff * plan.lanes.sum() + rules.site_staff * opened.sum())
    drive = problem.drive_hours[opened, plan.lab[opened]].sum()
    cost = {
        "sites": float(problem.site_cost[opened].sum()),
        "staff": staff * rules.sampling_hours * rules.staff_hour_cost,
        "tubes": float((plan.share * choice.material[problem.walk_area]).sum()),
        "tests": float((sent + again).sum(axis=0) @ problem.test_cost),
        "couriers": float(2 * drive * rules.trips * rules.courier_hour_cost),
    }
    first = np.where(sent.sum(axis=0) > 0, queue_end_hours(problem, sent) + rules.assay_hours, 0.0)
    second = rules.recall_hours + again.sum(axis=0) / problem.tubes_per_hour + rules.assay_hours
    people = by_site(problem, plan.share, np.repeat(problem.people[:, None], choice.sizes.shape[0], 1))
    cases = (problem.people * problem.prevalence)[:, None] * choice.found
    return RoundAccount(
        cost,
        staff,
        float(problem.people.sum() - people.sum()),
        people,
        sent.sum(axis=0),
        again.sum(axis=0),
        first,
        np.where(again.sum(axis=0) > 0, first + second, first),
        float(by_site(problem, plan.share, cases).sum()),
        float(problem.people @ problem.prevalence),
    )


def whole_plan(problem: TestingRoundProblem, share: Floats, lab: Integers) -> RoundPlan:
    """Return the plan in which every area goes whole to one site, with the lanes that its people fill.

    Parameters
    ----------
    problem : TestingRoundProblem
        What is where.
    share : float[N, K]
        0 or 1.
    lab : int64[S]
        Laboratory of each site; a site to which nobody goes is closed.

    Returns
    -------
    RoundPlan
    """
    people = np.bincount(
        problem.walk_site, share.sum(axis=1) * problem.people[problem.walk_area], lab.shape[0]
    )
    lanes = np.ceil(people / int(problem.rules.lane_people) - 1e-9).astype(np.int64)
    return RoundPlan(share, lanes, np.where(lanes > 0, lab, -1))


def plan_of_today(problem: TestingRoundProblem, choice: SchemeChoice, *, size: int = 10) -> RoundPlan:
    """Return the plan of the usual rule: the nearest site, ten to a tube, the nearest laboratory.

    Parameters
    ----------
    problem : TestingRoundProblem
        What is where.
    choice : SchemeChoice
        Of its tubes the largest that is not above ``size`` is used for everybody.
    size : int
        Specimens in a tube.

    Returns
    -------
    RoundPlan
        It may break limits of staff, lanes, laboratories and clock: its accounts say so. People without any
        site in walking distance are sent to none.
    """
    near = np.flatnonzero(problem.walk_minutes <= problem.rules.walk_limit_minutes)
    near = near[np.lexsort((problem.walk_site[near], problem.walk_minutes[near], problem.walk_area[near]))]
    nearest = near[np.unique(problem.walk_area[near], return_index=True)[1]]
    tubes = np.array([kind == TUBES for kind in choice.kind])
    column = int(np.flatnonzero(tubes & (choice.sizes <= size))[-1]) if choice.sizes[0] <= size else 0
    share = np.zeros((problem.walk_area.shape[0], choice.sizes.shape[0]))
    share[nearest, column] = 1.0
    people = np.bincount(
        problem.walk_site[nearest], problem.people[problem.walk_area[nearest]], len(problem.site_code)
    )
    used = np.bincount(problem.walk_site[nearest], minlength=people.shape[0]) > 0
    lanes = np.ceil(people / problem.rules.lane_people - 1e-9).astype(np.int64)
    return RoundPlan(
        share,
        np.where(used, np.maximum(lanes, 1), 0),
        np.where(used, problem.drive_hours.argmin(axis=1), -1),
    )
