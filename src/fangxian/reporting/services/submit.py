"""One report comes in: checked, kept as a revision, added to the totals, audited, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from fangxian.base.errors import Conflict, Finding, RefusedReport
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.audit.services import record_event
from fangxian.ground.places.models import Facility
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report
from fangxian.reporting.rules import (
    Counted,
    Values,
    canonical,
    change,
    check_values,
    is_late,
    local_day,
    refusal,
    zero_declaration,
)
from fangxian.reporting.rules.checks import check_report
from fangxian.reporting.rules.replay import ReportWritten
from fangxian.reporting.rules.values import nonzero_findings
from fangxian.reporting.selectors.plans import form_of, peak_fields, plan_at
from fangxian.reporting.selectors.reports import previous_values
from fangxian.reporting.selectors.units import owes, permit, totals_chain
from fangxian.reporting.services.contradictions import review_unit
from fangxian.reporting.services.records import ReportSubmission
from fangxian.reporting.services.storage import lock_units
from fangxian.reporting.services.totals import Gains, apply_gains


def submit_report(*, actor: User, submission: ReportSubmission) -> Report:
    """Take a report or its correction; what is already on record word for word changes nothing.

    Raises ``RefusedReport`` with a finding for each field, ``Conflict`` when somebody else changed the
    report meanwhile, ``NotPermitted`` outside the actor's scope.
    """
    permit(actor, Action.ENTER_REPORTS, unit=submission.unit)
    with transaction.atomic():
        unit = lock_unit(submission.unit)
        plan = plan_at(unit.place, submission.day)
        form = form_of(plan, submission.form)
        now = timezone.now()
        _refuse(submission, _admission(form, unit, submission.day, now))
        values = _checked_values(form, submission)
        current = _current(unit, submission)
        if (
            current is not None
            and current.values == values
            and current.zero_declared == submission.zero_declared
        ):
            return current
        _refuse_stale(current, submission)
        confirmed = _checked_rules(form, submission, values)
        report = _write(actor, submission, current, _Said(form, values, now))
        _count(unit, form, current, report)
        review_unit(unit=unit, plan=plan, form=form, day=report.day, now=now)
        _audit(actor, unit, report, confirmed)
        return report


def declare_zero(  # noqa: PLR0913 -- each argument is one fact of the declaration
    *,
    actor: User,
    unit: Facility,
    form: str,
    day: date,
    expected_revision: int | None = None,
    reason: str = "",
    channel: str = "web",
    confirmed_warnings: bool = False,
) -> Report:
    """Declare in one tap that a unit has nothing to report; refused where a required stock must be stated.

    A warning of the plan asks for confirmation as with any report; confirmed, it is still a zero report.
    """
    values, blocking = zero_declaration(form_of(plan_at(unit.place, day), form))
    submission = ReportSubmission(
        unit=unit,
        form=form,
        day=day,
        values=values,
        zero_declared=True,
        expected_revision=expected_revision,
        reason=reason,
        channel=channel,
        confirmed_warnings=confirmed_warnings,
    )
    _refuse(submission, blocking)
    return submit_report(actor=actor, submission=submission)


def lock_unit(unit: Facility) -> Facility:
    """Lock one unit so that its reports change one at a time; first in the order of locks."""
    lock_units([unit.pk])
    return Facility.objects.select_related("place").get(pk=unit.pk)  # only now: it may have moved meanwhile


def _refuse(submission: ReportSubmission, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    raise RefusedReport(
        {
            "zh": f"{submission.unit.name} {submission.day} 的报告未被接受：{len(findings)} 处须核对。",
            "en": f"The report of {submission.unit.code} about {submission.day} was not taken: "
            f"{len(findings)} to check.",
        },
        {"zh": "请按提示逐项改正后重新提交。", "en": "Mend each and submit again."},
        {"unit": submission.unit.code, "form": submission.form, "day": submission.day.isoformat()},
        tuple(findings),
    )


def _admission(form: Form, unit: Facility, day: date, now: datetime) -> list[Finding]:
    found = []
    if day > local_day(form.deadline, now):
        found.append(refusal("day-future", "day", day, None))
    if not owes(form, unit, day):
        found.append(refusal("form-not-owed", "unit", unit.code, None))
    return found


def _checked_values(form: Form, submission: ReportSubmission) -> dict[str, int | float | None]:
    findings = check_values(form, submission.values)
    if submission.zero_declared:
        findings += nonzero_findings(submission.values)
    _refuse(submission, findings)
    return canonical(submission.values)


def _checked_rules(form: Form, submission: ReportSubmission, values: Values) -> list[str]:
    previous = previous_values(submission.unit, form, submission.day)
    findings = check_report(form, values, previous)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors or not submission.confirmed_warnings:
        _refuse(submission, findings)
    return [finding.code for finding in findings]


def _current(unit: Facility, submission: ReportSubmission) -> Report | None:
    return (
        Report.objects.filter(unit=unit, form=submission.form, day=submission.day, is_current=True)
        .select_related("entered_by")
        .first()
    )


def _refuse_stale(current: Report | None, submission: ReportSubmission) -> None:
    if current is None:
        if submission.expected_revision:
            raise _gone(submission)
        return
    if current.revision != submission.expected_revision:
        raise _faster(current, submission)
    if not submission.reason.strip():
        _refuse(submission, [refusal("correction-needs-reason", "reason", None, None)])


def _faster(current: Report, submission: ReportSubmission) -> Conflict:
    changed = sorted(
        key
        for key in {*current.values, *submission.values}
        if current.values.get(key, "absent") != submission.values.get(key, "absent")
    )
    who, when = (
        current.entered_by.display_name,
        timezone.localtime(current.entered_at).strftime("%Y-%m-%d %H:%M"),
    )
    return Conflict(
        {
            "zh": f"{who} 已于 {when} 提交第 {current.revision} 版，与您的数字不同：{'、'.join(changed)}。",
            "en": f"{who} entered revision {current.revision} at {when}; it differs from yours "
            f"in {', '.join(changed) or 'nothing'}.",
        },
        {
            "zh": "请查看对方的数字，确需改动时以更正提交。",
            "en": "Look at those figures; submit yours as a correction if they should stand.",
        },
        {
            "revision": current.revision,
            "expected_revision": submission.expected_revision,
            "entered_by": who,
            "entered_at": current.entered_at.isoformat(),
            "values": current.values,
            "changed": changed,
        },
    )


def _gone(submission: ReportSubmission) -> Conflict:
    return Conflict(
        {
            "zh": f"该单位该日没有第 {submission.expected_revision} 版报告。",
            "en": f"This unit has no revision {submission.expected_revision} for this day.",
        },
        {"zh": "请刷新页面。", "en": "Load the report again."},
        {"revision": None, "expected_revision": submission.expected_revision},
    )


class _Said:
    """What was found out on the way to writing."""

    def __init__(self, form: Form, values: dict[str, int | float | None], now: datetime) -> None:
        self.form, self.values, self.now = form, values, now


def _write(actor: User, submission: ReportSubmission, current: Report | None, said: _Said) -> Report:
    reported_at = submission.reported_at or said.now
    if current is not None:
        Report.objects.filter(pk=current.pk).update(is_current=False)
    return Report.objects.create(
        unit=submission.unit,
        form=submission.form,
        day=submission.day,
        revision=1 if current is None else current.revision + 1,
        values=said.values,
        zero_declared=submission.zero_declared,
        late=is_late(said.form.deadline, submission.day, reported_at) if current is None else current.late,
        reported_at=reported_at,
        entered_at=said.now,
        entered_by=actor,
        channel=submission.channel,
        reason=submission.reason.strip(),
        synthetic=submission.synthetic,
    )


def counted(report: Report, population: int | None) -> Counted:
    """Return a report as the totals see it."""
    return Counted(
        report.values, report.zero_declared, report.late, report.revision, population or 0, report.synthetic
    )


def _count(unit: Facility, form: Form, current: Report | None, report: Report) -> None:
    old = None if current is None else counted(current, unit.population_served)
    gained = change(old, counted(report, unit.population_served))
    keys = [(place_id, report.day) for place_id in totals_chain(unit.place)]
    fields = peak_fields(form.id)
    peaks = {key: value for key, value in report.values.items() if key in fields and value is not None}
    apply_gains(
        Gains(
            form=form.id,
            tallies=dict.fromkeys(keys, gained),
            peak_fields=fields,
            peaks=dict.fromkeys(keys, peaks),
            lowered=frozenset(keys if current is not None else ()),
        )
    )


def _audit(actor: User, unit: Facility, report: Report, confirmed: Sequence[str]) -> None:
    code = "reports.corrected" if report.revision > 1 else "reports.submitted"
    if report.zero_declared and report.revision == 1:
        code = "reports.zero_declared"
    written = ReportWritten.of(unit.code, report)
    record_event(
        actor=actor,
        code=code,
        place_code=unit.place.code,
        subject=("report", str(report.pk)),
        detail={**written.as_detail(), "confirmed_warnings": list(confirmed)},
    )
