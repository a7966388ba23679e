"""Reading what a person typed into a report form: values, what is declared not known, what cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fangxian.base.errors import Finding
from fangxian.ground.exchange.rules.cells import read_number
from fangxian.plans.schema import Form
from fangxian.reporting.rules import Number


@dataclass(frozen=True)
class Draft:
    """A report as typed; ``typed`` is kept so that a refused page shows what was entered."""

    typed: Mapping[str, str] = field(default_factory=dict)
    not_known: frozenset[str] = frozenset()
    values: Mapping[str, Number | None] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    expected_revision: int | None = None
    reason: str = ""
    confirmed_warnings: bool = False


def read_draft(form: Form, posted: Mapping[str, str]) -> Draft:
    """Read a posted form: a blank is not reported, a tick at "not known" is ``null``, 0 is zero."""
    typed: dict[str, str] = {}
    values: dict[str, Number | None] = {}
    findings: list[Finding] = []
    not_known: set[str] = set()
    for each in form.fields:
        typed[each.id] = posted.get(f"value-{each.id}", "").strip()
        if posted.get(f"unknown-{each.id}"):
            not_known.add(each.id)
            values[each.id] = None
            continue
        read = read_number(typed[each.id])
        if isinstance(read, Finding):
            findings.append(_in_column(read, each.id))
        elif read is not None:
            values[each.id] = read
    revision = posted.get("expected_revision", "")
    return Draft(
        typed=typed,
        not_known=frozenset(not_known),
        values=values,
        findings=tuple(findings),
        expected_revision=int(revision) if revision.isdecimal() else None,
        reason=posted.get("reason", "").strip(),
        confirmed_warnings=posted.get("confirmed") == "yes",
    )


def draft_of(values: Mapping[str, Number | None], revision: int | None) -> Draft:
    """Return the draft that shows a report as it stands."""
    return Draft(
        typed={key: "" if value is None else str(value) for key, value in values.items()},
        not_known=frozenset(key for key, value in values.items() if value is None),
        values=values,
        expected_revision=revision,
    )


def _in_column(finding: Finding, column: str) -> Finding:
    return Finding(finding.code, finding.message, finding.remedy, column=column, value=finding.value)
