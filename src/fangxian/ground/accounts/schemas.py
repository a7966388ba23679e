"""What the API says about an account."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema


class HeldRole(Schema):
    """One role in force, where and until when."""

    role: str
    role_zh: str
    role_en: str
    place: str | None
    facility: str | None
    name: str
    valid_from: datetime | None
    valid_to: datetime | None


class Me(Schema):
    """The account that asks."""

    username: str
    name: str
    home: str | None
    second_factor: bool
    roles: list[HeldRole]
    actions: list[str]
