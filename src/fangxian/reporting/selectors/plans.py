"""The forms that hold at a place on a day, from the emergency plan in force there."""

from __future__ import annotations

from datetime import date

import polars as pl

from fangxian.base.errors import NotFound
from fangxian.ground.emergency_plans.models import PlanEdition, PlanInForce
from fangxian.ground.emergency_plans.selectors import plan_in_force, plan_of_edition
from fangxian.ground.places.models import Place
from fangxian.plans.schema import Aggregation, Form, Plan


def plan_at(place: Place, day: date) -> Plan:
    """Return the plan in force at a place on a day."""
    return plan_in_force(place, day)


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
                "zh": "可用表单：" + "、".join(form.id for form in plan.forms),
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
        for sha256 in PlanEdition.objects.values_list("sha256", flat=True)
        for form in plan_of_edition(sha256).forms
        if form.id == form_id
        for field in form.fields
        if field.aggregation is Aggregation.MAX
    )


def edition_column(rows: pl.DataFrame) -> pl.Series:
    """Return for many places (``_left``) and days the edition in force, by its SHA-256.

    The same order as for one place: the nearest place above decides, then the latest start.
    """
    chosen = pl.lit(None, dtype=pl.String)
    in_force = PlanInForce.objects.order_by("place__tree_left", "valid_from", "pk").values_list(
        "edition__sha256", "place__tree_left", "place__tree_right", "valid_from", "valid_to"
    )
    for sha256, left, right, first, until in in_force:
        holds = pl.col("_left").is_between(left, right) & (pl.col("day") >= first)
        if until is not None:
            holds &= pl.col("day") < until
        chosen = pl.when(holds).then(pl.lit(sha256)).otherwise(chosen)
    return rows.select(chosen.alias("_edition")).to_series()
