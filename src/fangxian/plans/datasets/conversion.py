"""From the numbers of the file to daily counts and stocks: repeats, differences, downward revisions.

For one place and field, let :math:`C_t` be the total since the beginning on the days :math:`t` on which it is
known. The count of day :math:`t` is :math:`C_t - C_s` with :math:`s` the last known day before it: what
happened in a gap is counted on the day it became known, with ``days_covered`` saying over how many days.
Where :math:`C_t < C_s` nothing is counted; the fall is a correction. The first known total is either the
count of its day or an opening balance. So for every place and field::

    opening + sum of daily values + sum of corrections = last total
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

SERIES = ["place_code", "form", "field"]
KEY = [*SERIES, "day"]
NUMBERS_SCHEMA = pl.Schema(
    {
        "place_code": pl.String,
        "form": pl.String,
        "field": pl.String,
        "day": pl.Date,
        "number": pl.Float64,
        "reported_at": pl.Date,
        "source_file": pl.String,
        "source_row": pl.Int64,
        "kind": pl.String,
        "first": pl.String,
        "on_fall": pl.String,
        "repeated": pl.String,
    }
)
VALUE_COLUMNS = [
    "place_code",
    "day",
    "form",
    "field",
    "value",
    "days_covered",
    "reported_at",
    "source_file",
    "source_row",
]
CORRECTION_COLUMNS = [
    *("place_code", "day", "form", "field", "previous", "revised", "amount", "reason"),
    *("reported_at", "source_file", "source_row"),
]


@dataclass(frozen=True)
class Converted:
    """Daily values, corrections, opening balances and the numbers that were set aside.

    ``repeats`` are numbers that lost against another one for the same place, day and field; ``negative``
    are stocks and totals below zero, which cannot be; ``daily_fields`` are those that the files count by day.
    """

    values: pl.DataFrame
    corrections: pl.DataFrame
    openings: pl.DataFrame
    repeats: pl.DataFrame
    negative: pl.DataFrame
    daily_fields: tuple[str, ...]


def convert(numbers: pl.DataFrame) -> Converted:
    """Turn numbers as published into daily counts and stocks.

    Parameters
    ----------
    numbers : polars.DataFrame
        Columns of ``NUMBERS_SCHEMA``; one row a number, ``number`` null where the cell said "not reported".

    Returns
    -------
    Converted
        ``values`` sorted by place, form, field and day, one row for each of them.
    """
    numbers = numbers.with_columns(_ranked(numbers[name]) for name in SERIES)
    impossible = (pl.col("number") < 0) & (pl.col("kind") != "daily")
    negative = numbers.filter(impossible)
    numbers = numbers.with_columns(pl.when(~impossible.fill_null(value=False)).then("number").alias("number"))
    single, repeats = _without_repeats(numbers)
    single = single.sort(KEY).with_columns(
        _known_before().alias("previous"), _day_before().alias("known_day")
    )
    is_total = pl.col("kind") == "cumulative"
    is_first = is_total & pl.col("known_day").is_null() & pl.col("number").is_not_null()
    opening = is_first & (pl.col("first") == "unknown")
    change = (
        pl.when(is_total & ~is_first)
        .then(pl.col("number") - pl.col("previous"))
        .when(~opening)
        .then("number")
    )
    single = single.with_columns(change.alias("change"), opening.alias("opening"))
    fell = pl.col("change") < 0
    covered = pl.when(is_total & pl.col("known_day").is_not_null() & pl.col("number").is_not_null())
    single = single.with_columns(
        pl.when(fell & (pl.col("on_fall") == "zero"))
        .then(0.0)
        .when(~fell.fill_null(value=False))
        .then("change")
        .alias("value"),
        covered.then((pl.col("day") - pl.col("known_day")).dt.total_days())
        .otherwise(1)
        .cast(pl.Int32)
        .alias("days_covered"),
    )
    corrections = single.filter(fell).with_columns(
        pl.when(is_total).then("previous").alias("previous"),
        pl.when(is_total).then("number").alias("revised"),
        pl.col("change").alias("amount"),
        pl.when(is_total).then(pl.lit("total-fell")).otherwise(pl.lit("count-negative")).alias("reason"),
    )
    openings = single.filter("opening").select(
        "place_code", "day", "form", "field", pl.col("number").alias("amount"), "source_file", "source_row"
    )
    words = [pl.col(name).cast(pl.String) for name in SERIES]
    return Converted(
        values=single.select(VALUE_COLUMNS).with_columns(words),
        corrections=corrections.select(CORRECTION_COLUMNS).with_columns(words),
        openings=openings.with_columns(words),
        repeats=repeats.with_columns(words),
        negative=negative.with_columns(words),
        daily_fields=tuple(
            numbers.filter(pl.col("kind") == "daily")["field"].cast(pl.String).unique().sort().to_list()
        ),
    )


def _ranked(names: pl.Series) -> pl.Series:
    """Return the names as ranks in alphabetical order, which sort and group as fast as numbers."""
    return names.cast(pl.Enum(names.unique().drop_nulls().sort()))


def _known_before() -> pl.Expr:
    return pl.col("number").forward_fill().shift(1).over(SERIES)


def _day_before() -> pl.Expr:
    known = pl.when(pl.col("number").is_not_null()).then("day")
    return known.forward_fill().shift(1).over(SERIES)


def _without_repeats(numbers: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return one number for each place, field and day, and the rows that were repeats.

    A row that says nothing never takes the place of one that gives a number.
    """
    repeated = numbers.select(pl.struct(KEY).is_duplicated().alias("repeated")).to_series()
    if not repeated.any():
        return numbers, numbers.clear().with_columns(pl.lit(value=False).alias("differ"))
    alone, groups = numbers.filter(~repeated), numbers.filter(repeated)
    groups = groups.sort(
        pl.col("reported_at").fill_null(pl.col("day")), "source_file", "source_row", maintain_order=True
    )
    added = groups.filter(pl.col("repeated") == "sum")
    summed = added.group_by(KEY, maintain_order=True).agg(
        pl.when(pl.col("number").is_not_null().any()).then(pl.col("number").sum()).alias("number"),
        pl.exclude("number", *KEY).last(),
    )
    rest = groups.filter(pl.col("repeated") != "sum")
    order = (
        pl.when(pl.col("repeated") == "first")
        .then(pl.int_range(pl.len()).over(KEY))
        .otherwise(pl.int_range(pl.len()).reverse().over(KEY))
    )
    behind_all = pl.when(pl.col("number").is_null()).then(pl.len().over(KEY)).otherwise(0)
    by_key = rest.with_columns(
        (order + behind_all).alias("rank"),
        (pl.col("number").drop_nulls().n_unique().over(KEY) > 1).alias("differ"),
    )
    wins = pl.col("rank") == pl.col("rank").min().over(KEY)
    kept = by_key.filter(wins)
    refused = (kept["repeated"] == "refuse") & kept["differ"]
    kept = kept.with_columns(pl.when(~refused).then("number").alias("number"))
    set_aside = by_key.filter(~wins).drop("rank")
    return pl.concat([alone, summed.select(numbers.columns), kept.select(numbers.columns)]), set_aside
