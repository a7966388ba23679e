"""A file of reports comes in: previewed with no report written, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import transaction
from django.utils import timezone

from fangxian.base.errors import Conflict, InvalidInput
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.audit.selectors import last_sequence
from fangxian.ground.audit.services import record_event
from fangxian.ground.exchange.rules import ROW, Kind, kind_of
from fangxian.reporting.choices import Channel, ImportStatus
from fangxian.reporting.models import ImportBatch, StagedRows
from fangxian.reporting.rules.intake import NOT_KNOWN, ROWS, Assumed
from fangxian.reporting.rules.labels import DAY, UNIT
from fangxian.reporting.selectors.import_errors import Faults
from fangxian.reporting.selectors.import_judging import (
    Footing,
    JudgedFile,
    judge_file,
    staged_bytes,
    staged_parts,
)
from fangxian.reporting.selectors.import_reading import FileReading, read_reports
from fangxian.reporting.selectors.judging import Part, with_text
from fangxian.reporting.selectors.units import permit
from fangxian.reporting.services.batches import new_batch, note_findings, record_import
from fangxian.reporting.services.bulk import Writing, digest_of, terms_of, write_part
from fangxian.reporting.services.records import BulkOptions
from fangxian.reporting.services.storage import keep_content, lock_units

SAMPLE_ROWS = 20
CHUNK = 25_000  # reports written between two steps of the progress

Progress = Callable[[int, int], None]
"""Called with the reports done and the reports in all."""


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

    The rows as they were judged are kept beside the file, with what the judgement rests on.
    """
    permit(actor, Action.IMPORT_REPORTS)
    file_name = file_name.rpartition("/")[2].rpartition("\\")[2][-255:]
    kind, _ = kind_of(content, file_name)
    batch = new_batch(
        actor=actor,
        file_name=file_name,
        content=content,
        channel=Channel.CSV if kind is Kind.CSV else Channel.EXCEL,
        status=ImportStatus.PREVIEWED,
        options={"form": form, "day": day.isoformat() if day else None, "reason": reason.strip()},
    )
    judged = _judge(actor, batch, content)
    batch.footing = judged.footing.as_json()
    batch.faults = Faults.of(judged.reading).to_bytes() if judged.refused else None
    _note(batch, judged)
    staged = [
        StagedRows(batch=batch, form=part.form_id, edition=part.edition, rows=staged_bytes(part))
        for part in judged.parts
    ]
    del judged  # large, and no longer needed when the file is sent to the database
    with transaction.atomic():
        batch.save(force_insert=True)
        keep_content(batch, content)
        StagedRows.objects.bulk_create(staged)
    return batch


def commit_import(
    *, actor: User, batch: ImportBatch, confirm_warnings: bool = False, progress: Progress | None = None
) -> ImportBatch:
    """Write the accepted rows of a previewed file, all of them or none.

    What the preview judged is written as it was judged if nothing that it rests on has changed; otherwise
    the file is judged again. Refused rows are given back in the file with a column of errors. ``Conflict``
    when the batch is no longer open, or when something done since the preview makes the file mean something
    else, such as somebody else's report.
    """
    permit(actor, Action.IMPORT_REPORTS)
    with transaction.atomic():
        batch = _open(actor, batch)
        if any(one["severity"] == "warning" for one in batch.findings) and not confirm_warnings:
            raise _unconfirmed(batch)
        footing = Footing.kept(batch.footing)
        lock_units(footing.units)
        parts: Iterable[Part] = staged_parts(batch)
        if not footing.still_stands(actor):
            parts = _judged_again(actor, batch)
        written = _write(parts, _writing(actor, batch, timezone.now()), batch, progress)
        batch.digest = digest_of(written)
        batch.status = ImportStatus.COMMITTED
        if not batch.rows_refused:
            batch.content = None
        _close(batch)
        days = [day for part in written for day in (part["day"].min(), part["day"].max())]
        span = {"first_day": min(days), "last_day": max(days)} if days else {}
        forms = sorted({one.form for one in footing.looked_at})
        detail = {"file": batch.file_name, "sha256": batch.sha256, "forms": forms, **span}
        record_import(actor, batch, {**detail, "corrected": batch.options["corrected"]})
    return batch


def abandon_import(*, actor: User, batch: ImportBatch) -> ImportBatch:
    """Close a previewed file without writing any of it, and forget its content."""
    with transaction.atomic():
        batch = _open(actor, batch)
        batch.status = ImportStatus.ABANDONED
        batch.content = batch.faults = None
        batch.options = {key: value for key, value in batch.options.items() if key != "sample"}
        _close(batch)
        record_event(
            actor=actor,
            code="reports.import_abandoned",
            subject=("import_batch", str(batch.pk)),
            detail={"file": batch.file_name, "sha256": batch.sha256},
        )
    return batch


def _open(actor: User, batch: ImportBatch) -> ImportBatch:
    locked = ImportBatch.objects.select_for_update().defer("content", "faults").get(pk=batch.pk)
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


def _close(batch: ImportBatch) -> None:
    batch.footing = None
    batch.save()
    StagedRows.objects.filter(batch=batch).delete()


def _writing(actor: User, batch: ImportBatch, now: datetime) -> Writing:
    options = BulkOptions(channel=batch.channel, batch=batch, reason=batch.options["reason"])
    return Writing(actor, options, now)


def _judge(actor: User, batch: ImportBatch, content: bytes) -> JudgedFile:
    """Read a file and judge its rows, with no regard to any earlier judgement."""
    sequence = last_sequence()
    day = batch.options["day"]
    assumed = Assumed(batch.options["form"], date.fromisoformat(day) if day else None)
    reading = read_reports(actor, batch.file_name, content, assumed, timezone.localdate())
    return judge_file(reading, terms_of(_writing(actor, batch, timezone.now())), sequence)


def _judged_again(actor: User, batch: ImportBatch) -> list[Part]:
    """Return the rows as they are judged now; ``Conflict`` if that is not what the preview told."""
    judged = _judge(actor, batch, bytes(batch.content))
    now = ImportBatch(options=batch.options)
    _note(now, judged)
    said = ("rows_read", "rows_accepted", "rows_refused", "rows_unchanged", "findings", "options")
    same = all(getattr(now, name) == getattr(batch, name) for name in said)
    if not same or _meaning(judged.parts) != _meaning(staged_parts(batch)):
        raise _overtaken(batch)
    return judged.parts


def _meaning(parts: Iterable[Part]) -> str:
    """Return a digest of what parts would write in the place of what."""
    columns = ("unit", "day", "_stored_revision", "_values", "zero_declared", "reason")
    return digest_of([with_text(part.form, part.rows).select(columns) for part in parts])


def _write(
    parts: Iterable[Part], writing: Writing, batch: ImportBatch, progress: Progress | None
) -> list[pl.DataFrame]:
    done = 0

    def step(rows: int) -> None:
        nonlocal done
        done += rows
        if progress is not None:
            progress(done, batch.options["reports"])

    return [write_part(part, writing, step, CHUNK) for part in parts]


def _note(batch: ImportBatch, judged: JudgedFile) -> None:
    """Write down what would become of the rows, the first findings and the first rows."""
    batch.rows_read, batch.rows_accepted = judged.reading.read, judged.accepted
    batch.rows_unchanged, batch.rows_refused = judged.unchanged, judged.refused
    note_findings(batch, judged.findings, judged.corrected)
    batch.options["reports"] = sum(part.rows.height for part in judged.parts)
    batch.options["sample"] = _sample(judged.reading)


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
            "zh": f"预览之后，有人改动了 {batch.file_name} 涉及的报告、机构或预案；没有写入任何内容。",
            "en": f"Somebody changed a report, a unit or a plan that {batch.file_name} depends on "
            "after its preview; nothing was written.",
        },
        {"zh": "请重新预览后再提交。", "en": "Preview the file again and commit that."},
        {"batch": batch.pk},
    )
