"""What a measure does, in numbers that a rehearsal reads: `[[measure.effect]]`.

One record for each kind, told apart by `kind`. Everything is optional, so that plans without effects stay
what they were. What the plan states elsewhere (days of isolation in [[contact]], hours in [[clock]], stocks
in [[reserve]]) is named here, never repeated.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fangxian.plans.schema.basics import Identifier, Sourced

Setting = Literal["household", "school", "workplace", "health_facility", "care_home", "community"]
Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0, le=1e9)]


class Effect(Sourced):
    """What every effect has: what one unit of it costs."""

    unit_cost: float = Field(default=0, ge=0, description="Yuan for each unit; the unit goes with the kind")


class ContactReduction(Effect):
    """Fewer contacts in some settings; a unit is a person-day of those concerned."""

    kind: Literal["contact_reduction"]
    settings: tuple[Setting, ...] = Field(min_length=1)
    reduction: Share = Field(description="Share of the usual contacts that does not take place")
    age_from: int = Field(default=0, ge=0, le=130)
    age_to: int = Field(default=130, ge=0, le=130)


class Masks(Effect):
    """Masks and distance at the contacts that remain; a unit is a person-day."""

    kind: Literal["masks"]
    settings: tuple[Setting, ...] = Field(min_length=1)
    risk_reduction: Share = Field(description="Share of the risk of a contact that is averted where kept")
    adherence: Share = Field(default=1, description="Share of contacts at which it is kept")


class StayHomeWhenIll(Effect):
    """People with symptoms keep away on their own; a unit is a symptomatic person."""

    kind: Literal["stay_home_when_ill"]
    settings: tuple[Setting, ...] = Field(min_length=1)
    reduction: Share = Field(description="Share of their contacts that does not take place")


class TravelReduction(Effect):
    """Less travel between places of the city, and fewer infections brought in; a unit is a person-day."""

    kind: Literal["travel"]
    between_places: Share = Field(default=0, description="Share of contacts with other places averted")
    importation: Share = Field(default=0, description="Share of imported infections averted")


class SymptomaticTesting(Effect):
    """People with symptoms are tested or come to a fever clinic; a unit is a test."""

    kind: Literal["symptomatic_testing"]
    share: Share = Field(description="Share of people with symptoms who are tested")
    clinic_share: Share = Field(default=0, description="Share who visit a fever clinic, tested or not")
    method: Literal["pcr", "antigen"] = "pcr"
    delay_days: float = Field(default=1, ge=0, le=30, description="Mean, from onset to sample")
    turnaround_days: float = Field(default=0.5, ge=0, le=30, description="Sample to result, without a queue")
    report_delay_days: float = Field(default=0.5, ge=0, le=30, description="Result to report")
    background_per_1000: Rate = Field(default=0, description="People a day tested for other reasons")
    age_from: int = Field(default=0, ge=0, le=130)
    age_to: int = Field(default=130, ge=0, le=130)


class ScreeningRounds(Effect):
    """Rounds of pooled nucleic acid tests; a unit is a tube."""

    kind: Literal["screening"]
    share: Share = Field(description="Share of the residents sampled in a round")
    interval_days: int = Field(ge=1, le=365, description="Days from one round to the next")
    pool_size: int = Field(default=10, ge=1, le=100, description="People in one tube")
    pool_sensitivity: Share | None = Field(
        default=None,
        description="Share of tubes with one positive that are found; absent: the disease's `dilution`",
    )
    turnaround_days: float = Field(default=1, ge=0, le=30, description="Sample to result, without a queue")


class Laboratory(Effect):
    """What the laboratories finish a day; a unit is a tube."""

    kind: Literal["laboratory"]
    tubes_per_100000: Rate = Field(description="Tubes a day for each 100 000 people")


class ContactTracing(Effect):
    """Contacts of confirmed cases are looked for; a unit is a case traced."""

    kind: Literal["contact_tracing"]
    recall: dict[Setting, Share] = Field(min_length=1, description="Share of contacts found, by setting")
    cases_per_day_per_million: Rate = Field(description="Cases that the teams take on a day")
    clock: Identifier | None = Field(
        default=None, description="Id of the [[clock]] from a case to its contacts' isolation"
    )
    delay_days: float | None = Field(default=None, ge=0, le=30, description="Instead of `clock`")
    other_contacts: dict[Setting, Annotated[float, Field(ge=0, le=1000)]] = Field(
        default_factory=dict, description="Contacts of a case, found too, who could not be infected"
    )
    longest_wait_days: int = Field(default=5, ge=0, le=30, description="Older cases are not traced any more")


class CaseIsolation(Effect):
    """Confirmed cases are kept apart; a unit is a person-day."""

    kind: Literal["case_isolation"]
    share: Share = Field(description="Share of confirmed cases who are kept apart")
    days: float = Field(ge=0, le=60)
    where: Literal["room", "home"] = "home"
    home_leak: dict[Setting, Share] = Field(
        default_factory=dict,
        description="Share of contacts kept at home apart; absent: household 1, community 0.1",
    )
    room_leak: Share = Field(default=0, description="Share of contacts kept in a room, in every setting")


class ContactQuarantine(Effect):
    """Contacts found are kept apart as their [[contact]] schedule says; a unit is a person-day."""

    kind: Literal["contact_quarantine"]
    contact: Identifier = Field(description="Id of the [[contact]] schedule: where, how long, test days")
    share: Share = Field(description="Share of contacts found who are kept apart")


class IsolationRooms(Effect):
    """Central rooms; a unit is a room-day."""

    kind: Literal["isolation_rooms"]
    rooms_per_100000: Rate


class VaccinationSessions(Effect):
    """Doses offered each day; a unit is a dose."""

    kind: Literal["vaccination"]
    doses_per_day_per_1000: Rate = Field(description="For each 1 000 people of the city")
    willing: Share = Field(description="Share of those concerned who would ever come")
    age_from: int = Field(default=0, ge=0, le=130)
    age_to: int = Field(default=130, ge=0, le=130)
    tiers: tuple[Identifier, ...] = Field(default=(), description="Ids of [tiers]; none: everybody")


class Beds(Effect):
    """Beds kept for this disease; a unit is an occupied bed-day."""

    kind: Literal["beds"]
    ward_per_1000: Rate = Field(description="Ward beds for each 1 000 people")
    intensive_care_per_100000: Rate | None = Field(default=None, description="Instead of `reserve`")
    reserve: Identifier | None = Field(
        default=None, description="Id of a [[reserve]] of basis share_of_open_beds: intensive care"
    )
    longest_wait_days: float = Field(default=2, ge=0, le=60, description="Who waits longer is refused")


class Antivirals(Effect):
    """A stock of medicines against the virus, given by the disease's rule of days; a unit is a course."""

    kind: Literal["antivirals"]
    courses_per_1000: Rate | None = Field(default=None, description="Instead of `reserve`")
    reserve: Identifier | None = Field(
        default=None, description="Id of a [[reserve]] of basis share_of_population"
    )
    age_from: int = Field(default=60, ge=0, le=130)


AnyEffect = Annotated[
    ContactReduction
    | Masks
    | StayHomeWhenIll
    | TravelReduction
    | SymptomaticTesting
    | ScreeningRounds
    | Laboratory
    | ContactTracing
    | CaseIsolation
    | ContactQuarantine
    | IsolationRooms
    | VaccinationSessions
    | Beds
    | Antivirals,
    Field(discriminator="kind"),
]


class RehearsalDefaults(Sourced):
    """What a rehearsal of the plan starts from, and how its units report."""

    infections_per_million: Rate = Field(default=20, description="Infected on the first day, unseen")
    imported_per_million_per_day: Rate = Field(default=0, description="Brought in from outside")
    earlier_infection: Share = Field(default=0, description="Share of the people infected before the start")
    months_since_dose: float = Field(default=6, ge=0, le=60, description="Mean, at the start")
    reported_in_time: Share = Field(default=0.93, description="Share of figures that are in by the deadline")
    late_days: float = Field(default=2, ge=0, le=30, description="Mean lateness of the others")
    never_reported: Share = Field(default=0.03, description="Share of reports that never come")
    cases_reported: Share = Field(
        default=1, description="Share of confirmed cases that units put in a report"
    )
