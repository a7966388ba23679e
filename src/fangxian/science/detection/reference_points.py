"""Which past steps a step is compared with: the same season in the years before, and what lies between."""

from __future__ import annotations

import datetime
import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

EPOCH = datetime.date(1970, 1, 1)


@dataclass(frozen=True)
class TimeAxis:
    """Where the steps of a series stand in time.

    Parameters
    ----------
    steps : int
        How many there are.
    steps_per_year : int
        365 for days, 52 for weeks, 12 for months.
    days : int array [time], optional
        Days since 1970-01-01, increasing. Without it, a year is ``steps_per_year`` steps exactly.
    """

    steps: int
    steps_per_year: int
    days: IntArray | None = None

    def __post_init__(self) -> None:
        if self.steps_per_year < 1:
            raise ValueError(f"steps_per_year must be at least 1 (got {self.steps_per_year})")
        if self.days is not None and (len(self.days) != self.steps or np.any(np.diff(self.days) <= 0)):
            raise ValueError(
                f"days must hold one increasing day a step: {self.steps} (got {len(self.days)} days)"
            )

    @property
    def position(self) -> FloatArray:
        """Return the time that a trend runs along [time]: days where they are known, steps otherwise."""
        return np.arange(self.steps, dtype=float) if self.days is None else self.days.astype(float)

    def until(self, steps: int) -> TimeAxis:
        """Return the axis of the first steps."""
        return TimeAxis(steps, self.steps_per_year, None if self.days is None else self.days[:steps])

    def years_before(self, step: int, years: int) -> list[int]:
        """Return the steps 0, 1, ... ``years`` years before a step; -1 where the series had not begun.

        With dates, the nearest step to the same day of the year is taken; 29 February becomes 1 March.
        """
        if self.days is None:
            return [max(step - year * self.steps_per_year, -1) for year in range(years + 1)]
        day = EPOCH + datetime.timedelta(days=int(self.days[step]))
        found = [step]
        for year in range(1, years + 1):
            target = (_years_earlier(day, year) - EPOCH).days
            nearest = int(np.argmin(np.abs(self.days - target)))
            reach = float(np.median(np.diff(self.days))) if self.steps > 1 else 1.0
            found.append(nearest if abs(int(self.days[nearest]) - target) <= reach else -1)
        return found


def _years_earlier(day: datetime.date, years: int) -> datetime.date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return datetime.date(day.year - years, 3, 1)


class ReferenceSteps(NamedTuple):
    """The past of one step; arrays are [row].

    Attributes
    ----------
    step : int array
        Which steps.
    season : int array
        0 for the season of the step itself, 1, 2, ... for the parts of the year after it.
    """

    step: IntArray
    season: IntArray


def reference_steps(
    axis: TimeAxis, step: int, *, years: int, half_window: int, seasons: int = 1, guard: int = 0
) -> ReferenceSteps | None:
    """Return the past that a step is compared with, or None where the series is too short.

    Parameters
    ----------
    axis : TimeAxis
    step : int
        The step judged.
    years : int
        How many years back.
    half_window : int
        Steps before and after the same day of a past year that are its season.
    seasons : int
        1 takes those windows only; more cut the time between two windows into ``seasons`` - 1 parts that are
        as equal as can be, the longer ones first (Noufaily 2013, section 3.2).
    guard : int
        Steps just before the step that are left out.
    """
    anchors = axis.years_before(step, years)
    if anchors[-1] - half_window < 0 or min(anchors) < 0:
        return None
    ordered = anchors[::-1]
    season = np.full(axis.steps, -1, dtype=np.int64)
    if seasons > 1:
        for left, right in itertools.pairwise(ordered):
            between = np.arange(left + half_window + 1, right - half_window)
            if len(between) < seasons - 1:
                raise ValueError(
                    f"{seasons} seasons need {seasons - 1} steps between windows (got {len(between)}); "
                    "take fewer seasons or a narrower window"
                )
            for part, steps in enumerate(np.array_split(between, seasons - 1)):
                season[steps] = part + 1
    for anchor in ordered:
        season[anchor - half_window : anchor + half_window + 1] = 0
    past = np.arange(ordered[0] - half_window, max(step - guard, 0))
    past = past[season[past] >= 0]
    return ReferenceSteps(past, season[past])
