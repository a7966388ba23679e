"""Tables of counts, of forecasts and of truth, read from CSV with every fault named by row and column."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from fangxian.base.errors import InvalidInput
from fangxian.base.tables import MOST_FINDINGS, ROW, Column, Folder, Table, Wrong

FORECAST_COLUMNS = ("forecast_date", "target", "target_end_date", "location", "type", "quantile", "value")

_TWICE = Wrong(
    "row-twice",
    ("同一地区同一天有两个值（{value}）。", "This date has two values for one place ({value})."),
    ("请保留一行，或加 target 列分开。", "Keep one row, or tell them apart by a target column."),
)
_NO_FORECAST = Wrong(
    "quantile-empty",
    ("分位数没有值。", "A quantile has no value."),
    ("请删去没有预测的行。", "Leave out rows that forecast nothing."),
)
_NO_LEVEL = Wrong(
    "not-a-level",
    ("“{value}”不是 0 与 1 之间的水平。", "'{value}' is not a level between 0 and 1."),
    ("例如 0.975。", "Write it as 0.975."),
)
_LEVEL_TWICE = Wrong(
    "level-twice",
    ("同一预测的水平 {value} 出现了两次。", "One forecast gives the level {value} twice."),
    ("请保留一行，或用 model 列分开不同模型。", "Keep one row, or tell models apart by a model column."),
)
_FALLS = Wrong(
    "quantile-falls",
    (
        "值 {value} 低于同一预测较低水平的值。",
        "{value} lies below the value of a lower level of this forecast.",
    ),
    (
        "请改正两者之一：水平越高，值不能越小。",
        "Correct one of them: values must not fall as the level rises.",
    ),
)
_ONE_FORECAST = ("model", "target", "location", "forecast_date", "target_end_date")
_COUNTS = (
    Column("target", optional=True, default=""),
    Column("location"),
    Column("date", "date"),
    Column("value", "number", may_be_empty=True),
)
_FORECASTS = (
    Column("model", optional=True, default="forecast"),
    Column("target", may_be_empty=True, default=""),
    Column("location", may_be_empty=True, default=""),
    Column("forecast_date", "date"),
    Column("target_end_date", "date"),
    Column("type"),
    Column("quantile", "number", may_be_empty=True),
    Column("value", "number", may_be_empty=True),
)


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
    folder = Folder(path.parent)
    table = Table(path.name, _COUNTS, key=("target", "location", "date"), twice=_TWICE)
    rows = folder.read(table)
    folder.refuse()
    return rows.drop(ROW).sort("target", "location", "date")


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
        As `read_counts`; if a level lies outside 0 to 1 or stands twice in a forecast, values fall as the
        level rises, or no row is a quantile.
    """
    folder, table = Folder(path.parent), Table(path.name, _FORECASTS)
    rows = folder.read(table).filter(pl.col("type") == "quantile")
    outside = ~pl.col("quantile").is_between(0, 1, closed="none").fill_null(value=False)
    for row, level in rows.filter(outside).select(ROW, "quantile").head(MOST_FINDINGS).iter_rows():
        folder.fault(table, row, "quantile", None if level is None else f"{level:g}", _NO_LEVEL)
    if not folder.findings:
        for row in rows.filter(pl.col("value").is_null()).head(MOST_FINDINGS)[ROW]:
            folder.fault(table, row, "value", None, _NO_FORECAST)
    folder.refuse()
    rows = rows.with_columns(pl.col("quantile").round(6))
    _refuse_disorder(folder, table, rows)
    if rows.is_empty():
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
    return rows.drop(ROW, "type")


def _refuse_disorder(folder: Folder, table: Table, rows: pl.DataFrame) -> None:
    """Refuse forecasts that give a level twice, or a lower value at a higher level."""
    ordered = rows.sort(*_ONE_FORECAST, "quantile", ROW)
    rise = ordered.with_columns(pl.col("quantile", "value").diff().over(_ONE_FORECAST).name.prefix("_more_"))
    twice = pl.col("_more_quantile") == 0
    for column, wrong, found in (
        ("quantile", _LEVEL_TWICE, rise.filter(twice)),
        ("value", _FALLS, rise.filter(~twice & (pl.col("_more_value") < 0))),
    ):
        for row, value in found.select(ROW, column).sort(ROW).head(MOST_FINDINGS).iter_rows():
            folder.fault(table, row, column, f"{value:.12g}", wrong)
    folder.refuse()


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
