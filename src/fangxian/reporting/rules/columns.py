"""Reading one column of a table at a time: each distinct text once, every row that fails refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from fangxian.base.errors import Finding
from fangxian.ground.exchange.rules import ROW, Column, Table, problem, read_number


class Refusals:
    """Findings of one table as they are found, and the rows they refuse."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.findings: list[Finding] = list(table.findings)
        self.torn = {one.row for one in table.findings if one.severity == "error" and one.column is None}

    def add(self, finding: Finding, rows: Sequence[int], column: Column | None) -> None:
        shown = column.shown if column is not None else None
        for row in rows:
            if row in self.torn:  # what a torn row seems to say is no fault of its own
                continue
            self.findings.append(
                replace(finding, file=self.table.file, sheet=self.table.sheet, row=row, column=shown)
            )

    def refuse_table(self, finding: Finding) -> None:
        self.add(finding, self.table.frame[ROW].to_list(), None)

    @property
    def rows(self) -> frozenset[int]:
        return frozenset(
            finding.row
            for finding in self.findings
            if finding.severity == "error" and finding.row is not None
        )


@dataclass(frozen=True)
class Translation:
    """How the texts of one column become values, and whether a blank is one of them."""

    source: str
    target: str
    dtype: pl.DataType
    read: Callable[[str], object]
    blank: bool = False


def translated(
    frame: pl.DataFrame, translation: Translation, column: Column | None, refusals: Refusals
) -> pl.DataFrame:
    """Read each distinct text of a column once; blanks and unreadable texts refuse their rows."""
    source = translation.source
    texts = frame[source].unique().drop_nulls().to_list()
    answers = {text: translation.read(text) for text in texts}
    for text, answer in answers.items():
        if isinstance(answer, Finding):
            refusals.add(answer, frame.filter(pl.col(source) == text)[ROW].to_list(), column)
    blanks = [] if translation.blank else frame.filter(pl.col(source).is_null())[ROW].to_list()
    if blanks:
        refusals.add(_blank(column), blanks, column)
    good = {text: answer for text, answer in answers.items() if not isinstance(answer, Finding)}
    texts_read = pl.Series(list(good), dtype=pl.String)
    values = pl.Series(list(good.values()), dtype=translation.dtype, strict=False)
    read = frame[source].replace_strict(texts_read, values, default=None, return_dtype=translation.dtype)
    return frame.with_columns(read.alias(translation.target))


def _blank(column: Column | None) -> Finding:
    name = column.label if column is not None else ""
    return problem(
        "cell-blank",
        "",
        (f"“{name}”是空的。", f"“{name}” is blank."),
        ("请填写。", "Fill it in."),
    )


NOT_KNOWN_WORDS = frozenset({"不详", "未知", "不清楚", "unknown", "not known"})
"""What declares a figure not known, which differs from a blank (not reported) and from 0."""


def not_known_mark(name: str) -> str:
    """Return the column that says where a figure was declared not known."""
    return f"?{name}"


def numbers(frame: pl.DataFrame, name: str, column: Column | None, refusals: Refusals) -> pl.DataFrame:
    """Make one column numbers: whole ones at once, every other text by the rules of a cell."""
    quick = frame[name].cast(pl.Int64, strict=False)
    if quick.null_count() == frame[name].null_count():
        return frame.with_columns(quick.alias(name))
    declared = (
        frame[name].str.strip_chars().str.to_lowercase().is_in(sorted(NOT_KNOWN_WORDS)).fill_null(value=False)
    )
    if declared.any():
        blanked = pl.when(declared).then(None).otherwise(pl.col(name)).alias(name)
        frame = frame.with_columns(declared.alias(not_known_mark(name))).with_columns(blanked)
    reading = Translation(name, name, pl.Float64(), read_number, blank=True)
    return translated(frame, reading, column, refusals)


def repeated(
    frame: pl.DataFrame, keys: Sequence[str], values: Sequence[str]
) -> list[tuple[int, tuple[int, ...]]]:
    """Return each row whose keys occur again with other values, with the rows that it contradicts."""
    if not frame.select(pl.struct(keys).is_duplicated().any()).item():
        return []
    groups = (
        frame.filter(pl.struct(keys).is_duplicated())
        .group_by(keys, maintain_order=True)
        .agg(pl.col(ROW), pl.struct(values).n_unique().alias("_said"))
        .filter(pl.col("_said") > 1)
    )
    found = []
    for rows in groups[ROW].to_list():
        found += [(row, tuple(other for other in rows if other != row)) for row in rows]
    return found


def repeated_row(others: Sequence[str]) -> Finding:
    """Return the finding for a row that other rows contradict, named as a person finds them."""
    listed = ", ".join(others[:5])
    return problem(
        "row-repeated",
        "",
        (
            f"第 {listed} 行报告了同一单位、同一天，数值不同。",
            f"Row {listed} reports the same unit and day with other values.",
        ),
        ("请只保留正确的一行。", "Keep the row that is right and remove the other."),
    )
