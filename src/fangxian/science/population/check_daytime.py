"""Margins of the day beside what a built city has of them: schools, work, care homes, health facilities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.cities import CityMargins
from fangxian.science.population.ages import by_age
from fangxian.science.population.margin_rows import MarginRow, margin_row
from fangxian.science.population.records import (
    CARE_HOME_RESIDENT_BIT,
    HEALTH_WORKER_BIT,
    GroupKind,
    Population,
)

BoolArray = NDArray[np.bool_]
Int64Array = NDArray[np.int64]


def daytime_rows(population: Population, margins: CityMargins, ages: Int64Array) -> Iterator[MarginRow]:
    """Yield the margins of the day.

    Parameters
    ----------
    population : Population
        Built from the margins.
    margins : CityMargins
    ages : int64 array [101]
        People of each age.

    Yields
    ------
    MarginRow
        Schools, health workers, sizes of workplaces, people with a place of work, homes and facilities.
    """
    pupils = _pupils(population)
    yield from _schools(population, margins, ages, pupils)
    yield from _work(population, margins)
    yield from _employed(population, margins, ages, pupils)
    yield from _homes(population, margins)


def _schools(
    population: Population, margins: CityMargins, ages: Int64Array, pupils: BoolArray
) -> Iterator[MarginRow]:
    at_school = np.bincount(population.person_age[population.group_member[pupils]], minlength=101)
    youngest, sites, counts = _classes(population, pupils)
    for stage in margins.schools:
        span = slice(stage.age_from, stage.age_to + 1)
        numbers = (stage.enrolled * ages[span].sum(), at_school[span].sum())
        yield margin_row(f"school {stage.id}", f"在校 {stage.id}", f"enrolled, {stage.id}", numbers, stage)
        here = (youngest >= stage.age_from) & (youngest <= stage.age_to)
        if not here.any():
            continue
        inside = counts[here].sum()
        yield margin_row(
            f"class size {stage.id}",
            f"班额 {stage.id}",
            f"pupils a class, {stage.id}",
            (stage.pupils_per_class, inside / here.sum()),
            stage,
        )
        yield margin_row(
            f"school size {stage.id}",
            f"每校学生 {stage.id}",
            f"pupils a school, {stage.id}",
            (stage.pupils_per_school, inside / len(np.unique(sites[here]))),
            stage,
        )


def _pupils(population: Population) -> BoolArray:
    """Return which entries of ``group_member`` are pupils: a class is one age, who is older teaches it."""
    member_group = np.repeat(np.arange(population.groups), np.diff(population.group_start))
    age = population.person_age[population.group_member]
    youngest = np.full(population.groups, 255, dtype=np.uint8)
    np.minimum.at(youngest, member_group, age)
    is_class = population.group_kind == GroupKind.SCHOOL_CLASS
    return np.asarray(is_class[member_group] & (age == youngest[member_group]))


def _classes(
    population: Population, pupils: BoolArray
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
    yield margin_row(
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
        yield margin_row(
            f"workplaces of {limit} or more",
            f"{limit} 人及以上的工作场所占比",
            f"share of workplaces with {limit} or more",
            (_share_above(margins, limit - 1), float(np.mean(size >= limit))),
            margins.workplace_sizes,
            "share",
        )


def _employed(
    population: Population, margins: CityMargins, ages: Int64Array, pupils: BoolArray
) -> Iterator[MarginRow]:
    """Yield people with a place of work: posts in schools, homes and hospitals first, then other workers."""
    member = population.group_member
    at_home = (population.person_flags & CARE_HOME_RESIDENT_BIT) > 0
    kind = np.repeat(population.group_kind, np.diff(population.group_start))
    working = ~(pupils | at_home[member])
    posts = np.count_nonzero(working & (kind != GroupKind.WORKPLACE))
    free = ages - np.bincount(population.person_age[member[pupils]], minlength=101)
    free = free - np.bincount(population.person_age[at_home], minlength=101)
    workers = float(by_age(margins.work.age_from, margins.work.employed) @ free)
    wanted = posts + max(0.0, workers - posts) * (1.0 - margins.work.without_workplace)
    yield margin_row(
        "people with a workplace",
        "有工作场所的从业者",
        "people with a place of work",
        (wanted, np.count_nonzero(working)),
        margins.work,
    )


def _homes(population: Population, margins: CityMargins) -> Iterator[MarginRow]:
    """Yield the sizes of care homes and health facilities."""
    resident = population.person_flags[population.group_member] & CARE_HOME_RESIDENT_BIT
    staff = np.diff(population.group_start)[population.group_kind == GroupKind.HEALTH_FACILITY]
    for code, zh, inside, of_kind, wanted, source in (
        (
            "residents a care home",
            "每家养老机构入住者",
            np.count_nonzero(resident),
            GroupKind.CARE_HOME,
            margins.care_homes.residents_per_home,
            margins.care_homes,
        ),
        (
            "workers a health facility",
            "每家医疗机构卫生人员",
            staff.sum(),
            GroupKind.HEALTH_FACILITY,
            margins.health_facilities.workers_per_facility,
            margins.health_facilities,
        ),
    ):
        sites = len(np.unique(population.group_site[population.group_kind == of_kind]))
        if sites:
            yield margin_row(code, zh, code, (wanted, inside / sites), source)


def _share_above(margins: CityMargins, workers: int) -> float:
    law = margins.workplace_sizes
    top = 1 + law.largest / law.offset
    raised = (top / (1 + workers / law.offset)) ** law.exponent - 1
    return float(raised / (top**law.exponent - 1))
