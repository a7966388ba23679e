"""Every margin beside what the built city has of it: target, got, difference."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled
from fangxian.plans.cities import CityFile, CityMargins
from fangxian.science.population.ages import CARE_HOME_AGE, by_age
from fangxian.science.population.check_daytime import daytime_rows
from fangxian.science.population.margin_rows import MarginRow, margin_row
from fangxian.science.population.places import PlaceTree, place_tree
from fangxian.science.population.records import (
    CARE_HOME_RESIDENT_BIT,
    COLLECTIVE_HOUSEHOLD_BIT,
    Population,
    UnderlyingDisease,
    VaccinationStatus,
)
from fangxian.science.population.whole_numbers import household_counts

Int64Array = NDArray[np.int64]

GENERATION_YEARS = 16
"""Youngest mother of the builder: people so far apart in age count as two generations of one household."""


def check_margins(population: Population, city: CityFile) -> list[MarginRow]:
    """Return every margin of a city beside what a population has of it.

    Parameters
    ----------
    population : Population
        Built from the city.
    city : CityFile

    Returns
    -------
    list of MarginRow
        Totals, places, ages, households, schools, work, health, vaccination, in this order.
    """
    ages = np.bincount(population.person_age, minlength=101)[:101].astype(np.int64)
    margins = city.margins
    tree = place_tree(city.places, margins.code, margins.people.value)
    return [
        *_totals(population, city, tree),
        *_places(population, margins, tree),
        *_ages(margins, ages),
        *_households(population, margins),
        *daytime_rows(population, margins, ages),
        *_health(population, margins),
    ]


def _totals(population: Population, city: CityFile, tree: PlaceTree) -> Iterator[MarginRow]:
    margins = city.margins
    yield margin_row("people", "常住人口", "people", (margins.people.value, population.size), margins.people)
    names = {place.code: place.name for place in city.places}
    wanted = np.bincount(
        tree.place_parent[tree.village_place], tree.village_people, minlength=len(tree.parent_code)
    )
    got = np.bincount(
        population.place_parent, np.diff(population.place_start), minlength=len(tree.parent_code)
    )
    for number, code in enumerate(population.parent_code):
        name = f"{code} {names.get(code, '')}".strip()
        yield margin_row(f"place {code}", name, name, (wanted[number], got[number]), margins.places)


def _places(population: Population, margins: CityMargins, tree: PlaceTree) -> Iterator[MarginRow]:
    """Yield how many townships have exactly their people, and how many villages nearly."""
    wanted = np.bincount(tree.village_place, tree.village_people, minlength=population.places)
    exact = np.count_nonzero(wanted == np.diff(population.place_start))
    yield margin_row(
        "townships",
        "人口恰为应有的乡镇、街道",
        "townships with exactly their people",
        (population.places, exact),
        margins.places,
        "place",
    )
    if not tree.has_villages:
        return
    largest = len(margins.household_sizes.shares)
    near = np.abs(np.diff(population.village_start) - tree.village_people) < largest
    yield margin_row(
        "villages",
        f"人口与应有相差不到 {largest} 人（一个大户）的村、居委会",
        f"villages within {largest - 1} people (a large household)",
        (len(near), np.count_nonzero(near)),
        margins.places,
        "place",
    )


def _ages(margins: CityMargins, ages: Int64Array) -> Iterator[MarginRow]:
    for band in margins.age_bands:
        span = f"{band.age_from}-{band.age_to}" if band.age_to < 100 else f"{band.age_from}+"
        got = ages[band.age_from : band.age_to + 1].sum()
        yield margin_row(f"age {span}", f"{span} 岁", f"aged {span}", (band.people, got), band)


def _households(population: Population, margins: CityMargins) -> Iterator[MarginRow]:
    wanted = margins.households
    sizes = np.diff(population.household_start)
    first = population.household_start[:-1]
    collective = (population.person_flags[first] & COLLECTIVE_HOUSEHOLD_BIT) > 0
    pairs = {
        ("family households", "家庭户", "household"): (wanted.family_households, np.sum(~collective)),
        ("people in family households", "家庭户人口", "person"): (
            wanted.people_in_family_households,
            sizes[~collective].sum(),
        ),
        ("collective households", "集体户", "household"): (
            wanted.collective_households,
            np.sum(collective),
        ),
        ("people in collective households", "集体户人口", "person"): (
            wanted.people_in_collective_households,
            sizes[collective].sum(),
        ),
    }
    for (en, zh, unit), numbers in pairs.items():
        yield margin_row(en, zh, en, numbers, wanted, unit)
    yield margin_row(
        "people a household",
        "户均人口（家庭户）",
        "people in a family household, mean",
        (
            wanted.people_in_family_households / wanted.family_households,
            sizes[~collective].sum() / np.sum(~collective),
        ),
        wanted,
    )
    counts = household_counts(
        margins.household_sizes.shares, wanted.family_households, wanted.people_in_family_households
    )
    got = np.bincount(sizes[~collective], minlength=len(counts) + 1)[1:]
    for size in np.flatnonzero(counts) + 1:
        numbers = (counts[size - 1], got[size - 1])
        yield margin_row(
            f"households of {size}",
            f"{size} 人户",
            f"households of {size}",
            numbers,
            margins.household_sizes,
            "household",
        )
    three = _count_three_generations(population.person_age, population.household_start, collective)
    yield margin_row(
        "three generations",
        "三代户（按年龄差判断）",
        "three generations (by gaps of age)",
        (margins.composition.three_generation_share * wanted.family_households, three),
        margins.composition,
        "household",
    )
    residents = np.count_nonzero(population.person_flags & CARE_HOME_RESIDENT_BIT)
    old = sum(band.people for band in margins.age_bands if band.age_from >= CARE_HOME_AGE)
    if old and any(band.age_from == CARE_HOME_AGE for band in margins.age_bands):
        yield margin_row(
            "care-home residents",
            "养老机构入住者",
            "residents of care homes",
            (margins.collective.care_home_share * old, residents),
            margins.collective,
        )


@compiled()
def _count_three_generations(
    age: NDArray[np.uint8], household_start: NDArray[np.int32], left_out: NDArray[np.bool_]
) -> int:
    """Count households in which some three people are each a generation apart."""
    found = 0
    for household in range(len(household_start) - 1):
        if left_out[household]:
            continue
        members = np.sort(age[household_start[household] : household_start[household + 1]])
        generations = 1
        last = int(members[0])
        for years in members:
            if int(years) - last >= GENERATION_YEARS:
                generations += 1
                last = int(years)
        found += generations >= 3
    return found


def _health(population: Population, margins: CityMargins) -> Iterator[MarginRow]:
    disease = margins.underlying_disease
    have = np.bincount(
        population.underlying_disease().astype(np.int64) * 101 + population.person_age, minlength=3 * 101
    ).reshape(3, 101)
    ages = have.sum(axis=0)
    wanted_disease = {
        UnderlyingDisease.STABLE: (disease.stable, "稳定基础疾病", "stable underlying disease"),
        UnderlyingDisease.UNSTABLE: (disease.unstable, "不稳定基础疾病", "unstable underlying disease"),
    }
    for state, (shares, zh, en) in wanted_disease.items():
        expected = by_age(disease.age_from, shares) * ages
        for low, high in _groups(disease.age_from):
            numbers = (expected[low:high].sum(), have[state, low:high].sum())
            yield margin_row(f"{en} {low}+", f"{zh} {low} 岁起", f"{en}, from age {low}", numbers, disease)
    vaccination = margins.vaccination
    given = np.bincount(
        population.person_vaccination.astype(np.int64) * 101 + population.person_age, minlength=4 * 101
    ).reshape(4, 101)
    wanted_doses = {
        VaccinationStatus.PARTIAL: (vaccination.partial, "未全程接种", "partly vaccinated"),
        VaccinationStatus.FULL: (vaccination.full, "全程接种", "fully vaccinated"),
        VaccinationStatus.BOOSTED: (vaccination.boosted, "加强接种", "boosted"),
    }
    for status, (shares, zh, en) in wanted_doses.items():
        expected = by_age(vaccination.age_from, shares) * ages
        for low, high in _groups(vaccination.age_from):
            numbers = (expected[low:high].sum(), given[status, low:high].sum())
            yield margin_row(
                f"{en} {low}+", f"{zh} {low} 岁起", f"{en}, from age {low}", numbers, vaccination
            )


def _groups(age_from: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(zip(age_from, [*age_from[1:], 101], strict=True))
