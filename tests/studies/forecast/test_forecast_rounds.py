"""Rounds of forecasts: dates, targets, strictness about the past."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fangxian.base.errors import InvalidInput, NotFound
from fangxian.studies.forecast import ForecastRounds, Wanted, days_between, write_forecasts

FIRST = date(2021, 1, 3)  # a Sunday


def daily(
    days: int, *, places: tuple[str, ...] = ("a", "b"), target: str = "inc case", seed: int = 4
) -> pl.DataFrame:
    """Return counts with waves."""
    rng = np.random.default_rng(seed)
    level = 6 + np.cumsum(np.cumsum(rng.normal(0, 0.004, (days, len(places))), axis=0), axis=0).clip(-2, 2)
    counts = rng.poisson(np.exp(level)).astype(float)
    return pl.DataFrame(
        {
            "target": [target] * counts.size,
            "location": np.repeat(places, days),
            "date": [FIRST + timedelta(days=n) for n in range(days)] * len(places),
            "value": counts.T.ravel(),
        }
    )


def weekly(weeks: int, first: date) -> pl.DataFrame:
    """Return weekly counts of one place."""
    value = np.random.default_rng(2).poisson(300, weeks).astype(float)
    dates = [first + timedelta(days=7 * n) for n in range(weeks)]
    return pl.DataFrame({"target": [""] * weeks, "location": ["a"] * weeks, "date": dates, "value": value})


def test_weekly_horizons_end_on_the_day_of_the_week() -> None:
    """As of a Monday the first horizon is the week that ends on its Saturday."""
    rows = ForecastRounds(daily(120), Wanted()).as_of(date(2021, 4, 26))
    assert rows.columns == [
        "forecast_date",
        "target",
        "target_end_date",
        "location",
        "type",
        "quantile",
        "value",
    ]
    ends = rows.group_by("target", maintain_order=True).agg(pl.col("target_end_date").first())
    assert ends["target"].to_list() == [f"{n} wk ahead inc case" for n in (1, 2, 3, 4)]
    assert ends["target_end_date"].to_list() == [date(2021, 5, d) for d in (1, 8, 15, 22)]
    assert rows.height == 4 * 2 * 23
    saturday = ForecastRounds(daily(120), Wanted()).as_of(date(2021, 5, 1))
    assert saturday["target_end_date"].min() == date(2021, 5, 1)  # its own day is not known yet


def test_daily_horizons() -> None:
    """The hubs count days ahead from the date of the forecast."""
    rows = ForecastRounds(daily(120), Wanted(frequency="daily", horizon=28)).as_of(date(2021, 5, 3))
    assert rows["target"][0] == "1 day ahead inc case"
    assert rows["target_end_date"].min() == date(2021, 5, 4)
    assert rows["target_end_date"].max() == date(2021, 5, 31)


@pytest.mark.parametrize("frequency", ["weekly", "daily"])
def test_the_future_does_not_change_a_byte(tmp_path: Path, frequency: str) -> None:
    """Truth, places and targets that come later are as if they were not there."""
    wanted = Wanted(frequency=frequency, targets=("inc case",), horizon=2)  # type: ignore[arg-type]
    day = date(2021, 4, 12)
    deaths = daily(200, target="inc death", seed=9)
    everything = pl.concat([daily(200), deaths])
    past = everything.filter(pl.col("date") < day)
    later = pl.concat(
        [everything, daily(90, places=("c",)).with_columns(pl.col("date") + timedelta(days=100))]
    )
    hospital = daily(90, target="inc hosp").with_columns(pl.col("date") + timedelta(days=100))
    files = []
    for number, table in enumerate((past, pl.concat([later, hospital]))):
        path = tmp_path / f"{number}.csv"
        rounds = ForecastRounds(table.sort("target", "location", "date"), wanted)
        if number:
            rounds.as_of(day + timedelta(days=14))
        write_forecasts(rounds.as_of(day), path)
        files.append(path.read_bytes())
    assert files[0] == files[1]


@pytest.mark.parametrize(
    ("first", "week_end", "end"),
    [
        (date(2021, 1, 2), "saturday", date(2021, 5, 1)),  # dates are last days
        (date(2021, 1, 3), "saturday", date(2021, 5, 1)),  # Sundays: first days of weeks to Saturday
        (date(2021, 1, 4), "sunday", date(2021, 5, 2)),  # Mondays, as in Germany
    ],
)
def test_weekly_counts_by_first_or_last_day(first: date, week_end: str, end: date) -> None:
    """Both are recognised by the weekday."""
    wanted = Wanted(targets=("inc case",), week_end=week_end)
    rows = ForecastRounds(weekly(17, first), wanted).as_of(date(2021, 4, 26))
    assert rows["target_end_date"].min() == end


def test_weekly_counts_on_another_weekday_are_asked_about() -> None:
    """Rather than shifted in silence."""
    with pytest.raises(InvalidInput, match="fall on a wednesday, but weeks end on a saturday"):
        ForecastRounds(weekly(17, date(2021, 1, 6)), Wanted(targets=("x",))).as_of(date(2021, 4, 26))


def test_one_observation_is_enough() -> None:
    """A first week gives a wide forecast, not an error."""
    table = weekly(1, date(2021, 1, 2))
    rows = ForecastRounds(table, Wanted(targets=("inc case",))).as_of(date(2021, 1, 4))
    assert rows.height == 4 * 23


def test_one_target_leads_another() -> None:
    """With cases in the file the forecast of deaths differs from that without."""
    deaths = daily(120, target="inc death", seed=9)
    wanted = Wanted(targets=("inc death",), horizon=1)
    day = date(2021, 5, 3)
    alone = ForecastRounds(deaths, wanted).as_of(day)
    led = ForecastRounds(pl.concat([daily(120), deaths]), wanted).as_of(day)
    assert led["target"].unique().sort().to_list() == alone["target"].unique().sort().to_list()
    assert led["value"].to_list() != alone["value"].to_list()


def test_faults_of_what_is_wanted() -> None:
    """Rule, value, remedy; in two languages."""
    with pytest.raises(InvalidInput, match="frequency cannot be hourly"):
        Wanted(frequency="hourly")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="horizon cannot be 0"):
        Wanted(horizon=0)
    with pytest.raises(InvalidInput, match="week-end cannot be caturday"):
        Wanted(week_end="caturday")
    with pytest.raises(InvalidInput, match="generation interval cannot be"):
        Wanted(generation_days=(0.0, 1.0))
    with pytest.raises(InvalidInput, match="exactly one name"):
        ForecastRounds(weekly(5, date(2021, 1, 2)), Wanted())
    with pytest.raises(NotFound, match="holds no target 'inc hosp'"):
        ForecastRounds(daily(30), Wanted(targets=("inc hosp",)))
    with pytest.raises(
        NotFound, match="No place has reported in the eight weeks before 2030-01-01 what makes"
    ):
        ForecastRounds(daily(30), Wanted()).as_of(date(2030, 1, 1))
    with pytest.raises(NotFound, match="No place has reported"):
        ForecastRounds(daily(30), Wanted()).as_of(FIRST)
    with pytest.raises(InvalidInput, match="frequency cannot be daily"):
        wanted = Wanted(frequency="daily", targets=("x",))
        ForecastRounds(weekly(17, date(2021, 1, 2)), wanted).as_of(date(2021, 4, 26))


def test_days_between() -> None:
    """Both ends where the steps meet them."""
    assert days_between(date(2021, 3, 8), date(2021, 3, 23), 7) == [
        date(2021, 3, 8),
        date(2021, 3, 15),
        date(2021, 3, 22),
    ]
    with pytest.raises(InvalidInput, match="earlier date first"):
        days_between(date(2021, 3, 8), date(2021, 3, 1), 7)
    with pytest.raises(InvalidInput, match="at least 1 day"):
        days_between(date(2021, 3, 8), date(2021, 3, 9), 0)


def test_a_place_that_is_not_forecast_is_named() -> None:
    """Rows of weeks among rows of days make no week: the place is left out, and named."""
    days = daily(120)
    weeks = weekly(17, date(2021, 1, 9)).with_columns(target=pl.lit("inc case"), location=pl.lit("w"))
    rounds = ForecastRounds(pl.concat([days, weeks]), Wanted())
    day = date(2021, 4, 26)
    assert rounds.left_out(day, rounds.as_of(day)) == ["w"]
    assert ForecastRounds(days, Wanted()).left_out(day, rounds.as_of(day)) == []


def test_rows_of_months_are_refused() -> None:
    """Dates a month apart are neither days nor weeks, and the refusal says so."""
    months = weekly(40, date(2018, 1, 6)).with_columns(
        date=pl.date_range(date(2018, 1, 1), date(2021, 4, 1), "1mo", eager=True)
    )
    with pytest.raises(InvalidInput, match="31 days apart: rows are neither days nor weeks"):
        ForecastRounds(months, Wanted(targets=("inc case",))).as_of(date(2021, 4, 26))
