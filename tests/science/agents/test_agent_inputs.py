"""What a simulation refuses, and its building blocks against plain numpy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from small_city import AGES, GROUPS, PLACES, every_measure, no_limits, small_city, small_disease, with_seeds

from fangxian.base.counter_random import keyed_bits, purpose_key
from fangxian.science.agents import measures
from fangxian.science.agents.city import prepare_city
from fangxian.science.agents.delays import delay_at, quantile_table
from fangxian.science.agents.draws import poisson
from fangxian.science.agents.measures import Importation, Isolation, Vaccination
from fangxian.science.agents.outcome import Flow
from fangxian.science.agents.records import (
    AgeGroups,
    Contacts,
    Delay,
    DiseaseCourse,
    Infectiousness,
    Protection,
    Severity,
)
from fangxian.science.agents.run import simulate
from fangxian.science.population.uniform import uniform_population

DELAYS = [
    (Delay("exponential", 5.0), stats.expon(scale=5.0)),
    (Delay("gamma", 3.0, 1.5), stats.gamma(4.0, scale=0.75)),
    (Delay("gamma", 2.0, 4.0), stats.gamma(0.25, scale=8.0)),
    (Delay("lognormal", 4.5, 1.5), stats.lognorm(np.log(1 + 1 / 9) ** 0.5, scale=4.5 / (1 + 1 / 9) ** 0.5)),
]


@pytest.mark.parametrize(("delay", "exact"), DELAYS)
def test_delays_have_their_distribution(delay: Delay, exact) -> None:
    """Mean, standard deviation and the far tail; a fixed stream of half-words."""
    table = quantile_table(delay)
    key = purpose_key(3, "delays")
    halves = [keyed_bits(key, who, 0) >> np.uint64(32) for who in range(40_000)]
    drawn = np.array([delay_at(table, half) for half in halves])
    assert stats.kstest(drawn, exact.cdf).pvalue > 0.001
    assert delay_at(table, np.uint64(42)) == pytest.approx(exact.isf(42.5 / 2**32), rel=1e-3)
    assert delay_at(table, np.uint64(2**32 - 1)) >= 0.0


def test_a_fixed_delay_is_fixed() -> None:
    """To the precision of the table."""
    assert delay_at(quantile_table(Delay("fixed", 2.5)), np.uint64(123)) == 2.5


@pytest.mark.parametrize("mean", [0.0, 0.3, 4.0, 75.0])
def test_poisson_numbers(mean: float) -> None:
    """Mean and variance; means above 30 are drawn in pieces."""
    key = purpose_key(4, "poisson")
    drawn = np.array([poisson(mean, np.uint64(keyed_bits(key, who, 0))) for who in range(20_000)])
    assert drawn.mean() == pytest.approx(mean, abs=4 * (mean / 20_000) ** 0.5 + 1e-12)
    assert drawn.var() == pytest.approx(mean, rel=0.06, abs=1e-12)


def one_severity(**changes) -> Severity:
    """Return a clinical course of one age."""
    arrays = {
        "symptomatic": 0.5,
        "severe": 0.1,
        "critical": 0.1,
        "death_in_ward": 0.1,
        "death_without_ward": 0.2,
        "death_in_intensive_care": 0.3,
        "death_without_intensive_care": 0.9,
    }
    return Severity(**{name: np.array([value]) for name, value in (arrays | changes).items()})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AgeGroups((5, 10)), r"must start at 0 and ascend to at most 130 \(got \(5, 10\)\)"),
        (lambda: AgeGroups(tuple(range(33))), r"at most 32 groups \(got 33\)"),
        (lambda: Delay("gamma", 3.0), r"a gamma delay needs sd_days above 0 \(got 0.0\)"),
        (lambda: Delay("fixed", -1.0), r"mean_days must be 0 or more and below 10000 \(got -1.0\)"),
        (lambda: Infectiousness(profile=(0.0,)), r"weights of 0 or more, not all 0 \(got \(0.0,\)\)"),
        (lambda: Infectiousness(dispersion=0.0), r"dispersion must be above 0 \(got 0.0\)"),
        (lambda: one_severity(severe=1.2), r"severe must lie between 0 and 1 \(got 1.2\)"),
        (
            lambda: one_severity(death_without_ward=0.05),
            r"death_without_ward must not be below death_in_ward .*care never costs lives",
        ),
        (
            lambda: Protection(np.zeros((1, 65)), np.zeros((1, 65)), np.zeros((1, 65))),
            r"at most 64 classes \(got 65\)",
        ),
        (
            lambda: Protection(
                np.zeros((1, 1)), np.zeros((1, 1)), np.zeros((1, 1)), class_of_status=(0, 1, 1, 1)
            ),
            r"classes must be 0 to 0 \(got \[-1, 0, 1\]\)",
        ),
        (
            lambda: Contacts(1.0, np.zeros((4, 1)), np.ones((1, 1)), place_mixing=np.array([[0.4]])),
            r"rows of place_mixing must sum to 1 \(row 0 sums to 0.4\)",
        ),
        (
            lambda: Contacts(1.0, np.zeros((4, 2)), np.ones((1, 1))),
            r"group must have shape \(4, 1\) \(got \(4, 2\)\)",
        ),
        (lambda: DiseaseCourse(transmissibility=float("nan")), r"transmissibility must be 0 or more"),
    ],
)
def test_records_refuse_with_rule_value_and_remedy(make, message: str) -> None:
    """Each message says what was received."""
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"imports": Importation(np.zeros(2), np.zeros(2))},
            r"expected must have shape \(3,\) \(got \(2,\)\)",
        ),
        ({"laboratory_tubes": -1.0}, r"laboratory_tubes must lie between 0 and inf \(got -1\)"),
        ({"isolation": Isolation(case_share=1.5)}, r"case_share must lie between 0 and 1 \(got 1.5\)"),
        ({"isolation": Isolation(rooms=-5)}, r"rooms must lie between 0 and 1e\+09 \(got -5\)"),
        (
            {"vaccination": Vaccination(np.full((PLACES, 2, AGES), -1), np.ones(AGES))},
            r"doses must lie between 0 and 1e\+09 \(got -1\)",
        ),
        (
            {"screening": measures.Screening(np.full(PLACES, 0.5), pool_size=0)},
            r"pool_size must lie between 1 and 1000 \(got 0\)",
        ),
    ],
)
def test_measures_that_do_not_fit_are_refused(changes: dict, message: str) -> None:
    """Before the day, with the name of the record and the field."""
    day = replace(no_limits(), **changes)
    with pytest.raises(ValueError, match=message):
        simulate(small_city(), small_disease(), lambda reported: day, days=3, seed=1)


def test_runs_and_cities_that_do_not_fit_are_refused() -> None:
    """Days, ages, places, household sizes and contacts beyond counting."""
    city, disease = small_city(), small_disease()
    with pytest.raises(ValueError, match=r"days must be 1 to 10000 \(got 0\)"):
        simulate(city, disease, lambda reported: no_limits(), days=0, seed=1)
    with pytest.raises(ValueError, match=r"the disease is for 1 age groups, the city has 3"):
        simulate(city, DiseaseCourse(), lambda reported: no_limits(), days=3, seed=1)
    with pytest.raises(ValueError, match=r"one person would make .* effective contacts on average"):
        simulate(city, small_disease(1e5), lambda reported: no_limits(), days=3, seed=1)
    one = Contacts(1.0, np.zeros((4, 1)), np.ones((1, 1)))
    with pytest.raises(ValueError, match=r"contacts are for 1 age groups, the run has 3"):
        prepare_city(city.population, one, GROUPS)
    with pytest.raises(ValueError, match=r"go up to 65535 \(got 70000, 0 and 1\); split what is larger"):
        prepare_city(uniform_population(70_000, 70_000), one, AgeGroups())


def test_one_household_of_a_thousand_and_a_city_of_one() -> None:
    """The smallest and the oddest city run."""
    one = Contacts(1.0, np.zeros((4, 1)), np.ones((1, 1)))
    seeded = replace(measures.no_measures(1, 1), imports=Importation(np.zeros(1), np.ones(1, dtype=np.int64)))
    disease = DiseaseCourse(transmissibility=0.01)
    for people, household in ((1000, 1000), (1, 1)):
        city = prepare_city(uniform_population(people, household), one, AgeGroups())
        outcome = simulate(city, disease, lambda reported: seeded, days=60, seed=1)
        assert outcome.total(Flow.INFECTIONS).sum() == people


def test_no_transmission_infects_the_seeds_alone() -> None:
    """R0 of zero, with every measure on."""
    day = replace(every_measure(), imports=no_limits().imports)
    outcome = simulate(
        small_city(),
        small_disease(0.0),
        lambda reported: with_seeds(day, 4) if reported.day == 0 else day,
        days=60,
        seed=1,
    )
    assert outcome.total(Flow.INFECTIONS).sum() == 4 * PLACES == outcome.total(Flow.IMPORTED).sum()
