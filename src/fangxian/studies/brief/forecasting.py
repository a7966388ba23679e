"""Forecasts of the figures of a brief, made to be kept: a page never makes one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from fangxian.science.renewal.forecast import GENERATION_DAYS, Forecaster
from fangxian.studies.brief.figures import WEEK, Figures
from fangxian.studies.brief.outlook import BASELINE, ROUNDS_SHOWN
from fangxian.studies.brief.records import (
    WEEKS_AHEAD,
    Basis,
    BriefInput,
    FloatArray,
    IndicatorKind,
    PlaceForecast,
)

FORECAST_INDICATORS = ("new_cases", "deaths")
MODEL = "ensemble"
_LEAST_COUNTED = 10  # of an indicator in four weeks: fewer are no series to forecast
LEAST_DAYS = 28
"""Of reports: fewer are no series to forecast."""


def forecastable(source: BriefInput) -> list[int]:
    """Return the indices of the indicators that are forecast."""
    return [
        index
        for index, indicator in enumerate(source.indicators)
        if indicator.id in FORECAST_INDICATORS and indicator.kind is IndicatorKind.DAILY_COUNT
    ]


def places_to_forecast(figures: Figures, index: int) -> list[str]:
    """Return the codes of the places that have counted enough of an indicator to be forecast."""
    rows = int(figures.last[index]) + 1
    if rows < LEAST_DAYS:
        return []
    enough = _counted(figures, index, rows) >= _LEAST_COUNTED
    return [place.code for place, kept in zip(figures.source.places, enough, strict=True) if kept]


def _counted(figures: Figures, index: int, rows: int) -> FloatArray:
    """Return the sum of the last four weeks of each place, [place]."""
    return np.asarray(np.nansum(figures.values[rows - LEAST_DAYS : rows, :, index], axis=0))


def forecast_places(
    figures: Figures, index: int, version: str, *, weeks_back: Sequence[int] = (0,), basis: Basis = Basis.KEPT
) -> list[dict[str, PlaceForecast]]:
    """Forecast an indicator for all places of a brief, each learning from all of them.

    Parameters
    ----------
    figures : Figures
    index : int
        Of the indicator.
    version : str
        Of the program.
    weeks_back : sequence of int
        For each round, how many of the last weeks it does not see.
    basis : Basis
        Of the rounds that leave out weeks; that which leaves out none is made now.

    Returns
    -------
    list of dict
        For each round, by code of the place; none of a place that has counted too little, or is silent.
    """
    source = figures.source
    interval = source.serial_interval
    generation = GENERATION_DAYS
    if interval is not None:
        generation = (interval.mean_days, interval.standard_deviation_days)
    known = figures.values[: int(figures.last[index]) + 1, :, index]
    forecaster = Forecaster(known, period=WEEK, generation_days=generation)
    made = []
    for back in weeks_back:
        rows = len(known) - WEEK * back
        made.append(_round(figures, index, forecaster, rows) if rows >= LEAST_DAYS else {})
    return [
        {
            code: PlaceForecast(
                indicator=source.indicators[index].id,
                as_of=source.as_of - timedelta(days=WEEK * back),
                last_day=source.day(len(known) - 1 - WEEK * back),
                quantiles=np.round(quantiles, 3),
                baseline=np.round(usual, 3),
                model=MODEL,
                version=version,
                basis=basis if back else Basis.KEPT,
            )
            for code, (quantiles, usual) in found.items()
        }
        for back, found in zip(weeks_back, made, strict=True)
    ]


def _round(
    figures: Figures, index: int, forecaster: Forecaster, rows: int
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Return quantiles and those of the baseline, [week, level], by code of the place."""
    ahead = [WEEK * number for number in range(1, WEEKS_AHEAD + 1)]
    made = forecaster.forecast(rows, ahead)
    if BASELINE not in made.members:
        return {}
    usual = made.member_quantiles[made.members.index(BASELINE)]
    counted = _counted(figures, index, rows)
    return {
        place.code: (made.quantiles[:, column], usual[:, column])
        for column, place in enumerate(figures.source.places)
        if counted[column] >= _LEAST_COUNTED and np.isfinite(made.quantiles[:, column]).all()
    }


def retold_forecasts(figures: Figures, version: str, *, rounds: int = ROUNDS_SHOWN) -> list[PlaceForecast]:
    """Forecast the place of a brief now and as of earlier weeks, from one table of figures.

    Parameters
    ----------
    figures : Figures
    version : str
    rounds : int
        Earlier weeks.

    Returns
    -------
    list of PlaceForecast
        The earlier ones see earlier days only, though as they stand now.
    """
    code = figures.source.places[0].code
    return [
        made[code]
        for index in forecastable(figures.source)
        for made in forecast_places(figures, index, version, weeks_back=range(rounds + 1), basis=Basis.RETOLD)
        if code in made
    ]
