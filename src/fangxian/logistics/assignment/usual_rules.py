"""How patients find a bed where nobody plans: the rules that a plan is compared with."""

from __future__ import annotations

import numpy as np

from fangxian.logistics.assignment.assign import costs_of
from fangxian.logistics.assignment.problem import BedProblem, Integers


def nearest_hospital(problem: BedProblem, *, go_on: bool = False) -> Integers:
    """Send each patient, in the order of the rows, to the nearest hospital that has such beds at all.

    Parameters
    ----------
    problem : BedProblem
    go_on : bool
        Whether a patient goes on to the next nearest until some bed is free at once, and only then queues at
        the nearest; otherwise all queue at the nearest.

    Returns
    -------
    int64[P]
        Minutes until care begins; the horizon for who has no bed by then. No bed is kept for tomorrow.
    """
    costs, opening = costs_of(problem), problem.openings
    hospital = problem.pools.hospital[opening.pool]
    left = opening.beds.copy()
    allowed = costs.allowed[:, :-1] | _open_to_all(problem)
    minutes = np.full(len(problem.patients), problem.parameters.horizon_minutes, np.int64)
    for row in range(minutes.shape[0]):
        suited = np.flatnonzero(allowed[row])
        if suited.size == 0:
            continue
        apart = problem.distance_m[problem.patients.place[row]]
        there = suited[hospital[suited] == hospital[suited][apart[hospital[suited]].argmin()]]
        if go_on:
            at_once = suited[(left[suited] > 0) & (opening.ready_minutes[suited] == 0)]
            if at_once.size:
                there = at_once[[apart[hospital[at_once]].argmin()]]
        there = there[left[there] > 0]
        if there.size:
            chosen = there[costs.minutes[row, there].argmin()]
            left[chosen] -= 1
            minutes[row] = costs.minutes[row, chosen]
    return minutes


def _open_to_all(problem: BedProblem) -> np.ndarray:
    """Return bool[P, S] for beds that the plan would keep: without a plan nobody keeps any."""
    openings = problem.openings
    unkept = type(openings)(
        openings.pool, openings.ready_minutes, openings.beds, np.zeros_like(openings.reserved)
    )
    free = type(problem)(**(vars(problem) | {"openings": unkept}))
    allowed: np.ndarray = costs_of(free).allowed[:, :-1]
    return allowed
