"""What can be wrong with the files of a dataset, in words: one finding for each kind, with its first row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from fangxian.base.errors import Finding, InvalidDataset, Text
from fangxian.plans.datasets.files import FILE, ROW, RaggedRow
from fangxian.plans.datasets.schema import FieldRule, Table

if TYPE_CHECKING:
    from fangxian.plans.datasets.conversion import Converted

LISTED = 20
MAPS_REMEDY: Text = {
    "zh": "请在描述的 maps 中补上该名称，或把 unknown 设为 skip，或用 leave_out 去掉这些行。",
    "en": "Add the name to `maps`, or set `unknown` to skip, or take such rows away with `leave_out`.",
}


def missing_columns(table: Table, missing: Sequence[str], frame: pl.DataFrame) -> InvalidDataset:
    """Return the error for headers that the descriptor names and the file lacks."""
    file = str(frame[FILE][0]) if frame.height else ", ".join(table.files)
    present = ", ".join(name for name in frame.columns if name not in (ROW, FILE))[:600]
    names = ", ".join(missing)
    return InvalidDataset(
        message={
            "zh": f"{file} 没有列 {names}；表头为：{present}。",
            "en": f"{file} has no column {names}; its headers are: {present}.",
        },
        remedy={
            "zh": f"请检查表 {table.id} 的列名、header_row 和 separator。",
            "en": f"Check the column names, `header_row` and `separator` of table {table.id}.",
        },
        fields={"file": file, "columns": list(missing)},
    )


def refuse_companion_without(file: str, frame: pl.DataFrame, columns: Sequence[str]) -> None:
    """Raise when a companion file lacks a column."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise InvalidDataset(
            message={
                "zh": f"附表 {file} 没有列 {', '.join(missing)}。",
                "en": f"The companion file {file} has no column {', '.join(missing)}.",
            },
            remedy={
                "zh": f"其表头为：{', '.join(frame.columns)}。",
                "en": f"Its headers are: {', '.join(frame.columns)}.",
            },
        )


def ambiguous_place(text: str, codes: Sequence[str]) -> InvalidDataset:
    """Return the error for a name that several places have."""
    return InvalidDataset(
        message={
            "zh": f"有多个地区叫 {text}：{', '.join(codes)}。",
            "en": f"Several places are called {text}: {', '.join(codes)}.",
        },
        remedy={"zh": "请用代码。", "en": "Use the code."},
        fields={"place": text, "codes": list(codes)},
    )


def unknown_place(text: str, places: pl.DataFrame) -> InvalidDataset:
    """Return the error for a place that the dataset does not have."""
    some = ", ".join(f"{code} {name}" for code, name in places.select("code", "name").head(12).rows())
    return InvalidDataset(
        message={
            "zh": f"数据集中没有地区 {text}。",
            "en": f"The dataset has no place {text}.",
        },
        remedy={
            "zh": f"共有 {places.height} 个地区，例如：{some}。",
            "en": f"It has {places.height} places, such as: {some}.",
        },
        fields={"place": text},
    )


def of_ragged_rows(rows: Sequence[RaggedRow]) -> list[Finding]:
    """Return one finding for each row that is not whole, up to a limit."""
    return [
        Finding(
            code="row-not-whole",
            message={
                "zh": f"该行有 {row.cells} 格，应有 {row.expected} 格；未采用。",
                "en": f"This row has {row.cells} cells instead of {row.expected}; it was not taken.",
            },
            remedy={
                "zh": "请检查文件是否中断，或该格是否含有分隔符而未加引号。",
                "en": "Look whether the file was cut off, or a cell holds the separator without quotes.",
            },
            file=row.file,
            row=row.row,
        )
        for row in rows[:LISTED]
    ] + _more(len(rows), "row-not-whole")


def of_undated_rows(rows: pl.DataFrame, table: Table) -> list[Finding]:
    """Return one finding for each row whose day cannot be read, up to a limit."""
    formats = ", ".join(table.day.formats)
    listed = rows.select(FILE, ROW, pl.col(table.day.column).alias("text")).head(LISTED).rows()
    return [
        Finding(
            code="date-unreadable",
            message={
                "zh": f"“{text or ''}”不是格式 {formats} 的日期；该行未采用。",
                "en": f"{text or ''!r} is not a date in the format {formats}; the row was not taken.",
            },
            remedy={
                "zh": "请在 day.formats 中加上这种格式，或用 leave_out 去掉合计行。",
                "en": "Add its format to `day.formats`, or take sum rows away with `leave_out`.",
            },
            file=file,
            row=row,
            column=table.day.column,
            value=text,
        )
        for file, row, text in listed
    ] + _more(rows.height, "date-unreadable")


def of_homeless_rows(rows: pl.DataFrame, table: Table) -> list[Finding]:
    """Return one finding for each text without a place, and one for all those that the descriptor skips."""
    if rows.is_empty():
        return []
    texts = [
        text for rule in table.places for text in (rule.parent, rule.name, rule.code) if text is not None
    ]
    columns = dict.fromkeys(text.column for text in texts if text.column is not None)
    shown = pl.concat_str([pl.col(name) for name in columns], separator=" ", ignore_nulls=True)
    groups = (
        rows.group_by(shown.alias("text"), "_skip")
        .agg(pl.len().alias("rows"), pl.col(FILE).first(), pl.col(ROW).min())
        .sort("rows", "text", descending=[True, False])
    )
    unknown = groups.filter(~pl.col("_skip"))
    found = [
        Finding(
            code="place-unknown",
            message={
                "zh": f"“{text}”没有地区代码；{count} 行未采用。",
                "en": f"{text!r} has no place code; {count} rows were not taken.",
            },
            remedy=MAPS_REMEDY,
            file=file,
            row=row,
            value=text,
        )
        for text, count, file, row in unknown.head(LISTED).select("text", "rows", FILE, ROW).rows()
    ]
    return [*found, *_more(unknown.height, "place-unknown"), *_skipped(groups.filter("_skip"))]


def _skipped(groups: pl.DataFrame) -> list[Finding]:
    if groups.is_empty():
        return []
    count, names = int(groups["rows"].sum()), groups["text"].head(6).to_list()
    return [
        Finding(
            code="place-skipped",
            severity="warning",
            message={
                "zh": f"{count} 行、{groups.height} 个名称没有地区代码，按描述略去：{'；'.join(names)} 等。",
                "en": f"{count} rows of {groups.height} names have no place code and are left out as the "
                f"descriptor says: {'; '.join(names)} and so on.",
            },
            remedy={"zh": "无需处理。", "en": "Nothing to do."},
            file=groups[FILE][0],
            row=groups[ROW][0],
        )
    ]


def of_unreadable_numbers(cells: pl.DataFrame, rule: FieldRule) -> list[Finding]:
    """Return one finding for each cell that is neither a number nor a missing marker, up to a limit."""
    return [
        Finding(
            code="value-unreadable",
            message={
                "zh": f"{rule.field}：“{text}”不是数字；按未报告处理，不作 0。",
                "en": f"{rule.field}: {text!r} is not a number; taken as not reported, not as 0.",
            },
            remedy={
                "zh": "请改正该格，或写明 missing、decimal、thousands。",
                "en": "Mend the cell, or state `missing`, `decimal` or `thousands`.",
            },
            file=file,
            row=row,
            column=column,
            value=text,
        )
        for file, row, column, text in cells.head(LISTED).select(FILE, ROW, "column", "text").rows()
    ] + _more(cells.height, "value-unreadable")


def of_orphans(places: pl.DataFrame) -> list[Finding]:
    """Return one finding for each parent that is no place of the dataset."""
    parents = places.select(pl.col("parent_code").drop_nulls().unique().sort()).to_series()
    lost = parents.filter(~parents.is_in(places["code"].to_list()))
    return [
        Finding(
            code="parent-unknown",
            message={
                "zh": f"上级地区 {code} 不在数据集中。",
                "en": f"The place above, {code}, is not in the dataset.",
            },
            remedy={
                "zh": "请在 places.known 中写上它，或检查 parent。",
                "en": "Write it under `places.known`, or check `parent`.",
            },
            value=code,
        )
        for code in lost.head(LISTED).to_list()
    ]


def of_conversion(converted: Converted) -> list[Finding]:
    """Return what the conversion set aside or wants to be known, one finding a kind and field."""
    gaps = converted.values.filter(pl.col("days_covered") > 1)
    differing = (
        converted.repeats.filter("differ") if "differ" in converted.repeats.columns else converted.repeats
    )
    refused = differing.filter(pl.col("repeated") == "refuse")
    same = converted.repeats.height - differing.height
    return [
        *_grouped(
            converted.corrections,
            "total-revised-down",
            zh="{field}：{count} 次向下修正，已记为更正，不计为负数",
            en="{field}: {count} downward revisions, kept as corrections and never as negative counts",
        ),
        *_grouped(
            gaps,
            "count-after-gap",
            zh="{field}：{count} 个当日数是缺报之后补上的，含多天",
            en="{field}: {count} counts follow days without a total and cover several days",
        ),
        *_grouped(
            differing.filter(pl.col("repeated") != "refuse"),
            "row-replaced",
            zh="{field}：{count} 个数被同地同日的另一行取代",
            en="{field}: {count} numbers gave way to another row for the same place and day",
        ),
        *_grouped(
            refused,
            "row-contradicts",
            severity="error",
            zh="{field}：{count} 个数与同地同日的另一行不一，均未采用",
            en="{field}: {count} numbers contradict another row for the same place and day; none was taken",
        ),
        *_grouped(
            converted.negative,
            "value-negative",
            severity="error",
            zh="{field}：{count} 个存量或累计数小于 0，按未报告处理",
            en="{field}: {count} stocks or totals are below 0; taken as not reported",
        ),
        *(
            [
                Finding(
                    code="row-repeated",
                    severity="warning",
                    message={
                        "zh": f"{same} 个数重复出现，内容相同，只计一次。",
                        "en": f"{same} numbers occur twice with the same content and count once.",
                    },
                    remedy={"zh": "无需处理。", "en": "Nothing to do."},
                )
            ]
            if same
            else []
        ),
    ]


def _grouped(frame: pl.DataFrame, code: str, *, zh: str, en: str, severity: str = "warning") -> list[Finding]:
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
                "zh": zh.format_map(row) + "；首例 {place_code} {day}。".format_map(row),
                "en": en.format_map(row) + "; first {place_code} {day}.".format_map(row),
            },
            remedy={
                "zh": "请与发布单位核对。" if severity == "error" else "",
                "en": "Ask the publisher." if severity == "error" else "",
            },
            file=row["source_file"],
            row=row["source_row"],
            column=row["field"],
        )
        for row in groups.iter_rows(named=True)
    ]


def _more(count: int, code: str) -> list[Finding]:
    if count <= LISTED:
        return []
    rest = count - LISTED
    return [
        Finding(
            code=code,
            message={"zh": f"另有 {rest} 处同样的错误。", "en": f"{rest} more of the same."},
            remedy={"zh": "请先改正以上各处。", "en": "Mend those above first."},
        )
    ]
