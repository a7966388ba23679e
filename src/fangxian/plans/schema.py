"""The executable emergency plan, schema version 1: what a plan file may say.

One versioned TOML file that a health official can read and edit; the live system and the simulator read the
same file (law 1). Reporting is complete here; levels, measures, clocks, contacts, tiers and reserves are
typed and minimal, and are filled by later work.
"""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]
FieldIdentifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,47}$")]


class Record(BaseModel):
    """A frozen record that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Wording(Record):
    """One text in Chinese and in English."""

    zh: str
    en: str


class Source(Record):
    """Where a value comes from."""

    id: Identifier
    title: str
    url: str | None = None
    date: str | None = None
    note: str | None = None


class Status(StrEnum):
    """How far a value can be trusted."""

    REGULATION = "regulation"  # printed in a rule in force
    SECOND_HAND = "second-hand"  # quoted from a secondary page
    DEFAULT = "default"  # a working value; no source was found


class Phase(StrEnum):
    """Phase of prevention and control."""

    CONTAINMENT = "containment"  # 围堵: find, trace, test, transfer, isolate
    MITIGATION = "mitigation"  # 保健康、防重症
    SEASONAL = "seasonal"  # routine surveillance of a seasonal disease


class FieldKind(StrEnum):
    """What a reported number counts."""

    DAILY_COUNT = "daily_count"  # events between two midnights
    STOCK = "stock"  # how many at a stated time
    CUMULATIVE = "cumulative"  # events since the series began; never falls


class Aggregation(StrEnum):
    """How a field adds up over the units of a place."""

    SUM = "sum"
    MAX = "max"
    MEAN = "mean"  # over the units that reported it
    NONE = "none"  # is not added up


class ReportField(Record):
    """One number of a form."""

    id: FieldIdentifier
    label: Wording
    unit: str = Field(description="What one is, in words: person, bed, test, dose, day")
    kind: FieldKind
    required: bool = True
    aggregation: Aggregation = Aggregation.SUM
    minimum: float = 0
    maximum: float | None = Field(default=None, description="A value above is refused")
    integer: bool = True
    zero_by_declaration: bool = Field(
        default=True, description="Set to 0 when the unit declares a zero report in one tap"
    )
    note: Wording | None = None
    source: str | None = None
    status: Status = Status.DEFAULT


class Check(Record):
    """A rule that must hold, written as a safe expression over the fields of a report.

    Names in ``rule`` are field ids of the form; ``other-form.field`` (in a cross-form check) is written
    ``other_form.field`` with hyphens as underscores; ``previous(field)`` is the value of the day before.
    A rule over an absent value is not decided and never fails.
    """

    id: Identifier
    rule: str
    severity: Literal["error", "warning"] = "warning"
    message: Wording
    source: str | None = None


class Reporters(Record):
    """Which units owe a form: facilities of these kinds (codes of the facility registry)."""

    facility_kinds: tuple[str, ...] = Field(min_length=1)
    grades: tuple[str, ...] = ()


class Deadline(Record):
    """When a report is late: at ``time`` local time, ``days_after`` the day it is about."""

    time: time
    days_after: int = Field(default=1, ge=0, le=31)
    timezone: str = "Asia/Shanghai"
    source: str | None = None
    status: Status = Status.DEFAULT


class Form(Record):
    """A daily form: who owes it, by when, which numbers, which rules."""

    id: Identifier
    title: Wording
    reporters: Reporters
    deadline: Deadline
    fields: tuple[ReportField, ...] = Field(min_length=1)
    checks: tuple[Check, ...] = ()

    def field(self, field_id: str) -> ReportField:
        """Return the field of that id; KeyError if the form has none."""
        for candidate in self.fields:
            if candidate.id == field_id:
                return candidate
        raise KeyError(field_id)


class Indicator(Record):
    """A figure of the brief: a field of a form, or a ratio of two other indicators.

    ``sources`` lists ``form-id.field_id`` in order; in a place, the first form that any unit owes is used,
    never a sum of several, so that one person is not counted twice.
    """

    id: FieldIdentifier
    label: Wording
    unit: str
    sources: tuple[str, ...] = ()
    numerator: FieldIdentifier | None = None
    denominator: FieldIdentifier | None = None


class Reporting(Record):
    """All that the plan says about reports."""

    forms: tuple[Form, ...] = Field(min_length=1)
    cross_checks: tuple[Check, ...] = ()
    indicators: tuple[Indicator, ...] = ()


class Identity(Record):
    """Which plan this is."""

    id: Identifier
    version: str
    title: Wording
    disease: Identifier
    phase: Phase
    issued_by: Wording | None = None
    valid_from: date | None = None
    valid_to: date | None = None
