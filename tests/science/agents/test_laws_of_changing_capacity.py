"""Measures that come and go, capacities that shrink in mid-run: nothing is negative, nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

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
    small_city,
    small_disease,
    small_protection,
    with_seeds,
)

from fangxian.science.agents.measures import DayMeasures
from fangxian.science.agents.outcome import Flow, Outcome, Stock
from fangxian.science.agents.run import simulate

CITY, DISEASE, DAYS = small_city(people=1_500), small_disease(), 80
NEVER_LIMITED = 10**6
AMOUNTS = st.sampled_from([0, 1, 3, 20, 200])
SCARCE: dict[str, st.SearchStrategy[Any]] = {
    "wards": st.tuples(AMOUNTS, AMOUNTS),
    "intensive": st.tuples(AMOUNTS, AMOUNTS),
    "rooms": st.tuples(AMOUNTS, AMOUNTS),
    "courses": AMOUNTS,
    "teams": AMOUNTS,
    "doses": AMOUNTS,
    "tubes": st.sampled_from([0.0, 2.0, 80.0, float("inf")]),
}
KINDS = ("testing", "screening", "tracing", "isolation", "vaccination", "care")
PHASES = st.lists(
    st.tuples(st.integers(1, 30), st.fixed_dictionaries(SCARCE), st.sets(st.sampled_from(KINDS))),
    min_size=3,
    max_size=6,
)


def day_of(scarce: dict[str, Any], without: frozenset[str] | set[str] = frozenset()) -> DayMeasures:
    """Return a day of all measures but some, with these capacities."""
    usual = every_measure()
    assert usual.tracing is not None and usual.isolation is not None
    assert usual.vaccination is not None and usual.care is not None
    day = replace(
        usual,
        care=replace(
            usual.care,
            ward_beds=np.array(scarce["wards"]),
            intensive_care_beds=np.array(scarce["intensive"]),
            antiviral_courses=np.full(2, scarce["courses"]),
        ),
        isolation=replace(usual.isolation, rooms=np.array(scarce["rooms"])),
        tracing=replace(usual.tracing, capacity=np.full(PLACES, scarce["teams"])),
        vaccination=replace(usual.vaccination, doses=np.full((PLACES, 2, AGES), scarce["doses"])),
        laboratory_tubes=scarce["tubes"],
    )
    nothing = no_limits()
    return replace(day, **{kind: getattr(nothing, kind) for kind in without})


def run(days: list[DayMeasures], seed: int) -> Outcome:
    """Return a run whose day d is that of the list."""
    return simulate(
        CITY,
        DISEASE,
        lambda known: with_seeds(days[0]) if known.day == 0 else days[known.day],
        days=len(days),
        seed=seed,
        protection=small_protection(),
        tree=True,
    )


@settings(max_examples=15)
@given(phases=PHASES, seed=st.integers(0, 2**31))
def test_no_change_of_measures_loses_or_makes_anything(phases: list[Any], seed: int) -> None:
    """On every day: a pool that is full admits nobody, and what was delivered is used or still there."""
    days = [day_of(scarce, off) for length, scarce, off in phases for _ in range(length)][:DAYS]
    days += [days[-1]] * (DAYS - len(days))
    outcome = run(days, seed)
    assert min(outcome.flows.min(), outcome.stocks.min()) >= 0
    assert outcome.tree is not None
    assert len(np.unique(outcome.tree.infectee)) == outcome.total(Flow.INFECTIONS).sum()
    check_pools(days, outcome)
    check_deliveries(days, outcome)
    check_everybody_is_somewhere(days, outcome)


def check_pools(days: list[DayMeasures], outcome: Outcome) -> None:
    """Nobody is sent away when beds or rooms become fewer, and nobody enters until there is a free one."""
    for pool in range(2):
        here = pool == POOL_OF_PLACE
        inside = {
            which: outcome.stock(which)[:, here].sum(axis=(1, 2), dtype=int)
            for which in (Stock.IN_WARD, Stock.IN_INTENSIVE_CARE, Stock.IN_ROOMS)
        }
        for number, day in enumerate(days):
            room = {
                Stock.IN_WARD: day.care and day.care.ward_beds[pool],
                Stock.IN_INTENSIVE_CARE: day.care and day.care.intensive_care_beds[pool],
                Stock.IN_ROOMS: np.atleast_1d(day.isolation.rooms)[pool] if day.isolation else 0,
            }
            for which, limit in room.items():
                before = inside[which][number - 1] if number else 0
                most = NEVER_LIMITED if limit is None else max(int(limit), before)
                assert inside[which][number] <= most, (which.name, number)


def check_deliveries(days: list[DayMeasures], outcome: Outcome) -> None:
    """Courses, doses, cases traced and tubes, day by day."""
    courses = outcome.total(Flow.ANTIVIRAL_COURSES)
    doses, traced = outcome.flow(Flow.DOSES), outcome.flow(Flow.CASES_TRACED).sum(axis=2)
    stock = outcome.antiviral_stock.reshape(DAYS, -1).sum(axis=1)
    tubes = outcome.laboratory_tubes.reshape(DAYS, -1).sum(axis=1)
    left, waiting = 0, 0.0
    for number, day in enumerate(days):
        left += (0 if day.care is None else int(np.sum(day.care.antiviral_courses))) - courses[number]
        assert stock[number] == left >= 0
        offered = np.zeros((PLACES, AGES)) if day.vaccination is None else day.vaccination.doses.sum(axis=1)
        assert np.all(doses[number] <= offered)
        teams = np.zeros(PLACES) if day.tracing is None else day.tracing.capacity
        assert np.all(traced[number] <= teams)
        waiting = max(0.0, waiting + tubes[number] - day.laboratory_tubes)
        assert outcome.laboratory_backlog[number] == pytest.approx(waiting)


def check_everybody_is_somewhere(days: list[DayMeasures], outcome: Outcome) -> None:
    """Who came to need a bed has one, waits, was refused, died or went home; people are those of the city."""
    so_far = {which: outcome.flow(which).cumsum(axis=0, dtype=int) for which in Flow}
    now = {which: outcome.stock(which).astype(int) for which in Stock}
    sought = so_far[Flow.INTENSIVE_CARE_ADMISSIONS] + so_far[Flow.REFUSED_INTENSIVE_CARE]
    assert np.array_equal(so_far[Flow.CRITICAL], sought + now[Stock.WAITING_INTENSIVE_CARE])
    came = so_far[Flow.ADMISSIONS] + so_far[Flow.INTENSIVE_CARE_ADMISSIONS]
    left = so_far[Flow.DISCHARGES] + so_far[Flow.DEATHS] - so_far[Flow.DEATHS_WITHOUT_CARE]
    assert np.all(now[Stock.IN_WARD] + now[Stock.IN_INTENSIVE_CARE] + left <= came)
    alive = (Stock.IN_WARD, Stock.IN_INTENSIVE_CARE, Stock.AT_HOME_APART, Stock.IN_ROOMS)
    assert np.all(sum(now[which] for which in alive) + so_far[Flow.DEATHS] <= CITY.cell_people)
    assert np.all(so_far[Flow.INFECTIONS] <= CITY.cell_people)
    without = np.array([day.isolation is None for day in days])
    assert not outcome.total(Flow.CONTACTS_QUARANTINED)[without].any()


TOWN, TOWN_DAYS, SEEDS = small_city(), 50, 40
USUAL: dict[str, Any] = {
    "wards": (16, 16), "intensive": (8, 8), "rooms": (80, 80),
    "courses": 4, "teams": 12, "doses": 4, "tubes": 600.0,
}  # fmt: skip
NONE_AND_PLENTY: dict[str, tuple[Any, Any]] = {
    "rooms": ((0, 0), (1000, 1000)),
    "courses": (0, 100),
    "teams": (0, 1000),
    "doses": (0, 50),
    "tubes": (0.0, float("inf")),
}


def deaths(scarce: dict[str, Any], seed: int) -> int:
    """Return the deaths in a town of four times the people, all measures on: a wave has passed by then."""
    day = day_of(scarce)
    outcome = simulate(
        TOWN,
        DISEASE,
        lambda known: with_seeds(day, SEEDS) if known.day == 0 else day,
        days=TOWN_DAYS,
        seed=seed,
        protection=small_protection(),
    )
    return int(outcome.total(Flow.DEATHS).sum())


@pytest.mark.parametrize("kind", NONE_AND_PLENTY)
def test_plenty_of_anything_saves_lives(kind: str) -> None:
    """All measures on, one capacity raised on the same luck: fewer deaths, beyond three standard errors."""
    none, plenty = (
        np.array([deaths(USUAL | {kind: amount}, seed) for seed in range(6)])
        for amount in NONE_AND_PLENTY[kind]
    )
    saved = none - plenty
    assert saved.mean() > 3.0 * saved.std(ddof=1) / np.sqrt(len(saved))
