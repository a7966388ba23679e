"""How a plan fares when prevalence and luck differ from what was expected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.pooling.designs import dorfman
from fangxian.logistics.testing_round.plan import RoundPlan, queue_end_hours
from fangxian.logistics.testing_round.problem import TestingRoundProblem, TubeChoice

Floats = NDArray[np.float64]

_GRID = np.concatenate([[0.0], np.geomspace(1e-6, 0.6, 60)])
_QUANTILES = (0.025, 0.5, 0.975)


@dataclass(frozen=True)
class Interval:
    """Median and 95 % interval.

    Parameters
    ----------
    low, median, high : float
        Quantiles 2.5 %, 50 % and 97.5 %.
    """

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class RoundForecast:
    """What a plan will bring.

    Parameters
    ----------
    tests : Interval
        Tubes tested, both rounds.
    end_hours : Interval
        When the round is over.
    cases, missed : Interval
        Infected people among those swabbed, and those of them who are not found.
    in_time : float
        Share of draws in which the round ends within its clock.
    """

    tests: Interval
    end_hours: Interval
    cases: Interval
    missed: Interval
    in_time: float


def forecast_round(
    problem: TestingRoundProblem, choice: TubeChoice, plan: RoundPlan, *, seed: int, draws: int = 1000
) -> RoundForecast:
    """Draw prevalence, infections, positive tubes and results, and follow the plan.

    Parameters
    ----------
    problem : TestingRoundProblem
        What is where.
    choice : TubeChoice
        Tests by area and tube size.
    plan : RoundPlan
        Who goes where.
    seed : int
        The same seed gives the same draws.
    draws : int
        How many.

    Returns
    -------
    RoundForecast

    Notes
    -----
    Half of the variance of the logarithm of prevalence is common to all areas, half is each area's own.
    Within an area infections fall on tubes at random; who is found is drawn apart from positive tubes.
    """
    if draws < 40:
        raise ValueError(f"draws must be at least 40 for a 95 % interval (got {draws}); draw more")
    numbers = np.random.default_rng(seed)
    walk, size = np.nonzero(plan.share > 0)
    area, specimens = problem.walk_area[walk], choice.sizes[size]
    people = np.rint(problem.people[area] * plan.share[walk, size]).astype(np.int64)
    lab = plan.lab[problem.walk_site[walk]]
    sd = problem.rules.prevalence_log_sd / np.sqrt(2)
    flagged, found = _curves(problem, choice)
    first_end = _first_end(problem, plan, walk, people / specimens)
    tubes = np.ceil(people / specimens).astype(np.int64)
    rows = np.empty((draws, 4))
    for draw in range(draws):
        common, own = numbers.normal(0, sd), numbers.normal(0, sd, len(problem.area_code))
        # The mean of prevalence stays what was given.
        prevalence = np.minimum(0.6, problem.prevalence * np.exp(common + own - sd**2))[area]
        cases = numbers.binomial(people, prevalence)
        seen = cases / np.maximum(people, 1)
        positive = numbers.binomial(tubes, _read(flagged, seen, size))
        again = np.where(specimens > 1, positive * specimens, 0)
        caught = numbers.binomial(cases, _read(found, seen, size))
        load = np.bincount(lab, again, len(problem.lab_code))
        rules = problem.rules
        second = rules.recall_hours + load / problem.tubes_per_hour + rules.assay_hours
        last = np.where(load > 0, first_end + second, first_end).max()
        rows[draw] = tubes.sum() + again.sum(), last, cases.sum(), (cases - caught).sum()
    tubes_tested, ends, infected, overlooked = (
        Interval(*(float(each) for each in np.quantile(column, _QUANTILES))) for column in rows.T
    )
    in_time = float((rows[:, 1] <= problem.rules.clock_hours + 1e-9).mean())
    return RoundForecast(tubes_tested, ends, infected, overlooked, in_time)


def _curves(problem: TestingRoundProblem, choice: TubeChoice) -> tuple[Floats, Floats]:
    """Return chance of a positive tube and share of cases found, float[G, K], over a grid of prevalence."""
    outcome = [dorfman(_GRID, int(size), problem.assay) for size in choice.sizes]
    return (
        np.stack([each.flagged for each in outcome], axis=1),
        np.stack([each.found for each in outcome], axis=1),
    )


def _read(curve: Floats, prevalence: Floats, size: NDArray[np.int64]) -> Floats:
    values = np.empty(prevalence.shape)
    for column in range(curve.shape[1]):
        mine = size == column
        values[mine] = np.interp(prevalence[mine], _GRID, curve[:, column])
    return values


def _first_end(
    problem: TestingRoundProblem, plan: RoundPlan, walk: NDArray[np.int64], tubes: Floats
) -> Floats:
    sent = np.zeros((len(problem.site_code), len(problem.lab_code)))
    site = problem.walk_site[walk]
    np.add.at(sent, (site, plan.lab[site]), tubes)
    end = queue_end_hours(problem, sent)
    return np.where(end > 0, end + problem.rules.assay_hours, 0.0)
