"""What the API says about plans."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema


class PlanIn(Schema):
    """A plan to be put in force."""

    text: str
    valid_from: date


class InForceOut(Schema):
    """By which decision a plan holds at a place."""

    place: str
    plan_id: str
    version: str
    sha256: str
    valid_from: date
    valid_to: date | None
    decided_at: datetime


class PlanOut(Schema):
    """The plan that holds at a place, with the keys of its file."""

    in_force: InForceOut
    plan: dict[str, Any]
