"""What the API says about places and facilities."""

from __future__ import annotations

from datetime import date

from ninja import Schema
from pydantic import Field


class PlaceBrief(Schema):
    """A place by its code."""

    code: str
    name: str
    name_en: str
    level: int


class PopulationBand(Schema):
    """People of an age band; ``age_high`` null means "and over"."""

    year: int
    age_low: int
    age_high: int | None
    people: int
    source: str


class CapacityTotalOut(Schema):
    """A sum, and how many facilities stand behind it."""

    kind: str
    amount: int
    facilities: int


class PlaceOut(PlaceBrief):
    """A place with the chain above it, its population and what it can hold today."""

    country: str
    level_name: str
    population: int | None
    valid_from: date | None
    valid_to: date | None
    successor: PlaceBrief | None
    predecessors: list[PlaceBrief]
    ancestors: list[PlaceBrief]
    populations: list[PopulationBand]
    capacities: list[CapacityTotalOut]
    source: str


class ChildOut(PlaceBrief):
    """A place right below, with its population; null is unknown, not 0."""

    population: int | None


class CapacityIn(Schema):
    """An amount from a day on."""

    kind: str = Field(description="e.g. ordinary_bed, intensive_care_bed, isolation_room, tubes_per_day")
    amount: int
    valid_from: date


class CapacityOut(CapacityIn):
    """An amount and the day on which the next one takes over."""

    valid_to: date | None
    source: str


class FacilityOut(Schema):
    """A facility with every dated capacity."""

    code: str
    name: str
    name_en: str
    kind: str
    grade: str
    place: PlaceBrief
    address: str
    telephone: str
    longitude: float | None
    latitude: float | None
    opened: date | None
    closed: date | None
    population_served: int | None
    synthetic: bool
    source: str
    capacities: list[CapacityOut]
