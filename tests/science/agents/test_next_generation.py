"""R0 against the eigenvalue of the matrix "i infects j", written down pair by pair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from plain_runs import ONE_AGE, plain_contacts

from fangxian.science.agents.city import City, prepare_city
from fangxian.science.agents.delays import quantile
from fangxian.science.agents.records import (
    AgeGroups,
    Contacts,
    Delay,
    DiseaseCourse,
    Infectiousness,
    Setting,
)
from fangxian.science.agents.reproduction import reproduction_number, scaled_to
from fangxian.science.population.uniform import uniform_population
from fangxian.studies.plain_epidemic.towns import WEIGHTS, copies_of, hybrid_town

AGES = AgeGroups((0, 22))
SHAPE, MEAN_DAYS = 0.5, 4.0
"""Of individual infectiousness, and of the infectious period."""


def two_towns() -> City:
    """Two towns of 90 people of two ages in households, classes and teams, who meet a little."""
    contacts = Contacts(
        household_per_member=1.0,
        household_exponent=0.4,
        group=np.array([[20.0, 15.0], [10.0, 16.0], [0.0, 0.0], [0.0, 0.0]]),
        community=np.array([[6.0, 3.0], [2.0, 9.0]]),
        place_mixing=np.array([[0.8, 0.2], [0.3, 0.7]]),
        weight=np.array(WEIGHTS),
    )
    return prepare_city(copies_of(hybrid_town(90, 1)[0], 2), contacts, AGES)


def disease(transmissibility: float) -> DiseaseCourse:
    """A disease that spreads unevenly and infects the young less easily."""
    return DiseaseCourse(
        infectiousness=Infectiousness(period=Delay("gamma", MEAN_DAYS, 2.0), dispersion=SHAPE),
        susceptibility=np.array([0.6, 1.0]),
        transmissibility=transmissibility,
    )


def matrix_of(city: City, course: DiseaseCourse) -> np.ndarray:
    """Return the expected number of times that row i infects column j."""
    people, contacts, tau = city.population, city.contacts, course.transmissibility
    age, place = AGES.of_years()[people.person_age].astype(int), people.person_place()
    days = quantile(course.infectiousness.period, (np.arange(256) + 0.5) / 256)
    days = days * (MEAN_DAYS / days.mean())

    def at_least_one(rate: float) -> float:
        return float(1.0 - ((1.0 + rate * tau * days / SHAPE) ** -SHAPE).mean())

    matrix = np.zeros((people.size, people.size))
    for i in range(people.size):
        for j in range(people.size):
            met = MEAN_DAYS * tau * contacts.weight[Setting.COMMUNITY] * contacts.community[age[i], age[j]]
            met *= contacts.place_mixing[place[i], place[j]] / city.cell_people[place[j], age[j]]
            home, group = people.person_household[i], people.person_group[i]
            if i != j and people.person_household[j] == home:
                others = np.diff(people.household_start)[home] - 1
                met += at_least_one(contacts.weight[0] * others**-0.4)
            if i != j and group >= 0 and people.person_group[j] == group:
                kind = people.group_kind[group]
                others = np.diff(people.group_start)[group] - 1
                met += at_least_one(contacts.weight[kind + 1] * contacts.group[kind, age[i]] / others)
            matrix[i, j] = met * course.susceptibility[age[j]]
    return matrix


@pytest.mark.parametrize("transmissibility", [1e-6, 0.02, 0.5])
def test_it_is_the_dominant_eigenvalue(transmissibility: float) -> None:
    """Two ages, two places, every setting; contacts that hardly infect, up to those that nearly always do."""
    city, course = two_towns(), disease(transmissibility)
    exact = np.abs(np.linalg.eigvals(matrix_of(city, course))).max()
    assert reproduction_number(city, course) == pytest.approx(exact, rel=2e-6)


@pytest.mark.parametrize("wanted", [0.3, 1.0, 2.5, 12.0])
def test_a_disease_is_scaled_to_the_eigenvalue_asked_for(wanted: float) -> None:
    """The same matrix, for the transmissibility that was found."""
    city = two_towns()
    matrix = matrix_of(city, scaled_to(city, disease(1.0), wanted))
    assert np.abs(np.linalg.eigvals(matrix)).max() == pytest.approx(wanted, rel=1e-4)


def test_people_who_meet_nobody_and_people_who_cannot_be_infected() -> None:
    """Nobody met: R0 0, and no transmissibility gives another; R0 0 is a disease that does not spread."""
    alone = prepare_city(uniform_population(100), plain_contacts(), ONE_AGE)
    assert reproduction_number(alone, DiseaseCourse()) == 0.0
    with pytest.raises(ValueError, match="cannot be reached where nobody meets anybody"):
        scaled_to(alone, DiseaseCourse(), 2.0)
    immune = replace(disease(1.0), susceptibility=np.zeros(2))
    assert reproduction_number(two_towns(), immune) == 0.0
    with pytest.raises(ValueError, match="susceptible people"):
        scaled_to(two_towns(), immune, 2.0)
    assert scaled_to(two_towns(), disease(1.0), 0.0).transmissibility == 0.0


def test_one_person_meets_nobody_else_at_home() -> None:
    """A town of one: the community is the person itself, and R0 counts contacts that are void later."""
    one = prepare_city(uniform_population(1), plain_contacts(community=2.0), ONE_AGE)
    course = DiseaseCourse(infectiousness=Infectiousness(period=Delay("fixed", 3.0)), transmissibility=0.5)
    assert reproduction_number(one, course) == pytest.approx(3.0)
