"""What the API says about the trail."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Field, Schema


class EventOut(Schema):
    """One event with its place in the chain."""

    sequence: int
    at: datetime
    actor: str = Field(alias="actor_name")
    code: str
    place: str = Field(alias="place_code")
    object_kind: str
    object_id: str
    detail: dict[str, Any]
    previous_hash: str
    hash: str


class TrailQuery(Schema):
    """How the trail is narrowed; ``before`` is the last sequence of the page before."""

    person: str = ""
    code: str = ""
    place: str = ""
    day: date | None = None
    before: int | None = None
    limit: int = Field(50, ge=1, le=500)
