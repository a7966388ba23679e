"""Margins of a city: the published totals from which its people are built, and the assumptions where none is.

Every number states source and status; an assumption has status ``default`` and a note that says what it
rests on.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from fangxian.plans.schema.basics import NonEmpty, Record, Source, Sourced, Wording

OLDEST = 100
"""Ages are whole years up to this one, which stands for everybody older too."""

Share = Annotated[float, Field(ge=0, le=1)]
Age = Annotated[int, Field(ge=0, le=OLDEST)]


class Noted(Sourced):
    """Values of one source, with what a reader should know about them."""

    note: Wording | None = None


class Total(Noted):
    """A number of people."""

    value: int = Field(ge=1)
    unit: Literal["person"] = "person"


class AgeBand(Noted):
    """People of an age band, both ends included."""

    age_from: Age
    age_to: Age = OLDEST
    people: int = Field(ge=0)


class AgeShape(Noted):
    """How the people of a band are spread over its single years; only ratios within a band matter."""

    weights: tuple[float, ...] = Field(min_length=1, description="Of age 0, 1, 2, … 100")


class Households(Noted):
    """Households and the people in them. 家庭户、集体户"""

    family_households: int = Field(ge=0)
    people_in_family_households: int = Field(ge=0)
    collective_households: int = Field(default=0, ge=0)
    people_in_collective_households: int = Field(default=0, ge=0)


class HouseholdSizes(Noted):
    """Shares of family households of 1, 2, 3, … persons; bent to the published mean where they miss it."""

    shares: tuple[Share, ...] = Field(min_length=1)


class Composition(Noted):
    """Who lives together."""

    three_generation_share: Share = Field(description="Of family households")
    skip_generation_share: Share = Field(
        description="Grandparents with grandchildren only, of family households"
    )
    mother_age_mean_years: float = Field(gt=14, lt=50, description="At the birth of a child")
    mother_age_sd_years: float = Field(gt=0, lt=15)


class Collective(Noted):
    """Who lives in collective households."""

    care_home_share: Share = Field(description="Residents of care homes, of the people aged 65 and over")
    student_share: Share = Field(description="Boarders and students aged 15-22, of all others in them")


class SchoolStage(Noted):
    """A stage of schooling; ages include both ends."""

    id: NonEmpty
    age_from: Age
    age_to: Age
    enrolled: Share
    pupils_per_school: float = Field(ge=1)
    pupils_per_class: float = Field(ge=1)
    teachers_per_class: int = Field(default=1, ge=0, le=5)
    reach: Literal["township", "county", "city"] = Field(description="From where its pupils come")


class Work(Noted):
    """Who works, how far from home, and with how many."""

    age_from: tuple[Age, ...] = Field(min_length=1, description="Rising, the first 0")
    employed: tuple[Share, ...] = Field(
        min_length=1, description="Of those not at school, for each age group"
    )
    without_workplace: Share = Field(
        description="Farmers, day labourers, self-employed, of all other workers"
    )
    within_township: Share
    within_county: Share = Field(
        description="In another township of the county; the rest: anywhere in the city"
    )


class WorkplaceSizes(Noted):
    """Offset power law of Ferguson et al. 2005: P(size > m) falls as ``(1 + m / offset) ** -exponent``."""

    offset: float = Field(gt=0)
    exponent: float = Field(gt=0)
    largest: int = Field(ge=1, le=100_000)
    team: int = Field(
        ge=2, le=1000, description="Larger workplaces are divided into teams of about this size"
    )


class HealthFacilities(Noted):
    """Health workers and the facilities in which they work."""

    workers_per_1000: float = Field(ge=0, le=200)
    workers_per_facility: float = Field(ge=1)


class CareHomes(Noted):
    """Care homes; a unit is a set of residents and staff who meet every day."""

    residents_per_home: float = Field(ge=1)
    residents_per_unit: float = Field(ge=1)
    residents_per_worker: float = Field(gt=0)


class DiseaseShares(Noted):
    """Underlying disease by age; the rest has none."""

    age_from: tuple[Age, ...] = Field(min_length=1)
    stable: tuple[Share, ...]
    unstable: tuple[Share, ...]


class VaccinationShares(Noted):
    """Vaccination by age on a day: shares with that status as their last; the rest has none."""

    as_of: date
    age_from: tuple[Age, ...] = Field(min_length=1)
    partial: tuple[Share, ...]
    full: tuple[Share, ...]
    boosted: tuple[Share, ...]


class Place(Record):
    """A county, township or village: its people, if published, else its weight among its sisters."""

    code: NonEmpty
    parent: str = Field(default="", description="Code of the place above; empty: the city")
    name: str = ""
    people: int | None = Field(default=None, ge=0)
    weight: float | None = Field(
        default=None, ge=0, description="Absent: the sum of the weights below it, 1 where nothing is below"
    )


class Places(Noted):
    """The tree of places: counties, townships and, if wanted, villages, from a table or one by one."""

    file: str | None = Field(default=None, description="CSV (.csv or .csv.gz) beside this file")
    places: tuple[Place, ...] = Field(default=(), alias="place")


class Contacts(Noted):
    """Contacts by age in each setting; where they come from and how settings are weighed."""

    file: NonEmpty
    household: float = Field(ge=0, description="Contacts a day that 1 in the table stands for")
    school: float = Field(ge=0)
    work: float = Field(ge=0)
    community: float = Field(ge=0)


class CityMargins(Record):
    """Margins of one city."""

    schema_version: Literal[1] = Field(alias="schema")
    code: NonEmpty
    name: Wording
    sources: tuple[Source, ...] = Field(default=(), alias="source")
    people: Total
    age_bands: tuple[AgeBand, ...] = Field(alias="age_band", min_length=1)
    age_shape: AgeShape
    households: Households
    household_sizes: HouseholdSizes
    composition: Composition
    collective: Collective
    schools: tuple[SchoolStage, ...] = Field(default=(), alias="school")
    work: Work
    workplace_sizes: WorkplaceSizes
    health_facilities: HealthFacilities
    care_homes: CareHomes
    underlying_disease: DiseaseShares
    vaccination: VaccinationShares
    places: Places
    contacts: Contacts | None = None
