"""Runs of a plain disease without measures but those that seed it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fangxian.science.agents.city import prepare_city
from fangxian.science.agents.measures import Importation, no_measures
from fangxian.science.agents.outcome import Outcome
from fangxian.science.agents.records import AgeGroups, Contacts, Delay, DiseaseCourse, Infectiousness
from fangxian.science.agents.run import simulate
from fangxian.science.population.records import Population

EXPONENTIAL = Delay("exponential", 1.0)
ONE_AGE = AgeGroups()


def plain_contacts(household: float = 0.0, community: float = 0.0) -> Contacts:
    """Return contacts of people of one age, who infect with certainty."""
    return Contacts(
        household_per_member=household, group=np.zeros((4, 1)), community=np.full((1, 1), community)
    )


def run_closed(
    population: Population,
    contacts: Contacts,
    *,
    period: Delay = EXPONENTIAL,
    latent: Delay | None = None,
    days: int = 60,
    seed: int = 1,
    seeds: int = 1,
    imports: float = 0.0,
) -> Outcome:
    """Return an epidemic that starts with seeds in every place and with imports on day 0."""
    places = population.places
    infectiousness = Infectiousness(latent=latent or Delay("fixed", 0.0), period=period)
    later = no_measures(places, 1)
    first = replace(
        later, imports=Importation(np.full(places, imports), np.full(places, seeds, dtype=np.int64))
    )
    return simulate(
        prepare_city(population, contacts, ONE_AGE),
        DiseaseCourse(infectiousness=infectiousness, transmissibility=1.0),
        lambda reported: first if reported.day == 0 else later,
        days=days,
        seed=seed,
        tree=True,
    )
