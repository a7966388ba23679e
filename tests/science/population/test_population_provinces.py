"""Other places than 邯郸: Hebei, Shanxi, Henan and China with their own published ages."""

from __future__ import annotations

import csv
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest

from fangxian.plans.cities import load_city, packaged_city
from fangxian.plans.cities.loader import SETTINGS
from fangxian.plans.cities.schema import AgeBand
from fangxian.science.population.build import build_population
from fangxian.science.population.check import check_margins
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


@pytest.mark.parametrize("place", ["China_subnational_Shanxi", "China_subnational_Henan"])
def test_another_city_from_a_file_and_a_table(place, tmp_path):
    """A stranger's way: the packaged margins copied, ages and matrices of another province written in."""
    folder = resources.files("fangxian.plans.cities") / "packaged" / "1304"
    bands = "".join(
        f"[[age_band]]\nage_from = {5 * at}\n"
        + (f"age_to = {5 * at + 4}\n" if at < 17 else "")
        + f"people = {count}\n\n"
        for at, count in enumerate(largest_remainder(published_ages(place), 9_413_990).tolist())
    )
    text = (folder / "margins.toml").read_text("utf-8")
    start, end = text.index("[[age_band]]"), text.index("[age_shape]")
    text = text[:start] + bands + text[end:].replace("contacts-hebei.csv", "contacts.csv")
    (tmp_path / "city.toml").write_text(text, "utf-8")
    (tmp_path / "places.csv.gz").write_bytes((folder / "places.csv.gz").read_bytes())
    rows = [["setting", "age_from", *(f"with_{5 * at}" for at in range(18))]]
    for setting in SETTINGS:
        rows += [[setting, str(5 * at), *row] for at, row in enumerate(published_matrix(place, setting))]
    (tmp_path / "contacts.csv").write_text("\n".join(map(",".join, rows)) + "\n", "utf-8")
    city = load_city(tmp_path / "city.toml")
    overall = np.loadtxt(
        shared_path(f"data/07_population_contacts/contact_matrices/{place}_M_overall_contact_matrix_18.csv"),
        delimiter=",",
    )
    assert contact_matrices(city).total == pytest.approx(overall, rel=1e-3)
    small = scaled_city(city, 20_000)
    rows_of = {row.code: row for row in check_margins(build_population(small).population, small)}
    assert all(row.difference == 0 for code, row in rows_of.items() if code.startswith("age "))
    assert rows_of["people"].difference == rows_of["family households"].difference == 0


def published_matrix(place: str, setting: str) -> list[list[str]]:
    """Return the 18 x 18 contact frequencies of a setting as they are printed."""
    path = shared_path(f"data/07_population_contacts/contact_matrices/{place}_F_{setting}_setting_18.csv")
    with path.open() as file:
        return list(csv.reader(file))


def test_packaged_matrices_are_those_of_hebei():
    """All settings weighed by the paper's weights are the paper's overall matrix, to its printed digits."""
    path = shared_path(
        "data/07_population_contacts/contact_matrices/China_subnational_Hebei_M_overall_contact_matrix_18.csv"
    )
    overall = np.loadtxt(path, delimiter=",")
    assert contact_matrices(packaged_city("1304")).total == pytest.approx(overall, rel=1e-3)
