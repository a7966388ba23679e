"""The probability integral transform: where in the forecast distribution the observation fell.

Of a calibrated forecast it is uniform. Dawid AP. Statistical theory: the prequential approach. J R Stat Soc A
1984;147:278-92, DOI 10.2307/2981683; for counts Czado C, Gneiting T, Held L. Predictive model assessment for
count data. Biometrics 2009;65:1254-61, DOI 10.1111/j.1541-0420.2009.01191.x.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def pit_sample(
    samples: ArrayLike, observed: ArrayLike, *, rng: np.random.Generator | None = None
) -> FloatArray:
    """Return the transform of forecasts given as samples.

    Parameters
    ----------
    samples : array [..., sample]
    observed : array [...]
        NaN where missing.
    rng : Generator, optional
        Give one for counts: an observation that equals some samples then falls evenly among them. Without
        one the transform is the share of samples at or below the observation, right for a continuous
        quantity only.

    Returns
    -------
    float array [...]
        Between 0 and 1; NaN where the observation is missing.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    values, truth = np.asarray(samples, dtype=np.float64), np.asarray(observed, dtype=np.float64)
    if values.ndim == 0 or values.shape[:-1] != truth.shape or values.shape[-1] == 0:
        raise ValueError(
            f"samples must be [..., sample] for observed [...] (got {values.shape} and {truth.shape}); "
            "put the samples on the last axis"
        )
    at_or_below = np.mean(values <= truth[..., None], axis=-1)
    if rng is None:
        return np.where(np.isnan(truth), np.nan, at_or_below)
    below = np.mean(values < truth[..., None], axis=-1)
    return pit_counts(below, at_or_below, observed=truth, rng=rng)


def pit_counts(
    below: ArrayLike, at_or_below: ArrayLike, *, observed: ArrayLike, rng: np.random.Generator
) -> FloatArray:
    """Return the randomised transform of forecasts of counts.

    Parameters
    ----------
    below, at_or_below : array [...]
        Probability that the forecast gave to counts below the observed one, and up to it.
    observed : array [...]
        NaN where missing; only that is read of it.
    rng : Generator

    Returns
    -------
    float array [...]
        ``P(y - 1) + v (P(y) - P(y - 1))`` with v uniform: uniform if the forecast is right.

    Raises
    ------
    ValueError
        If a probability lies outside 0 to 1 or falls.
    """
    low, high = _probabilities(below, at_or_below)
    drawn = low + rng.random(low.shape) * (high - low)
    return np.where(np.isnan(np.asarray(observed, dtype=np.float64)), np.nan, drawn)


def pit_histogram_counts(below: ArrayLike, at_or_below: ArrayLike, *, bins: int = 10) -> FloatArray:
    """Return the histogram of the transform of forecasts of counts, without random draws.

    Parameters
    ----------
    below, at_or_below : array [...]
        As `pit_counts`; pairs with NaN are left out.
    bins : int

    Returns
    -------
    float array [bins]
        Share of the forecasts in each bin; 1 / bins each if they are calibrated.

    Raises
    ------
    ValueError
        As `pit_counts`; if there is no bin or no forecast.

    Notes
    -----
    Each forecast spreads evenly over ``[P(y - 1), P(y)]`` (Czado et al. 2009, equation 2).
    """
    low, high = _probabilities(below, at_or_below)
    known = ~(np.isnan(low) | np.isnan(high))
    low, high = low[known], high[known]
    if bins < 1 or low.size == 0:
        raise ValueError(
            f"a histogram needs a bin and a forecast (got {bins} bins, {low.size} forecasts); "
            "10 bins show most faults"
        )
    edges = np.arange(bins + 1) / bins
    width = np.maximum(high - low, 1e-12)
    filled = np.clip((edges[:, None] - low) / width, 0, 1).mean(axis=1)
    return np.asarray(np.diff(filled), dtype=np.float64)


def pit_quantiles(quantiles: ArrayLike, levels: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Return the transform of forecasts given as quantiles, linear between them.

    Parameters
    ----------
    quantiles : array [..., level]
        Not falling.
    levels : array [level]
        Between 0 and 1, rising.
    observed : array [...]
        NaN where missing.

    Returns
    -------
    float array [...]
        Half the lowest level for an observation below every quantile, halfway from the highest level to 1
        above every one: how far out it fell is not known. Where quantiles are equal, the middle of their
        levels.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    forecast, level, truth = (np.asarray(v, dtype=np.float64) for v in (quantiles, levels, observed))
    if forecast.shape[-1:] != level.shape or forecast.shape[:-1] != truth.shape:
        raise ValueError(
            f"quantiles must be [..., level] for observed [...] (got {forecast.shape} and {truth.shape}); "
            "put the levels on the last axis"
        )
    ends = np.concatenate([[0.5 * level[0]], level, [0.5 * (1 + level[-1])]])
    before = (forecast < truth[..., None]).sum(axis=-1)
    up_to = (forecast <= truth[..., None]).sum(axis=-1)
    on_one = up_to > before
    tied = 0.5 * (ends[np.minimum(before + 1, len(level))] + ends[up_to])
    return np.where(np.isnan(truth), np.nan, np.where(on_one, tied, _within(forecast, ends, truth, before)))


def _within(
    forecast: FloatArray, ends: FloatArray, truth: FloatArray, before: NDArray[np.int_]
) -> FloatArray:
    """Level interpolated between the last quantile below the observation and the next; outside, the ends."""
    last = forecast.shape[-1] - 1
    left = np.take_along_axis(forecast, np.clip(before - 1, 0, last)[..., None], axis=-1)[..., 0]
    right = np.take_along_axis(forecast, np.clip(before, 0, last)[..., None], axis=-1)[..., 0]
    inside = (before > 0) & (before <= last)
    gap = np.where(inside & (right > left), right - left, 1.0)
    share = np.where(inside, (truth - left) / gap, 0.0)
    at = np.where(before > last, last + 2, before)
    return np.asarray(ends[at] + share * (ends[np.minimum(at + 1, last + 2)] - ends[at]), dtype=np.float64)


def _probabilities(below: ArrayLike, at_or_below: ArrayLike) -> tuple[FloatArray, FloatArray]:
    low, high = np.asarray(below, dtype=np.float64), np.asarray(at_or_below, dtype=np.float64)
    if np.any(low < 0) or np.any(high > 1) or np.any(low > high):
        raise ValueError(
            "probabilities must satisfy 0 <= below <= at_or_below <= 1 "
            f"(got {np.nanmin(low):g} to {np.nanmax(high):g}); pass values of the distribution function"
        )
    return low, high
