"""What a person on duty sees first at a place: who has still to report, and what the figures say."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form, Indicator, Plan, ReportField, Wording
from fangxian.reporting.rules import Number, deadline_at
from fangxian.reporting.selectors.board import BoardRow, Counts, count_rows, standings
from fangxian.reporting.selectors.contradictions import count_contradictions
from fangxian.reporting.selectors.coverage import Coverage
from fangxian.reporting.selectors.plans import plan_at
from fangxian.reporting.selectors.series import SeriesPoint, series_of_forms
from fangxian.reporting.selectors.timeliness import Period
from fangxian.reporting.selectors.today import focus_day
from fangxian.reporting.selectors.units import Unit, children_of, is_reporter, permit, units_in

SILENT_SHOWN = 20
KEY_FIGURES = 8
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class FormProgress:
    """How far the collection of one form has come, and until when it runs."""

    form: Form
    deadline: datetime
    due: int
    reported: int
    late: int
    missing: int

    @property
    def awaited(self) -> int:
        """Owed, not here, and still in time."""
        return self.due - self.reported - self.missing


@dataclass(frozen=True)
class SilentPlace:
    """A place right below and how much it has not reported; ``rows`` only where they are shown at once."""

    place: Place
    found: int
    rows: Sequence[BoardRow] = ()


@dataclass(frozen=True)
class KeyFigure:
    """One indicator of the plan, from the last day whose deadline has passed."""

    indicator: Indicator
    form: Form
    field: ReportField
    day: date
    value: Number | None
    change: Number | None
    coverage: Coverage
    trend: Sequence[Number | None]


@dataclass(frozen=True)
class Overview:
    """The state of reporting at a place at a moment."""

    place: Place
    day: date
    counts: Counts
    progress: Sequence[FormProgress]
    silent: Sequence[SilentPlace]
    silent_found: int
    titles: Mapping[str, Wording]
    still_missing: int
    figures_day: date
    figures: Sequence[KeyFigure]


def overview(viewer: User, place: Place, *, day: date | None = None, now: datetime | None = None) -> Overview:
    """Return who has reported, who has not, and the key figures; the day being collected by default."""
    permit(viewer, Action.VIEW_REPORTS, place=place)
    now = now or timezone.now()
    plan = plan_at(place, timezone.localdate(now))
    day = day or focus_day(plan.forms, now)
    units = units_in(place, plan.forms)
    rows = standings(place, plan.forms, day, now=now, units=units)
    silent = [row for row in rows if row.standing.state in ("missing", "due")]
    week = WeekOfFigures.read(place, plan, closed_day(plan, now), units)
    return Overview(
        place=place,
        day=day,
        counts=count_rows(rows, contradicted=count_contradictions(place, day)),
        progress=_progress(plan.forms, day, rows),
        silent=_by_child(place, sorted(silent, key=lambda row: (row.unit.tree_left, row.unit.code))),
        silent_found=len(silent),
        titles={form.id: form.title for form in plan.forms},
        still_missing=week.missing() if week.day != day else 0,
        figures_day=week.day,
        figures=week.figures(),
    )


def closed_day(plan: Plan, now: datetime) -> date:
    """Return the last day for which the deadline of every form has passed."""
    day = focus_day(plan.forms, now)
    while any(deadline_at(form.deadline, day) >= now for form in plan.forms):
        day -= timedelta(days=1)
    return day


@dataclass(frozen=True)
class WeekOfFigures:
    """What the forms of a plan add up to at a place on a day and the seven before it."""

    plan: Plan
    day: date
    points: Mapping[str, Sequence[SeriesPoint]]

    @classmethod
    def read(cls, place: Place, plan: Plan, day: date, units: Sequence[Unit]) -> WeekOfFigures:
        """Fetch the totals of all forms at once."""
        period = Period(day - WEEK, day)
        owed = [
            form for form in plan.forms if any(is_reporter(form, unit.kind, unit.grade) for unit in units)
        ]
        found = series_of_forms(place, owed, period, units=units)
        return cls(plan, day, {one.form.id: one.points for one in found})

    def missing(self) -> int:
        """Return how many reports about the day never came."""
        last = [points[-1].coverage for points in self.points.values()]
        return sum(max(0, coverage.due - coverage.reported) for coverage in last)

    def figures(self) -> list[KeyFigure]:
        """Return the first indicators of the plan that a form of this place feeds."""
        sourced = [(one, *_source(self.plan, one)) for one in self.plan.indicators if one.sources]
        fed = [each for each in sourced if each[1].id in self.points]
        return [self._figure(*each) for each in fed[:KEY_FIGURES]]

    def _figure(self, indicator: Indicator, form: Form, field: ReportField) -> KeyFigure:
        points = self.points[form.id]
        trend = [point.values[field.id] for point in points]
        value, before = trend[-1], trend[0]
        change = None if value is None or before is None else value - before
        return KeyFigure(indicator, form, field, self.day, value, change, points[-1].coverage, trend)


def _source(plan: Plan, indicator: Indicator) -> tuple[Form, ReportField]:
    form_id, _, field_id = indicator.sources[0].partition(".")
    form = plan.form(form_id)
    return form, form.field(field_id)


def _progress(forms: Sequence[Form], day: date, rows: Sequence[BoardRow]) -> list[FormProgress]:
    counted = [(form, count_rows(row for row in rows if row.form == form.id)) for form in forms]
    return [
        FormProgress(
            form=form,
            deadline=deadline_at(form.deadline, day),
            due=counts.due,
            reported=counts.reported,
            late=counts.states.get("late", 0),
            missing=counts.states.get("missing", 0),
        )
        for form, counts in counted
        if counts.due
    ]


def _by_child(place: Place, rows: Sequence[BoardRow]) -> list[SilentPlace]:
    children = children_of(place)
    starts = [child.tree_left for child in children]
    parts: dict[int, list[BoardRow]] = {}
    for row in rows:
        parts.setdefault(bisect_right(starts, row.unit.tree_left) - 1, []).append(row)
    shown = min(parts, default=0)
    return [
        SilentPlace(
            children[index] if index >= 0 else place,
            len(part),
            part[:SILENT_SHOWN] if index in (-1, shown) else (),
        )
        for index, part in sorted(parts.items())
    ]


@dataclass(frozen=True)
class FiguresNow:
    """The key figures of a place, for who may see totals only."""

    place: Place
    day: date
    figures: Sequence[KeyFigure]


def figures_now(place: Place, *, now: datetime | None = None) -> FiguresNow:
    """Return the key figures of the last day whose deadline has passed."""
    now = now or timezone.now()
    plan = plan_at(place, timezone.localdate(now))
    week = WeekOfFigures.read(place, plan, closed_day(plan, now), units_in(place, plan.forms))
    return FiguresNow(place, week.day, week.figures())
