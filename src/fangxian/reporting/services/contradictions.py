"""Opening and resolving contradictions: decided again whenever a figure changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fangxian.ground.places.models import Facility, Place
from fangxian.plans.expressions import compile_rule
from fangxian.plans.schema import CrossCheck, Form, Plan
from fangxian.reporting.models import Contradiction
from fangxian.reporting.rules import Number
from fangxian.reporting.rules.checks import broken_cross, cross_forms
from fangxian.reporting.selectors.crosscheck import PlaceFigures, checked_place, unit_figures

Figures = dict[str, Number | None]


@dataclass(frozen=True)
class Subject:
    """What a contradiction is about: a unit, or the totals of a place, on a day."""

    place_id: int
    unit_id: int | None
    day: date


@dataclass(frozen=True)
class Decision:
    """What a cross-form rule says about one subject: broken, or not (kept, or not decided)."""

    subject: Subject
    check: CrossCheck
    figures: Figures
    broken: bool


def review_unit(*, unit: Facility, plan: Plan, form: Form, day: date, now: datetime) -> None:
    """Decide again the cross-form rules that a report of one unit touches."""
    checks = touching(plan, form)
    if not checks:
        return
    days = [day, day + timedelta(days=1)] if looks_back(checks) else [day]
    decisions: list[Decision] = []
    own = [check for check in checks if check.scope == "unit"]
    if own:
        decisions += decide_units(own, plan, [unit], days)
    place = checked_place(unit.place)
    if place is not None:
        shared = [check for check in checks if check.scope == "place"]
        decisions += decide_places(shared, plan, [place], days)
    record(decisions, form=form.id, now=now)


def touching(plan: Plan, form: Form) -> list[CrossCheck]:
    """Return the cross-form rules that name a form."""
    return [check for check in plan.cross_checks if form in cross_forms(check, plan.forms).values()]


def looks_back(checks: Iterable[CrossCheck]) -> bool:
    """Say whether any of the rules uses the day before, so that a report touches the day after too."""
    return any(compile_rule(check.rule).previous_names for check in checks)


def decide_units(
    checks: Sequence[CrossCheck], plan: Plan, units: Sequence[Facility], days: Sequence[date]
) -> list[Decision]:
    """Decide rules of scope ``unit`` for units on days."""
    named = {name: form for check in checks for name, form in cross_forms(check, plan.forms).items()}
    figures = unit_figures(named, units, days)
    decisions = []
    for check in checks:
        keys = sorted(compile_rule(check.rule).keys)
        said = {
            Subject(unit.place_id, unit.pk, day): {
                key: figures.get((unit.pk, day), {}).get(key) for key in keys
            }
            for unit in units
            for day in days
        }
        decisions += _decide(check, said)
    return decisions


def decide_places(
    checks: Sequence[CrossCheck], plan: Plan, places: Sequence[Place], days: Sequence[date]
) -> list[Decision]:
    """Decide rules of scope ``place`` for the totals of places on days, where every unit has reported."""
    if not checks or not places:
        return []
    named = {name: form for check in checks for name, form in cross_forms(check, plan.forms).items()}
    figures = PlaceFigures.read(named, places, days)
    return [
        decision
        for check in checks
        for decision in _decide(
            check,
            {
                Subject(place.pk, None, day): figures.of(compile_rule(check.rule).keys, place.pk, day)
                for place in places
                for day in days
            },
        )
    ]


def _decide(check: CrossCheck, figures: Mapping[Subject, Figures]) -> list[Decision]:
    broken = broken_cross(check, list(figures.values()))
    return [
        Decision(subject, check, said, fails)
        for (subject, said), fails in zip(figures.items(), broken, strict=True)
    ]


def record(decisions: Iterable[Decision], *, form: str, now: datetime) -> None:
    """Open what is broken, resolve what is not any more, keep the figures of what stays open."""
    decided = list(decisions)
    if not decided:
        return
    days = {one.subject.day for one in decided}
    open_now = {
        (Subject(row.place_id, row.unit_id, row.day), row.check_id): row
        for row in Contradiction.objects.filter(day__range=(min(days), max(days)), resolved_at__isnull=True)
    }
    opened, changed = [], []
    for one in decided:
        row = open_now.get((one.subject, one.check.id))
        if row is None and one.broken:
            opened.append(_opened(one, form, now))
        elif row is not None and (not one.broken or row.figures != one.figures):
            row.resolved_at = None if one.broken else now
            row.figures = one.figures if one.broken else row.figures
            changed.append(row)
    Contradiction.objects.bulk_create(opened)
    if changed:
        Contradiction.objects.bulk_update(changed, ["resolved_at", "figures"])


def _opened(one: Decision, form: str, now: datetime) -> Contradiction:
    return Contradiction(
        place_id=one.subject.place_id,
        unit_id=one.subject.unit_id,
        form=form,
        day=one.subject.day,
        check_id=one.check.id,
        severity=one.check.severity,
        figures=one.figures,
        found_at=now,
    )
