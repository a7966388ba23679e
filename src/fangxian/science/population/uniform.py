"""A plain population: one place, equal people, households of given sizes; for checks on known results."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangxian.base.counter_random import purpose_key
from fangxian.science.population.records import Population

LARGEST = 2**31 - 2
"""Persons are numbered by int32."""


def uniform_population(
    people: int,
    household_size: int | Sequence[float] = 1,
    *,
    ages: ArrayLike | None = None,
    seed: int = 1,
) -> Population:
    """Return a population of one place without daytime groups.

    Parameters
    ----------
    people : int
        At least 1.
    household_size : int or sequence of float
        All households of this size (the last one holds what is left), or the shares of households of
        1, 2, 3, ... persons, which must sum to 1. Sizes are then drawn; the last household is cut to fit.
    ages : array_like [people], optional
        Whole years; everybody is 30 without it.
    seed : int
        Of the household sizes.

    Returns
    -------
    Population

    Raises
    ------
    ValueError
        If the number of people or the sizes make no population.
    """
    if not 1 <= people <= LARGEST:
        raise ValueError(
            f"uniform_population: people must be 1 to {LARGEST} (got {people}); "
            "persons are numbered by 32 bits, so split a larger region"
        )
    sizes = (
        _equal_sizes(people, household_size)
        if isinstance(household_size, int)
        else _drawn_sizes(people, household_size, seed)
    )
    start = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
    nobody = np.zeros(0, dtype=np.int32)
    return Population(
        person_age=_checked_ages(ages, people),
        person_household=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        person_group=np.full(people, -1, dtype=np.int32),
        person_flags=np.zeros(people, dtype=np.uint8),
        person_vaccination=np.zeros(people, dtype=np.uint8),
        household_start=start,
        place_start=np.array([0, people], dtype=np.int32),
        place_code=("1",),
        place_parent=np.zeros(1, dtype=np.int32),
        parent_code=("0",),
        group_start=np.zeros(1, dtype=np.int32),
        group_member=nobody,
        group_kind=np.zeros(0, dtype=np.uint8),
        group_site=nobody,
    )


def _checked_ages(ages: ArrayLike | None, people: int) -> NDArray[np.uint8]:
    if ages is None:
        return np.full(people, 30, dtype=np.uint8)
    given = np.asarray(ages)
    if given.shape != (people,) or given.min() < 0 or given.max() > 130:
        raise ValueError(
            f"uniform_population: ages must be {people} whole years from 0 to 130 "
            f"(got shape {given.shape}); give one age a person"
        )
    return given.astype(np.uint8)


def _equal_sizes(people: int, size: int) -> NDArray[np.int64]:
    if size < 1:
        raise ValueError(f"uniform_population: household_size must be 1 or more (got {size})")
    full, left = divmod(people, size)
    return np.array([size] * full + [left] * (left > 0), dtype=np.int64)


def _drawn_sizes(people: int, shares: Sequence[float], seed: int) -> NDArray[np.int64]:
    share = np.asarray(shares, dtype=np.float64)
    if share.ndim != 1 or len(share) == 0 or np.any(share < 0) or abs(share.sum() - 1) > 1e-6:
        raise ValueError(
            f"uniform_population: the shares of households by size must be 0 or more and sum to 1 "
            f"(got {share.tolist()}, sum {share.sum():.6g}); divide them by their sum"
        )
    mean = float(np.dot(share, np.arange(1, len(share) + 1)))
    generator = np.random.Generator(np.random.Philox(int(purpose_key(seed, "household sizes"))))
    sizes = generator.choice(len(share), size=int(people / mean * 1.1) + 100, p=share) + 1
    while sizes.sum() < people:
        sizes = np.concatenate((sizes, generator.choice(len(share), size=len(sizes), p=share) + 1))
    last = int(np.searchsorted(np.cumsum(sizes), people))
    sizes = sizes[: last + 1]
    sizes[-1] -= int(sizes.sum()) - people
    return sizes.astype(np.int64)
