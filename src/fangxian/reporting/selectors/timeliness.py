"""How timely and complete reports were over a period, by unit and by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Count, Q
from django.utils import timezone
from numpy.typing import NDArray

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report
from fangxian.reporting.rules import deadline_at
from fangxian.reporting.selectors.coverage import whole
from fangxian.reporting.selectors.plans import form_of, plan_at
from fangxian.reporting.selectors.standings import UnitRoll, below
from fangxian.reporting.selectors.units import Unit, children_of, keep_named, permit, units_by_pk

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
    """A period in a place: as a whole, by place right below, and the units below the target, worst first."""

    place: Place
    first: date
    last: date
    whole: Punctuality
    children: Sequence[PlacePunctuality]
    below_target: Sequence[UnitPunctuality]


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
    named: int = 30,
    now: datetime | None = None,
) -> Timeliness:
    """Return timeliness and completeness over the days whose deadline has passed; ``named`` units at most."""
    permit(viewer, Action.VIEW_REPORTS, place=place)
    now = now or timezone.now()
    plan = plan_at(place, period.last)
    chosen = [form_of(plan, form_id) for form_id in forms] if forms else list(plan.forms)
    roll = UnitRoll.read(place, chosen)
    counts = [_of_form(form, roll, period, now) for form in chosen]
    form, unit = np.nonzero(np.array([one[0] for one in counts]).reshape(len(chosen), len(roll.pk)))
    due, on_time, late = (np.array(column)[form, unit] for column in zip(*counts, strict=True))
    children = children_of(place)
    part = below(children, roll.groups.tree_left[unit])
    said = np.array([due, on_time, late])
    missed = np.flatnonzero((on_time / due < TARGET) | ((on_time + late) / due < TARGET))
    worst = missed[np.lexsort((unit[missed], on_time[missed] / due[missed]))][:named]
    units = units_by_pk(place, chosen, set(roll.pk[unit[worst]].tolist()))
    return Timeliness(
        place,
        period.first,
        period.last,
        _sum(said),
        [PlacePunctuality(child, _sum(said[:, part == index])) for index, child in enumerate(children)],
        [
            UnitPunctuality(
                units[int(roll.pk[unit[at]])],
                chosen[int(form[at])].id,
                Punctuality(int(due[at]), int(on_time[at]), int(late[at])),
            )
            for at in worst
        ],
    )


def _of_form(form: Form, roll: UnitRoll, period: Period, now: datetime) -> NDArray[np.int64]:
    """Return how many reports each unit owed, gave in time and gave late, [3, unit]; 0 where none was due."""
    found = np.zeros((3, len(roll.pk)), dtype=np.int64)
    closed_days = [day for day in period.days() if deadline_at(form.deadline, day) < now]
    if not closed_days:
        return found
    first, last = closed_days[0], closed_days[-1]
    reports = Report.objects.filter(form=form.id, day__range=(first, last), is_current=True)
    grouped = keep_named(reports, "unit_id", roll.pk.tolist()).values_list("unit_id")
    rows = list(grouped.annotate(all=Count("pk"), late=Count("pk", filter=Q(late=True))).order_by())
    if rows:
        unit, came, late = (list(column) for column in zip(*rows, strict=True))
        at = roll.positions(unit)
        found[1, at], found[2, at] = whole(came) - whole(late), late
    opens, closes = first.toordinal(), last.toordinal() + 1
    days = np.minimum(closes, roll.groups.closed) - np.maximum(opens, roll.groups.opened)
    found[0] = np.maximum(np.maximum(0, days), found[1] + found[2])
    return np.where(roll.groups.reporters(form), found, 0)


def _sum(said: NDArray[np.int64]) -> Punctuality:
    due, on_time, late = said.sum(axis=1).tolist()
    return Punctuality(due, on_time, late)
