"""The whole plan file."""

from __future__ import annotations

import copy
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from fangxian.plans.schema.basics import Identifier, NonEmpty, Phase, Record, Source, Wording
from fangxian.plans.schema.effects import RehearsalDefaults
from fangxian.plans.schema.reporting import CrossCheck, Form, Indicator, Reporting
from fangxian.plans.schema.response import (
    Clock,
    ContactSchedule,
    Level,
    Measure,
    Reserve,
    RiskArea,
    Target,
    Tiers,
)


def _calendar_date(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("a date is written 2022-06-28")
    return value


CalendarDate = Annotated[date, BeforeValidator(_calendar_date)]


class Identity(Record):
    """Which plan this is."""

    id: Identifier
    version: NonEmpty
    title: Wording
    disease: Identifier = Field(description="Id of a disease file")
    phase: Phase
    timezone: str = Field(default="Asia/Shanghai", description="IANA name; days and deadlines are its own")
    issued_by: Wording | None = None
    valid_from: CalendarDate | None = None
    valid_to: CalendarDate | None = None
    note: Wording | None = None


class Plan(Record):
    """One executable emergency plan, schema version 1.

    The attribute names are plural; the keys in the file are the singular names of its tables.
    """

    schema_version: Literal[1] = Field(alias="schema", description="Version of this format")
    identity: Identity = Field(alias="plan")
    sources: tuple[Source, ...] = Field(default=(), alias="source")
    forms: tuple[Form, ...] = Field(alias="form", min_length=1)
    cross_checks: tuple[CrossCheck, ...] = Field(default=(), alias="cross_check")
    indicators: tuple[Indicator, ...] = Field(default=(), alias="indicator")
    levels: tuple[Level, ...] = Field(default=(), alias="level")
    measures: tuple[Measure, ...] = Field(default=(), alias="measure")
    risk_areas: tuple[RiskArea, ...] = Field(default=(), alias="risk_area")
    clocks: tuple[Clock, ...] = Field(default=(), alias="clock")
    contacts: tuple[ContactSchedule, ...] = Field(default=(), alias="contact")
    tiers: Tiers | None = None
    reserves: tuple[Reserve, ...] = Field(default=(), alias="reserve")
    targets: tuple[Target, ...] = Field(default=(), alias="target")
    rehearsal: RehearsalDefaults | None = None

    @model_validator(mode="before")
    @classmethod
    def _deadlines_in_the_plan_timezone(cls, data: Any) -> Any:  # noqa: ANN401 -- any parsed TOML
        """Give a deadline that names no timezone the plan's."""
        identity = data.get("plan") if isinstance(data, dict) else None
        timezone = identity.get("timezone") if isinstance(identity, dict) else None
        if timezone is None or not isinstance(data.get("form"), list):
            return data
        data = copy.deepcopy(data)
        for form in data["form"]:
            deadline = form.get("deadline") if isinstance(form, dict) else None
            if isinstance(deadline, dict):
                deadline.setdefault("timezone", timezone)
        return data

    @property
    def reporting(self) -> Reporting:
        """Forms, cross-form checks and indicators together."""
        return Reporting.model_construct(
            forms=self.forms, cross_checks=self.cross_checks, indicators=self.indicators
        )

    def form(self, form_id: str) -> Form:
        """Return the form of that id; KeyError if the plan has none."""
        for candidate in self.forms:
            if candidate.id == form_id:
                return candidate
        raise KeyError(form_id)

    def indicator(self, indicator_id: str) -> Indicator:
        """Return the indicator of that id; KeyError if the plan has none."""
        for candidate in self.indicators:
            if candidate.id == indicator_id:
                return candidate
        raise KeyError(indicator_id)

    def source(self, source_id: str) -> Source:
        """Return the source of that id; KeyError if the plan has none."""
        for candidate in self.sources:
            if candidate.id == source_id:
                return candidate
        raise KeyError(source_id)
