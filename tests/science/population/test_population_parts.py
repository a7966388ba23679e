"""The parts of the builder against plain loops and hand-worked numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.plans.cities import packaged_city
from fangxian.plans.cities.schema import Place
from fangxian.science.population.ages import collective_people, people_by_age
from fangxian.science.population.contacts import contact_matrices, regroup, setting_contacts
from fangxian.science.population.daytime import workplace_size_quantiles
from fangxian.science.population.household_types import age_tables, fit_household_options, types_of_size
from fangxian.science.population.households import CollectivePlan, fill_dwellings, match_ages
from fangxian.science.population.places import place_tree
from fangxian.science.population.whole_numbers import bend_to_mean, household_counts, largest_remainder


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(lambda weights: sum(weights) > 1e-3),
    st.integers(0, 10**7),
)
def test_rounding_keeps_the_sum_and_misses_by_less_than_one(weights, total):
    """Whole people: the parts sum to the total and each is within one of its share."""
    parts = largest_remainder(weights, total)
    assert parts.sum() == total
    assert np.all(np.abs(parts - np.array(weights) / sum(weights) * total) < 1 + 1e-6)


def test_rounding_by_hand():
    """10 by 1 : 1 : 1 is 4, 3, 3."""
    assert largest_remainder([1, 1, 1], 10).tolist() == [4, 3, 3]
    with pytest.raises(ValueError, match="positive sum"):
        largest_remainder([0, 0], 3)


def test_bending_keeps_odds_between_sizes_exponential():
    """The bent shares have the mean, and the ratio to the given ones is geometric in size."""
    given_shares = np.array([0.1, 0.2, 0.3, 0.4])
    bent = bend_to_mean(given_shares, 2.5)
    assert bent @ np.arange(1, 5) == pytest.approx(2.5)
    ratio = bent / given_shares
    assert ratio[1:] / ratio[:-1] == pytest.approx(np.full(3, ratio[1] / ratio[0]))
    with pytest.raises(ValueError, match=r"got 4.5, sizes \[1\] to \[4\]"):
        bend_to_mean(given_shares, 4.5)


@given(st.integers(1, 5_000), st.floats(1.0, 5.0))
def test_households_and_people_both_come_out(households, mean):
    """For any mean that sizes allow, households and people are met exactly."""
    people = round(households * mean)
    counts = household_counts([0.1, 0.3, 0.3, 0.2, 0.1], households, people)
    assert counts.min() >= 0
    assert (counts.sum(), counts @ np.arange(1, 6)) == (households, people)


def test_matched_ages_are_the_sorted_ages():
    """The n-th youngest gets the n-th youngest age of the margin: a plain sort says the same."""
    generator = np.random.Generator(np.random.Philox(5))
    drawn = generator.integers(0, 90, 3_000).astype(np.uint8)
    target = np.bincount(generator.integers(0, 101, 3_000), minlength=101)
    matched = drawn.copy()
    match_ages(matched, target, seed=2)
    assert np.bincount(matched, minlength=101).tolist() == target.tolist()
    order = np.lexsort((matched, drawn))
    assert np.all(np.diff(matched[order].astype(int)) >= 0)


def test_lot_decides_among_equal_ages():
    """Who of a year of birth moves does not depend on where the person stands in the list."""
    ages = np.full(20_000, 30, dtype=np.uint8)
    target = np.zeros(101, dtype=np.int64)
    target[30], target[31] = 15_000, 5_000
    match_ages(ages, target, seed=2)
    assert np.mean(ages[:10_000] == 31) == pytest.approx(0.25, abs=0.02)


def test_drawn_ages_have_the_expected_profile(small_city):
    """The kernel draws what the fit expects: before matching, ages miss the margin by the misfit only."""
    margins = small_city.margins
    ages = people_by_age(margins)
    collective = collective_people(margins, ages)
    households = margins.households
    counts = household_counts(
        margins.household_sizes.shares, households.family_households, households.people_in_family_households
    )
    options = fit_household_options(margins.composition, counts, ages - collective.sum(axis=0))
    tree = place_tree(small_city.places, margins.code, margins.people.value)
    plan = CollectivePlan(households.collective_households, collective)
    drawn = fill_dwellings(tree, counts, options, plan, seed=3)
    missed = np.abs(np.bincount(drawn.person_age, minlength=101) - ages).sum() / 2 / ages.sum()
    assert missed < options.misfit + 2 / np.sqrt(ages.sum()) * 3
    assert np.diff(drawn.village_start).sum() == ages.sum()


def test_types_fill_their_size():
    """The nucleus of a household never exceeds it, and the smallest ones are what they must be."""
    assert types_of_size(1) == [(1, 0, 0)]
    assert set(types_of_size(2)) == {(2, 0, 0), (1, 1, 0), (1, 0, 1), (0, 1, 1)}
    for size in range(1, 13):
        assert types_of_size(size)
        assert all(sum(kind) <= size for kind in types_of_size(size))


def test_children_are_younger_than_their_mother():
    """No birth before 16 and none after 48."""
    tables = age_tables(packaged_city("1304").margins.composition, np.ones(101, dtype=np.int64))
    assert tables.birth_age.min() == 16
    assert tables.birth_age.max() == 48
    assert tables.birth_cumulative[-1] == pytest.approx(1)


def test_workplace_sizes_follow_the_published_law():
    """Against the formula of Ferguson et al. 2005, written out again, at several sizes."""
    law = packaged_city("1304").margins.workplace_sizes
    sizes = workplace_size_quantiles(law)

    def above(workers: int) -> float:
        top = (1 + 2870 / 5.36) / (1 + workers / 5.36)
        return (top**1.34 - 1) / ((1 + 2870 / 5.36) ** 1.34 - 1)

    for workers in (1, 5, 20, 100, 500):
        assert np.mean(sizes > workers) == pytest.approx(above(workers), abs=5e-4)
    assert sizes.max() <= 2870


class TestPlaces:
    """People of places."""

    def test_published_numbers_first_then_weights(self):
        """What is published stands; the rest follows the weights; villages follow their township."""
        tree = place_tree(
            [
                Place(code="a", people=700),
                Place(code="b", weight=1),
                Place(code="c", weight=2),
                Place(code="a1", parent="a"),
                Place(code="a2", parent="a", weight=3),
                Place(code="b1", parent="b"),
                Place(code="c1", parent="c"),
            ],
            "x",
            1_000,
        )
        assert tree.parent_code == ("a", "b", "c")
        assert dict(zip(tree.place_code, tree.village_people.tolist(), strict=True)) == {
            "a1": 175,
            "a2": 525,
            "b1": 100,
            "c1": 200,
        }
        assert not tree.has_villages

    def test_places_that_do_not_add_up(self):
        """Two published numbers that leave out somebody are refused."""
        with pytest.raises(ValueError, match="have 900 people together and it has 1000"):
            place_tree([Place(code="a", people=500), Place(code="b", people=400)], "x", 1_000)

    def test_uneven_branches(self):
        """A county without townships beside one with them has no place to put its people."""
        with pytest.raises(ValueError, match=r"end at the same level.*got \[1, 2\]"):
            place_tree([Place(code="a"), Place(code="b"), Place(code="b1", parent="b")], "x", 10)


class TestContacts:
    """Contact matrices."""

    def test_totals_are_those_of_the_paper(self):
        """Hebei, all settings weighed: the paper's overall matrix has these row sums at 10-14 and 80-84."""
        total = contact_matrices(packaged_city("1304")).total.sum(axis=1)
        assert total[2] == pytest.approx(17.94, abs=0.01)
        assert total[16] == pytest.approx(7.07, abs=0.01)

    def test_coarser_groups_keep_all_contacts(self):
        """The mean number of contacts of the whole population does not change."""
        city = packaged_city("1304")
        matrices = contact_matrices(city)
        people = people_by_age(city.margins)
        coarse = regroup(matrices.total, matrices.age_from, people, [0, 15, 60])
        fine_people = np.add.reduceat(people, matrices.age_from)
        coarse_people = np.add.reduceat(people, [0, 15, 60])
        assert coarse_people @ coarse.sum(axis=1) == pytest.approx(fine_people @ matrices.total.sum(axis=1))

    def test_ages_outside_the_matrix(self):
        """Groups that begin inside a group of the matrix, or beyond it, are refused by name."""
        matrices = contact_matrices(packaged_city("1304"))
        with pytest.raises(ValueError, match=r"ages outside the matrix: \[18, 90\]"):
            regroup(matrices.total, matrices.age_from, np.ones(101), [0, 18, 90])

    def test_what_a_simulator_needs(self):
        """School and work as in the paper; the community by the people of each age."""
        contacts = setting_contacts(packaged_city("1304"), [0, 15, 60])
        assert contacts.group[:, 0].tolist() == [11.41, 8.07, 8.07, 8.07]
        assert contacts.community.sum(axis=1) == pytest.approx(np.full(3, 2.79))
        assert contacts.community[0, 2] == pytest.approx(2.79 * 0.1715, abs=1e-3)
