"""What every number of a disease file must say of itself: range, status, and where it comes from.

The unit is required by the schema, or stands in the name of the key (``mean_days``).
"""

from __future__ import annotations

from pydantic import BaseModel

from fangxian.plans.checker.notes import Notes
from fangxian.plans.locate import Path
from fangxian.plans.schema import ByAge, Duration, Quantity, Sensitivity, SerialInterval

Number = SerialInterval | Quantity | Duration | ByAge | Sensitivity


def check_provenance(path: Path, record: BaseModel, notes: Notes) -> None:
    """Note what a number lacks: its range, its status, or what it rests on.

    Parameters
    ----------
    path : Path
        Of the record in the file.
    record : BaseModel
        Any record of a disease file; only numbers are looked at.
    notes : Notes
        Where findings are collected.
    """
    if not isinstance(record, Number):
        return
    name = str(next(part for part in reversed(path) if isinstance(part, str)))
    low, high = range_keys(record)
    if any(getattr(record, key) in (None, ()) for key in (low, high)):
        notes.error(
            "range-missing",
            path,
            {"zh": f"“{name}”没有范围。", "en": f"{name!r} has no range."},
            {
                "zh": f"请写 {low} 和 {high}；来源未给出时写工作范围，并在 note 中说明。",
                "en": f"Write {low} and {high}; where the source gives none, a working range, "
                "and say so in the note.",
            },
        )
    if "status" not in record.model_fields_set:
        notes.error(
            "status-missing",
            path,
            {"zh": f"“{name}”没有写可信程度。", "en": f"{name!r} does not say how far it can be trusted."},
            {
                "zh": '请写 status = "published"、"second-hand" 或 "default"(工作值)。',
                "en": 'Write status = "published", "second-hand" or "default" (a working value).',
            },
        )
    if record.source is None and record.note is None and not isinstance(record, SerialInterval):
        notes.error(
            "basis-missing",
            path,
            {"zh": f"“{name}”没有来源，也没有说明。", "en": f"{name!r} has neither source nor note."},
            {
                "zh": '请写 source = "…"；工作值请在 note 中写明依据。',
                "en": 'Name a source = "…"; for a working value say in the note what it rests on.',
            },
        )


def range_keys(record: Number) -> tuple[str, str]:
    """Return the keys of the range of a number."""
    days = isinstance(record, Duration | SerialInterval)
    return ("low_days", "high_days") if days else ("low", "high")
