"""Whether the arrays of a population agree with each other; one pass, compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

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


class Contents(NamedTuple):
    """What a population is made of, as far as it must agree with itself."""

    arrays: Mapping[str, NDArray[Any]]
    places: int
    parents: int
    villages: int


def first_fault(contents: Contents) -> str | None:
    """Return the first contradiction found, in words with value and remedy, or None."""
    return (
        _wrong_type(contents)
        or _wrong_length(contents)
        or _wrong_starts(contents)
        or _wrong_nesting(contents)
        or _wrong_person(contents)
        or _wrong_group(contents)
    )


def _wrong_type(contents: Contents) -> str | None:
    for name, array in contents.arrays.items():
        narrow = name in {"person_age", "person_flags", "person_vaccination", "group_kind"}
        wanted = np.uint8 if narrow else np.int32
        if array.dtype != wanted or array.ndim != 1:
            return (
                f"{name} must be a one-dimensional {np.dtype(wanted)} array "
                f"(got {array.dtype}, {array.ndim} dimensions); convert it with astype"
            )
    return None


def _wrong_length(contents: Contents) -> str | None:
    people = len(contents.arrays["person_age"])
    if people == 0:
        return "there must be at least one person (got 0); a city without people has no epidemic"
    wanted = {
        "person_household": people,
        "person_group": people,
        "person_flags": people,
        "person_vaccination": people,
        "place_start": contents.places + 1,
        "place_parent": contents.places,
        "group_start": len(contents.arrays["group_kind"]) + 1,
        "group_site": len(contents.arrays["group_kind"]),
    }
    if contents.villages:
        wanted["village_start"] = contents.villages + 1
    for name, length in wanted.items():
        found = len(contents.arrays[name])
        if found != length:
            return (
                f"{name} must have {length} entries (got {found}); a start array has one more than its things"
            )
    return None


def _wrong_starts(contents: Contents) -> str | None:
    people = len(contents.arrays["person_age"])
    ends = {
        "household_start": people,
        "place_start": people,
        "group_start": len(contents.arrays["group_member"]),
    }
    if contents.villages:
        ends["village_start"] = people
    for name, end in ends.items():
        start = contents.arrays[name]
        if len(start) == 0 or start[0] != 0 or start[-1] != end:
            return f"{name} must begin with 0 and end with {end} (got {start[:1]} and {start[-1:]})"
        if np.any(start[1:] < start[:-1]):
            where = int(np.argmax(start[1:] < start[:-1]))
            return (
                f"{name} must never fall (it does after entry {where}); sort persons by place and household"
            )
    if np.any(contents.arrays["household_start"][1:] == contents.arrays["household_start"][:-1]):
        where = int(
            np.argmax(contents.arrays["household_start"][1:] == contents.arrays["household_start"][:-1])
        )
        return (
            f"household_start: every household must have a person (household {where} has none); leave it out"
        )
    return None


def _wrong_nesting(contents: Contents) -> str | None:
    places = contents.arrays["place_start"]
    if not np.all(np.isin(places, contents.arrays["household_start"])):
        stray = int(np.flatnonzero(~np.isin(places, contents.arrays["household_start"]))[0])
        return f"a household must lie in one place (place {stray} begins in one); sort persons by place first"
    if contents.villages and not np.all(np.isin(places, contents.arrays["village_start"])):
        stray = int(np.flatnonzero(~np.isin(places, contents.arrays["village_start"]))[0])
        return f"a village must lie in one place (place {stray} begins inside one); sort villages by place"
    parent = contents.arrays["place_parent"]
    if len(parent) and (parent.min() < 0 or parent.max() >= contents.parents):
        return (
            f"place_parent must be an index of parent_code, 0 to {contents.parents - 1} "
            f"(got {parent.min()} to {parent.max()})"
        )
    return None


def _wrong_person(contents: Contents) -> str | None:
    code, person = _scan_persons(
        contents.arrays["person_age"],
        contents.arrays["person_household"],
        contents.arrays["household_start"],
        contents.arrays["person_flags"],
        contents.arrays["person_vaccination"],
        contents.arrays["person_group"],
        len(contents.arrays["group_kind"]),
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


def _wrong_group(contents: Contents) -> str | None:
    if len(contents.arrays["group_kind"]) and contents.arrays["group_kind"].max() >= _KINDS_OF_GROUP:
        return f"group_kind must be 0 to {_KINDS_OF_GROUP - 1} (got {contents.arrays['group_kind'].max()})"
    if np.any(contents.arrays["group_site"][1:] < contents.arrays["group_site"][:-1]):
        return "group_site must never fall; number the groups of one institution in sequence"
    members = contents.arrays["group_member"]
    if len(members) and (members.min() < 0 or members.max() >= len(contents.arrays["person_age"])):
        return f"group_member must name persons (got {members.min()} to {members.max()})"
    stray = _scan_members(contents.arrays["group_start"], members, contents.arrays["person_group"])
    if stray >= 0:
        return f"group_member lists a person twice, out of order, or in another group (group {stray})"
    grouped = int(np.count_nonzero(contents.arrays["person_group"] >= 0))
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
