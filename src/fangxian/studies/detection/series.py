"""A table of counts by date and place, made regular: days, weeks or months, gaps kept as missing."""

from __future__ import annotations

import csv
import datetime
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.errors import Finding, InvalidInput
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


class _Row(NamedTuple):
    line: int
    when: int
    label: str
    location: str
    value: float
    population: float
    completeness: float


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
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            {"zh": f"读不了文件 {path.name}：{error}", "en": f"Cannot read {path.name}: {error}"},
            {"zh": "请给出 UTF-8 编码的 CSV 文件。", "en": "Give a CSV file encoded as UTF-8."},
        ) from error
    reader = csv.DictReader(text.splitlines())
    columns = [name.strip().lower() for name in reader.fieldnames or ()]
    missing = [name for name in ("date", "value") if name not in columns]
    if missing:
        raise InvalidInput(
            {
                "zh": f"{path.name} 缺少列 {'、'.join(missing)}。",
                "en": f"{path.name} lacks the column {', '.join(missing)}.",
            },
            {
                "zh": "列应为 date,location,value（location 可省略）。",
                "en": "Columns are date,location,value (location may be left out).",
            },
        )
    rows, kinds = _rows(reader, path.name)
    if not rows:
        raise InvalidInput(
            {"zh": f"{path.name} 没有数据行。", "en": f"{path.name} has no row of data."},
            {"zh": "请至少给出一行。", "en": "Give at least one row."},
        )
    if len(kinds) > 1:
        raise InvalidInput(
            {"zh": f"{path.name} 混用了不同的日期写法。", "en": f"{path.name} mixes ways of writing dates."},
            {"zh": "请只用一种写法，如 2026-01-05。", "en": "Use one of them, e.g. 2026-01-05."},
        )
    return _panel(rows, kinds.pop(), path.name, steps_per_year)


def _rows(reader: csv.DictReader[str], file: str) -> tuple[list[_Row], set[str]]:
    rows: list[_Row] = []
    kinds: set[str] = set()
    findings: list[Finding] = []
    for record in reader:
        cells = {(name or "").strip().lower(): str(text or "").strip() for name, text in record.items()}
        line = reader.line_num
        try:
            kind, when = _when(cells["date"])
        except ValueError:
            findings.append(_finding(file, line, "date", cells["date"], "not-a-date"))
            continue
        try:
            value = _number(cells["value"])
            people = _number(cells.get("population", ""))
            part = _number(cells.get("completeness", ""))
        except ValueError:
            findings.append(_finding(file, line, "value", cells["value"], "not-a-number"))
            continue
        if value < 0:
            findings.append(_finding(file, line, "value", cells["value"], "negative"))
            continue
        kinds.add(kind)
        rows.append(_Row(line, when, cells["date"], cells.get("location", ""), value, people, part))
    if findings:
        raise InvalidInput(
            {
                "zh": f"{file} 有 {len(findings)} 处读不懂。",
                "en": f"{file} has {len(findings)} cells that cannot be taken.",
            },
            {"zh": "请改正后再试。", "en": "Correct them and try again."},
            findings=findings[:50],
        )
    return rows, kinds


_WRONG = {
    "not-a-date": (("不是日期", "is not a date"), ("请写成 2026-01-05。", "Write 2026-01-05.")),
    "not-a-number": (("不是数", "is not a number"), ("未知请留空。", "Leave it empty if it is not known.")),
    "negative": (
        ("是负数", "is negative"),
        ("请把订正记在它所订正的那一天。", "Put a correction on the day that it corrects."),
    ),
}


def _finding(file: str, line: int, column: str, value: str, code: str) -> Finding:
    wrong, remedy = _WRONG[code]
    return Finding(
        code=f"{column}-{code}",
        message={"zh": f"“{value}”{wrong[0]}。", "en": f"“{value}” {wrong[1]}."},
        remedy={"zh": remedy[0], "en": remedy[1]},
        file=file,
        row=line,
        column=column,
        value=value,
    )


def _number(text: str) -> float:
    if text == "" or text.upper() in {"NA", "NAN", "NULL"}:
        return math.nan
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


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


def _panel(rows: list[_Row], kind: str, file: str, steps_per_year: int | None) -> Panel:
    locations = tuple(dict.fromkeys(row.location for row in rows))
    moments, frequency = _moments(sorted({row.when for row in rows}), kind, file)
    index = {moment: step for step, moment in enumerate(moments)}
    column = {name: place for place, name in enumerate(locations)}
    counts = np.full((len(moments), len(locations)), np.nan)
    people, part = np.full(counts.shape, np.nan), np.full(counts.shape, np.nan)
    seen: set[tuple[int, int]] = set()
    for row in rows:
        at = (index[row.when], column[row.location])
        if at in seen:
            raise InvalidInput(
                {
                    "zh": f"{file} 第 {row.line} 行：{row.location} {row.label} 出现了两次。",
                    "en": f"{file}, row {row.line}: {row.location} {row.label} stands there twice.",
                },
                {"zh": "请合并或删去一行。", "en": "Add them up, or delete one."},
            )
        seen.add(at)
        counts[at], people[at], part[at] = row.value, row.population, row.completeness
    written = {row.when: row.label for row in rows}
    labels = tuple(written.get(moment) or _label(moment, kind) for moment in moments)
    days = None if frequency == "numbered" else np.array(moments, dtype=np.int64)
    a_year = FREQUENCIES.get(frequency, steps_per_year or 52)
    axis = TimeAxis(len(moments), a_year, days)
    given = [None if np.isnan(array).all() else array for array in (people, part)]
    return Panel(labels, locations, counts, given[0], given[1], axis, frequency)


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
