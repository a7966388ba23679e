"""A small town with everything that measures touch: two counties, schools, workplaces, ages, vaccination."""

from __future__ import annotations

import numpy as np

from fangxian.science.agents.records import Contacts
from fangxian.science.population.records import GroupKind, Population, UnderlyingDisease, VaccinationStatus
from fangxian.studies.rehearsal.town import AGE_GROUPS, Town, place_mixing

HOUSEHOLD = (38, 36, 9, 70)
"""Ages in every household of four: two who work, a child at school, an elder."""
PLACES = 4


def small_town(people: int = 2000, *, school: float = 8.0, work: float = 6.0, community: float = 5.0) -> Town:
    """Return a town of households of four in four townships of two counties.

    Everybody of working age is in a team of ten, every child in a class of twenty; elders have underlying
    diseases, half of all adults are fully vaccinated.
    """
    households = people // len(HOUSEHOLD)
    size = households * len(HOUSEHOLD)
    member = np.tile(np.arange(len(HOUSEHOLD)), households)
    age = np.asarray(HOUSEHOLD, dtype=np.uint8)[member]
    household = np.repeat(np.arange(households, dtype=np.int32), len(HOUSEHOLD))
    bounds = (np.arange(PLACES + 1) * households) // PLACES
    place_start = (bounds * len(HOUSEHOLD)).astype(np.int32)
    group = np.full(size, -1, dtype=np.int32)
    kinds, at = [], 0
    for kind, chosen, each in (
        (GroupKind.SCHOOL_CLASS, np.flatnonzero(member == 2), 20),
        (GroupKind.WORKPLACE, np.flatnonzero(member < 2), 10),
    ):
        group[chosen] = at + np.arange(len(chosen)) // each
        count = -(-len(chosen) // each)
        kinds += [int(kind)] * count
        at += count
    order = np.argsort(np.where(group < 0, at, group), kind="stable")
    listed = order[group[order] >= 0]
    flags = np.where(member == 3, int(UnderlyingDisease.STABLE), int(UnderlyingDisease.NONE)).astype(np.uint8)
    full = (age > 18) & (household % 2 == 0)
    population = Population(
        person_age=age,
        person_household=household,
        person_group=group,
        person_flags=flags,
        person_vaccination=np.where(full, int(VaccinationStatus.FULL), 0).astype(np.uint8),
        household_start=np.arange(0, size + 1, len(HOUSEHOLD), dtype=np.int32),
        place_start=place_start,
        place_code=tuple(f"{number:02d}" for number in range(1, PLACES + 1)),
        place_parent=np.array([0, 0, 1, 1], dtype=np.int32),
        parent_code=("A", "B"),
        group_start=np.searchsorted(group[listed], np.arange(at + 1)).astype(np.int32),
        group_member=listed.astype(np.int32),
        group_kind=np.asarray(kinds, dtype=np.uint8),
        group_site=np.arange(at, dtype=np.int32),
    )
    ages = AGE_GROUPS.count
    shares = np.bincount(AGE_GROUPS.of_years()[age], minlength=ages) / size
    by_kind = np.zeros((4, ages))
    by_kind[GroupKind.SCHOOL_CLASS] = school
    by_kind[GroupKind.WORKPLACE] = work
    contacts = Contacts(
        household_per_member=1.3,
        group=by_kind,
        community=np.tile(community * shares, (ages, 1)),
        place_mixing=place_mixing(population),
    )
    return Town(
        code="T",
        name={"zh": "小城", "en": "Small Town"},
        population=population,
        contacts=contacts,
        people_stood_for=size,
    )
