"""Workers in teams of workplaces and residents in units of care homes, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled
from fangxian.base.counter_random import below, keyed_bits, next_bits, unit_interval
from fangxian.science.population.school_kernels import weights_of_parts

FloatArray = NDArray[np.float64]
Int64Array = NDArray[np.int64]
Int32Array = NDArray[np.int32]
UInt8Array = NDArray[np.uint8]

_CARE_HOME_RESIDENT = 8
_WORKPLACE = 1
_HEALTH_FACILITY = 2


@compiled()
def draw_workers(
    people: tuple[UInt8Array, UInt8Array, NDArray[np.bool_]],
    employed: FloatArray,
    reach: tuple[float, float],
    places: tuple[Int32Array, Int64Array, Int64Array],
    key: np.uint64,
) -> Int32Array:
    """Return the place in which each person works, -1 for those who do not.

    Who works away from home works where a person drawn from the county, or the city, lives: more people,
    more jobs.
    """
    age, flags, at_school = people
    within_township, within_county = reach
    place_start, place_parent, county_start = places
    work_place = np.full(len(age), -1, dtype=np.int32)
    for place in range(len(place_parent)):
        county = place_parent[place]
        low, high = county_start[county], county_start[county + 1]
        for person in range(place_start[place], place_start[place + 1]):
            if at_school[person] or flags[person] & _CARE_HOME_RESIDENT:
                continue
            bits = keyed_bits(key, person, 0)
            if unit_interval(bits) >= employed[age[person]]:
                continue
            bits = next_bits(bits)
            how_far = unit_interval(bits)
            if how_far < within_township:
                work_place[person] = place
                continue
            bits = next_bits(bits)
            if how_far < within_township + within_county:
                other = low + below(bits, high - low)
            else:
                other = below(bits, len(age))
            work_place[person] = np.searchsorted(place_start, other, side="right") - 1
    return work_place


@compiled()
def sort_by_place(work_place: Int32Array, places: int) -> tuple[Int32Array, Int64Array]:
    """Return the workers of each place, ascending within a place, and where each place begins."""
    bucket = np.zeros(places + 1, dtype=np.int64)
    for place in work_place:
        if place >= 0:
            bucket[place + 1] += 1
    bucket = np.cumsum(bucket)
    worker = np.empty(bucket[-1], dtype=np.int32)
    filled = bucket[:-1].copy()
    for person in range(len(work_place)):
        place = work_place[person]
        if place >= 0:
            worker[filled[place]] = person
            filled[place] += 1
    return worker, bucket


@compiled()
def shuffle_buckets(worker: Int32Array, bucket: Int64Array, key: np.uint64) -> None:
    """Put the workers of each place into random order (Fisher and Yates), in place."""
    for place in range(len(bucket) - 1):
        low = bucket[place]
        for index in range(bucket[place + 1] - 1, low, -1):
            other = low + below(keyed_bits(key, index, 0), index - low + 1)
            worker[index], worker[other] = worker[other], worker[index]


@compiled()
def form_units(
    resident: Int64Array,
    border: Int64Array,
    sizes: tuple[float, float],
    person_group: Int32Array,
    first_group: int,
    key: np.uint64,
) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Cut the care-home residents of each place into homes and homes into units.

    Returns
    -------
    site, place, residents : int64 arrays [unit]
    """
    per_home, per_unit = sizes
    most = int(len(resident) / per_unit) + 2 * len(border) + int(2 * len(resident) / per_home) + 2
    site = np.empty(most, dtype=np.int64)
    unit_place = np.empty(most, dtype=np.int64)
    count = np.zeros(most, dtype=np.int64)
    unit = 0
    home = 0
    for place in range(len(border) - 1):
        inside = border[place + 1] - border[place]
        if inside == 0:
            continue
        homes = max(1, int(np.round(inside / per_home)))
        weight = np.cumsum(weights_of_parts(homes, key, -1 - place))
        low = border[place]
        for part in range(homes):
            high = border[place] + int(np.round(inside * weight[part] / weight[-1]))
            if high <= low:
                continue
            units = max(1, int(np.round((high - low) / per_unit)))
            for index in range(low, high):
                number = unit + (index - low) * units // (high - low)
                person_group[resident[index]] = first_group + number
                count[number] += 1
            for number in range(unit, unit + units):
                site[number] = home
                unit_place[number] = place
            unit += units
            home += 1
            low = high
    return site[:unit], unit_place[:unit], count[:unit]


@compiled()
def deal_workers(
    workers: tuple[Int32Array, Int64Array],
    jobs: tuple[Int64Array, Int64Array],
    health: tuple[Int64Array, float, int],
    work: tuple[Int64Array, int, float],
    result: tuple[Int32Array, UInt8Array, int],
    key: np.uint64,
) -> tuple[UInt8Array, Int64Array]:
    """Fill posts at schools and care homes, then health facilities, then workplaces, place by place.

    Returns
    -------
    kind : uint8 array [new group]
    site : int64 array [new group]
        From 0.
    """
    worker, bucket = workers
    job_group, job_start = jobs
    health_workers, per_facility, health_bit = health
    size_quantile, team, without_workplace = work
    person_group, flags, first_group = result
    kind = np.empty(len(worker), dtype=np.uint8)
    site = np.empty(len(worker), dtype=np.int64)
    group = 0
    sites = 0
    for place in range(len(bucket) - 1):
        at, end = bucket[place], bucket[place + 1]
        for job in range(job_start[place], job_start[place + 1]):
            if at < end:
                person_group[worker[at]] = job_group[job]
                at += 1
        in_health = min(health_workers[place], end - at)
        for index in range(at, at + in_health):
            flags[worker[index]] |= health_bit
        facilities = max(1, int(np.round(in_health / per_facility)))
        weight = np.cumsum(weights_of_parts(facilities, key, -1 - place))
        low = at
        for part in range(facilities):
            high = at + int(np.round(in_health * weight[part] / weight[-1]))
            teams = _form_teams(worker, (low, high, team), person_group, first_group + group)
            for number in range(group, group + teams):
                kind[number] = _HEALTH_FACILITY
                site[number] = sites
            group += teams
            sites += teams > 0
            low = high
        at += in_health
        at += int(np.round((end - at) * without_workplace))
        while at < end:
            pick = below(keyed_bits(key, sites, 0), len(size_quantile))
            high = min(at + size_quantile[pick], end)
            teams = _form_teams(worker, (at, high, team), person_group, first_group + group)
            for number in range(group, group + teams):
                kind[number] = _WORKPLACE
                site[number] = sites
            group += teams
            sites += 1
            at = high
    return kind[:group], site[:group]


@compiled()
def _form_teams(
    worker: Int32Array, part: tuple[int, int, int], person_group: Int32Array, first_group: int
) -> int:
    """Divide some workers into teams of nearly equal size and return how many there are."""
    low, high, team = part
    size = high - low
    if size == 0:
        return 0
    teams = (size + team - 1) // team
    for index in range(low, high):
        person_group[worker[index]] = first_group + (index - low) * teams // size
    return teams
