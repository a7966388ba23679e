"""What can be wrong with the rows and cells of a dataset, in words: one finding for each, up to a limit."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from fangxian.base.errors import Finding, InvalidDataset, Text
from fangxian.plans.datasets.files import FILE, ROW, RaggedRow
from fangxian.plans.datasets.schema import FieldRule, Table

LISTED = 20
_WEEK_OR_MONTH = re.compile(
    r"\d{4}\s*(?:[-/.年]\s*)?(?:(?:w|wk|week|第)\s*\d{1,2}\s*[周週]?|(?<=[-/.年])\s*\d{1,2}\s*月?)",
    re.IGNORECASE,
)
MAPS_REMEDY: Text = {
    "zh": "请在描述的 maps 中补上该名称，或把 unknown 设为 skip，或用 leave_out 去掉这些行。",
    "en": "Add the name to `maps`, or set `unknown` to skip, or take such rows away with `leave_out`.",
}


DATE_REMEDY: Text = {
    "zh": "请在 day.formats 中加上这种格式，或用 leave_out 去掉合计行。",
    "en": "Add its format to `day.formats`, or take sum rows away with `leave_out`.",
}
PERIOD_REMEDY: Text = {
    "zh": "这是一周或一月，不是一天；周报、月报不是逐日数字，本系统不读，请找逐日的表。",
    "en": "It is a week or a month: sums of a period are not daily figures and are not read; "
    "find the daily table.",
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


def unknown_place(text: str, places: pl.DataFrame, *, later: int = 0, refused: int = 0) -> InvalidDataset:
    """Return the error for a place that no row read speaks of, with the rows that were not looked at."""
    some = ", ".join(f"{code} {name}" for code, name in places.select("code", "name").head(12).rows())
    return InvalidDataset(
        message={
            "zh": f"数据集中没有地区 {text}。",
            "en": f"The dataset has no place {text}.",
        },
        remedy={
            "zh": f"共有 {places.height} 个地区，例如：{some}。"
            + (f"另有 {later} 行晚于截止日，未读。" if later else "")
            + (f"另有 {refused} 行无法读取：请运行 fangxian datasets check。" if refused else ""),
            "en": f"It has {places.height} places, such as: {some}."
            + (f" {later} rows are later than the as-of day and were not read." if later else "")
            + (f" {refused} rows could not be read: see `fangxian datasets check`." if refused else ""),
        },
        fields={"place": text, "rows_later": later, "rows_refused": refused},
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
            remedy=PERIOD_REMEDY if _WEEK_OR_MONTH.fullmatch((text or "").strip()) else DATE_REMEDY,
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
