"""The same rules over many reports at once: a column test finds the rows, the plain rule names the fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import attrgetter, or_
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.errors import Finding
from fangxian.plans.schema import Form, ReportField
from fangxian.reporting.rules.checks import broken_checks, broken_finding, previous_fields
from fangxian.reporting.rules.state import deadline_at
from fangxian.reporting.rules.values import SCALE, Number, ceiling, check_values, nonzero_findings

Floats = NDArray[np.float64]

FIXED = (
    "row",
    "unit",
    "unit_id",
    "unit_name",
    "day",
    "reason",
    "reported_at",
    "zero_declared",
    "synthetic",
    "not_known",
)
"""Columns of a batch that are not fields of its form; nor are names that begin with a bar."""


def given_fields(form: Form, frame: pl.DataFrame) -> list[ReportField]:
    """Return the fields of the form that the batch has a column for, sorted as they are kept."""
    return sorted((field for field in form.fields if field.id in frame.columns), key=lambda field: field.id)


def unknown_columns(form: Form, frame: pl.DataFrame) -> list[str]:
    """Return the columns of a batch that the form does not have."""
    known = {*FIXED, *(field.id for field in form.fields)}
    return [name for name in frame.columns if name not in known and not name.startswith("_")]


def as_numbers(form: Form, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the batch with each field as a float; ``_unread`` marks rows with a text that is no number."""
    fields = given_fields(form, frame)
    texts = [pl.col(field.id) for field in fields if frame.schema[field.id] == pl.String]
    unread = reduce(
        or_,
        (text.is_not_null() & text.cast(pl.Float64, strict=False).is_null() for text in texts),
        pl.lit(value=False),
    )
    numbers = [pl.col(field.id).cast(pl.Float64, strict=False) for field in fields]
    return frame.with_columns(unread.alias("_unread")).with_columns(numbers)


def value_faults(form: Form, frame: pl.DataFrame) -> pl.Expr:
    """Return where a row of numbers breaks a rule of `check_values`."""
    fields = given_fields(form, frame)
    tests = [_fault(field) for field in fields]
    missing = [field.id for field in form.fields if field.required]
    tests += [_absent(name, frame) for name in missing]
    tests += [pl.col(name).is_not_null() for name in unknown_columns(form, frame)]
    tests.append(pl.all_horizontal([_absent(field.id, frame) for field in form.fields]))
    if "zero_declared" in frame.columns:
        tests += [
            pl.col("zero_declared") & (pl.col(field.id) != 0).fill_null(value=False) for field in fields
        ]
    return pl.any_horizontal(pl.col("_unread"), *tests)


def _absent(name: str, frame: pl.DataFrame) -> pl.Expr:
    absent = pl.col(name).is_null() if name in frame.columns else pl.lit(value=True)
    if "not_known" in frame.columns:
        absent &= ~pl.col("not_known").list.contains(name).fill_null(value=False)
    return absent


def _fault(field: ReportField) -> pl.Expr:
    value = pl.col(field.id)
    fault = ~value.is_finite() | (value < field.minimum) | (value > ceiling(field))
    if field.integer:
        fault |= value != value.floor()
    else:
        fault |= (value - (value * SCALE).round() / SCALE).abs() > 1e-9
    return fault.fill_null(value=False)


def row_values(form: Form, row: Mapping[str, object]) -> dict[str, object]:
    """Return what one row of a batch says: a null cell is not reported, unless it is declared not known."""
    known = {field.id for field in form.fields}
    said = {
        name: value
        for name, value in row.items()
        if value is not None and (name in known or (name not in FIXED and not name.startswith("_")))
    }
    unknown = row.get("not_known")
    if isinstance(unknown, list):
        said |= {str(name): None for name in unknown}
    return {name: _number(value) for name, value in said.items()}


def _number(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def value_findings(form: Form, original: pl.DataFrame, faulty: Sequence[int]) -> Iterator[Finding]:
    """Name every fault of the rows that the column test found."""
    for row in original[list(faulty)].iter_rows(named=True):
        said = {key: _read(value) for key, value in row_values(form, row).items()}
        yield from check_values(form, said, row=row["row"])
        if row.get("zero_declared"):
            yield from nonzero_findings(said, row=row["row"])


def _read(value: object) -> object:
    if isinstance(value, str):
        try:
            return _number(float(value))
        except ValueError:
            return value
    return value


def check_findings(form: Form, frame: pl.DataFrame, previous: pl.DataFrame) -> list[Finding]:
    """Return a finding for each broken check of the form; ``previous`` has the same rows, a day before."""
    if not form.checks:
        return []
    columns = {field.id: _floats(frame, field.id) for field in given_fields(form, frame)}
    before = {name: _floats(previous, name) for name in previous_fields(form) if name in previous.columns}
    shape = np.full(frame.height, np.nan)
    found: list[Finding] = []
    broken = broken_checks(form, {"": shape, **columns}, before)
    for check in form.checks:
        for index in np.flatnonzero(np.broadcast_to(broken[check.id], shape.shape)):
            today = _at(columns, int(index))
            found.append(broken_finding(check, today, _at(before, int(index)), frame["row"][int(index)]))
    return found


def _floats(frame: pl.DataFrame, name: str) -> Floats:
    return frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()


def _at(columns: Mapping[str, Floats], index: int) -> dict[str, Number | None]:
    said: dict[str, Number | None] = {}
    for name, column in columns.items():
        value = float(column[index])
        said[name] = None if np.isnan(value) else int(value) if value.is_integer() else value
    return said


def text_of_values(
    form: Form, frame: pl.DataFrame, order: Callable[[ReportField], Any] = attrgetter("id")
) -> pl.Expr:
    """Return each row's values as JSON, in the one form in which they are kept."""
    columns = set(frame.columns)
    parts = []
    for field in sorted(form.fields, key=order):
        key = f'"{field.id}":'
        said = pl.lit(None, dtype=pl.String)
        if field.id in columns:
            said = pl.lit(key) + (_whole(field.id) if field.integer else _decimal(field.id))
        if "not_known" in columns:
            unknown = pl.col("not_known").list.contains(field.id).fill_null(value=False)
            said = pl.when(unknown).then(pl.lit(f"{key}null")).otherwise(said)
        parts.append(said)
    return pl.lit("{") + pl.concat_str(parts, separator=",", ignore_nulls=True) + pl.lit("}")


def as_jsonb(form: Form, frame: pl.DataFrame) -> pl.Expr:
    """Return each row's values with the shorter keys first, as PostgreSQL gives them back, without blanks."""
    return text_of_values(form, frame, lambda field: (len(field.id.encode()), field.id))


def _whole(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int64).cast(pl.String)


def _decimal(name: str) -> pl.Expr:
    """Write thousandths digit by digit: a division by 1000 would not give the nearest float."""
    scaled = thousandths(name)
    size = scaled.abs()
    sign = pl.when(scaled < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    rest = (size % SCALE).cast(pl.String).str.zfill(3).str.strip_chars_end("0")
    point = pl.when(size % SCALE == 0).then(pl.lit("")).otherwise(pl.lit(".") + rest)
    return sign + (size // SCALE).cast(pl.String) + point


def thousandths(name: str) -> pl.Expr:
    """Return a field in exact thousandths."""
    return (pl.col(name) * SCALE).round().cast(pl.Int64)


def late_column(form: Form, frame: pl.DataFrame) -> pl.Series:
    """Return where the first report came after the deadline of its day."""
    days = frame["day"].unique()
    until: list[datetime] = [deadline_at(form.deadline, day) for day in days]
    moments = pl.Series("_deadline", until, dtype=pl.Datetime("us", "UTC"))
    deadlines = pl.DataFrame({"day": days, "_deadline": moments})
    joined = frame.select("day", "reported_at").join(deadlines, on="day", how="left", maintain_order="left")
    return joined.select((pl.col("reported_at") > pl.col("_deadline")).alias("late")).to_series()
