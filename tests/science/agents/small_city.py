"""A small city with every kind of setting, a disease with a clinical course, and every measure at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fangxian.science.agents.city import City, prepare_city
from fangxian.science.agents.measures import (
    NO_TEST,
    Care,
    DayMeasures,
    Importation,
    Isolation,
    Meeting,
    Screening,
    Stay,
    Testing,
    Tracing,
    Vaccination,
    default_leak,
    no_measures,
)
from fangxian.science.agents.outcome import Outcome
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
from fangxian.science.population.records import Population
from fangxian.science.population.uniform import uniform_population

PLACES, AGES, PEOPLE, DAYS = 3, 3, 6_000, 120
GROUPS = AgeGroups((0, 18, 60))
GROUP_SIZE = 10
POOL_OF_PLACE = np.array([0, 0, 1])


def small_population(people: int = PEOPLE) -> Population:
    """Return three places; half of the people belong to groups of ten of every kind."""
    source = np.random.default_rng(7)
    homes = uniform_population(people, (0.2, 0.3, 0.3, 0.2), ages=source.integers(0, 90, people), seed=7)
    start = homes.household_start
    cuts = [int(start[np.searchsorted(start, people * place // PLACES)]) for place in range(PLACES)]
    group = np.full(people, -1, dtype=np.int32)
    chosen = source.permutation(people)[: people // 2]
    group[chosen] = np.arange(len(chosen)) // GROUP_SIZE
    member = np.flatnonzero(group >= 0)
    member = member[np.argsort(group[member], kind="stable")]
    groups = int(group.max()) + 1
    return replace(
        homes,
        person_group=group,
        person_flags=source.integers(0, 3, people).astype(np.uint8),
        person_vaccination=source.integers(0, 4, people).astype(np.uint8),
        place_start=np.array([*cuts, people], dtype=np.int32),
        place_code=("a", "b", "c"),
        place_parent=np.zeros(PLACES, dtype=np.int32),
        group_start=np.concatenate(([0], np.cumsum(np.bincount(group[member])))).astype(np.int32),
        group_member=member.astype(np.int32),
        group_kind=(np.arange(groups) % 4).astype(np.uint8),
        group_site=np.arange(groups, dtype=np.int32),
    )


def small_city(ceiling: float = 1.0, people: int = PEOPLE) -> City:
    """Return the city; a tenth of the community contacts lead to other places."""
    mixing = np.full((PLACES, PLACES), 0.05)
    np.fill_diagonal(mixing, 0.9)
    contacts = Contacts(
        household_per_member=1.0,
        household_exponent=0.3,
        group=np.full((4, AGES), 5.0),
        community=np.array([[3.0, 2.0, 0.5], [2.0, 4.0, 1.0], [0.5, 1.0, 2.0]]),
        place_mixing=mixing,
        weight=np.array([3.0, 1.0, 1.0, 1.0, 1.5, 0.6]),
        ceiling=np.full(6, ceiling),
    )
    population = small_population(people)
    return prepare_city(
        population, contacts, GROUPS, tier=small_tiers(population), pool_of_place=POOL_OF_PLACE
    )


def small_tiers(population: Population) -> NDArray[np.uint8]:
    """Return tier 1 for people with an underlying disease."""
    return (population.person_flags > 0).astype(np.uint8)


def small_disease(transmissibility: float = 0.07) -> DiseaseCourse:
    """Return a disease that fills beds."""
    return DiseaseCourse(
        infectiousness=Infectiousness(
            latent=Delay("gamma", 3.0, 1.5),
            period=Delay("gamma", 7.0, 2.5),
            profile=(1.5, 1.0, 0.5),
            follows_period=False,
            dispersion=0.8,
            asymptomatic_factor=0.5,
        ),
        transmissibility=transmissibility,
        susceptibility=np.array([0.6, 1.0, 1.0]),
        severity=Severity(
            symptomatic=np.array([0.5, 0.7, 0.8]),
            severe=np.array([0.05, 0.1, 0.3]),
            critical=np.array([0.2, 0.3, 0.5]),
            death_in_ward=np.array([0.01, 0.02, 0.1]),
            death_without_ward=np.array([0.1, 0.2, 0.5]),
            death_in_intensive_care=np.array([0.3, 0.4, 0.5]),
            death_without_intensive_care=np.array([0.9, 0.9, 1.0]),
            severe_by_disease=(1.0, 1.5, 2.0),
            infectious_to_onset=Delay("gamma", 1.5, 1.0),
            antiviral_efficacy=0.6,
            antiviral_death_efficacy=0.5,
            antiviral_transmission_efficacy=0.4,
        ),
        pcr_sensitivity=np.array([0, 0.2, 0.6, 0.9, 0.95, 0.95, 0.9, 0.9, 0.8, 0.7, 0.5, 0.3]),
        antigen_sensitivity=np.array([0, 0, 0.4, 0.7, 0.8, 0.8, 0.7, 0.5, 0.2]),
    )


def small_protection() -> Protection:
    """Return three classes at the start and one for doses of the run."""
    by_class = np.tile([0.0, 0.1, 0.2, 0.5], (DAYS, 1))
    return Protection(
        infection=by_class,
        severe=by_class,
        death=by_class,
        class_of_status=(0, 1, 2, 2),
        class_of_dose_day=np.full(DAYS, 3, dtype=np.int32),
    )


def no_limits() -> DayMeasures:
    """Return a day without measures."""
    return no_measures(PLACES, AGES)


def with_seeds(day: DayMeasures, seeds: int = 10) -> DayMeasures:
    """Return the day with seeds in every place."""
    return replace(day, imports=Importation(np.zeros(PLACES), np.full(PLACES, seeds)))


def every_measure() -> DayMeasures:
    """Return a day with everything on, and differently in every place."""
    factor = np.ones((PLACES, 6, AGES))
    factor[:, 1], factor[:, 5] = 0.5, 0.8
    return replace(
        no_limits(),
        meeting=Meeting(
            factor,
            np.full((PLACES, 6), 0.95),
            np.array([[1, 0.3, 0.3, 0.3, 0.5, 0.4], [1, 0.6, 0.2, 0.5, 0.5, 0.8], [0.9, 0, 0, 0, 0, 0]]),
            np.full(PLACES, 0.5),
        ),
        imports=Importation(np.full(PLACES, 0.2), np.zeros(PLACES, dtype=np.int64)),
        testing=Testing(
            np.full((PLACES, AGES), 0.6),
            np.full((PLACES, AGES), 0.5),
            np.full(PLACES, 3.0),
            delay=(Delay("exponential", 1.0), Delay("gamma", 2.0, 1.0), Delay("exponential", 0.5)),
            method=("pcr", "pcr", "antigen"),
            turnaround_days=np.array([0.5, 1.0, 0.0]),
            report_delay_days=np.array([0.5, 0.0, 1.5]),
        ),
        screening=Screening(
            np.array([0.2, 0.0, 0.4]), np.array([10, 10, 5]), 0.3, turnaround_days=np.array([1.0, 1.0, 0.5])
        ),
        tracing=Tracing(
            np.array([[1, 0.8, 0.6, 0.6, 0.9, 0.2], [0.5, 0.5, 0.5, 0.5, 0.5, 0], [1, 1, 1, 1, 1, 1]]),
            np.array([3, 2, 3]),
            other_contacts=np.array([[0, 3, 3, 3, 3, 3.0], [0, 1, 1, 2, 2, 1.0], [0, 2, 2, 2, 2, 0.0]]),
            delay_days=np.array([1.0, 0.3, 2.0]),
            longest_wait_days=np.array([5, 2, 4]),
        ),
        isolation=every_isolation(),
        vaccination=Vaccination(
            np.full((PLACES, 2, AGES), 2), np.linspace(0.4, 0.9, PLACES * AGES).reshape(PLACES, AGES)
        ),
        care=Care(
            np.array([6, 3]),
            np.array([2, 1]),
            longest_wait_days=np.array([2.0, 3.0, 1.0]),
            antiviral_courses=np.array([1, 2]),
            antiviral_age=np.array([0, 1, 0]),
        ),
        laboratory_tubes=150.0,
    )


def every_isolation() -> Isolation:
    """Return isolation and quarantine that differ from place to place."""
    leak = np.stack([default_leak()] * PLACES)
    leak[1, Stay.HOME], leak[2, Stay.ROOM] = 0.5, 0.2
    return Isolation(
        case_share=np.array([0.9, 0.6, 1.0]),
        contact_share=np.array([0.8, 0.9, 0.3]),
        case_days=np.array([10.0, 6.0, 8.0]),
        contact_days=np.array([7.0, 5.0, 9.0]),
        cases_in_rooms=np.array([True, False, True]),
        contacts_in_rooms=np.array([True, True, False]),
        rooms=np.array([30, 10]),
        contact_test_days=np.array([[1, 4, 7], [2, NO_TEST, NO_TEST], [1, 3, NO_TEST]]),
        leak=leak,
    )


def run_small(
    day: DayMeasures,
    *,
    city: City | None = None,
    disease: DiseaseCourse | None = None,
    days: int = DAYS,
    seed: int = 1,
    seeds: int = 10,
) -> Outcome:
    """Return a run under the same measures every day."""
    return simulate(
        city or small_city(),
        disease or small_disease(),
        lambda reported: with_seeds(day, seeds) if reported.day == 0 else day,
        days=days,
        seed=seed,
        protection=small_protection(),
        tree=True,
    )
