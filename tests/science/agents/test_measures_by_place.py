"""What a measure does in one place leaves the others alone, and samples that share a tube."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from small_city import (
    AGES,
    GROUPS,
    PLACES,
    every_measure,
    no_limits,
    run_small,
    small_disease,
    small_population,
    small_tiers,
)

from fangxian.base.counter_random import purpose_key
from fangxian.science.agents import measures
from fangxian.science.agents.city import City, prepare_city
from fangxian.science.agents.measures import Care, DayMeasures, Screening
from fangxian.science.agents.outcome import Flow, Outcome, Stock
from fangxian.science.agents.records import Contacts, DiseaseCourse
from fangxian.science.agents.screening import found_in_tubes


def separate_city() -> City:
    """Return a city whose three places have nothing in common: no contacts, no beds."""
    population = small_population()
    contacts = Contacts(
        household_per_member=1.0,
        group=np.zeros((4, AGES)),
        community=np.array([[3.0, 2.0, 0.5], [2.0, 4.0, 1.0], [0.5, 1.0, 2.0]]),
        weight=np.array([3.0, 1.0, 1.0, 1.0, 1.5, 1.2]),
    )
    return prepare_city(
        population, contacts, GROUPS, tier=small_tiers(population), pool_of_place=np.arange(PLACES)
    )


CITY = separate_city()


def run(day: DayMeasures, disease: DiseaseCourse | None = None) -> Outcome:
    """Return a run in the city of separate places."""
    return run_small(day, city=CITY, disease=disease)


def only_in_the_first_place() -> DayMeasures:
    """Return every measure in place 0, and in the others what is done without it."""
    full, plain = every_measure(), no_limits()
    here = np.arange(PLACES) == 0
    meeting = {
        name: np.where(
            here.reshape(-1, *[1] * (np.ndim(getattr(full.meeting, name)) - 1)),
            getattr(full.meeting, name),
            1.0,
        )
        for name in ("contact_factor", "mask_factor", "symptomatic_factor", "travel_factor")
    }
    assert full.testing is not None and full.tracing is not None and full.isolation is not None
    testing = measures.Testing(
        full.testing.test_share * here[:, None],
        full.testing.clinic_share * here[:, None],
        full.testing.background_tests * here,
    )
    everybody = np.array([6, 10_000, 10_000])
    return replace(
        plain,
        meeting=measures.Meeting(**meeting),
        testing=testing,
        screening=Screening(np.array([0.2, 0.0, 0.0]), 10, 0.3),
        tracing=replace(full.tracing, capacity=np.array([3, 0, 0])),
        isolation=replace(
            full.isolation,
            case_share=0.9 * here,
            contact_share=0.8 * here,
            rooms=np.array([30, 0, 0]),
            leak=np.stack([measures.default_leak()] * PLACES),
        ),
        vaccination=measures.Vaccination(
            np.full((PLACES, 2, AGES), 2) * here[:, None, None], np.full(AGES, 0.8)
        ),
        care=Care(everybody, everybody, antiviral_courses=np.array([1, 0, 0])),
        laboratory_tubes=150.0,
    )


def test_measures_of_one_place_change_nothing_elsewhere_to_the_bit() -> None:
    """Places that share nothing but the luck: with everything on in one, the others run as before."""
    plain, changed = run(no_limits()), run(only_in_the_first_place())
    assert not np.array_equal(plain.flows[:, Flow.INFECTIONS, 0], changed.flows[:, Flow.INFECTIONS, 0])
    assert plain.flows[:, Flow.INFECTIONS, 1:].sum() > 1000
    for which in (Flow.INFECTIONS, Flow.SYMPTOMATIC, Flow.SEVERE, Flow.ADMISSIONS, Flow.DEATHS):
        assert np.array_equal(plain.flows[:, which, 1:], changed.flows[:, which, 1:]), which.name
    for flow in (Flow.TESTS, Flow.CASES_ISOLATED, Flow.CASES_TRACED, Flow.CONTACTS_QUARANTINED, Flow.DOSES):
        assert changed.flows[:, flow, 0].sum() > 0 and not changed.flows[:, flow, 1:].any(), flow.name
    for stock in (Stock.AT_HOME_APART, Stock.IN_ROOMS):
        assert changed.stocks[:, stock, 0].sum() > 0 and not changed.stocks[:, stock, 1:].any(), stock.name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tracing": measures.Tracing(np.ones((2, 6)), np.full(PLACES, 1))}, r"recall must have shape"),
        ({"screening": Screening(np.ones(PLACES), np.array([5, 5]))}, r"pool_size must have shape \(\) or"),
        ({"screening": Screening(np.ones(PLACES), 5, -0.1)}, "dilution must lie between 0 and 10"),
        (
            {"testing": replace(every_measure().testing, method=("pcr", "antigen"))},
            r"method must be one for all 3 places or one for each \(got 2\)",
        ),
    ],
)  # fmt: skip
def test_rows_that_do_not_fit_the_places_are_refused(change: dict[str, object], message: str) -> None:
    """One for all, or one for each."""
    with pytest.raises(ValueError, match=message):
        run(replace(no_limits(), **change))


def found(positive: int, size: int, dilution: float) -> float:
    """Return in how many of many tubes with some positives they are found."""
    rounds = 4000
    together = np.arange(positive, dtype=np.int64)  # neighbours in the register
    screening = Screening(np.ones(PLACES), size, dilution)
    key = purpose_key(3, "tubes")
    return float(
        np.mean([
            len(found_in_tubes(together, together, screening, CITY, (key, day)).cases) > 0
            for day in range(rounds)
        ])
    )  # fmt: skip


def test_a_tube_finds_less_the_more_it_is_diluted_and_more_the_more_positives_it_holds() -> None:
    """(n / m) to the minus dilution, within chance; Bateman 2021: 91 of 100 in ten, 81 in fifty."""
    by_size = [found(1, size, 0.3) for size in (1, 2, 5, 10, 50)]
    assert by_size[0] == 1.0 and all(more > less for more, less in pairwise(by_size))
    by_positives = [found(positive, 10, 0.3) for positive in (1, 2, 5, 10)]
    assert by_positives[-1] == 1.0 and all(less < more for less, more in pairwise(by_positives))
    for positive, seen in zip((1, 2, 5), by_positives, strict=False):
        assert abs(seen - (10 / positive) ** -0.3) < 4 * np.sqrt(0.25 / 4000)
    for size, published in ((5, 0.93), (10, 0.91), (50, 0.81)):
        assert abs(size**-0.05 - published) < 0.02


def test_a_positive_tube_is_taken_apart_and_all_its_positives_are_found() -> None:
    """Three in one tube and one in another: ten tubes again for each that is positive."""
    person = np.array([0, 3, 9, 25])
    screening = Screening(np.ones(PLACES), 10)
    outcome = found_in_tubes(np.arange(4), person, screening, CITY, (purpose_key(1, "tubes"), 0))
    assert outcome.cases.tolist() == [0, 1, 2, 3]
    assert outcome.tubes.sum() == np.ceil(CITY.population.size / 10) + 20
    assert outcome.tubes[0] == np.round(CITY.cell_people[0].sum() / 10) + 20
    alone = replace(screening, pool_size=1)
    outcome = found_in_tubes(np.arange(4), person, alone, CITY, (purpose_key(1, "tubes"), 0))
    assert outcome.tubes.tolist() == CITY.cell_people.sum(axis=1).tolist()


def test_treatment_saves_lives_and_infections_on_the_same_luck() -> None:
    """Of the treated: fewer die at the same number of severe; fewer are infected by them."""
    testing = measures.Testing(
        np.ones((PLACES, AGES)), np.ones((PLACES, AGES)), np.zeros(PLACES), turnaround_days=0.0
    )
    full = np.full(PLACES, 10_000)
    day = replace(no_limits(), testing=testing, care=Care(full, full, antiviral_courses=full))
    usual = small_disease()
    assert usual.severity is not None
    runs = {}
    for name, changes in {
        "nothing": {},
        "death": {"antiviral_death_efficacy": 0.9},
        "transmission": {"antiviral_transmission_efficacy": 0.9},
    }.items():
        none = {
            "antiviral_efficacy": 0.0,
            "antiviral_death_efficacy": 0.0,
            "antiviral_transmission_efficacy": 0.0,
        }
        runs[name] = run(day, replace(usual, severity=replace(usual.severity, **(none | changes))))
    total = {name: {flow: outcome.total(flow).sum() for flow in Flow} for name, outcome in runs.items()}
    assert np.array_equal(runs["nothing"].flows[:, Flow.SEVERE], runs["death"].flows[:, Flow.SEVERE])
    assert total["death"][Flow.DEATHS] < 0.6 * total["nothing"][Flow.DEATHS]
    assert total["transmission"][Flow.INFECTIONS] < 0.97 * total["nothing"][Flow.INFECTIONS]
