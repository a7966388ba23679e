"""Single reports through the API: read with every revision, submit, correct, declare zero."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import requires
from fangxian.reporting.choices import Channel
from fangxian.reporting.schemas.reports import ReportIn, ReportOut, ZeroIn, report_out
from fangxian.reporting.selectors.reports import revisions
from fangxian.reporting.services import ReportSubmission, declare_zero, submit_report

router = Router(tags=["reports"])


@router.get("/reports/{unit}/{form}/{day}", response=ReportOut, summary="A report with its revisions")
@requires(Action.VIEW_REPORTS, facility="unit")
def show_report(request: HttpRequest, unit: str, form: str, day: date) -> dict[str, Any]:
    """Return what a unit said, every revision and who entered it."""
    return report_out(request.facility, form, day, revisions(request.facility, form, day))


@router.post(
    "/reports/{unit}/{form}/{day}",
    response={200: ReportOut, 201: ReportOut},
    summary="Submit or correct a report",
)
@requires(Action.ENTER_REPORTS, facility="unit")
def take_report(request: HttpRequest, unit: str, form: str, day: date, body: ReportIn) -> Status:
    """Take a report: 201 with the new revision, 200 where it is on record word for word.

    A correction names the revision it corrects and says why; 409 tells who was faster, 422 what is wrong
    with which field.
    """
    before = revisions(request.facility, form, day)
    submission = ReportSubmission(
        unit=request.facility, form=form, day=day, channel=Channel.API, **body.model_dump()
    )
    report = submit_report(actor=request.user, submission=submission)
    after = revisions(request.facility, form, day)
    unchanged = bool(before) and before[-1].pk == report.pk
    return Status(200 if unchanged else 201, report_out(request.facility, form, day, after))


@router.post("/reports/{unit}/{form}/{day}/zero", response={201: ReportOut}, summary="Declare a zero report")
@requires(Action.ENTER_REPORTS, facility="unit")
def take_zero(request: HttpRequest, unit: str, form: str, day: date, body: ZeroIn) -> Status:
    """Declare that there is nothing to report; refused where a required stock must be stated."""
    declare_zero(
        actor=request.user,
        unit=request.facility,
        form=form,
        day=day,
        expected_revision=body.expected_revision,
        reason=body.reason,
        channel=Channel.API,
        confirmed_warnings=body.confirmed_warnings,
    )
    after = revisions(request.facility, form, day)
    return Status(201, report_out(request.facility, form, day, after))
