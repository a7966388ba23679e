"""What is handed to the verbs of reporting, and what they hand back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fangxian.base.errors import Finding
from fangxian.ground.places.models import Facility
from fangxian.reporting.choices import Channel
from fangxian.reporting.models import ImportBatch
from fangxian.reporting.rules import Number


@dataclass(frozen=True)
class ReportSubmission:
    """What a unit says on a form about a day.

    ``expected_revision`` is the revision that the person had before her eyes (``None``: nothing yet);
    a different one in the database means that somebody was faster.
    """

    unit: Facility
    form: str
    day: date
    values: Mapping[str, Number | None]
    zero_declared: bool = False
    expected_revision: int | None = None
    reason: str = ""
    confirmed_warnings: bool = False
    channel: str = Channel.WEB
    reported_at: datetime | None = None
    synthetic: bool = False


@dataclass(frozen=True)
class BulkOptions:
    """How a batch of rows is taken.

    ``reason`` is used for corrections whose row gives none; without any, a correction is refused.
    ``GENERATOR`` rows skip the question of scope: that channel exists on the command line only.
    """

    channel: str = Channel.CSV
    batch: ImportBatch | None = None
    reported_at: datetime | None = None
    reason: str = ""
    confirmed_warnings: bool = True
    synthetic: bool = False
    now: datetime | None = None


@dataclass(frozen=True)
class BulkResult:
    """What became of the rows; accepted + refused + unchanged is always ``rows``."""

    rows: int
    accepted: int = 0
    refused: int = 0
    unchanged: int = 0
    corrected: int = 0
    findings: Sequence[Finding] = ()
    warnings: Sequence[Finding] = ()
    digest: str = ""
    refused_rows: Sequence[int] = ()
    unchanged_rows: Sequence[int] = ()
