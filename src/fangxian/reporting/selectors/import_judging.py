"""A file of reports judged as a commit would write it, and whether that judgement still stands."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from fangxian.base.errors import Finding
from fangxian.ground.accounts.models import User
from fangxian.ground.audit.selectors import changed_since, last_sequence
from fangxian.reporting.models import ImportBatch
from fangxian.reporting.rules.intake import ROWS
from fangxian.reporting.selectors.import_reading import FileReading
from fangxian.reporting.selectors.judging import Judgement, Part, Terms, admit, decide, importable_units
from fangxian.reporting.selectors.stored import Mark, mark_of

JUDGED_BY = ("places", "facilities", "plans")
"""Whose events in the audit trail may change what a row of a file means."""
_NEEDED_TO_JUDGE = ("row", "_kind", "_grade", "_opened", "_closed", "_edition", "_unread", "_values")


@dataclass(frozen=True)
class LookedAt:
    """The current reports of some units over some days of a form, as a judgement found them."""

    form: str
    first: date
    last: date
    units: Sequence[int]
    mark: Mark

    @classmethod
    def by(cls, judgement: Judgement) -> LookedAt | None:
        """Return what a judgement is about to look at: its days, and the day before for the checks."""
        rows = judgement.rows
        if rows.is_empty():
            return None
        units = rows["_unit"].unique().sort().to_list()
        first, last = rows["day"].min() - timedelta(days=1), rows["day"].max()
        return cls(judgement.form_id, first, last, units, mark_of(judgement.form_id, units, first, last))

    def has_changed(self) -> bool:
        """Say whether any of these reports was added or corrected since."""
        return mark_of(self.form, self.units, self.first, self.last) != self.mark


@dataclass(frozen=True)
class Footing:
    """What a judgement rests on: register and plans as of an event of the audit trail, and reports."""

    sequence: int
    looked_at: Sequence[LookedAt] = ()

    @property
    def units(self) -> list[int]:
        """Return all units concerned, in ascending order."""
        return sorted({unit for one in self.looked_at for unit in one.units})

    def still_stands(self, viewer: User) -> bool:
        """Say whether the same rows would be judged the same by the same person now."""
        return (
            not changed_since(self.sequence, JUDGED_BY)
            and set(self.units) <= importable_units(viewer)
            and not any(one.has_changed() for one in self.looked_at)
        )

    def as_json(self) -> dict[str, Any]:
        """Return the footing as it is kept with a preview."""
        looked_at = [
            {
                "form": one.form,
                "days": [one.first.isoformat(), one.last.isoformat()],
                "units": list(one.units),
                "mark": list(one.mark),
            }
            for one in self.looked_at
        ]
        return {"sequence": self.sequence, "looked_at": looked_at}

    @classmethod
    def kept(cls, said: Mapping[str, Any]) -> Footing:
        """Return what `as_json` made."""
        looked_at = [
            LookedAt(
                one["form"],
                date.fromisoformat(one["days"][0]),
                date.fromisoformat(one["days"][1]),
                one["units"],
                (one["mark"][0], one["mark"][1]),
            )
            for one in said["looked_at"]
        ]
        return cls(said["sequence"], looked_at)


@dataclass
class JudgedFile:
    """What would become of the rows of a file; accepted, refused and unchanged add up to those read."""

    reading: FileReading
    footing: Footing
    parts: list[Part] = field(default_factory=list)
    accepted: int = 0
    unchanged: int = 0
    corrected: int = 0

    @property
    def refused(self) -> int:
        """Return how many rows of the file would not be taken."""
        return self.reading.read - self.accepted - self.unchanged

    @property
    def findings(self) -> list[Finding]:
        """Return what was found, where a person finds it."""
        return self.reading.findings


def judge_file(reading: FileReading, terms: Terms, sequence: int | None = None) -> JudgedFile:
    """Judge the reports of a file, form by form; ``sequence`` is where the trail stood before it was read."""
    judged = JudgedFile(
        reading, Footing(last_sequence() if sequence is None else sequence), unchanged=reading.repeats
    )
    looked_at = []
    for form_id, frame in sorted(reading.frames.items()):
        judgement = admit(form_id, frame.drop(ROWS), terms)
        about = LookedAt.by(judgement)  # before the reports are looked at: what comes between is noticed
        looked_at += [about] if about is not None else []
        _add(judged, decide(judgement), frame)
    judged.footing = Footing(judged.footing.sequence, looked_at)
    return judged


def _add(judged: JudgedFile, judgement: Judgement, frame: pl.DataFrame) -> None:
    """Count the rows of the file behind each report, and put findings where a person finds them."""

    def rows_behind(reports: set[int]) -> int:
        return int(frame.filter(pl.col("row").is_in(list(reports)))[ROWS].sum()) if reports else 0

    unchanged = rows_behind(judgement.unchanged)
    judged.unchanged += unchanged
    judged.accepted += int(frame[ROWS].sum()) - rows_behind(judgement.refused) - unchanged
    judged.corrected += judgement.corrected
    judged.parts += judgement.parts
    reading = judged.reading
    reading.refused |= judgement.refused
    for findings in (judgement.findings, judgement.warnings):
        reading.findings += [
            reading.located(one) for one in sorted(findings, key=lambda finding: finding.row or 0)
        ]


def staged_bytes(part: Part) -> bytes:
    """Return the rows of a part as they are kept from preview to commit."""
    out = io.BytesIO()
    part.rows.drop(_NEEDED_TO_JUDGE, strict=False).write_parquet(out, compression="lz4", statistics=False)
    return out.getvalue()


def staged_parts(batch: ImportBatch) -> Iterator[Part]:
    """Return the rows that a preview kept for its commit, part by part."""
    for staged in batch.staged.order_by("pk").iterator(chunk_size=1):
        yield Part(staged.form, staged.edition, pl.read_parquet(io.BytesIO(staged.rows)))
