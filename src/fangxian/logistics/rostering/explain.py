"""Why a need is not filled: for everybody with the skill, what keeps them from it; and the cheapest way out.

Rest, leave and illness are never given up. So somebody could come if help between two places were agreed on,
or could work above their load; otherwise more people are needed.
"""

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
    way_out : tuple of str and int
        The cheapest way to one more member of staff there: ``("none", person)`` who could come already,
        ``("help", person)`` if their home helped the place, ``("load", person)`` above their load, and
        ``("staff", -1)`` where nobody of these could come whatever was agreed.
    """

    need: int
    missing: int
    with_skill: int
    reasons: dict[str, int]
    price: float
    way_out: tuple[str, int]


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
        why = {int(person): _why(problem, result, rest, (int(person), need)) for person in able}
        away = [person for person, reason in why.items() if reason == "elsewhere"]
        could = [each for each in away if not _obstacle(problem, result, rest, (each, need))]
        price, counts = float(result.price[need]), dict(Counter(why.values()))
        way = _way_out(why, could)
        found.append(Unfilled(need, int(result.missing[need]), able.shape[0], counts, price, way))
    return found


def _way_out(why: dict[int, str], could: list[int]) -> tuple[str, int]:
    """Return the cheapest way out; ``could`` are those who lack nothing but an agreement to help."""
    of_reason = {
        reason: [person for person, mine in why.items() if mine == reason] for reason in ("free", "load")
    }
    for kind, people in (("none", of_reason["free"]), ("help", could), ("load", of_reason["load"])):
        if people:
            return kind, people[0]
    return "staff", -1


def _why(problem: RosterProblem, result: RosterResult, rest: RestTable, who: tuple[int, int]) -> str:
    person, need = who
    if not problem.helps[problem.home[person], problem.need_place[need]]:
        return "elsewhere"
    return _obstacle(problem, result, rest, who) or "free"


def _obstacle(problem: RosterProblem, result: RosterResult, rest: RestTable, who: tuple[int, int]) -> str:
    """Return what keeps a person from a need beside the place; empty if nothing does."""
    person, need = who
    day = int(problem.need_day[need])
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
    return "load" if points > problem.most_load[person] else ""
