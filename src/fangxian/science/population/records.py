"""A city of every person in it, as a structure of arrays.

Order is the whole trick: persons stand by place, then by household, so that a place and a household are each
one contiguous range of person numbers, and people who meet are near each other in memory.

::

    place      0            1                  place_start      [0, 5, 9]
    household  0     1      2        3         household_start  [0, 2, 5, 8, 9]
    person     0 1   2 3 4  5 6 7    8

By day a person may have one fixed setting, its group: a school class, a team at a workplace, a care home.
Groups of one institution (its site) are numbered in sequence. Members of a group are listed ascending.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from fangxian.science.population.consistency import Contents, first_fault

Int32Array = NDArray[np.int32]
UInt8Array = NDArray[np.uint8]

OLDEST_AGE = 130
"""Highest age in whole years that a person may have."""

DISEASE_BITS = 0b0000_0011
HEALTH_WORKER_BIT = 0b0000_0100
CARE_HOME_RESIDENT_BIT = 0b0000_1000
COLLECTIVE_HOUSEHOLD_BIT = 0b0001_0000


class GroupKind(IntEnum):
    """What kind of fixed daytime setting a group is."""

    SCHOOL_CLASS = 0
    WORKPLACE = 1
    HEALTH_FACILITY = 2
    CARE_HOME = 3


class UnderlyingDisease(IntEnum):
    """Underlying disease of a person: the two low bits of its flags."""

    NONE = 0
    STABLE = 1
    UNSTABLE = 2


class VaccinationStatus(IntEnum):
    """Vaccination of a person. A boosted person counts as fully vaccinated in a table of tiers."""

    NONE = 0
    PARTIAL = 1
    FULL = 2
    BOOSTED = 3


def _empty_int32() -> Int32Array:
    return np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, eq=False)
class Population:
    """Every person of a city. n persons, H households, P places, G groups, S sites, V villages.

    Parameters
    ----------
    person_age : uint8 array [n]
        Whole years, 0 to 130.
    person_household : int32 array [n]
        Number of the household, ascending.
    person_group : int32 array [n]
        Number of the daytime group, -1 for none.
    person_flags : uint8 array [n]
        Bits: underlying disease (``DISEASE_BITS``), ``HEALTH_WORKER_BIT``, ``CARE_HOME_RESIDENT_BIT``,
        ``COLLECTIVE_HOUSEHOLD_BIT``.
    person_vaccination : uint8 array [n]
        :class:`VaccinationStatus`.
    household_start : int32 array [H + 1]
        Persons of household h are ``household_start[h]`` up to, not including, ``household_start[h + 1]``.
    place_start : int32 array [P + 1]
        The same for places; a household lies in one place.
    place_code : tuple of str, length P
        Code of each place, e.g. of a township.
    place_parent : int32 array [P]
        Number of the unit above each place, an index of ``parent_code``.
    parent_code : tuple of str
        Code of each unit above, e.g. of a county.
    group_start : int32 array [G + 1]
        Members of group g are ``group_member[group_start[g]:group_start[g + 1]]``.
    group_member : int32 array
        Person numbers, ascending within a group.
    group_kind : uint8 array [G]
        :class:`GroupKind`.
    group_site : int32 array [G]
        Number of the institution, ascending: classes of one school share it.
    village_code : tuple of str, length V
        Finer places, optional: each a contiguous range of the persons of one place.
    village_start : int32 array [V + 1]
        Persons of each village; empty where villages are not told apart.

    Raises
    ------
    ValueError
        At construction, if an array has the wrong type or length, or two arrays contradict each other.
    """

    person_age: UInt8Array
    person_household: Int32Array
    person_group: Int32Array
    person_flags: UInt8Array
    person_vaccination: UInt8Array
    household_start: Int32Array
    place_start: Int32Array
    place_code: tuple[str, ...]
    place_parent: Int32Array
    parent_code: tuple[str, ...]
    group_start: Int32Array
    group_member: Int32Array
    group_kind: UInt8Array
    group_site: Int32Array
    village_code: tuple[str, ...] = ()
    village_start: Int32Array = field(default_factory=_empty_int32)

    def __post_init__(self) -> None:
        fault = first_fault(
            Contents(self.arrays(), len(self.place_code), len(self.parent_code), len(self.village_code))
        )
        if fault is not None:
            raise ValueError(f"Population: {fault}")
        for array in self.arrays().values():
            array.setflags(write=False)

    def arrays(self) -> dict[str, Int32Array | UInt8Array]:
        """Return every array by its name, in the order of the parameters."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}

    @property
    def size(self) -> int:
        """Number of persons."""
        return len(self.person_age)

    @property
    def households(self) -> int:
        """Number of households, collective households among them."""
        return len(self.household_start) - 1

    @property
    def places(self) -> int:
        """Number of places."""
        return len(self.place_code)

    @property
    def groups(self) -> int:
        """Number of daytime groups."""
        return len(self.group_kind)

    @property
    def bytes_per_person(self) -> float:
        """Memory of all arrays divided by the number of persons, in bytes."""
        return sum(array.nbytes for array in self.arrays().values()) / self.size

    def person_place(self) -> Int32Array:
        """Return the place number of every person; int32 array [n]."""
        return np.repeat(np.arange(self.places, dtype=np.int32), np.diff(self.place_start))

    def underlying_disease(self) -> UInt8Array:
        """Return :class:`UnderlyingDisease` of every person; uint8 array [n]."""
        return self.person_flags & np.uint8(DISEASE_BITS)
