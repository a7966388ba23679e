"""Kernel: the regression of Farrington 1996 and Noufaily 2013, for every series of a panel at one step."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled
from fangxian.science.detection.quasi_poisson import (
    Room,
    Rows,
    dispersion,
    downweight,
    fit,
    prediction_dispersion,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PREDICTOR, ERROR, DISPERSION, SLOPE, SLOPE_SCORE, FREEDOM, LARGEST = range(7)
FIELDS = 7


class Past(NamedTuple):
    """The reference steps of a judged step [row], and its counts and log populations [time, place]."""

    counts: FloatArray
    log_population: FloatArray  # no rows where none is given
    step: int
    steps: IntArray
    seasons: IntArray
    times: FloatArray  # from the judged step


class Settings(NamedTuple):
    """How a regression is made."""

    reweight: bool
    threshold: float
    pearson_error: bool
    seasons: int


@compiled()
def _regress(
    rows: Rows, room: Room, settings: Settings, trend: bool, offset_now: float, found: FloatArray
) -> bool:
    """Fit, weigh past outbreaks down, fit again; fill ``found`` with the prediction at time 0, season 0."""
    rows.prior[:] = 1.0
    used = np.zeros(settings.seasons, dtype=np.bool_)
    for season in rows.season:
        used[season] = True
    freedom = len(rows.observed) - int(used.sum()) - (1 if trend else 0)
    converged, slope, spread = fit(rows, trend, room)
    spreading = max(dispersion(rows, room, freedom), 1.0)
    if settings.reweight and converged and freedom > 0:
        downweight(rows, room, spread, spreading, settings.threshold)
        converged, slope, spread = fit(rows, trend, room)
        spreading = max(dispersion(rows, room, freedom), 1.0)
    weight, centre, level = room.sums[0, 0], room.sums[1, 0], room.sums[2, 0]
    if not converged or freedom <= 0 or weight <= 0 or (trend and spread <= 0):
        return False
    slope_scale = dispersion(rows, room, freedom)
    if settings.reweight and not settings.pearson_error:
        slope_scale = prediction_dispersion(rows, room, freedom)
    error_scale = spreading if settings.pearson_error else slope_scale
    variance = 1 / weight
    if trend:
        variance += centre * centre / spread
        found[SLOPE_SCORE] = abs(slope) / math.sqrt(slope_scale / spread) if slope_scale > 0 else math.inf
    found[PREDICTOR] = level - slope * centre + offset_now
    found[ERROR] = math.sqrt(error_scale * variance)
    found[DISPERSION] = spreading
    found[SLOPE] = slope
    found[FREEDOM] = freedom
    return True


@compiled()
def regress_panel(
    past: Past, settings: Settings, trend: bool, chosen: NDArray[np.bool_], found: FloatArray
) -> None:
    """Fill ``found`` [place, field] for the chosen places; NaN where no fit stands."""
    number = len(past.steps)
    count, time, offset = np.empty(number), np.empty(number), np.empty(number)
    season = np.empty(number, dtype=np.int64)
    prior, mean, work = np.empty(number), np.empty(number), np.empty((2, number))
    sums = np.empty((3, settings.seasons))
    offsets = len(past.log_population) > 0
    for place in range(past.counts.shape[1]):
        if not chosen[place]:
            continue
        found[place, :] = np.nan
        known, largest = 0, 0.0
        for row in range(number):
            value = past.counts[past.steps[row], place]
            if math.isnan(value):
                continue
            count[known], season[known], time[known] = value, past.seasons[row], past.times[row]
            offset[known] = past.log_population[past.steps[row], place] if offsets else 0.0
            largest = max(largest, value)
            known += 1
        offset_now = past.log_population[past.step, place] if offsets else 0.0
        rows = Rows(count[:known], season[:known], time[:known], offset[:known], prior[:known])
        room = Room(mean[:known], work[:, :known], sums)
        if known == 0 or not _regress(rows, room, settings, trend, offset_now, found[place]):
            found[place, :] = np.nan
        found[place, LARGEST] = largest
