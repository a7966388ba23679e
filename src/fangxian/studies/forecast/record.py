"""What was forecast against what came: the record of past forecasts, scored again whenever truth arrives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from fangxian.base.errors import NotFound
from fangxian.studies.forecast.evaluation import TASK, score_forecasts

KEY = ("model", "target", "target_end_date", "location", "forecast_date")


@dataclass(frozen=True)
class PastForecast:
    """One forecast that was kept, and its outcome so far.

    Parameters
    ----------
    model, target, location : str
        The target with its horizon, e.g. ``2 wk ahead inc case``.
    forecast_date, target_end_date : date
        When it was made, and the last day of what it forecast.
    median, lower_50, upper_50, lower_95, upper_95 : float
        What was said; NaN for an interval whose quantiles were not forecast.
    observed : float or None
        What came; None as long as it is not known, which is not zero.
    wis : float or None
        Score of this forecast on the truth of now: a correction of the truth changes it.
    """

    model: str
    target: str
    location: str
    forecast_date: date
    target_end_date: date
    median: float
    lower_50: float
    upper_50: float
    lower_95: float
    upper_95: float
    observed: float | None
    wis: float | None

    @property
    def inside_95(self) -> bool | None:
        """Whether the outcome fell inside the interval of 95 %; None as long as it is not known."""
        if self.observed is None:
            return None
        return self.lower_95 <= self.observed <= self.upper_95


def past_forecasts(
    forecasts: pl.DataFrame, truth: pl.DataFrame, *, target: str | None = None
) -> list[PastForecast]:
    """Set kept forecasts against the truth as it is known now.

    Parameters
    ----------
    forecasts : polars.DataFrame
        As of `tables.read_forecasts`: rows are only ever added, never changed.
    truth : polars.DataFrame
        As of `tables.read_counts`.
    target : str, optional
        Only forecasts of it, e.g. ``inc death``.

    Returns
    -------
    list of PastForecast
        Every forecast once, by end of target, place, target and date; those without outcome too.
    """
    kept = forecasts
    if target is not None:
        kept = kept.filter(pl.col("target").str.ends_with(f" ahead {target}"))
    if kept.is_empty():
        return []
    said = kept.group_by(KEY).agg(
        *[
            pl.col("value").filter((pl.col("quantile") - level).abs() < 1e-9).first().alias(name)
            for name, level in _INTERVALS.items()
        ]
    )
    said = said.with_columns(
        _round=pl.col("forecast_date").rank("dense").over("model", "target", "target_end_date", "location")
    )
    try:
        scores = score_forecasts(kept, truth, target=target).select("model", *TASK, "observed", "wis")
    except NotFound:  # no outcome is known yet
        scores = None
    if scores is None:
        joined = said.with_columns(observed=pl.lit(None), wis=pl.lit(None))
    else:
        joined = said.join(scores, on=["model", *TASK], how="left")
    ordered = joined.drop("_round").sort("target_end_date", "location", "target", "forecast_date", "model")
    filled = ordered.with_columns(pl.col(list(_INTERVALS)).fill_null(float("nan")))
    return [PastForecast(**row) for row in filled.iter_rows(named=True)]


_INTERVALS = {"median": 0.5, "lower_50": 0.25, "upper_50": 0.75, "lower_95": 0.025, "upper_95": 0.975}
