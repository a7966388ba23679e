"""Reading a dataset as its descriptor says: files in, places, daily values, corrections and findings out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from pathlib import Path

import polars as pl

from fangxian.base.errors import Finding
from fangxian.plans.datasets import faults
from fangxian.plans.datasets.conversion import NUMBERS_SCHEMA, convert
from fangxian.plans.datasets.files import FILE, ROW, RawTable, find_files, read_cells
from fangxian.plans.datasets.gazetteer import places_of, read_maps
from fangxian.plans.datasets.parsing import (
    day_expression,
    fits,
    fits_any,
    half_width,
    number_expression,
    text_expression,
)
from fangxian.plans.datasets.schema import Descriptor, FieldRule, LevelNames, PlaceRule, Table
from fangxian.plans.datasets.series_faults import of_series

PLACE_COLUMNS = ["_place", "_level", "_name", "_name_en", "_parent", "_skip"]


@dataclass(frozen=True)
class RowCount:
    """What became of the rows: read = used + left out + skipped + refused + later."""

    read: int = 0
    used: int = 0
    left_out: int = 0
    skipped: int = 0
    refused: int = 0
    later: int = 0

    def __add__(self, other: RowCount) -> RowCount:
        """Return the sum of two counts."""
        return RowCount(**{name: getattr(self, name) + getattr(other, name) for name in vars(self)})


@dataclass(frozen=True)
class Dataset:
    """A dataset as read.

    Parameters
    ----------
    descriptor : Descriptor
        What said how to read it.
    values : polars.DataFrame
        ``place_code``, ``day``, ``form``, ``field``, ``value`` (null: known not to be known),
        ``days_covered`` (more than 1 after a gap), ``reported_at`` (null: with the day itself),
        ``source_file``, ``source_row``; sorted by place, form, field and day. A day of which the file says
        nothing has no row.
    places : polars.DataFrame
        ``code``, ``name``, ``name_en``, ``parent_code``, ``level``, ``population`` (null: not known);
        parents before children.
    corrections : polars.DataFrame
        Downward revisions: ``place_code``, ``day``, ``form``, ``field``, ``previous``, ``revised``
        (totals; null for a negative daily count), ``amount`` (below 0), ``reason``, and the row.
    openings : polars.DataFrame
        First totals that are no day's count: ``place_code``, ``day``, ``form``, ``field``, ``amount``.
    findings : tuple of Finding
        What a person should know or mend; an ``error`` means that rows or cells were not taken.
    rows : RowCount
        What became of the rows of the files.
    """

    descriptor: Descriptor
    values: pl.DataFrame
    places: pl.DataFrame
    corrections: pl.DataFrame
    openings: pl.DataFrame
    findings: tuple[Finding, ...]
    rows: RowCount

    @property
    def level_names(self) -> tuple[LevelNames, ...]:
        """What the country calls its levels."""
        return self.descriptor.places.level_names

    def find_place(self, text: str) -> str:
        """Return the code of a place by code or name.

        Raises
        ------
        InvalidDataset
            When no place, or more than one, is called so.
        """
        for column in ("code", "name", "name_en"):
            found = self.places.filter(pl.col(column).str.to_lowercase() == text.lower())["code"].to_list()
            if len(found) == 1:
                return str(found[0])
            if found:
                raise faults.ambiguous_place(text, found)
        raise faults.unknown_place(text, self.places, later=self.rows.later, refused=self.rows.refused)

    def totals(self) -> pl.DataFrame:
        """Return the total of each place and daily field: openings + values + corrections.

        Returns
        -------
        polars.DataFrame
            ``place_code``, ``form``, ``field``, ``total``; meaningless for stocks, which are left out.
        """
        stocks = [
            rule.field for table in self.descriptor.tables for rule in table.fields if rule.kind == "stock"
        ]
        parts = [
            frame.select("place_code", "form", "field", pl.col(column).alias("total"))
            for frame, column in (
                (self.openings, "amount"),
                (self.values, "value"),
                (self.corrections, "amount"),
            )
        ]
        together = pl.concat(parts).filter(~pl.col("field").is_in(stocks))
        return together.group_by("place_code", "form", "field").agg(pl.col("total").sum()).sort(pl.all())


@dataclass
class _Reading:
    """What has been gathered so far, table by table."""

    numbers: list[pl.DataFrame] = field(default_factory=list)
    places: list[pl.DataFrame] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rows: RowCount = field(default_factory=RowCount)


def read_dataset(descriptor: Descriptor, data_dir: Path | str, *, until: date | None = None) -> Dataset:
    """Read a dataset.

    Parameters
    ----------
    descriptor : Descriptor
        From ``load_descriptor``.
    data_dir : Path or str
        Folder with the files (or any folder above them), or the one file itself.
    until : date, optional
        As-of day: rows about a later day, or published later, are not looked at. What is read from a file
        cut there is byte for byte the same.

    Returns
    -------
    Dataset
        Frames in a fixed order, whatever the order of the rows in the files.

    Raises
    ------
    InvalidDataset
        When a file or column is missing, or a file is not in the stated encoding.
    """
    data = Path(data_dir)
    maps = read_maps(descriptor, data)
    reading = _Reading()
    for table in descriptor.tables:
        _read_table(descriptor, table, data, maps=maps, until=until, reading=reading)
    converted = convert(pl.concat([pl.DataFrame(schema=NUMBERS_SCHEMA), *reading.numbers]))
    places, place_findings = places_of(descriptor, reading.places, data, maps)
    return Dataset(
        descriptor=descriptor,
        values=converted.values,
        places=places,
        corrections=converted.corrections,
        openings=converted.openings,
        findings=(
            *reading.findings,
            *place_findings,
            *of_series(converted, undecided=_undecided(descriptor)),
        ),
        rows=reading.rows,
    )


def _undecided(descriptor: Descriptor) -> set[str]:
    """Return the fields of which the descriptor does not say what several rows for one day are."""
    silent = [
        table
        for table in descriptor.tables
        if table.reported is None and "repeated" not in table.model_fields_set
    ]
    return {rule.field for table in silent for rule in table.fields}


def _read_table(
    descriptor: Descriptor,
    table: Table,
    data: Path,
    *,
    maps: Mapping[str, Mapping[str, str]],
    until: date | None,
    reading: _Reading,
) -> None:
    raws = [read_cells(path, table) for path in find_files(table.files, data, table=table.id)]
    frame = _one_frame(table, raws)
    ragged = [row for raw in raws for row in raw.ragged]
    read = frame.height + len(ragged)
    reading.findings += faults.of_ragged_rows(ragged)

    wanted = frame.filter(fits(table.where) & ~fits_any(table.leave_out))
    left_out = frame.height - wanted.height
    dated = wanted.with_columns(
        day_expression(table.day).alias("_day"),
        (day_expression(table.reported) if table.reported else pl.lit(None, pl.Date)).alias("_reported"),
    )
    undated = dated.filter(pl.col("_day").is_null())
    reading.findings += faults.of_undated_rows(undated, table)
    dated = dated.filter(pl.col("_day").is_not_null())
    known = (
        dated
        if until is None
        else dated.filter(
            (pl.col("_day") <= until) & (pl.col("_reported").fill_null(pl.col("_day")) <= until)
        )
    )
    later = dated.height - known.height

    placed = known.with_columns(_place_expression(table.places, maps).alias("_where")).unnest("_where")
    placed = placed.with_columns(pl.col("_skip").fill_null(value=False))
    homeless = placed.filter(pl.col("_place").is_null())
    reading.findings += faults.of_homeless_rows(homeless, table)
    skipped = int(homeless["_skip"].sum())
    placed = placed.filter(pl.col("_place").is_not_null())
    reading.rows += RowCount(
        read=read,
        used=placed.height,
        left_out=left_out,
        skipped=skipped,
        refused=len(ragged) + undated.height + homeless.height - skipped,
        later=later,
    )
    reading.places.append(placed.select(*PLACE_COLUMNS[:-1], "_day"))
    for rule in table.fields:
        numbers, unreadable = _numbers(placed, table, rule, form=rule.form or descriptor.dataset.form)
        reading.numbers.append(numbers)
        reading.findings += faults.of_unreadable_numbers(unreadable, rule)


def _one_frame(table: Table, raws: list[RawTable]) -> pl.DataFrame:
    turned = []
    for raw in raws:
        _refuse_missing_columns(table, raw.frame)
        turned.append(_turned(table, raw.frame))
    needed = [ROW, FILE, *sorted(_columns_needed(table) - {FILE})]
    for frame in turned:
        missing = [name for name in needed if name not in frame.columns]
        if missing:
            raise faults.missing_columns(table, missing, frame)
    return pl.concat([frame.select(needed) for frame in turned])


def _turned(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Turn columns into rows where the table says so."""
    rule = table.columns_to_rows
    if rule is None:
        return frame
    if rule.pattern is None:
        names = {name: name for name in rule.columns}
    else:
        found = {name: re.search(rule.pattern, name) for name in frame.columns if name not in (ROW, FILE)}
        names = {name: match.group(1) for name, match in found.items() if match}
        if not names:
            raise faults.missing_columns(table, [rule.pattern], frame)
    index = [name for name in frame.columns if name not in names]
    long = frame.unpivot(on=list(names), index=index, variable_name=rule.header, value_name=rule.value)
    return long.with_columns(pl.col(rule.header).replace(names))


def _columns_needed(table: Table) -> set[str]:
    needed = {table.day.column, *table.where, *table.leave_out}
    needed |= {table.reported.column} if table.reported else set()
    for place in table.places:
        needed |= {*place.filled, *place.empty, *place.where}
        texts = (place.code, place.name, place.name_en, place.parent)
        needed |= {text.column for text in texts if text is not None and text.column is not None}
    for rule in table.fields:
        needed |= {*rule.columns, *rule.minus, *rule.where, *rule.leave_out}
    return needed


def _refuse_missing_columns(table: Table, frame: pl.DataFrame) -> None:
    wanted: set[str] = set()
    if table.columns_to_rows is None:
        wanted = _columns_needed(table)
    elif table.columns_to_rows.columns:
        wanted = set(table.columns_to_rows.columns)
    missing = sorted(wanted - set(frame.columns))
    if missing:
        raise faults.missing_columns(table, missing, frame)


def _place_expression(rules: tuple[PlaceRule, ...], maps: Mapping[str, Mapping[str, str]]) -> pl.Expr:
    """Return a struct of the place of each row by the first rule that fits."""

    def entry(rule: PlaceRule) -> pl.Expr:
        def text(name: str) -> pl.Expr:
            given = getattr(rule, name)
            return text_expression(given, maps) if given is not None else pl.lit(None, pl.String)

        return pl.struct(
            text("code").cast(pl.String).alias("_place"),
            pl.lit(rule.level, pl.Int8).alias("_level"),
            text("name").alias("_name"),
            text("name_en").alias("_name_en"),
            text("parent").alias("_parent"),
            pl.lit(rule.unknown == "skip").alias("_skip"),
        )

    def fit(rule: PlaceRule) -> pl.Expr:
        filled = [pl.col(name).is_not_null() for name in rule.filled]
        empty = [pl.col(name).is_null() for name in rule.empty]
        return reduce(lambda both, one: both & one, [*filled, *empty, fits(rule.where)])

    nowhere = pl.struct(
        pl.lit(None, pl.String).alias("_place"),
        pl.lit(None, pl.Int8).alias("_level"),
        *(pl.lit(None, pl.String).alias(name) for name in ("_name", "_name_en", "_parent")),
        pl.lit(value=False).alias("_skip"),
    )
    expression = nowhere
    for rule in reversed(rules):
        expression = pl.when(fit(rule)).then(entry(rule)).otherwise(expression)
    return expression


def _numbers(
    placed: pl.DataFrame, table: Table, rule: FieldRule, *, form: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the numbers of one field, and the cells that are neither a number nor a missing marker."""
    days = pl.col("_day").is_between(rule.from_day or date.min, rule.to_day or date.max)
    rows = placed.filter(fits(rule.where) & ~fits_any(rule.leave_out) & days)
    names = list(dict.fromkeys((*rule.columns, *rule.minus)))

    def read(text: pl.Expr) -> pl.Expr:
        return number_expression(
            text, decimal=table.decimal, thousands=table.thousands, missing=table.missing
        )

    cells = rows.select(ROW, FILE, *(read(pl.col(name)).alias(name) for name in names))
    doubtful = [
        name
        for name in names
        if (cells[name].is_null() & rows[name].is_not_null() & ~rows[name].is_in(table.missing)).any()
    ]
    unreadable = []
    for name in doubtful:
        cells = cells.with_columns(rows.select(read(half_width(pl.col(name)))).to_series().alias(name))
        wrong = cells[name].is_null() & rows[name].is_not_null() & ~rows[name].is_in(table.missing)
        unreadable.append(
            rows.filter(wrong).select(ROW, FILE, pl.col(name).alias("text"), pl.lit(name).alias("column"))
        )
    total = reduce(lambda left, right: left + right, [pl.col(name) for name in rule.columns])
    total = reduce(lambda left, right: left - right, [pl.col(name) for name in rule.minus], total)
    numbers = rows.select(
        pl.col("_place").alias("place_code"),
        pl.lit(form).alias("form"),
        pl.lit(rule.field).alias("field"),
        pl.col("_day").alias("day"),
        cells.select((total * rule.multiply).alias("number")).to_series(),
        pl.col("_reported").alias("reported_at"),
        pl.col(FILE).alias("source_file"),
        pl.col(ROW).alias("source_row"),
        pl.lit(rule.kind).alias("kind"),
        pl.lit(rule.first).alias("first"),
        pl.lit(rule.on_fall).alias("on_fall"),
        pl.lit(table.repeated).alias("repeated"),
    )
    empty = pl.DataFrame(schema={ROW: pl.Int64, FILE: pl.String, "text": pl.String, "column": pl.String})
    return numbers, pl.concat([empty, *unreadable])
