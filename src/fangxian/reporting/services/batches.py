"""The record of one file or dataset that came in: opened, noted, put into the trail."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from fangxian.base.errors import Finding
from fangxian.ground.accounts.models import User
from fangxian.ground.audit.services import record_event
from fangxian.reporting.choices import Channel, ImportStatus
from fangxian.reporting.models import ImportBatch

KEPT_FINDINGS = 2_000


def new_batch(
    *,
    actor: User,
    file_name: str,
    content: bytes,
    channel: Channel,
    status: ImportStatus,
    options: Mapping[str, Any],
) -> ImportBatch:
    """Return the record of what came in, not yet saved."""
    return ImportBatch(
        file_name=file_name,
        sha256=hashlib.sha256(content).hexdigest(),
        channel=channel,
        status=status,
        actor=actor,
        at=timezone.now(),
        options=dict(options),
    )


def note_findings(batch: ImportBatch, findings: Sequence[Finding], corrected: int) -> None:
    """Keep the first findings with a batch, errors before warnings, and how many there are of each."""
    order = sorted(findings, key=lambda one: (one.severity != "error", one.sheet or "", one.row or 0))
    batch.findings = [asdict(finding) for finding in order[:KEPT_FINDINGS]]
    batch.options = {
        **batch.options,
        "corrected": corrected,
        "findings": len(findings),
        "warnings": sum(finding.severity == "warning" for finding in findings),
    }


def record_import(actor: User, batch: ImportBatch, detail: Mapping[str, Any]) -> None:
    """Write into the trail what became of a file or dataset."""
    record_event(
        actor=actor,
        code="reports.imported",
        subject=("import_batch", str(batch.pk)),
        detail={
            **detail,
            "read": batch.rows_read,
            "accepted": batch.rows_accepted,
            "refused": batch.rows_refused,
            "unchanged": batch.rows_unchanged,
            "digest": batch.digest,
        },
    )
