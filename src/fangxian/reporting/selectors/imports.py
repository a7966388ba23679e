"""Imports as a person may see them: her own, and committed ones whose every unit lies in her scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from fangxian.base.errors import Finding, NotFound
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.exchange.rules import Kind, kind_of
from fangxian.plans.schema import Form
from fangxian.reporting.choices import ImportStatus
from fangxian.reporting.models import ImportBatch, Report
from fangxian.reporting.selectors.import_errors import Faults
from fangxian.reporting.selectors.import_reading import forms_known_to

_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Download:
    """A file to hand out."""

    name: str
    content: bytes

    @property
    def media_type(self) -> str:
        """Return the content type by the name."""
        return _MEDIA[self.name.rpartition(".")[2]]


def my_imports(viewer: User, limit: int = 50) -> QuerySet[ImportBatch]:
    """Return the latest files that a person uploaded, without their content."""
    return (
        ImportBatch.objects.filter(actor=viewer)
        .defer("content", "faults", "findings", "footing")
        .order_by("-pk")[:limit]
    )


def import_for(viewer: User, batch_id: int) -> ImportBatch:
    """Return one import, or ``NotFound``: the importer's own, or a committed one that lies in scope whole."""
    batch = ImportBatch.objects.select_related("actor").filter(pk=batch_id).first()
    if batch is not None and (batch.actor_id == viewer.pk or _in_scope(viewer, batch)):
        return batch
    raise NotFound(
        {"zh": f"没有编号为 {batch_id} 的导入。", "en": f"There is no import {batch_id}."},
        {"zh": "请核对编号。", "en": "Check the number."},
        {"batch": batch_id},
    )


def _in_scope(viewer: User, batch: ImportBatch) -> bool:
    if batch.status != ImportStatus.COMMITTED:
        return False
    units = Report.objects.filter(batch=batch).order_by().values("unit_id").distinct()
    if not units.exists():
        return False
    mine = policy.units(viewer, Action.IMPORT_REPORTS)
    return not units.exclude(unit__in=mine).exists()


def importable_forms(viewer: User) -> Sequence[Form]:
    """Return the forms that a person may import on today."""
    return forms_known_to(viewer, timezone.localdate())


def refused_rows_file(viewer: User, batch_id: int) -> Download:
    """Return the file as it came with a column of errors, also after its other rows were committed."""
    batch = import_for(viewer, batch_id)
    if batch.actor_id != viewer.pk or not batch.content or not batch.rows_refused:
        raise NotFound(
            {
                "zh": f"导入 {batch_id} 没有可退回的错误行。",
                "en": f"Import {batch_id} has no refused rows to give back.",
            },
            {"zh": "只有上传人可以取回。", "en": "Only the person who uploaded the file can fetch them."},
        )
    content = bytes(batch.content)
    if batch.faults is not None:  # an import from before faults were kept has the marked file as its content
        content = Faults.kept(bytes(batch.faults)).written_into(content, batch.file_name)
    kind, _ = kind_of(content, batch.file_name)
    suffix = "csv" if kind is Kind.CSV else "xlsx"
    stem = batch.file_name.rpartition(".")[0] or batch.file_name
    return Download(f"{stem}-errors.{suffix}", content)


def findings_of(batch: ImportBatch) -> list[Finding]:
    """Return the findings kept with an import, errors first."""
    return [Finding(**one) for one in batch.findings]
