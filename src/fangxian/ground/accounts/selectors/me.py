"""One's own account, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from fangxian.ground.accounts.choices import Action, Role
from fangxian.ground.accounts.models import Grant, User
from fangxian.ground.accounts.rules import ROLES
from fangxian.ground.accounts.selectors.people import second_factor_people
from fangxian.ground.accounts.selectors.policy import policy, scope_of


@dataclass(frozen=True)
class HeldRole:
    """One role in force, where and until when."""

    role: str
    role_zh: str
    role_en: str
    place: str | None
    facility: str | None
    name: str
    valid_from: datetime | None
    valid_to: datetime | None


@dataclass(frozen=True)
class Account:
    """The account of a person as she and her programs see it."""

    username: str
    name: str
    home: str | None
    second_factor: bool
    roles: list[HeldRole]
    actions: list[str]


def describe(user: User) -> Account:
    """Return an account with the roles in force and everything that they allow."""
    now = timezone.now()
    held = [grant for grant in policy.grants(user) if scope_of(grant).in_force(now)]
    return Account(
        username=user.username,
        name=user.display_name,
        home=user.home.code if user.home is not None else None,
        second_factor=user.pk in second_factor_people([user]),
        roles=[_held(grant) for grant in held],
        actions=[action.value for action in Action if policy.may(user, action).allowed],
    )


def _held(grant: Grant) -> HeldRole:
    rule = ROLES[Role(grant.role)]
    return HeldRole(
        role=grant.role,
        role_zh=rule.zh,
        role_en=rule.en,
        place=grant.place.code if grant.place is not None else None,
        facility=grant.facility.code if grant.facility is not None else None,
        name=grant.where.name,
        valid_from=grant.valid_from,
        valid_to=grant.valid_to,
    )
