"""The plan's own checks over reports: in a form, with the day before, and across forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fangxian.base.errors import Finding
from fangxian.plans.expressions import compile_rule
from fangxian.plans.schema import Check, CrossCheck, Form
from fangxian.reporting.rules.values import Number, Values

Columns = Mapping[str, NDArray[np.float64]]
"""One array for each field, NaN where absent."""

_REMEDY = {
    "zh": "请核对所列数字；确认无误的提示可以确认后提交。",
    "en": "Check the figures named; a warning can be confirmed if they are right.",
}


def uses_previous(form: Form) -> bool:
    """Say whether any check of the form looks at the day before."""
    return bool(previous_fields(form))


def previous_fields(form: Form) -> frozenset[str]:
    """Return the fields whose value of the day before some check looks at."""
    return frozenset(field for check in form.checks for _, field in compile_rule(check.rule).previous_names)


def check_report(
    form: Form, values: Values, previous: Values | None = None, *, row: int | None = None
) -> list[Finding]:
    """Return a finding for each check of the form that is broken; over absent values nothing is decided."""
    columns = {name: _scalar(value) for name, value in values.items()}
    before = {name: _scalar(value) for name, value in (previous or {}).items()}
    broken = broken_checks(form, columns, before)
    return [
        broken_finding(check, values, previous or {}, row) for check in form.checks if broken[check.id].any()
    ]


def broken_checks(form: Form, columns: Columns, previous: Columns) -> dict[str, NDArray[np.bool_]]:
    """Return for each check of the form where it is broken, for many reports at once."""
    given: dict[str, NDArray[np.float64]] = dict(columns)
    given |= {f"previous({name})": column for name, column in previous.items()}
    return {check.id: compile_rule(check.rule).evaluate(given) == 0.0 for check in form.checks}


def broken_finding(check: Check, values: Values, previous: Values, row: int | None) -> Finding:
    """Return the finding for a broken check, with each figure that it compares."""
    rule = compile_rule(check.rule)
    figures = {field: values.get(field) for _, field in sorted(rule.names, key=str)}
    figures |= {
        f"previous({field})": previous.get(field) for _, field in sorted(rule.previous_names, key=str)
    }
    said = ", ".join(f"{name} = {value}" for name, value in figures.items())
    return Finding(
        code=f"check-{check.id}",
        message={"zh": f"{check.message.zh}({said})", "en": f"{check.message.en} ({said})"},
        remedy=_REMEDY,
        severity=check.severity,
        row=row,
        column=first_field(check),
        value=said,
    )


def first_field(check: Check) -> str:
    """Return the field beside which a broken check is shown: the first one that the rule writes."""
    rule = compile_rule(check.rule)
    names = {field for _, field in rule.names} or {field for _, field in rule.previous_names}
    return min(names, key=check.rule.find)


def cross_forms(check: CrossCheck, forms: Sequence[Form]) -> dict[str, Form]:
    """Return the forms that a cross-form rule names, by the name that the rule gives them."""
    rule = compile_rule(check.rule)
    named = {form for form, _ in rule.names | rule.previous_names if form is not None}
    return {form.id.replace("-", "_"): form for form in forms if form.id.replace("-", "_") in named}


def broken_cross(check: CrossCheck, figures: Sequence[Mapping[str, Number | None]]) -> list[bool]:
    """Say for each unit or place whether a cross-form rule is broken; over absent figures it is not."""
    rule = compile_rule(check.rule)
    columns = {key: np.array([_scalar(one.get(key)) for one in figures]) for key in rule.keys}
    return [bool(broken) for broken in np.broadcast_to(rule.evaluate(columns) == 0.0, len(figures))]


def _scalar(value: Number | None) -> NDArray[np.float64]:
    return np.asarray(np.nan if value is None else value, dtype=np.float64)
