"""The board of reports: who has reported, who is late, who is missing, since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from numpy.typing import NDArray

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.places.models import Facility, Place
from fangxian.plans.schema import Form
from fangxian.reporting.models import Contradiction, Report
from fangxian.reporting.rules import STATES, Standing
from fangxian.reporting.selectors.coverage import whole
from fangxian.reporting.selectors.plans import form_of, plan_at
from fangxian.reporting.selectors.standings import Counts, Standings, UnitRoll, below
from fangxian.reporting.selectors.units import Unit, children_of, permit, units_by_pk, units_in

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
    stand = Standings.read(
        UnitRoll.read(place, forms),
        forms,
        day,
        now=now or timezone.now(),
        contradicted={unit for unit, _ in contradictions if unit},
    )
    found = stand.worst_first(query.states or [state for state in STATES if state != "not_due"])
    if query.search:
        named = [unit.pk for unit in units_in(place, forms) if _matches(unit, query.search)]
        found = found[np.isin(stand.roll.pk[stand.unit[found]], named)]
    return Board(
        place=place,
        day=day,
        counts=stand.counts(),
        forms=[FormCounts(form, part) for form, part in zip(forms, stand.counts_by_form(), strict=True)],
        children=_by_child(place, stand, contradictions),
        rows=with_moments(rows_of(place, stand, found[query.offset : query.offset + query.limit]), day),
        rows_found=len(found),
        contradictions=len(contradictions),
    )


def rows_of(place: Place, stand: Standings, entries: NDArray[np.int64]) -> list[BoardRow]:
    """Return the entries that are shown, with their units in full."""
    pks = [stand.pk(entry) for entry in entries]
    units = units_by_pk(place, stand.forms, set(pks)) if pks else {}
    return [
        BoardRow(units[pk], stand.form(entry).id, stand.standing(entry))
        for pk, entry in zip(pks, entries, strict=True)
    ]


def _contradictions(place: Place, day: date) -> list[tuple[int | None, int]]:
    """Return the unit (if any) and the place in tree order of what contradicts itself."""
    return list(
        Contradiction.objects.filter(
            day=day,
            resolved_at__isnull=True,
            place__tree_left__range=(place.tree_left, place.tree_right),
        ).values_list("unit_id", "place__tree_left")
    )


def _matches(unit: Unit, search: str) -> bool:
    wanted = search.casefold()
    return any(wanted in text.casefold() for text in (unit.code, unit.name, unit.name_en, unit.place_name))


def _by_child(
    place: Place, stand: Standings, contradictions: Sequence[tuple[int | None, int]]
) -> list[ChildCounts]:
    children = children_of(place)
    counted = stand.counts_by_part(below(children, stand.tree_left), len(children))
    doubts = below(children, whole([tree_left for _, tree_left in contradictions])).tolist()
    return [
        ChildCounts(child, replace(counts, contradicted=doubts.count(index)))
        for index, (child, counts) in enumerate(zip(children, counted, strict=True))
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
    """Return the last day before this one about which each unit said anything, of all forms at once."""
    forms = sorted({row.form for row in silent})
    heard = Report.objects.filter(unit=OuterRef("pk"), day__lt=day).order_by("-day").values("day")
    last = {f"last_{index}": Subquery(heard.filter(form=form)[:1]) for index, form in enumerate(forms)}
    if not last:
        return {}
    units = Facility.objects.filter(pk__in={row.unit.pk for row in silent}).order_by()
    rows = units.annotate(**last).values_list("pk", *last)
    return {(pk, form): found for pk, *days in rows for form, found in zip(forms, days, strict=True)}


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
    forms = plan_at(place, day).forms
    stand = Standings.read(UnitRoll.read(place, forms), forms, day, now=now or timezone.now())
    return with_moments(rows_of(place, stand, stand.in_tree_order({"missing"})), day)
