"""The rules of rest as a table of modes: what may follow what, and which rule forbids the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.rostering.problem import RosterProblem

Integers = NDArray[np.int64]

REASONS = ("", "rest-after-nights", "days-in-row", "rest-hours", "nights-in-row")
"""Why a step is forbidden; the first is none."""

Mode = tuple[int, int, int, int]
"""Days in a row, last shift (-1 after a day off), nights in a row, days off that are still due."""


@dataclass(frozen=True)
class RestTable:
    """Modes and steps; step 0 is a day off, step 1 + f is shift f.

    Parameters
    ----------
    following : int64[M, F + 1]
        Mode after a step; -1 where it is forbidden.
    reason : int64[M, F + 1]
        Index into ``REASONS`` of the rule that forbids it; 0 where it is allowed.
    start : int64[P]
        Mode of each person before day 0.
    """

    following: Integers
    reason: Integers
    start: Integers


def rest_table(problem: RosterProblem) -> RestTable:
    """Return the table for the rules and the histories of a problem."""
    starts = [_before(problem, person) for person in range(len(problem.staff_code))]
    number: dict[Mode, int] = {}
    queue = list(dict.fromkeys([(0, -1, 0, 0), *starts]))
    for mode in queue:
        number[mode] = len(number)
    following, reason = [], []
    for mode in queue:  # grows while it is walked
        steps = [_step(problem, mode, step) for step in range(len(problem.shift_code) + 1)]
        for found in steps:
            if not isinstance(found, int) and found not in number:
                number[found] = len(number)
                queue.append(found)
        following.append([-1 if isinstance(found, int) else number[found] for found in steps])
        reason.append([found if isinstance(found, int) else 0 for found in steps])
    return RestTable(
        np.array(following, np.int64), np.array(reason, np.int64), np.array([number[each] for each in starts])
    )


def _before(problem: RosterProblem, person: int) -> Mode:
    last = int(problem.last_shift[person])
    if last < 0:
        return (0, -1, 0, 0)
    rules = problem.rules
    days = min(max(1, int(problem.days_in_row[person])), rules.most_days_in_row)
    nights = int(problem.nights_in_row[person]) if problem.night[last] else 0
    return (days, last, min(max(nights, int(problem.night[last])), rules.most_nights_in_row), 0)


def _step(problem: RosterProblem, mode: Mode, step: int) -> Mode | int:
    """Return the next mode, or the number of the rule that forbids the step."""
    days, last, nights, due = mode
    rules = problem.rules
    if step == 0:
        owed = rules.days_off_after_nights if nights > 0 else due
        return (0, -1, 0, max(0, owed - 1))
    shift = step - 1
    night = bool(problem.night[shift])
    if due > 0 or (nights > 0 and not night and rules.days_off_after_nights > 0):
        return REASONS.index("rest-after-nights")
    if days + 1 > rules.most_days_in_row:
        return REASONS.index("days-in-row")
    if last >= 0:
        rest = 24 + problem.start_hour[shift] - problem.start_hour[last] - problem.hours[last]
        if rest < rules.least_rest_hours - 1e-9:
            return REASONS.index("rest-hours")
    if night and nights + 1 > rules.most_nights_in_row:
        return REASONS.index("nights-in-row")
    return (days + 1, shift, nights + 1 if night else 0, 0)
