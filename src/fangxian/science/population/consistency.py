"""Whether the arrays of a population agree with each other; one pass, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

if TYPE_CHECKING:
    from fangxian.science.population.records import Population

_KINDS_OF_GROUP = 4
_VACCINATION_STATES = 4
_DISEASE_UNKNOWN = 3

_PERSON_FAULTS = (
    "",
    "person_age must be 130 or less",
    "person_household must name the household whose range holds the person",
    "person_flags: the two low bits, underlying disease, must be 0, 1 or 2",
    "person_vaccination must be 0 to 3",
    "person_group must be -1 or the number of a group",
)


def first_fault(population: Population) -> str | None:
    """Return the first contradiction found, in words with value and remedy, or None."""
    return (
        _wrong_type(population)
        or _wrong_length(population)
        or _wrong_starts(population)
        or _wrong_nesting(population)
        or _wrong_person(population)
        or _wrong_group(population)
    )


def _wrong_type(population: Population) -> str | None:
    for name, array in population.arrays().items():
        narrow = name in {"person_age", "person_flags", "person_vaccination", "group_kind"}
        wanted = np.uint8 if narrow else np.int32
        if array.dtype != wanted or array.ndim != 1:
            return (
                f"{name} must be a one-dimensional {np.dtype(wanted)} array "
                f"(got {array.dtype}, {array.ndim} dimensions); convert it with astype"
            )
    return None


def _wrong_length(population: Population) -> str | None:
    people = len(population.person_age)
    if people == 0:
        return "there must be at least one person (got 0); a city without people has no epidemic"
    wanted = {
        "person_household": people,
        "person_group": people,
        "person_flags": people,
        "person_vaccination": people,
        "place_start": len(population.place_code) + 1,
        "place_parent": len(population.place_code),
        "group_start": len(population.group_kind) + 1,
        "group_site": len(population.group_kind),
    }
    if population.village_code:
        wanted["village_start"] = len(population.village_code) + 1
    for name, length in wanted.items():
        found = len(getattr(population, name))
        if found != length:
            return (
                f"{name} must have {length} entries (got {found}); a start array has one more than its things"
            )
    return None


def _wrong_starts(population: Population) -> str | None:
    people = len(population.person_age)
    ends = {
        "household_start": people,
        "place_start": people,
        "group_start": len(population.group_member),
    }
    if population.village_code:
        ends["village_start"] = people
    for name, end in ends.items():
        start = getattr(population, name)
        if len(start) == 0 or start[0] != 0 or start[-1] != end:
            return f"{name} must begin with 0 and end with {end} (got {start[:1]} and {start[-1:]})"
        if np.any(start[1:] < start[:-1]):
            where = int(np.argmax(start[1:] < start[:-1]))
            return (
                f"{name} must never fall (it does after entry {where}); sort persons by place and household"
            )
    if np.any(population.household_start[1:] == population.household_start[:-1]):
        where = int(np.argmax(population.household_start[1:] == population.household_start[:-1]))
        return (
            f"household_start: every household must have a person (household {where} has none); leave it out"
        )
    return None


def _wrong_nesting(population: Population) -> str | None:
    places = population.place_start
    if not np.all(np.isin(places, population.household_start)):
        stray = int(np.flatnonzero(~np.isin(places, population.household_start))[0])
        return f"a household must lie in one place (place {stray} begins in one); sort persons by place first"
    if population.village_code and not np.all(np.isin(places, population.village_start)):
        stray = int(np.flatnonzero(~np.isin(places, population.village_start))[0])
        return f"a village must lie in one place (place {stray} begins inside one); sort villages by place"
    parent = population.place_parent
    if len(parent) and (parent.min() < 0 or parent.max() >= len(population.parent_code)):
        return (
            f"place_parent must be an index of parent_code, 0 to {len(population.parent_code) - 1} "
            f"(got {parent.min()} to {parent.max()})"
        )
    return None


def _wrong_person(population: Population) -> str | None:
    code, person = _scan_persons(
        population.person_age,
        population.person_household,
        population.household_start,
        population.person_flags,
        population.person_vaccination,
        population.person_group,
        len(population.group_kind),
    )
    return f"{_PERSON_FAULTS[code]} (person {person} breaks it)" if code else None


@compiled()
def _scan_persons(  # noqa: PLR0913 -- a kernel takes its arrays one by one
    age: NDArray[np.uint8],
    household: NDArray[np.int32],
    household_start: NDArray[np.int32],
    flags: NDArray[np.uint8],
    vaccination: NDArray[np.uint8],
    group: NDArray[np.int32],
    groups: int,
) -> tuple[int, int]:
    current = 0
    for person in range(len(age)):
        while person >= household_start[current + 1]:
            current += 1
        if age[person] > 130:
            return 1, person
        if household[person] != current:
            return 2, person
        if flags[person] & 3 == _DISEASE_UNKNOWN:
            return 3, person
        if vaccination[person] >= _VACCINATION_STATES:
            return 4, person
        if group[person] < -1 or group[person] >= groups:
            return 5, person
    return 0, -1


def _wrong_group(population: Population) -> str | None:
    if len(population.group_kind) and population.group_kind.max() >= _KINDS_OF_GROUP:
        return f"group_kind must be 0 to {_KINDS_OF_GROUP - 1} (got {population.group_kind.max()})"
    if np.any(population.group_site[1:] < population.group_site[:-1]):
        return "group_site must never fall; number the groups of one institution in sequence"
    members = population.group_member
    if len(members) and (members.min() < 0 or members.max() >= len(population.person_age)):
        return f"group_member must name persons (got {members.min()} to {members.max()})"
    stray = _scan_members(population.group_start, members, population.person_group)
    if stray >= 0:
        return f"group_member lists a person twice, out of order, or in another group (group {stray})"
    grouped = int(np.count_nonzero(population.person_group >= 0))
    if grouped != len(members):
        return (
            f"person_group puts {grouped} persons in groups and group_member lists {len(members)}; "
            "both must tell the same"
        )
    return None


@compiled()
def _scan_members(
    start: NDArray[np.int32], member: NDArray[np.int32], person_group: NDArray[np.int32]
) -> int:
    for group in range(len(start) - 1):
        for index in range(start[group], start[group + 1]):
            if person_group[member[index]] != group:
                return group
            if index > start[group] and member[index] <= member[index - 1]:
                return group
    return -1
