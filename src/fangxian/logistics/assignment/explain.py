"""Why a patient goes where they go: what stands against the nearest hospital, or against any bed at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fangxian.logistics.assignment.assign import WAITS, BedPlan, Costs, costs_of
from fangxian.logistics.assignment.online import beds_left
from fangxian.logistics.assignment.problem import BedProblem, Flags, Integers

LIMITS = ("level", "zone", "no bed today", "kept for tomorrow", "worse than waiting")
"""Limits besides the needs, in the order in which one would rather keep them."""


@dataclass(frozen=True)
class Reason:
    """The reason of one patient.

    Parameters
    ----------
    patient : int
    verdict : str
        ``"stays"``, ``"nearest"`` (placed in the nearest hospital), ``"farther"`` or ``"waits"``.
    nearest : int
        The nearest hospital.
    against : tuple of str
        Farther: what the nearest hospital cannot meet, or ``("others first",)``, ``("later there",)`` or
        ``("above need",)`` (a bed is left there, but of a higher level, or for one transfer more).
        Waits: limits that no bed of today meets together, none of which can be spared, or
        ``("others first",)``. A need is named ``need:NUMBER``.
    minutes_there : int
        Farther: when care would begin in the nearest hospital, if a bed there suits; the horizon otherwise.
    price_minutes : int
        Severe waiting that one more bed would save: where others go first, the dearest bed that would suit.
    """

    patient: int
    verdict: str
    nearest: int
    against: tuple[str, ...]
    minutes_there: int
    price_minutes: int


def explain_beds(problem: BedProblem, plan: BedPlan) -> tuple[Reason, ...]:
    """Return the reason of each patient.

    Parameters
    ----------
    problem : BedProblem
    plan : BedPlan

    Returns
    -------
    tuple of Reason
    """
    costs, left = costs_of(problem), beds_left(problem, plan)
    return tuple(_reason(problem, plan, costs, left, row) for row in range(len(problem.patients)))


def _reason(problem: BedProblem, plan: BedPlan, costs: Costs, left: Integers, row: int) -> Reason:
    hospital = problem.pools.hospital[problem.openings.pool]
    nearest = int(problem.distance_m[problem.patients.place[row]].argmin())
    horizon = problem.parameters.horizon_minutes
    if plan.stays[row]:
        return Reason(row, "stays", nearest, (), 0, 0)
    allowed = costs.allowed[row, :-1]
    if plan.opening[row] == WAITS:
        if allowed.any():
            price = int(plan.bed_price[allowed].max())
            return Reason(row, "waits", nearest, ("others first",), horizon, price)
        everywhere = np.ones(hospital.shape[0], np.bool_)
        return Reason(row, "waits", nearest, _colliding(problem, costs, row, everywhere), horizon, 0)
    if hospital[plan.opening[row]] == nearest:
        return Reason(row, "nearest", nearest, (), int(plan.minutes[row]), 0)
    there = hospital == nearest
    suited = np.flatnonzero(there & allowed)
    if suited.size == 0:
        return Reason(row, "farther", nearest, _colliding(problem, costs, row, there), horizon, 0)
    begins = int(costs.minutes[row, suited].min())
    price = int(plan.bed_price[suited].max())
    against = "later there" if begins > plan.minutes[row] else "others first"
    if (costs.minutes[row, suited[left[suited] > 0]] <= plan.minutes[row]).any():
        against = "above need"
    return Reason(row, "farther", nearest, (against,), begins, price)


def _colliding(problem: BedProblem, costs: Costs, row: int, among: Flags) -> tuple[str, ...]:
    """Return limits of which every one of the beds misses one, and none of which can be left out."""
    broken = {name: missed[among] for name, missed in _missed(problem, costs, row).items()}
    if not among.any():
        return ("no bed today",)
    kept = list(broken)
    for name in list(broken)[::-1]:
        fewer = [each for each in kept if each != name]
        if fewer and np.any([broken[each] for each in fewer], axis=0).all():
            kept = fewer
    return tuple(kept)


def _missed(problem: BedProblem, costs: Costs, row: int) -> dict[str, Flags]:
    """Return, by limit, bool[S]: the opening misses it for this patient."""
    who, opening, pools = problem.patients, problem.openings, problem.pools
    grade = who.severity[row]
    level = problem.hospital_level[pools.hospital[opening.pool]]
    needs = {
        f"need:{kind}": ~pools.offers[opening.pool, kind] for kind in np.flatnonzero(who.needs[row]).tolist()
    }
    return needs | {
        "level": level < problem.severities.least_level[grade],
        "zone": pools.zone[opening.pool] != who.zone[row],
        "no bed today": opening.beds == 0,
        "kept for tomorrow": opening.reserved & ~problem.severities.severe[grade],
        "worse than waiting": costs.risk[row, :-1] >= costs.risk[row, -1],
    }
