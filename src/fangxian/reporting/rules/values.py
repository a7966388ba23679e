"""Which values a form takes: one report at a time, with a finding for each field."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from fangxian.base.errors import Finding
from fangxian.plans.schema import Form, ReportField
from fangxian.reporting.rules.words import refusal

LARGEST = 10_000_000_000
"""No unit counts more in a day; keeps sums of thousandths exact in a float."""
DECIMALS = 3
SCALE = 1000

Number = int | float
Values = Mapping[str, Number | None]


def check_values(form: Form, given: Mapping[str, object], *, row: int | None = None) -> list[Finding]:
    """Return every finding about the values of one report.

    ``None`` means declared not known and is always taken; a missing key means not reported, and is refused
    only for a required field. Zero is a number like any other.
    """
    fields = {field.id: field for field in form.fields}
    found = [refusal("value-unknown-field", column, None, row) for column in given if column not in fields]
    for field in form.fields:
        if field.id in given:
            found += _check_number(field, given[field.id], row)
        elif field.required:
            found.append(refusal("value-required", field.id, None, row))
    if not any(field_id in fields for field_id in given):
        found.append(refusal("report-empty", None, None, row))
    return found


def nonzero_findings(values: Mapping[str, object], *, row: int | None = None) -> list[Finding]:
    """Return a finding for each number in a zero report that is not zero."""
    return [refusal("zero-with-number", key, value, row) for key, value in values.items() if value]


def _check_number(field: ReportField, value: object, row: int | None) -> Iterator[Finding]:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield refusal("value-not-number", field.id, value, row)
    elif not math.isfinite(value):
        yield refusal("value-not-finite", field.id, value, row)
    elif value < field.minimum:
        code = "value-negative" if value < 0 <= field.minimum else "value-too-small"
        yield refusal(code, field.id, value, row, limit=field.minimum)
    elif value > ceiling(field):
        yield refusal("value-too-large", field.id, value, row, limit=ceiling(field))
    elif field.integer and value != int(value):
        yield refusal("value-not-whole", field.id, value, row)
    elif round(value * SCALE) != value * SCALE and abs(round(value, DECIMALS) - value) > 1e-9:
        yield refusal("value-decimals", field.id, value, row)


def ceiling(field: ReportField) -> float:
    """Return the largest value taken for a field."""
    return LARGEST if field.maximum is None else min(field.maximum, LARGEST)


def canonical(values: Values) -> dict[str, Number | None]:
    """Return values in the one form in which they are kept: whole numbers as integers, keys sorted."""
    return {key: None if values[key] is None else tidy(values[key]) for key in sorted(values)}  # type: ignore[arg-type]


def tidy(value: Number) -> Number:
    """Return a number rounded to the decimals that are kept, as an integer where it is whole."""
    return whole(round(value * SCALE))


def whole(thousandths: int) -> Number:
    """Return thousandths as a number, an integer where it is whole."""
    return thousandths / SCALE if thousandths % SCALE else thousandths // SCALE


def zero_declaration(form: Form) -> tuple[dict[str, int], list[Finding]]:
    """Return the values that a one-tap zero report states, or why the form takes none.

    Only fields marked ``zero_by_declaration`` become 0; the others stay not reported, so a required stock
    (beds open, patients in hospital) cannot be declared away.
    """
    values = {field.id: 0 for field in form.fields if field.zero_by_declaration}
    blocking = [field for field in form.fields if field.required and not field.zero_by_declaration]
    return values, [refusal("zero-needs-value", field.id, None, None) for field in blocking]
