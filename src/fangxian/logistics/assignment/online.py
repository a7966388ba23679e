"""One more patient during the day: the best bed that is left, with what was promised to others kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fangxian.logistics.assignment.assign import WAITS, BedPlan, assign_beds
from fangxian.logistics.assignment.problem import BedProblem, Patients


def beds_left(problem: BedProblem, plan: BedPlan) -> np.ndarray:
    """Return int64[S]: beds of each opening that the plan gives to nobody."""
    taken = np.bincount(plan.opening[plan.opening != WAITS], minlength=len(problem.openings))
    left: np.ndarray = problem.openings.beds - taken
    return left


def place_more(problem: BedProblem, plan: BedPlan, more: Patients) -> BedPlan:
    """Place patients who come later into what is left of the beds.

    Parameters
    ----------
    problem : BedProblem
    plan : BedPlan
        Of those who came before; nobody of it is moved.
    more : Patients
        One or several.

    Returns
    -------
    BedPlan
        Of the newcomers only.
    """
    left = replace(problem.openings, beds=beds_left(problem, plan))
    return assign_beds(replace(problem, patients=more, openings=left))


def reserve_for_tomorrow(expected: int, freed: float, beds: np.ndarray) -> np.ndarray:
    """Return int64[B]: how many beds each pool keeps so that tomorrow's severe find one.

    Parameters
    ----------
    expected : int
        Severe patients of tomorrow, at the quantile one wants to be safe for.
    freed : float
        Beds that discharges are expected to free tomorrow in these pools together.
    beds : int64[B]
        Beds of each pool; no pool keeps more.

    Returns
    -------
    int64[B]
        In proportion to the beds, by largest remainders.
    """
    total = int(beds.sum())
    short = min(max(0, int(np.ceil(expected - freed))), total)
    if short == 0:
        return np.zeros_like(beds)
    share = beds * (short / total)
    kept: np.ndarray = np.floor(share).astype(np.int64)
    order = np.argsort(kept - share, kind="stable")
    kept[order[: short - int(kept.sum())]] += 1
    return kept
