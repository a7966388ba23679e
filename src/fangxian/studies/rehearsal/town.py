"""The town in which a plan is rehearsed: its people, who meets whom, and how they are grouped for reading."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fangxian.base.errors import Text
from fangxian.plans.schema import Plan, Tiers
from fangxian.science.agents.records import AgeGroups, Contacts
from fangxian.science.population.records import Population

AGE_GROUPS = AgeGroups((0, 5, 10, 15, 20, 30, 40, 50, 60, 70, 80))
"""Age groups of a rehearsal."""

WITHIN_COUNTY = 0.15
WITHIN_CITY = 0.05
"""Shares of community contacts outside the own township: working values, no source was found."""

SMALLEST_COUNTY = 50_000
"""Mean people of a county below which the town's beds are one pool."""

_NOBODY_YET = 1e-9
"""Weight of a year of age that nobody has, so that a group without people still has a share."""

DISEASES = ("none", "stable", "unstable")
VACCINATIONS = ("none", "partial", "full", "full")
"""How the tier table names each ``VaccinationStatus``; a boosted person is fully vaccinated there."""


@dataclass(frozen=True, eq=False)
class Town:
    """What a rehearsal is played in.

    Parameters
    ----------
    code : str
        Code of the city.
    name : Text
        In Chinese and English.
    population : Population
        Every person; places are townships, the units above them counties.
    contacts : Contacts
        For the same age groups.
    age_groups : AgeGroups
        A groups.
    people_stood_for : int
        People of the real city; more than ``population.size`` where the town is a smaller copy.
    """

    code: str
    name: Text
    population: Population
    contacts: Contacts
    age_groups: AgeGroups = AGE_GROUPS
    people_stood_for: int = 0

    @cached_property
    def people(self) -> NDArray[np.int64]:
        """People by place and age group; int64 array [P, A]."""
        groups = self.age_groups.of_years()[self.population.person_age]
        cells = self.population.person_place().astype(np.int64) * self.age_groups.count + groups
        counted = np.bincount(cells, minlength=self.population.places * self.age_groups.count)
        return counted.reshape(self.population.places, self.age_groups.count).astype(np.int64)

    @cached_property
    def people_of_place(self) -> NDArray[np.int64]:
        """People of each place; int64 array [P]."""
        totals: NDArray[np.int64] = self.people.sum(axis=1)
        return totals

    @property
    def counties(self) -> int:
        """Number of units above the places."""
        return len(self.population.parent_code)

    @cached_property
    def pool_of_place(self) -> NDArray[np.int64]:
        """Pool of beds of each place: its county; in a small town one for all, lest a county have no bed."""
        if self.population.size < SMALLEST_COUNTY * self.counties:
            return np.zeros(self.population.places, dtype=np.int64)
        return self.population.place_parent.astype(np.int64)

    def by_pool(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up values of places by pool of beds; [P] to [pools]."""
        summed: NDArray[np.float64] = np.bincount(self.pool_of_place, weights=values).astype(np.float64)
        return summed

    def by_county(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up values of places by county; [..., P] to [..., counties]."""
        summed = np.zeros((*values.shape[:-1], self.counties))
        for place, county in enumerate(self.population.place_parent):
            summed[..., county] += values[..., place]
        return summed

    @cached_property
    def _people_of_year(self) -> NDArray[np.float64]:
        """People by age in whole years, none of them quite 0: counted once, measures ask every day."""
        years = len(self.age_groups.of_years())
        counted = np.bincount(self.population.person_age, minlength=years)
        people: NDArray[np.float64] = counted.astype(np.float64) + _NOBODY_YET
        return people

    def ages_within(self, age_from: int, age_to: int) -> NDArray[np.float64]:
        """Return the share of each age group, by whole years, that an age range covers; float array [A]."""
        group, people = self.age_groups.of_years(), self._people_of_year
        years = np.arange(len(group))
        inside = (years >= age_from) & (years <= age_to)
        total = np.bincount(group, weights=people, minlength=self.age_groups.count)
        covered = np.bincount(group, weights=people * inside, minlength=self.age_groups.count)
        share: NDArray[np.float64] = covered / total
        return share


def place_mixing(population: Population) -> NDArray[np.float64]:
    """Return with whom residents of a place meet in the community; rows sum to 1; float array [P, P].

    Most meet in their own township, some anywhere in the county or the city, in proportion to its people.
    """
    people = np.diff(population.place_start).astype(np.float64)
    same = population.place_parent[:, None] == population.place_parent[None, :]
    county = same * people
    own = np.eye(len(people))
    near = county / np.maximum(county.sum(axis=1, keepdims=True), 1.0)
    far = np.tile(people / people.sum(), (len(people), 1))
    mixing: NDArray[np.float64] = (
        (1.0 - WITHIN_COUNTY - WITHIN_CITY) * own + WITHIN_COUNTY * near + WITHIN_CITY * far
    )
    mixing /= mixing.sum(axis=1, keepdims=True)
    return mixing


def tier_of_person(plan: Plan, population: Population) -> NDArray[np.uint8]:
    """Return the tier of key people of every person, as its place in the plan's list; 0 without tiers.

    Parameters
    ----------
    plan : Plan
        With or without [tiers].
    population : Population
        n persons.

    Returns
    -------
    uint8 array [n]
        Index of the tier.
    """
    if plan.tiers is None:
        return np.zeros(population.size, dtype=np.uint8)
    table = _tier_table(plan.tiers)
    tiers: NDArray[np.uint8] = table[
        population.person_age, population.underlying_disease(), population.person_vaccination
    ]
    return tiers


def _tier_table(tiers: Tiers) -> NDArray[np.uint8]:
    """Return the tier by age in years, underlying disease and vaccination status; uint8 array [131, 3, 4]."""
    number = {tier.id: index for index, tier in enumerate(tiers.tiers)}
    table = np.zeros((131, len(DISEASES), len(VACCINATIONS)), dtype=np.uint8)
    for age in range(131):
        for at, disease in enumerate(DISEASES):
            for status, vaccination in enumerate(VACCINATIONS):
                table[age, at, status] = number[_tier_of(tiers, age, disease, vaccination)]
    return table


def _tier_of(tiers: Tiers, age: int, disease: str, vaccination: str) -> str:
    for rule in tiers.rules:
        if rule.fits(age, disease, vaccination):
            return rule.tier
    if tiers.score is None:
        return tiers.tiers[0].id
    points = sum(one.points for one in tiers.score.age if one.age_from <= age <= one.age_to)
    points += {str(name): value for name, value in tiers.score.disease.items()}[disease]
    points += {str(name): value for name, value in tiers.score.vaccination.items()}[vaccination]
    return next(band.tier for band in tiers.score.bands if band.points_from <= points <= band.points_to)
