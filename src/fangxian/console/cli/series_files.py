"""Read the small tables of the estimating commands: a series of counts, and probabilities by lag."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.tables import NEGATIVE_COUNT, ROW, Column, Folder, Table, Wrong

FloatArray = NDArray[np.float64]
MOST_GAPS = 4000
_COUNTS = (
    Column("date", "date"),
    Column("value", "number", may_be_empty=True, least=0, outside=NEGATIVE_COUNT),
)
_FAR_APART = Wrong(
    "dates-far-apart",
    ("日期从 {value}，相距太远。", "The dates lie too far apart: {value}."),
    ("请检查最早和最晚的日期。", "Check the first and the last date."),
)


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
    folder, table = Folder(path.parent), Table(path.name, _COUNTS, key=("date",))
    rows = folder.read(table)
    folder.refuse()
    seen: dict[date, float] = dict(rows.select("date", rows["value"].fill_null(np.nan)).iter_rows())
    days = sorted(seen)
    offsets = np.array([(day - days[0]).days for day in days])
    step = 7 if len(days) > 2 and np.all(offsets % 7 == 0) else 1
    if offsets[-1] // step > MOST_GAPS + 4 * len(days):
        folder.fault(table, None, "date", f"{days[0]} … {days[-1]}", _FAR_APART)
    folder.refuse()
    values = np.full(offsets[-1] // step + 1, np.nan)
    values[offsets // step] = [seen[day] for day in days]
    return CountSeries(days[0], step, values)


def read_lag_probabilities(path: Path) -> FloatArray:
    """Read ``lag,probability`` with lag 0 first and no lag left out; the sum must be 1 within a hundredth."""
    columns = (Column("lag", "whole", least=0), Column("probability", "number", least=0, most=1))
    folder, table = Folder(path.parent), Table(path.name, columns)
    rows = folder.read(table)
    for wanted, (row, lag) in enumerate(rows.select(ROW, "lag").iter_rows()):
        if lag is not None and lag != wanted:
            words = (f"“{{value}}”应为 {wanted}。", f"'{{value}}' should be {wanted}.")
            remedy = ("从 0 起逐行写，不要跳过。", "Write every lag from 0 on, one a row.")
            folder.fault(table, row, "lag", lag, Wrong("lag-out-of-order", words, remedy))
            break
    folder.refuse()
    return rows["probability"].to_numpy()
