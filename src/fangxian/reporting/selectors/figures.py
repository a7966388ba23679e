"""Any figure opens: place, places below, units, reports with their revisions and who entered them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from fangxian.base.errors import NotFound
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form, ReportField
from fangxian.reporting.models import Report
from fangxian.reporting.rules import Judge, Number, Standing
from fangxian.reporting.selectors.coverage import Coverage
from fangxian.reporting.selectors.history import arrival_of
from fangxian.reporting.selectors.plans import form_at
from fangxian.reporting.selectors.series import PlaceSeries, series
from fangxian.reporting.selectors.timeliness import Period
from fangxian.reporting.selectors.units import Unit, children_of, owes, permit, units_standing_in


@dataclass(frozen=True)
class FigureNode:
    """The figure of one place: ``None`` where nobody reported it; ``given`` units stated a number."""

    place: Place
    value: Number | None
    given: int
    coverage: Coverage
    synthetic: bool


@dataclass(frozen=True)
class FigureUnit:
    """One unit behind a figure; ``known`` is ``False`` where it declared the number not known."""

    unit: Unit
    standing: Standing
    value: Number | None
    known: bool
    revisions: Sequence[Report]

    @property
    def current(self) -> Report | None:
        """The revision that counts."""
        return self.revisions[-1] if self.revisions else None


@dataclass(frozen=True)
class Figure:
    """A figure with what stands right behind it.

    ``units`` stand in the place itself, not in a place below; empty and ``reports_hidden`` for a viewer who
    may see totals only.
    """

    form: Form
    field: ReportField
    day: date
    whole: FigureNode
    path: Sequence[Place]
    children: Sequence[FigureNode]
    units: Sequence[FigureUnit]
    reports_hidden: bool


@dataclass(frozen=True)
class FigureName:
    """Which figure: form, field and day."""

    form: str
    field: str
    day: date


def figure(viewer: User | None, place: Place, name: FigureName, *, now: datetime | None = None) -> Figure:
    """Open a figure one level down."""
    permit(viewer, Action.VIEW_FIGURES, place=place)
    form = form_at(place, name.form, name.day)
    field = _field(form, name.field)
    children = children_of(place)
    whole, *below = series([place, *children], form, Period(name.day, name.day))
    hidden = viewer is not None and not policy.may(viewer, Action.VIEW_REPORTS, place=place).allowed
    own = [] if hidden else units_standing_in(place, form)
    return Figure(
        form=form,
        field=field,
        day=name.day,
        whole=_node(whole, field),
        path=path_to(place),
        children=[node for node in (_node(one, field) for one in below) if node.coverage.due or node.given],
        units=_behind(form, field, name.day, own, now or timezone.now()),
        reports_hidden=hidden,
    )


def path_to(place: Place) -> list[Place]:
    """Return the places above, the highest first, and the place itself."""
    return list(
        Place.objects.filter(tree_left__lte=place.tree_left, tree_right__gte=place.tree_left).order_by(
            "tree_left"
        )
    )


def _field(form: Form, field_id: str) -> ReportField:
    try:
        return form.field(field_id)
    except KeyError:
        raise NotFound(
            {
                "zh": f"表单 {form.id} 没有名为 {field_id} 的项目。",
                "en": f"Form {form.id} has no field named {field_id}.",
            },
            {
                "zh": "可用项目：" + "、".join(field.id for field in form.fields),
                "en": "Its fields are: " + ", ".join(field.id for field in form.fields),
            },
            {"form": form.id, "field": field_id},
        ) from None


def _node(one: PlaceSeries, field: ReportField) -> FigureNode:
    point = one.points[0]
    return FigureNode(
        one.place,
        point.values[field.id],
        point.given.get(field.id, 0),
        point.coverage,
        point.synthetic > 0,
    )


def _behind(
    form: Form, field: ReportField, day: date, units: Sequence[Unit], now: datetime
) -> list[FigureUnit]:
    said: dict[int, list[Report]] = {}
    reports = Report.objects.filter(unit__in=[unit.pk for unit in units], form=form.id, day=day)
    for report in reports.select_related("entered_by").order_by("revision") if units else ():
        said.setdefault(report.unit_id, []).append(report)
    return [_unit(form, field, day, unit, said.get(unit.pk, []), now) for unit in units]


def _unit(
    form: Form, field: ReportField, day: date, unit: Unit, revisions: list[Report], now: datetime
) -> FigureUnit:
    current = revisions[-1] if revisions else None
    judged = Judge(form.deadline, day, now).standing(
        owes=owes(form, unit, day),
        arrival=None if current is None else arrival_of(current),
    )
    values = {} if current is None else current.values
    value = values.get(field.id)
    return FigureUnit(unit, judged, value, not (field.id in values and value is None), revisions)
