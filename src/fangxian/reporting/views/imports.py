"""Pages on which files come in: upload, preview, commit, refused rows back, and the template to fill in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fangxian.base.errors import Conflict, Finding, InvalidInput
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import requires
from fangxian.ground.exchange.rules import LIMITS
from fangxian.plans.schema import Form
from fangxian.reporting.choices import ImportStatus
from fangxian.reporting.models import ImportBatch
from fangxian.reporting.schemas.downloads import handed_out
from fangxian.reporting.selectors.imports import (
    Download,
    findings_of,
    import_for,
    importable_forms,
    my_imports,
    refused_rows_file,
)
from fangxian.reporting.selectors.templates import TemplateRequest, report_template
from fangxian.reporting.services.exports import export_reminders
from fangxian.reporting.services.imports import abandon_import, commit_import, preview_import
from fangxian.reporting.views.wording import worded

SHOWN_FINDINGS = 200


@require_http_methods(["GET", "POST"])
@requires(Action.IMPORT_REPORTS)
def import_index(request: HttpRequest) -> HttpResponse:
    """Show where to upload and what was uploaded, or take a file to its preview."""
    if request.method == "POST":
        try:
            return _upload(request)
        except InvalidInput as refused:
            return _index(request, refused, status=422)
    return _index(request)


def _upload(request: HttpRequest) -> HttpResponse:
    upload = request.FILES.get("file")
    if upload is None:
        raise InvalidInput(
            {"zh": "没有选择文件。", "en": "No file was chosen."},
            {"zh": "请选择 Excel 或 CSV 文件。", "en": "Choose an Excel or CSV file."},
        )
    batch = preview_import(
        actor=request.user,
        file_name=upload.name,
        content=upload.read(LIMITS.file_bytes + 1),
        form=request.POST.get("form") or None,
        day=day_of(request.POST.get("day", "")),
        reason=request.POST.get("reason", ""),
    )
    return redirect("reporting:import", batch.pk)


def _index(request: HttpRequest, refused: InvalidInput | None = None, status: int = 200) -> HttpResponse:
    shown = {
        "forms": importable_forms(request.user),
        "imports": my_imports(request.user),
        "today": timezone.localdate(),
        "refused": refused,
        "findings": [_row(finding, []) for finding in refused.findings] if refused else [],
        "typed": request.POST,
    }
    return render(request, "reporting/imports_index.html", shown, status=status)


@require_http_methods(["GET", "POST"])
@requires(Action.IMPORT_REPORTS)
def import_detail(request: HttpRequest, batch: int) -> HttpResponse:
    """Show what a file would change or has changed; commit or abandon it."""
    found = import_for(request.user, batch)
    if request.method == "POST":
        try:
            return _decide(request, found)
        except (Conflict, InvalidInput) as refused:
            return _detail(request, found, refused)
    return _detail(request, found)


def _decide(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    if request.POST.get("action") == "abandon":
        abandon_import(actor=request.user, batch=batch)
        messages.info(request, _("Nothing of %(file)s was written.") % {"file": batch.file_name})
        return redirect("reporting:imports")
    done = commit_import(
        actor=request.user, batch=batch, confirm_warnings=request.POST.get("confirmed") == "yes"
    )
    said = {"file": done.file_name, "n": done.rows_accepted}
    messages.success(request, _("%(n)s rows of %(file)s were taken.") % said)
    return redirect("reporting:import", done.pk)


def _detail(
    request: HttpRequest, batch: ImportBatch, refused: Conflict | InvalidInput | None = None
) -> HttpResponse:
    forms = importable_forms(request.user)
    findings = findings_of(batch)
    shown = {
        "batch": batch,
        "mine": batch.actor_id == request.user.pk,
        "open": batch.status == ImportStatus.PREVIEWED and batch.actor_id == request.user.pk,
        "counts": _counts(batch),
        "samples": [_labelled(sample, forms) for sample in batch.options.get("sample", [])],
        "findings": [_row(finding, forms) for finding in findings[:SHOWN_FINDINGS]],
        "more_findings": max(0, batch.options.get("findings", 0) - SHOWN_FINDINGS),
        "warnings": batch.options.get("warnings", 0),
        "refused": refused,
    }
    return render(request, "reporting/imports_detail.html", shown, status=refused.status if refused else 200)


def _counts(batch: ImportBatch) -> list[dict[str, Any]]:
    return [
        {"label": _("Rows read"), "n": batch.rows_read, "look": ""},
        {
            "label": _("Accepted") if batch.status != ImportStatus.PREVIEWED else _("Can be taken"),
            "n": batch.rows_accepted,
            "look": "good",
        },
        {"label": _("Refused"), "n": batch.rows_refused, "look": "bad" if batch.rows_refused else ""},
        {"label": _("Unchanged"), "n": batch.rows_unchanged, "look": ""},
    ]


def _labelled(sample: dict[str, Any], forms: Sequence[Form]) -> dict[str, Any]:
    form = next((one for one in forms if one.id == sample["form"]), None)
    fixed = {"row": _("Row"), "unit": _("Unit"), "day": _("Day"), "reason": _("Reason for correction")}
    labels = {field.id: worded(field.label) for field in form.fields} if form else {}
    return {
        "title": worded(form.title) if form else sample["form"],
        "labels": [fixed.get(name) or labels.get(name, name) for name in sample["columns"]],
        "rows": sample["rows"],
    }


def _row(finding: Finding, forms: Sequence[Form]) -> dict[str, Any]:
    labels = {field.id: worded(field.label) for form in forms for field in form.fields}
    message, remedy = worded(finding.message), worded(finding.remedy)
    for field_id in sorted(labels, key=len, reverse=True):
        message = message.replace(f"{field_id} ", f"{labels[field_id]} ")
    return {
        "severity": finding.severity,
        "sheet": finding.sheet,
        "row": finding.row,
        "column": labels.get(finding.column or "", finding.column),
        "value": finding.value,
        "message": message,
        "remedy": remedy,
    }


@require_GET
@requires(Action.IMPORT_REPORTS)
def import_errors(request: HttpRequest, batch: int) -> HttpResponse:
    """Hand back the file with a column of errors."""
    return handed_out(refused_rows_file(request.user, batch))


@require_GET
@requires(Action.IMPORT_REPORTS)
def import_template(request: HttpRequest) -> HttpResponse:
    """Hand out the Excel template with the units of this person filled in."""
    day = day_of(request.GET.get("day", "")) or timezone.localdate()
    form = request.GET.get("form") or None
    content = report_template(request.user, TemplateRequest(day=day, form=form))
    return handed_out(Download(f"fangxian-{form or 'reports'}-{day}.xlsx", content))


def day_of(text: str) -> date | None:
    """Return the day of a form control; blank is none, anything else must be a day."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(
            {"zh": f"“{text[:40]}”不是日期。", "en": f"“{text[:40]}” is not a day."},
            {"zh": "请写成 2023-01-05。", "en": "Write it as 2023-01-05."},
        ) from None


@require_GET
@requires(Action.EXPORT_REMINDERS, place="code")
def reminders(request: HttpRequest, code: str, suffix: str) -> HttpResponse:
    """Hand out the list of units whose report is missing."""
    day = day_of(request.GET.get("day", "")) or timezone.localdate()
    return handed_out(export_reminders(actor=request.user, place=request.place, day=day, suffix=suffix))
