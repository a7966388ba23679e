"""A report as programs send and receive it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from ninja import Field, Schema

from fangxian.ground.places.models import Facility
from fangxian.reporting.models import Report

Number = int | float


class ReportIn(Schema):
    """What a unit says: ``null`` is declared not known, a field left out is not reported, 0 is zero."""

    values: dict[str, Any] = Field(examples=[{"new_cases": 3, "deaths": 0, "in_hospital": None}])
    zero_declared: bool = False
    expected_revision: int | None = Field(
        default=None, description="The revision that was looked at; absent when nothing was there"
    )
    reason: str = Field(
        default="", max_length=200, description="Why it is corrected; needed for a correction"
    )
    confirmed_warnings: bool = Field(default=False, description="The warnings of the plan were looked at")


class ZeroIn(Schema):
    """A zero report in one tap."""

    expected_revision: int | None = None
    reason: str = Field(default="", max_length=200)
    confirmed_warnings: bool = Field(default=False, description="The warnings of the plan were looked at")


class RevisionOut(Schema):
    """One revision: what was said, when, by whom, and why it was corrected."""

    revision: int
    is_current: bool
    values: dict[str, Number | None]
    zero_declared: bool
    late: bool
    reported_at: datetime
    entered_at: datetime
    entered_by: str
    channel: str
    reason: str
    synthetic: bool

    @staticmethod
    def resolve_entered_by(report: Report) -> str:
        """Return the person's name as shown on the pages."""
        return report.entered_by.display_name


class ReportOut(Schema):
    """A unit's report on a form about a day; ``revision`` is absent where there is none."""

    unit: str
    form: str
    day: date
    revision: int | None
    values: dict[str, Number | None] | None
    revisions: list[RevisionOut]


def report_out(unit: Facility, form: str, day: date, revisions: Sequence[Report]) -> dict[str, Any]:
    """Return a report with its revisions, the original first."""
    current = revisions[-1] if revisions else None
    return {
        "unit": unit.code,
        "form": form,
        "day": day,
        "revision": current.revision if current else None,
        "values": current.values if current else None,
        "revisions": list(revisions),
    }
