"""A smaller or larger city with the same margins, e.g. one person in a hundred of it, for trials."""

from __future__ import annotations

import numpy as np

from fangxian.plans.cities import CityFile
from fangxian.plans.cities.schema import CityMargins, Place
from fangxian.science.population.places import PlaceTree, place_tree
from fangxian.science.population.whole_numbers import largest_remainder


def scaled_city(city: CityFile, people: int) -> CityFile:
    """Return the city with another number of people; every total is scaled, every share is kept.

    Parameters
    ----------
    city : CityFile
    people : int
        At least 1.

    Returns
    -------
    CityFile
        With fewer people: townships of their full size, evenly chosen, so that schools and workplaces keep
        theirs. With more: every place grows.

    Raises
    ------
    ValueError
        If the number of people is less than 1.
    """
    if people < 1:
        raise ValueError(f"scaled_city: a city has at least one person (got {people})")
    margins = city.margins
    tree = place_tree(city.places, margins.code, margins.people.value)
    places = _weighed(tree, city, people / margins.people.value)
    return CityFile(_scaled_margins(margins, people), places, city.contacts, city.contact_ages)


def _scaled_margins(margins: CityMargins, people: int) -> CityMargins:
    old = margins.households
    ratio = people / margins.people.value
    family, collective = (
        int(part)
        for part in largest_remainder(
            [old.people_in_family_households, old.people_in_collective_households], people
        )
    )
    largest = len(margins.household_sizes.shares)
    bands = largest_remainder([band.people for band in margins.age_bands], people)
    households = old.model_copy(
        update={
            "family_households": _between(
                -(-family // largest), round(old.family_households * ratio), family
            ),
            "people_in_family_households": family,
            "collective_households": _between(
                min(collective, 1), round(old.collective_households * ratio), collective
            ),
            "people_in_collective_households": collective,
        }
    )
    return margins.model_copy(
        update={
            "people": margins.people.model_copy(update={"value": people}),
            "age_bands": tuple(
                band.model_copy(update={"people": int(count)})
                for band, count in zip(margins.age_bands, bands, strict=True)
            ),
            "households": households,
        }
    )


def _between(low: int, wanted: int, high: int) -> int:
    return max(low, min(wanted, high))


def _weighed(tree: PlaceTree, city: CityFile, ratio: float) -> tuple[Place, ...]:
    """Return places of their full size, as many as the people fill, with people as weights."""
    kept_places = max(1, min(len(tree.place_code), round(len(tree.place_code) * ratio)))
    chosen = np.unique(np.linspace(0, len(tree.place_code) - 1, kept_places).round().astype(np.int64))
    kept = {tree.place_code[number] for number in chosen}
    kept |= {tree.parent_code[number] for number in tree.place_parent[chosen]}
    villages = np.flatnonzero(np.isin(tree.village_place, chosen))
    leaf = {tree.village_code[number]: float(tree.village_people[number]) for number in villages}
    return tuple(
        place.model_copy(update={"people": None, "weight": leaf.get(place.code)})
        for place in city.places
        if place.code in kept or place.code in leaf
    )
