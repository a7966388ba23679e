"""What a person may do anywhere, and over which places: one question for the frame of a page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from fangxian.ground.accounts.choices import Action, Role
from fangxian.ground.accounts.models import Grant, User
from fangxian.ground.accounts.rules import ROLE_ACTIONS
from fangxian.ground.places.models import Facility, Place


@dataclass(frozen=True)
class Scope:
    """All actions that a person has somewhere, the roots of her places, highest first, and her own units."""

    actions: frozenset[Action]
    places: tuple[Place, ...]
    units: tuple[Facility, ...]


def scope_of(user: User) -> Scope:
    """Return what the grants in force today add up to."""
    now = timezone.now()
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=now)
    not_ended = Q(valid_to__isnull=True) | Q(valid_to__gt=now)
    grants = list(
        Grant.objects.filter(begun, not_ended, user=user).select_related("place", "facility__place")
    )
    places = {grant.place.pk: grant.place for grant in grants if grant.place is not None}
    units = {grant.facility.pk: grant.facility for grant in grants if grant.facility is not None}
    return Scope(
        frozenset().union(*(ROLE_ACTIONS[Role(grant.role)] for grant in grants)),
        tuple(sorted(places.values(), key=lambda place: (place.level, place.tree_left))),
        tuple(units.values()),
    )
