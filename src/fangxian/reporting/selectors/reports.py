"""Reading reports and their revisions."""

from __future__ import annotations

from datetime import date, timedelta

from fangxian.ground.places.models import Facility
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report
from fangxian.reporting.rules import Values
from fangxian.reporting.rules.checks import uses_previous


def current_report(unit: Facility, form: str, day: date) -> Report | None:
    """Return the current revision of a report, with the account that entered it."""
    return (
        Report.objects.filter(unit=unit, form=form, day=day, is_current=True)
        .select_related("entered_by")
        .first()
    )


def revisions(unit: Facility, form: str, day: date) -> list[Report]:
    """Return every revision of a report, the original first."""
    return list(
        Report.objects.filter(unit=unit, form=form, day=day)
        .select_related("entered_by", "batch")
        .order_by("revision")
    )


def previous_values(unit: Facility, form: Form, day: date) -> Values:
    """Return what the unit said the day before, if a check of the form asks for it."""
    if not uses_previous(form):
        return {}
    before = Report.objects.filter(unit=unit, form=form.id, day=day - timedelta(days=1), is_current=True)
    return before.values_list("values", flat=True).first() or {}
