"""Persons in households in places: dealing households to villages and drawing the ages within each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled
from fangxian.base.counter_random import below, keyed_bits, next_bits, purpose_key, unit_interval
from fangxian.science.population.ages import AGES
from fangxian.science.population.household_types import YOUNGEST_ADULT, HouseholdOptions
from fangxian.science.population.places import PlaceTree
from fangxian.science.population.records import CARE_HOME_RESIDENT_BIT, COLLECTIVE_HOUSEHOLD_BIT

FloatArray = NDArray[np.float64]
Int64Array = NDArray[np.int64]
Int32Array = NDArray[np.int32]
UInt8Array = NDArray[np.uint8]

_OLDEST = AGES - 1


@dataclass(frozen=True)
class Dwellings:
    """Who lives with whom, village by village.

    Parameters
    ----------
    person_age : uint8 array [n]
    person_household : int32 array [n]
    person_flags : uint8 array [n]
        Bits of care-home residents and of collective households.
    household_start : int32 array [household + 1]
    village_start : int32 array [village + 1]
        First person of each village.
    """

    person_age: UInt8Array
    person_household: Int32Array
    person_flags: UInt8Array
    household_start: Int32Array
    village_start: Int32Array


@dataclass(frozen=True)
class CollectivePlan:
    """Collective households: how many, and the ages of care homes, students and workers.

    Parameters
    ----------
    households : int
    people : int64 array [3, 101]
    """

    households: int
    people: Int64Array


def fill_dwellings(
    tree: PlaceTree,
    size_counts: Int64Array,
    options: HouseholdOptions,
    collective: CollectivePlan,
    seed: int,
) -> Dwellings:
    """Deal households to villages and draw the age of every person.

    Parameters
    ----------
    tree : PlaceTree
    size_counts : int64 array
        Family households of 1, 2, 3, ... persons.
    options : HouseholdOptions
        Odds of the kinds of household.
    collective : CollectivePlan
    seed : int

    Returns
    -------
    Dwellings
        Ages follow the odds; they meet the margin only after :func:`match_ages`.
    """
    family = int(size_counts @ np.arange(1, len(size_counts) + 1))
    everybody = family + int(collective.people.sum())
    share = family / everybody
    target = np.rint(np.cumsum(tree.village_people) * share).astype(np.int64)
    sizes, village_households = _deal_families(
        size_counts.copy(), target, purpose_key(seed, "household sizes")
    )
    family_people = np.add.reduceat(
        np.concatenate((sizes, [0])), np.minimum(village_households[:-1], len(sizes))
    ) * (np.diff(village_households) > 0)
    guests = _collective_people(tree, family_people.astype(np.int64), int(collective.people.sum()))
    rooms = _rooms(guests, collective.households)
    age = np.empty(everybody, dtype=np.uint8)
    flags = np.zeros(everybody, dtype=np.uint8)
    start = np.empty(len(sizes) + int(rooms.sum()) + 1, dtype=np.int32)
    village_start = np.empty(len(tree.village_people) + 1, dtype=np.int32)
    kinds = collective.people.sum(axis=1)
    cumulative = np.cumsum(collective.people, axis=1) / np.maximum(kinds, 1)[:, None]
    _lay_out(
        (sizes, village_households, guests, rooms),
        (options.size_start, options.members, options.reference_age, options.cumulative),
        (
            options.tables.birth_age,
            options.tables.birth_cumulative,
            options.tables.step,
            options.tables.step_cumulative,
            options.tables.other_cumulative,
        ),
        (kinds.copy(), cumulative),
        (age, flags, start, village_start),
        purpose_key(seed, "household members"),
    )
    household = np.repeat(np.arange(len(start) - 1, dtype=np.int32), np.diff(start))
    return Dwellings(age, household, flags, start, village_start)


def match_ages(age: UInt8Array, target: Int64Array, seed: int) -> Int64Array:
    """Move ages, as little as can be, until every single year holds exactly its people.

    The oldest stay the oldest: the n-th youngest person gets the n-th youngest age of the margin, by lot
    among those of equal age.

    Parameters
    ----------
    age : uint8 array [n]
        Changed in place.
    target : int64 array [101]
        People of each age; sums to n.
    seed : int

    Returns
    -------
    int64 array [101, 101]
        How many people of the row's age became of the column's age.
    """
    drawn = np.bincount(age, minlength=AGES).astype(np.int64)
    moves = np.zeros((AGES, AGES), dtype=np.int64)
    wanted = target.copy()
    new = 0
    for old in range(AGES):
        left = int(drawn[old])
        while left:
            while wanted[new] == 0:
                new += 1
            taken = min(left, int(wanted[new]))
            moves[old, new] += taken
            wanted[new] -= taken
            left -= taken
    _move_ages(age, moves.copy(), drawn.copy(), purpose_key(seed, "matched ages"))
    return moves


def _collective_people(tree: PlaceTree, family_people: Int64Array, total: int) -> Int64Array:
    """Return collective people of each village: what its township lacks, spread over its villages by size."""
    places = len(tree.place_code)
    place_people = np.bincount(tree.village_place, tree.village_people, minlength=places).astype(np.int64)
    place_family = np.bincount(tree.village_place, family_people, minlength=places).astype(np.int64)
    reach = np.cumsum(place_people - place_family)
    reached = np.clip(np.maximum.accumulate(reach), 0, total)
    if places:
        reached[-1] = total
    place_guests = np.diff(reached, prepend=0)
    before = np.cumsum(tree.village_people) - tree.village_people
    place_before = np.cumsum(place_people) - place_people
    inside = before - place_before[tree.village_place]
    size = np.maximum(place_people[tree.village_place], 1)
    guests = place_guests[tree.village_place]
    upper = guests * (inside + tree.village_people) // size
    lower = guests * inside // size
    result = upper - lower
    short = place_guests - np.bincount(tree.village_place, result, minlength=places).astype(np.int64)
    last = np.searchsorted(tree.village_place, np.arange(places), side="right") - 1
    result[last] += short
    return np.asarray(result, dtype=np.int64)


def _rooms(guests: Int64Array, households: int) -> Int64Array:
    """Return collective households of each village; their number is kept where people can fill them."""
    total = max(int(guests.sum()), 1)
    reached = np.cumsum(guests) * households // total
    rooms = np.diff(reached, prepend=0)
    return np.minimum(np.maximum(rooms, guests > 0), guests).astype(np.int64)


@compiled()
def _deal_families(left: Int64Array, target: Int64Array, key: np.uint64) -> tuple[Int32Array, Int64Array]:
    """Draw sizes without replacement and cut the row of households where the villages' people are reached."""
    households = left.sum()
    sizes = np.empty(households, dtype=np.int32)
    village_households = np.zeros(len(target) + 1, dtype=np.int64)
    village = 0
    people = 0
    for household in range(households):
        pick = below(keyed_bits(key, household, 0), households - household)
        size = 0
        while pick >= left[size]:
            pick -= left[size]
            size += 1
        left[size] -= 1
        size += 1
        sizes[household] = size
        while village < len(target) - 1 and people + size // 2 >= target[village]:
            village += 1
            village_households[village] = household
        people += size
    for later in range(village + 1, len(target) + 1):
        village_households[later] = households
    return sizes, village_households


@compiled()
def _pick(cumulative: FloatArray, low: int, high: int, uniform: float) -> int:
    """Return the first index from low whose cumulative odds reach the number, at most ``high - 1``."""
    last = high - 1
    while low < last:
        middle = (low + last) // 2
        if cumulative[middle] < uniform:
            low = middle + 1
        else:
            last = middle
    return low


@compiled()
def _older(age: int, years: Int64Array, cumulative: FloatArray, uniform: float, youngest: int) -> int:
    older: int = age + years[_pick(cumulative, 0, len(years), uniform)]
    return min(max(older, youngest), _OLDEST)


@compiled()
def _child(age: int, birth_age: Int64Array, cumulative: FloatArray, uniform: float) -> int:
    """Return the age of a child of a mother of some age, given that it is born."""
    possible = min(max(age - birth_age[0] + 1, 0), len(birth_age))
    if possible == 0:
        return 0
    child: int = age - birth_age[_pick(cumulative, 0, possible, uniform * cumulative[possible - 1])]
    return child


@compiled()
def _fill_family(  # noqa: PLR0913 -- a kernel takes its arrays one by one
    age: UInt8Array,
    first: int,
    size: int,
    members: Int64Array,
    reference: int,
    tables: tuple[Int64Array, FloatArray, Int64Array, FloatArray, FloatArray],
    bits: np.uint64,
) -> None:
    """Draw the ages of one household: reference person, partner, grandparents, children, others."""
    birth_age, birth_cumulative, step, step_cumulative, other_cumulative = tables
    person = first
    elder = reference
    if members[0] > 0:
        age[person] = reference
        person += 1
        bits = next_bits(bits)
        elder = _older(reference, birth_age, birth_cumulative, unit_interval(bits), 0)
    if members[0] > 1:
        bits = next_bits(bits)
        age[person] = _older(reference, step, step_cumulative, unit_interval(bits), YOUNGEST_ADULT)
        person += 1
    for number in range(members[2]):
        if number > 0:
            bits = next_bits(bits)
            elder = _older(elder, step, step_cumulative, unit_interval(bits), YOUNGEST_ADULT)
        age[person] = elder
        person += 1
    for _ in range(members[1]):
        bits = next_bits(bits)
        mother = reference
        if members[0] == 0:
            mother = _child(reference, birth_age, birth_cumulative, unit_interval(bits))
            bits = next_bits(bits)
        age[person] = _child(mother, birth_age, birth_cumulative, unit_interval(bits))
        person += 1
    while person < first + size:
        bits = next_bits(bits)
        age[person] = _pick(other_cumulative, 0, len(other_cumulative), unit_interval(bits))
        person += 1


@compiled()
def _lay_out(
    dwellings: tuple[Int32Array, Int64Array, Int64Array, Int64Array],
    options: tuple[Int64Array, Int64Array, Int64Array, FloatArray],
    tables: tuple[Int64Array, FloatArray, Int64Array, FloatArray, FloatArray],
    collective: tuple[Int64Array, FloatArray],
    result: tuple[UInt8Array, UInt8Array, Int32Array, Int32Array],
    key: np.uint64,
) -> None:
    sizes, village_households, guests, rooms = dwellings
    size_start, members, reference_age, cumulative = options
    kinds_left, kind_cumulative = collective
    age, flags, household_start, village_start = result
    person = 0
    household = 0
    for village in range(len(guests)):
        village_start[village] = person
        for family in range(village_households[village], village_households[village + 1]):
            size = sizes[family]
            bits = keyed_bits(key, family, 0)
            option = _pick(cumulative, size_start[size], size_start[size + 1], unit_interval(bits))
            _fill_family(age, person, size, members[option], reference_age[option], tables, bits)
            household_start[household] = person
            household += 1
            person += size
        for room in range(rooms[village]):
            size = guests[village] * (room + 1) // rooms[village] - guests[village] * room // rooms[village]
            kind = _kind_of_room(kinds_left, keyed_bits(key, household, 1))
            kinds_left[kind] = max(kinds_left[kind] - size, 0)
            household_start[household] = person
            household += 1
            bits = keyed_bits(key, household, 2)
            for guest in range(person, person + size):
                bits = next_bits(bits)
                age[guest] = _pick(kind_cumulative[kind], 0, AGES, unit_interval(bits))
                flags[guest] = COLLECTIVE_HOUSEHOLD_BIT | (CARE_HOME_RESIDENT_BIT if kind == 0 else 0)
            person += size
    household_start[household] = person
    village_start[len(guests)] = person


@compiled()
def _kind_of_room(left: Int64Array, bits: np.uint64) -> int:
    total = left.sum()
    if total <= 0:
        return 2
    pick = below(bits, total)
    for kind in range(len(left)):
        if pick < left[kind]:
            return kind
        pick -= left[kind]
    return len(left) - 1


@compiled()
def _move_ages(age: UInt8Array, moves: Int64Array, left: Int64Array, key: np.uint64) -> None:
    """Let every person of an age take one of the places that its age was given, all equally likely."""
    lowest = np.zeros(AGES, dtype=np.int64)
    for old in range(AGES):
        while lowest[old] < AGES - 1 and moves[old, lowest[old]] == 0:
            lowest[old] += 1
    for person in range(len(age)):
        old = age[person]
        new = lowest[old]
        if moves[old, new] < left[old]:
            pick = below(keyed_bits(key, person, 0), left[old])
            while pick >= moves[old, new]:
                pick -= moves[old, new]
                new += 1
        moves[old, new] -= 1
        left[old] -= 1
        age[person] = new
