"""A synthetic city: every person with age, household, daytime group, underlying disease and vaccination."""

from fangxian.science.population.build import Construction, build_population, require_memory
from fangxian.science.population.check import MarginRow, check_margins
from fangxian.science.population.contacts import (
    ContactMatrices,
    SettingContacts,
    contact_matrices,
    regroup,
    setting_contacts,
)
from fangxian.science.population.health import person_tiers, tier_table
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
from fangxian.science.population.sample import scaled_city
from fangxian.science.population.uniform import uniform_population

__all__ = [
    "CARE_HOME_RESIDENT_BIT",
    "COLLECTIVE_HOUSEHOLD_BIT",
    "DISEASE_BITS",
    "HEALTH_WORKER_BIT",
    "Construction",
    "ContactMatrices",
    "GroupKind",
    "MarginRow",
    "Population",
    "SettingContacts",
    "UnderlyingDisease",
    "VaccinationStatus",
    "build_population",
    "check_margins",
    "contact_matrices",
    "person_tiers",
    "regroup",
    "require_memory",
    "scaled_city",
    "setting_contacts",
    "tier_table",
    "uniform_population",
]
