"""A table of counts by date and place, made regular: days, weeks or months, gaps kept as missing."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.errors import InvalidInput
from fangxian.base.tables import MOST_FINDINGS, NEGATIVE_COUNT, ROW, Column, Folder, Table, Wrong
from fangxian.science.detection.reference_points import EPOCH, TimeAxis

FloatArray = NDArray[np.float64]

FREQUENCIES = {"daily": 365, "weekly": 52, "monthly": 12}
_WEEK = re.compile(r"^(\d{4})-?W(\d{1,2})$")
_MONTH = re.compile(r"^(\d{4})-(\d{1,2})$")
_MOST_STEPS = 40_000  # a century of days; more is a mistyped year


@dataclass(frozen=True)
class Panel:
    """Counts of several places on one regular time axis.

    Parameters
    ----------
    labels : tuple of str
        The dates as they are shown, one a step.
    locations : tuple of str
    counts : float array [time, place]
        NaN is missing.
    population : float array [time, place] or None
    completeness : float array [time, place] or None
        Part of the final count that is in by now; NaN is all of it.
    axis : TimeAxis
    frequency : str
        ``daily``, ``weekly``, ``monthly`` or ``numbered``.
    """

    labels: tuple[str, ...]
    locations: tuple[str, ...]
    counts: FloatArray
    population: FloatArray | None
    completeness: FloatArray | None
    axis: TimeAxis
    frequency: str


_TOO_MANY = Wrong(
    "value-too-large",
    ("“{value}”大过任何病例数。", "“{value}” is more than any count of cases."),
    ("请检查数值和单位。", "Check the figure and its unit."),
)
_NO_DATE = Wrong(
    "date-not-a-date",
    ("“{value}”不是日期。", "“{value}” is not a date."),
    ("请写成 2026-01-05。", "Write 2026-01-05."),
)
_MIXED = Wrong(
    "dates-mixed",
    ("混用了不同的日期写法：{value}。", "It mixes ways of writing dates: {value}."),
    ("请只用一种写法，如 2026-01-05。", "Use one of them, e.g. 2026-01-05."),
)
_TWICE = Wrong(
    "row-twice",
    ("{value} 出现了两次。", "{value} stands there twice."),
    ("请合并或删去一行。", "Add them up, or delete one."),
)
_MOST_CASES = 1e12  # beyond it the sums of squares of a method lose what they compare
_COLUMNS = (
    Column("date"),
    Column("value", "number", may_be_empty=True, least=0, outside=NEGATIVE_COUNT),
    Column("location", optional=True, default=""),
    Column("population", "number", optional=True, least=0),
    Column("completeness", "number", optional=True, least=0, most=1),
)


def read_panel(path: Path, *, steps_per_year: int | None = None) -> Panel:
    """Read a CSV with columns ``date``, ``value`` and, where there are several places, ``location``.

    Parameters
    ----------
    path : Path
    steps_per_year : int, optional
        For dates that are only numbered; 52 by default.

    Raises
    ------
    InvalidInput
        Naming file, row and column of everything that cannot be read.
    """
    folder, table = Folder(path.parent), Table(path.name, _COLUMNS)
    rows = folder.read(table)
    for row, value in (
        rows.filter(pl.col("value") > _MOST_CASES).select(ROW, "value").head(MOST_FINDINGS).iter_rows()
    ):
        folder.fault(table, row, "value", f"{value:g}", _TOO_MANY)
    written: dict[str, int] = {}
    kinds: dict[str, str] = {}
    for text in rows["date"].drop_nulls().unique(maintain_order=True):
        try:
            kind, written[text] = _when(text)
        except ValueError:
            for row in rows.filter(rows["date"] == text)[ROW].head(MOST_FINDINGS):
                folder.fault(table, row, "date", text, _NO_DATE)
        else:
            kinds.setdefault(kind, text)
    if len(kinds) > 1:
        folder.fault(table, None, "date", ", ".join(kinds.values()), _MIXED)
    rows = rows.with_columns(when=pl.col("date").replace_strict(written, default=None, return_dtype=pl.Int64))
    places = rows.filter(pl.col("when").is_not_null())
    twice = places.filter(~pl.struct("location", "when").is_first_distinct())
    for row in twice.head(MOST_FINDINGS).iter_rows(named=True):
        folder.fault(table, row[ROW], "date", f"{row['location']} {row['date']}".strip(), _TWICE)
    folder.refuse()
    return _panel(rows, next(iter(kinds)), path.name, steps_per_year)


def _when(text: str) -> tuple[str, int]:
    """Return how a date is written, and the day since 1970 (or the number) that it stands for."""
    if text.isdigit() and len(text) < 8:
        return "numbered", int(text)
    if week := _WEEK.match(text):
        day = datetime.date.fromisocalendar(int(week[1]), int(week[2]), 1)
        return "week", (day - EPOCH).days
    if month := _MONTH.match(text):
        return "month", (datetime.date(int(month[1]), int(month[2]), 1) - EPOCH).days
    return "day", (datetime.date.fromisoformat(text) - EPOCH).days


def _panel(rows: pl.DataFrame, kind: str, file: str, steps_per_year: int | None) -> Panel:
    locations = tuple(rows["location"].unique(maintain_order=True))
    moments, frequency = _moments(rows["when"].unique().sort().to_list(), kind, file)
    written = dict(rows.select("when", "date").unique(maintain_order=True).iter_rows())
    step = np.searchsorted(moments, rows["when"].to_numpy())
    column = rows["location"].replace_strict(locations, range(len(locations)), return_dtype=pl.Int64)

    def laid_out(name: str) -> FloatArray:
        array = np.full((len(moments), len(locations)), np.nan)
        array[step, column.to_numpy()] = rows[name].fill_null(np.nan).to_numpy()
        return array

    labels = tuple(written.get(moment) or _label(moment, kind) for moment in moments)
    days = None if frequency == "numbered" else np.array(moments, dtype=np.int64)
    a_year = FREQUENCIES.get(frequency, steps_per_year or 52)
    axis = TimeAxis(len(moments), a_year, days)
    given = [
        None if np.isnan(array).all() else array
        for array in (laid_out("population"), laid_out("completeness"))
    ]
    return Panel(labels, locations, laid_out("value"), given[0], given[1], axis, frequency)


def _label(moment: int, kind: str) -> str:
    day = EPOCH + datetime.timedelta(days=moment)
    if kind == "numbered":
        return str(moment)
    if kind == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return f"{day:%Y-%m}" if kind == "month" else day.isoformat()


def _moments(present: list[int], kind: str, file: str) -> tuple[list[int], str]:
    """Return every step from the first to the last, and how often they come."""
    if kind == "numbered":
        return _filled(present, 1, file), "numbered"
    if kind == "month" or _is_monthly(present):
        return _months(present), "monthly"
    gaps = np.diff(present)
    width = 7 if kind == "week" or (len(gaps) > 0 and np.all(gaps % 7 == 0)) else 1
    return _filled(present, width, file), "weekly" if width == 7 else "daily"


def _filled(present: list[int], width: int, file: str) -> list[int]:
    steps = (present[-1] - present[0]) // width + 1
    if steps > _MOST_STEPS:
        raise InvalidInput(
            {
                "zh": f"{file} 的日期跨了 {steps} 步，很可能有日期写错。",
                "en": f"The dates of {file} span {steps} steps; one of them is probably mistyped.",
            },
            {"zh": "请检查最早和最晚的日期。", "en": "Check the first and the last date."},
        )
    return list(range(present[0], present[-1] + 1, width))


def _is_monthly(present: Iterable[int]) -> bool:
    days = [EPOCH + datetime.timedelta(days=moment) for moment in present]
    same = len({day.day for day in days}) == 1
    ends = all((day + datetime.timedelta(days=1)).day == 1 for day in days)
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    return bool(gaps) and (same or ends) and min(gaps) >= 28 and float(np.median(gaps)) <= 31


def _months(present: list[int]) -> list[int]:
    first, last = (EPOCH + datetime.timedelta(days=moment) for moment in (present[0], present[-1]))
    known = {(day.year, day.month): (day - EPOCH).days for day in _days(present)}
    found = []
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        year, month = divmod(number, 12)
        found.append(known.get((year, month + 1), (datetime.date(year, month + 1, 1) - EPOCH).days))
    return found


def _days(moments: Iterable[int]) -> list[datetime.date]:
    return [EPOCH + datetime.timedelta(days=moment) for moment in moments]


def steps_between(panel: Panel, first: str | None, last: str | None) -> tuple[int, int]:
    """Return the first and the last step (inclusive) that two dates, written as in the table, span."""
    moments = (
        panel.axis.days if panel.axis.days is not None else np.array([_when(x)[1] for x in panel.labels])
    )
    bounds = []
    for text, default in ((first, int(moments[0])), (last, int(moments[-1]))):
        try:
            bounds.append(default if text is None else _when(text)[1])
        except ValueError as error:
            raise InvalidInput(
                {"zh": f"“{text}”不是日期。", "en": f"“{text}” is not a date."},
                {"zh": "写成 2026-01-05。", "en": "Write 2026-01-05."},
            ) from error
    inside = np.flatnonzero((moments >= bounds[0]) & (moments <= bounds[1]))
    if len(inside) == 0:
        raise InvalidInput(
            {
                "zh": f"{first or panel.labels[0]} 到 {last or panel.labels[-1]} 之间没有数据。",
                "en": f"There is nothing from {first or panel.labels[0]} to {last or panel.labels[-1]}.",
            },
            {
                "zh": f"数据从 {panel.labels[0]} 到 {panel.labels[-1]}。",
                "en": f"The data run from {panel.labels[0]} to {panel.labels[-1]}.",
            },
        )
    return int(inside[0]), int(inside[-1])
