"""A city built from margins has them, is plausible inside, and is the same again for the same seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fangxian.plans.cities import packaged_city
from fangxian.plans.loader import packaged_plan
from fangxian.science.population.build import build_population
from fangxian.science.population.check import check_margins
from fangxian.science.population.health import person_tiers
from fangxian.science.population.records import (
    CARE_HOME_RESIDENT_BIT,
    COLLECTIVE_HOUSEHOLD_BIT,
    HEALTH_WORKER_BIT,
    GroupKind,
)
from fangxian.science.population.sample import scaled_city

EXACT = ("place", "townships", "villages", "age", "family", "people in", "collective", "households of")


def members(population, kind):
    """Return the member lists of all groups of a kind."""
    return [
        population.group_member[population.group_start[group] : population.group_start[group + 1]]
        for group in np.flatnonzero(population.group_kind == kind)
    ]


def test_published_margins_hold_to_the_person(town, small_city):
    """Totals, ages, households and sizes are met exactly, not nearly."""
    rows = [row for row in check_margins(town, small_city) if row.code.startswith(EXACT)]
    rows += [row for row in check_margins(town, small_city) if row.code in ("people", "people a household")]
    assert len(rows) > 20
    assert {row.code: row.difference for row in rows if row.difference} == {}


def test_other_margins_hold_within_luck(town, small_city):
    """Shares that are drawn person by person miss by no more than five standard deviations."""
    drawn = ("school", "stable", "unstable", "partly", "fully", "boosted")
    for row in check_margins(town, small_city):
        if row.code.startswith(drawn) and "size" not in row.code:
            assert abs(row.difference) <= 5 * max(row.target, 4) ** 0.5, row


def test_sizes_of_classes_and_workplaces(town, small_city):
    """Classes have their size; workplaces follow the published law, cut at the size of two townships."""
    rows = {row.code: row for row in check_margins(town, small_city)}
    for stage in ("kindergarten", "primary", "junior", "senior"):
        assert rows[f"class size {stage}"].relative == pytest.approx(0, abs=0.1)
    assert rows["workplaces of 10 or more"].got == pytest.approx(0.267, abs=0.03)
    assert rows["three generations"].relative == pytest.approx(0, abs=0.1)
    assert rows["people with a workplace"].relative == pytest.approx(0, abs=0.02)
    assert -0.5 < rows["residents a care home"].relative <= 0.05  # each township has homes of its own
    assert rows["workers a health facility"].relative == pytest.approx(0, abs=0.3)


def test_memory_of_a_person(town):
    """At most 24 bytes, all arrays counted."""
    assert town.bytes_per_person < 24


def test_the_same_seed_gives_the_same_people(town, small_city):
    """Bit for bit; another seed gives others."""
    again = build_population(small_city, seed=7).population
    other = build_population(small_city, seed=8).population
    for name, array in town.arrays().items():
        assert np.array_equal(array, again.arrays()[name]), name
    assert not np.array_equal(town.person_household, other.person_household)


def test_no_child_lives_alone(town):
    """Outside dormitories and care homes, nearly every household has an adult."""
    oldest = np.maximum.reduceat(town.person_age, town.household_start[:-1])
    family = (town.person_flags[town.household_start[:-1]] & COLLECTIVE_HOUSEHOLD_BIT) == 0
    assert np.mean(oldest[family] < 18) < 1e-3


def test_generations_are_a_generation_apart(town):
    """Nearly every child under 10 in a household of three or more has somebody of a mother's age with it."""
    start = town.household_start
    with_mother = []
    for household in range(town.households):
        age = town.person_age[start[household] : start[household + 1]].astype(int)
        if len(age) < 3 or age.min() >= 10:
            continue
        gap = age - age.min()
        with_mother.append(np.any((gap >= 14) & (gap <= 52)))
    assert len(with_mother) > 3_000
    assert np.mean(with_mother) > 0.95


def test_matching_ages_moves_them_little(made):
    """The last step mends what is left: under half a year on average, never more than a few years."""
    assert made.mean_age_shift_years < 0.5
    assert made.largest_age_shift_years <= 4


def test_a_class_is_one_grade_with_its_teacher(town):
    """Pupils of a class are of one age; one or two adults teach them."""
    for group in members(town, GroupKind.SCHOOL_CLASS):
        ages = np.sort(town.person_age[group])
        pupils = np.count_nonzero(ages == ages[0])
        assert len(ages) - pupils <= 2
        assert pupils < 90


def test_workers_are_workers(town):
    """Nobody under 16 works, health workers sit in health facilities, residents of care homes do not work."""
    for kind in (GroupKind.WORKPLACE, GroupKind.HEALTH_FACILITY):
        inside = np.concatenate(members(town, kind))
        assert town.person_age[inside].min() >= 16
        assert not np.any(town.person_flags[inside] & CARE_HOME_RESIDENT_BIT)
        is_health = (town.person_flags[inside] & HEALTH_WORKER_BIT) > 0
        assert np.all(is_health == (kind == GroupKind.HEALTH_FACILITY))
    residents = np.flatnonzero(town.person_flags & CARE_HOME_RESIDENT_BIT)
    assert np.all(town.group_kind[town.person_group[residents]] == GroupKind.CARE_HOME)
    assert town.person_age[residents].min() >= 60


def test_people_who_meet_are_near_in_memory(town):
    """Members of a group lie closer together than people drawn by chance; groups are in place order."""
    generator = np.random.Generator(np.random.Philox(3))
    by_chance = np.abs(np.diff(generator.integers(0, town.size, (4_000, 2)), axis=1)).mean()
    for kind, closer in [(GroupKind.SCHOOL_CLASS, 0.25), (GroupKind.WORKPLACE, 0.7)]:
        spans = [np.diff(group).mean() for group in members(town, kind) if len(group) > 5]
        mean_distance = [
            np.abs(group[:, None] - group).mean() for group in members(town, kind) if len(group) > 5
        ]
        assert np.mean(mean_distance) < closer * by_chance
        assert spans
    first = town.group_member[town.group_start[:-1]]
    assert np.all(np.diff(np.minimum.reduceat(first, np.unique(town.group_site, return_index=True)[1])) > 0)


def test_tiers_agree_with_a_city_that_counted(town):
    """Of 65 and over, one city of 6.7 million counted 1 031 000 green, 225 000 yellow, 178 000 red."""
    tiers = packaged_plan("covid19-class-b-2023").tiers
    tier = person_tiers(town, tiers)[town.person_age >= 65]
    share = np.bincount(tier, minlength=3) / len(tier)
    assert [one.id for one in tiers.tiers] == ["green", "yellow", "red"]
    assert share == pytest.approx(np.array([1031, 225, 178]) / 1434, abs=0.02)


def test_every_row_of_the_tier_table(town):
    """The tier of a person is what the plan's own rule says of age, disease and vaccination."""
    tiers = packaged_plan("covid19-class-b-2023").tiers
    names = [tier.id for tier in tiers.tiers]
    tier = person_tiers(town, tiers)
    words = ("none", "stable", "unstable"), ("none", "partial", "full", "full")
    for person in range(0, town.size, 97):
        age = int(town.person_age[person])
        disease = words[0][town.underlying_disease()[person]]
        vaccination = words[1][town.person_vaccination[person]]
        row = next((rule for rule in tiers.rules if rule.fits(age, disease, vaccination)), None)
        if row is not None:
            assert names[tier[person]] == row.tier


class TestSmallAndLarge:
    """Sizes at the edge."""

    @pytest.mark.parametrize("people", [1, 2, 7, 300])
    def test_a_handful_of_people(self, people):
        """A hamlet is built like a city: every person once."""
        city = scaled_city(packaged_city("1304"), people)
        assert build_population(city).population.size == people

    def test_one_household_of_a_thousand(self, small_city):
        """A monastery: one family household of a thousand, with ages as the margin says."""
        city = scaled_city(packaged_city("1304"), 1_000)
        margins = city.margins.model_copy(
            update={
                "households": city.margins.households.model_copy(
                    update={
                        "family_households": 1,
                        "people_in_family_households": 1_000,
                        "collective_households": 0,
                        "people_in_collective_households": 0,
                    }
                ),
                "household_sizes": city.margins.household_sizes.model_copy(
                    update={"shares": (0.0,) * 999 + (1.0,)}
                ),
            }
        )
        made = build_population(replace(city, margins=margins)).population
        assert (made.size, made.households) == (1_000, 1)
        rows = [
            row for row in check_margins(made, replace(city, margins=margins)) if row.code.startswith("age")
        ]
        assert all(row.difference == 0 for row in rows)

    def test_more_people_than_numbers(self):
        """Persons are numbered by 32 bits."""
        city = packaged_city("1304")
        many = city.margins.people.model_copy(update={"value": 3 * 10**9})
        margins = city.margins.model_copy(update={"people": many})
        with pytest.raises(ValueError, match="at most 2147483646 people"):
            build_population(replace(city, margins=margins))

    def test_nobody(self):
        """A city has somebody."""
        with pytest.raises(ValueError, match=r"at least one person \(got 0\)"):
            scaled_city(packaged_city("1304"), 0)


def test_sizes_and_ages_that_contradict_each_other(small_city):
    """A city of children in households of one cannot be: every household has an adult."""
    margins = small_city.margins
    people = margins.people.value
    childish = tuple(
        band.model_copy(update={"people": people if band.age_from == 0 else 0}) for band in margins.age_bands
    )
    city = replace(small_city, margins=margins.model_copy(update={"age_bands": childish}))
    with pytest.raises(
        ValueError, match=r"household sizes and ages contradict each other: .* need another age"
    ):
        build_population(city)
