"""The rule used today: everybody turns through the same fixed cycle, each at home and in the main skill."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.rostering.problem import RosterProblem
from fangxian.logistics.rostering.rest import rest_table
from fangxian.logistics.rostering.solve import RosterCost, cost_of, make_arena

Integers = NDArray[np.int64]


def fixed_rotation(problem: RosterProblem) -> tuple[Integers, Integers, RosterCost]:
    """Return steps, needs and cost of the fixed cycle: each shift in turn, then two days off.

    Parameters
    ----------
    problem : RosterProblem
        What is needed.

    Returns
    -------
    int64[P, D], int64[P, D], RosterCost
        Colleagues begin the cycle one day apart. Who is absent is not replaced; who is not needed in the
        shift of the day stays off. Rest and load hold.
    """
    arena, rest = make_arena(problem), rest_table(problem)
    people, days = problem.available.shape
    order = np.argsort(problem.start_hour, kind="stable")
    order = order[np.argsort(problem.night[order], kind="stable")]
    cycle = [*(1 + order).tolist(), 0, 0]
    step, duty = np.zeros((people, days), np.int64), np.full((people, days), -1, np.int64)
    left = problem.need.copy()
    skills = len(problem.skill_code)
    load = np.concatenate([[0], problem.load])
    for person in range(people):
        mode, points = int(rest.start[person]), 0
        slots = problem.home[person] * skills + np.flatnonzero(problem.skills[person])
        for day in range(days):
            turn = cycle[(day + person) % len(cycle)]
            chosen = -1
            allowed = turn > 0 and problem.available[person, day] and rest.following[mode, turn] >= 0
            if allowed and points + load[turn] <= problem.most_load[person]:
                wanted = arena.duty[day, turn - 1, slots]
                wanted = wanted[(wanted >= 0) & (left[wanted] > 0)]
                chosen = int(wanted[0]) if wanted.size else -1
            if chosen >= 0:
                step[person, day], duty[person, day] = turn, chosen
                left[chosen] -= 1
                points += int(load[turn])
            mode = int(rest.following[mode, step[person, day]])
    return step, duty, cost_of(problem, arena, step, duty)
