"""The simulator against what is known exactly of large towns: final sizes, growth, intervals, R0."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from plain_runs import ONE_AGE, plain_contacts

from fangxian.science.agents.city import prepare_city
from fangxian.science.agents.measures import Importation, no_measures
from fangxian.science.agents.outcome import Flow, Outcome
from fangxian.science.agents.records import AgeGroups, Contacts, Delay, DiseaseCourse, Infectiousness
from fangxian.science.agents.reproduction import reproduction_number, scaled_to
from fangxian.science.agents.run import simulate
from fangxian.science.population.uniform import uniform_population
from fangxian.studies.plain_epidemic.run import PlainQuestion, run_plain
from fangxian.studies.plain_epidemic.summary import (
    expected_final_share,
    expected_generation_interval,
    expected_growth_rate,
)
from fangxian.studies.plain_epidemic.towns import hybrid_town
from shared_data import shared_path


@pytest.mark.parametrize(("reproduction", "replicates"), [(1.2, 12), (1.5, 4), (2.0, 2), (3.0, 1), (5.0, 1)])
def test_a_million_people_meet_the_final_size_equation(reproduction: float, replicates: int) -> None:
    """Closed SIR with random mixing; near R0 1 the final size is noisy, so replicates are averaged."""
    question = PlainQuestion(
        people=1_000_000,
        reproduction=reproduction,
        layers="random",
        days=700,
        seed=11,
        replicates=replicates,
        infectiousness=Infectiousness(period=Delay("fixed", 5.0)),
    )
    seen = run_plain(question).attack_rate.mean()
    assert abs(seen - expected_final_share(reproduction)) < 0.003


def test_four_ages_meet_the_multi_type_final_size() -> None:
    """A peer whose day lengthened the infectious period gave .874 where .8407 is exact."""
    analytic = json.loads(shared_path("expected/analytic.json").read_text(encoding="utf-8"))
    exact = analytic["multitype_final_size_z_i=1-exp(-sum_j K_ij z_j)"]
    matrix = np.array(exact["K = 2.5*C/rho(C), C rows (contacts of i with j)"])
    matrix = 2.5 * matrix / np.abs(np.linalg.eigvals(matrix)).max()
    people, share = 400_000, np.array([0.2, 0.25, 0.35, 0.2])
    ages = np.repeat([10, 30, 50, 70], (share * people).astype(int))
    groups = AgeGroups((0, 20, 40, 60))
    # row i of the exact matrix is who infects i: infector j makes K_ij N_i / N_j effective contacts with i
    made = (matrix * share[:, None] / share[None, :]).T
    contacts = Contacts(household_per_member=0.0, group=np.zeros((4, 4)), community=made)
    outcome = run_ages(people, ages, groups, contacts)
    seen = outcome.flow(Flow.INFECTIONS).sum(axis=(0, 1)) / (share * people)
    assert np.abs(seen - np.array(exact["z"])).max() < 0.004
    assert abs((seen * share).sum() - exact["z_pop(.2,.25,.35,.2)"]) < 0.003


def run_ages(people: int, ages: np.ndarray, groups: AgeGroups, contacts: Contacts) -> Outcome:
    """Return a closed SIR epidemic with a mean infectious period of 5 days among people of several ages."""
    disease = DiseaseCourse(
        infectiousness=Infectiousness(period=Delay("exponential", 5.0)),
        transmissibility=0.2,  # a contact a day for 5 days on average is one effective contact
        susceptibility=np.ones(groups.count),
    )
    later = no_measures(1, groups.count)
    first = replace(later, imports=Importation(np.zeros(1), np.array([40])))
    city = prepare_city(uniform_population(people, ages=ages), contacts, groups)
    return simulate(city, disease, lambda reported: first if reported.day == 0 else later, days=300, seed=3)


@pytest.mark.parametrize("latent_days", [0.0, 3.0])
def test_growth_and_generation_interval_are_those_set(latent_days: float) -> None:
    """Euler-Lotka within 2 %, the mean generation interval within 2 %."""
    infectiousness = Infectiousness(latent=Delay("fixed", latent_days), period=Delay("exponential", 5.0))
    question = PlainQuestion(
        people=1_000_000,
        reproduction=2.0,
        layers="random",
        days=250,
        seed=2,
        replicates=6,
        infectiousness=infectiousness,
        seeds=50,
    )
    seen = run_plain(question)
    expected = expected_growth_rate(2.0, infectiousness)
    assert abs(seen.growth_rate.mean() / expected - 1.0) < 0.02
    interval = expected_generation_interval(infectiousness)
    assert abs(seen.generation_interval_mean.mean() / interval - 1.0) < 0.02


def test_reproduction_number_of_random_mixing_is_contacts_times_days() -> None:
    """The eigenvalue is the mean number of effective contacts where everybody is alike."""
    city = prepare_city(uniform_population(1000), plain_contacts(community=0.5), ONE_AGE)
    disease = DiseaseCourse(
        infectiousness=Infectiousness(period=Delay("gamma", 4.0, 2.0)), transmissibility=1.0
    )
    assert reproduction_number(city, disease) == pytest.approx(2.0)


def test_a_town_of_three_settings_is_scaled_to_its_reproduction_number() -> None:
    """Households, classes and teams: the first generations grow by R0 in the mean."""
    population, contacts = hybrid_town(20_000, 1)
    city = prepare_city(population, contacts, ONE_AGE)
    disease = scaled_to(city, DiseaseCourse(), 2.5)
    assert reproduction_number(city, disease) == pytest.approx(2.5, rel=1e-5)
    with pytest.raises(ValueError, match="R0 must be 0 or more and finite"):
        scaled_to(city, disease, -1.0)


def test_households_of_two_infect_the_partner_once() -> None:
    """R0 counts distinct people: a pair with hazard x over an exponential period infects x / (1 + x)."""
    city = prepare_city(uniform_population(1000, 2), plain_contacts(household=3.0, community=0.4), ONE_AGE)
    disease = DiseaseCourse(
        infectiousness=Infectiousness(period=Delay("exponential", 1.0)), transmissibility=1.0
    )
    assert reproduction_number(city, disease) == pytest.approx(0.75 + 0.4, rel=2e-3)
    alone = prepare_city(uniform_population(1000, 2), plain_contacts(household=3.0), ONE_AGE)
    with pytest.raises(ValueError, match=r"R0 2.0 is more than the people whom one meets"):
        scaled_to(alone, disease, 2.0)
