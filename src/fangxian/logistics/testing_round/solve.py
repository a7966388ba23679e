"""Find the cheapest round that ends within its clock, or say what stands in the way."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.programme import ProgrammeResult, SolverStop
from fangxian.logistics.testing_round.generate import GeneratedPlan, generate_round
from fangxian.logistics.testing_round.model import LIMITS, LimitRows, build_model
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

_WAY_OUT = SolverStop(5.0, 0.02)
_RELAXED, _LEAST = 0.25, 0.5
"""Parts of the time: at most for the plain programme relaxed, and at least for making the plan."""


@dataclass(frozen=True)
class RelaxationPrices:
    """What it costs to push a limit, to find the cheapest way out of a collision.

    Parameters
    ----------
    person_later_yuan : float
        For a person who is left to a later round.
    lane_more_yuan : float
        For one more lane at a site than it has room for.
    staff_more_yuan : float
        For one more member of staff from outside.
    tube_more_yuan, retest_more_yuan : float
        For one more tube an hour, of the first round and of single tests, for example in a mobile laboratory.
    """

    person_later_yuan: float = 40.0
    lane_more_yuan: float = 2000.0
    staff_more_yuan: float = 1500.0
    tube_more_yuan: float = 500.0
    retest_more_yuan: float = 500.0

    def __post_init__(self) -> None:
        """Refuse limits that cost nothing to break: then nothing would be said of them."""
        if not min(self.by_limit().values()) > 0:
            raise ValueError(f"prices of limits must be above 0 (got {self.by_limit()}); correct them")

    def by_limit(self) -> dict[str, float]:
        """Return the prices by limit."""
        values = (
            self.person_later_yuan,
            self.lane_more_yuan,
            self.staff_more_yuan,
            self.tube_more_yuan,
            self.retest_more_yuan,
        )
        return {name: float(value) for name, value in zip(LIMITS, values, strict=True)}


@dataclass(frozen=True)
class Collision:
    """Why there is no plan, and the cheapest way out.

    Parameters
    ----------
    limits : tuple of str
        Limits that cannot hold together, none of which can be left out of the list; empty where they collide
        only because lanes come whole and an area goes whole to one site.
    relaxation : dict of float[.]
        How much of each limit is bought in the cheapest way out: share of each area left to a later round,
        lanes of each site, staff, tubes an hour of each laboratory.
    price : float
        Yuan that this costs; 0 where splitting the areas below is enough.
    uncovered : int64[.]
        Areas that cannot go whole to any site, where only that stands in the way.
    also : tuple of tuple of str
        Further sets of limits that collide although one of each set before is lifted.
    """

    limits: tuple[str, ...]
    relaxation: dict[str, Floats]
    price: float
    uncovered: NDArray[np.int64]
    also: tuple[tuple[str, ...], ...] = ()


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
        What one more tube an hour in a laboratory would save, by the linear relaxation.
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
    TimeoutError
        When the time limit passes before any plan is found.
    """
    began = time.monotonic()
    choice = scheme_choices(problem)
    today = plan_of_today(problem, choice)
    usual = account(problem, choice, today)
    chosen = stop or SolverStop()
    model, limits = build_model(problem, choice)
    first = replace(chosen, time_limit_s=_RELAXED * chosen.time_limit_s)
    relaxed = model.programme.solve(first, relaxed=True)
    found = GeneratedPlan(None, np.inf, False, np.arange(0))
    if relaxed.status != "infeasible":
        left = max(chosen.time_limit_s - (time.monotonic() - began), _LEAST * chosen.time_limit_s)
        found = generate_round(problem, choice, replace(chosen, time_limit_s=left))
        if keeps_limits(problem, choice, today, usual):
            found = _no_dearer(problem, choice, found, (today, usual.total_cost))
        if found.plan is None and not found.uncovered.size:
            raise TimeoutError(
                f"no plan was found within {chosen.time_limit_s:g} s; allow more time or plan one county at "
                f"a time"
            )
    if found.plan is None:
        collision = _collision(problem, choice, prices or RelaxationPrices(), found.uncovered)
        return RoundResult("infeasible", choice, today, usual, collision=collision)
    bound = max(found.bound, relaxed.objective if relaxed.status == "optimal" else -np.inf)
    status = "optimal" if found.complete else "stopped"
    made = account(problem, choice, found.plan)
    return RoundResult(status, choice, today, usual, found.plan, made, bound, *_prices(limits, relaxed))


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
    problem: TestingRoundProblem,
    choice: SchemeChoice,
    found: GeneratedPlan,
    today: tuple[RoundPlan, float],
) -> GeneratedPlan:
    """Return what was found, or the usual plan where that is cheaper: time may have been short."""
    usual, cost = today
    if found.plan is not None and account(problem, choice, found.plan).total_cost <= cost:
        return found
    return GeneratedPlan(usual, found.bound, False, found.uncovered)


def _prices(limits: LimitRows, relaxed: ProgrammeResult) -> tuple[float, Floats]:
    if relaxed.row_dual.size == 0:
        return 0.0, np.zeros(len(limits.first_round))
    worth = np.maximum(0.0, -relaxed.row_dual)
    return float(worth[limits.staff[0]]), np.array([worth[rows] @ left for rows, left in limits.first_round])


def _collision(
    problem: TestingRoundProblem, choice: SchemeChoice, prices: RelaxationPrices, uncovered: NDArray[np.int64]
) -> Collision:
    """Keep only the limits that collide (deletion filter), and find the cheapest way out."""
    charged = prices.by_limit()

    def collides(bought: list[str]) -> bool:
        model, _ = build_model(problem, choice, prices=charged, bought=bought)
        return model.programme.solve(relaxed=True).status == "infeasible"

    sets: list[tuple[str, ...]] = []
    lifted: list[str] = []
    while collides(lifted):
        bought = list(lifted)
        for name in LIMITS:
            if name not in bought and collides([*bought, name]):
                bought.append(name)
        sets.append(tuple(name for name in LIMITS if name not in bought))
        # With the means of this set lifted, is everybody still too many for other means?
        lifted += [name for name in sets[-1] if name != "everybody"] or list(sets[-1])
    model, _ = build_model(problem, choice, prices=charged, bought=LIMITS)
    way_out = model.programme.solve(_WAY_OUT)
    relaxation = {
        name: np.where(way_out.values[columns] > 1e-6, way_out.values[columns], 0.0)
        for name, columns in model.slack.items()
    }
    return Collision(sets[0] if sets else (), relaxation, way_out.objective, uncovered, tuple(sets[1:]))
