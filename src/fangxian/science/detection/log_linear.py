"""Log-linear regression of one series on season and trend: the in-control mean of the sequential charts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import digamma

FloatArray = NDArray[np.float64]

STEPS = 50
TOLERANCE = 1e-10


class LogLinearFit(NamedTuple):
    """Coefficients [column], and the over-dispersion alpha: variance = mean + alpha mean^2."""

    coefficients: FloatArray
    alpha: float


def seasonal_design(time: FloatArray, steps_per_year: float, harmonics: int, *, trend: bool) -> FloatArray:
    """Return the columns 1, time (with trend), and a sine and a cosine for each harmonic [time, column]."""
    columns = [np.ones_like(time)]
    if trend:
        columns.append(time)
    for harmonic in range(1, harmonics + 1):
        angle = 2 * np.pi * harmonic * time / steps_per_year
        columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns)


def fit_log_linear(counts: FloatArray, design: FloatArray, *, alpha: float | None = 0.0) -> LogLinearFit:
    """Fit a Poisson or negative binomial regression with log link by iteratively reweighted least squares.

    Parameters
    ----------
    counts : float array [time]
        NaN is left out.
    design : float array [time, column]
    alpha : float, optional
        Over-dispersion; 0 is Poisson, None estimates it by maximum likelihood.

    Raises
    ------
    ValueError
        If there are fewer known counts than columns, or all of them are zero.
    """
    known = ~np.isnan(counts)
    observed, rows = counts[known], design[known]
    if len(observed) < rows.shape[1] or not observed.any():
        raise ValueError(
            f"a regression with {rows.shape[1]} columns needs as many known counts and a case among them "
            f"(got {len(observed)} counts, {observed.sum():g} cases); give the expected counts instead"
        )
    if alpha is not None:
        return LogLinearFit(_weighted_fit(observed, rows, alpha), alpha)
    beta = _weighted_fit(observed, rows, 0.0)
    found = 0.0
    for _ in range(STEPS):
        before = found
        found = _most_likely_alpha(observed, np.exp(rows @ beta))
        beta = _weighted_fit(observed, rows, found)
        if abs(found - before) <= 1e-9 * max(found, 1e-9):
            break
    return LogLinearFit(beta, found)


def _weighted_fit(observed: FloatArray, rows: FloatArray, alpha: float) -> FloatArray:
    mean = (observed + observed.mean()) / 2 + 1e-9
    predictor = np.log(mean)
    scale = np.linalg.norm(rows, axis=0)
    beta = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        weight = np.sqrt(mean / (1 + alpha * mean))
        response = predictor + (observed - mean) / mean
        before = beta
        beta = np.linalg.lstsq(rows / scale * weight[:, None], response * weight, rcond=None)[0] / scale
        predictor = np.clip(rows @ beta, -300, 300)
        mean = np.exp(predictor)
        if np.max(np.abs(beta - before) * scale) <= TOLERANCE * np.max(np.abs(beta) * scale):
            break
    return beta


def _most_likely_alpha(observed: FloatArray, mean: FloatArray) -> float:
    """Return the over-dispersion at given means; 0 where the counts spread no more than Poisson counts."""

    def slope(log_size: float) -> float:
        size = np.exp(log_size)
        total = digamma(size + observed) - digamma(size) + np.log(size / (size + mean))
        return float(np.sum(total + 1 - (observed + size) / (mean + size)))

    low, high = -12.0, 18.0
    if slope(high) > 0:
        return 0.0
    if slope(low) < 0:
        return float(np.exp(-low))
    return float(np.exp(-brentq(slope, low, high, xtol=1e-13)))
