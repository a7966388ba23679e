"""The arrays of a population agree with each other or are refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fangxian.science.population.records import GroupKind, Population
from fangxian.science.population.uniform import uniform_population


def two_places() -> Population:
    """Return the picture of the module's docstring: two places, four households, a class and a workplace."""
    return Population(
        person_age=np.array([40, 9, 42, 38, 8, 35, 33, 7, 70], dtype=np.uint8),
        person_household=np.array([0, 0, 1, 1, 1, 2, 2, 2, 3], dtype=np.int32),
        person_group=np.array([1, 0, 1, -1, 0, 1, -1, 0, -1], dtype=np.int32),
        person_flags=np.zeros(9, dtype=np.uint8),
        person_vaccination=np.full(9, 2, dtype=np.uint8),
        household_start=np.array([0, 2, 5, 8, 9], dtype=np.int32),
        place_start=np.array([0, 5, 9], dtype=np.int32),
        place_code=("130402001", "130402002"),
        place_parent=np.zeros(2, dtype=np.int32),
        parent_code=("130402",),
        group_start=np.array([0, 3, 6], dtype=np.int32),
        group_member=np.array([1, 4, 7, 0, 2, 5], dtype=np.int32),
        group_kind=np.array([GroupKind.SCHOOL_CLASS, GroupKind.WORKPLACE], dtype=np.uint8),
        group_site=np.array([0, 1], dtype=np.int32),
    )


def with_entry(array, index, value):
    """Return a writeable copy of an array with one entry changed."""
    changed = array.copy()
    changed[index] = value
    return changed


def test_the_picture_stands():
    """Ranges of the docstring are the ranges of the record."""
    city = two_places()
    assert (city.size, city.households, city.places, city.groups) == (9, 4, 2, 2)
    assert city.person_place().tolist() == [0] * 5 + [1] * 4
    assert city.bytes_per_person == pytest.approx(
        (9 * (1 + 4 + 4 + 1 + 1) + 5 * 4 + 3 * 4 + 2 * 4 + 3 * 4 + 6 * 4 + 2 + 2 * 4) / 9
    )


def test_nobody_can_write_into_it():
    """Two rehearsals that run on one population cannot disturb each other."""
    with pytest.raises(ValueError, match="read-only"):
        two_places().person_age[0] = 1


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("person_age", lambda a: a.astype(np.int64), "person_age must be a one-dimensional uint8"),
        ("person_age", lambda a: with_entry(a, 2, 131), r"130 or less \(person 2"),
        ("person_household", lambda a: with_entry(a, 4, 2), r"whose range holds the person \(person 4"),
        ("person_household", lambda a: a[:-1], "must have 9 entries"),
        ("person_flags", lambda a: with_entry(a, 1, 3), "must be 0, 1 or 2"),
        ("person_vaccination", lambda a: with_entry(a, 1, 4), "must be 0 to 3"),
        ("person_group", lambda a: with_entry(a, 3, 2), "number of a group"),
        ("person_group", lambda a: with_entry(a, 3, 1), "puts 7 persons in groups and group_member lists 6"),
        ("household_start", lambda a: with_entry(a, 1, 0), "every household must have a person"),
        ("household_start", lambda a: with_entry(a, -1, 8), "end with 9"),
        ("place_start", lambda a: with_entry(a, 1, 4), "must lie in one place"),
        ("place_parent", lambda a: with_entry(a, 1, 1), "index of parent_code, 0 to 0"),
        ("group_start", lambda a: with_entry(a, 1, 7), "must never fall"),
        (
            "group_member",
            lambda a: with_entry(a, 0, 4),
            r"twice, out of order, or in another group \(group 0",
        ),
        ("group_member", lambda a: with_entry(a, 0, 9), "must name persons"),
        ("group_kind", lambda a: with_entry(a, 0, 4), "must be 0 to 3"),
        ("group_site", lambda a: with_entry(a, 0, 2), "group_site must never fall"),
    ],
)
def test_contradictions_are_refused(name, change, message):
    """Each array that breaks its rule is named with the rule."""
    city = two_places()
    with pytest.raises(ValueError, match=message):
        replace(city, **{name: change(getattr(city, name))})


def test_villages_lie_in_one_place():
    """A finer place must not straddle two townships."""
    city = two_places()
    fine = replace(city, village_code=("a", "b", "c"), village_start=np.array([0, 2, 5, 9], dtype=np.int32))
    assert fine.village_code == ("a", "b", "c")
    with pytest.raises(ValueError, match="a village must lie in one place"):
        replace(city, village_code=("a", "b"), village_start=np.array([0, 2, 9], dtype=np.int32))


class TestUniform:
    """The plain builder."""

    def test_one_person(self):
        """The smallest city."""
        city = uniform_population(1)
        assert (city.size, city.households) == (1, 1)

    def test_one_household_of_a_thousand(self):
        """A city that is one household is legal."""
        city = uniform_population(1_000, 1_000)
        assert (city.size, city.households) == (1_000, 1)

    def test_equal_sizes_hold_what_is_left(self):
        """Ten people in threes make three households and one of one."""
        assert np.diff(uniform_population(10, 3).household_start).tolist() == [3, 3, 3, 1]

    def test_shares_of_sizes(self):
        """Households of two and of four come in the shares asked for, and again for the same seed."""
        city = uniform_population(60_000, [0, 0.5, 0, 0.5], seed=4)
        sizes = np.diff(city.household_start)[:-1]
        assert set(sizes.tolist()) == {2, 4}
        assert np.mean(sizes == 2) == pytest.approx(0.5, abs=0.015)
        again = uniform_population(60_000, [0, 0.5, 0, 0.5], seed=4)
        assert np.array_equal(city.household_start, again.household_start)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ((0,), r"people must be 1 to .* \(got 0\)"),
            ((10**10,), "persons are numbered by 32 bits"),
            ((5, 0), "household_size must be 1 or more"),
            ((5, [0.5, 0.4]), "sum to 1 .*sum 0.9"),
        ],
    )
    def test_impossible_sizes(self, arguments, message):
        """What makes no population is said with the value received."""
        with pytest.raises(ValueError, match=message):
            uniform_population(*arguments)

    def test_ages_outside_a_life(self):
        """An age of 131 is a slip."""
        with pytest.raises(ValueError, match="whole years from 0 to 130"):
            uniform_population(2, ages=[10, 131])
