"""Find the cheapest round that ends within its clock, or say what stands in the way."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.programme import SolverStop
from fangxian.logistics.testing_round.city import bound_of, charges, plan_city
from fangxian.logistics.testing_round.collision import (
    Collision,
    RelaxationPrices,
    collision_of,
    overload,
    proven_collision,
    without_way,
)
from fangxian.logistics.testing_round.columns import free
from fangxian.logistics.testing_round.generate import generate_round
from fangxian.logistics.testing_round.ground import ground_of, nowhere_to_go, plan_of
from fangxian.logistics.testing_round.neighbourhood import search_round
from fangxian.logistics.testing_round.parts import cut
from fangxian.logistics.testing_round.plan import (
    RoundAccount,
    RoundPlan,
    account,
    most_over_expected,
    plan_of_today,
)
from fangxian.logistics.testing_round.problem import TestingRoundProblem
from fangxian.logistics.testing_round.schemes import SchemeChoice, scheme_choices

Floats = NDArray[np.float64]

_SEARCH, _COLLIDE = 0.3, 0.25
"""Parts of the time: for the search, and, where it met no plan, for finding out why."""


class NoPlanFoundError(TimeoutError):
    """Time passed before a plan was met, and it is not proven that there is none.

    Parameters
    ----------
    seconds : float
        The time there was.
    nearest : Collision, optional
        What the nearest plan that was met lacks.
    """

    def __init__(self, seconds: float, nearest: Collision | None) -> None:
        super().__init__(
            f"no plan was found within {seconds:g} s; allow more time or plan one county at a time"
        )
        self.nearest = nearest


@dataclass(frozen=True)
class RoundResult:
    """A plan with its bound, or a collision.

    Parameters
    ----------
    status : str
        ``"optimal"`` (within the gap asked for), ``"stopped"`` (time limit), or ``"infeasible"``.
    choice : SchemeChoice
        Tests by area and scheme.
    today, today_account : RoundPlan, RoundAccount
        The usual rule on the same problem.
    plan, account : RoundPlan, RoundAccount, optional
        The plan and what it costs.
    bound : float
        Yuan that no plan can be below.
    staff_price : float
        What one more member of staff would save, by the linear relaxation.
    lab_price : float[L]
        What one more tube an hour in a laboratory would save, in the first round and in single tests, by the
        linear relaxation.
    collision : Collision, optional
        Where there is no plan.
    """

    status: str
    choice: SchemeChoice
    today: RoundPlan
    today_account: RoundAccount
    plan: RoundPlan | None = None
    account: RoundAccount | None = None
    bound: float = np.inf
    staff_price: float = 0.0
    lab_price: Floats = field(default_factory=lambda: np.zeros(0))
    collision: Collision | None = None

    @property
    def gap(self) -> float:
        """Distance of plan and bound as a share of the plan's cost; infinite without a plan."""
        if self.account is None:
            return float(np.inf)
        total = self.account.total_cost
        return max(0.0, total - self.bound) / total if total > 0 else 0.0


def solve_round(
    problem: TestingRoundProblem,
    stop: SolverStop | None = None,
    prices: RelaxationPrices | None = None,
) -> RoundResult:
    """Plan a round at least cost.

    Parameters
    ----------
    problem : TestingRoundProblem
        What is where.
    stop : SolverStop, optional
        When to stop; the plan so far is returned with its gap.
    prices : RelaxationPrices, optional
        For the way out of a collision.

    Returns
    -------
    RoundResult

    Raises
    ------
    NoPlanFoundError
        When the time limit passes before any plan is found.
    """
    _compile_kernels()
    began = time.monotonic()
    chosen = stop or SolverStop()
    choice = scheme_choices(problem)
    today = plan_of_today(problem, choice)
    usual = account(problem, choice, today)
    ground, walks = ground_of(problem, choice)
    until = began + chosen.time_limit_s
    charged = prices or RelaxationPrices()
    collision = without_way(ground, *nowhere_to_go(ground), charged)
    if collision is not None:
        return RoundResult("infeasible", choice, today, usual, collision=collision)
    city = len(cut(ground)) > 1
    searched = search_round(ground, seconds=_SEARCH * (until - time.monotonic()))
    stands = keeps_limits(problem, choice, today, usual)
    if not searched.legal and not stands:
        latest = time.monotonic() + _COLLIDE * chosen.time_limit_s
        if city:
            collision = proven_collision(problem, ground, searched.found, charged, latest)
        else:
            collision = collision_of(problem, choice, charged, latest)
        if collision.limits:
            return RoundResult("infeasible", choice, today, usual, collision=collision)
    left = replace(chosen, time_limit_s=max(1e-9, until - time.monotonic()))
    found = (plan_city if city else generate_round)(ground, searched, left)
    plan = None if found.plan is None else plan_of(problem, choice, walks, found.plan)
    complete = found.complete
    if stands and not _no_dearer(problem, choice, plan, usual):
        plan, complete = today, False
    if plan is None:
        if collision is None or not found.uncovered.size:
            raise NoPlanFoundError(chosen.time_limit_s, collision)
        collision = replace(collision, uncovered=found.uncovered)
        return RoundResult("infeasible", choice, today, usual, collision=collision)
    status = "optimal" if complete else "stopped"
    made = account(problem, choice, plan)
    charge = found.prices
    lab_price = charge.first @ ground.hours_left + charge.again * problem.rules.retest_hours
    return RoundResult(status, choice, today, usual, plan, made, found.bound, charge.staff, lab_price)


@cache
def _compile_kernels() -> None:
    """Have the kernels compiled, or read from disk, before the clock runs."""
    one = np.ones(1)
    none = np.zeros(1, np.int64)
    walk = none, none, one
    codes = ("area",), ("site",), ("laboratory",)
    lanes = np.ones(1, np.int64)
    tiny = TestingRoundProblem(*codes, lanes, 0 * one, *walk, one, lanes, one[:, None], one, one)
    ground, _ = ground_of(tiny, scheme_choices(tiny))
    found = search_round(ground, seconds=np.inf).found
    charges(ground, found, np.inf)
    bound_of(ground, one, free(ground))
    overload(ground, ("laboratories",), np.inf)


def keeps_limits(
    problem: TestingRoundProblem, choice: SchemeChoice, plan: RoundPlan, made: RoundAccount
) -> bool:
    """Say whether a plan swabs everybody and keeps every limit.

    Parameters
    ----------
    problem : TestingRoundProblem
        What is where.
    choice : SchemeChoice
        Tests by area and scheme.
    plan, made : RoundPlan, RoundAccount
        The plan and its accounts.

    Returns
    -------
    bool
    """
    rules = problem.rules
    worse = most_over_expected(choice)
    return bool(
        made.unserved < 1e-6
        and made.staff <= rules.staff
        and (plan.lanes <= problem.most_lanes).all()
        and choice.allowed[problem.walk_area][plan.share > 0].all()
        and (made.lab_first_hours - rules.assay_hours <= rules.first_deadline_hours + 1e-9).all()
        and (made.lab_retests * worse <= problem.tubes_per_hour * rules.retest_hours + 1e-9).all()
    )


def _no_dearer(
    problem: TestingRoundProblem, choice: SchemeChoice, plan: RoundPlan | None, usual: RoundAccount
) -> bool:
    """Say whether there is a plan that is not dearer than the usual one: time may have been short."""
    return plan is not None and account(problem, choice, plan).total_cost <= usual.total_cost
