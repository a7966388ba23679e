"""A town from the margins of a city: its people, who meets whom, and how much of that crosses townships."""

from __future__ import annotations

from fangxian.plans.cities import CityFile
from fangxian.science.agents.records import Contacts
from fangxian.science.population.build import build_population
from fangxian.science.population.contacts import setting_contacts
from fangxian.science.population.sample import scaled_city
from fangxian.studies.rehearsal.town import AGE_GROUPS, Town, place_mixing


def town_of_city(city: CityFile, *, people: int | None = None, seed: int = 1) -> Town:
    """Build the town in which a plan is rehearsed.

    Parameters
    ----------
    city : CityFile
        Margins, places and contacts.
    people : int, optional
        A smaller copy with the same shares, for a quick look; the whole city by default.
    seed : int
        Of the people.

    Returns
    -------
    Town
        Places are townships, the units above them counties.

    Raises
    ------
    ValueError
        If the margins make no city.
    """
    whole = city.margins.people.value
    built = build_population(
        city if people in (None, whole) else scaled_city(city, people or whole), seed=seed
    )
    population = built.population
    met = setting_contacts(city, AGE_GROUPS.lower)
    contacts = Contacts(
        household_per_member=met.household_per_member,
        household_exponent=met.household_exponent,
        group=met.group,
        community=met.community,
        place_mixing=place_mixing(population),
    )
    name = city.margins.name
    return Town(
        code=city.margins.code,
        name={"zh": name.zh, "en": name.en},
        population=population,
        contacts=contacts,
        people_stood_for=whole,
    )
