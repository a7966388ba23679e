"""One object that answers "may she?" and "who may?"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from fangxian.ground.accounts.choices import Action, Role
from fangxian.ground.accounts.models import Grant, User
from fangxian.ground.accounts.rules import (
    FOR_EVERYBODY,
    REACHES_UPWARD,
    ROLE_ACTIONS,
    Decision,
    Scope,
    Target,
    decide,
    roles_with,
)
from fangxian.ground.places.models import Facility, Place

KEPT = "_grants_of_this_request"


class PermissionPolicy:
    """Grants turned into decisions; a scope is a subtree of places or one facility."""

    def may(
        self,
        user: User | AnonymousUser,
        action: Action,
        *,
        place: Place | None = None,
        facility: Facility | None = None,
        at: datetime | None = None,
    ) -> Decision:
        """Say whether the user may do this here; without place or facility: anywhere at all."""
        if not user.is_authenticated:
            return Decision(False, "尚未登录。", "Not signed in.")
        if not user.is_active:
            return Decision(False, "此账号已停用。", "This account is closed.")
        scopes = [] if action in FOR_EVERYBODY else [scope_of(grant) for grant in self.grants(user)]
        return decide(scopes, action, target_of(place, facility), at or timezone.now())

    def who_may(
        self,
        action: Action,
        *,
        place: Place | None = None,
        facility: Facility | None = None,
        at: datetime | None = None,
    ) -> QuerySet[User]:
        """Return the active users who may do this at a place or facility (or anywhere at all)."""
        people = User.objects.filter(is_active=True).order_by("username")
        if action in FOR_EVERYBODY:
            return people
        grants = Grant.objects.filter(_in_force(at or timezone.now()), role__in=roles_with(action))
        where = facility.place if facility is not None else place
        if where is not None:
            reach = Q(place__tree_left__lte=where.tree_left, place__tree_right__gte=where.tree_left)
            if facility is not None:
                reach |= Q(facility=facility)
            if action in REACHES_UPWARD:
                inside = (where.tree_left, where.tree_right)
                reach |= Q(place__tree_left__range=inside) | Q(facility__place__tree_left__range=inside)
            grants = grants.filter(reach)
        return people.filter(pk__in=grants.values("user"))

    def places(self, user: User, action: Action, *, at: datetime | None = None) -> list[Place]:
        """Return the roots of the subtrees in which the user may do this; none lies inside another."""
        roots = [grant.place for grant in self._able(user, action, at) if grant.place is not None]
        roots.sort(key=lambda place: (place.tree_left, -place.tree_right))
        kept: list[Place] = []
        for place in roots:
            if not kept or place.tree_left > kept[-1].tree_right:
                kept.append(place)
        return kept

    def units(self, user: User, action: Action, *, at: datetime | None = None) -> QuerySet[Facility]:
        """Return the facilities at which the user may do this."""
        wanted = Q(pk__in=[])
        for grant in self._able(user, action, at):
            if grant.place is not None:
                wanted |= Q(place__tree_left__range=(grant.place.tree_left, grant.place.tree_right))
            else:
                wanted |= Q(pk=grant.facility_id)
        return Facility.objects.filter(wanted)

    def remember(self, user: User) -> None:
        """Let this user object, which lives as long as one request, keep its grants once they are read."""
        setattr(user, KEPT, None)

    def grants(self, user: User) -> Sequence[Grant]:
        """Return all grants of the user, whether in force or not; read once a request."""
        kept = getattr(user, KEPT, None)
        if kept is None:
            kept = list(
                Grant.objects.filter(user_id=user.pk)
                .select_related("place", "facility__place", "post")
                .order_by("place__tree_left", "pk")
            )
            if hasattr(user, KEPT):
                setattr(user, KEPT, kept)
        return kept

    def _able(self, user: User, action: Action, at: datetime | None) -> list[Grant]:
        if not user.is_authenticated or not user.is_active:
            return []
        moment = at or timezone.now()
        return [
            grant
            for grant in self.grants(user)
            if action in ROLE_ACTIONS[Role(grant.role)] and scope_of(grant).in_force(moment)
        ]


def scope_of(grant: Grant) -> Scope:
    """Return a grant as the rules see it."""
    root = grant.root
    return Scope(
        Role(grant.role),
        str(grant.where),
        root.tree_left,
        root.tree_right,
        grant.facility_id,
        grant.valid_from,
        grant.valid_to,
    )


def target_of(place: Place | None, facility: Facility | None) -> Target | None:
    """Return where something is to be done as the rules see it."""
    if facility is not None:
        return Target(str(facility), facility.place.tree_left, facility.place.tree_right, facility.pk)
    if place is not None:
        return Target(str(place), place.tree_left, place.tree_right)
    return None


def _in_force(at: datetime) -> Q:
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=at)
    return begun & (Q(valid_to__isnull=True) | Q(valid_to__gt=at))


policy = PermissionPolicy()
