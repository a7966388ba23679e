"""The forms that hold at a place on a day, from the emergency plan in force there."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.db.models import Q

from fangxian.base.errors import NotFound
from fangxian.ground.emergency_plans.models import PlanEdition, PlanInForce
from fangxian.ground.places.models import Place
from fangxian.plans.loader import load_plan
from fangxian.plans.schema import Aggregation, Form, Plan


def plan_at(place: Place, day: date) -> Plan:
    """Return the plan in force at a place on a day."""
    in_force = (
        PlanInForce.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day),
            valid_from__lte=day,
            place__tree_left__lte=place.tree_left,
            place__tree_right__gte=place.tree_left,
        )
        .order_by("-place__tree_left", "-valid_from", "-pk")
        .values_list("edition_id", "edition__sha256")
        .first()
    )
    if in_force is None:
        raise NotFound(
            {
                "zh": f"{place.name}在 {day} 没有生效的应急预案。",
                "en": f"No emergency plan is in force at {place.code} on {day}.",
            },
            {
                "zh": "请先使一份预案在该地生效。",
                "en": "Put a plan in force there first.",
            },
            {"place": place.code, "day": day.isoformat()},
        )
    return _read(*in_force)


@lru_cache(maxsize=64)
def _read(edition_id: int, sha256: str) -> Plan:
    return load_plan(PlanEdition.objects.values_list("text", flat=True).get(pk=edition_id, sha256=sha256))


def form_of(plan: Plan, form_id: str) -> Form:
    """Return a form of a plan by its id."""
    try:
        return plan.form(form_id)
    except KeyError:
        raise NotFound(
            {
                "zh": f"现行预案没有名为 {form_id} 的表单。",
                "en": f"The plan in force has no form named {form_id}.",
            },
            {
                "zh": "可用表单:" + "、".join(form.id for form in plan.forms),
                "en": "Its forms are: " + ", ".join(form.id for form in plan.forms),
            },
            {"form": form_id},
        ) from None


def form_at(place: Place, form_id: str, day: date) -> Form:
    """Return a form as it holds at a place on a day."""
    return form_of(plan_at(place, day), form_id)


def peak_fields(form_id: str) -> frozenset[str]:
    """Return the fields of a form that some edition combines by maximum."""
    return frozenset(
        field.id
        for edition in PlanEdition.objects.values_list("pk", "sha256")
        for form in _read(*edition).forms
        if form.id == form_id
        for field in form.fields
        if field.aggregation is Aggregation.MAX
    )
