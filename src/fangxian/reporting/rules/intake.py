"""From the tables of a file to reports by unit, form and day; each row is taken or refused with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from fangxian.base.errors import Finding
from fangxian.ground.exchange.rules import ROW, Table, problem, read_day
from fangxian.plans.schema import Form
from fangxian.reporting.rules.columns import (
    Refusals,
    Translation,
    not_known_mark,
    numbers,
    repeated,
    repeated_row,
    translated,
)
from fangxian.reporting.rules.labels import (
    DAY,
    FIELD,
    FIXED,
    FORM,
    FORM_MARK,
    REASON,
    UNIT,
    UNIT_NAME,
    VALUE,
    form_named,
)

FILLED = frozenset({UNIT, UNIT_NAME, DAY, FORM, FIELD})
"""Columns in which a merged cell stands for each of its rows."""
ROWS = "rows"
"""How many rows of the file make up one report; more than one only in the long form."""
NOT_KNOWN = "not_known"
"""The fields that a report declares not known; their numbers are null like those not reported."""
_FORM_ID, _BLANK = "form_id", "_blank"


@dataclass(frozen=True)
class Intake:
    """Reports read from one table.

    ``reports`` holds one frame for each form: ``row`` (the first row of the report), ``rows``, ``unit``,
    ``unit_name`` and ``reason`` as text, ``day``, and a number for each field given; null is not reported,
    unless the field is in the list ``not_known``.
    ``refused`` are the rows with an error, ``read`` counts all rows that say anything.
    """

    table: Table
    read: int
    refused: frozenset[int]
    findings: tuple[Finding, ...]
    reports: Mapping[str, pl.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Assumed:
    """What the person said about the whole file: the form, and the day where there is no such column."""

    form: str | None = None
    day: date | None = None


def take_in(table: Table, forms: Sequence[Form], assumed: Assumed) -> Intake:
    """Return the reports of one table.

    Wide: one row is one report, one column one field. Long: one row is one value. A cell that cannot be
    read refuses its whole report, because a report without that value would say something else.
    """
    refusals = Refusals(table)
    if not _complete(table, assumed, refusals):
        frame = table.frame.select(ROW)
        return Intake(table, frame.height, _refused_among(frame, refusals.rows), tuple(refusals.findings))
    form = _form_of_all(table, forms, assumed, refusals)
    long = {VALUE, FIELD} <= table.keys
    read = [_long_values, _wide_values][not long]
    parts = []
    for part in table.parts:
        frame = _days(_forms(_renamed(table, part), table, forms, form, refusals), table, assumed, refusals)
        parts.append(_compact(read(frame, table, forms, refusals)))
    frame = parts[0] if len(parts) == 1 else pl.concat(parts, how="diagonal_relaxed", rechunk=False)
    del parts
    frame = _whole_long(frame, refusals) if long else _whole_wide(frame, table, refusals)
    refused = _refused_among(frame, refusals.rows)
    reports = _by_form(frame, refusals.rows, long=long)
    return Intake(table, frame.height, refused, tuple(refusals.findings), reports)


def _refused_among(frame: pl.DataFrame, rows: frozenset[int]) -> frozenset[int]:
    """Return the refused rows that say anything at all."""
    return frozenset(frame.filter(pl.col(ROW).is_in(list(rows)))[ROW]) if rows else rows


def _renamed(table: Table, part: pl.DataFrame) -> pl.DataFrame:
    columns: dict[str, str] = {}
    for column in table.header.columns:
        if column.key is not None and not column.key.startswith(FORM_MARK):
            columns.setdefault(column.key, column.letter)
    return part.select(ROW, *(pl.col(letter).alias(key) for key, letter in columns.items()))


def _compact(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with each distinct text kept once: a million rows name a few thousand units."""
    texts = [name for name in (UNIT, UNIT_NAME, FIELD, REASON, _FORM_ID) if name in frame.columns]
    return frame.drop(FORM, strict=False).with_columns(pl.col(texts).cast(pl.Categorical))


def _complete(table: Table, assumed: Assumed, refusals: Refusals) -> bool:
    keys = {key for key in table.keys if not key.startswith(FORM_MARK)}
    missing = []
    if not keys & {UNIT, UNIT_NAME}:
        missing.append(("机构代码", "unit"))
    if DAY not in keys and assumed.day is None:
        missing.append(("日期", "day"))
    if (FIELD in keys) != (VALUE in keys):
        missing.append(("项目和数值", "field and value"))
    elif not keys - FIXED and VALUE not in keys:
        missing.append(("任何一个数据项目", "any field"))
    for zh, en in missing:
        labels = ", ".join(column.label for column in table.header.columns if column.label)[:200]
        refusals.refuse_table(
            problem(
                "column-missing",
                labels,
                (f"表头缺少“{zh}”列。", f"The header has no column for {en}."),
                (
                    "请用模板的列名；日期也可在上传时指定。",
                    "Use the template's labels; a day can be given on upload.",
                ),
            )
        )
    return not missing


def _forms(
    frame: pl.DataFrame, table: Table, forms: Sequence[Form], form: str | None, refusals: Refusals
) -> pl.DataFrame:
    """Add the form of each row: that of the whole table, or what its own column says."""
    if form is not None or FORM not in frame.columns:
        return frame.with_columns(pl.lit(form, dtype=pl.String).alias(_FORM_ID))
    reading = Translation(FORM, _FORM_ID, pl.String(), lambda text: _form_of(text, forms))
    return translated(frame, reading, table.column(FORM), refusals)


def _form_of_all(table: Table, forms: Sequence[Form], assumed: Assumed, refusals: Refusals) -> str | None:
    """Return the form of a table without a column of forms, by its mark, what was said, or the only fit."""
    marked = next(
        (key.removeprefix(FORM_MARK) for key in sorted(table.keys) if key.startswith(FORM_MARK)), None
    )
    if marked is None and FORM in table.keys:
        return None
    known = {form.id for form in forms}
    chosen = marked or assumed.form or _only_fit(table, forms)
    if chosen is None or chosen not in known:
        names = ", ".join(f"{form.id} {form.title.zh}" for form in forms)
        refusals.refuse_table(
            problem(
                "form-undetermined" if chosen is None else "form-unknown",
                chosen or "",
                ("不能确定这是哪一张表。", "It is not certain which form this is.")
                if chosen is None
                else (f"现行预案没有表单 {chosen}。", f"The plan in force has no form {chosen}."),
                (f"请在上传时选择表单：{names}。", f"Choose the form on upload: {names}."),
            )
        )
    return chosen


def _form_of(text: str, forms: Sequence[Form]) -> str | Finding:
    form = form_named(text, forms)
    if form is not None:
        return form.id
    names = ", ".join(one.id for one in forms)
    return problem(
        "form-unknown",
        text,
        (f"现行预案没有表单“{text}”。", f"The plan in force has no form “{text}”."),
        (f"可用表单：{names}。", f"Its forms are: {names}."),
    )


def _only_fit(table: Table, forms: Sequence[Form]) -> str | None:
    """Return the one form that has all fields of the header, and whose required fields are all there."""
    if table.sheet is not None:
        named = form_named(table.sheet, forms)
        if named is not None:
            return named.id
    fields = table.keys - FIXED
    fits = []
    for form in forms:
        own = {one.id for one in form.fields}
        required = {one.id for one in form.fields if one.required}
        if fields <= own and (required <= fields or VALUE in table.keys):
            fits.append(form.id)
    return fits[0] if len(fits) == 1 else None


def _days(frame: pl.DataFrame, table: Table, assumed: Assumed, refusals: Refusals) -> pl.DataFrame:
    if DAY not in frame.columns:
        return frame.with_columns(pl.lit(assumed.day, dtype=pl.Date).alias(DAY))
    quick = frame[DAY].str.to_date("%Y-%m-%d", strict=False)
    usual = frame[DAY].str.len_chars() == 10
    if quick.null_count() == 0 and usual.all():
        return frame.with_columns(quick.alias(DAY))
    return translated(frame, Translation(DAY, DAY, pl.Date(), read_day), table.column(DAY), refusals)


def _wide_values(
    frame: pl.DataFrame, table: Table, forms: Sequence[Form], refusals: Refusals
) -> pl.DataFrame:
    """Read the numbers of each row; ``_blank`` marks rows that hold none."""
    fields = [name for name in frame.columns if name not in FIXED | {ROW, _FORM_ID}]
    blank = pl.all_horizontal(pl.col(name).is_null() for name in fields)
    frame = frame.with_columns(blank.alias(_BLANK))
    for name in fields:
        frame = numbers(frame, name, table.column(name), refusals)
    return frame


def _whole_wide(frame: pl.DataFrame, table: Table, refusals: Refusals) -> pl.DataFrame:
    """Leave out rows that hold no number, and gather the fields that each row declares not known."""
    blank = frame.filter(pl.col(_BLANK) & ~pl.col(ROW).is_in(sorted(refusals.rows)))
    if blank.height:
        refusals.findings.append(_not_filled_in(table, blank))
        frame = frame.filter(~pl.col(ROW).is_in(blank[ROW].to_list()))
    fields = [name for name in frame.columns if name not in FIXED | {ROW, _FORM_ID, _BLANK}]
    marks = [name for name in fields if not_known_mark(name) in frame.columns]
    if marks:
        declared = [pl.when(pl.col(not_known_mark(name))).then(pl.lit(name)) for name in marks]
        unknown = pl.concat_list(declared).list.drop_nulls().alias(NOT_KNOWN)
        frame = frame.with_columns(unknown).drop(not_known_mark(name) for name in marks)
    return frame.drop(_BLANK).with_columns(pl.lit(1, dtype=pl.Int64).alias(ROWS))


def _not_filled_in(table: Table, blank: pl.DataFrame) -> Finding:
    finding = problem(
        "rows-not-filled-in",
        str(blank.height),
        (
            f"有 {blank.height} 行没有填任何数字，按未报告处理，不作零报告。",
            f"{blank.height} rows hold no number: they stay not reported, which is not a zero report.",
        ),
        ("确实为零的请填 0。", "Where there was nothing, write 0."),
    )
    return replace(finding, severity="warning", file=table.file, sheet=table.sheet)


def _long_values(
    frame: pl.DataFrame, table: Table, forms: Sequence[Form], refusals: Refusals
) -> pl.DataFrame:
    fields = {one.id: one for form in forms for one in form.fields}
    names = {label: one.id for one in fields.values() for label in (one.id, one.label.zh, one.label.en)}

    def known(text: str) -> str | Finding:
        return names.get(text) or _unknown_field(text, names)

    frame = translated(frame, Translation(FIELD, FIELD, pl.String(), known), table.column(FIELD), refusals)
    return numbers(frame, VALUE, table.column(VALUE), refusals)


def _whole_long(frame: pl.DataFrame, refusals: Refusals) -> pl.DataFrame:
    """Refuse values given twice, and the rest of each report of which one value was refused."""
    report = [name for name in (UNIT, UNIT_NAME, DAY, _FORM_ID) if name in frame.columns]
    _refuse_repeats(frame, [*report, FIELD], [VALUE], refusals)
    _refuse_the_rest(frame, report, refusals)
    return frame


def _refuse_repeats(
    frame: pl.DataFrame, keys: Sequence[str], values: Sequence[str], refusals: Refusals
) -> None:
    """Refuse all rows that say different things about the same; nobody can tell which of them is right."""
    if _distinct(frame, keys):
        return
    for row, others in repeated(frame, keys, values):
        refusals.add(repeated_row([str(other) for other in others]), [row], None)


def _distinct(frame: pl.DataFrame, keys: Sequence[str]) -> bool:
    """Say whether no two rows have the same keys, with one number a row instead of a million lists."""
    one = pl.Series([0], dtype=pl.Int64).new_from_index(0, frame.height)
    for key in keys:
        codes = frame[key].to_physical().cast(pl.Int64).fill_null(-1).to_frame("code")
        lowest, highest = codes.select(pl.col("code").min().alias("low"), pl.col("code").max()).row(0)
        one = one * (highest - lowest + 1) + (codes["code"] - lowest)
    ordered = one.sort()
    return not (ordered == ordered.shift()).any()


def _refuse_the_rest(frame: pl.DataFrame, report: Sequence[str], refusals: Refusals) -> None:
    """Refuse the other values of a report of which one value was refused."""
    bad = refusals.rows
    if not bad:
        return
    spoilt = frame.filter(pl.col(ROW).is_in(sorted(bad)))
    firsts = spoilt.group_by(report).agg(pl.col(ROW).min().alias("_first"))
    rest = frame.filter(~pl.col(ROW).is_in(sorted(bad))).join(firsts, on=report, nulls_equal=True)
    for row, first in rest.select(ROW, "_first").rows():
        finding = problem(
            "report-incomplete",
            "",
            (
                f"同一份报告的第 {first} 行有错，整份未采用。",
                f"Row {first} of the same report was refused, so the whole report was not taken.",
            ),
            (f"请改正第 {first} 行后重新导入。", f"Mend row {first} and import again."),
        )
        refusals.add(finding, [row], None)


def _unknown_field(text: str, names: Mapping[str, str]) -> Finding:
    some = ", ".join(sorted(set(names.values())))
    return problem(
        "value-unknown-field",
        text,
        (f"没有项目“{text}”。", f"There is no field “{text}”."),
        (f"可用项目：{some}。", f"The fields are: {some}."),
    )


def _by_form(frame: pl.DataFrame, refused: frozenset[int], *, long: bool) -> dict[str, pl.DataFrame]:
    good = frame.filter(~pl.col(ROW).is_in(sorted(refused))) if refused else frame
    texts = [name for name in (UNIT, UNIT_NAME, REASON) if name in good.columns]
    reports = {}
    for form_id in good[_FORM_ID].unique(maintain_order=True).to_list():
        part = good if good[_FORM_ID].n_unique() == 1 else good.filter(pl.col(_FORM_ID) == form_id)
        part = _pivoted(part, texts) if long else part.drop(_FORM_ID)
        given = [name for name in part.columns if name in FIXED or part[name].null_count() < part.height]
        reports[form_id] = part.select(given).with_columns(pl.col(pl.Categorical).cast(pl.String))
    return reports


def _pivoted(frame: pl.DataFrame, texts: Sequence[str]) -> pl.DataFrame:
    keys = [*(name for name in texts if name != REASON), DAY]
    besides = [pl.col(REASON).drop_nulls().first()] if REASON in texts else []
    if not_known_mark(VALUE) in frame.columns:
        declared = pl.col(FIELD).cast(pl.String).filter(pl.col(not_known_mark(VALUE)))
        besides.append(declared.alias(NOT_KNOWN))
    reports = frame.group_by(keys, maintain_order=True).agg(
        pl.col(ROW).min(), pl.len().cast(pl.Int64).alias(ROWS), *besides
    )
    for name in frame[FIELD].unique(maintain_order=True).drop_nulls().to_list():
        values = frame.filter(pl.col(FIELD) == name).select(*keys, pl.col(VALUE).alias(name))
        values = values.unique(keys, keep="first")
        reports = reports.join(values, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return reports
