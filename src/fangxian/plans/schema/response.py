"""What a plan says about the response: levels, measures, areas, clocks, contacts, tiers, reserves, targets.

Typed and minimal; later work acts on these records.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fangxian.plans.schema.basics import Identifier, NonEmpty, Record, Sourced, Wording
from fangxian.plans.schema.effects import AnyEffect


class Level(Sourced):
    """One response level; rank 1 is the gravest."""

    id: Identifier
    rank: int = Field(ge=1, le=9)
    title: Wording
    decided_by: Literal["nation", "province", "city", "county"] = Field(
        description="The lowest authority that may start it"
    )
    trigger: Wording = Field(description="When it is started")
    end: Wording | None = Field(default=None, description="When it is ended")
    measures: tuple[Identifier, ...] = Field(default=(), description="Ids of [[measure]] that it brings")
    start_when: NonEmpty | None = Field(
        default=None, description="Rule over reported indicators by which a rehearsal starts it"
    )
    start_days: int = Field(default=1, ge=1, le=60, description="Days in a row on which it must hold")
    end_when: NonEmpty | None = Field(default=None, description="Rule by which a rehearsal ends it")
    end_days: int = Field(default=7, ge=1, le=90, description="Days in a row on which it must hold")
    delay_days: int = Field(default=1, ge=0, le=30, description="From the decision to the first day in force")


class Measure(Sourced):
    """One measure of prevention and control."""

    id: Identifier
    title: Wording
    description: Wording
    applies_to: Literal["case", "contact", "area", "institution", "public", "health_service"]
    always: bool = Field(default=False, description="In force whatever the level")
    effects: tuple[AnyEffect, ...] = Field(default=(), alias="effect")


class RiskArea(Sourced):
    """A graded area, and after how many days without a new infection it steps down."""

    id: Identifier
    title: Wording
    rule: Wording
    steps_down_to: Identifier | None = None
    days_without_infection: int | None = Field(default=None, ge=1, le=90)


class Clock(Sourced):
    """How long may pass between two events."""

    id: Identifier
    title: Wording
    starts: Wording = Field(description="The event that starts the clock")
    stops: Wording = Field(description="The event that stops it")
    hours: float = Field(gt=0, le=24 * 366)


class ContactStage(Record):
    """A stretch of days that a contact spends in one way; test days count from its first day."""

    where: Literal["central_isolation", "home_isolation", "home_monitoring"]
    days: int = Field(ge=1, le=60)
    test_days: tuple[int, ...] = ()


class ContactSchedule(Sourced):
    """What a class of contacts does, day by day."""

    id: Identifier
    title: Wording
    traced: bool = Field(default=True, description="Whether this class of contacts is looked for at all")
    stages: tuple[ContactStage, ...] = Field(default=(), alias="stage")
    note: Wording | None = None


Disease = Literal["none", "stable", "unstable"]
Vaccination = Literal["full", "partial", "none"]


class Tier(Record):
    """A tier of key people and the service they receive."""

    id: Identifier
    title: Wording
    service: Wording
    contact_every_days: int | None = Field(
        default=None, ge=1, le=90, description="While ill at home; absent: no regular contact"
    )


class TierRule(Record):
    """A row of the tier table; ages in whole years, both ends included."""

    age_from: int = Field(default=0, ge=0, le=130)
    age_to: int = Field(default=130, ge=0, le=130)
    disease: tuple[Disease, ...] = Field(min_length=1)
    vaccination: tuple[Vaccination, ...] = Field(min_length=1)
    tier: Identifier

    def fits(self, age: int, disease: str, vaccination: str) -> bool:
        """Return whether a person falls under this row."""
        return (
            self.age_from <= age <= self.age_to
            and disease in self.disease
            and vaccination in self.vaccination
        )


class AgePoints(Record):
    """Points of an age band, both ends included."""

    age_from: int = Field(default=0, ge=0, le=130)
    age_to: int = Field(default=130, ge=0, le=130)
    points: int


class ScoreBand(Record):
    """Tier of a sum of points, both ends included."""

    points_from: int
    points_to: int
    tier: Identifier


class TierScore(Record):
    """The score used where no row of the table fits."""

    age: tuple[AgePoints, ...] = Field(min_length=1)
    disease: dict[Disease, int]
    vaccination: dict[Vaccination, int]
    bands: tuple[ScoreBand, ...] = Field(min_length=1)


class Tiers(Sourced):
    """How key people are sorted: a table first, a score where no row fits."""

    tiers: tuple[Tier, ...] = Field(alias="tier", min_length=1)
    rules: tuple[TierRule, ...] = Field(default=(), alias="rule")
    score: TierScore | None = None


class PopulationBand(Record):
    """Amount for a population below a bound; without the bound: for any larger one."""

    population_below: int | None = Field(default=None, gt=0)
    amount: float = Field(ge=0)


class Reserve(Sourced):
    """What must be held ready: an amount or a range, or an amount by population."""

    id: Identifier
    title: Wording
    holders: tuple[str, ...] = Field(min_length=1, description="Facility kinds that hold it")
    grades: tuple[str, ...] = ()
    basis: Literal["days_of_use", "share_of_population", "share_of_open_beds", "by_population"]
    unit: NonEmpty
    low: float | None = Field(default=None, ge=0)
    high: float | None = Field(default=None, ge=0)
    bands: tuple[PopulationBand, ...] = ()


class Target(Sourced):
    """A yardstick that the supervision screen measures against."""

    id: Identifier
    title: Wording
    value: float
    unit: NonEmpty
    better: Literal["higher", "lower"]
