"""Plain towns of three kinds of layers. Their numbers are working values, the same for everybody.

``random``: everybody meets everybody. ``household,random``: households as well. ``hybrid``: households,
school classes, workplaces and community, in the proportions of the hybrid population of Covasim (Kerr et al.
2021, DOI 10.1371/journal.pcbi.1009149): contacts a day 1 a member, 20, 16 and 20; weights 3, 0.6, 0.6, 0.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fangxian.base.counter_random import purpose_key
from fangxian.science.agents.records import AgeGroups, Contacts
from fangxian.science.population.records import GroupKind, Population
from fangxian.science.population.uniform import uniform_population

HOUSEHOLD_SIZES = (0.15, 0.25, 0.25, 0.2, 0.1, 0.05)
"""Shares of households of 1 to 6 people."""
AGES = ((0, 6, 0.08), (6, 22, 0.20), (22, 65, 0.58), (65, 90, 0.14))
"""From, to (not included) and share of people; the second goes to school, the third to work."""
PUPILS, WORKERS = (6, 22), (22, 65)
CLASS_SIZE, TEAM_SIZE = 21, 17
CLASS_CONTACTS, TEAM_CONTACTS, COMMUNITY_CONTACTS = 20.0, 16.0, 20.0
WEIGHTS = (3.0, 0.6, 0.6, 0.6, 0.6, 0.3)
ONE_AGE = AgeGroups()


def random_town(people: int, seed: int) -> tuple[Population, Contacts]:
    """Return a town in which everybody meets everybody, and its contacts."""
    del seed  # nothing in it is drawn
    contacts = Contacts(household_per_member=0.0, group=np.zeros((4, 1)), community=np.ones((1, 1)))
    return uniform_population(people), contacts


def household_town(people: int, seed: int) -> tuple[Population, Contacts]:
    """Return a town of households: contacts at home and in the community as in the hybrid town."""
    contacts = Contacts(
        household_per_member=1.0,
        group=np.zeros((4, 1)),
        community=np.full((1, 1), COMMUNITY_CONTACTS),
        weight=np.array(WEIGHTS),
    )
    return uniform_population(people, HOUSEHOLD_SIZES, seed=seed), contacts


def hybrid_town(people: int, seed: int) -> tuple[Population, Contacts]:
    """Return a town of households, school classes, teams at work and a community."""
    source = np.random.default_rng(int(purpose_key(seed, "hybrid town")))
    band = source.choice(len(AGES), size=people, p=[share for _, _, share in AGES])
    low = np.array([low for low, _, _ in AGES])
    high = np.array([high for _, high, _ in AGES])
    ages = source.integers(low[band], high[band]).astype(np.uint8)
    homes = uniform_population(people, HOUSEHOLD_SIZES, ages=ages, seed=seed)
    person_group, kinds = _groups(ages)
    member = np.flatnonzero(person_group >= 0)
    member = member[np.argsort(person_group[member], kind="stable")]
    counts = np.bincount(person_group[member], minlength=len(kinds))
    population = replace(
        homes,
        person_group=person_group,
        group_start=np.concatenate(([0], np.cumsum(counts))).astype(np.int32),
        group_member=member.astype(np.int32),
        group_kind=kinds,
        group_site=np.arange(len(kinds), dtype=np.int32),
    )
    group = np.zeros((4, 1))
    group[GroupKind.SCHOOL_CLASS], group[GroupKind.WORKPLACE] = CLASS_CONTACTS, TEAM_CONTACTS
    contacts = Contacts(
        household_per_member=1.0,
        group=group,
        community=np.full((1, 1), COMMUNITY_CONTACTS),
        weight=np.array(WEIGHTS),
    )
    return population, contacts


def _groups(ages: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the group of each person, -1 for none, and the kind of each group: neighbours share one."""
    person_group = np.full(len(ages), -1, dtype=np.int32)
    kinds: list[int] = []
    for (low, high), size, kind in (
        (PUPILS, CLASS_SIZE, GroupKind.SCHOOL_CLASS),
        (WORKERS, TEAM_SIZE, GroupKind.WORKPLACE),
    ):
        those = np.flatnonzero((ages >= low) & (ages < high))
        person_group[those] = len(kinds) + np.arange(len(those)) // size
        kinds += [int(kind)] * -(-len(those) // size)
    return person_group, np.array(kinds, dtype=np.uint8)


TOWNS: dict[str, Callable[[int, int], tuple[Population, Contacts]]] = {
    "random": random_town,
    "household,random": household_town,
    "hybrid": hybrid_town,
}


def copies_of(population: Population, copies: int) -> Population:
    """Return so many copies of a population of one place, side by side, each a place of its own.

    Replicates of a small town are run like this: as towns that never meet.
    """
    people, households, groups = population.size, population.households, population.groups
    each = np.arange(copies)

    def shifted(values: np.ndarray, step: int) -> np.ndarray:
        return (values[None, :] + each[:, None] * step).astype(np.int32).ravel()

    group = np.where(population.person_group >= 0, population.person_group, -(2**30))
    starts = shifted(population.group_start[:-1], len(population.group_member))
    return Population(
        person_age=np.tile(population.person_age, copies),
        person_household=shifted(population.person_household, households),
        person_group=np.maximum(shifted(group, groups), -1).astype(np.int32),
        person_flags=np.tile(population.person_flags, copies),
        person_vaccination=np.tile(population.person_vaccination, copies),
        household_start=np.append(shifted(population.household_start[:-1], people), copies * people).astype(
            np.int32
        ),
        place_start=(np.arange(copies + 1) * people).astype(np.int32),
        place_code=tuple(str(number) for number in range(copies)),
        place_parent=np.zeros(copies, dtype=np.int32),
        parent_code=("0",),
        group_start=np.append(starts, copies * len(population.group_member)).astype(np.int32),
        group_member=shifted(population.group_member, people),
        group_kind=np.tile(population.group_kind, copies),
        group_site=np.arange(copies * groups, dtype=np.int32),
    )
