"""What a person on duty sees first at a place: who has still to report, and what the figures say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form, Indicator, Plan, ReportField, Wording
from fangxian.reporting.rules import Number, deadline_at
from fangxian.reporting.selectors.board import BoardRow, rows_of
from fangxian.reporting.selectors.contradictions import count_contradictions
from fangxian.reporting.selectors.coverage import Coverage, UnitGroups, groups_in
from fangxian.reporting.selectors.plans import plan_at
from fangxian.reporting.selectors.series import SeriesPoint, series_of_forms
from fangxian.reporting.selectors.standings import Counts, Standings, UnitRoll, below
from fangxian.reporting.selectors.timeliness import Period
from fangxian.reporting.selectors.today import focus_day
from fangxian.reporting.selectors.units import children_of, permit

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
    roll = UnitRoll.read(place, plan.forms)
    stand = Standings.read(roll, plan.forms, day, now=now)
    silent = stand.in_tree_order({"missing", "due"})
    week = WeekOfFigures.read(place, plan, closed_day(plan, now), roll.groups)
    return Overview(
        place=place,
        day=day,
        counts=replace(stand.counts(), contradicted=count_contradictions(place, day)),
        progress=_progress(day, stand),
        silent=_by_child(place, stand, silent),
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
    def read(cls, place: Place, plan: Plan, day: date, groups: UnitGroups) -> WeekOfFigures:
        """Fetch the totals of all forms at once."""
        period = Period(day - WEEK, day)
        owed = [form for form in plan.forms if groups.reporters(form).any()]
        found = series_of_forms(place, owed, period, groups=groups)
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


def _progress(day: date, stand: Standings) -> list[FormProgress]:
    return [
        FormProgress(
            form=form,
            deadline=deadline_at(form.deadline, day),
            due=counts.due,
            reported=counts.reported,
            late=counts.states.get("late", 0),
            missing=counts.states.get("missing", 0),
        )
        for form, counts in zip(stand.forms, stand.counts_by_form(), strict=True)
        if counts.due
    ]


def _by_child(place: Place, stand: Standings, silent: NDArray[np.int64]) -> list[SilentPlace]:
    """Return the places that have silent units, with the units of the first and of the place itself."""
    children = children_of(place)
    part = below(children, stand.tree_left[silent])
    shown = set(part[:1].tolist()) | {-1}
    found = []
    for index, number in zip(*np.unique(part, return_counts=True), strict=True):
        named = silent[part == index][:SILENT_SHOWN] if index in shown else silent[:0]
        where = children[index] if index >= 0 else place
        found.append(SilentPlace(where, int(number), rows_of(place, stand, named)))
    return found


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
    week = WeekOfFigures.read(place, plan, closed_day(plan, now), groups_in(place, plan.forms))
    return FiguresNow(place, week.day, week.figures())
