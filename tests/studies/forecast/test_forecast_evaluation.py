"""Forecasts against truth: by hand, and the known figures of the European hub."""

from __future__ import annotations

import json
from datetime import date, timedelta

import polars as pl
import pytest

from fangxian.base.errors import InvalidInput, NotFound
from fangxian.studies.forecast import (
    compare_models,
    past_forecasts,
    read_counts,
    read_forecasts,
    score_forecasts,
)
from shared_data import shared_path

DAY = date(2021, 3, 8)
END = date(2021, 3, 13)


def forecast(
    model: str, values: list[float], *, target: str = "1 wk ahead inc case", day: date = DAY
) -> pl.DataFrame:
    """Return the quartiles of one forecast."""
    return pl.DataFrame(
        {
            "model": [model] * 3,
            "target": [target] * 3,
            "location": ["a"] * 3,
            "forecast_date": [day] * 3,
            "target_end_date": [END + (day - DAY)] * 3,
            "quantile": [0.25, 0.5, 0.75],
            "value": values,
        }
    )


def truth(values: list[float], *, last: date = END, step: int = 1) -> pl.DataFrame:
    """Return counts that end on a day."""
    dates = [last - timedelta(days=step * n) for n in range(len(values))][::-1]
    return pl.DataFrame(
        {"target": [""] * len(values), "location": ["a"] * len(values), "date": dates, "value": values}
    )


def test_days_are_summed_to_the_week() -> None:
    """Seven days up to the end of the target; the score is worked by hand."""
    scored = score_forecasts(forecast("m", [10.0, 20.0, 40.0]), truth([99.0, 5, 5, 5, 5, 10, 10, 10]))
    assert scored["observed"].to_list() == [50]
    assert scored["wis"].to_list() == [pytest.approx((15 + 0.25 * 70) / 1.5)]
    assert scored["coverage_50"].to_list() == [0]
    assert scored["coverage_95"].to_list() == [None]  # those quantiles were not forecast


def test_a_week_that_lacks_a_day_is_not_scored() -> None:
    """Absent is not zero."""
    with pytest.raises(NotFound, match="No forecast has a known outcome") as refused:
        score_forecasts(forecast("m", [10.0, 20.0, 40.0]), truth([5.0] * 6))
    assert "forecast are a / 1 wk ahead" in refused.value.remedy["en"]
    assert "the truth holds a / 20" in refused.value.remedy["en"]


def test_weekly_truth_is_taken_as_it_is() -> None:
    """On the last day of the week."""
    scored = score_forecasts(forecast("m", [10.0, 20.0, 40.0]), truth([7.0, 50.0], step=7))
    assert scored["observed"].to_list() == [50]


def test_relative_scores_by_hand() -> None:
    """Half the error of the baseline, on the task that both have forecast."""
    flat = [20.0, 20.0, 20.0]
    both = pl.concat(
        [
            forecast("base", flat),
            forecast("good", [40.0, 40.0, 40.0]),
            forecast("base", flat, day=DAY + timedelta(days=7)),
        ]
    )
    found = compare_models(
        score_forecasts(both, truth([50.0, 50.0], last=END + timedelta(days=7), step=7)), baseline="base"
    )
    by_model = {record["model"]: record for record in found["overall"]}
    assert by_model["good"]["wis_ratio"] == pytest.approx(10 / 30)
    assert by_model["good"]["relative_wis"] == pytest.approx(10 / 30)
    assert by_model["base"]["relative_wis"] == 1
    assert by_model["base"]["forecasts"] == 2
    assert [record["horizon"] for record in found["by_horizon"]] == [1, 1]
    assert found["by_location"][0]["location"] == "a"
    parts = (
        by_model["good"]["dispersion"]
        + by_model["good"]["overprediction"]
        + by_model["good"]["underprediction"]
    )
    assert parts == pytest.approx(by_model["good"]["wis"])


def test_a_model_without_a_common_task_is_not_compared() -> None:
    """None rather than a number, and JSON that every program can read."""
    apart = pl.concat(
        [forecast("base", [1.0, 2.0, 3.0]), forecast("late", [1.0, 2.0, 3.0], day=DAY + timedelta(days=7))]
    )
    scores = score_forecasts(apart, truth([50.0, 50.0], last=END + timedelta(days=7), step=7))
    late = compare_models(scores, baseline="base")["overall"][1]
    assert late["model"] == "late"
    assert (late["wis_ratio"], late["relative_wis"]) == (None, None)
    assert "NaN" not in json.dumps(compare_models(scores, baseline="base"))


def test_kept_forecasts_are_scored_again_when_truth_arrives_and_when_it_is_corrected() -> None:
    """First unknown, then scored, then scored anew; what was said never changes."""
    rows = forecast("m", [10.0, 20.0, 40.0])
    unknown = past_forecasts(rows, truth([5.0], last=END - timedelta(days=7), step=7))
    assert (unknown[0].observed, unknown[0].wis, unknown[0].inside_95) == (None, None, None)
    first = past_forecasts(rows, truth([5.0, 50.0], step=7))
    corrected = past_forecasts(rows, truth([5.0, 20.0], step=7), target="inc case")
    assert first[0].wis == pytest.approx((15 + 0.25 * 70) / 1.5)
    assert corrected[0].wis == pytest.approx(0.25 * 30 / 1.5)
    assert first[0].median == corrected[0].median == unknown[0].median == 20
    assert past_forecasts(rows, truth([5.0] * 7), target="inc death") == []


def test_faults() -> None:
    """Rule, value, remedy."""
    rows = forecast("m", [10.0, 20.0, 40.0])
    both = pl.concat([rows, forecast("m", [1.0, 2.0, 4.0], target="1 wk ahead inc death")])
    with pytest.raises(InvalidInput, match="names no target, but the forecasts are of inc case, inc death"):
        score_forecasts(both, truth([50.0] * 8))
    assert score_forecasts(both, truth([50.0] * 8), target="inc death").height == 1
    with pytest.raises(InvalidInput, match="does not say how far ahead"):
        score_forecasts(forecast("m", [1.0, 2.0, 3.0], target="inc case"), truth([50.0] * 8))
    with pytest.raises(NotFound, match="There is no model 'other'"):
        compare_models(score_forecasts(rows, truth([50.0] * 8)), baseline="other")
    with pytest.raises(InvalidInput, match="cannot be scored: levels must be symmetric"):
        score_forecasts(rows.filter(pl.col("quantile") < 0.7), truth([50.0] * 8))


@pytest.mark.parametrize(
    ("target", "file", "known"),
    [
        (
            "inc case",
            "eu_truth_JHU_incident_cases.csv",
            {"EuroCOVIDhub-ensemble": 0.719, "MUNI-ARIMA": 0.793, "epiforecasts-EpiNow2": 0.985},
        ),
        (
            "inc death",
            "eu_truth_JHU_incident_deaths.csv",
            {"EuroCOVIDhub-ensemble": 0.557, "MUNI-ARIMA": 0.796, "epiforecasts-EpiNow2": 1.144},
        ),
    ],
)
def test_the_known_figures_of_the_european_hub(target: str, file: str, known: dict[str, float]) -> None:
    """Ratio of sums against the baseline on common tasks, all horizons and places pooled."""
    folder = shared_path("data/09_forecast_hub")
    forecasts = read_forecasts(folder / "eu_forecasts_DE_IT_PL_CZ_2021-03_2022-08.csv.gz")
    scores = score_forecasts(
        forecasts.filter(pl.col("target").str.ends_with(target)), read_counts(folder / file)
    )
    overall = {r["model"]: r for r in compare_models(scores, baseline="EuroCOVIDhub-baseline")["overall"]}
    assert overall["EuroCOVIDhub-baseline"]["forecasts"] == 1248
    for model, figure in known.items():
        assert overall[model]["wis_ratio"] == pytest.approx(figure, abs=0.0006)
