"""Why a need is not filled: for everybody with the skill, what keeps them from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from fangxian.logistics.rostering.problem import RosterProblem
from fangxian.logistics.rostering.rest import REASONS, RestTable, rest_table
from fangxian.logistics.rostering.solve import RosterResult


@dataclass(frozen=True)
class Unfilled:
    """A need that lacks staff.

    Parameters
    ----------
    need : int
        Its number.
    missing : int
        Staff who lack.
    with_skill : int
        Who has the skill, anywhere.
    reasons : dict of int
        How many of them each thing keeps away: ``elsewhere`` (no help between the places), ``absent``,
        ``at-work`` (that day, for another need), ``load`` (points), ``free`` (nothing does), or one of
        ``REASONS``; they add up to ``with_skill``.
    price : float
        What one more member of staff would save, by the bound.
    """

    need: int
    missing: int
    with_skill: int
    reasons: dict[str, int]
    price: float


def explain_unfilled(problem: RosterProblem, result: RosterResult, *, most: int = 50) -> list[Unfilled]:
    """Return the needs that lack staff, the weightiest first.

    Parameters
    ----------
    problem : RosterProblem
        What is needed.
    result : RosterResult
        The roster.
    most : int
        How many needs are explained.

    Returns
    -------
    list of Unfilled
    """
    rest = rest_table(problem)
    short = np.flatnonzero(result.missing > 0)
    order = short[np.lexsort((short, -(result.missing * problem.weight)[short]))][:most]
    found = []
    for need in order.tolist():
        able = np.flatnonzero(problem.skills[:, problem.need_skill[need]])
        why = Counter(_why(problem, result, rest, (int(person), need)) for person in able)
        price = float(result.price[need])
        found.append(Unfilled(need, int(result.missing[need]), able.shape[0], dict(why), price))
    return found


def _why(problem: RosterProblem, result: RosterResult, rest: RestTable, who: tuple[int, int]) -> str:
    person, need = who
    day = int(problem.need_day[need])
    if not problem.helps[problem.home[person], problem.need_place[need]]:
        return "elsewhere"
    if not problem.available[person, day]:
        return "absent"
    if result.step[person, day] > 0:
        return "at-work"
    steps = result.step[person].copy()
    steps[day] = 1 + problem.need_shift[need]
    mode = int(rest.start[person])
    for step in steps:
        if rest.following[mode, step] < 0:
            return REASONS[rest.reason[mode, step]]
        mode = int(rest.following[mode, step])
    points = np.concatenate([[0], problem.load])[steps].sum()
    return "load" if points > problem.most_load[person] else "free"
