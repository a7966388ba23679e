"""Forecasts of counts one to several weeks ahead: an ensemble that learns from its own past."""

from fangxian.science.renewal.forecast.ensemble import Forecast, Forecaster
from fangxian.science.renewal.forecast.members import GENERATION_DAYS

__all__ = ["GENERATION_DAYS", "Forecast", "Forecaster"]
