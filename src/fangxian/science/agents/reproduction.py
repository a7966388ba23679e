"""The reproduction number of a disease in a city, and the disease scaled to a wanted one.

R0 is the growth factor from one generation to the next of the expected number of *distinct* people infected,
in a population in which nobody is immune: the dominant eigenvalue of the matrix "i infects j", found by power
iteration. A pair in a household or group counts with the probability of at least one effective contact; in
the community no pair meets twice. Members of one household infected by each other share their other members,
so that growth in clusters is slower than R0 alone says.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fangxian.science.agents.city import City
from fangxian.science.agents.delays import quantile
from fangxian.science.agents.records import DiseaseCourse, Infectiousness, Setting

Float64Array = NDArray[np.float64]
Int64Array = NDArray[np.int64]
_ITERATIONS = 200
_STEADY = 1e-7
_CLOSE_ENOUGH = 2e-6
_TINY = 1e-9
_TRIALS = 40
_QUANTILES = 256


def reproduction_number(city: City, disease: DiseaseCourse) -> float:
    """Return R0.

    Parameters
    ----------
    city : City
    disease : DiseaseCourse

    Returns
    -------
    float
        People infected by one, on average; 0 where nobody meets anybody.
    """
    return _Contacts(city, disease).eigenvalue(disease.transmissibility)


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
    matrix = _Contacts(city, disease)
    slope = matrix.eigenvalue(_TINY) / _TINY
    if slope == 0.0:
        raise ValueError(
            f"scaled_to: R0 {reproduction} cannot be reached where nobody meets anybody (0 contacts); "
            "give contacts, an infectious period above 0 and susceptible people"
        )
    low, reached = _TINY, slope * _TINY
    trial = reproduction / slope
    for _ in range(_TRIALS):
        value = matrix.eigenvalue(trial)
        if abs(value - reproduction) <= _CLOSE_ENOUGH * reproduction:
            return replace(disease, transmissibility=trial)
        if value - reached <= 0.0:
            break  # every pair infects already
        # secant: the eigenvalue is concave in transmissibility
        step = (reproduction - value) * (trial - low) / (value - reached)
        low, reached, trial = trial, value, min(max(trial + step, trial / 10.0), trial * 10.0)
    raise ValueError(
        f"scaled_to: R0 {reproduction} is more than the people whom one meets (reached {reached:.4g}); "
        "give more contacts outside the household"
    )


class _Contacts:
    """Sums over all pairs of persons, setting by setting, for transmissibility 1 until told otherwise."""

    def __init__(self, city: City, disease: DiseaseCourse) -> None:
        population, contacts = city.population, city.contacts
        self.city, self.disease = city, disease
        self.age = city.age_groups.of_years()[population.person_age].astype(np.int64)
        self.cell = population.person_place().astype(np.int64) * city.age_groups.count + self.age
        self.susceptible = disease.susceptibility[self.age]
        self.strength = _mean_strength(disease, city.age_groups.count)[self.age]
        size = np.diff(population.household_start)[population.person_household]
        others = np.maximum(size - 1.0, 1.0)
        pair = contacts.weight[Setting.HOUSEHOLD] * contacts.household_per_member
        self.per_member = _different(np.where(size > 1, pair * others**-contacts.household_exponent, 0.0))
        self.per_colleague = _different(self._per_colleague())
        self.community = contacts.community * contacts.weight[Setting.COMMUNITY]
        self.weight = np.full(population.size, 1.0 / population.size)

    def _per_colleague(self) -> Float64Array:
        population = self.city.population
        rate = np.zeros(population.size)
        somewhere = population.person_group >= 0
        group = population.person_group[somewhere]
        members = np.diff(population.group_start)[group]
        kind = population.group_kind[group].astype(np.int64)
        contacts = self.city.contacts
        of_kind = contacts.group[kind, self.age[somewhere]] * contacts.weight[kind + 1]
        rate[somewhere] = np.where(members > 1, of_kind / np.maximum(members - 1, 1), 0.0)
        return rate

    def eigenvalue(self, transmissibility: float) -> float:
        """Return the growth factor; a later call starts from the distribution that this one found."""
        at_home = self._infects(self.per_member, transmissibility)
        at_work = self._infects(self.per_colleague, transmissibility)
        value = 0.0
        for _ in range(_ITERATIONS):
            following = self._next_generation(at_home, at_work, transmissibility)
            before, value = value, float(following.sum())
            if value == 0.0:
                return 0.0
            self.weight = following / value
            if abs(value - before) < _STEADY * value:
                break
        return value

    def _infects(self, rates: tuple[Float64Array, Int64Array], transmissibility: float) -> Float64Array:
        """Return the probability that a person infects one other, given its contacts a day with it; [n]."""
        infectiousness, severity = self.disease.infectiousness, self.disease.severity
        different, which = rates
        escapes = _escape(infectiousness, different * transmissibility)[which]
        if severity is not None:
            factor = transmissibility * infectiousness.asymptomatic_factor
            mild = _escape(infectiousness, different * factor)[which]
            symptomatic = severity.symptomatic[self.age]
            escapes = symptomatic * escapes + (1.0 - symptomatic) * mild
        probability: Float64Array = 1.0 - escapes
        return probability

    def _next_generation(
        self, at_home: Float64Array, at_work: Float64Array, transmissibility: float
    ) -> Float64Array:
        """Return the infections that fall on each person, given how infection is spread; [n]."""
        population = self.city.population
        home = self.weight * at_home
        received = np.bincount(population.person_household, home)[population.person_household] - home
        if population.groups:
            work = self.weight * at_work
            slot = population.person_group.astype(np.int64) + 1  # 0: no group, whose sum is 0
            received += np.bincount(slot, work)[slot] - work
        received += self._community(self.weight * self.strength * transmissibility)[self.cell]
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


def _different(rates: Float64Array) -> tuple[Float64Array, Int64Array]:
    """Return the different rates, and which of them each person has."""
    different, which = np.unique(rates, return_inverse=True)
    return different, which


def _escape(infectiousness: Infectiousness, rates: Float64Array) -> Float64Array:
    """Return the probability of no effective contact with one other person, for contacts a day; [rates].

    The mean over the quantiles of the period, or its mean where the number of contacts does not follow it, of
    the Laplace transform of the gamma distribution of individual infectiousness.
    """
    days = np.array([infectiousness.period.mean_days])
    if infectiousness.follows_period:
        longer = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
        days = quantile(infectiousness.period, longer)
        if days.sum() > 0.0:
            days = days * (infectiousness.period.mean_days / days.mean())
    expected = rates[:, None] * days[None, :]
    shape = infectiousness.dispersion
    none = np.exp(-expected) if np.isinf(shape) else (1.0 + expected / shape) ** -shape
    escapes: Float64Array = none.mean(axis=1)
    return escapes


def _mean_strength(disease: DiseaseCourse, ages: int) -> Float64Array:
    """Return the expected days of infectiousness by age, weighted by how infectious a person is; [A]."""
    infectiousness = disease.infectiousness
    days = infectiousness.period.mean_days
    if disease.severity is None:
        return np.full(ages, days)
    symptomatic = disease.severity.symptomatic
    return days * (symptomatic + (1.0 - symptomatic) * infectiousness.asymptomatic_factor)
