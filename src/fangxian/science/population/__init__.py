"""A synthetic city: every person with age, household, daytime group, underlying disease and vaccination."""

from fangxian.science.population.records import (
    CARE_HOME_RESIDENT_BIT,
    COLLECTIVE_HOUSEHOLD_BIT,
    DISEASE_BITS,
    HEALTH_WORKER_BIT,
    GroupKind,
    Population,
    UnderlyingDisease,
    VaccinationStatus,
)
from fangxian.science.population.uniform import uniform_population

__all__ = [
    "CARE_HOME_RESIDENT_BIT",
    "COLLECTIVE_HOUSEHOLD_BIT",
    "DISEASE_BITS",
    "HEALTH_WORKER_BIT",
    "GroupKind",
    "Population",
    "UnderlyingDisease",
    "VaccinationStatus",
    "uniform_population",
]
