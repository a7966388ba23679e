"""The members of the ensemble: each proposes features from which the pooled regression makes a path.

- persistence: nothing moves; only the errors are learned.
- trend: growth of each of the last three weeks, damped as the past says.
- momentum: that of the last two weeks and of the last three days.
- renewal: the path of the renewal equation with R that returns to 1, stretched and bent as the past says.
- seasonal: what the level did at this time of the years before, beside the trend.
- led trend, led momentum, led renewal: the same beside the growth of other series of the same place, of which
  one may run ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from fangxian.science.renewal.forecast.levels import SATURATION, WEEKLY_DAMPING, Levels, saturated, shifted

FloatArray = NDArray[np.float64]

GROWTH_MEMORY = (0.6, 0.15, -0.25)
"""Shares of the growth of this week and the two before that next week brings before the data say otherwise.
The oldest counts against: what has grown for three weeks is nearer to its height."""
LATEST_SHARE = 0.65
"""What the last three days say of the growth of this week, the rest being said by the whole week."""
GENERATION_DAYS = (5.0, 3.0)
"""Mean and standard deviation of the generation interval of the renewal member unless given."""
LEAD_LAGS_WEEKS = (0, 1, 2)
"""Weeks back at which the growth of a leading series is read."""
SPLIT = np.array([[LATEST_SHARE, 0.0, 0.0], [1 - LATEST_SHARE, 0.0, 0.0], [0.0, 1.0, 1.0]])
WEEKS_OF_A_YEAR = 52
YEARS_OF_DOUBT = 1.0
"""Years without a season that the years seen are averaged with."""


class Member(NamedTuple):
    """A member: name, features [time, place, feature] and prior of a horizon; does it read only growth?"""

    name: str
    features: Callable[[int], FloatArray]
    prior: Callable[[int], FloatArray]
    of_growth: bool = False


def members_of(
    levels: Levels, leads: Sequence[Levels], generation_days: tuple[float, float] = GENERATION_DAYS
) -> list[Member]:
    """Return the members that these series can feed.

    Parameters
    ----------
    levels : Levels
        Of the series that is forecast.
    leads : sequence of Levels
        Of other series of the same places and rows.
    generation_days : tuple of float
        Mean and standard deviation of the generation interval.

    Returns
    -------
    list of Member
        In a fixed order.
    """
    week = levels.period
    own = [levels.growth, shifted(levels.growth, week)]
    trend = np.stack([*own, shifted(levels.growth, 2 * week)], axis=-1)
    flat = trend[..., :0]
    paths = _RenewalPaths(levels, generation_days)

    def coming(rows: int) -> FloatArray:
        return growth_to_come(rows / week)

    growing = [Member("trend", lambda rows: trend, coming, of_growth=True)]
    if week > 1:
        recent = np.stack([levels.latest, *own], axis=-1)
        growing.append(
            Member("momentum", lambda rows: recent, lambda rows: SPLIT @ coming(rows), of_growth=True)
        )
    growing.append(
        Member(
            "renewal",
            lambda rows: np.stack([paths.change(rows), own[1]], axis=-1),
            lambda rows: np.array([1.0, coming(rows)[1:].sum()]),
            of_growth=True,
        )
    )
    made = [Member("persistence", lambda rows: flat, lambda rows: np.zeros(0)), *growing]
    if len(levels.level) > (2 * WEEKS_OF_A_YEAR + 8) * week:
        made.append(
            Member(
                "seasonal",
                lambda rows: np.concatenate([_last_years(levels, rows)[..., None], trend], axis=-1),
                lambda rows: np.array([0.5, *(0.5 * coming(rows))]),
            )
        )
    if leads:
        ahead = [shifted(lead.growth, lag * week) for lead in leads for lag in LEAD_LAGS_WEEKS]
        made += [_led(member, np.stack(ahead, axis=-1)) for member in growing]
    return made


def _led(member: Member, ahead: FloatArray) -> Member:
    """Return the member with the growth of leading series beside its own features, at first without a say."""
    return Member(
        f"led {member.name}",
        lambda rows: np.concatenate([member.features(rows), ahead], axis=-1),
        lambda rows: np.concatenate([member.prior(rows), np.zeros(ahead.shape[-1])]),
    )


def growth_to_come(weeks: float) -> FloatArray:
    """Return what the growth of this week and of the two before lets the level rise within so many weeks.

    Parameters
    ----------
    weeks : float
        Ahead; a part of a week is that part of its growth.

    Returns
    -------
    float array [3]
        Coefficients of the growth of this week, of last week and of the week before.
    """
    step = np.array([GROWTH_MEMORY, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)])
    state, total = np.eye(3), np.zeros(3)
    for week in range(int(np.ceil(weeks))):
        state = step @ state
        total += min(1.0, weeks - week) * state[0]
    return total


class _RenewalPaths:
    """Log change of the level along the renewal equation, from every row, extended as horizons are asked."""

    def __init__(self, levels: Levels, generation_days: tuple[float, float]) -> None:
        self.levels = levels
        self.kernel = generation_kernel(generation_days, levels.period)
        smooth = np.exp(levels.level)
        history = np.stack([shifted(smooth, lag) for lag in range(len(self.kernel) + 1)], axis=0)
        known = np.where(np.isnan(history), smooth[None], history)
        self.recent = list(known[::-1])  # oldest first, the present row last
        pressure = np.einsum("k,ktp->tp", self.kernel, known[1:])
        growth_per_row = np.log(np.maximum(smooth, 1e-9) / np.maximum(pressure, 1e-9))
        mean_rows = float(self.kernel @ np.arange(1, len(self.kernel) + 1))
        limit = SATURATION * mean_rows / levels.period
        self.log_r = limit * np.tanh(growth_per_row / limit)
        self.ahead: list[FloatArray] = [np.zeros_like(smooth)]

    def change(self, rows: int) -> FloatArray:
        damping = WEEKLY_DAMPING ** (1 / self.levels.period)
        while len(self.ahead) <= rows:
            step = len(self.ahead)
            following, part = np.zeros_like(self.log_r), np.empty_like(self.log_r)
            for lag, weight in enumerate(self.kernel, start=1):
                following += np.multiply(weight, self.recent[-lag], out=part)
            following *= np.exp(self.log_r * damping**step)
            self.recent.append(following)
            self.ahead.append(np.log(following) - self.levels.level)
        return self.ahead[rows]


def generation_kernel(generation_days: tuple[float, float], period: int) -> FloatArray:
    """Return the generation interval in rows, a gamma distribution.

    Parameters
    ----------
    generation_days : tuple of float
        Mean and standard deviation in days.
    period : int
        Rows in a week.

    Returns
    -------
    float array [interval]
        Probability of 1, 2, ... rows; sum 1.

    Raises
    ------
    ValueError
        If one is not positive.
    """
    mean, deviation = generation_days
    if not (mean > 0 and deviation > 0):
        raise ValueError(
            f"generation interval: mean and deviation must be positive days (got {mean}, {deviation}); "
            "give the published ones"
        )
    shape, scale = (mean / deviation) ** 2, deviation**2 / mean
    days_per_row = 7 / period
    edges = (np.arange(int(np.ceil(3 * mean / days_per_row)) + 2)) * days_per_row
    mass = np.diff(gammainc(shape, edges / scale))
    return np.asarray(mass / mass.sum(), dtype=np.float64)


def _last_years(levels: Levels, rows: int) -> FloatArray:
    """Mean change over the coming rows at this time of up to five years before, saturating by the week."""
    total, number = np.zeros(levels.level.shape), np.zeros(levels.level.shape)
    weeks = max(rows / levels.period, 1e-9)
    for year in range(1, 6):
        back = round(year * 365.25 / 7) * levels.period
        if back - rows >= len(levels.level):
            break
        change = shifted(levels.level, back - rows) - shifted(levels.level, back)
        known = ~np.isnan(change)
        total += np.where(known, saturated(change / weeks) * weeks, 0.0)
        number += known
    return np.where(number > 0, total / (number + YEARS_OF_DOUBT), np.nan)
