"""What a household is made of, and how often each kind must occur so that sizes and ages come out right.

A kind is a type (one or two adults of the middle generation, children, grandparents, others) at an age of its
reference person, the mother or the grandmother. Each has an expected number of people of every age. The
odds of the kinds within a size start from a plausible prior and are bent, with the least loss of
information, until the expected ages of all households are the city's and the published shares of three
generations and of grandparents alone with grandchildren hold: a convex problem in about a hundred unknowns,
solved by Newton's method.

Deming WE, Stephan FF. On a least squares adjustment of a sampled frequency table when the expected marginal
totals are known. Ann Math Stat 1940;11:427-44. DOI 10.1214/aoms/1177731829 (the idea); the dual as in
maximum-entropy weighting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.cities.schema import Composition
from fangxian.science.population.ages import AGES

FloatArray = NDArray[np.float64]
Int64Array = NDArray[np.int64]

LARGEST_NUCLEUS = 8
"""Adults, children and grandparents of a household; whoever is more is another relative or lodger."""

YOUNGEST_ADULT = 18
PARTNER_MEAN_YEARS = 2.0
PARTNER_SD_YEARS = 2.5
_BIRTH_AGES = np.arange(16, 49)
_STEPS = np.arange(-4, 9)
_RIDGE = 1e-3
_MOST_STEPS = 25
_WORST_MISFIT = 0.1
_ROOM_FOR_LUCK = 5.0
"""Whole people of a small town cannot follow expected ages: this over the root of them is added."""


class HouseholdType(NamedTuple):
    """Members of the nucleus of a household."""

    middle: int
    children: int
    grandparents: int

    @property
    def three_generations(self) -> bool:
        """Children, parents and grandparents under one roof."""
        return self.middle > 0 and self.children > 0 and self.grandparents > 0

    @property
    def skips_a_generation(self) -> bool:
        """Grandparents with grandchildren whose parents live elsewhere."""
        return self.middle == 0 and self.grandparents > 0


@dataclass(frozen=True)
class AgeTables:
    """Cumulative probabilities from which a kernel draws ages.

    Parameters
    ----------
    birth_age, birth_cumulative : arrays
        Age of a mother at the birth of a child.
    step, step_cumulative : arrays
        Years by which a partner is older.
    other_cumulative : float array [101]
        Age of other relatives and lodgers.
    """

    birth_age: Int64Array
    birth_cumulative: FloatArray
    step: Int64Array
    step_cumulative: FloatArray
    other_cumulative: FloatArray


@dataclass(frozen=True)
class HouseholdOptions:
    """Kinds of household, ordered by size, with their odds within the size.

    Parameters
    ----------
    size_start : int64 array [largest size + 2]
        Options of size s are ``size_start[s]`` up to ``size_start[s + 1]``.
    members : int64 array [option, 3]
        Middle generation, children, grandparents.
    reference_age : int64 array [option]
    cumulative : float array [option]
        Of the odds, from 0 to 1 within each size.
    tables : AgeTables
    misfit : float
        Share of people whose expected age misses the margin.
    """

    size_start: Int64Array
    members: Int64Array
    reference_age: Int64Array
    cumulative: FloatArray
    tables: AgeTables
    misfit: float


class _Columns(NamedTuple):
    size: Int64Array
    members: Int64Array
    reference_age: Int64Array
    prior: FloatArray
    profile: FloatArray


def fit_household_options(
    composition: Composition, size_counts: Int64Array, family_ages: Int64Array
) -> HouseholdOptions:
    """Return the odds of every kind of household of every size.

    Parameters
    ----------
    composition : Composition
        Of the margins of the city.
    size_counts : int64 array
        Households of 1, 2, 3, ... persons.
    family_ages : int64 array [101]
        People of each age in family households.

    Returns
    -------
    HouseholdOptions

    Raises
    ------
    ValueError
        If no odds bring ages and sizes together, e.g. more children than the households can hold.
    """
    tables = age_tables(composition, family_ages)
    columns = _columns(size_counts, family_ages, tables)
    households = int(size_counts.sum())
    three = np.array([HouseholdType(*row).three_generations for row in columns.members.tolist()], dtype=float)
    skip = np.array([HouseholdType(*row).skips_a_generation for row in columns.members.tolist()], dtype=float)
    people = float(family_ages.sum())
    features = np.column_stack((columns.profile, three, skip))
    goal = np.concatenate(
        (
            family_ages / people,
            [
                _reachable(composition.three_generation_share * households, three, columns.size, size_counts)
                / people,
                _reachable(composition.skip_generation_share * households, skip, columns.size, size_counts)
                / people,
            ],
        )
    )
    odds = _bent_odds(columns, size_counts / people, features, goal)
    weight = size_counts[columns.size - 1] / people * odds
    misfit = 0.5 * float(np.abs(weight @ columns.profile - family_ages / people).sum())
    worst = _WORST_MISFIT + _ROOM_FOR_LUCK / people**0.5
    if misfit > worst:
        raise ValueError(
            f"household sizes and ages contradict each other: {misfit:.1%} of the people would need another "
            f"age (at most {worst:.0%} is accepted); every household has an adult, so check the age "
            "bands, the shares of sizes and the mean size"
        )
    return _options(columns, odds, len(size_counts), tables, misfit)


def age_tables(composition: Composition, family_ages: Int64Array) -> AgeTables:
    """Return the tables from which ages within a household are drawn."""
    birth = _bell(_BIRTH_AGES, composition.mother_age_mean_years, composition.mother_age_sd_years)
    step = _bell(_STEPS, PARTNER_MEAN_YEARS, PARTNER_SD_YEARS)
    return AgeTables(
        birth_age=_BIRTH_AGES.astype(np.int64),
        birth_cumulative=np.cumsum(birth),
        step=_STEPS.astype(np.int64),
        step_cumulative=np.cumsum(step),
        other_cumulative=np.cumsum(family_ages) / family_ages.sum(),
    )


def types_of_size(size: int) -> list[HouseholdType]:
    """Return the types that a household of some size may have; what the nucleus leaves over are others."""
    if size == 1:
        return [HouseholdType(1, 0, 0)]
    if size > LARGEST_NUCLEUS + 4:
        return [HouseholdType(2, 4, 2)]
    return [
        HouseholdType(middle, children, grandparents)
        for middle in (0, 1, 2)
        for grandparents in (0, 1, 2)
        for children in range(5)
        if _plausible(middle, children, grandparents)
        and (
            middle + children + grandparents == size
            or (size > 5 and children + grandparents >= 3 and 5 <= middle + children + grandparents < size)
        )
    ]


def _plausible(middle: int, children: int, grandparents: int) -> bool:
    if middle == 0:
        return grandparents > 0 and 0 < children <= 3
    if middle == 1:
        return children + grandparents > 0 and children <= 3
    return True


def _bell(values: NDArray[np.int64], mean: float, sd: float) -> FloatArray:
    weight = np.exp(-0.5 * ((values - mean) / sd) ** 2)
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def _columns(size_counts: Int64Array, family_ages: Int64Array, tables: AgeTables) -> _Columns:
    density = np.maximum(family_ages, 1e-6 * family_ages.max()) / family_ages.max()
    relatives = _relatives(tables)
    sizes, members, ages, priors, profiles = [], [], [], [], []
    for size in np.flatnonzero(size_counts) + 1:
        for kind in types_of_size(int(size)):
            profile = _profiles(kind, int(size) - sum(kind), relatives)
            for age in _reference_ages(kind, int(size)):
                sizes.append(int(size))
                members.append(kind)
                ages.append(age)
                priors.append(_prior(kind, age, density))
                profiles.append(profile[age])
    return _Columns(
        np.array(sizes, dtype=np.int64),
        np.array(members, dtype=np.int64),
        np.array(ages, dtype=np.int64),
        np.array(priors, dtype=np.float64),
        np.array(profiles, dtype=np.float64),
    )


def _reference_ages(kind: HouseholdType, size: int) -> range:
    """Return ages of the reference person; the few large households need no single years."""
    if size > LARGEST_NUCLEUS + 4:
        return range(38, 43, 2)
    if kind.middle == 0:
        return range(42, 81)
    oldest = 74 if kind.grandparents else AGES - 1
    youngest = 20 if kind.children else YOUNGEST_ADULT
    return range(youngest, oldest + 1, 3 if size > 5 else 1)


def _prior(kind: HouseholdType, age: int, density: FloatArray) -> float:
    """Return how plausible a kind is before the margins speak: working values, not statistics."""
    weight = float(density[age])
    child_age = age - 27
    if kind.middle == 0:
        return weight
    if kind.children:
        weight *= 1.0 if child_age <= 18 else max(0.03, float(np.exp(-(child_age - 18) / 8)))
        weight *= 1.0 if kind.middle == 2 else 0.12
        weight *= (1.0, 1.0, 1.0, 0.5, 0.1)[kind.children]
    elif not kind.grandparents:
        alone = (0.6, 0.4, 1.0) if kind.middle == 1 else (0.3, 0.25, 1.0)
        weight *= alone[0] if age < 30 else alone[1] if age < 50 else alone[2]
    if kind.grandparents:
        weight *= float(density[min(age + 26, AGES - 1)])
        weight *= 0.3 if kind.middle == 1 else 1.0
    return max(weight, 1e-12)


class _Relatives(NamedTuple):
    """Odds of a relative's age (column) by the reference person's age (row); float arrays [101, 101]."""

    partner: FloatArray
    mother: FloatArray
    father: FloatArray
    child: FloatArray
    grandchild: FloatArray
    other: FloatArray


def _relatives(tables: AgeTables) -> _Relatives:
    birth = np.diff(tables.birth_cumulative, prepend=0.0)
    partner = _older(tables.step, np.diff(tables.step_cumulative, prepend=0.0), YOUNGEST_ADULT)
    mother = _older(tables.birth_age, birth, 0)
    two_births = np.arange(2 * tables.birth_age[0], 2 * tables.birth_age[-1] + 1)
    return _Relatives(
        partner=partner,
        mother=mother,
        father=mother @ partner,
        child=_younger(tables.birth_age, birth),
        grandchild=_younger(two_births, np.convolve(birth, birth)),
        other=np.tile(np.diff(tables.other_cumulative, prepend=0.0), (AGES, 1)),
    )


def _older(years: Int64Array, odds: FloatArray, youngest: int) -> FloatArray:
    result = np.zeros((AGES, AGES))
    for age in range(AGES):
        np.add.at(result[age], np.clip(age + years, youngest, AGES - 1), odds)
    return result


def _younger(years: Int64Array, odds: FloatArray) -> FloatArray:
    result = np.zeros((AGES, AGES))
    for age in range(AGES):
        possible = years <= age
        if possible.any():
            np.add.at(result[age], age - years[possible], odds[possible] / odds[possible].sum())
        else:
            result[age, 0] = 1.0
    return result


def _profiles(kind: HouseholdType, others: int, relatives: _Relatives) -> FloatArray:
    """Return the expected number of people of each age in a household of a kind, by reference age."""
    itself = np.eye(AGES)
    profile = others * relatives.other
    if kind.middle == 0:
        elders = (itself, relatives.partner)
        profile = profile + kind.children * relatives.grandchild
    else:
        elders = (relatives.mother, relatives.father)
        profile = profile + itself + kind.children * relatives.child
    if kind.middle == 2:
        profile = profile + relatives.partner
    for elder in elders[: kind.grandparents]:
        profile = profile + elder
    return profile


def _reachable(goal: float, has: FloatArray, size: Int64Array, size_counts: Int64Array) -> float:
    """Return the goal, or as much of it as households of a size that allows it can hold."""
    sizes = np.unique(size[has > 0])
    return min(goal, 0.9 * float(size_counts[sizes - 1].sum()))


def _bent_odds(
    columns: _Columns, size_share: FloatArray, features: FloatArray, goal: FloatArray
) -> FloatArray:
    """Return odds within each size, nearest to the prior, whose expected features are the goal."""
    sizes = np.flatnonzero(size_share)
    blocks = [(columns.size == size + 1, float(size_share[size])) for size in sizes]
    multiplier = np.zeros(len(goal))
    value, gradient, hessian, odds = _dual(multiplier, columns.prior, features, goal, blocks)
    for _ in range(_MOST_STEPS):
        if np.abs(gradient).sum() < 1e-6:
            break
        step = np.linalg.solve(hessian, -gradient)
        length = 1.0
        while length > 1e-6:
            trial = _dual(multiplier + length * step, columns.prior, features, goal, blocks)
            if trial[0] <= value + 1e-4 * length * float(gradient @ step):
                break
            length /= 2
        else:
            break
        multiplier = multiplier + length * step
        value, gradient, hessian, odds = trial
    return odds


def _dual(
    multiplier: FloatArray,
    prior: FloatArray,
    features: FloatArray,
    goal: FloatArray,
    blocks: list[tuple[NDArray[np.bool_], float]],
) -> tuple[float, FloatArray, FloatArray, FloatArray]:
    """Return value, gradient and Hessian of the dual, and the odds that belong to the multipliers."""
    exponent = np.log(prior) + features @ multiplier
    odds = np.empty(len(prior))
    value = -float(multiplier @ goal) + 0.5 * _RIDGE * float(multiplier @ multiplier)
    gradient = _RIDGE * multiplier - goal
    hessian = _RIDGE * np.eye(len(goal))
    for block, share in blocks:
        highest = exponent[block].max()
        raw = np.exp(exponent[block] - highest)
        odds[block] = raw / raw.sum()
        mean = odds[block] @ features[block]
        value += share * (float(np.log(raw.sum())) + highest)
        gradient = gradient + share * mean
        weighted = features[block] * odds[block][:, None]
        hessian = hessian + share * (features[block].T @ weighted - np.outer(mean, mean))
    return value, gradient, hessian, odds


def _options(
    columns: _Columns, odds: FloatArray, largest: int, tables: AgeTables, misfit: float
) -> HouseholdOptions:
    start = np.searchsorted(columns.size, np.arange(largest + 2)).astype(np.int64)
    cumulative = np.empty(len(odds))
    for size in range(1, largest + 1):
        block = slice(start[size], start[size + 1])
        cumulative[block] = np.cumsum(odds[block])
    return HouseholdOptions(start, columns.members, columns.reference_age, cumulative, tables, misfit)
