"""How a plan fares when prevalence and luck differ from what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.testing_round.plan import RoundPlan, queue_end_hours
from fangxian.logistics.testing_round.problem import TestingRoundProblem
from fangxian.logistics.testing_round.schemes import ARRAY, SchemeChoice, outcome_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

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
    problem: TestingRoundProblem, choice: SchemeChoice, plan: RoundPlan, *, seed: int, draws: int = 1000
) -> RoundForecast:
    """Draw prevalence, infections, positive tubes and results, and follow the plan.

    Parameters
    ----------
    problem : TestingRoundProblem
        What is where.
    choice : SchemeChoice
        Tests by area and scheme.
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
    Positive crossings of arrays are drawn person by person.
    """
    if draws < 40:
        raise ValueError(f"draws must be at least 40 for a 95 % interval (got {draws}); draw more")
    numbers = np.random.default_rng(seed)
    pools = _pools(problem, choice, plan)
    rules, labs = problem.rules, len(problem.lab_code)
    sd = rules.prevalence_log_sd / np.sqrt(2)
    first_end = _first_end(problem, plan, pools)
    rows = np.empty((draws, 4))
    for draw in range(draws):
        common, own = numbers.normal(0, sd), numbers.normal(0, sd, len(problem.area_code))
        # The mean of prevalence stays what was given.
        luck = np.exp(common + own - sd**2)[pools.area]
        cases = numbers.binomial(pools.people, np.minimum(0.6, pools.prevalence * luck))
        again, caught = _second_round(numbers, pools, cases)
        load = np.bincount(pools.lab, again, labs)
        second = rules.recall_hours + load / problem.tubes_per_hour + rules.assay_hours
        last = np.where(load > 0, first_end + second, first_end).max()
        rows[draw] = np.ceil(pools.tests).sum() + again.sum(), last, cases.sum(), (cases - caught).sum()
    tubes_tested, ends, infected, overlooked = (
        Interval(*(float(each) for each in np.quantile(column, _QUANTILES))) for column in rows.T
    )
    in_time = float((rows[:, 1] <= rules.clock_hours + 1e-9).mean())
    return RoundForecast(tubes_tested, ends, infected, overlooked, in_time)


class _Pools(NamedTuple):
    """People who are pooled alike, U rows, and how their scheme answers, over the grid of prevalence.

    ``curve`` numbers the rows of ``flagged``, ``again`` and ``found``, float[C, G]: chance of a positive
    tube, single tests a person, and share of cases found. ``tests`` are those of the first round.
    """

    area: Integers
    site: Integers
    lab: Integers
    people: Integers
    prevalence: Floats
    size: Integers
    tests: Floats
    is_array: NDArray[np.bool_]
    curve: Integers
    flagged: Floats
    again: Floats
    found: Floats


def _pools(problem: TestingRoundProblem, choice: SchemeChoice, plan: RoundPlan) -> _Pools:
    rows, curves = [], dict[tuple[str, int], int]()
    for walk, scheme in np.argwhere(plan.share > 0).tolist():
        here = int(problem.walk_area[walk]), int(problem.walk_site[walk])
        for part in choice.parts(problem, here[0], scheme):
            curve = curves.setdefault((part.kind, part.size), len(curves))
            people = round(part.people * float(plan.share[walk, scheme]))
            first = 2 * people / part.size if part.kind == ARRAY else people / part.size
            rows.append((*here, people, part.prevalence, part.size, first, part.kind == ARRAY, curve))
    names = ("area", "site", "people", "prevalence", "size", "tests", "is_array", "curve")
    table = {name: np.array(each) for name, each in zip(names, zip(*rows, strict=True), strict=True)}
    outcome = [outcome_of(problem, kind, each, _GRID) for kind, each in curves]
    again = np.stack([each.retests for each in outcome])
    flagged, found = (np.stack([getattr(each, name) for each in outcome]) for name in ("flagged", "found"))
    return _Pools(**table, lab=plan.lab[table["site"]], flagged=flagged, again=again, found=found)


def _second_round(numbers: np.random.Generator, pools: _Pools, cases: Integers) -> tuple[Floats, Integers]:
    """Draw single tests and cases found, float[U] and int64[U], from the cases there are."""
    seen = cases / np.maximum(pools.people, 1)
    positive = numbers.binomial(
        np.ceil(pools.tests).astype(np.int64), _read(pools.flagged, seen, pools.curve)
    )
    crossed = numbers.binomial(pools.people, np.minimum(1.0, _read(pools.again, seen, pools.curve)))
    caught = numbers.binomial(cases, _read(pools.found, seen, pools.curve))
    opened = np.where(pools.size > 1, positive * pools.size, 0)
    return np.where(pools.is_array, crossed, opened).astype(np.float64), caught


def _read(curves: Floats, prevalence: Floats, which: Integers) -> Floats:
    values = np.empty(prevalence.shape)
    for row, curve in enumerate(curves):
        mine = which == row
        values[mine] = np.interp(prevalence[mine], _GRID, curve)
    return values


def _first_end(problem: TestingRoundProblem, plan: RoundPlan, pools: _Pools) -> Floats:
    sent = np.zeros((len(problem.site_code), len(problem.lab_code)))
    np.add.at(sent, (pools.site, pools.lab), pools.tests)
    end = queue_end_hours(problem, sent)
    return np.where(end > 0, end + problem.rules.assay_hours, 0.0)
