"""Figures that contradict each other, side by side, with the rule in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.places.models import Place
from fangxian.plans.schema import Check, Plan, Wording
from fangxian.reporting.models import Contradiction
from fangxian.reporting.rules import Number
from fangxian.reporting.selectors.plans import plan_at
from fangxian.reporting.selectors.units import permit


@dataclass(frozen=True)
class ComparedFigure:
    """One side of a contradiction: which form and field, in words, and its value."""

    key: str
    form: Wording | None
    field: Wording | None
    previous: bool
    value: Number | None


@dataclass(frozen=True)
class OpenContradiction:
    """One rule that does not hold, about a unit or about the totals of a place."""

    check_id: str
    rule: str
    message: Wording
    severity: str
    place_code: str
    place_name: str
    unit_code: str | None
    unit_name: str | None
    day: date
    found_at: datetime
    figures: tuple[ComparedFigure, ...]


def count_contradictions(place: Place, day: date) -> int:
    """Return how much contradicts itself in a place on a day."""
    return Contradiction.objects.filter(
        day=day, resolved_at__isnull=True, place__tree_left__range=(place.tree_left, place.tree_right)
    ).count()


def open_contradictions(viewer: User | None, place: Place, day: date) -> list[OpenContradiction]:
    """Return what contradicts itself in a place on a day, in tree order."""
    permit(viewer, Action.VIEW_REPORTS, place=place)
    plan = plan_at(place, day)
    checks: dict[str, Check] = {check.id: check for check in plan.cross_checks}
    rows = (
        Contradiction.objects.filter(
            day=day,
            resolved_at__isnull=True,
            place__tree_left__range=(place.tree_left, place.tree_right),
        )
        .select_related("place", "unit")
        .order_by("place__tree_left", "unit__code", "check_id")
    )
    return [_opened(row, plan, checks.get(row.check_id)) for row in rows]


def _opened(row: Contradiction, plan: Plan, check: Check | None) -> OpenContradiction:
    return OpenContradiction(
        check_id=row.check_id,
        rule=check.rule if check else "",
        message=check.message if check else Wording(zh=row.check_id, en=row.check_id),
        severity=row.severity,
        place_code=row.place.code,
        place_name=row.place.name,
        unit_code=row.unit.code if row.unit else None,
        unit_name=row.unit.name if row.unit else None,
        day=row.day,
        found_at=row.found_at,
        figures=_figures(row.figures, plan),
    )


def _figures(figures: Mapping[str, Number | None], plan: Plan) -> tuple[ComparedFigure, ...]:
    return tuple(_figure(key, value, plan) for key, value in figures.items())


def _figure(key: str, value: Number | None, plan: Plan) -> ComparedFigure:
    bare = key.removeprefix("previous(").removesuffix(")")
    name, _, field_id = bare.partition(".")
    form = next((one for one in plan.forms if one.id.replace("-", "_") == name), None)
    field = next((one for one in form.fields if one.id == field_id), None) if form else None
    return ComparedFigure(
        key, form.title if form else None, field.label if field else None, bare != key, value
    )
