"""Pupils in classes of schools, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled
from fangxian.base.counter_random import keyed_bits, unit_interval

Int64Array = NDArray[np.int64]
Int32Array = NDArray[np.int32]
UInt8Array = NDArray[np.uint8]

_CARE_HOME_RESIDENT = 8
_SPREAD = 0.5
"""Standard deviation of the logarithm of the sizes of schools around their mean: a working value."""


@compiled()
def draw_enrolled(
    age: UInt8Array,
    flags: UInt8Array,
    at_school: NDArray[np.bool_],
    stage: tuple[int, int, float],
    key: np.uint64,
) -> Int64Array:
    """Return the persons enrolled at a stage, ascending, and mark them as being at school."""
    age_from, age_to, enrolled = stage
    most = 0
    for years in age:
        most += age_from <= years <= age_to
    pupils: Int64Array = np.empty(most, dtype=np.int64)
    count = 0
    for person in range(len(age)):
        if age[person] < age_from or age[person] > age_to or at_school[person]:
            continue
        if flags[person] & _CARE_HOME_RESIDENT or unit_interval(keyed_bits(key, person, 0)) >= enrolled:
            continue
        at_school[person] = True
        pupils[count] = person
        count += 1
    return pupils[:count]


@compiled()
def weights_of_parts(parts: int, key: np.uint64, who: int) -> NDArray[np.float64]:
    """Return relative sizes of some parts: log-normal, the normal as a sum of twelve uniform numbers."""
    weight = np.empty(parts)
    for part in range(parts):
        normal = -6.0
        for number in range(12):
            normal += unit_interval(keyed_bits(key, who, 16 * part + number + 1))
        weight[part] = np.exp(_SPREAD * normal)
    return weight


@compiled()
def assign_classes(
    pupils: tuple[Int64Array, Int64Array],
    age: UInt8Array,
    stage: tuple[int, int, float, float],
    person_group: Int32Array,
    first_group: int,
    key: np.uint64,
) -> tuple[Int64Array, Int64Array]:
    """Cut the pupils of each area into schools in the order in which they live, and grades into classes.

    Returns
    -------
    group_site, first_pupil : int64 arrays [class]
        School of each class, from 0, and a person of the school, which tells where it stands.
    """
    person, border = pupils
    age_from, age_to, per_school, per_class = stage
    grades = age_to - age_from + 1
    most = 0
    for area in range(len(border) - 1):
        inside = border[area + 1] - border[area]
        most += int(inside / per_class) + grades * (int(inside / per_school) + 2)
    group_site = np.empty(most, dtype=np.int64)
    first_pupil = np.empty(most, dtype=np.int64)
    group = 0
    school = 0
    for area in range(len(border) - 1):
        inside = border[area + 1] - border[area]
        if inside == 0:
            continue
        schools = max(1, int(np.round(inside / per_school)))
        weight = np.cumsum(weights_of_parts(schools, key, -1 - area))
        low = border[area]
        for part in range(schools):
            high = border[area] + int(np.round(inside * weight[part] / weight[-1]))
            if high <= low:
                continue
            in_grade = np.zeros(grades, dtype=np.int64)
            for index in range(low, high):
                in_grade[age[person[index]] - age_from] += 1
            first_of_grade = np.empty(grades, dtype=np.int64)
            classes = np.empty(grades, dtype=np.int64)
            for grade in range(grades):
                classes[grade] = max(1, int(np.round(in_grade[grade] / per_class))) if in_grade[grade] else 0
                first_of_grade[grade] = group
                for _ in range(classes[grade]):
                    group_site[group] = school
                    first_pupil[group] = person[low]
                    group += 1
            seen = np.zeros(grades, dtype=np.int64)
            for index in range(low, high):
                grade = age[person[index]] - age_from
                number = seen[grade] * classes[grade] // in_grade[grade]
                person_group[person[index]] = first_group + first_of_grade[grade] + number
                seen[grade] += 1
            school += 1
            low = high
    return group_site[:group], first_pupil[:group]
