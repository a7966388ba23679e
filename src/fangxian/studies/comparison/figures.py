"""The figures of one run that plans are compared by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.errors import Text
from fangxian.plans.schema import Stays

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class FigureKind:
    """One figure: its name, its unit, and whether less of it is better."""

    name: Text
    unit: Text
    less_is_better: bool | None
    decimals: int = 0


_DAYS: Text = {"zh": "天", "en": "days"}
_PEOPLE: Text = {"zh": "人", "en": "people"}

FIGURES: Mapping[str, FigureKind] = {
    "peak_day": FigureKind(
        {"zh": "感染高峰日", "en": "Day of the peak"}, {"zh": "第几天", "en": "day"}, None
    ),
    "peak_height": FigureKind(
        {"zh": "高峰日新增感染", "en": "New infections on the peak day"}, _PEOPLE, less_is_better=True
    ),
    "peak_width_days": FigureKind(
        {"zh": "高峰宽度（不低于一半）", "en": "Width of the peak, at half its height"}, _DAYS, None
    ),
    "infected": FigureKind({"zh": "累计感染", "en": "Infected"}, _PEOPLE, less_is_better=True),
    "deaths": FigureKind({"zh": "死亡", "en": "Deaths"}, _PEOPLE, less_is_better=True),
    "most_in_hospital": FigureKind(
        {"zh": "在院最多", "en": "Most in hospital at once"}, _PEOPLE, less_is_better=True
    ),
    "most_in_intensive_care": FigureKind(
        {"zh": "重症监护最多", "en": "Most in intensive care at once"}, _PEOPLE, less_is_better=True
    ),
    "unmet_bed_days": FigureKind(
        {"zh": "未满足的重症床日", "en": "Unmet severe bed-days"},
        {"zh": "床日", "en": "bed-days"},
        less_is_better=True,
    ),
    "cost_yuan": FigureKind(
        {"zh": "措施成本", "en": "Cost of the measures"}, {"zh": "元", "en": "yuan"}, less_is_better=True
    ),
}


def run_figures(series: pl.DataFrame, stays: Stays) -> dict[str, float]:
    """Return the figures of one run.

    A peak is that of the 7-day mean of new infections, so that a weekday or a lucky day is none. Unmet severe
    bed-days are days spent waiting for a bed, and for those refused the mean stay that they would have had.

    Parameters
    ----------
    series : polars.DataFrame
        `rehearsal.tables.series_table` of one run, by day.
    stays : Stays
        Mean stays, from the disease file.

    Returns
    -------
    dict of str to float
        By the names of `FIGURES`.
    """
    infections = series["infections"].to_numpy().astype(np.float64)
    smooth = seven_day_mean(infections)
    peak = int(np.argmax(smooth))
    in_hospital = (series["in_ward"] + series["in_intensive_care"]).to_numpy()
    waiting = float((series["waiting_ward"] + series["waiting_intensive_care"]).sum())
    refused = float(series["refused_ward"].sum()) * stays.ward.mean_days
    refused += float(series["refused_intensive_care"].sum()) * stays.intensive_care.mean_days
    return {
        "peak_day": float(peak),
        "peak_height": float(smooth[peak]),
        "peak_width_days": _width(smooth, peak),
        "infected": float(infections.sum()),
        "deaths": float(series["deaths"].sum()),
        "most_in_hospital": float(in_hospital.max()),
        "most_in_intensive_care": float(series["in_intensive_care"].to_numpy().max()),
        "unmet_bed_days": waiting + refused,
        "cost_yuan": float(series["cost_yuan"].sum()),
    }


def seven_day_mean(values: FloatArray) -> FloatArray:
    """Return the centred mean of seven days, fewer at the ends; float array [D]."""
    window = np.ones(min(7, len(values)))
    total = np.convolve(values, window, mode="same")
    return np.asarray(total / np.convolve(np.ones_like(values), window, mode="same"))


def _width(smooth: FloatArray, peak: int) -> float:
    """Return the days around the peak that are at least half as high, in one piece."""
    half = smooth[peak] / 2.0
    first = last = peak
    while first > 0 and smooth[first - 1] >= half:
        first -= 1
    while last + 1 < len(smooth) and smooth[last + 1] >= half:
        last += 1
    return float(last - first + 1) if smooth[peak] > 0 else 0.0
