"""How timely and complete reports were over a period, by unit and by level."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report
from fangxian.reporting.rules import deadline_at
from fangxian.reporting.selectors.plans import form_of, plan_at
from fangxian.reporting.selectors.units import Unit, children_of, is_reporter, permit, units_in

TARGET = 0.8
"""Integrated Disease Surveillance and Response: 80 % of units report, and 80 % report in time."""


@dataclass(frozen=True)
class Punctuality:
    """Reports owed whose deadline has passed: in time, late, missing."""

    due: int
    on_time: int
    late: int

    @property
    def missing(self) -> int:
        """Owed, and never came."""
        return max(0, self.due - self.on_time - self.late)

    @property
    def timeliness(self) -> float | None:
        """Share of owed reports that came in time; absent where none was owed."""
        return self.on_time / self.due if self.due else None

    @property
    def completeness(self) -> float | None:
        """Share of owed reports that came at all; absent where none was owed."""
        return (self.on_time + self.late) / self.due if self.due else None

    @property
    def meets_target(self) -> bool | None:
        """Whether both shares reach the target; absent where none was owed."""
        if self.timeliness is None or self.completeness is None:
            return None
        return self.timeliness >= TARGET and self.completeness >= TARGET


@dataclass(frozen=True)
class UnitPunctuality:
    """One unit and form."""

    unit: Unit
    form: str
    punctuality: Punctuality


@dataclass(frozen=True)
class PlacePunctuality:
    """A place right below."""

    place: Place
    punctuality: Punctuality


@dataclass(frozen=True)
class Timeliness:
    """A period in a place: as a whole, by place right below, by unit (the worst first)."""

    place: Place
    first: date
    last: date
    whole: Punctuality
    children: Sequence[PlacePunctuality]
    units: Sequence[UnitPunctuality]


@dataclass(frozen=True)
class Period:
    """Days from ``first`` to ``last``, both counted."""

    first: date
    last: date

    def days(self) -> list[date]:
        """Return every day."""
        return [self.first + timedelta(days=step) for step in range((self.last - self.first).days + 1)]


def timeliness(
    viewer: User | None,
    place: Place,
    period: Period,
    *,
    forms: Sequence[str] = (),
    now: datetime | None = None,
) -> Timeliness:
    """Return timeliness and completeness over the days whose deadline has passed."""
    permit(viewer, Action.VIEW_REPORTS, place=place)
    now = now or timezone.now()
    plan = plan_at(place, period.last)
    chosen = [form_of(plan, form_id) for form_id in forms] if forms else list(plan.forms)
    units = units_in(place, chosen)
    rows = [row for form in chosen for row in _of_form(form, place, units, period, now)]
    rows.sort(key=lambda row: (row.punctuality.timeliness or 0.0, row.unit.tree_left, row.unit.code))
    children = children_of(place)
    starts = [child.tree_left for child in children]
    parts: list[list[UnitPunctuality]] = [[] for _ in children]
    for row in rows:
        index = bisect_right(starts, row.unit.tree_left) - 1
        if index >= 0:
            parts[index].append(row)
    below = [PlacePunctuality(child, _sum(part)) for child, part in zip(children, parts, strict=True)]
    return Timeliness(place, period.first, period.last, _sum(rows), below, rows)


def _of_form(
    form: Form, place: Place, units: Sequence[Unit], period: Period, now: datetime
) -> Iterable[UnitPunctuality]:
    closed_days = [day for day in period.days() if deadline_at(form.deadline, day) < now]
    if not closed_days:
        return
    first, last = closed_days[0], closed_days[-1]
    counts = Report.objects.filter(form=form.id, day__range=(first, last), is_current=True)
    if place.parent_id is not None:
        counts = counts.filter(unit__place__tree_left__range=(place.tree_left, place.tree_right))
    grouped = counts.values_list("unit_id").annotate(all=Count("pk"), late=Count("pk", filter=Q(late=True)))
    came = {unit_id: (reported, late) for unit_id, reported, late in grouped.order_by()}
    for unit in units:
        if not is_reporter(form, unit.kind, unit.grade):
            continue
        reported, late = came.get(unit.pk, (0, 0))
        due = _days_open(unit, first, last)
        if due or reported:
            yield UnitPunctuality(unit, form.id, Punctuality(max(due, reported), reported - late, late))


def _days_open(unit: Unit, first: date, last: date) -> int:
    start = max(first, unit.opened) if unit.opened else first
    end = min(last, unit.closed - timedelta(days=1)) if unit.closed else last
    return max(0, (end - start).days + 1)


def _sum(rows: Iterable[UnitPunctuality]) -> Punctuality:
    parts = [row.punctuality for row in rows]
    return Punctuality(
        sum(part.due for part in parts), sum(part.on_time for part in parts), sum(part.late for part in parts)
    )
