"""Whatever the measures: people, beds, tests, rooms and courses are never negative and never lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_city import (
    AGES,
    PLACES,
    POOL_OF_PLACE,
    every_measure,
    no_limits,
    run_small,
    small_city,
    small_disease,
)

from fangxian.science.agents import measures
from fangxian.science.agents.measures import Care, DayMeasures
from fangxian.science.agents.outcome import Flow, Outcome, Stock
from fangxian.science.agents.records import Delay

CITY, DAYS = small_city(people=1_500), 80


@dataclass(frozen=True)
class Capacities:
    """What may be scarce, the same on every day."""

    ward_beds: tuple[int, int]
    intensive_care_beds: tuple[int, int]
    longest_wait_days: float
    courses: int
    rooms: int
    teams: int
    tubes: float
    doses: int
    transmissibility: float
    seed: int


def few(most: int) -> st.SearchStrategy[int]:
    """Return a number from 0 up, small ones often."""
    return st.one_of(st.integers(0, 3), st.integers(0, most))


CAPACITIES = st.builds(
    Capacities,
    ward_beds=st.tuples(few(40), few(40)),
    intensive_care_beds=st.tuples(few(20), few(20)),
    longest_wait_days=st.sampled_from([0.0, 0.3, 2.0, 30.0]),
    courses=few(10),
    rooms=few(300),
    teams=few(20),
    tubes=st.sampled_from([0.0, 1.0, 60.0, 200.0, float("inf")]),
    doses=few(10),
    transmissibility=st.sampled_from([0.03, 0.07, 0.2]),
    seed=st.integers(0, 2**31),
)


def run(day: DayMeasures, transmissibility: float, seed: int, seeds: int = 10) -> Outcome:
    """Return a run under the same measures on every day."""
    disease = small_disease(transmissibility)
    return run_small(day, city=CITY, disease=disease, days=DAYS, seed=seed, seeds=seeds)


def measures_of(scarce: Capacities) -> DayMeasures:
    """Return all measures with these capacities."""
    usual = every_measure()
    assert usual.tracing is not None and usual.isolation is not None and usual.vaccination is not None
    return replace(
        usual,
        care=Care(
            np.array(scarce.ward_beds),
            np.array(scarce.intensive_care_beds),
            scarce.longest_wait_days,
            scarce.courses,
        ),
        isolation=replace(usual.isolation, rooms=scarce.rooms),
        tracing=replace(usual.tracing, capacity=np.full(PLACES, scarce.teams)),
        vaccination=replace(usual.vaccination, doses=np.full((PLACES, 2, AGES), scarce.doses)),
        laboratory_tubes=scarce.tubes,
    )


@settings(max_examples=40)
@given(scarce=CAPACITIES)
def test_nothing_is_negative_and_nothing_is_lost(scarce: Capacities) -> None:
    """Laws that hold on every day, in every place and age, under any capacities."""
    outcome = run(measures_of(scarce), scarce.transmissibility, scarce.seed)
    assert min(outcome.flows.min(), outcome.stocks.min()) >= 0
    so_far = {which: outcome.flow(which).astype(int).cumsum(axis=0) for which in Flow}
    now = {which: outcome.stock(which).astype(int) for which in Stock}
    check_people(so_far, now)
    check_beds(scarce, so_far, now)
    check_tubes_rooms_and_courses(scarce, outcome, so_far, now)


def check_people(so_far: dict[Flow, np.ndarray], now: dict[Stock, np.ndarray]) -> None:
    """Nobody is counted twice, nobody before what comes first."""
    for later, first in (
        (Flow.SYMPTOMATIC, Flow.INFECTIONS),
        (Flow.IMPORTED, Flow.INFECTIONS),
        (Flow.POSITIVES, Flow.INFECTIONS),
        (Flow.REPORTED, Flow.POSITIVES),
        (Flow.CASES_ISOLATED, Flow.POSITIVES),
        (Flow.CASES_TRACED, Flow.POSITIVES),
        (Flow.ANTIVIRAL_COURSES, Flow.POSITIVES),
        (Flow.FEVER_CLINIC_VISITS, Flow.SYMPTOMATIC),
        (Flow.SEVERE, Flow.SYMPTOMATIC),
        (Flow.CRITICAL, Flow.SEVERE),
        (Flow.DEATHS, Flow.SEVERE),
        (Flow.DEATHS_WITHOUT_CARE, Flow.DEATHS),
        (Flow.CONTACTS_QUARANTINED, Flow.CONTACTS_FOUND),
    ):
        assert np.all(so_far[later] <= so_far[first]), (later.name, first.name)
    somewhere = (Stock.IN_WARD, Stock.IN_INTENSIVE_CARE, Stock.AT_HOME_APART, Stock.IN_ROOMS)
    assert np.all(sum(now[which] for which in somewhere) + so_far[Flow.DEATHS] <= CITY.cell_people)
    for which in (Flow.INFECTIONS, Flow.DOSES):
        assert np.all(so_far[which] <= CITY.cell_people), which.name


def check_beds(scarce: Capacities, so_far: dict[Flow, np.ndarray], now: dict[Stock, np.ndarray]) -> None:
    """Beds are those there are; who needs one has it, waits, was refused, or has gone on."""
    for stock, beds in (
        (Stock.IN_WARD, scarce.ward_beds),
        (Stock.IN_INTENSIVE_CARE, scarce.intensive_care_beds),
    ):
        for pool, number in enumerate(beds):
            assert now[stock][:, pool == POOL_OF_PLACE].sum(axis=(1, 2)).max() <= number
    sought = so_far[Flow.INTENSIVE_CARE_ADMISSIONS] + so_far[Flow.REFUSED_INTENSIVE_CARE]
    assert np.array_equal(so_far[Flow.CRITICAL], sought + now[Stock.WAITING_INTENSIVE_CARE])
    sought = so_far[Flow.ADMISSIONS] + so_far[Flow.REFUSED_WARD] + now[Stock.WAITING_WARD]
    gone_on = so_far[Flow.SEVERE] - sought
    assert np.all(gone_on >= 0)
    assert np.all(gone_on <= so_far[Flow.INTENSIVE_CARE_ADMISSIONS] + so_far[Flow.DEATHS_WITHOUT_CARE])
    came = so_far[Flow.ADMISSIONS] + so_far[Flow.INTENSIVE_CARE_ADMISSIONS]
    left = so_far[Flow.DISCHARGES] + so_far[Flow.DEATHS] - so_far[Flow.DEATHS_WITHOUT_CARE]
    assert np.all(now[Stock.IN_WARD] + now[Stock.IN_INTENSIVE_CARE] + left <= came)


def check_tubes_rooms_and_courses(
    scarce: Capacities, outcome: Outcome, so_far: dict[Flow, np.ndarray], now: dict[Stock, np.ndarray]
) -> None:
    """What came in is there, used up, or still waits."""
    for pool in range(2):
        here = pool == POOL_OF_PLACE
        inside = now[Stock.IN_ROOMS][:, here].sum(axis=(1, 2))
        assert np.array_equal(inside, outcome.rooms_used[:, pool])
        assert inside.max() <= scarce.rooms
        used = so_far[Flow.ANTIVIRAL_COURSES][:, here].sum(axis=(1, 2))
        assert np.array_equal(
            outcome.antiviral_stock[:, pool], scarce.courses * np.arange(1, DAYS + 1) - used
        )
    assert outcome.antiviral_stock.min() >= 0
    before = 0.0
    for tubes, after in zip(outcome.laboratory_tubes.sum(axis=1), outcome.laboratory_backlog, strict=True):
        before = max(0.0, before + tubes - scarce.tubes)
        assert after == pytest.approx(before)
    if scarce.tubes == 0.0:
        assert so_far[Flow.POSITIVES][-1, :2].sum() == 0  # the third place tests by antigen


def test_a_laboratory_without_capacity_confirms_nobody_from_the_first_day_on() -> None:
    """Also where no tube came in before the day: what is sampled during it waits as well."""
    everybody = np.ones((PLACES, AGES))
    at_once = measures.Testing(
        everybody, everybody, np.zeros(PLACES), delay=Delay("fixed", 0.0), turnaround_days=0.0
    )
    day = replace(no_limits(), testing=at_once, laboratory_tubes=0.0)
    outcome = run(day, 0.07, 1, seeds=100)
    assert outcome.total(Flow.TESTS).sum() > 0 and outcome.total(Flow.POSITIVES).sum() == 0


TOWN, TOWN_DAYS, TOWN_SEEDS = small_city(), 50, 40


@pytest.mark.parametrize("kind", ["ward_beds", "intensive_care_beds"])
def test_more_beds_never_cost_lives_beyond_noise(kind: str) -> None:
    """More beds of one kind, on the same luck: the mean paired difference of deaths is not above its noise.

    Beds change who lies where and so who infects whom; single runs may lose a life. A town of four times the
    people, whose wave has passed by then; the mean over 12 pairs is tested at three standard errors.
    """
    deaths = []
    for beds in (0, 4, 12, 40, 1000):
        other = {"ward_beds": np.full(2, 16), "intensive_care_beds": np.full(2, 12)}
        day = replace(no_limits(), care=Care(**(other | {kind: np.full(2, beds)})))
        deaths.append([deaths_in_town(day, seed) for seed in range(12)])
    for fewer, more in pairwise(deaths):
        change = np.subtract(more, fewer)
        assert change.mean() <= 3.0 * change.std(ddof=1) / np.sqrt(len(change))
    saved = np.subtract(deaths[0], deaths[-1])
    assert saved.mean() > 5.0 * saved.std(ddof=1) / np.sqrt(len(saved))


def deaths_in_town(day: DayMeasures, seed: int) -> int:
    """Return the deaths of a wave in the town under the same measures on every day."""
    outcome = run_small(
        day, city=TOWN, disease=small_disease(0.07), days=TOWN_DAYS, seed=seed, seeds=TOWN_SEEDS
    )
    return int(outcome.total(Flow.DEATHS).sum())
