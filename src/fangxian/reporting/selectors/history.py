"""What one unit said over time, with every revision and who entered it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.places.models import Facility
from fangxian.plans.schema import Form
from fangxian.reporting.models import Contradiction, Report
from fangxian.reporting.rules import Arrival, Judge, Standing
from fangxian.reporting.selectors.plans import form_at
from fangxian.reporting.selectors.timeliness import Period
from fangxian.reporting.selectors.units import owes, permit


@dataclass(frozen=True)
class HistoryDay:
    """One day of a unit: where it stands, and the revisions, the newest last."""

    day: date
    standing: Standing
    revisions: Sequence[Report]

    @property
    def current(self) -> Report | None:
        """The revision that counts."""
        return self.revisions[-1] if self.revisions else None


@dataclass(frozen=True)
class UnitHistory:
    """A unit and form over a period, the newest day first."""

    unit: Facility
    form: Form
    days: Sequence[HistoryDay]


def unit_history(
    viewer: User | None, unit: Facility, form_id: str, period: Period, *, now: datetime | None = None
) -> UnitHistory:
    """Return every day of a period with its state and revisions."""
    permit(viewer, Action.VIEW_REPORTS, unit=unit)
    now = now or timezone.now()
    form = form_at(unit.place, form_id, period.last)
    said: dict[date, list[Report]] = {}
    reports = Report.objects.filter(unit=unit, form=form_id, day__range=(period.first, period.last))
    for report in (
        reports.select_related("entered_by", "batch")
        .defer("batch__content", "batch__findings")
        .order_by("day", "revision")
    ):
        said.setdefault(report.day, []).append(report)
    doubts = set(
        Contradiction.objects.filter(
            unit=unit, day__range=(period.first, period.last), resolved_at__isnull=True
        ).values_list("day", flat=True)
    )
    days = []
    for day in reversed(period.days()):
        revisions = said.get(day, [])
        current = revisions[-1] if revisions else None
        judged = Judge(form.deadline, day, now).standing(
            owes=owes(form, unit, day),
            arrival=None if current is None else arrival_of(current),
            contradicted=day in doubts,
        )
        days.append(HistoryDay(day, judged, revisions))
    return UnitHistory(unit, form, days)


def arrival_of(report: Report) -> Arrival:
    """Return what the rules need to know of a current report."""
    return Arrival(report.late, report.revision, report.zero_declared, report.reported_at)
