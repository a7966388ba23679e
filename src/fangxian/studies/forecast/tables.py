"""Tables of counts, of forecasts and of truth, read from CSV with every fault named by row and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from fangxian.base.errors import Finding, InvalidInput

MISSING = ("", "NA", "NaN", "nan", "null", "None")
ROW = "_row"
MOST_FINDINGS = 20

SERIES_COLUMNS = ("date", "location", "value")
FORECAST_COLUMNS = ("forecast_date", "target", "target_end_date", "location", "type", "quantile", "value")


def read_counts(path: Path) -> pl.DataFrame:
    """Read counts by date and place.

    Parameters
    ----------
    path : Path
        CSV, gzipped or not, with the columns ``date,location,value`` and, where it holds several series,
        ``target``. An empty value is missing, not zero; other columns are ignored.

    Returns
    -------
    polars.DataFrame
        ``date`` (Date), ``location``, ``target`` (empty where the file has none), ``value`` (null: missing),
        sorted by target, location and date.

    Raises
    ------
    InvalidInput
        If the file cannot be read, lacks a column, or holds a date or a number that is none, or two values
        for one date.
    """
    text = _read_text(path, SERIES_COLUMNS)
    if "target" not in text.columns:
        text = text.with_columns(target=pl.lit(""))
    table = text.with_columns(
        pl.col("location", "target").fill_null("").str.strip_chars(),
        date_=_as_date("date"),
        value_=_as_number("value"),
    )
    _refuse(
        path,
        [
            ("date", table.filter(pl.col("date_").is_null()), *_NO_DATE),
            ("location", table.filter(pl.col("location") == ""), *_NO_PLACE),
            ("value", table.filter(_no_number("value")), *_NO_NUMBER),
        ],
    )
    table = table.select("target", "location", date="date_", value="value_", **{ROW: ROW})
    twice = table.filter(pl.struct("target", "location", "date").is_duplicated()).sort(ROW)
    if not twice.is_empty():
        raise _faulty(path, [_finding(path, row, "date", *_TWICE) for row in twice.iter_rows(named=True)])
    return table.drop(ROW).sort("target", "location", "date")


def read_forecasts(path: Path) -> pl.DataFrame:
    """Read forecasts in the format of the hubs.

    Parameters
    ----------
    path : Path
        CSV, gzipped or not, with the columns of ``FORECAST_COLUMNS`` and, for several models, ``model``. Rows
        of another type than ``quantile`` are ignored.

    Returns
    -------
    polars.DataFrame
        ``model`` (``forecast`` where the file has none), then the columns of the hubs but the type.

    Raises
    ------
    InvalidInput
        As `read_counts`; if a level lies outside 0 to 1, or no row is a quantile.
    """
    text = _read_text(path, FORECAST_COLUMNS)
    if "model" not in text.columns:
        text = text.with_columns(model=pl.lit("forecast"))
    table = text.filter(pl.col("type").str.strip_chars() == "quantile").with_columns(
        pl.col("model", "target", "location").fill_null("").str.strip_chars(),
        forecast_date_=_as_date("forecast_date"),
        target_end_date_=_as_date("target_end_date"),
        quantile_=_as_number("quantile"),
        value_=_as_number("value"),
    )
    outside = ~pl.col("quantile_").is_between(0, 1, closed="none").fill_null(value=False)
    _refuse(
        path,
        [
            ("forecast_date", table.filter(pl.col("forecast_date_").is_null()), *_NO_DATE),
            ("target_end_date", table.filter(pl.col("target_end_date_").is_null()), *_NO_DATE),
            ("quantile", table.filter(outside), *_NO_LEVEL),
            ("value", table.filter(pl.col("value_").is_null()), *_NO_FORECAST),
        ],
    )
    if table.is_empty():
        raise InvalidInput(
            {
                "zh": f"{path.name} 中没有类型为 quantile 的行。",
                "en": f"No row of {path.name} is a quantile.",
            },
            {
                "zh": "请给出中心格式的分位数预测。",
                "en": "Give quantile forecasts in the format of the hubs.",
            },
        )
    return table.select(
        "model",
        "target",
        "location",
        forecast_date="forecast_date_",
        target_end_date="target_end_date_",
        quantile=pl.col("quantile_").round(6),
        value="value_",
    )


def write_forecasts(rows: pl.DataFrame, path: Path) -> None:
    """Write forecasts in the format of the hubs; the same rows give the same bytes.

    Parameters
    ----------
    rows : polars.DataFrame
        The columns of ``FORECAST_COLUMNS``.
    path : Path
        Replaced if it exists.
    """
    rows.select(FORECAST_COLUMNS).write_csv(path)


Text = Mapping[str, str]
_NO_DATE: tuple[Text, Text] = (
    {"zh": "“{value}”不是日期。", "en": "'{value}' is not a date."},
    {"zh": "请写成 2021-03-08。", "en": "Write it as 2021-03-08."},
)
_NO_PLACE: tuple[Text, Text] = (
    {"zh": "没有写地区。", "en": "There is no place."},
    {"zh": "请填写 location，例如 DE。", "en": "Fill in the location, e.g. DE."},
)
_NO_NUMBER: tuple[Text, Text] = (
    {"zh": "“{value}”不是数。", "en": "'{value}' is not a number."},
    {"zh": "未知的值请留空，不要写 0。", "en": "Leave an unknown value empty; do not write 0."},
)
_NO_FORECAST: tuple[Text, Text] = (
    {"zh": "分位数没有值。", "en": "A quantile has no value."},
    {"zh": "请删去没有预测的行。", "en": "Leave out rows that forecast nothing."},
)
_NO_LEVEL: tuple[Text, Text] = (
    {"zh": "“{value}”不是 0 与 1 之间的水平。", "en": "'{value}' is not a level between 0 and 1."},
    {"zh": "例如 0.975。", "en": "Write it as 0.975."},
)
_TWICE: tuple[Text, Text] = (
    {"zh": "同一地区同一天有两个值。", "en": "This date has two values for one place."},
    {"zh": "请保留一行，或加 target 列分开。", "en": "Keep one row, or tell them apart by a target column."},
)


def _read_text(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    try:
        text = pl.read_csv(path, infer_schema=False, null_values=list(MISSING), encoding="utf8")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InvalidInput(
            {"zh": f"读不懂 {path.name}：{error}", "en": f"Cannot read {path.name}: {error}"},
            {
                "zh": "请给出 UTF-8 编码、有表头的 CSV 文件。",
                "en": "Give a CSV file in UTF-8 with a header.",
            },
        ) from error
    text = text.rename({name: name.strip().lstrip("\ufeff") for name in text.columns})
    lacking = [name for name in columns if name not in text.columns]
    held = ", ".join(text.columns)
    if lacking:
        raise InvalidInput(
            {
                "zh": f"{path.name} 缺少列 {', '.join(lacking)}，有 {held}。",
                "en": f"{path.name} lacks the columns {', '.join(lacking)} (it has {held}).",
            },
            {
                "zh": f"表头应有 {','.join(columns)}。",
                "en": f"The header must hold {','.join(columns)}.",
            },
        )
    if text.is_empty():
        raise InvalidInput(
            {"zh": f"{path.name} 中没有数据行。", "en": f"{path.name} holds no row."},
            {"zh": "请检查导出是否完整。", "en": "Check whether the export is complete."},
        )
    return text.with_row_index(ROW, offset=2)  # as a spreadsheet counts, the header being row 1


def _as_date(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def _as_number(column: str) -> pl.Expr:
    number = pl.col(column).str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _no_number(column: str) -> pl.Expr:
    return pl.col(column).is_not_null() & pl.col(f"{column}_").is_null()


def _refuse(path: Path, faults: Sequence[tuple[str, pl.DataFrame, Text, Text]]) -> None:
    found = [
        _finding(path, row, column, message, remedy)
        for column, rows, message, remedy in faults
        for row in rows.head(MOST_FINDINGS).iter_rows(named=True)
    ]
    if found:
        raise _faulty(path, sorted(found, key=lambda finding: finding.row or 0))


def _finding(path: Path, row: Mapping[str, object], column: str, message: Text, remedy: Text) -> Finding:
    value = str(row[column] if row[column] is not None else "")
    return Finding(
        "table-fault",
        {language: words.replace("{value}", value) for language, words in message.items()},
        remedy,
        file=path.name,
        row=int(str(row[ROW])),
        column=column,
        value=value,
    )


def _faulty(path: Path, findings: Sequence[Finding]) -> InvalidInput:
    return InvalidInput(
        {"zh": f"{path.name} 中有不能用的行。", "en": f"{path.name} holds rows that cannot be used."},
        {"zh": "请改正下列各处。", "en": "Mend these:"},
        findings=list(findings)[:MOST_FINDINGS],
    )
