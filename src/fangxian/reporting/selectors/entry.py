"""What a person who fills in reports has before her: the reports that she owes, and one report to write."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.emergency_plans.models import PlanInForce
from fangxian.ground.emergency_plans.selectors import plan_of_edition
from fangxian.ground.places.models import Facility
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report
from fangxian.reporting.rules import Arrival, Standing, local_day, standing, zero_declaration
from fangxian.reporting.selectors.plans import form_at
from fangxian.reporting.selectors.units import is_reporter, owes

DAYS_BACK = 7
UNITS_SHOWN = 30


@dataclass(frozen=True)
class OwedReport:
    """One form of one unit for one day, and where it stands."""

    unit: Facility
    form: Form
    day: date
    standing: Standing
    zero_in_one_tap: bool


@dataclass(frozen=True)
class EntryList:
    """The units that a person reports for, with what they owe; ``units`` says how many there are in all."""

    units: int
    shown: tuple[Facility, ...]
    open: tuple[OwedReport, ...]
    done: tuple[OwedReport, ...]


@dataclass(frozen=True)
class EntrySheet:
    """One report to write: the form, what stands now, and what was said the day before."""

    unit: Facility
    form: Form
    day: date
    standing: Standing
    current: Report | None
    previous: Report | None
    zero_in_one_tap: bool


def day_to_report(form: Form, now: datetime) -> date:
    """Return the last day that has a report to write: today, or yesterday where the day must be over."""
    return local_day(form.deadline, now) - timedelta(days=min(form.deadline.days_after, 1))


def entry_list(viewer: User, *, search: str = "", now: datetime | None = None) -> EntryList:
    """Return what the units of a person owe for the last week, open reports first the oldest."""
    now = now or timezone.now()
    allowed = policy.units(viewer, Action.ENTER_REPORTS).select_related("place")
    if search:
        allowed = allowed.filter(
            Q(name__icontains=search) | Q(code=search) | Q(place__name__icontains=search)
        )
    shown = tuple(allowed.order_by("code")[:UNITS_SHOWN])
    owed = list(_owed(shown, now))
    waiting = [one for one in owed if one.standing.state in ("due", "missing")]
    arrived = [one for one in owed if one.standing.state in ("in_time", "late")]
    return EntryList(
        units=allowed.count() if len(shown) == UNITS_SHOWN else len(shown),
        shown=shown,
        open=tuple(sorted(waiting, key=lambda one: (one.standing.deadline, one.unit.code))),
        done=tuple(sorted(arrived, key=lambda one: (one.day, one.unit.code), reverse=True)),
    )


def _owed(units: Iterable[Facility], now: datetime) -> Iterable[OwedReport]:
    units = list(units)
    today = timezone.localdate(now)
    in_force = _plans(units, today)
    since = today - timedelta(days=DAYS_BACK)
    reports = {
        (report.unit_id, report.form, report.day): report
        for report in Report.objects.filter(unit__in=units, day__gte=since, is_current=True)
    }
    for unit in units:
        for form in in_force[unit.pk]:
            last = day_to_report(form, now)
            for day in (last - timedelta(days=back) for back in range(DAYS_BACK)):
                if owes(form, unit, day):
                    yield _one(unit, form, day, reports.get((unit.pk, form.id, day)), now)


def _plans(units: Iterable[Facility], day: date) -> dict[int, tuple[Form, ...]]:
    """Return the forms in force at each unit: those of the plan of the nearest place above it."""
    valid = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    holding = list(
        PlanInForce.objects.filter(valid, valid_from__lte=day)
        .select_related("place", "edition")
        .defer("edition__text")
        .order_by("place__tree_left", "valid_from", "pk")
    )
    found: dict[int, tuple[Form, ...]] = {}
    for unit in units:
        over = [one for one in holding if one.place.tree_left <= unit.place.tree_left <= one.place.tree_right]
        found[unit.pk] = plan_of_edition(over[-1].edition.sha256).forms if over else ()
    return found


def forms_of(unit: Facility, day: date) -> list[Form]:
    """Return the forms that a unit fills in."""
    return [form for form in _plans([unit], day)[unit.pk] if is_reporter(form, unit.kind, unit.grade)]


def _one(unit: Facility, form: Form, day: date, report: Report | None, now: datetime) -> OwedReport:
    return OwedReport(unit, form, day, _standing(unit, form, day, report, now), not zero_declaration(form)[1])


def entry_sheet(unit: Facility, form_id: str, day: date, *, now: datetime | None = None) -> EntrySheet:
    """Return one report to write or correct."""
    now = now or timezone.now()
    form = form_at(unit.place, form_id, day)
    beside = Report.objects.filter(
        unit=unit, form=form_id, day__in=(day, day - timedelta(days=1)), is_current=True
    ).select_related("entered_by")
    by_day = {report.day: report for report in beside}
    current = by_day.get(day)
    return EntrySheet(
        unit=unit,
        form=form,
        day=day,
        standing=_standing(unit, form, day, current, now),
        current=current,
        previous=by_day.get(day - timedelta(days=1)),
        zero_in_one_tap=not zero_declaration(form)[1],
    )


def _standing(unit: Facility, form: Form, day: date, report: Report | None, now: datetime) -> Standing:
    arrival = (
        Arrival(report.late, report.revision, report.zero_declared, report.reported_at) if report else None
    )
    return standing(owes=owes(form, unit, day), deadline=form.deadline, day=day, now=now, arrival=arrival)
