"""Every margin beside what the built city has of it: target, got, difference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled
from fangxian.base.errors import Text
from fangxian.plans.cities import CityFile, CityMargins
from fangxian.plans.schema import Sourced
from fangxian.science.population.ages import CARE_HOME_AGE, by_age
from fangxian.science.population.places import place_tree
from fangxian.science.population.records import (
    CARE_HOME_RESIDENT_BIT,
    COLLECTIVE_HOUSEHOLD_BIT,
    HEALTH_WORKER_BIT,
    GroupKind,
    Population,
    UnderlyingDisease,
    VaccinationStatus,
)
from fangxian.science.population.whole_numbers import household_counts

Int64Array = NDArray[np.int64]

GENERATION_YEARS = 16
"""Youngest mother of the builder: people so far apart in age count as two generations of one household."""


class MarginRow(NamedTuple):
    """One margin.

    Attributes
    ----------
    code : str
        Stable name, e.g. ``"age 0-14"``.
    name : Text
        In Chinese and English.
    target, got : float
        What the margins say, and what the population has.
    unit : str
    status : str
        How far the target can be trusted: a published total or a stated assumption.
    """

    code: str
    name: Text
    target: float
    got: float
    unit: str
    status: str

    @property
    def difference(self) -> float:
        """Got less target."""
        return self.got - self.target

    @property
    def relative(self) -> float:
        """Difference as a share of the target; not-a-number for a target of 0."""
        return self.difference / self.target if self.target else float("nan")


def check_margins(population: Population, city: CityFile) -> list[MarginRow]:
    """Return every margin of a city beside what a population has of it.

    Parameters
    ----------
    population : Population
        Built from the city.
    city : CityFile

    Returns
    -------
    list of MarginRow
        Totals, counties, ages, households, schools, work, health, vaccination, in this order.
    """
    ages = np.bincount(population.person_age, minlength=101)[:101].astype(np.int64)
    margins = city.margins
    return [
        *_totals(population, city),
        *_ages(margins, ages),
        *_households(population, margins),
        *_schools(population, margins, ages),
        *_work(population, margins),
        *_health(population, margins),
    ]


def _row(
    code: str,
    zh: str,
    en: str,
    numbers: tuple[float | np.number, float | np.number],
    source: Sourced,
    unit: str = "person",
) -> MarginRow:
    return MarginRow(
        code, {"zh": zh, "en": en}, float(numbers[0]), float(numbers[1]), unit, str(source.status)
    )


def _totals(population: Population, city: CityFile) -> Iterator[MarginRow]:
    margins = city.margins
    yield _row("people", "常住人口", "people", (margins.people.value, population.size), margins.people)
    tree = place_tree(city.places, margins.code, margins.people.value)
    names = {place.code: place.name for place in city.places}
    wanted = np.bincount(
        tree.place_parent[tree.village_place], tree.village_people, minlength=len(tree.parent_code)
    )
    got = np.bincount(
        population.place_parent, np.diff(population.place_start), minlength=len(tree.parent_code)
    )
    for number, code in enumerate(population.parent_code):
        name = f"{code} {names.get(code, '')}".strip()
        yield _row(f"place {code}", name, name, (wanted[number], got[number]), margins.places)


def _ages(margins: CityMargins, ages: Int64Array) -> Iterator[MarginRow]:
    for band in margins.age_bands:
        span = f"{band.age_from}-{band.age_to}" if band.age_to < 100 else f"{band.age_from}+"
        got = ages[band.age_from : band.age_to + 1].sum()
        yield _row(f"age {span}", f"{span} 岁", f"aged {span}", (band.people, got), band)


def _households(population: Population, margins: CityMargins) -> Iterator[MarginRow]:
    wanted = margins.households
    sizes = np.diff(population.household_start)
    first = population.household_start[:-1]
    collective = (population.person_flags[first] & COLLECTIVE_HOUSEHOLD_BIT) > 0
    pairs = {
        ("family households", "家庭户", "household"): (wanted.family_households, np.sum(~collective)),
        ("people in family households", "家庭户人口", "person"): (
            wanted.people_in_family_households,
            sizes[~collective].sum(),
        ),
        ("collective households", "集体户", "household"): (
            wanted.collective_households,
            np.sum(collective),
        ),
        ("people in collective households", "集体户人口", "person"): (
            wanted.people_in_collective_households,
            sizes[collective].sum(),
        ),
    }
    for (en, zh, unit), numbers in pairs.items():
        yield _row(en, zh, en, numbers, wanted, unit)
    counts = household_counts(
        margins.household_sizes.shares, wanted.family_households, wanted.people_in_family_households
    )
    got = np.bincount(sizes[~collective], minlength=len(counts) + 1)[1:]
    for size in np.flatnonzero(counts) + 1:
        numbers = (counts[size - 1], got[size - 1])
        yield _row(
            f"households of {size}",
            f"{size} 人户",
            f"households of {size}",
            numbers,
            margins.household_sizes,
            "household",
        )
    three = _count_three_generations(population.person_age, population.household_start, collective)
    yield _row(
        "three generations",
        "三代户（按年龄差判断）",
        "three generations (by gaps of age)",
        (margins.composition.three_generation_share * wanted.family_households, three),
        margins.composition,
        "household",
    )
    residents = np.count_nonzero(population.person_flags & CARE_HOME_RESIDENT_BIT)
    old = sum(band.people for band in margins.age_bands if band.age_from >= CARE_HOME_AGE)
    if old and any(band.age_from == CARE_HOME_AGE for band in margins.age_bands):
        yield _row(
            "care-home residents",
            "养老机构入住者",
            "residents of care homes",
            (margins.collective.care_home_share * old, residents),
            margins.collective,
        )


@compiled()
def _count_three_generations(
    age: NDArray[np.uint8], household_start: NDArray[np.int32], left_out: NDArray[np.bool_]
) -> int:
    """Count households in which some three people are each a generation apart."""
    found = 0
    for household in range(len(household_start) - 1):
        if left_out[household]:
            continue
        members = np.sort(age[household_start[household] : household_start[household + 1]])
        generations = 1
        last = int(members[0])
        for years in members:
            if int(years) - last >= GENERATION_YEARS:
                generations += 1
                last = int(years)
        found += generations >= 3
    return found


def _schools(population: Population, margins: CityMargins, ages: Int64Array) -> Iterator[MarginRow]:
    pupils = _pupils(population)
    at_school = np.bincount(population.person_age[population.group_member[pupils]], minlength=101)
    youngest, sites, counts = _classes(population, pupils)
    for stage in margins.schools:
        span = slice(stage.age_from, stage.age_to + 1)
        numbers = (stage.enrolled * ages[span].sum(), at_school[span].sum())
        yield _row(f"school {stage.id}", f"在校 {stage.id}", f"enrolled, {stage.id}", numbers, stage)
        here = (youngest >= stage.age_from) & (youngest <= stage.age_to)
        if not here.any():
            continue
        inside = counts[here].sum()
        yield _row(
            f"class size {stage.id}",
            f"班额 {stage.id}",
            f"pupils a class, {stage.id}",
            (stage.pupils_per_class, inside / here.sum()),
            stage,
        )
        yield _row(
            f"school size {stage.id}",
            f"每校学生 {stage.id}",
            f"pupils a school, {stage.id}",
            (stage.pupils_per_school, inside / len(np.unique(sites[here]))),
            stage,
        )


def _pupils(population: Population) -> NDArray[np.bool_]:
    """Return which entries of ``group_member`` are pupils: a class is one age, who is older teaches it."""
    member_group = np.repeat(np.arange(population.groups), np.diff(population.group_start))
    age = population.person_age[population.group_member]
    youngest = np.full(population.groups, 255, dtype=np.uint8)
    np.minimum.at(youngest, member_group, age)
    is_class = population.group_kind == GroupKind.SCHOOL_CLASS
    return np.asarray(is_class[member_group] & (age == youngest[member_group]))


def _classes(
    population: Population, pupils: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], NDArray[np.int32], Int64Array]:
    """Return age, school and number of pupils of every class."""
    member_group = np.repeat(np.arange(population.groups), np.diff(population.group_start))[pupils]
    age = population.person_age[population.group_member[pupils]]
    counts = np.bincount(member_group, minlength=population.groups)
    classes = np.flatnonzero(counts)
    of_class = np.zeros(population.groups, dtype=np.uint8)
    of_class[member_group] = age
    return of_class[classes], population.group_site[classes], counts[classes].astype(np.int64)


def _work(population: Population, margins: CityMargins) -> Iterator[MarginRow]:
    facilities = margins.health_facilities
    yield _row(
        "health workers",
        "卫生人员",
        "health workers",
        (
            population.size * facilities.workers_per_1000 / 1000,
            np.count_nonzero(population.person_flags & HEALTH_WORKER_BIT),
        ),
        facilities,
    )
    workplaces = np.flatnonzero(population.group_kind == GroupKind.WORKPLACE)
    if len(workplaces) == 0:
        return
    sites = population.group_site[workplaces]
    members = np.diff(population.group_start)[workplaces]
    size = np.bincount(sites - sites[0], members)
    size = size[size > 0]
    for limit in (10, 100):
        yield _row(
            f"workplaces of {limit} or more",
            f"{limit} 人及以上的工作场所占比",
            f"share of workplaces with {limit} or more",
            (_share_above(margins, limit - 1), float(np.mean(size >= limit))),
            margins.workplace_sizes,
            "share",
        )


def _share_above(margins: CityMargins, workers: int) -> float:
    law = margins.workplace_sizes
    top = 1 + law.largest / law.offset
    raised = (top / (1 + workers / law.offset)) ** law.exponent - 1
    return float(raised / (top**law.exponent - 1))


def _health(population: Population, margins: CityMargins) -> Iterator[MarginRow]:
    disease = margins.underlying_disease
    have = np.bincount(
        population.underlying_disease().astype(np.int64) * 101 + population.person_age, minlength=3 * 101
    ).reshape(3, 101)
    ages = have.sum(axis=0)
    wanted_disease = {
        UnderlyingDisease.STABLE: (disease.stable, "稳定基础疾病", "stable underlying disease"),
        UnderlyingDisease.UNSTABLE: (disease.unstable, "不稳定基础疾病", "unstable underlying disease"),
    }
    for state, (shares, zh, en) in wanted_disease.items():
        expected = by_age(disease.age_from, shares) * ages
        for low, high in _groups(disease.age_from):
            numbers = (expected[low:high].sum(), have[state, low:high].sum())
            yield _row(f"{en} {low}+", f"{zh} {low} 岁起", f"{en}, from age {low}", numbers, disease)
    vaccination = margins.vaccination
    given = np.bincount(
        population.person_vaccination.astype(np.int64) * 101 + population.person_age, minlength=4 * 101
    ).reshape(4, 101)
    wanted_doses = {
        VaccinationStatus.PARTIAL: (vaccination.partial, "未全程接种", "partly vaccinated"),
        VaccinationStatus.FULL: (vaccination.full, "全程接种", "fully vaccinated"),
        VaccinationStatus.BOOSTED: (vaccination.boosted, "加强接种", "boosted"),
    }
    for status, (shares, zh, en) in wanted_doses.items():
        expected = by_age(vaccination.age_from, shares) * ages
        for low, high in _groups(vaccination.age_from):
            numbers = (expected[low:high].sum(), given[status, low:high].sum())
            yield _row(f"{en} {low}+", f"{zh} {low} 岁起", f"{en}, from age {low}", numbers, vaccination)


def _groups(age_from: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(zip(age_from, [*age_from[1:], 101], strict=True))
