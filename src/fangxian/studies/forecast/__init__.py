"""Forecasting as people use it: tables in, rounds of forecasts out, and the score of what was said before."""

from fangxian.studies.forecast.evaluation import compare_models, score_forecasts
from fangxian.studies.forecast.record import PastForecast, past_forecasts
from fangxian.studies.forecast.rounds import ForecastRounds, Wanted, days_between
from fangxian.studies.forecast.tables import read_counts, read_forecasts, write_forecasts

__all__ = [
    "ForecastRounds",
    "PastForecast",
    "Wanted",
    "compare_models",
    "days_between",
    "past_forecasts",
    "read_counts",
    "read_forecasts",
    "score_forecasts",
    "write_forecasts",
]
