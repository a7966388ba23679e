"""Log-linear regression of one series on season and trend: the in-control mean of the sequential charts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import digamma, xlogy

FloatArray = NDArray[np.float64]

ALTERNATIONS = 50
STEPS, TOLERANCE = 25, 1e-8  # of R glm


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
    for _ in range(ALTERNATIONS):
        before, mean = found, np.exp(rows @ beta)
        found = _most_likely_alpha(observed, mean)
        beta = _weighted_fit(observed, rows, found, mean)
        if abs(found - before) <= 1e-9 * max(found, 1e-9):
            break
    return LogLinearFit(beta, found)


def _weighted_fit(
    observed: FloatArray, rows: FloatArray, alpha: float, start: FloatArray | None = None
) -> FloatArray:
    """Return the coefficients; start, stop and the most rounds are those of R ``glm``.

    With a small mean and a large alpha that is not yet the maximum, but the means of R are to be met.
    """
    mean = observed + 0.1 if alpha == 0 else np.where(observed == 0, 1 / 6, observed)
    mean = mean if start is None else start
    predictor = np.log(mean)
    scale = np.linalg.norm(rows, axis=0)
    beta = np.zeros(rows.shape[1])
    deviance = _deviance(observed, mean, alpha)
    for _ in range(STEPS):
        weight = np.sqrt(mean / (1 + alpha * mean))
        response = predictor + (observed - mean) / mean
        beta = np.linalg.lstsq(rows / scale * weight[:, None], response * weight, rcond=None)[0] / scale
        predictor = np.clip(rows @ beta, -300, 300)
        mean = np.exp(predictor)
        before, deviance = deviance, _deviance(observed, mean, alpha)
        if abs(deviance - before) < TOLERANCE * (abs(deviance) + 0.1):
            break
    return beta


def _deviance(observed: FloatArray, mean: FloatArray, alpha: float) -> float:
    share = xlogy(observed, np.maximum(observed, 1) / mean)
    if alpha == 0:
        return float(2 * np.sum(share - observed + mean))
    size = 1 / alpha
    return float(2 * np.sum(share - (observed + size) * np.log((observed + size) / (mean + size))))


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
