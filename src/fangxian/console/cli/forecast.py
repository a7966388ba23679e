"""``fangxian forecast``: quantiles of what comes, from a table of counts."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from fangxian.base.errors import InvalidInput, NotFound

DAY = ["%Y-%m-%d"]


def forecast(
    series: Annotated[Path, typer.Argument(help="CSV with date,location,value and, if several, target")],
    out: Annotated[Path, typer.Option(help="Write the forecasts to this CSV")],
    as_of: Annotated[
        list[datetime] | None, typer.Option(formats=DAY, help="Sees dates before this day; may be repeated")
    ] = None,
    as_of_range: Annotated[
        tuple[datetime, datetime] | None, typer.Option(formats=DAY, help="FROM TO, in steps of --every")
    ] = None,
    every: Annotated[int, typer.Option(help="Days between the dates of --as-of-range")] = 7,
    target: Annotated[
        list[str] | None, typer.Option(help="What to forecast, e.g. 'inc case'; may be repeated")
    ] = None,
    frequency: Annotated[str, typer.Option(help="daily or weekly")] = "weekly",
    week_end: Annotated[str, typer.Option(help="Weekday on which weeks end")] = "saturday",
    horizon: Annotated[int, typer.Option(help="Weeks or days ahead")] = 4,
    level_shift: Annotated[
        list[str] | None,
        typer.Option(help="First day of a new definition, DATE or LOCATION=DATE; may be repeated"),
    ] = None,
    generation_days: Annotated[
        tuple[float, float], typer.Option(help="Mean and standard deviation of the generation interval")
    ] = (5.0, 3.0),
) -> None:
    """Forecast counts as of one date or many, in the format of the forecast hubs."""
    import polars as pl

    from fangxian.studies.forecast import ForecastRounds, Wanted, read_counts, write_forecasts

    days = _days(as_of or [], as_of_range, every)
    wanted = Wanted(
        frequency=frequency,  # type: ignore[arg-type]
        horizon=horizon,
        week_end=week_end.lower(),
        targets=tuple(target or ()),
        level_shifts=tuple(_level_shift(text) for text in level_shift or []),
        generation_days=generation_days,
    )
    rounds = ForecastRounds(read_counts(series), wanted)
    made, nothing = [], []
    left_out: set[tuple[str, date]] = set()
    for day in days:
        try:
            made.append(rounds.as_of(day))
        except NotFound as error:
            nothing.append(error)
            continue
        left_out.update((place, day) for place in rounds.left_out(day, made[-1]))
    if not made:
        raise nothing[0]
    rows = pl.concat(made)
    write_forecasts(rows, out)
    print(f"{len(made)} rounds, {rows['location'].n_unique()} places, {rows.height} quantiles: {out}")
    for error in nothing:
        print(error, file=sys.stderr)
    for place in sorted({place for place, _ in left_out}):
        missed = sorted(day for name, day in left_out if name == place)
        print(_not_forecast(place, missed), file=sys.stderr)


def _not_forecast(place: str, days: list[date]) -> str:
    which = f"{days[0]}" if len(days) == 1 else f"{days[0]} … {days[-1]} ({len(days)})"
    return (
        f"{place} 没有预测（{which}）：此前八周没有报满一周的数；数据须每日或每周一行。 "
        f"{place} is not forecast as of {which}: it has not reported in the eight weeks before what makes a "
        "week. A file holds rows of days or of weeks, not both."
    )


def _days(as_of: list[datetime], as_of_range: tuple[datetime, datetime] | None, every: int) -> list[date]:
    from fangxian.studies.forecast import days_between

    days = {moment.date() for moment in as_of}
    if as_of_range is not None:
        days |= set(days_between(as_of_range[0].date(), as_of_range[1].date(), every))
    if not days:
        raise InvalidInput(
            {"zh": "没有说截至哪一天。", "en": "Nothing says as of which day."},
            {
                "zh": "请加 --as-of 2021-03-08，或 --as-of-range 起 止。",
                "en": "Add --as-of 2021-03-08, or --as-of-range FROM TO.",
            },
        )
    return sorted(days)


def _level_shift(text: str) -> tuple[date, str]:
    location, _, day = text.rpartition("=")
    try:
        return date.fromisoformat(day), location
    except ValueError:
        raise InvalidInput(
            {"zh": f"口径变更“{text}”里没有日期。", "en": f"The level shift '{text}' holds no date."},
            {"zh": "例如 2022-04-01 或 DE=2022-04-01。", "en": "Write 2022-04-01 or DE=2022-04-01."},
        ) from None
