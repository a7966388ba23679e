"""What can be wrong with the series of a dataset, in words: one finding for each kind and field."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from fangxian.base.errors import Finding, Text
from fangxian.plans.datasets.conversion import Converted

WEEK = 7
LEAST_DAYS = 5
TOLERATED_SHARE = 0.1
NO_REMEDY: Text = {"zh": "", "en": ""}
ASK_PUBLISHER: Text = {"zh": "请与发布单位核对。", "en": "Ask the publisher."}
REPEATS_REMEDY: Text = {
    "zh": '若各行应相加（年龄、性别、医院），请写 repeated = "sum"；'
    '若是修订，请写 reported，或写明 repeated = "last"；'
    "一行一人的个案表须先按日计数。",
    "en": 'Where they belong together (ages, sexes, hospitals), say `repeated = "sum"`; where they are '
    'revisions, name `reported`, or say `repeated = "last"`; a line list is to be counted by day first.',
}
WEEKLY: Text = {
    "zh": "{field}：kind 为 daily，但 {count} 个有数的日子两两相隔整周，像是周报",
    "en": "{field}: the kind is `daily`, but its {count} days with numbers lie whole weeks apart, "
    "like weekly sums",
}
WEEKLY_REMEDY: Text = {
    "zh": "周报、月报不是逐日数字，请找逐日的表；若其实是累计数，kind 应为 cumulative。",
    "en": "Sums of weeks or months are not daily figures: find the daily table; if they are totals since the "
    "beginning, the kind is `cumulative`.",
}


def of_series(converted: Converted, *, undecided: Collection[str] = ()) -> list[Finding]:
    """Return what the conversion set aside or wants to be known.

    Parameters
    ----------
    converted : Converted
    undecided : collection of str
        Fields of which the descriptor does not say what several rows for one day are. Many such rows of one
        of them are an error: numbers would be lost unnoticed.
    """
    gaps = converted.values.filter(pl.col("days_covered") > 1)
    numbers = converted.repeats.filter(pl.col("number").is_not_null())
    differing = numbers.filter("differ")
    refused = differing.filter(pl.col("repeated") == "refuse")
    replaced = differing.filter(pl.col("repeated") != "refuse")
    lost = _fields_with_many(replaced, converted.values, undecided)
    gave_way: Text = {
        "zh": "{field}：{count} 个数被同地同日的另一行取代",
        "en": "{field}: {count} numbers gave way to another row for the same place and day",
    }
    return [
        *_grouped(
            converted.corrections,
            "total-revised-down",
            {
                "zh": "{field}：{count} 次向下修正，已记为更正，不计为负数",
                "en": "{field}: {count} downward revisions, kept as corrections and never as negative counts",
            },
        ),
        *_grouped(
            gaps,
            "count-after-gap",
            {
                "zh": "{field}：{count} 个当日数是缺报之后补上的，含多天",
                "en": "{field}: {count} counts follow days without a total and cover several days",
            },
        ),
        *_grouped(_weekly(converted), "days-apart", WEEKLY, remedy=WEEKLY_REMEDY, severity="error"),
        *_grouped(
            replaced.filter(pl.col("field").is_in(lost)),
            "row-replaced",
            gave_way,
            remedy=REPEATS_REMEDY,
            severity="error",
        ),
        *_grouped(
            replaced.filter(~pl.col("field").is_in(lost)), "row-replaced", gave_way, remedy=REPEATS_REMEDY
        ),
        *_grouped(
            refused,
            "row-contradicts",
            {
                "zh": "{field}：{count} 个数与同地同日的另一行不一，均未采用",
                "en": "{field}: {count} numbers contradict another row for the same place and day; "
                "none was taken",
            },
            remedy=ASK_PUBLISHER,
            severity="error",
        ),
        *_grouped(
            converted.negative,
            "value-negative",
            {
                "zh": "{field}：{count} 个存量或累计数小于 0，按未报告处理",
                "en": "{field}: {count} stocks or totals are below 0; taken as not reported",
            },
            remedy=ASK_PUBLISHER,
            severity="error",
        ),
        *_grouped(
            numbers.filter(~pl.col("differ")),
            "row-repeated",
            {
                "zh": "{field}：{count} 个数与同地同日的另一行相同，只计一次",
                "en": "{field}: {count} numbers are those of another row for the same place and day, "
                "and count once",
            },
            remedy=REPEATS_REMEDY,
        ),
    ]


def _fields_with_many(replaced: pl.DataFrame, values: pl.DataFrame, undecided: Collection[str]) -> list[str]:
    """Return the undecided fields that lost more than the tolerated share of their numbers."""
    kept = dict(values.group_by("field").agg(pl.len()).iter_rows())
    gone = replaced.filter(pl.col("field").is_in(list(undecided))).group_by("field").agg(pl.len())
    return sorted(field for field, count in gone.iter_rows() if count > TOLERATED_SHARE * kept[field])


def _weekly(converted: Converted) -> pl.DataFrame:
    """Return one row a day of the daily fields whose days, of all places together, lie whole weeks apart."""
    known = converted.values.filter(
        pl.col("value").is_not_null() & pl.col("field").is_in(list(converted.daily_fields))
    )
    first = pl.col("place_code", "source_file", "source_row").first()
    days = known.group_by("field", "day", maintain_order=True).agg(first).sort("field", "day")
    gap = pl.col("day").diff().dt.total_days().over("field")
    apart = ((gap.drop_nulls() % WEEK == 0).all() & (pl.len() >= LEAST_DAYS)).over("field")
    return days.filter(apart)


def _grouped(
    frame: pl.DataFrame, code: str, message: Text, *, remedy: Text = NO_REMEDY, severity: str = "warning"
) -> list[Finding]:
    if frame.is_empty():
        return []
    groups = (
        frame.sort("day", "place_code")
        .group_by("field", maintain_order=True)
        .agg(pl.len().alias("count"), pl.col("place_code", "day", "source_file", "source_row").first())
        .sort("field")
    )
    return [
        Finding(
            code=code,
            severity=severity,
            message={
                "zh": message["zh"].format_map(row) + "；首例 {place_code} {day}。".format_map(row),
                "en": message["en"].format_map(row) + "; first {place_code} {day}.".format_map(row),
            },
            remedy=remedy,
            file=row["source_file"],
            row=row["source_row"],
            column=row["field"],
        )
        for row in groups.iter_rows(named=True)
    ]
