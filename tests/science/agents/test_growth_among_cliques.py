"""Early growth where the same people meet again and again: Euler and Lotka for households, classes and teams.

With random mixing the equation sums the infections that one person causes. Among fixed contacts it is exact
for *clumps*: everybody infected within one household, class or team by way of who brought the infection in.
Let g, h, s, w be the sums of ``exp(-r t)`` over infections in the community by one person, and over a clump
in a household, class or team (t since the first of them). Where a household and a class share one person at
most, who was infected in a clump begins clumps of the other kinds and none of this kind; growth r is where
the matrix of these sums has the dominant eigenvalue 1 (Pellis, Ferguson and Fraser 2011, DOI
10.1007/s00285-010-0386-0). With exponential latent and infectious periods a clump is a Markov chain whose sum
a recursion gives without error.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from plain_runs import ONE_AGE

from fangxian.science.agents.city import City, prepare_city
from fangxian.science.agents.measures import Importation, no_measures
from fangxian.science.agents.outcome import TransmissionTree
from fangxian.science.agents.records import Contacts, Delay, DiseaseCourse, Infectiousness, Setting
from fangxian.science.agents.run import simulate
from fangxian.science.population.records import Population
from fangxian.studies.plain_epidemic.summary import expected_generation_interval, growth_rate
from fangxian.studies.plain_epidemic.towns import TOWNS

PEOPLE, SEEDS, RUNS, DAYS = 1_000_000, 40, 24, 37
LATENT_DAYS, INFECTIOUS_DAYS = 2.0, 5.0
COURSE = Infectiousness(
    latent=Delay("exponential", LATENT_DAYS), period=Delay("exponential", INFECTIOUS_DAYS)
)


def clump(members: int, pair_rate: float, growth: float) -> float:
    """Return the sum of ``exp(-growth t)`` over those whom one infected member leads to in the clump.

    Parameters
    ----------
    members : int
        Of the household, class or team.
    pair_rate : float
        Effective contacts a day of an infectious member with each other one.
    growth : float
        A day.
    """
    onset, recovery = 1.0 / LATENT_DAYS, 1.0 / INFECTIOUS_DAYS
    value = np.zeros((members + 1, members + 2, members + 2))
    for left in range(members):  # susceptible; then latent, then infectious
        for latent in range(members - left + 1):
            for infectious in range(members - left - latent + 1):
                catch = pair_rate * left * infectious
                total = growth + catch + onset * latent + recovery * infectious
                gained = catch * (1.0 + value[left - 1, latent + 1, infectious]) if catch else 0.0
                gained += onset * latent * value[left, latent - 1, infectious + 1] if latent else 0.0
                gained += recovery * infectious * value[left, latent, infectious - 1] if infectious else 0.0
                value[left, latent, infectious] = gained / total if total > 0.0 else 0.0
    return float(value[members - 1, 1, 0])


def mean_clump(sizes: np.ndarray, pair_rate: np.ndarray, growth: float) -> float:
    """Return the mean of `clump` over people; how many are in cliques of each size, and the rate by size."""
    values = [
        clump(size, float(pair_rate[size]), growth) if sizes[size] else 0.0 for size in range(len(sizes))
    ]
    return float(np.average(values, weights=sizes))


def expected_growth(population: Population, contacts: Contacts, transmissibility: float) -> float:
    """Return r of the equation of clumps, a day."""
    per_contact = contacts.weight * transmissibility
    at_home = np.diff(population.household_start)
    homes = np.bincount(at_home, weights=at_home)
    home_rate = np.full(len(homes), per_contact[Setting.HOUSEHOLD] * contacts.household_per_member)
    members = np.diff(population.group_start)
    cliques = []
    for kind in np.unique(population.group_kind):
        sizes = members[population.group_kind == kind]
        people = np.bincount(sizes, weights=sizes)
        meets = per_contact[kind + 1] * contacts.group[kind, 0]
        cliques.append((people, meets / np.maximum(np.arange(len(people)) - 1, 1)))

    def eigenvalue(growth: float) -> float:
        onset, recovery = 1.0 / LATENT_DAYS, 1.0 / INFECTIOUS_DAYS
        meets = per_contact[Setting.COMMUNITY] * contacts.community[0, 0]
        begins = [
            people.sum() / population.size * mean_clump(people, rate, growth) for people, rate in cliques
        ]
        matrix = np.zeros(
            (2 + len(begins), 2 + len(begins))
        )  # infected in the community, at home, in a group
        matrix[:, 0] = onset / (onset + growth) * meets / (recovery + growth)
        matrix[[0, *range(2, len(matrix))], 1] = mean_clump(homes, home_rate, growth)
        matrix[:2, 2:] = begins
        return float(np.abs(np.linalg.eigvals(matrix)).max())

    low, high = 0.01, 1.0
    for _ in range(16):
        middle = (low + high) / 2.0
        low, high = (middle, high) if eigenvalue(middle) > 1.0 else (low, middle)
    return (low + high) / 2.0


def strangers(population: Population, seed: int) -> Population:
    """Return the town with its classes and teams filled at random instead of with neighbours."""
    source = np.random.default_rng(seed)
    group = population.person_group.copy()
    for kind in np.unique(population.group_kind):
        those = np.flatnonzero((group >= 0) & (population.group_kind[group] == kind))
        group[those] = group[source.permutation(those)]
    member = np.flatnonzero(group >= 0)
    member = member[np.argsort(group[member], kind="stable")].astype(np.int32)
    return replace(population, person_group=group, group_member=member)


def epidemic(city: City, transmissibility: float, days: int, seed: int) -> TransmissionTree:
    """Return who infected whom without measures."""
    disease = DiseaseCourse(infectiousness=COURSE, transmissibility=transmissibility)
    later = no_measures(1, 1)
    first = replace(later, imports=Importation(np.zeros(1), np.array([SEEDS])))
    outcome = simulate(
        city, disease, lambda known: first if known.day == 0 else later, days=days, seed=seed, tree=True
    )
    assert outcome.tree is not None
    return outcome.tree


@pytest.mark.parametrize(("layers", "transmissibility"), [("household,random", 0.045), ("hybrid", 0.025)])
def test_growth_among_cliques_is_that_of_their_equation(layers: str, transmissibility: float) -> None:
    """Within 2 %, as the mean of runs that stop where half a per cent of the town is infected."""
    population, contacts = TOWNS[layers](PEOPLE, 1)
    population = strangers(population, 5)
    city = prepare_city(population, contacts, ONE_AGE)
    seen = [
        growth_rate(epidemic(city, transmissibility, DAYS, seed).time_days, PEOPLE, SEEDS)
        for seed in range(RUNS)
    ]
    expected = expected_growth(population, contacts, transmissibility)
    assert abs(np.mean(seen) / expected - 1.0) < 0.02


def test_contacts_in_the_community_keep_the_generation_interval_set() -> None:
    """Within 2 % in a town of every layer; those at home and in groups are shorter, as partners run out."""
    people = 150_000
    population, contacts = TOWNS["hybrid"](people, 1)
    tree = epidemic(prepare_city(population, contacts, ONE_AGE), 0.025, 250, 1)
    rank = np.empty(people, dtype=np.int64)
    rank[tree.infectee] = np.arange(len(tree.infectee))
    early = (tree.infector >= 0) & (rank[tree.infector] < 0.1 * people)
    interval = tree.time_days - tree.time_days[rank[tree.infector]]
    susceptible = 1.0 - np.arange(len(interval)) / people

    def mean_of(settings: list[Setting]) -> float:
        chosen = early & np.isin(tree.setting, settings)
        return float(np.average(interval[chosen], weights=1.0 / susceptible[chosen]))

    wanted = expected_generation_interval(COURSE)
    assert wanted == pytest.approx(LATENT_DAYS + INFECTIOUS_DAYS)
    assert abs(mean_of([Setting.COMMUNITY]) / wanted - 1.0) < 0.02
    assert mean_of([Setting.HOUSEHOLD]) < 0.9 * wanted
