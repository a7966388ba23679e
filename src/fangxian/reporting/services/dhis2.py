"""A DHIS2 data value set comes in: values are merged into the reports they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.db import transaction
from django.utils import timezone

from fangxian.base.errors import Finding, InvalidInput
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.reporting.choices import Channel
from fangxian.reporting.models import Report
from fangxian.reporting.rules.dhis2 import Conflict, Slot, ValueSet, read_value_set, summary
from fangxian.reporting.rules.values import Number
from fangxian.reporting.selectors.addressing import address_book, closed_unit
from fangxian.reporting.selectors.import_reading import forms_known_to
from fangxian.reporting.selectors.units import permit
from fangxian.reporting.services.bulk import submit_bulk
from fangxian.reporting.services.records import BulkOptions, BulkResult

REASON = "DHIS2 dataValueSets"
LARGEST_SET = 200_000


@dataclass(frozen=True)
class ValueSetRequest:
    """A set as it came, the form it is for if it names none, and translations of foreign identifiers."""

    body: Mapping[str, Any]
    form: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False


@dataclass
class _Taken:
    """Reports to hand over, what stands on record for each, and what became of the values."""

    gathered: ValueSet
    current: dict[Slot, Mapping[str, Number | None]] = field(default_factory=dict)
    imported: int = 0
    updated: int = 0


def import_value_set(*, actor: User, asked: ValueSetRequest) -> dict[str, Any]:
    """Take the data values of a set and return DHIS2's import summary; a dry run writes nothing.

    A value changes its own figure only: the other figures of a report that stands on record are kept.
    """
    permit(actor, Action.IMPORT_REPORTS)
    values = asked.body.get("dataValues")
    if not isinstance(values, list) or len(values) > LARGEST_SET:
        raise InvalidInput(
            {
                "zh": f"需要一个 dataValues 列表，最多 {LARGEST_SET:,} 个数值。",
                "en": f"A list dataValues of at most {LARGEST_SET:,} values is needed.",
            },
            {
                "zh": "请按 DHIS2 dataValueSets 的格式发送。",
                "en": "Send it in the format of DHIS2 dataValueSets.",
            },
        )
    today = timezone.localdate()
    gathered = read_value_set(asked.body, forms_known_to(actor, today), asked.codes, asked.form)
    taken = _Taken(gathered)
    _refuse_units(actor, taken)
    with transaction.atomic():
        for form_id in sorted({slot[0] for slot in gathered.reports}):
            _submit(actor, form_id, taken)
        transaction.set_rollback(asked.dry_run)
    return summary(
        imported=taken.imported,
        updated=taken.updated,
        ignored=len(values) - taken.imported - taken.updated,
        conflicts=gathered.conflicts,
        dry_run=asked.dry_run,
    )


def _refuse_units(actor: User, taken: _Taken) -> None:
    book = address_book(actor)
    for slot in list(taken.gathered.reports):
        found = book.find(slot[1], None)
        finding = found if isinstance(found, Finding) else closed_unit(found, slot[2])
        if finding is not None:
            _refuse(taken, slot, finding)


def _refuse(taken: _Taken, slot: Slot, finding: Finding) -> None:
    """Turn down every value of a report, under its own index."""
    names = list(taken.gathered.reports.pop(slot))
    for name, index in zip(names, taken.gathered.indexes[slot], strict=False):
        taken.gathered.conflicts.append(Conflict(index, finding, name))


def _submit(actor: User, form_id: str, taken: _Taken) -> None:
    slots = [slot for slot in taken.gathered.reports if slot[0] == form_id]
    _read_current(form_id, slots, taken)
    rows = [
        {
            "row": number,
            "unit": slot[1],
            "day": slot[2],
            **taken.current.get(slot, {}),
            **taken.gathered.reports[slot],
        }
        for number, slot in enumerate(slots)
    ]
    names = sorted({name for row in rows for name in row} - {"row", "unit", "day"})
    schema = {"row": pl.Int64(), "unit": pl.String(), "day": pl.Date()} | dict.fromkeys(names, pl.Float64())
    frame = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
    options = BulkOptions(channel=Channel.DHIS2, reason=REASON)
    result = submit_bulk(actor=actor, form=form_id, frame=frame, options=options)
    _count(result, slots, taken)


def _read_current(form_id: str, slots: list[Slot], taken: _Taken) -> None:
    days = [slot[2] for slot in slots]
    wanted = set(slots)
    found = Report.objects.filter(
        form=form_id,
        is_current=True,
        day__range=(min(days), max(days)),
        unit__code__in={slot[1] for slot in slots},
    )
    for unit, day, values in found.values_list("unit__code", "day", "values"):
        if (form_id, unit, day) in wanted:
            taken.current[form_id, unit, day] = values


def _count(result: BulkResult, slots: list[Slot], taken: _Taken) -> None:
    refused = {}
    for finding in result.findings:
        if finding.row is not None and finding.severity == "error":
            refused.setdefault(finding.row, finding)
    unchanged = set(result.unchanged_rows)
    for number, slot in enumerate(slots):
        if number in refused:
            _refuse(taken, slot, refused[number])
        elif number not in unchanged:
            before = taken.current.get(slot, {})
            for name, value in taken.gathered.reports[slot].items():
                taken.imported += name not in before
                taken.updated += name in before and before[name] != value
