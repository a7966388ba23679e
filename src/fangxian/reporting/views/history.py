"""What one unit said over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import policy, requires
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report
from fangxian.reporting.selectors import Period
from fangxian.reporting.selectors import unit_history as history_of
from fangxian.reporting.selectors.entry import day_to_report, forms_of
from fangxian.reporting.selectors.history import HistoryDay

SPANS = (14, 28, 90)


@require_GET
@requires(Action.VIEW_REPORTS, facility="unit")
def unit_history(request: HttpRequest, unit: str) -> HttpResponse:
    """Show days, states and values of one form of a unit, each with its revisions."""
    today = timezone.localdate()
    forms = forms_of(request.facility, today)
    asked = request.GET.get("form", "")
    form = next((one for one in forms if one.id == asked), forms[0] if forms else None)
    span = request.GET.get("days", "")
    days = int(span) if span.isdecimal() and int(span) in SPANS else SPANS[0]
    shown: dict[str, Any] = {"unit": request.facility, "forms": forms, "days": days, "spans": SPANS}
    if form is not None:
        last = day_to_report(form, timezone.now())
        period = Period(last - timedelta(days=days - 1), last)
        history = history_of(request.user, request.facility, form.id, period)
        shown |= {
            "history": history,
            "rows": [_day(form, one) for one in history.days if one.standing.state != "not_due"],
            "trends": [_trend(form.fields[index].id, history.days) for index in range(len(form.fields))],
            "may_enter": policy.may(request.user, Action.ENTER_REPORTS, facility=request.facility).allowed,
        }
    return render(request, "reporting/unit_history.html", shown)


def _day(form: Form, one: HistoryDay) -> dict[str, Any]:
    values = one.current.values if one.current else {}
    return {
        "day": one.day,
        "standing": one.standing,
        "current": one.current,
        "cells": [
            {"field": field, "given": field.id in values, "value": values.get(field.id)}
            for field in form.fields
        ],
        "revisions": revision_steps(form, one.revisions),
    }


def revision_steps(form: Form, revisions: Sequence[Report]) -> list[dict[str, Any]]:
    """Return each revision, the newest first, with what it changed from the one before."""
    steps = []
    for before, after in zip([None, *revisions], revisions, strict=False):
        changes = [
            {
                "field": field,
                "old": _said(before.values, field.id),
                "new": _said(after.values, field.id),
            }
            for field in form.fields
            if before is not None and _said(before.values, field.id) != _said(after.values, field.id)
        ]
        steps.append({"report": after, "changes": changes})
    return steps[::-1]


def _said(values: dict[str, float | None], field: str) -> str:
    if field not in values:
        return _("Not reported")
    value = values[field]
    return _("Not known") if value is None else f"{value:,}"


def _trend(field: str, days: Sequence[HistoryDay]) -> list[float | None]:
    return [one.current.values.get(field) if one.current else None for one in reversed(days)]
