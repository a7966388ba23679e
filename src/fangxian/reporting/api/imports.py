"""Files of reports through the API: preview, then commit; refused rows back."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from fangxian.base.errors import Finding
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import requires
from fangxian.ground.exchange.rules import LIMITS
from fangxian.reporting.models import ImportBatch
from fangxian.reporting.schemas.downloads import handed_out
from fangxian.reporting.schemas.imports import CommitIn, FindingOut, ImportOut
from fangxian.reporting.selectors.imports import (
    Download,
    findings_of,
    import_for,
    my_imports,
    refused_rows_file,
)
from fangxian.reporting.selectors.templates import TemplateRequest, report_template
from fangxian.reporting.services.imports import abandon_import, commit_import, preview_import

router = Router(tags=["imports"])


@router.get("/imports", response=list[ImportOut], summary="Files that I uploaded")
@requires(Action.IMPORT_REPORTS)
def list_imports(request: HttpRequest) -> list[ImportBatch]:
    """Return the latest files, newest first."""
    return list(my_imports(request.user))


@router.post("/imports", response={201: ImportOut}, summary="Preview a file")
@requires(Action.IMPORT_REPORTS)
def preview_file(
    request: HttpRequest,
    file: File[UploadedFile],
    form: Form[str | None] = None,
    day: Form[date | None] = None,
    reason: Form[str] = "",
) -> Status[ImportBatch]:
    """Read an Excel or CSV file and say what a commit would do; no report is written."""
    batch = preview_import(
        actor=request.user,
        file_name=file.name or "",
        content=file.read(LIMITS.file_bytes + 1),
        form=form,
        day=day,
        reason=reason,
    )
    return Status(201, batch)


@router.get("/imports/template", summary="The Excel template with my units", response={200: None})
@requires(Action.IMPORT_REPORTS)
def template(request: HttpRequest, form: str | None = None, day: date | None = None) -> HttpResponse:
    """Return the workbook to fill in; re-imported, every cell finds its field."""
    day = day or timezone.localdate()
    content = report_template(request.user, TemplateRequest(day=day, form=form))
    return handed_out(Download(f"fangxian-{form or 'reports'}-{day}.xlsx", content))


@router.get("/imports/{batch}", response=ImportOut, summary="One file")
@requires(Action.IMPORT_REPORTS)
def show_import(request: HttpRequest, batch: int) -> ImportBatch:
    """Return what became of the rows of a file."""
    return import_for(request.user, batch)


@router.get("/imports/{batch}/findings", response=list[FindingOut], summary="What is wrong with a file")
@requires(Action.IMPORT_REPORTS)
def list_findings(request: HttpRequest, batch: int) -> list[Finding]:
    """Return the findings kept with a file, errors first."""
    return findings_of(import_for(request.user, batch))


@router.get("/imports/{batch}/errors", summary="The file with a column of errors", response={200: None})
@requires(Action.IMPORT_REPORTS)
def errors_file(request: HttpRequest, batch: int) -> HttpResponse:
    """Return the file as it came and one more column."""
    return handed_out(refused_rows_file(request.user, batch))


@router.post("/imports/{batch}/commit", response=ImportOut, summary="Write a previewed file")
@requires(Action.IMPORT_REPORTS)
def commit(request: HttpRequest, batch: int, decision: CommitIn) -> ImportBatch:
    """Write the accepted rows, all or none."""
    found = import_for(request.user, batch)
    return commit_import(actor=request.user, batch=found, confirm_warnings=decision.confirm_warnings)


@router.post("/imports/{batch}/abandon", response=ImportOut, summary="Abandon a previewed file")
@requires(Action.IMPORT_REPORTS)
def abandon(request: HttpRequest, batch: int) -> ImportBatch:
    """Close the file without writing any of it."""
    return abandon_import(actor=request.user, batch=import_for(request.user, batch))
