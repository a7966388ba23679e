"""A disease and variant: how it passes on, how it runs, who is protected, when a test finds it.

Only the serial interval is required: the brief needs no more. A rehearsal needs the rest, and every number
of it has a unit, a range, a source and a status.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fangxian.plans.schema.basics import Identifier, NonEmpty, Record, Source, Sourced, Wording

Doi = Annotated[str, Field(pattern=r"^10\.\d{4,9}/\S+$")]
ImmuneState = Literal["partial", "full", "boosted", "infection"]
TestKind = Literal["pcr", "antigen"]


class Paper(Source):
    """A paper that a disease file takes values from."""

    doi: Doi | None = None


class SerialInterval(Sourced):
    """Days between the onset of a case and of the one that it infected, discretised by the science."""

    mean_days: float = Field(gt=0, le=365)
    sd_days: float = Field(gt=0, le=365)
    low_days: float | None = Field(default=None, gt=0, description="Range of the mean")
    high_days: float | None = Field(default=None, gt=0)
    doi: Doi
    population: Wording | None = Field(default=None, description="In whom it was measured")
    note: Wording | None = None


class Quantity(Sourced):
    """One number with its unit and the range that its source gives."""

    value: float = Field(ge=0)
    unit: Literal["person", "share", "ratio", "day", "course"] = Field(description="What one is")
    low: float | None = Field(default=None, ge=0)
    high: float | None = Field(default=None, ge=0)
    note: Wording | None = None


class Duration(Sourced):
    """A span of time that differs from person to person."""

    distribution: Literal["gamma", "lognormal", "weibull"] = "gamma"
    mean_days: float = Field(gt=0, le=365)
    sd_days: float = Field(gt=0, le=365)
    low_days: float | None = Field(default=None, gt=0, description="Range of the mean")
    high_days: float | None = Field(default=None, gt=0)
    note: Wording | None = None


class ByAge(Sourced):
    """One number for each age group; a group runs from its age to the next."""

    unit: Literal["share", "ratio"]
    age_from: tuple[int, ...] = Field(min_length=1, description="Whole years, rising, the first 0")
    values: tuple[float, ...] = Field(min_length=1, description="One for each age group")
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    note: Wording | None = None


class Transmission(Record):
    """How an infection passes on where nobody is immune and nothing is done."""

    reproduction_number: Quantity = Field(description="Infections caused by one, in unit person")
    latent_period: Duration = Field(description="From being infected to being infectious")
    infectiousness: Duration = Field(description="From becoming infectious to each infection passed on")
    incubation_period: Duration = Field(description="From being infected to the first symptom")
    asymptomatic_infectiousness: Quantity = Field(description="Beside that of a person with symptoms")
    dispersion: Quantity | None = Field(
        default=None, description="k of the negative binomial; small: few people infect most"
    )
    susceptibility: ByAge | None = Field(default=None, description="Ratio by age; absent: 1 for all")


class Course(Record):
    """What becomes of an infection, as shares of all infected of an age without any immunity."""

    symptomatic: ByAge
    severe: ByAge = Field(description="Need a hospital bed")
    critical: ByAge = Field(description="Need intensive care; part of the severe")
    dying: ByAge = Field(description="Die although every bed is found; part of the severe")
    deaths_in_intensive_care: Quantity = Field(description="Share of those deaths that intensive care sees")
    stable_disease: Quantity = Field(
        description="How often a person with a stable underlying disease is severe, beside one without"
    )
    unstable_disease: Quantity = Field(description="The same for an unstable underlying disease")
    death_without_ward: Quantity = Field(description="Share of the severe who die where no ward bed is found")
    death_without_intensive_care: Quantity = Field(
        description="Share of the critical who die where no intensive-care bed is found"
    )


class Stays(Record):
    """How long patients wait and lie."""

    onset_to_admission: Duration
    ward: Duration = Field(description="Of patients who need no intensive care")
    admission_to_intensive_care: Duration
    intensive_care: Duration
    symptoms: Duration = Field(description="Of those who stay at home")


class Protection(Record):
    """What a vaccine or an earlier infection prevents, when it is fresh, and how it wanes."""

    state: ImmuneState = Field(description="`partial`, `full` or `boosted` vaccination, or an `infection`")
    infection: Quantity = Field(description="Share of infections prevented")
    severe: Quantity = Field(description="Share of severe disease prevented, infections prevented included")
    death: Quantity = Field(description="Share of deaths prevented, infections prevented included")
    half_life: Quantity = Field(description="Days after which half of the protection from infection is left")
    severe_half_life: Quantity = Field(description="The same of the protection from severe disease and death")


class Sensitivity(Sourced):
    """How likely a test is to find an infection, by whole days since infection."""

    kind: TestKind
    by_day: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field(
        min_length=2, alias="share", description="On day 0, 1, 2, …; later days as the last"
    )
    low: tuple[Annotated[float, Field(ge=0, le=1)], ...] = ()
    high: tuple[Annotated[float, Field(ge=0, le=1)], ...] = ()
    false_positive: Quantity | None = Field(
        default=None, description="Share of the uninfected found positive; told, not simulated"
    )
    dilution: Quantity | None = Field(
        default=None,
        description="A tube of n samples, m of them positive, is found with (n / m) to the minus this",
    )
    note: Wording | None = None


class Antiviral(Record):
    """What a medicine against the virus does when it is begun in time."""

    severe_prevented: Quantity = Field(description="Share of severe disease prevented")
    death_prevented: Quantity = Field(description="Share of deaths prevented, severe disease included")
    transmission_prevented: Quantity | None = Field(
        default=None, description="Share of infections passed on after its start that are prevented"
    )
    within: Quantity = Field(description="Days after the first symptom by which it must begin")


class DiseaseFile(Record):
    """One disease and variant: its names, and the parameters that brief and rehearsal read."""

    schema_version: Literal[1] = Field(alias="schema")
    id: Identifier
    former_ids: tuple[Identifier, ...] = Field(default=(), description="Ids that plans may still name")
    name: Wording
    pathogen: NonEmpty
    sources: tuple[Paper, ...] = Field(default=(), alias="source")
    serial_interval: SerialInterval
    transmission: Transmission | None = None
    course: Course | None = None
    stays: Stays | None = Field(default=None, alias="stay")
    protections: tuple[Protection, ...] = Field(default=(), alias="protection")
    tests: tuple[Sensitivity, ...] = Field(default=(), alias="test")
    antiviral: Antiviral | None = None
