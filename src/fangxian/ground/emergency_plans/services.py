"""Putting an emergency plan in force."""

from __future__ import annotations

import hashlib
from datetime import date

from django.db import transaction
from django.db.models import Min, Q

from fangxian.base.errors import InvalidPlan
from fangxian.ground.accounts.models import User
from fangxian.ground.audit.services import record_event
from fangxian.ground.emergency_plans.models import PlanEdition, PlanInForce
from fangxian.ground.emergency_plans.rules import outside_validity
from fangxian.ground.places.models import Place
from fangxian.plans.loader import load_plan
from fangxian.plans.schema import Plan


@transaction.atomic
def put_in_force(*, actor: User | None, place: Place, text: str, valid_from: date) -> PlanInForce:
    """Let a plan hold at a place and below it from a day on; the plan before it ends on that day.

    A plan with mistakes is refused with all of them. The same text for the same place and day changes
    nothing. ``actor=None`` is the system itself.
    """
    plan = load_plan(text)
    expired = outside_validity(plan, valid_from)
    if expired is not None:
        raise InvalidPlan(expired.message, expired.remedy, {"valid_from": valid_from.isoformat()}, (expired,))
    Place.objects.select_for_update().get(pk=place.pk)
    edition = _edition(plan, text)
    at_place = PlanInForce.objects.filter(place=place)
    standing = at_place.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from), edition=edition, valid_from=valid_from
    ).first()
    if standing is not None:
        return standing
    following = at_place.filter(valid_from__gt=valid_from).aggregate(first=Min("valid_from"))["first"]
    at_place.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from), valid_from__lte=valid_from).update(
        valid_to=valid_from
    )
    in_force = PlanInForce.objects.create(
        edition=edition, place=place, valid_from=valid_from, valid_to=following, decided_by=actor
    )
    record_event(
        actor=actor,
        code="plans.put_in_force",
        place_code=place.code,
        subject=("plan_in_force", str(in_force.pk)),
        detail={
            "plan": edition.plan_id,
            "version": edition.version,
            "sha256": edition.sha256,
            "valid_from": valid_from.isoformat(),
        },
    )
    return in_force


def _edition(plan: Plan, text: str) -> PlanEdition:
    digest = hashlib.sha256(text.encode()).hexdigest()
    edition, _ = PlanEdition.objects.get_or_create(
        sha256=digest,
        defaults={"plan_id": plan.identity.id, "version": plan.identity.version, "text": text},
    )
    return edition
