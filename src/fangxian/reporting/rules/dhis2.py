"""DHIS2 ``dataValueSets``: what a set of data values says, and the summary that answers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fangxian.base.errors import Finding
from fangxian.ground.exchange.rules import problem, read_number
from fangxian.plans.schema import Form
from fangxian.reporting.rules.values import Number

Slot = tuple[str, str, date]
"""Form, unit code, day."""


@dataclass(frozen=True)
class Conflict:
    """One data value that was not taken: its index in the set and why."""

    index: int
    finding: Finding
    object: str

    def as_answer(self) -> dict[str, Any]:
        """Return the conflict in the shape of DHIS2, with our remedy."""
        return {
            "object": self.object,
            "objects": {"dataElement": self.object},
            "value": self.finding.sentence("en"),
            "errorCode": self.finding.code,
            "indexes": [self.index],
        }


@dataclass
class ValueSet:
    """Reports gathered from data values: numbers, and which data value gave each."""

    reports: dict[Slot, dict[str, Number]] = field(default_factory=dict)
    indexes: dict[Slot, list[int]] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    read: int = 0


def read_value_set(
    body: Mapping[str, Any], forms: Iterable[Form], codes: Mapping[str, str], form_id: str | None = None
) -> ValueSet:
    """Return the reports in a DHIS2 data value set.

    Parameters
    ----------
    body
        The JSON object: ``dataSet``, ``period`` and ``orgUnit`` may stand above or in each data value.
    forms
        Forms by which data sets and data elements are known.
    codes
        Foreign uid to our form, unit or field id; what is not in it stands for itself.
    form_id
        The form of a set that names no data set.
    """
    known = {form.id: form for form in forms}
    gathered = ValueSet()
    for index, value in enumerate(_values(body)):
        gathered.read += 1
        merged = {**{key: body[key] for key in ("dataSet", "period", "orgUnit") if body.get(key)}, **value}
        element = str(merged.get("dataElement", ""))
        slot = _slot(merged, codes, form_id)
        read = slot if isinstance(slot, Finding) else _number(merged, known.get(slot[0]), codes)
        if isinstance(slot, Finding) or isinstance(read, Finding):
            finding = slot if isinstance(slot, Finding) else read
            gathered.conflicts.append(Conflict(index, finding, element))  # type: ignore[arg-type]
            continue
        name, number = read
        gathered.reports.setdefault(slot, {})[name] = number
        gathered.indexes.setdefault(slot, []).append(index)
    return gathered


def _values(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    values = body.get("dataValues")
    return [one for one in values if isinstance(one, Mapping)] if isinstance(values, list) else []


def _slot(value: Mapping[str, Any], codes: Mapping[str, str], form_id: str | None) -> Slot | Finding:
    named = str(value.get("dataSet") or form_id or "")
    element = _local(value.get("dataElement"), codes)
    form = _local(named, codes) or element.rpartition(".")[0]
    unit = _local(value.get("orgUnit"), codes)
    if not form:
        return problem(
            "form-undetermined",
            element,
            ("没有 dataSet，不知道是哪张表。", "Without dataSet it is not known which form this is."),
            ("请写出 dataSet。", "Name the dataSet."),
        )
    if not unit:
        return problem(
            "unit-missing",
            element,
            ("没有 orgUnit。", "There is no orgUnit."),
            ("请写出 orgUnit。", "Name the orgUnit."),
        )
    period = str(value.get("period", ""))
    if len(period) != 8 or not (period.isascii() and period.isdigit()):
        return _bad_period(period)
    try:
        return form, unit, date(int(period[:4]), int(period[4:6]), int(period[6:]))
    except ValueError:
        return _bad_period(period)


def _bad_period(period: str) -> Finding:
    return problem(
        "day-unreadable",
        period,
        (f"期间“{period}”不是 yyyyMMdd 的一天。", f"The period “{period}” is not a day as yyyyMMdd."),
        ("只接收日报，例如 20230105。", "Only daily periods are taken, e.g. 20230105."),
    )


def _local(foreign: object, codes: Mapping[str, str]) -> str:
    text = "" if foreign is None else str(foreign).strip()
    return codes.get(text, text)


def _number(
    value: Mapping[str, Any], form: Form | None, codes: Mapping[str, str]
) -> tuple[str, Number] | Finding:
    name = _local(value.get("dataElement"), codes).rpartition(".")[2]
    said = value.get("value")
    if value.get("deleted") or said is None or str(said).strip() == "":
        return problem(
            "value-deleted",
            name,
            ("报告中的数字不能删除。", "A figure that was reported cannot be deleted."),
            ("请以更正方式报送正确的数字。", "Send the right figure as a correction."),
        )
    if form is not None and name not in {one.id for one in form.fields}:
        fields = ", ".join(one.id for one in form.fields)
        return problem(
            "value-unknown-field",
            name,
            (f"表 {form.id} 没有项目 {name}。", f"Form {form.id} has no field {name}."),
            (f"可用项目：{fields}。", f"Its fields are: {fields}."),
        )
    number = read_number(str(said))
    if number is None or isinstance(number, Finding):
        return number or problem(
            "value-blank", name, ("数值为空。", "The value is blank."), ("请填写。", "Give it.")
        )
    return name, number


def summary(
    *, imported: int, updated: int, ignored: int, conflicts: Iterable[Conflict], dry_run: bool = False
) -> dict[str, Any]:
    """Return the import summary in the shape of DHIS2; nothing is ever deleted."""
    listed = [conflict.as_answer() for conflict in conflicts]
    status = "SUCCESS" if not listed else ("WARNING" if imported or updated else "ERROR")
    return {
        "httpStatus": "Conflict" if listed else "OK",
        "httpStatusCode": 409 if listed else 200,
        "status": status,
        "response": {
            "responseType": "ImportSummary",
            "status": status,
            "importOptions": {"dryRun": dry_run, "idSchemes": {}},
            "description": "Import process completed successfully"
            if not listed
            else "One or more data values were not taken",
            "importCount": {"imported": imported, "updated": updated, "ignored": ignored, "deleted": 0},
            "conflicts": listed,
            "rejectedIndexes": sorted(index for one in listed for index in one["indexes"]),
            "dataSetComplete": "false",
        },
    }
