"""A file of reports comes in: previewed with nothing written, then all of it or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import polars as pl
from django.db import transaction
from django.utils import timezone

from fangxian.base.errors import Conflict, Finding, InvalidInput
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.audit.services import record_event
from fangxian.ground.exchange.rules import ROW, Kind, kind_of
from fangxian.reporting.choices import Channel, ImportStatus
from fangxian.reporting.models import ImportBatch
from fangxian.reporting.rules.intake import NOT_KNOWN, ROWS, Assumed
from fangxian.reporting.rules.labels import DAY, UNIT
from fangxian.reporting.selectors.import_errors import error_sheet
from fangxian.reporting.selectors.import_reading import FileReading, read_reports
from fangxian.reporting.selectors.units import permit
from fangxian.reporting.services.bulk import submit_bulk
from fangxian.reporting.services.records import BulkOptions, BulkResult

KEPT_FINDINGS = 2_000
SAMPLE_ROWS = 20
CHUNK = 25_000  # reports handed over at a time: bounds the memory of a file of a million values

Progress = Callable[[int, int], None]
"""Called with the rows done and the rows in all."""


@dataclass
class Outcome:
    """What became, or would become, of the rows of a file."""

    read: int
    accepted: int = 0
    unchanged: int = 0
    refused: int = 0
    corrected: int = 0
    findings: list[Finding] = field(default_factory=list)
    digest: str = ""

    @property
    def warnings(self) -> int:
        """Return how many findings ask for confirmation."""
        return sum(finding.severity == "warning" for finding in self.findings)


def preview_import(
    *,
    actor: User,
    file_name: str,
    content: bytes,
    form: str | None = None,
    day: date | None = None,
    reason: str = "",
) -> ImportBatch:
    """Read a file and say what a commit would do; no report is written.

    The checks are those of the commit, run and rolled back, so that the two cannot disagree.
    """
    permit(actor, Action.IMPORT_REPORTS)
    file_name = file_name.rpartition("/")[2].rpartition("\\")[2][-255:]
    kind, _ = kind_of(content, file_name)
    reading = read_reports(actor, file_name, content, Assumed(form, day), timezone.localdate())
    batch = ImportBatch(
        file_name=file_name,
        sha256=hashlib.sha256(content).hexdigest(),
        channel=Channel.CSV if kind is Kind.CSV else Channel.EXCEL,
        status=ImportStatus.PREVIEWED,
        actor=actor,
        at=timezone.now(),
        content=content,
        options={
            "form": form,
            "day": day.isoformat() if day else None,
            "reason": reason.strip(),
        },
    )
    with transaction.atomic():
        outcome = _take(actor, reading, batch)
        transaction.set_rollback(True)
    with transaction.atomic():
        _note(batch, outcome)
        batch.options["sample"] = _sample(reading)
        batch.save(force_insert=True)
    return batch


def commit_import(
    *, actor: User, batch: ImportBatch, confirm_warnings: bool = False, progress: Progress | None = None
) -> ImportBatch:
    """Write the accepted rows of a previewed file, all of them or none.

    Refused rows are given back in the file with a column of errors. ``Conflict`` when the batch is no longer
    open or somebody changed one of its reports since the preview.
    """
    permit(actor, Action.IMPORT_REPORTS)
    with transaction.atomic():
        batch = _open(actor, batch)
        expected = batch.digest
        if any(one["severity"] == "warning" for one in batch.findings) and not confirm_warnings:
            raise _unconfirmed(batch)
        assumed = Assumed(batch.options.get("form"), _day(batch.options.get("day")))
        content = bytes(batch.content or b"")
        reading = read_reports(actor, batch.file_name, content, assumed, timezone.localdate())
        outcome = _take(actor, reading, batch, progress)
        if outcome.digest != expected:
            raise _overtaken(batch)
        _note(batch, outcome)
        batch.status = ImportStatus.COMMITTED
        batch.content = error_sheet(reading, content) if outcome.refused else None
        batch.save()
        record_event(
            actor=actor,
            code="reports.imported",
            subject=("import_batch", str(batch.pk)),
            detail={
                **_counts(batch),
                "file": batch.file_name,
                "sha256": batch.sha256,
                "digest": batch.digest,
            },
        )
    return batch


def abandon_import(*, actor: User, batch: ImportBatch) -> ImportBatch:
    """Close a previewed file without writing any of it, and forget its content."""
    with transaction.atomic():
        batch = _open(actor, batch)
        batch.status = ImportStatus.ABANDONED
        batch.content = None
        batch.options = {key: value for key, value in batch.options.items() if key != "sample"}
        batch.save()
        record_event(
            actor=actor,
            code="reports.import_abandoned",
            subject=("import_batch", str(batch.pk)),
            detail={"file": batch.file_name, "sha256": batch.sha256},
        )
    return batch


def _open(actor: User, batch: ImportBatch) -> ImportBatch:
    locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.status != ImportStatus.PREVIEWED or locked.actor_id != actor.pk:
        raise Conflict(
            {
                "zh": f"导入 {locked.pk} 已不在预览状态，或不是您上传的。",
                "en": f"Import {locked.pk} is no longer open, or is not yours.",
            },
            {"zh": "请重新上传文件。", "en": "Upload the file again."},
            {"status": locked.status},
        )
    return locked


def _take(actor: User, reading: FileReading, batch: ImportBatch, progress: Progress | None = None) -> Outcome:
    """Hand the reports of a file to the bulk verb, form by form, and add up what became of its rows."""
    outcome = Outcome(read=reading.read, unchanged=reading.repeats, findings=list(reading.findings))
    refused, digests = set(reading.refused), []
    options = BulkOptions(
        channel=batch.channel,
        batch=batch if batch.pk else None,
        reason=batch.options.get("reason", ""),
        confirmed_warnings=True,
    )
    for form_id, frame in sorted(reading.frames.items()):
        for start in range(0, frame.height, CHUNK):
            chunk = frame.slice(start, CHUNK)
            result = submit_bulk(actor=actor, form=form_id, frame=chunk.drop(ROWS), options=options)
            digests.append(result.digest)
            _add(outcome, reading, result, dict(chunk.select(ROW, ROWS).rows()), refused)
            if progress is not None:
                progress(outcome.accepted + outcome.unchanged + len(refused), outcome.read)
    outcome.refused = outcome.read - outcome.accepted - outcome.unchanged
    outcome.digest = hashlib.sha256("".join(digests).encode()).hexdigest()
    return outcome


def _add(
    outcome: Outcome,
    reading: FileReading,
    result: BulkResult,
    weights: Mapping[int, int],
    refused: set[int],
) -> None:
    outcome.unchanged += sum(weights[row] for row in result.unchanged_rows)
    turned_down = sum(weights[row] for row in result.refused_rows)
    unchanged = sum(weights[row] for row in result.unchanged_rows)
    outcome.accepted += sum(weights.values()) - turned_down - unchanged
    outcome.corrected += result.corrected
    refused.update(result.refused_rows)
    reading.refused.update(result.refused_rows)
    located = [reading.located(finding) for finding in (*result.findings, *result.warnings)]
    reading.findings += located
    outcome.findings += located


def _note(batch: ImportBatch, outcome: Outcome) -> None:
    batch.rows_read, batch.rows_accepted = outcome.read, outcome.accepted
    batch.rows_unchanged, batch.rows_refused = outcome.unchanged, outcome.refused
    batch.digest = outcome.digest
    batch.options = {**batch.options, "corrected": outcome.corrected, "findings": len(outcome.findings)}
    order = sorted(outcome.findings, key=lambda one: (one.severity != "error", one.sheet or "", one.row or 0))
    batch.findings = [asdict(finding) for finding in order[:KEPT_FINDINGS]]
    batch.options["warnings"] = outcome.warnings


def _counts(batch: ImportBatch) -> dict[str, int]:
    return {
        "read": batch.rows_read,
        "accepted": batch.rows_accepted,
        "refused": batch.rows_refused,
        "unchanged": batch.rows_unchanged,
    }


def _sample(reading: FileReading) -> list[dict[str, Any]]:
    """Return the first rows of each form that can be taken, as they were read."""
    samples = []
    for form_id, frame in reading.frames.items():
        good = frame.filter(~pl.col(ROW).is_in(sorted(reading.refused))).head(SAMPLE_ROWS)
        columns = [
            ROW,
            UNIT,
            DAY,
            *(one for one in frame.columns if one not in {ROW, ROWS, UNIT, DAY, NOT_KNOWN}),
        ]
        rows = [[_plain(cell) for cell in row] for row in good.select(columns).rows()]
        for row in rows:
            row[0] = reading.place_of(row[0])[1]
        samples.append({"form": form_id, "columns": columns, "rows": rows})
    return samples


def _plain(cell: Any) -> Any:  # noqa: ANN401 -- what a cell of JSON may be
    if isinstance(cell, date):
        return cell.isoformat()
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _unconfirmed(batch: ImportBatch) -> InvalidInput:
    return InvalidInput(
        {
            "zh": f"{batch.file_name} 有须确认的提示。",
            "en": f"{batch.file_name} has warnings to confirm.",
        },
        {"zh": "核对后勾选“已核对提示”再提交。", "en": "Check them, tick that you did, and commit again."},
        {"warnings": batch.options.get("warnings")},
    )


def _overtaken(batch: ImportBatch) -> Conflict:
    return Conflict(
        {
            "zh": f"预览之后，有人改动了 {batch.file_name} 涉及的报告；没有写入任何内容。",
            "en": f"Somebody changed a report of {batch.file_name} after its preview; nothing was written.",
        },
        {"zh": "请重新预览后再提交。", "en": "Preview the file again and commit that."},
        {"batch": batch.pk},
    )
