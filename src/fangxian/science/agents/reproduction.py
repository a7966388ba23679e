"""The reproduction number of a disease in a city, and the disease scaled to a wanted one.

R0 is the growth factor from one generation to the next of the expected number of effective contacts, in a
population in which nobody is immune: the dominant eigenvalue of the matrix "person i to person j", found by
power iteration. Contacts with a person already infected, such as the second one inside a household, count;
the number of *distinct* people infected is smaller where contacts are clustered.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fangxian.science.agents.city import City
from fangxian.science.agents.records import SETTINGS, DiseaseCourse, Setting

Float64Array = NDArray[np.float64]
_ITERATIONS = 60
_CLOSE_ENOUGH = 1e-6


def reproduction_number(city: City, disease: DiseaseCourse) -> float:
    """Return R0.

    Parameters
    ----------
    city : City
    disease : DiseaseCourse

    Returns
    -------
    float
        Effective contacts a generation; 0 where nobody meets anybody.
    """
    matrix = _Contacts(city, disease)
    weight = np.full(city.population.size, 1.0 / city.population.size)
    value = 0.0
    for _ in range(_ITERATIONS):
        following = matrix.next_generation(weight)
        before, value = value, float(following.sum())
        if value == 0.0:
            return 0.0
        weight = following / value
        if abs(value - before) < _CLOSE_ENOUGH * value:
            break
    return value


def scaled_to(city: City, disease: DiseaseCourse, reproduction: float) -> DiseaseCourse:
    """Return the disease with the transmissibility that gives a wanted R0 in this city.

    Parameters
    ----------
    city : City
    disease : DiseaseCourse
    reproduction : float
        Wanted R0, 0 or more.

    Returns
    -------
    DiseaseCourse

    Raises
    ------
    ValueError
        If R0 is negative or no number, or nobody meets anybody.
    """
    if not 0.0 <= reproduction < float("inf"):
        raise ValueError(f"scaled_to: R0 must be 0 or more and finite (got {reproduction}); give a number")
    if reproduction == 0.0:
        return replace(disease, transmissibility=0.0)
    unit = replace(disease, transmissibility=1.0)
    per_unit = reproduction_number(city, unit)
    if per_unit == 0.0:
        raise ValueError(
            f"scaled_to: R0 {reproduction} cannot be reached where nobody meets anybody (0 contacts); "
            "give contacts, an infectious period above 0 and susceptible people"
        )
    return replace(disease, transmissibility=reproduction / per_unit)


class _Contacts:
    """Sums over all pairs of persons, setting by setting."""

    def __init__(self, city: City, disease: DiseaseCourse) -> None:
        population, contacts = city.population, city.contacts
        self.city = city
        self.age = city.age_groups.of_years()[population.person_age].astype(np.int64)
        self.cell = population.person_place().astype(np.int64) * city.age_groups.count + self.age
        self.susceptible = disease.susceptibility[self.age]
        self.strength = _mean_strength(disease, city.age_groups.count)[self.age]
        weight = contacts.weight[:SETTINGS] * disease.transmissibility
        size = np.diff(population.household_start)[population.person_household]
        others = np.maximum(size - 1.0, 1.0)
        pair = weight[Setting.HOUSEHOLD] * contacts.household_per_member
        self.per_member = np.where(size > 1, pair * others**-contacts.household_exponent, 0.0)
        self.community = contacts.community * weight[Setting.COMMUNITY]
        self.per_colleague = self._per_colleague(weight)

    def _per_colleague(self, weight: Float64Array) -> Float64Array:
        population = self.city.population
        rate = np.zeros(population.size)
        somewhere = population.person_group >= 0
        group = population.person_group[somewhere]
        members = np.diff(population.group_start)[group]
        kind = population.group_kind[group].astype(np.int64)
        of_kind = self.city.contacts.group[kind, self.age[somewhere]] * weight[kind + 1]
        rate[somewhere] = np.where(members > 1, of_kind / np.maximum(members - 1, 1), 0.0)
        return rate

    def next_generation(self, weight: Float64Array) -> Float64Array:
        """Return the effective contacts that fall on each person, given how infection is spread; [n]."""
        population = self.city.population
        source = weight * self.strength
        home = source * self.per_member
        received = np.bincount(population.person_household, home)[population.person_household] - home
        if population.groups:
            work = source * self.per_colleague
            slot = population.person_group.astype(np.int64) + 1  # 0: no group, whose sum is 0
            received += np.bincount(slot, work)[slot] - work
        received += self._community(source)[self.cell]
        return received * self.susceptible

    def _community(self, source: Float64Array) -> Float64Array:
        """Return what each person of each cell receives in the community; [P A]."""
        shape = (self.city.sizes.places, self.city.sizes.ages)
        sent = np.bincount(self.cell, source, minlength=shape[0] * shape[1]).reshape(shape) @ self.community
        if self.city.contacts.place_mixing is not None:
            sent = self.city.contacts.place_mixing.T @ sent
        people = self.city.cell_people
        each: Float64Array = np.divide(sent, people, out=np.zeros(shape), where=people > 0)
        return each.ravel()


def _mean_strength(disease: DiseaseCourse, ages: int) -> Float64Array:
    """Return the expected days of infectiousness by age, weighted by how infectious a person is; [A]."""
    infectiousness = disease.infectiousness
    days = infectiousness.period.mean_days
    if disease.severity is None:
        return np.full(ages, days)
    symptomatic = disease.severity.symptomatic
    return days * (symptomatic + (1.0 - symptomatic) * infectiousness.asymptomatic_factor)
