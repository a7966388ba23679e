"""The instantaneous reproduction number of Cori et al. 2013.

Cori A, Ferguson NM, Fraser C, Cauchemez S. A new framework and software to estimate time-varying
reproduction numbers during epidemics. Am J Epidemiol 2013;178:1505-12. DOI 10.1093/aje/kwt133.

Missing days
------------
A missing day is NaN, never zero. A window that holds a missing day is not estimated. A missing day before
the window leaves a hole in the infectivity of later days: a day whose infectivity lacks more than
``tolerated_gap`` of the serial interval is missing itself, so the windows that hold it are not estimated.
Days before the first of the series count as days without cases, as in the paper: start the series
before the epidemic, or distrust the first serial interval. A window that ends before the mean serial
interval has passed is not estimated: most of its infectors would be those of before the series.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, gammaincinv

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class GammaPrior:
    """Prior of the reproduction number, a gamma distribution.

    Parameters
    ----------
    shape, scale : float
        Both positive, dimensionless. The default has mean 5 and standard deviation 5, as in the paper:
        an epidemic is not called controlled before the counts say so.
    """

    shape: float = 1.0
    scale: float = 5.0

    def __post_init__(self) -> None:
        if not (self.shape > 0 and self.scale > 0):
            raise ValueError(
                f"GammaPrior: shape and scale must be positive (got {self.shape}, {self.scale}); "
                "the paper uses shape 1 and scale 5"
            )


class ReproductionNumber(NamedTuple):
    """Posterior of the reproduction number in sliding windows; every array is [window].

    Attributes
    ----------
    window_start, window_end : int arrays
        First and last day of the window, counted from 0 at the start of the series, both inclusive.
    cases : float array
        Cases in the window; NaN where a day is missing.
    mean, standard_deviation : float arrays
        Of the posterior; NaN where not estimated.
    quantiles : float array [window, probability]
        In the order of ``probabilities``.
    probabilities : tuple of float
    """

    window_start: NDArray[np.int64]
    window_end: NDArray[np.int64]
    cases: FloatArray
    mean: FloatArray
    standard_deviation: FloatArray
    quantiles: FloatArray
    probabilities: tuple[float, ...]


def discretised_gamma(
    mean_days: float, standard_deviation_days: float, *, maximum_days: int = 60
) -> FloatArray:
    """Return the serial interval in whole days as a gamma shifted by one day.

    Parameters
    ----------
    mean_days, standard_deviation_days : float
        Of the serial interval in days; the mean must exceed 1, since nobody infects on the day of onset.
    maximum_days : int
        Longest interval kept.

    Returns
    -------
    float array [maximum_days + 1]
        Probability of an interval of 0, 1, 2, ... days. Entry 0 is 0.

    Raises
    ------
    ValueError
        If the mean is 1 or less or the standard deviation is not positive.

    Notes
    -----
    Web appendix 11 of Cori et al. 2013: with F(x; a) the gamma distribution function of shape a, scale b,
    ``w(k) = k F(k) + (k-2) F(k-2) - 2 (k-1) F(k-1) + a b (2 G(k-1) - G(k-2) - G(k))``, G of shape a + 1.
    """
    if not (mean_days > 1 and standard_deviation_days > 0):
        raise ValueError(
            "serial interval: mean must exceed 1 day and standard deviation 0 days "
            f"(got {mean_days}, {standard_deviation_days}); give the interval as an array instead"
        )
    shape = ((mean_days - 1) / standard_deviation_days) ** 2
    scale = standard_deviation_days**2 / (mean_days - 1)
    day = np.arange(maximum_days + 1, dtype=np.float64)

    def below(days: FloatArray, order: float) -> FloatArray:
        return np.asarray(gammainc(order, np.maximum(days, 0) / scale), dtype=np.float64)

    weight = (
        day * below(day, shape)
        + (day - 2) * below(day - 2, shape)
        - 2 * (day - 1) * below(day - 1, shape)
        + shape * scale * (2 * below(day - 1, shape + 1) - below(day - 2, shape + 1) - below(day, shape + 1))
    )
    return np.maximum(weight, 0.0)


def infectivity(
    incidence: ArrayLike, serial_interval: ArrayLike, *, tolerated_gap: float = 0.01
) -> FloatArray:
    """Return the total infectivity of each day: past cases weighted by the serial interval.

    Parameters
    ----------
    incidence : array [time]
        New cases a day; NaN is a missing day.
    serial_interval : array [interval in days]
        Entry k is the probability of k days; entry 0 must be 0.
    tolerated_gap : float
        Share of the serial interval that may fall on missing days.

    Returns
    -------
    float array [time]
        NaN on day 0, and where more than ``tolerated_gap`` falls on missing days.
    """
    series = checked_incidence(incidence)
    weight = checked_interval(serial_interval)[: len(series)]
    missing = np.isnan(series)
    known = np.where(missing, 0.0, series)
    total = np.convolve(known, weight)[: len(series)]
    if missing.any():
        gap = np.convolve(missing.astype(np.float64), weight)[: len(series)]
        total[gap > tolerated_gap] = np.nan
    total[0] = np.nan
    return total


def estimate_reproduction_number(
    incidence: ArrayLike,
    serial_interval: ArrayLike,
    *,
    window_days: int = 7,
    prior: GammaPrior | None = None,
    probabilities: tuple[float, ...] = (0.025, 0.5, 0.975),
) -> ReproductionNumber:
    """Estimate the reproduction number in every window of the series.

    Parameters
    ----------
    incidence : array [time]
        New cases a day, consecutive days; NaN is a missing day (see the module).
    serial_interval : array [interval in days]
        Probability of 0, 1, 2, ... days; entry 0 is 0 and the sum is 1.
    window_days : int
        Length of the window in which the reproduction number is held constant.
    prior : GammaPrior, optional
        Shape 1 and scale 5 by default.
    probabilities : tuple of float
        Which quantiles of the posterior.

    Returns
    -------
    ReproductionNumber
        Windows start on days 1, 2, ...; the first day only infects. NaN in those that hold a missing day, or
        end no later than the mean serial interval.

    Raises
    ------
    ValueError
        On a negative count, a serial interval that does not sum to 1, or a window below 1 day.

    Notes
    -----
    In a window the posterior is gamma with shape ``a + sum(cases)`` and scale
    ``1 / (1/b + sum(infectivity))`` (Cori et al. 2013, equation 5 of the web appendix).
    """
    series = checked_incidence(incidence)
    if window_days < 1:
        raise ValueError(f"window_days must be at least 1 (got {window_days}); 7 evens out the week")
    chosen = prior or GammaPrior()
    start = np.arange(1, max(1, len(series) - window_days + 1), dtype=np.int64)
    cases = _window_sums(series, start, window_days)
    pressure = _window_sums(infectivity(series, serial_interval), start, window_days)
    weight = checked_interval(serial_interval)[: len(series)]
    pressure[start + window_days <= weight @ np.arange(len(weight))] = np.nan
    shape = chosen.shape + cases
    scale = 1.0 / (1.0 / chosen.scale + pressure)
    scale[np.isnan(shape)] = np.nan
    shape = np.where(np.isnan(scale), np.nan, shape)
    levels = np.asarray(probabilities, dtype=np.float64)
    return ReproductionNumber(
        window_start=start,
        window_end=start + window_days - 1,
        cases=cases,
        mean=shape * scale,
        standard_deviation=np.sqrt(shape) * scale,
        quantiles=np.asarray(gammaincinv(shape[:, None], levels[None, :]) * scale[:, None]),
        probabilities=probabilities,
    )


def _window_sums(values: FloatArray, start: NDArray[np.int64], days: int) -> FloatArray:
    if len(start) == 0:
        return np.zeros(0)
    windows = np.lib.stride_tricks.sliding_window_view(values, days)
    return np.asarray(windows[start].sum(axis=1), dtype=np.float64)


def checked_incidence(incidence: ArrayLike) -> FloatArray:
    """Return the series as floats, or say what is wrong with it: one axis, not empty, none negative."""
    series = np.asarray(incidence, dtype=np.float64)
    if series.ndim != 1 or series.size == 0:
        raise ValueError(
            f"incidence must be one number a day (got shape {series.shape}); pass one place at a time"
        )
    if np.any(np.isinf(series)):
        raise ValueError("incidence must be finite (got infinity); set a day without a count to NaN")
    if np.any(series < 0):
        day = int(np.flatnonzero(series < 0)[0])
        raise ValueError(
            f"incidence must not be negative (got {series[day]:g} on day {day}); "
            "set a day that holds a downward revision to NaN"
        )
    return series


def checked_interval(serial_interval: ArrayLike) -> FloatArray:
    """Return the serial interval as floats, or say what is wrong with it: entry 0 is 0, the sum is 1."""
    weight = np.asarray(serial_interval, dtype=np.float64)
    if weight.ndim != 1 or weight.size < 2 or weight[0] != 0 or np.any(weight < 0):
        raise ValueError(
            "serial_interval must be probabilities of 0, 1, 2, ... days with entry 0 equal to 0 "
            f"(got {weight[:3]}); shift it by one day if it starts at day 1, "
            "or set entry 0 to 0 and divide the rest by its sum"
        )
    if abs(float(weight.sum()) - 1.0) > 0.01:
        raise ValueError(
            f"serial_interval must sum to 1 (got {weight.sum():.3f}); lengthen it or divide by its sum"
        )
    return weight
