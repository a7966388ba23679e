"""One object that answers "may she?" and "who may?"."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import Grant, User
from fangxian.ground.accounts.rules import ROLE_ACTIONS, Decision
from fangxian.ground.places.models import Facility, Place


class PermissionPolicy:
    """Grants of a user, read once per question; a scope is a subtree of places or one facility."""

    def may(
        self,
        user: User,
        action: Action,
        *,
        place: Place | None = None,
        facility: Facility | None = None,
        at: datetime | None = None,
    ) -> Decision:
        """Say whether the user may do this here; without place or facility: anywhere at all."""
        grants = self._grants(user, action, at)
        if facility is not None:
            place = facility.place
        for grant in grants:
            if place is None:
                return Decision(True, "", "")
            if facility is not None and grant.facility_id == facility.pk:
                return Decision(True, "", "")
            scope = grant.place
            if scope is not None and scope.tree_left <= place.tree_left <= scope.tree_right:
                return Decision(True, "", "")
        where = facility or place
        return Decision(
            False,
            f"您的角色和范围不允许:{action.label}({where or ''})",
            f"Your role and scope do not allow: {action.value} at {where or 'any place'}",
        )

    def who_may(
        self, action: Action, *, place: Place, facility: Facility | None = None, at: datetime | None = None
    ) -> QuerySet[User]:
        """Return the active users who may do this at a place (or facility)."""
        roles = [role.value for role, actions in ROLE_ACTIONS.items() if action in actions]
        scope = Q(place__tree_left__lte=place.tree_left, place__tree_right__gte=place.tree_left)
        if facility is not None:
            scope |= Q(facility=facility)
        grants = Grant.objects.filter(_in_force(at)).filter(scope, role__in=roles)
        return User.objects.filter(is_active=True, grants__in=grants).distinct()

    def places(self, user: User, action: Action, *, at: datetime | None = None) -> list[Place]:
        """Return the roots of the subtrees in which the user may do this, highest first."""
        grants = [grant for grant in self._grants(user, action, at) if grant.place is not None]
        return sorted((grant.place for grant in grants), key=lambda place: place.tree_left)

    def units(self, user: User, action: Action, *, at: datetime | None = None) -> QuerySet[Facility]:
        """Return the facilities at which the user may do this."""
        wanted = Q(pk__in=[])
        for grant in self._grants(user, action, at):
            if grant.place is not None:
                wanted |= Q(place__tree_left__range=(grant.place.tree_left, grant.place.tree_right))
            else:
                wanted |= Q(pk=grant.facility_id)
        return Facility.objects.filter(wanted)

    def _grants(self, user: User, action: Action, at: datetime | None) -> list[Grant]:
        if not user.is_authenticated or not user.is_active:
            return []
        roles = [role.value for role, actions in ROLE_ACTIONS.items() if action in actions]
        grants = Grant.objects.filter(_in_force(at), user=user, role__in=roles)
        return list(grants.select_related("place", "facility__place"))


def _in_force(at: datetime | None) -> Q:
    now = at or timezone.now()
    return (Q(valid_from__isnull=True) | Q(valid_from__lte=now)) & (
        Q(valid_to__isnull=True) | Q(valid_to__gt=now)
    )


policy = PermissionPolicy()
