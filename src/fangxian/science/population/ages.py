"""Single years of age: how many people of each, and who of them lives in collective households."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangxian.plans.cities.schema import OLDEST, CityMargins
from fangxian.science.population.whole_numbers import largest_remainder

AGES = OLDEST + 1
STUDENT_AGES = (15, 22)
WORKER_AGES = (18, 59)
CARE_HOME_AGE = 65
CARE_HOME_GROWTH = 0.07
"""The share of people in care homes grows by this a year of age, from 65 on: a working value."""

Int64Array = NDArray[np.int64]


def people_by_age(margins: CityMargins) -> Int64Array:
    """Return the people of each single year of age; int64 array [101], summing to the city.

    Within a published band the years follow the shape; between bands the published numbers rule.
    """
    people = np.zeros(AGES, dtype=np.int64)
    weights = np.asarray(margins.age_shape.weights, dtype=np.float64)
    for band in margins.age_bands:
        ages = slice(band.age_from, band.age_to + 1)
        people[ages] = largest_remainder(weights[ages], band.people)
    return people


def collective_people(margins: CityMargins, people: Int64Array) -> Int64Array:
    """Return who lives in collective households; int64 array [3, 101] of care homes, students and workers.

    Raises
    ------
    ValueError
        If more people live in collective households than there are of a fitting age.
    """
    total = margins.households.people_in_collective_households
    age = np.arange(AGES)
    old = np.where(age >= CARE_HOME_AGE, people * np.exp(CARE_HOME_GROWTH * (age - CARE_HOME_AGE)), 0.0)
    residents = min(total, round(margins.collective.care_home_share * int(people[CARE_HOME_AGE:].sum())))
    students = round((total - residents) * margins.collective.student_share)
    kinds = np.zeros((3, AGES), dtype=np.int64)
    left = people.copy()
    for kind, (weights, number) in enumerate(
        [
            (old, residents),
            (_within(people, STUDENT_AGES), students),
            (_within(people, WORKER_AGES), total - residents - students),
        ]
    ):
        kinds[kind] = _taken(weights, number, left)
        left -= kinds[kind]
    return kinds


def by_age(age_from: Sequence[int], values: ArrayLike) -> NDArray[np.float64]:
    """Return the value of every single year of age from values of age groups; float array [101]."""
    group = np.searchsorted(np.asarray(age_from), np.arange(AGES), side="right") - 1
    return np.asarray(values, dtype=np.float64)[group]


def _within(people: Int64Array, ages: tuple[int, int]) -> NDArray[np.float64]:
    age = np.arange(AGES)
    return np.where((age >= ages[0]) & (age <= ages[1]), people, 0).astype(np.float64)


def _taken(weights: NDArray[np.float64], number: int, left: Int64Array) -> Int64Array:
    """Take people by weight, nobody twice: ages that run out pass their part to the others."""
    taken = np.zeros(AGES, dtype=np.int64)
    while number > int(taken.sum()):
        room = left - taken
        open_weights = np.where(room > 0, weights, 0.0)
        if not open_weights.sum() > 0:
            open_weights = np.maximum(room, 0).astype(np.float64)
        if not open_weights.sum() > 0:
            raise ValueError(
                f"collective households: they hold {number} more people than the city has; "
                "people_in_collective_households must be part of its people"
            )
        taken += np.minimum(largest_remainder(open_weights, number - int(taken.sum())), np.maximum(room, 0))
    return taken
