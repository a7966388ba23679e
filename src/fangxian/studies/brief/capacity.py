"""Occupancy and days to full: the trend of the beds taken, carried on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fangxian.studies.brief.contract import CapacityPart, Words
from fangxian.studies.brief.figures import rounded
from fangxian.studies.brief.records import BriefInput, CapacitySeries, FloatArray
from fangxian.studies.brief.wording import number, percent, words

TREND_DAYS = 14
LEAST_DAYS = 7
HORIZON_DAYS = 180
STALE_DAYS = 3


class Trend(NamedTuple):
    """Which trend fits the beds taken and when it reaches the beds open; None is never, or not known."""

    shape: str | None
    days_to_full: float | None


def trend_to_full(occupied: FloatArray, total: float | None) -> Trend:
    """Fit the last two weeks and carry them on.

    Parameters
    ----------
    occupied : float array [time]
        Beds taken, ending with the last day; NaN is absent.
    total : float or None
        Beds open.

    Returns
    -------
    Trend
        ``linear`` or ``exponential``, whichever leaves the smaller squares of beds over 14 days;
        ``falling`` where the slope is not above 0. Beyond 180 days no number is given.
    """
    window = occupied[-TREND_DAYS:]
    known = ~np.isnan(window)
    if np.count_nonzero(known) < LEAST_DAYS or np.isnan(window[-1]):
        return Trend(None, None)
    day, beds = np.flatnonzero(known) - (len(window) - 1.0), window[known]
    slope, level = np.polyfit(day, beds, 1)
    if slope <= 0:
        return Trend("falling", 0.0 if total is not None and beds[-1] >= total else None)
    shape = "linear"
    squares = float(np.sum((level + slope * day - beds) ** 2))
    growth = 0.0
    if beds.min() > 0:
        growth, log_level = np.polyfit(day, np.log(beds), 1)
        if float(np.sum((np.exp(log_level + growth * day) - beds) ** 2)) < squares:
            shape = "exponential"
    if total is None:
        return Trend(shape, None)
    now = float(beds[-1])
    if now >= total:
        return Trend(shape, 0.0)
    days = (total - now) / slope if shape == "linear" or now <= 0 else np.log(total / now) / growth
    return Trend(shape, float(days) if days <= HORIZON_DAYS else None)


def capacity_part(source: BriefInput, series: CapacitySeries) -> CapacityPart:
    """Return occupancy of one kind of bed on the last day known, if that is not older than three days."""
    known = np.flatnonzero(~np.isnan(series.occupied))
    time = int(known[-1]) if len(known) else -1
    fresh = time >= 0 and source.days - 1 - time <= STALE_DAYS
    occupied = float(series.occupied[time]) if fresh else None
    trend = trend_to_full(series.occupied[: time + 1], series.total) if fresh else Trend(None, None)
    share = occupied / series.total if occupied is not None and series.total else None
    part = CapacityPart(
        kind=series.kind,
        occupied=occupied,
        total=series.total,
        days_to_full=None if trend.days_to_full is None else rounded(trend.days_to_full, 1),
        label=words(series.label),
        share=None if share is None else rounded(share, 4),
        day=source.day(time) if fresh else None,
        trend=trend.shape,
        words=Words(zh="", en=""),
        lineage=series.lineage,
    )
    return part.model_copy(update={"words": _capacity_words(part)})


def _capacity_words(part: CapacityPart) -> Words:
    label = part.label
    if part.occupied is None:
        return Words(zh=f"{label.zh}：占用数未知。", en=f"{label.en}: beds in use are not known.")
    used = number(part.occupied)
    if part.total is None or part.share is None:
        return Words(
            zh=f"{label.zh}：占用 {used} 张，开放床位数未知。",
            en=f"{label.en}: {used} in use, beds open not known.",
        )
    filled = f"{used}/{number(part.total)} ({percent(part.share)})"
    if part.days_to_full == 0:
        return Words(zh=f"{label.zh}:{filled}，已满。", en=f"{label.en}: {filled}, full.")
    if part.days_to_full is not None:
        shape = {"linear": ("线性", "linear"), "exponential": ("指数", "exponential")}[part.trend or "linear"]
        days = f"{part.days_to_full:.0f}"
        return Words(
            zh=f"{label.zh}:{filled}，按近14天{shape[0]}趋势约 {days} 天占满。",
            en=f"{label.en}: {filled}; full in about {days} days on the {shape[1]} trend of 14 days.",
        )
    if part.trend == "falling":
        return Words(
            zh=f"{label.zh}:{filled}，近14天没有上升。", en=f"{label.en}: {filled}, not rising over 14 days."
        )
    tail = (
        ("半年内不会占满", "not full within half a year") if part.trend else ("趋势未知", "trend not known")
    )
    return Words(zh=f"{label.zh}:{filled},{tail[0]}。", en=f"{label.en}: {filled}, {tail[1]}.")
