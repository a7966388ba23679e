"""What a person on duty sees first at a place: who has still to report, and what the figures say."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from fangxian.ground.accounts.models import User
from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form, Indicator, Plan, ReportField
from fangxian.reporting.rules import Number, deadline_at
from fangxian.reporting.selectors.board import Board, BoardQuery, BoardRow, Counts, board, standings
from fangxian.reporting.selectors.coverage import Coverage
from fangxian.reporting.selectors.plans import plan_at
from fangxian.reporting.selectors.series import SeriesPoint, series
from fangxian.reporting.selectors.timeliness import Period
from fangxian.reporting.selectors.today import focus_day
from fangxian.reporting.selectors.units import units_in

SILENT_SHOWN = 300
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
    """A place right below with its units that have not reported."""

    place: Place
    rows: Sequence[BoardRow]


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
    board: Board
    progress: Sequence[FormProgress]
    silent: Sequence[SilentPlace]
    silent_found: int
    still_missing: int
    figures_day: date
    figures: Sequence[KeyFigure]


def overview(viewer: User, place: Place, *, day: date | None = None, now: datetime | None = None) -> Overview:
    """Return who has reported, who has not, and the key figures; the day being collected by default."""
    now = now or timezone.now()
    plan = plan_at(place, timezone.localdate(now))
    day = day or focus_day(plan.forms, now)
    query = BoardQuery(states=("missing", "due"), limit=SILENT_SHOWN)
    seen = board(viewer, place, day, query, now=now)
    figures_day = closed_day(plan, now)
    return Overview(
        place=place,
        board=seen,
        progress=[_progress(one.form, day, one.counts) for one in seen.forms if one.counts.due],
        silent=_by_child(seen),
        silent_found=seen.rows_found,
        still_missing=_missing(place, plan, figures_day, now) if figures_day != day else 0,
        figures_day=figures_day,
        figures=key_figures(place, plan, figures_day),
    )


def _missing(place: Place, plan: Plan, day: date, now: datetime) -> int:
    return sum(row.standing.state == "missing" for row in standings(place, plan.forms, day, now=now))


def closed_day(plan: Plan, now: datetime) -> date:
    """Return the last day for which the deadline of every form has passed."""
    day = focus_day(plan.forms, now)
    while any(deadline_at(form.deadline, day) >= now for form in plan.forms):
        day -= timedelta(days=1)
    return day


def key_figures(place: Place, plan: Plan, day: date) -> list[KeyFigure]:
    """Return the first indicators of the plan that a form of this place feeds, with the week before."""
    chosen = [(one, *_source(plan, one)) for one in plan.indicators if one.sources]
    forms = {form.id: form for _, form, _ in chosen}
    units = units_in(place, forms.values())
    period = Period(day - WEEK, day)
    points = {key: series([place], form, period, units=units)[0].points for key, form in forms.items()}
    fed = [each for each in chosen if points[each[1].id][-1].coverage.due]
    return [_figure(*each, day, points[each[1].id]) for each in fed[:KEY_FIGURES]]


def _source(plan: Plan, indicator: Indicator) -> tuple[Form, ReportField]:
    form_id, _, field_id = indicator.sources[0].partition(".")
    form = plan.form(form_id)
    return form, form.field(field_id)


def _figure(
    indicator: Indicator, form: Form, field: ReportField, day: date, points: Sequence[SeriesPoint]
) -> KeyFigure:
    trend = [point.values[field.id] for point in points]
    value, before = trend[-1], trend[0]
    change = None if value is None or before is None else value - before
    return KeyFigure(indicator, form, field, day, value, change, points[-1].coverage, trend)


def _progress(form: Form, day: date, counts: Counts) -> FormProgress:
    return FormProgress(
        form=form,
        deadline=deadline_at(form.deadline, day),
        due=counts.due,
        reported=counts.reported,
        late=counts.states.get("late", 0),
        missing=counts.states.get("missing", 0),
    )


def _by_child(seen: Board) -> list[SilentPlace]:
    children = [child.place for child in seen.children]
    starts = [child.tree_left for child in children]
    parts: dict[int, list[BoardRow]] = {}
    for row in seen.rows:
        parts.setdefault(bisect_right(starts, row.unit.tree_left) - 1, []).append(row)
    return [
        SilentPlace(children[index] if index >= 0 else seen.place, rows)
        for index, rows in sorted(parts.items())
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
    day = closed_day(plan, now)
    return FiguresNow(place, day, key_figures(place, plan, day))
