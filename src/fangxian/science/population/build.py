"""A city of every person in it, built from margins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled
from fangxian.plans.cities import CityFile, CityMargins
from fangxian.science.population.ages import collective_people, people_by_age
from fangxian.science.population.daytime import Day, fill_day
from fangxian.science.population.health import draw_health
from fangxian.science.population.household_types import fit_household_options
from fangxian.science.population.households import CollectivePlan, Dwellings, fill_dwellings, match_ages
from fangxian.science.population.places import PlaceTree, place_tree
from fangxian.science.population.records import Population
from fangxian.science.population.whole_numbers import household_counts

Int64Array = NDArray[np.int64]
Int32Array = NDArray[np.int32]

BYTES_PER_PERSON_AT_WORK = 40
"""Memory that building takes for each person at its height, arrays of the result included."""

LARGEST = 2**31 - 2
"""Persons are numbered by 32 bits."""


@dataclass(frozen=True)
class Construction:
    """A population and what its making tells about it.

    Parameters
    ----------
    population : Population
    age_moves : int64 array [101, 101]
        People whose drawn age (row) became another (column) so that every year holds its people.
    misfit : float
        Share of people whose expected age missed the margin before ages were matched.
    """

    population: Population
    age_moves: Int64Array
    misfit: float

    @property
    def mean_age_shift_years(self) -> float:
        """Mean number of years by which matching changed an age."""
        age = np.arange(len(self.age_moves))
        return float((self.age_moves * np.abs(age[:, None] - age)).sum() / self.age_moves.sum())

    @property
    def largest_age_shift_years(self) -> int:
        """Largest number of years by which matching changed an age."""
        old, new = np.nonzero(self.age_moves)
        return int(np.abs(old - new).max(initial=0))


def build_population(city: CityFile, *, seed: int = 1) -> Construction:
    """Build the people of a city.

    Parameters
    ----------
    city : CityFile
        Margins and places.
    seed : int
        The same seed gives the same people, to the bit.

    Returns
    -------
    Construction

    Raises
    ------
    ValueError
        If the city has too many people for 32 bits, or its margins contradict each other.
    """
    margins = city.margins
    _require_numbers(margins.people.value)
    tree = place_tree(city.places, margins.code, margins.people.value)
    by_age = people_by_age(margins)
    collective = collective_people(margins, by_age)
    households = margins.households
    counts = household_counts(
        margins.household_sizes.shares, households.family_households, households.people_in_family_households
    )
    options = fit_household_options(margins.composition, counts, by_age - collective.sum(axis=0))
    plan = CollectivePlan(households.collective_households, collective)
    dwellings = fill_dwellings(tree, counts, options, plan, seed)
    moves = match_ages(dwellings.person_age, by_age, seed)
    return Construction(_population(margins, tree, dwellings, seed), moves, options.misfit)


def _require_numbers(people: int) -> None:
    if people > LARGEST:
        raise ValueError(
            f"a city may have at most {LARGEST} people (got {people}), since persons are numbered by "
            "32 bits; build its regions one by one"
        )


def _population(margins: CityMargins, tree: PlaceTree, dwellings: Dwellings, seed: int) -> Population:
    first_village = np.searchsorted(tree.village_place, np.arange(len(tree.place_code) + 1))
    place_start = dwellings.village_start[first_village]
    flags = dwellings.person_flags
    vaccination = draw_health(margins, dwellings.person_age, flags, seed)
    day = fill_day(margins, tree, dwellings.person_age, flags, place_start, seed)
    group, start, member, kind, site = _numbered_by_place(day)
    return Population(
        person_age=dwellings.person_age,
        person_household=dwellings.person_household,
        person_group=group,
        person_flags=flags,
        person_vaccination=vaccination,
        household_start=dwellings.household_start,
        place_start=place_start,
        place_code=tree.place_code,
        place_parent=tree.place_parent.astype(np.int32),
        parent_code=tree.parent_code,
        group_start=start,
        group_member=member,
        group_kind=kind,
        group_site=site,
        village_code=tree.village_code if tree.has_villages else (),
        village_start=dwellings.village_start if tree.has_villages else np.zeros(0, dtype=np.int32),
    )


def _numbered_by_place(
    day: Day,
) -> tuple[Int32Array, Int32Array, Int32Array, NDArray[np.uint8], Int32Array]:
    """Number institutions by their first member and list members ascending: who meet are near in memory."""
    groups = len(day.group_kind)
    if groups == 0:
        nobody = np.zeros(0, dtype=np.int32)
        return day.person_group, np.zeros(1, dtype=np.int32), nobody, day.group_kind, nobody
    first = _first_member(day.person_group, day.group_site, int(day.group_site.max()) + 1)
    site_rank = np.empty(len(first), dtype=np.int64)
    site_rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    order = np.argsort(site_rank[day.group_site], kind="stable")
    number = np.empty(groups, dtype=np.int32)
    number[order] = np.arange(groups, dtype=np.int32)
    start, member = _list_members(day.person_group, number)
    site = site_rank[day.group_site[order]].astype(np.int32)
    return day.person_group, start, member, day.group_kind[order], site


@compiled()
def _first_member(person_group: Int32Array, group_site: Int32Array, sites: int) -> Int64Array:
    first = np.full(sites, len(person_group), dtype=np.int64)
    for person in range(len(person_group)):
        group = person_group[person]
        if group >= 0 and first[group_site[group]] > person:
            first[group_site[group]] = person
    return first


@compiled()
def _list_members(person_group: Int32Array, number: Int32Array) -> tuple[Int32Array, Int32Array]:
    """Renumber the group of every person, in place, and list the members of each group."""
    start = np.zeros(len(number) + 1, dtype=np.int32)
    for person in range(len(person_group)):
        if person_group[person] >= 0:
            person_group[person] = number[person_group[person]]
            start[person_group[person] + 1] += 1
    for group in range(len(number)):
        start[group + 1] += start[group]
    filled = start[:-1].copy()
    member = np.empty(start[-1], dtype=np.int32)
    for person in range(len(person_group)):
        group = person_group[person]
        if group >= 0:
            member[filled[group]] = person
            filled[group] += 1
    return start, member
