"""Read the small tables of the estimating commands: a series of counts, and probabilities by lag."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.errors import Finding, InvalidInput

FloatArray = NDArray[np.float64]
MOST_GAPS = 4000


class CountSeries(NamedTuple):
    """Counts at equal steps; a step without a row, or with an empty value, is NaN.

    Attributes
    ----------
    first : date
    step_days : int
        1, or 7 where every date is a whole number of weeks from the first.
    values : float array [step]
    """

    first: date
    step_days: int
    values: FloatArray

    def day(self, index: int) -> date:
        """Return the date of a step."""
        return self.first + timedelta(days=self.step_days * int(index))


def read_count_series(path: Path) -> CountSeries:
    """Read ``date,value``; more columns are allowed, dates need not be in order.

    Raises
    ------
    InvalidInput
        Naming file, row and column of every fault.
    """
    rows = _rows(path, ("date", "value"))
    seen: dict[date, float] = {}
    faults: list[Finding] = []
    for number, row in rows:
        where = (path.name, number)
        try:
            day = date.fromisoformat(row["date"].strip()[:10])
        except ValueError:
            faults.append(_fault(where, "date", row["date"], ("不是日期", "is not a date")))
            continue
        text = row["value"].strip()
        value = _number(text)
        if value is None:
            faults.append(_fault(where, "value", text, ("不是数字", "is not a number")))
        elif value < 0:
            faults.append(_negative(where, text))
        elif day in seen:
            faults.append(_fault(where, "date", row["date"], ("日期重复", "occurs twice")))
        else:
            seen[day] = value
    _refuse(path, faults)
    days = sorted(seen)
    if not days:
        raise _unreadable(path, "没有数据行", "there is no row", "date,value")
    offsets = np.array([(day - days[0]).days for day in days])
    step = 7 if len(days) > 2 and np.all(offsets % 7 == 0) else 1
    if offsets[-1] // step > MOST_GAPS + 4 * len(days):
        raise _unreadable(path, "日期相距太远", "the dates lie too far apart", "date,value")
    values = np.full(offsets[-1] // step + 1, np.nan)
    values[offsets // step] = [seen[day] for day in days]
    return CountSeries(days[0], step, values)


def read_lag_probabilities(path: Path) -> FloatArray:
    """Read ``lag,probability`` with lag 0 first and no lag left out; the sum must be 1 within a hundredth."""
    rows = _rows(path, ("lag", "probability"))
    faults: list[Finding] = []
    result: list[float] = []
    for number, row in rows:
        lag, probability = _number(row["lag"].strip()), _number(row["probability"].strip())
        where = (path.name, number)
        if lag != len(result):
            wanted = len(result)
            faults.append(_fault(where, "lag", row["lag"], (f"应为 {wanted}", f"should be {wanted}")))
        if probability is None or not 0 <= probability <= 1:
            faults.append(
                _fault(where, "probability", row["probability"], ("不是 0 到 1 的概率", "is no probability"))
            )
        result.append(probability or 0.0)
    _refuse(path, faults)
    return np.array(result)


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    wanted = ",".join(columns)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            names = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = names
            missing = [column for column in columns if column not in names]
            if missing:
                raise _unreadable(
                    path, f"缺少列 {', '.join(missing)}", f"column {', '.join(missing)} is missing", wanted
                )
            return [
                (reader.line_num, {column: row[column] or "" for column in columns})
                for row in reader
                if any((row[column] or "").strip() for column in columns)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, f"读不了({error})", f"cannot be read ({error})", wanted) from error


def _number(text: str) -> float | None:
    """Return the number, NaN for an empty cell or NA, None for anything else."""
    if text in {"", "NA", "NaN", "nan"}:
        return float("nan")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _unreadable(path: Path, chinese: str, english: str, wanted: str) -> InvalidInput:
    return InvalidInput(
        {"zh": f"文件 {path.name}：{chinese}。", "en": f"File {path.name}: {english}."},
        {
            "zh": f"请给出 UTF-8 的 CSV，首行为 {wanted}。",
            "en": f"Give a UTF-8 CSV whose first line is {wanted}.",
        },
    )


def _fault(where: tuple[str, int], column: str, value: str, words: tuple[str, str]) -> Finding:
    return Finding(
        "unreadable-cell",
        {"zh": f"“{value}”{words[0]}。", "en": f"{value!r} {words[1]}."},
        {"zh": "请改正这一格；未知的数留空。", "en": "Correct this cell; leave an unknown number empty."},
        file=where[0],
        row=where[1],
        column=column,
        value=value,
    )


def _negative(where: tuple[str, int], value: str) -> Finding:
    return Finding(
        "value-negative",
        {"zh": f"新增数为负（{value}）。", "en": f"A new count is negative ({value})."},
        {
            "zh": "请把核减放回病例所属的日期；不知道属于哪天时，把这一天留空。",
            "en": "Take it off the days it belongs to; where these are unknown, leave this day empty.",
        },
        file=where[0],
        row=where[1],
        column="value",
        value=value,
    )


def _refuse(path: Path, faults: list[Finding]) -> None:
    if faults:
        raise InvalidInput(
            {
                "zh": f"文件 {path.name} 有 {len(faults)} 处错误。",
                "en": f"File {path.name} has {len(faults)} faults.",
            },
            {"zh": "请逐条改正。", "en": "Correct each of them."},
            findings=faults[:20],
        )
