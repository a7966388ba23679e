"""Where people spend the day: classes of schools, teams of workplaces, units of care homes.

Pupils fill schools in the order in which they live, so that a class comes from neighbouring villages;
workers draw the township in which they work and are dealt to workplaces there in random order. Sizes of
workplaces follow the offset power law of Ferguson et al. 2005 (DOI 10.1038/nature04017); large ones are
divided into teams.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.base.counter_random import purpose_key
from fangxian.plans.cities.schema import CityMargins, SchoolStage, WorkplaceSizes
from fangxian.science.population.ages import by_age
from fangxian.science.population.places import PlaceTree
from fangxian.science.population.records import CARE_HOME_RESIDENT_BIT, HEALTH_WORKER_BIT, GroupKind
from fangxian.science.population.school_kernels import assign_classes, draw_enrolled
from fangxian.science.population.work_kernels import (
    deal_workers,
    draw_workers,
    form_units,
    shuffle_buckets,
    sort_by_place,
)

FloatArray = NDArray[np.float64]
Int64Array = NDArray[np.int64]
Int32Array = NDArray[np.int32]
UInt8Array = NDArray[np.uint8]

UNASSIGNED = -1
_SIZE_STEPS = 4096


@dataclass(frozen=True)
class Day:
    """Groups of the day before they are numbered by place.

    Parameters
    ----------
    person_group : int32 array [n]
        -1 for none.
    group_kind : uint8 array [group]
    group_site : int32 array [group]
        Groups of one institution share a number.
    """

    person_group: Int32Array
    group_kind: UInt8Array
    group_site: Int32Array


class _Ledger:
    """Groups as they are formed, stage after stage."""

    def __init__(self, people: int) -> None:
        self.person_group = np.full(people, UNASSIGNED, dtype=np.int32)
        self.kinds: list[UInt8Array] = []
        self.sites: list[Int64Array] = []
        self.groups = 0
        self.site_count = 0

    def add(self, kind: GroupKind | UInt8Array, site: Int64Array) -> None:
        """Append groups whose sites are numbered from 0 within this call."""
        kinds = kind if isinstance(kind, np.ndarray) else np.full(len(site), kind, dtype=np.uint8)
        self.kinds.append(kinds)
        self.sites.append(site + self.site_count)
        self.groups += len(site)
        self.site_count += int(site.max(initial=-1)) + 1

    def day(self) -> Day:
        return Day(
            self.person_group,
            np.concatenate(self.kinds) if self.kinds else np.zeros(0, dtype=np.uint8),
            (np.concatenate(self.sites) if self.sites else np.zeros(0)).astype(np.int32),
        )


def fill_day(
    margins: CityMargins,
    tree: PlaceTree,
    age: UInt8Array,
    flags: UInt8Array,
    place_start: Int32Array,
    seed: int,
) -> Day:
    """Give every person a group for the day, or none.

    Parameters
    ----------
    margins : CityMargins
    tree : PlaceTree
    age : uint8 array [n]
    flags : uint8 array [n]
        Care-home residents are known; health workers are marked here.
    place_start : int32 array [place + 1]
    seed : int

    Returns
    -------
    Day
    """
    ledger = _Ledger(len(age))
    at_school = np.zeros(len(age), dtype=np.bool_)
    people = (age, flags, at_school)
    classes = [_schools(stage, tree, people, place_start, ledger, seed) for stage in margins.schools]
    units = _care_units(margins, ledger, flags, place_start, seed)
    _workers(margins, tree, people, place_start, (ledger, _jobs(classes, units)), seed)
    return ledger.day()


def workplace_size_quantiles(sizes: WorkplaceSizes) -> Int64Array:
    """Return sizes at equal steps of probability, from which a workplace draws its size; int64 array.

    The published law gives the share of workplaces with more than m workers as
    ``((1 + largest / offset) / (1 + m / offset)) ** exponent - 1``, divided by its value at m = 0.
    """
    top = 1 + sizes.largest / sizes.offset
    share = (np.arange(_SIZE_STEPS) + 0.5) / _SIZE_STEPS
    scale = top**sizes.exponent - 1
    size: FloatArray = sizes.offset * (top / (1 + share * scale) ** (1 / sizes.exponent) - 1)
    return np.clip(np.ceil(size), 1, sizes.largest).astype(np.int64)


def _schools(
    stage: SchoolStage,
    tree: PlaceTree,
    people: tuple[UInt8Array, UInt8Array, NDArray[np.bool_]],
    place_start: Int32Array,
    ledger: _Ledger,
    seed: int,
) -> Int64Array:
    """Form the classes of one stage; int64 array [class, 3] of group, place and teachers wanted."""
    age, flags, at_school = people
    key = purpose_key(seed, f"school {stage.id}")
    pupils = draw_enrolled(age, flags, at_school, (stage.age_from, stage.age_to, stage.enrolled), key)
    if stage.reach == "township":
        border = place_start.astype(np.int64)
    elif stage.reach == "county":
        county = np.searchsorted(tree.place_parent, np.arange(len(tree.parent_code) + 1))
        border = place_start[county].astype(np.int64)
    else:
        border = np.array([0, len(age)], dtype=np.int64)
    group_site, first_pupil = assign_classes(
        (pupils, np.searchsorted(pupils, border)),
        age,
        (stage.age_from, stage.age_to, stage.pupils_per_school, stage.pupils_per_class),
        ledger.person_group,
        ledger.groups,
        key,
    )
    first_group = ledger.groups
    ledger.add(GroupKind.SCHOOL_CLASS, group_site)
    place = np.searchsorted(place_start, first_pupil, side="right") - 1
    return np.column_stack(
        (
            np.arange(first_group, ledger.groups),
            place,
            np.full(len(group_site), stage.teachers_per_class),
        )
    ).astype(np.int64)


def _care_units(
    margins: CityMargins, ledger: _Ledger, flags: UInt8Array, place_start: Int32Array, seed: int
) -> Int64Array:
    """Form the units of care homes; int64 array [unit, 3] of group, place and staff wanted."""
    residents = np.flatnonzero(flags & CARE_HOME_RESIDENT_BIT)
    homes = margins.care_homes
    site, place, count = form_units(
        residents,
        np.searchsorted(residents, place_start),
        (homes.residents_per_home, homes.residents_per_unit),
        ledger.person_group,
        ledger.groups,
        purpose_key(seed, "care homes"),
    )
    first_group = ledger.groups
    ledger.add(GroupKind.CARE_HOME, site)
    staff = np.maximum(1, np.rint(count / homes.residents_per_worker))
    return np.column_stack((np.arange(first_group, ledger.groups), place, staff)).astype(np.int64)


def _jobs(classes: list[Int64Array], units: Int64Array) -> Int64Array:
    """Return jobs in groups that exist already, by place; int64 array [job, 2] of place and group."""
    posts = np.concatenate([*classes, units]) if classes else units
    repeated = np.repeat(posts[:, :2], posts[:, 2], axis=0)[:, ::-1]
    return np.ascontiguousarray(repeated[np.argsort(repeated[:, 0], kind="stable")])


def _workers(
    margins: CityMargins,
    tree: PlaceTree,
    people: tuple[UInt8Array, UInt8Array, NDArray[np.bool_]],
    place_start: Int32Array,
    state: tuple[_Ledger, Int64Array],
    seed: int,
) -> None:
    age, flags, at_school = people
    ledger, jobs = state
    employed = by_age(margins.work.age_from, margins.work.employed)
    county = np.searchsorted(tree.place_parent, np.arange(len(tree.parent_code) + 1))
    work_place = draw_workers(
        (age, flags, at_school),
        employed,
        (margins.work.within_township, margins.work.within_county),
        (place_start, tree.place_parent, place_start[county].astype(np.int64)),
        purpose_key(seed, "work"),
    )
    worker, bucket = sort_by_place(work_place, len(tree.place_code))
    shuffle_buckets(worker, bucket, purpose_key(seed, "order of workers"))
    facilities = margins.health_facilities
    health_workers = np.rint(np.diff(place_start) * facilities.workers_per_1000 / 1000).astype(np.int64)
    kind, site = deal_workers(
        (worker, bucket),
        (jobs[:, 1].copy(), np.searchsorted(jobs[:, 0], np.arange(len(tree.place_code) + 1))),
        (health_workers, facilities.workers_per_facility, HEALTH_WORKER_BIT),
        (
            workplace_size_quantiles(margins.workplace_sizes),
            margins.workplace_sizes.team,
            margins.work.without_workplace,
        ),
        (ledger.person_group, flags, ledger.groups),
        purpose_key(seed, "workplaces"),
    )
    ledger.add(kind, site)
