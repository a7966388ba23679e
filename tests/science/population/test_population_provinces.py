"""Other places than 邯郸: Hebei, Shanxi, Henan and China with their own published ages."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest

from fangxian.plans.cities import packaged_city
from fangxian.plans.cities.schema import AgeBand
from fangxian.science.population.build import build_population
from fangxian.science.population.contacts import contact_matrices
from fangxian.science.population.sample import scaled_city
from fangxian.science.population.whole_numbers import largest_remainder
from shared_data import shared_path

PLACES = (
    "China_country_level",
    "China_subnational_Hebei",
    "China_subnational_Shanxi",
    "China_subnational_Henan",
)


def published_ages(place: str) -> np.ndarray:
    """Return people of 0-4, 5-9, ..., 85 and over."""
    path = shared_path(
        f"data/07_population_contacts/population_rescaled_age_distributions/{place}_age_distribution_18.csv"
    )
    with path.open() as file:
        return np.array([float(row[1]) for row in csv.reader(file)])


@pytest.mark.parametrize("place", PLACES)
def test_a_city_with_the_ages_of_a_province(place):
    """Eighteen published age groups are met to the person, in 20 000 people."""
    city = scaled_city(packaged_city("1304"), 20_000)
    counts = largest_remainder(published_ages(place), 20_000)
    bands = tuple(
        AgeBand(age_from=5 * number, age_to=5 * number + 4 if number < 17 else 100, people=int(count))
        for number, count in enumerate(counts)
    )
    made = build_population(replace(city, margins=city.margins.model_copy(update={"age_bands": bands})))
    got = np.add.reduceat(np.bincount(made.population.person_age, minlength=101), np.arange(0, 90, 5))
    assert got.tolist() == counts.tolist()
    assert made.mean_age_shift_years < 1.5


def test_packaged_matrices_are_those_of_hebei():
    """All settings weighed by the paper's weights are the paper's overall matrix, to its printed digits."""
    path = shared_path(
        "data/07_population_contacts/contact_matrices/China_subnational_Hebei_M_overall_contact_matrix_18.csv"
    )
    overall = np.loadtxt(path, delimiter=",")
    assert contact_matrices(packaged_city("1304")).total == pytest.approx(overall, rel=1e-3)
