"""Writing reports on a page: what is owed, one report, and what to do when somebody was faster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fangxian.base.errors import Conflict, Finding, RefusedReport
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import requires
from fangxian.plans.schema import ReportField
from fangxian.reporting.forms import Draft, draft_of, read_draft
from fangxian.reporting.rules import zero_declaration
from fangxian.reporting.selectors.entry import EntrySheet, entry_list, entry_sheet
from fangxian.reporting.services import ReportSubmission, declare_zero, submit_report
from fangxian.reporting.views.wording import sentence, with_labels, worded


@require_GET
@requires(Action.ENTER_REPORTS)
def entry_index(request: HttpRequest) -> HttpResponse:
    """Show what this person's units owe."""
    search = request.GET.get("q", "").strip()
    return render(
        request,
        "reporting/entry_list.html",
        {"list": entry_list(request.user, search=search), "search": search},
    )


@require_http_methods(["GET", "POST"])
@requires(Action.ENTER_REPORTS, facility="unit")
def entry(request: HttpRequest, unit: str, form: str, day: date) -> HttpResponse:
    """Show one report to fill in, or take it."""
    sheet = entry_sheet(request.facility, form, day)
    if request.method == "POST":
        return _take(request, sheet, read_draft(sheet.form, request.POST))
    current = sheet.current
    draft = draft_of(current.values, current.revision) if current else draft_of({}, None)
    return _show(request, sheet, draft)


def _take(request: HttpRequest, sheet: EntrySheet, draft: Draft) -> HttpResponse:
    zero = _declares_zero(request, sheet, draft)
    if draft.findings and not zero:
        return _show(request, sheet, draft, draft.findings)
    mine = draft_of(zero_declaration(sheet.form)[0], draft.expected_revision) if zero else draft
    try:
        _submit(request, sheet, draft, zero=zero)
    except RefusedReport as refused:
        return _show(request, sheet, mine, refused.findings, zero=zero)
    except Conflict as conflict:
        return _show_conflict(request, sheet, mine, conflict, zero=zero)
    said = {
        "unit": sheet.unit.name,
        "form": worded(sheet.form.title),
        "day": sheet.day.isoformat(),
        "time": timezone.localtime().strftime("%H:%M"),
    }
    messages.success(request, _("%(unit)s: %(form)s of %(day)s received at %(time)s.") % said)
    return redirect(_next(request, sheet))


def _declares_zero(request: HttpRequest, sheet: EntrySheet, draft: Draft) -> bool:
    """Say whether this is the one tap, or its confirmation with none of its zeros changed."""
    if request.POST.get("action") == "zero":
        return True
    confirms = request.POST.get("zero") == "yes" and not draft.findings
    return confirms and draft.values == zero_declaration(sheet.form)[0]


def _submit(request: HttpRequest, sheet: EntrySheet, draft: Draft, *, zero: bool) -> None:
    if zero:
        declare_zero(
            actor=request.user,
            unit=sheet.unit,
            form=sheet.form.id,
            day=sheet.day,
            expected_revision=draft.expected_revision,
            reason=draft.reason,
            confirmed_warnings=draft.confirmed_warnings,
        )
        return
    submission = ReportSubmission(
        unit=sheet.unit,
        form=sheet.form.id,
        day=sheet.day,
        values=draft.values,
        expected_revision=draft.expected_revision,
        reason=draft.reason,
        confirmed_warnings=draft.confirmed_warnings,
    )
    submit_report(actor=request.user, submission=submission)


def _next(request: HttpRequest, sheet: EntrySheet) -> str:
    asked = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure()):
        return asked
    return reverse("reporting:entry_index")


def _show(
    request: HttpRequest,
    sheet: EntrySheet,
    draft: Draft,
    findings: Sequence[Finding] = (),
    *,
    zero: bool = False,
) -> HttpResponse:
    errors = [finding for finding in findings if finding.severity == "error"]
    shown = {
        "sheet": sheet,
        "draft": draft,
        "rows": [_row(sheet, draft, field, findings) for field in sheet.form.fields],
        "general": [
            sentence(finding, sheet.form)
            for finding in findings
            if finding.column not in {field.id for field in sheet.form.fields} | {"reason"}
        ],
        "reason_errors": [sentence(each, sheet.form) for each in findings if each.column == "reason"],
        "refused": bool(errors),
        "to_confirm": bool(findings) and not errors,
        "zero": zero,
        "next": request.POST.get("next", request.GET.get("next", "")),
    }
    return render(request, "reporting/entry.html", shown, status=422 if findings else 200)


def _row(sheet: EntrySheet, draft: Draft, field: ReportField, findings: Sequence[Finding]) -> dict[str, Any]:
    mine = [finding for finding in findings if finding.column == field.id]
    before = sheet.previous.values if sheet.previous else {}
    return {
        "field": field,
        "typed": draft.typed.get(field.id, ""),
        "not_known": field.id in draft.not_known,
        "before": before.get(field.id),
        "has_before": before.get(field.id) is not None,
        "errors": [sentence(each, sheet.form) for each in mine if each.severity == "error"],
        "warnings": [sentence(each, sheet.form) for each in mine if each.severity != "error"],
    }


def _show_conflict(
    request: HttpRequest, sheet: EntrySheet, draft: Draft, conflict: Conflict, *, zero: bool
) -> HttpResponse:
    theirs = conflict.fields.get("values") or {}
    rows = [
        {
            "field": field,
            "theirs": theirs.get(field.id),
            "theirs_given": field.id in theirs,
            "typed": draft.typed.get(field.id, ""),
            "mine": draft.values.get(field.id),
            "mine_given": field.id in draft.values,
            "differs": theirs.get(field.id, "") != draft.values.get(field.id, ""),
        }
        for field in sheet.form.fields
    ]
    shown = {
        "sheet": sheet,
        "draft": draft,
        "rows": rows,
        "reason": with_labels(worded(conflict.message), sheet.form),
        "remedy": worded(conflict.remedy),
        "revision": conflict.fields.get("revision"),
        "zero": zero,
        "entered_by": conflict.fields.get("entered_by"),
    }
    return render(request, "reporting/conflict.html", shown, status=409)
