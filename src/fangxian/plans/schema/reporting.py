"""What a plan says about reports: who owes which numbers by when, and which rules they must keep."""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from fangxian.plans.schema.basics import (
    FieldIdentifier,
    Identifier,
    NonEmpty,
    Record,
    Sourced,
    Wording,
)


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


class ReportField(Sourced):
    """One number of a form."""

    id: FieldIdentifier
    label: Wording
    unit: NonEmpty = Field(description="What one is, in words: person, bed, test, dose, day")
    kind: FieldKind
    required: bool = Field(default=True, description="A report without it is refused")
    aggregation: Aggregation = Field(
        default=Aggregation.SUM, description="How it adds up over the units of a place"
    )
    minimum: float = Field(default=0, description="A value below is refused")
    maximum: float | None = Field(default=None, description="A value above is refused")
    integer: bool = Field(default=True, description="Only whole numbers")
    zero_by_declaration: bool = Field(
        default=True, description="Set to 0 when the unit declares a zero report in one tap"
    )
    note: Wording | None = Field(default=None, description="Help shown beside the field")


class Check(Record):
    """A rule that must hold, written as a safe expression over the fields of a report.

    Names in ``rule`` are field ids of the form; ``other-form.field`` (in a cross-form check) is written
    ``other_form.field`` with hyphens as underscores; ``previous(field)`` is the value of the day before.
    A rule over an absent value is not decided and never fails.
    """

    id: Identifier
    rule: NonEmpty
    severity: Literal["error", "warning"] = Field(
        default="warning", description="error refuses the report, warning asks for confirmation"
    )
    message: Wording = Field(description="What is wrong when the rule does not hold")
    source: Identifier | None = None


class CrossCheck(Check):
    """A rule over several forms of one day, e.g. a laboratory's positives against hospitals' cases.

    With scope ``place`` the names stand for the totals of a place that day; with scope ``unit`` for the
    reports of one unit that owes all forms named.
    """

    scope: Literal["place", "unit"] = Field(
        default="place", description="place: totals of a place; unit: forms of the same unit"
    )


class Reporters(Record):
    """Which units owe a form: facilities of these kinds (codes of the facility registry)."""

    facility_kinds: tuple[str, ...] = Field(min_length=1)
    grades: tuple[str, ...] = Field(default=(), description="Only these hospital grades; empty: all")


def _clock_time(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("a time of day is written 17:00:00 or '17:00'")
    return value


ClockTime = Annotated[time, BeforeValidator(_clock_time)]


class Deadline(Sourced):
    """When a report is late: at ``time`` local time, ``days_after`` the day it is about.

    17:00 with ``days_after = 1``: the report about 1 March, which covers the day to 24:00, is due on
    2 March at 17:00.
    """

    time: ClockTime
    days_after: int = Field(default=1, ge=0, le=31)
    timezone: str = Field(default="Asia/Shanghai", description="IANA name; absent: the plan's")


class Form(Record):
    """A daily form: who owes it, by when, which numbers, which rules."""

    id: Identifier
    title: Wording
    note: Wording | None = Field(default=None, description="Help shown above the form")
    reporters: Reporters
    deadline: Deadline
    fields: tuple[ReportField, ...] = Field(alias="field", min_length=1)
    checks: tuple[Check, ...] = Field(default=(), alias="check")

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
    unit: NonEmpty
    sources: tuple[str, ...] = Field(default=(), description="form-id.field_id, the first owed is used")
    numerator: FieldIdentifier | None = None
    denominator: FieldIdentifier | None = None


class Reporting(Record):
    """All that the plan says about reports."""

    forms: tuple[Form, ...] = Field(min_length=1)
    cross_checks: tuple[CrossCheck, ...] = ()
    indicators: tuple[Indicator, ...] = ()
