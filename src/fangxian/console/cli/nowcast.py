"""``fangxian nowcast``: final counts of the last days, from a line list or from counts and a delay."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fangxian.base.errors import InvalidInput

if TYPE_CHECKING:
    from fangxian.science.renewal.nowcast import Nowcast

LEVELS = (0.025, 0.25, 0.5, 0.75, 0.975)
NAMES = ("lower", "lower50", "median", "upper50", "upper")


def nowcast(
    table: Annotated[
        Path, typer.Argument(help="CSV: one row a person with event and report; or date,value with --delay")
    ],
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Known at the end of this day")
    ] = None,
    event_column: Annotated[str, typer.Option(help="Column of the day of the event")] = "event",
    report_column: Annotated[str, typer.Option(help="Column of the day of the report")] = "report",
    count_column: Annotated[str | None, typer.Option(help="Column of how many, for a table of sums")] = None,
    delay: Annotated[Path | None, typer.Option(help="CSV lag,probability of the delay, lag 0 first")] = None,
    days: Annotated[int, typer.Option(help="Print so many last days")] = 28,
    json_: Annotated[bool, typer.Option("--json", help="A list of days")] = False,
) -> None:
    """Print how many events each of the last days will have had when all reports are in."""
    result, last = (
        _from_counts(table, delay, as_of)
        if delay is not None
        else _from_records(table, as_of, (event_column, report_column, count_column))
    )
    rows = _rows(result, last, max(days, 1))
    if json_:
        print(json.dumps(rows, indent=1))
        return
    print("date        reported  known  median  (50 %)  (95 %)")
    for row in rows:
        reported = "-" if row["reported"] is None else f"{row['reported']:.0f}"
        print(
            f"{row['date']}  {reported:>8}  {row['share']:5.0%}  {row['median']:6.0f}  "
            f"({row['lower50']:.0f} - {row['upper50']:.0f})  ({row['lower']:.0f} - {row['upper']:.0f})"
        )


def _from_counts(table: Path, delay: Path, as_of: datetime | None) -> tuple[Nowcast, date]:
    from fangxian.console.cli.series_files import read_count_series, read_lag_probabilities
    from fangxian.science.renewal.nowcast import nowcast_with_delay

    series = read_count_series(table)
    if series.step_days != 1:
        raise InvalidInput(
            {"zh": "日期相隔一周。", "en": "The dates are a week apart."},
            {"zh": "请给出逐日数据。", "en": "Give one row a day."},
        )
    values, last = series.values, series.day(len(series.values) - 1)
    if as_of is not None:
        kept = (as_of.date() - series.first).days + 1
        if kept < 1:
            raise _nothing_known(table)
        values = values[:kept]
        last = min(last, as_of.date())
    try:
        return nowcast_with_delay(values, read_lag_probabilities(delay)), last
    except ValueError as error:
        raise InvalidInput(
            {"zh": f"不能估计：{error}", "en": f"Cannot be estimated: {error}"},
            {"zh": "请按提示修改输入。", "en": "Change the input as it says."},
        ) from error


def _from_records(
    table: Path, as_of: datetime | None, columns: tuple[str, str, str | None]
) -> tuple[Nowcast, date]:
    from fangxian.science.renewal.nowcast import nowcast_triangle
    from fangxian.science.renewal.triangle import ReportingTriangle

    records = _records(table, columns)
    if not records:
        raise _nothing_known(table)
    last = as_of.date() if as_of is not None else max(report for _event, report, _number in records)
    known = [record for record in records if record[1] <= last and record[0] <= last]
    if not known:
        raise _nothing_known(table)
    event, report, number = zip(*known, strict=True)
    triangle = ReportingTriangle.from_reports(
        [day.toordinal() for day in event],
        [day.toordinal() for day in report],
        as_of=last.toordinal(),
        number=number,
    )
    return nowcast_triangle(triangle), last


def _records(table: Path, columns: tuple[str, str, str | None]) -> list[tuple[date, date, float]]:
    """Read the records; a row without one of its dates, or its count, is no part of a nowcast: left out."""
    from fangxian.base.tables import ROW, Column, Folder, Table, Wrong

    event, report, count = columns
    declared = [Column(name, "date", may_be_empty=True) for name in dict.fromkeys((event, report))]
    if count is not None:
        declared.append(Column(count, "number", may_be_empty=True, least=0))
    folder, form = Folder(table.parent), Table(table.name, tuple(declared))
    rows = folder.read(form)
    if lacking := [fault for fault in folder.findings if fault.code == "column-missing"]:
        raise InvalidInput(
            lacking[0].message,
            {
                "zh": "请用 --event-column 和 --report-column 指明列名。",
                "en": "Name the columns with --event-column and --report-column.",
            },
        )
    full = rows.drop_nulls()
    words = ("{value} 早于事件日期。", "'{value}' is before the event.")
    remedy = ("请改正，或删去这一行。", "Correct it, or leave this row out.")
    for row, told in full.filter(full[report] < full[event]).select(ROW, report).iter_rows():
        folder.fault(form, row, report, told, Wrong("before-event", words, remedy))
    folder.refuse()
    number = full[count] if count is not None else [1.0] * len(full)
    return list(zip(full[event], full[report], number, strict=True))


def _nothing_known(table: Path) -> InvalidInput:
    return InvalidInput(
        {"zh": f"文件 {table.name} 到这一天没有记录。", "en": f"{table.name} has no record by that day."},
        {"zh": "请检查 --as-of 与列名。", "en": "Check --as-of and the columns."},
    )


def _rows(result: Nowcast, last: date, days: int) -> list[dict[str, Any]]:
    import numpy as np

    quantiles = result.quantiles(LEVELS)
    total = len(result.reported)
    rows: list[dict[str, Any]] = []
    for index in range(max(0, total - days), total):
        day = last - timedelta(days=total - 1 - index)
        reported = float(result.reported[index])
        rows.append(
            {
                "date": day.isoformat(),
                "reported": reported if np.isfinite(reported) else None,
                "share": float(result.share[index]),
                "mean": float(result.draws[:, index].mean()),
                "sd": float(result.draws[:, index].std()),
                **dict(zip(NAMES, map(float, quantiles[index]), strict=True)),
            }
        )
    return rows
