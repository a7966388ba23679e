"""The board of reports: who has reported, who is late, who is missing, since when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.places.models import Facility, Place
from fangxian.plans.schema import Form
from fangxian.reporting.models import Contradiction, Report
from fangxian.reporting.rules import STATES, Arrival, Judge, Standing, is_open
from fangxian.reporting.selectors.plans import form_of, plan_at
from fangxian.reporting.selectors.units import Unit, children_of, permit, units_in

PAGE = 200
"""Rows of a board that are shown at once."""


class BoardRow(NamedTuple):
    """One unit and form: its state, and the last day about which it said anything."""

    unit: Unit
    form: str
    standing: Standing
    last_day: date | None = None

    @property
    def days_silent(self) -> int | None:
        """Days without a report up to the deadline's day, absent where it never reported."""
        if self.standing.state != "missing" or self.last_day is None:
            return None
        return (self.standing.deadline.date() - self.last_day).days


@dataclass(frozen=True)
class Counts:
    """How many units and forms are in each state, and how many carry a flag."""

    states: Mapping[str, int] = field(default_factory=dict)
    zero_declared: int = 0
    corrected: int = 0
    contradicted: int = 0

    @property
    def due(self) -> int:
        """All who owe a report, whatever became of it."""
        return sum(count for state, count in self.states.items() if state != "not_due")

    @property
    def reported(self) -> int:
        """Those whose report is here."""
        return self.states.get("in_time", 0) + self.states.get("late", 0)


@dataclass(frozen=True)
class ChildCounts:
    """A place right below, with the counts of its subtree."""

    place: Place
    counts: Counts


@dataclass(frozen=True)
class FormCounts:
    """One form with the counts of the whole place."""

    form: Form
    counts: Counts


@dataclass(frozen=True)
class Board:
    """One page of the board with the counts over all of it."""

    place: Place
    day: date
    counts: Counts
    forms: Sequence[FormCounts]
    children: Sequence[ChildCounts]
    rows: Sequence[BoardRow]
    rows_found: int
    contradictions: int


@dataclass(frozen=True)
class BoardQuery:
    """Which part of the board: forms, states (empty: all that are due), rows from ``offset``."""

    forms: Sequence[str] = ()
    states: Sequence[str] = ()
    offset: int = 0
    limit: int = PAGE
    search: str = ""


def board(
    viewer: User | None,
    place: Place,
    day: date,
    query: BoardQuery | None = None,
    *,
    now: datetime | None = None,
) -> Board:
    """Return the board of a place for a day; rows worst first: missing, late, due, in time."""
    permit(viewer, Action.VIEW_REPORTS, place=place)
    query = query or BoardQuery()
    plan = plan_at(place, day)
    forms = [form_of(plan, form_id) for form_id in query.forms] if query.forms else list(plan.forms)
    contradictions = _contradictions(place, day)
    rows = standings(place, forms, day, now=now, contradicted={unit for unit, _ in contradictions if unit})
    wanted = set(query.states) or {state for state in STATES if state != "not_due"}
    found = [row for row in rows if row.standing.state in wanted and _matches(row, query.search)]
    found.sort(key=_worst_first)
    return Board(
        place=place,
        day=day,
        counts=count_rows(rows),
        forms=[FormCounts(form, count_rows(row for row in rows if row.form == form.id)) for form in forms],
        children=_by_child(place, rows, contradictions),
        rows=with_moments(found[query.offset : query.offset + query.limit], day),
        rows_found=len(found),
        contradictions=len(contradictions),
    )


_RANK = {state: rank for rank, state in enumerate(STATES)}


def _worst_first(row: BoardRow) -> tuple[int, int, str, str]:
    return _RANK[row.standing.state], row.unit.tree_left, row.unit.code, row.form


def standings(
    place: Place,
    forms: Sequence[Form],
    day: date,
    *,
    now: datetime | None = None,
    contradicted: Iterable[int] = (),
    units: Sequence[Unit] | None = None,
) -> list[BoardRow]:
    """Return a row for each form and each unit of a kind that fills it in; `units` saves a question."""
    now = now or timezone.now()
    units = units_in(place, forms) if units is None else units
    arrivals = _arrivals(units, forms, day)
    flagged = set(contradicted)
    rows = []
    for form in forms:
        judge = Judge(form.deadline, day, now)
        kinds, grades = set(form.reporters.facility_kinds), set(form.reporters.grades)
        came = arrivals.get(form.id, {})
        for unit in units:
            if unit.kind in kinds and (not grades or unit.grade in grades):
                owes = is_open(unit.opened, unit.closed, day)
                said = judge.standing(owes=owes, arrival=came.get(unit.pk), contradicted=unit.pk in flagged)
                rows.append(BoardRow(unit, form.id, said))
    return rows


_FEW = 300


def _arrivals(units: Sequence[Unit], forms: Sequence[Form], day: date) -> dict[str, dict[int, Arrival]]:
    """Return by form and unit what came; for many units the whole day is read, which needs no join."""
    query = Report.objects.filter(form__in=[form.id for form in forms], day=day, is_current=True)
    if len(units) <= _FEW:
        query = query.filter(unit__in=[unit.pk for unit in units])
    found: dict[str, dict[int, Arrival]] = {form.id: {} for form in forms}
    alike: dict[tuple[bool, int, bool], Arrival] = {}
    rows = query.values_list("unit_id", "form", "late", "revision", "zero_declared")
    for unit_id, form, *said in rows:
        key = (said[0], said[1], said[2])
        arrival = alike.get(key)
        if arrival is None:
            arrival = alike[key] = Arrival(*key)
        found[form][unit_id] = arrival
    return found


def _contradictions(place: Place, day: date) -> list[tuple[int | None, int]]:
    """Return the unit (if any) and the place in tree order of what contradicts itself."""
    return list(
        Contradiction.objects.filter(
            day=day,
            resolved_at__isnull=True,
            place__tree_left__range=(place.tree_left, place.tree_right),
        ).values_list("unit_id", "place__tree_left")
    )


def _matches(row: BoardRow, search: str) -> bool:
    if not search:
        return True
    wanted = search.casefold()
    unit = row.unit
    return any(wanted in text.casefold() for text in (unit.code, unit.name, unit.name_en, unit.place_name))


def count_rows(rows: Iterable[BoardRow], contradicted: int | None = None) -> Counts:
    """Count rows by state and flag."""
    states: dict[str, int] = {}
    zero_declared = corrected = doubtful = 0
    for row in rows:
        said = row.standing
        states[said.state] = states.get(said.state, 0) + 1
        zero_declared += said.zero_declared
        corrected += said.corrected
        doubtful += said.contradicted
    return Counts(states, zero_declared, corrected, doubtful if contradicted is None else contradicted)


def _by_child(
    place: Place, rows: Sequence[BoardRow], contradictions: Sequence[tuple[int | None, int]]
) -> list[ChildCounts]:
    children = children_of(place)
    starts = [child.tree_left for child in children]
    parts: list[list[BoardRow]] = [[] for _ in children]
    doubts = [0] * len(children)
    for row in rows:
        index = bisect_right(starts, row.unit.tree_left) - 1
        if index >= 0:
            parts[index].append(row)
    for _, tree_left in contradictions:
        index = bisect_right(starts, tree_left) - 1
        if index >= 0:
            doubts[index] += 1
    return [
        ChildCounts(child, count_rows(part, doubt))
        for child, part, doubt in zip(children, parts, doubts, strict=True)
    ]


def with_moments(rows: Sequence[BoardRow], day: date) -> list[BoardRow]:
    """Add to the rows that are shown since when: the instant of the report, or the last day heard of."""
    last = _last_days([row for row in rows if row.standing.state == "missing"], day)
    came = _instants([row for row in rows if row.standing.state in ("in_time", "late")], day)
    return [
        row._replace(
            last_day=last.get((row.unit.pk, row.form)),
            standing=row.standing._replace(since=came.get((row.unit.pk, row.form), row.standing.since)),
        )
        for row in rows
    ]


def _last_days(silent: Sequence[BoardRow], day: date) -> dict[tuple[int, str], date | None]:
    last: dict[tuple[int, str], date | None] = {}
    for form in {row.form for row in silent}:
        reports = Report.objects.filter(unit=OuterRef("pk"), form=form, day__lt=day)
        units = Facility.objects.filter(pk__in=[row.unit.pk for row in silent if row.form == form])
        heard = units.order_by().annotate(last=Subquery(reports.order_by("-day").values("day")[:1]))
        last |= {(pk, form): found for pk, found in heard.values_list("pk", "last")}
    return last


def _instants(rows: Sequence[BoardRow], day: date) -> dict[tuple[int, str], datetime]:
    if not rows:
        return {}
    reports = Report.objects.filter(
        form__in={row.form for row in rows},
        day=day,
        is_current=True,
        unit__in=[row.unit.pk for row in rows],
    )
    return {(unit, form): at for unit, form, at in reports.values_list("unit_id", "form", "reported_at")}


def reminder_list(
    viewer: User | None, place: Place, day: date, *, now: datetime | None = None
) -> list[BoardRow]:
    """Return every unit whose report is missing, in tree order, to telephone or to export."""
    permit(viewer, Action.EXPORT_REMINDERS, place=place)
    rows = standings(place, plan_at(place, day).forms, day, now=now)
    missing = [row for row in rows if row.standing.state == "missing"]
    missing.sort(key=lambda row: (row.unit.tree_left, row.unit.code))
    return with_moments(missing, day)
