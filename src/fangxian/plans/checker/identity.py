"""Checks of who the plan is and where its values come from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel

from fangxian.plans.checker.notes import Notes
from fangxian.plans.locate import Path
from fangxian.plans.schema import DiseaseFile, Plan, SerialInterval, Sourced, Status
from fangxian.plans.vocabulary import did_you_mean


def check_identity(plan: Plan, notes: Notes, diseases: Collection[str]) -> None:
    """Check dates, timezone and disease."""
    identity = plan.identity
    check_timezone(identity.timezone, ("plan", "timezone"), notes)
    if identity.valid_from and identity.valid_to and identity.valid_from > identity.valid_to:
        notes.error(
            "dates-reversed",
            ("plan", "valid_to"),
            {
                "zh": f"valid_to {identity.valid_to} 早于 valid_from {identity.valid_from}。",
                "en": f"valid_to {identity.valid_to} is before valid_from {identity.valid_from}.",
            },
            {"zh": "请调换或改正日期。", "en": "Swap or mend the dates."},
        )
    if identity.disease not in diseases:
        near = did_you_mean(identity.disease, sorted(diseases))
        notes.warning(
            "disease-unknown",
            ("plan", "disease"),
            {
                "zh": f"没有疾病“{identity.disease}”的参数，再生数无法估计。",
                "en": f"No parameters of {identity.disease!r}: no reproduction number can be estimated.",
            },
            near,
        )


def check_timezone(timezone: str, path: Path, notes: Notes) -> None:
    """Check that a timezone is one of the IANA names."""
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        notes.error(
            "timezone-unknown",
            path,
            {"zh": f"没有时区“{timezone}”。", "en": f"There is no timezone {timezone!r}."},
            {"zh": "例如 Asia/Shanghai、Europe/Rome。", "en": "For example Asia/Shanghai, Europe/Rome."},
        )


def check_sources(file: Plan | DiseaseFile, notes: Notes) -> None:
    """Check that each source named is listed, and that a trusted value names one."""
    known = [source.id for source in file.sources]
    notes.once(
        ((("source", index, "id"), source) for index, source in enumerate(known)),
        {"zh": "来源", "en": "source"},
    )
    for path, record in records(file):
        if isinstance(record, SerialInterval) and record.source is None:
            continue  # it carries its paper itself
        named = getattr(record, "source", None)
        if isinstance(named, str) and named not in known:
            notes.unknown((*path, "source"), {"zh": "来源", "en": "source"}, named, known)
        if isinstance(record, Sourced) and record.status is not Status.DEFAULT and named is None:
            notes.error(
                "source-missing",
                (*path, "status"),
                {
                    "zh": f"可信程度为“{record.status.value}”却没有来源。",
                    "en": f"The status is {record.status.value!r} but no source is named.",
                },
                {
                    "zh": '请写 source = "…"，或改为 status = "default"。',
                    "en": 'Name a source = "…", or write status = "default".',
                },
            )


def records(record: BaseModel, path: Path = ()) -> Iterator[tuple[Path, BaseModel]]:
    """Return a record and all records inside it, each with its path in the file."""
    yield path, record
    for name, field in type(record).model_fields.items():
        key = field.alias or name
        value = getattr(record, name)
        if isinstance(value, BaseModel):
            yield from records(value, (*path, key))
        elif isinstance(value, tuple):
            for index, entry in enumerate(value):
                if isinstance(entry, BaseModel):
                    yield from records(entry, (*path, key, index))
