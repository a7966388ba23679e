"""A city prepared for the kernel: what one infection needs to know of a person stands in one place in memory.

::

    card     4 x 32 bits a person, one touch of memory
             0  first person of the household
             1  where the daytime group starts in the listing
             2  size of household (16 bits), size of group (16 bits)
             3  place (16) | age group (5) | kind of group + 1 (3) | disease (2) | tier (3) | spare (3)
    listing  person numbers: first all people by place and age group (cells), then the members of all groups
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled, compiled_lean
from fangxian.science.agents.measures import Sizes
from fangxian.science.agents.queue import LARGEST_SIZE
from fangxian.science.agents.records import AgeGroups, Contacts
from fangxian.science.agents.whole import whole
from fangxian.science.population.records import Population

UInt32Array = NDArray[np.uint32]
Int64Array = NDArray[np.int64]
UInt8Array = NDArray[np.uint8]

LARGEST_TIER = 7


class CityTables(NamedTuple):
    """The arrays of a city that kernels read. n persons, P places, A age groups."""

    card: UInt32Array
    """[4 n]"""
    listing: UInt32Array
    """[n + members of groups], or [members] where all are one age group."""
    cell_start: Int64Array
    """[P A + 1]: where each cell starts in the listing."""
    place_start: Int64Array
    """[P + 1]"""
    vaccination: UInt8Array
    """[n]"""
    pool_of_place: Int64Array
    """[P]"""
    people: int
    places: int
    ages: int


@dataclass(frozen=True, eq=False)
class City:
    """A prepared city; immutable, shared by all runs in it.

    Parameters
    ----------
    population : Population
    contacts : Contacts
    age_groups : AgeGroups
    sizes : Sizes
    tables : CityTables
    cell_people : int64 array [P, A]
        People of each place and age group.
    """

    population: Population
    contacts: Contacts
    age_groups: AgeGroups
    sizes: Sizes
    tables: CityTables
    cell_people: Int64Array


def prepare_city(
    population: Population,
    contacts: Contacts,
    age_groups: AgeGroups,
    *,
    tier: UInt8Array | None = None,
    pool_of_place: NDArray[np.integer] | None = None,
) -> City:
    """Return a city that runs can be made in; about 25 bytes a person on top of the population.

    Parameters
    ----------
    population : Population
    contacts : Contacts
        For the same age groups and places.
    age_groups : AgeGroups
    tier : uint8 array [n], optional
        Tier of each person for vaccination sessions, 0 to 7; all 0 without it.
    pool_of_place : int array [P], optional
        Pool of beds of each place; without it every place has its own.

    Returns
    -------
    City

    Raises
    ------
    ValueError
        If ages or places do not match, or a household or group is too large.
    """
    _check(population, contacts, age_groups, tier)
    places = population.places
    pools = np.arange(places) if pool_of_place is None else np.asarray(pool_of_place, dtype=np.int64)
    if len(pools) != places or pools.min() < 0:
        raise ValueError(
            f"prepare_city: pool_of_place must give a pool from 0 up to each of the {places} places "
            f"(got {len(pools)} entries, smallest {pools.min()}); give every place a pool of beds"
        )
    tiers = np.zeros(population.size, dtype=np.uint8) if tier is None else tier
    person_age = age_groups.of_years()[population.person_age]
    place_start = population.place_start.astype(np.int64)
    counts = _count_cells(person_age, place_start, age_groups.count)
    cell_start = np.concatenate(([0], np.cumsum(counts.ravel()))).astype(np.int64)
    cells = 0 if age_groups.count == 1 else population.size
    listing = np.empty(cells + len(population.group_member), dtype=np.uint32)
    if cells:
        _list_cells(person_age, place_start, cell_start, listing)
    listing[cells:] = population.group_member
    card = np.empty(4 * population.size, dtype=np.uint32)
    _deal_cards(
        card,
        (population.person_household, population.household_start),
        (population.person_group, population.group_start, population.group_kind, cells),
        (person_age, population.person_flags, tiers),
        place_start,
    )
    tables = CityTables(
        card=card,
        listing=listing,
        cell_start=cell_start,
        place_start=place_start,
        vaccination=population.person_vaccination,
        pool_of_place=pools.astype(np.int64),
        people=population.size,
        places=places,
        ages=age_groups.count,
    )
    sizes = Sizes(places, age_groups.count, int(tiers.max()) + 1, int(pools.max()) + 1)
    return City(population, contacts, age_groups, sizes, tables, counts)


def _check(
    population: Population, contacts: Contacts, age_groups: AgeGroups, tier: UInt8Array | None
) -> None:
    if len(contacts.community) != age_groups.count:
        raise ValueError(
            f"prepare_city: contacts are for {len(contacts.community)} age groups, the run has "
            f"{age_groups.count}; use the same age groups"
        )
    if contacts.place_mixing is not None and len(contacts.place_mixing) != population.places:
        raise ValueError(
            f"prepare_city: place_mixing is for {len(contacts.place_mixing)} places, the city has "
            f"{population.places}; give a row and a column to every place"
        )
    largest = [
        int(np.diff(start).max(initial=0)) for start in (population.household_start, population.group_start)
    ]
    if max(largest) > LARGEST_SIZE or population.places > LARGEST_SIZE:
        raise ValueError(
            f"prepare_city: households, groups and the number of places go up to {LARGEST_SIZE} (got "
            f"{largest[0]}, {largest[1]} and {population.places}); split what is larger"
        )
    if tier is not None and (len(tier) != population.size or int(tier.max()) > LARGEST_TIER):
        raise ValueError(
            f"prepare_city: tier must give 0 to {LARGEST_TIER} to each of the {population.size} persons "
            f"(got {len(tier)} entries up to {int(tier.max())})"
        )


@compiled()
def _count_cells(person_age: UInt8Array, place_start: Int64Array, ages: int) -> Int64Array:
    places = len(place_start) - 1
    counts = np.zeros((places, ages), dtype=np.int64)
    for place in range(places):
        for person in range(place_start[place], place_start[place + 1]):
            counts[place, person_age[person]] += 1
    return counts


@compiled()
def _list_cells(
    person_age: UInt8Array, place_start: Int64Array, cell_start: Int64Array, listing: UInt32Array
) -> None:
    places = len(place_start) - 1
    ages = (len(cell_start) - 1) // places
    following = cell_start.copy()
    for place in range(places):
        for person in range(place_start[place], place_start[place + 1]):
            cell = place * ages + whole(person_age[person])
            listing[following[cell]] = np.uint32(person)
            following[cell] += 1


@compiled()
def _deal_cards(
    card: UInt32Array,
    household: tuple[NDArray[np.int32], NDArray[np.int32]],
    group: tuple[NDArray[np.int32], NDArray[np.int32], UInt8Array, int],
    person: tuple[UInt8Array, UInt8Array, UInt8Array],
    place_start: Int64Array,
) -> None:
    person_household, household_start = household
    person_group, group_start, group_kind, cells = group
    person_age, person_flags, tier = person
    for place in range(len(place_start) - 1):
        for who in range(place_start[place], place_start[place + 1]):
            home = person_household[who]
            first = whole(household_start[home])
            size = whole(household_start[home + 1]) - first
            mine = person_group[who]
            start, members, kind = whole(0), whole(0), whole(0)
            if mine >= 0:
                start = whole(group_start[mine]) + cells
                members = whole(group_start[mine + 1]) - whole(group_start[mine])
                kind = whole(group_kind[mine]) + 1
            disease = min(whole(person_flags[who]) & 3, 2)
            card[4 * who] = np.uint32(first)
            card[4 * who + 1] = np.uint32(start)
            card[4 * who + 2] = np.uint32(size << 16 | members)
            card[4 * who + 3] = np.uint32(
                place << 16 | whole(person_age[who]) << 11 | kind << 8 | disease << 6 | whole(tier[who]) << 3
            )


@compiled_lean()
def place_of(last: int) -> int:
    """Return the place in the last word of a card."""
    return last >> 16


@compiled_lean()
def age_of(last: int) -> int:
    """Return the age group in the last word of a card."""
    return (last >> 11) & 31


@compiled_lean()
def kind_of(last: int) -> int:
    """Return the kind of group + 1 in the last word of a card."""
    return (last >> 8) & 7


@compiled_lean()
def disease_of(last: int) -> int:
    """Return the underlying disease in the last word of a card."""
    return (last >> 6) & 3


@compiled_lean()
def tier_of(last: int) -> int:
    """Return the tier in the last word of a card."""
    return (last >> 3) & 7
