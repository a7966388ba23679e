"""What the API says about imports."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema


class FindingOut(Schema):
    """One thing wrong with one place of a file, and its remedy, in both languages."""

    code: str
    severity: str
    message: dict[str, str]
    remedy: dict[str, str]
    file: str | None
    sheet: str | None
    row: int | None
    column: str | None
    value: str | None


class ImportOut(Schema):
    """One file: read is always accepted + refused + unchanged."""

    id: int
    file_name: str
    sha256: str
    channel: str
    status: str
    at: datetime
    rows_read: int
    rows_accepted: int
    rows_refused: int
    rows_unchanged: int
    corrected: int
    warnings: int
    findings: int
    digest: str

    @staticmethod
    def resolve_corrected(batch: object) -> int:
        """Return how many accepted rows correct an earlier report."""
        return batch.options.get("corrected", 0)

    @staticmethod
    def resolve_warnings(batch: object) -> int:
        """Return how many findings ask for confirmation."""
        return batch.options.get("warnings", 0)

    @staticmethod
    def resolve_findings(batch: object) -> int:
        """Return how many findings there are; the list has its own address."""
        return batch.options.get("findings", 0)


class CommitIn(Schema):
    """Whether the warnings of the preview were looked at."""

    confirm_warnings: bool = False
