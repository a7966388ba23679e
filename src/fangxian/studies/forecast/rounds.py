"""Rounds of forecasts: as of each date, from what lies before it, in the format of the hubs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import numpy as np
import polars as pl

from fangxian.base.errors import InvalidInput, NotFound
from fangxian.science.renewal.forecast import GENERATION_DAYS, Forecast, Forecaster
from fangxian.science.scoring import HUB_LEVELS
from fangxian.studies.forecast.grid import WEEKDAYS, Grid, aligned, grid_of, is_weekly, summed_by_week

Frequency = Literal["daily", "weekly"]

LONGEST_HORIZON = {"daily": 90, "weekly": 26}


@dataclass(frozen=True)
class Wanted:
    """What to forecast.

    Parameters
    ----------
    frequency : str
        ``"weekly"`` sums up to the day on which weeks end, or ``"daily"`` counts.
    horizon : int
        Weeks or days ahead, from 1.
    week_end : str
        Weekday on which weeks end, in English, lower case.
    targets : tuple of str
        Which targets of the table; all if empty. Where the table names none, the one name of what it holds.
    level_shifts : tuple of (date, str)
        First days of a new definition and the place, all places if empty: nothing is compared across them.
    generation_days : tuple of float
        Mean and standard deviation of the generation interval, for the renewal member.

    Raises
    ------
    InvalidInput
        If one of them cannot be.
    """

    frequency: Frequency = "weekly"
    horizon: int = 4
    week_end: str = "saturday"
    targets: tuple[str, ...] = ()
    level_shifts: tuple[tuple[date, str], ...] = ()
    generation_days: tuple[float, float] = GENERATION_DAYS

    def __post_init__(self) -> None:
        if self.frequency not in LONGEST_HORIZON:
            raise _unfit("频次", "frequency", self.frequency, "daily 或 weekly", "daily or weekly")
        longest = LONGEST_HORIZON[self.frequency]
        if not 1 <= self.horizon <= longest:
            raise _unfit("步长", "horizon", self.horizon, f"1 到 {longest}", f"1 to {longest}")
        if self.week_end not in WEEKDAYS:
            raise _unfit("周末日", "week-end", self.week_end, "monday 到 sunday", "monday to sunday")
        mean, deviation = self.generation_days
        if not (0 < mean < 100 and 0 < deviation < 100):
            raise _unfit("代间距", "generation interval", self.generation_days, "正的天数", "positive days")


@dataclass
class ForecastRounds:
    """Forecasts of the counts of a table, as of one date or many; what one date needs serves the next.

    Parameters
    ----------
    counts : polars.DataFrame
        As of `tables.read_counts`.
    wanted : Wanted

    Raises
    ------
    NotFound
        If a wanted target is not in the table.
    """

    counts: pl.DataFrame
    wanted: Wanted
    _kept: dict[tuple[object, ...], tuple[Grid, Forecaster]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        held = self.counts["target"].unique().sort().to_list()
        if held == [""]:
            if len(self.wanted.targets) != 1:
                raise InvalidInput(
                    {
                        "zh": "数据没有 target 列，因此要恰好一个目标名称。",
                        "en": "The counts have no column target, so that they need exactly one name.",
                    },
                    {"zh": "例如 --target 'inc case'。", "en": "Add --target 'inc case', for example."},
                )
            self.counts = self.counts.with_columns(target=pl.lit(self.wanted.targets[0]))
            held = list(self.wanted.targets)
        for target in self.wanted.targets:
            if target not in held:
                raise NotFound(
                    {
                        "zh": f"表中没有目标“{target}”，有 {', '.join(held)}。",
                        "en": f"The table holds no target '{target}' (it holds {', '.join(held)}).",
                    },
                    {"zh": "请改用其中之一。", "en": "Use one of these."},
                )
        self.targets = list(self.wanted.targets) or held

    def as_of(self, day: date) -> pl.DataFrame:
        """Forecast from what lies before a day.

        Parameters
        ----------
        day : date
            The forecast sees dates before it only.

        Returns
        -------
        polars.DataFrame
            The columns of the hubs, sorted by target, horizon, place and level.

        Raises
        ------
        NotFound
            If no place has reported in the weeks before the day.
        """
        made = [rows for target in self.targets if (rows := self._target(target, day)) is not None]
        if not made:
            raise NotFound(
                {
                    "zh": f"{day} 之前八周内没有任何地区报告满一周。",
                    "en": f"No place has reported in the eight weeks before {day} what makes a week.",
                },
                {
                    "zh": "请选数据之内的日期；序列开头须满七天，口径变更后须有四天的数。",
                    "en": "Choose a date in the data: a week after its start, four days after a level shift.",
                },
            )
        return pl.concat(made)

    def left_out(self, day: date, rows: pl.DataFrame) -> list[str]:
        """Name the places that reported before a day and are not forecast as of it.

        Parameters
        ----------
        day : date
        rows : polars.DataFrame
            As of `as_of` that day.

        Returns
        -------
        list of str
            Sorted; with the target where there are several.
        """
        before = self.counts.filter(
            (pl.col("date") < day) & pl.col("value").is_not_null() & pl.col("target").is_in(self.targets)
        )
        reported = set(before.select("target", "location").unique().iter_rows())
        ahead = rows.select(pl.col("target").str.replace(r"^\d+ \w+ ahead ", ""), "location")
        missing = sorted(reported - set(ahead.unique().iter_rows()))
        return [place if len(self.targets) == 1 else f"{place} ({target})" for target, place in missing]

    def _target(self, target: str, day: date) -> pl.DataFrame | None:
        grid, forecaster = self._forecaster(target, day)
        if forecaster is None or grid is None:
            return None
        ends, ahead = self._horizons(grid, day)
        rows = grid.rows_before(day)
        forecast = forecaster.forecast(rows, ahead)
        return _hub_rows(forecast, grid, ends, (day, target, self.wanted.frequency))

    def _forecaster(self, target: str, day: date) -> tuple[Grid | None, Forecaster | None]:
        """Return grid and forecaster of a target, made once for all days with the same kinds of rows."""
        before = self.counts.filter((pl.col("date") < day) & pl.col("value").is_not_null())
        kinds = self._kinds(before)
        if target not in kinds:
            return None, None
        if any(self._kinds(self.counts)[name] != kind for name, kind in kinds.items()):
            return self._new(before, target, kinds)  # days that look like weeks so far
        key = (target, *sorted(kinds))
        if key not in self._kept:
            self._kept[key] = self._new(self.counts, target, kinds)
        return self._kept[key]

    def _kinds(self, counts: pl.DataFrame) -> dict[str, bool]:
        """Say for each target whether its rows are weeks."""
        found = {}
        for (name,), rows in counts.group_by("target", maintain_order=True):
            ends_week = rows["date"][0].weekday() == WEEKDAYS.index(self.wanted.week_end)
            alone = ends_week and self.wanted.frequency == "weekly"
            found[str(name)] = is_weekly(rows["date"], alone=alone)
        return found

    def _new(self, counts: pl.DataFrame, target: str, kinds: dict[str, bool]) -> tuple[Grid, Forecaster]:
        if kinds[target] and self.wanted.frequency == "daily":
            raise _unfit("频次", "frequency", "daily", "weekly，因为数据是每周的", "weekly, as the data are")

        def laid_out(name: str) -> Grid:
            rows = counts.filter(pl.col("target") == name)
            return grid_of(rows, week_end=self.wanted.week_end, weekly=kinds[name])

        grid = laid_out(target)
        leads = []
        for name in sorted(kinds):
            if name == target or (kinds[name] and not kinds[target]):
                continue  # weekly counts say nothing about days
            other = laid_out(name)
            if kinds[target] and not kinds[name]:
                other = summed_by_week(other, self.wanted.week_end)
            leads.append(aligned(grid, other))
        forecaster = Forecaster(
            grid.counts,
            period=grid.period,
            leads=leads,
            of_days=self.wanted.frequency == "daily",
            breaks=self._breaks(grid),
            generation_days=self.wanted.generation_days,
        )
        return grid, forecaster

    def _breaks(self, grid: Grid) -> np.ndarray | None:
        if not self.wanted.level_shifts:
            return None
        breaks = np.zeros(grid.counts.shape, dtype=np.bool_)
        for day, location in self.wanted.level_shifts:
            row = grid.rows_before(day)  # the first row that ends on the day or later
            columns = [n for n, name in enumerate(grid.locations) if location in ("", name)]
            if row < len(breaks):
                breaks[row, columns] = True
        return breaks

    def _horizons(self, grid: Grid, day: date) -> tuple[list[date], list[int]]:
        """Return the last day of each horizon, and its distance in rows from the last known row."""
        steps = range(self.wanted.horizon)
        if self.wanted.frequency == "daily":
            ends = [day + timedelta(days=1 + step) for step in steps]
        else:
            first = day + timedelta(days=(WEEKDAYS.index(self.wanted.week_end) - day.weekday()) % 7)
            ends = [first + timedelta(days=7 * step) for step in steps]
        known = grid.rows_before(day)
        unit = 1 if grid.period == 7 else 7
        return ends, [(end - grid.first).days // unit - (known - 1) for end in ends]


def days_between(first: date, last: date, every: int) -> list[date]:
    """Return the days from first to last in steps.

    Parameters
    ----------
    first, last : date
        Both may be among them.
    every : int
        Days, at least 1.

    Returns
    -------
    list of date

    Raises
    ------
    InvalidInput
        If the last comes before the first or the step is below 1.
    """
    if every < 1:
        raise _unfit("间隔", "every", every, "至少 1 天", "at least 1 day")
    if last < first:
        raise _unfit("日期范围", "as-of-range", f"{first} {last}", "从早到晚", "the earlier date first")
    return [first + timedelta(days=step) for step in range(0, (last - first).days + 1, every)]


def _hub_rows(
    forecast: Forecast, grid: Grid, ends: Sequence[date], names: tuple[date, str, Frequency]
) -> pl.DataFrame | None:
    day, target, frequency = names
    known = ~np.isnan(forecast.quantiles[0, :, 0])
    if not known.any():
        return None
    values = forecast.quantiles[:, known, :]
    places = [name for name, kept in zip(grid.locations, known, strict=True) if kept]
    horizons, number, levels = values.shape
    word = "wk" if frequency == "weekly" else "day"
    return pl.DataFrame(
        {
            "forecast_date": [day] * values.size,
            "target": np.repeat(
                [f"{n} {word} ahead {target}" for n in range(1, horizons + 1)], number * levels
            ),
            "target_end_date": np.repeat(np.array(ends, dtype="datetime64[D]"), number * levels),
            "location": np.tile(np.repeat(places, levels), horizons),
            "type": ["quantile"] * values.size,
            "quantile": np.tile(HUB_LEVELS, horizons * number),
            "value": np.round(values.ravel(), 3),
        }
    )


def _unfit(zh: str, en: str, value: object, allowed_zh: str, allowed_en: str) -> InvalidInput:
    return InvalidInput(
        {"zh": f"{zh}不能是 {value}。", "en": f"{en} cannot be {value}."},
        {"zh": f"应为{allowed_zh}。", "en": f"Give {allowed_en}."},
    )
