"""Underlying disease, vaccination and the tier of key people that follows from both and from age."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled
from fangxian.base.counter_random import keyed_bits, next_bits, purpose_key, unit_interval
from fangxian.plans.cities.schema import CityMargins
from fangxian.plans.schema import Tiers
from fangxian.science.population.ages import AGES, by_age
from fangxian.science.population.records import Population, UnderlyingDisease, VaccinationStatus

FloatArray = NDArray[np.float64]
UInt8Array = NDArray[np.uint8]

_DISEASE_WORDS = {
    UnderlyingDisease.NONE: "none",
    UnderlyingDisease.STABLE: "stable",
    UnderlyingDisease.UNSTABLE: "unstable",
}
_VACCINATION_WORDS = {
    VaccinationStatus.NONE: "none",
    VaccinationStatus.PARTIAL: "partial",
    VaccinationStatus.FULL: "full",
    VaccinationStatus.BOOSTED: "full",
}


def draw_health(margins: CityMargins, age: UInt8Array, flags: UInt8Array, seed: int) -> UInt8Array:
    """Mark underlying disease in the flags and return the vaccination of every person; uint8 array [n].

    Disease and vaccination are drawn by age and apart from each other: no source tells how they go together.
    """
    disease = margins.underlying_disease
    vaccination = margins.vaccination
    disease_cumulative = np.cumsum(
        [by_age(disease.age_from, disease.unstable), by_age(disease.age_from, disease.stable)], axis=0
    )
    vaccination_cumulative = np.cumsum(
        [
            by_age(vaccination.age_from, vaccination.boosted),
            by_age(vaccination.age_from, vaccination.full),
            by_age(vaccination.age_from, vaccination.partial),
        ],
        axis=0,
    )
    return _draw(age, flags, disease_cumulative, vaccination_cumulative, purpose_key(seed, "health"))


def tier_table(tiers: Tiers) -> NDArray[np.int8]:
    """Return the tier of every age, disease and vaccination as an index of ``tiers.tiers``; -1 for none.

    Parameters
    ----------
    tiers : Tiers
        Of a plan: its table first, its score where no row fits.

    Returns
    -------
    int8 array [101, 3, 4]
    """
    names = [tier.id for tier in tiers.tiers]
    table = np.full((AGES, 3, 4), -1, dtype=np.int8)
    for age in range(AGES):
        for disease, disease_word in _DISEASE_WORDS.items():
            for status, status_word in _VACCINATION_WORDS.items():
                name = next(
                    (rule.tier for rule in tiers.rules if rule.fits(age, disease_word, status_word)), None
                )
                if name is None and tiers.score is not None:
                    name = _by_score(tiers, age, disease_word, status_word)
                if name is not None:
                    table[age, disease, status] = names.index(name)
    return table


def person_tiers(population: Population, tiers: Tiers) -> NDArray[np.int8]:
    """Return the tier of every person as an index of ``tiers.tiers``, -1 for none; int8 array [n]."""
    table = tier_table(tiers)
    age = np.minimum(population.person_age, AGES - 1)
    return table[age, population.underlying_disease(), population.person_vaccination]


def _by_score(tiers: Tiers, age: int, disease: str, vaccination: str) -> str | None:
    score = tiers.score
    if score is None:
        return None
    points = score.disease[disease] + score.vaccination[vaccination]  # type: ignore[index]
    points += sum(band.points for band in score.age if band.age_from <= age <= band.age_to)
    return next((band.tier for band in score.bands if band.points_from <= points <= band.points_to), None)


@compiled()
def _draw(
    age: UInt8Array,
    flags: UInt8Array,
    disease_cumulative: FloatArray,
    vaccination_cumulative: FloatArray,
    key: np.uint64,
) -> UInt8Array:
    vaccination = np.zeros(len(age), dtype=np.uint8)
    for person in range(len(age)):
        years = age[person]
        bits = keyed_bits(key, person, 0)
        number = unit_interval(bits)
        if number < disease_cumulative[0, years]:
            flags[person] |= 2
        elif number < disease_cumulative[1, years]:
            flags[person] |= 1
        number = unit_interval(next_bits(bits))
        if number < vaccination_cumulative[0, years]:
            vaccination[person] = 3
        elif number < vaccination_cumulative[1, years]:
            vaccination[person] = 2
        elif number < vaccination_cumulative[2, years]:
            vaccination[person] = 1
    return vaccination
