"""What a brief is made from: plain arrays and records, whether they came from a database or from files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fangxian.base.errors import Text

FloatArray = NDArray[np.float64]


class IndicatorKind(StrEnum):
    """What the number of an indicator is."""

    DAILY_COUNT = "daily_count"
    STOCK = "stock"
    RATIO = "ratio"


@dataclass(frozen=True)
class BriefPlace:
    """A place of the brief.

    Parameters
    ----------
    code, name, name_en : str
        ``name_en`` may be empty.
    level : int
        0 nation ... 5 village.
    level_name : Text
        What the country calls that level.
    parent : int or None
        Index of the place above in the list of places; None for the place that the brief is about.
    population : float or None
        People; None is not known.
    """

    code: str
    name: str
    level: int
    level_name: Text
    parent: int | None = None
    population: float | None = None
    name_en: str = ""


@dataclass(frozen=True)
class BriefIndicator:
    """A figure of the brief: a field that units report, or the ratio of two other indicators."""

    id: str
    label: Text
    unit: str
    kind: IndicatorKind
    numerator: str | None = None
    denominator: str | None = None
    minor: bool = False  # shown, but neither an alarm nor one of the things that changed most


@dataclass(frozen=True)
class Panel:
    """Numbers by day, place and indicator.

    Parameters
    ----------
    values : float array [time, place, indicator]
        NaN is absent, 0 is zero. Ratios are left NaN; the brief computes them.
    reported, due : float array [time, place, indicator]
        Units that gave the number, and units that had to by the moment of the brief; NaN is not known.
        A day on which nothing was due yet is not a day of the brief.
    population_share : float array [time, place, indicator]
        Share of the population whose units gave the number; NaN is not known.
    balances : float array [place, indicator], optional
        What belongs to the cumulative figure and to no single day of the axis: opening balances, counts
        that cover several days, downward revisions. None is nothing.
    """

    values: FloatArray
    reported: FloatArray
    due: FloatArray
    population_share: FloatArray
    balances: FloatArray | None = None


@dataclass(frozen=True)
class Timeliness:
    """Reports of one day, all forms together, in a place; None is not known."""

    on_time: int | None
    late: int | None
    missing: int | None
    day: date | None = None


@dataclass(frozen=True)
class CapacitySeries:
    """Beds of one kind: how many are taken day by day and how many there are.

    Parameters
    ----------
    kind : str
        Code of the facility registry, e.g. ``"intensive_care_bed"``.
    label : Text
    occupied : float array [time]
        NaN is absent.
    total : float or None
        Beds open on the last day known; None is not known.
    lineage : str
        Opens the records behind it.
    """

    kind: str
    label: Text
    occupied: FloatArray
    total: float | None
    lineage: str


@dataclass(frozen=True)
class Revision:
    """A figure that was changed after it had been given, e.g. a total revised downward."""

    place: int
    indicator: str
    day: date
    difference: float
    where: str


@dataclass(frozen=True)
class SerialInterval:
    """Days from the onset of a case to that of the person whom it infected."""

    mean_days: float
    standard_deviation_days: float
    source: str
    note: Text = field(default_factory=dict)


WEEKS_AHEAD = 4


class Basis(StrEnum):
    """What an earlier forecast could know."""

    KEPT = "kept"
    """Made and kept before what it forecasts."""
    REPLAYED = "replayed"
    """Made afterwards, from what had been reported by its day."""
    RETOLD = "retold"
    """Made afterwards, from the figures of its day as they stand now: corrections included."""


@dataclass(frozen=True)
class PlaceForecast:
    """One forecast of weekly sums of a place.

    Parameters
    ----------
    indicator : str
    as_of : date
        Nothing that was reported after the end of this day was known.
    last_day : date
        Last day whose counts were known; week 1 begins on the day after.
    quantiles, baseline : float arrays [week, level]
        Of the forecast, and of "as in the last week"; the levels are those of the hubs.
    model, version : str
    basis : Basis
    """

    indicator: str
    as_of: date
    last_day: date
    quantiles: FloatArray
    baseline: FloatArray
    model: str
    version: str
    basis: Basis

    def week(self, number: int) -> tuple[date, date]:
        """Return the first and the last day of a week ahead, counted from 1."""
        last = self.last_day + timedelta(days=7 * number)
        return last - timedelta(days=6), last


LineageOf = Callable[[int, int, int], str]
"""From indices of time, place and indicator to an address or a list of rows."""


@dataclass(frozen=True)
class BriefInput:
    """All that a brief needs; nothing in it was known only after ``as_of``.

    Parameters
    ----------
    as_of : date
        End of this local day.
    first_day : date
        Day of index 0 of every time axis; the axis ends at ``as_of`` at the latest.
    places : sequence of BriefPlace
        The place itself first, then those directly below it.
    indicators : sequence of BriefIndicator
    panel : Panel
    timeliness : sequence of Timeliness
        One for each place.
    lineage : LineageOf
    capacities : sequence of CapacitySeries
        Of the place itself.
    serial_interval : SerialInterval or None
    synthetic : bool
        Any of it is 模拟数据.
    plan : mapping
        ``id``, ``version`` and ``sha256`` of the plan in force, where there is one.
    disease : Text
    sources : sequence of Text
        Where the figures come from, and what their reader must know.
    revisions : sequence of Revision
    caveats : sequence of Text
        Things not known that the maker of this input knows of.
    boundaries : mapping
        GeoJSON geometry by place code.
    forecasts : sequence of PlaceForecast
        Of the place itself, none later than ``as_of``.
    """

    as_of: date
    first_day: date
    places: Sequence[BriefPlace]
    indicators: Sequence[BriefIndicator]
    panel: Panel
    timeliness: Sequence[Timeliness]
    lineage: LineageOf
    capacities: Sequence[CapacitySeries] = ()
    serial_interval: SerialInterval | None = None
    synthetic: bool = False
    plan: Mapping[str, str] = field(default_factory=dict)
    disease: Text = field(default_factory=dict)
    sources: Sequence[Text] = ()
    revisions: Sequence[Revision] = ()
    caveats: Sequence[Text] = ()
    boundaries: Mapping[str, Any] = field(default_factory=dict)
    forecasts: Sequence[PlaceForecast] = ()

    def __post_init__(self) -> None:
        shape = (self.days, len(self.places), len(self.indicators))
        if self.panel.values.shape != shape:
            raise ValueError(
                f"panel.values must be [time, place, indicator] = {shape} (got {self.panel.values.shape}); "
                "pad days without reports with NaN up to as_of"
            )

    @property
    def days(self) -> int:
        """Return the length of the time axis, which ends at ``as_of``."""
        return (self.as_of - self.first_day).days + 1

    def day(self, time: int) -> date:
        """Return the day of an index of the time axis."""
        return self.first_day + timedelta(days=time)

    def indicator_index(self, indicator_id: str) -> int | None:
        """Return the index of an indicator, or None if the plan has none of that id."""
        for index, indicator in enumerate(self.indicators):
            if indicator.id == indicator_id:
                return index
        return None
