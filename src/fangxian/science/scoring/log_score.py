"""The logarithmic score: minus the log of the probability that was given to what happened.

Good IJ. Rational decisions. J R Stat Soc B 1952;14:107-14, DOI 10.1111/j.2517-6161.1952.tb00104.x. Lower is
better; one event that was called impossible makes the score infinite.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, logsumexp, xlogy

from fangxian.science.scoring.arrays import FloatArray, floats, require_positive


def log_score_normal(mean: ArrayLike, standard_deviation: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Return the score of normal forecasts; standard deviations positive.

    Raises
    ------
    ValueError
        If a standard deviation is not positive.
    """
    centre, spread, truth = floats(mean, standard_deviation, observed)
    _require_positive("standard_deviation", spread)
    return np.asarray(
        0.5 * np.log(2 * np.pi) + np.log(spread) + 0.5 * ((truth - centre) / spread) ** 2, dtype=np.float64
    )


def log_score_poisson(mean: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Return the score of Poisson forecasts; infinite for an observation that is not a whole count.

    Raises
    ------
    ValueError
        If a mean is not positive.
    """
    rate, truth = floats(mean, observed)
    _require_positive("mean", rate)
    count = np.maximum(truth, 0)
    return _whole_counts(rate - xlogy(count, rate) + gammaln(count + 1), truth)


def log_score_negative_binomial(mean: ArrayLike, dispersion: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Return the score of negative-binomial forecasts of variance ``mean + mean^2 / dispersion``.

    Raises
    ------
    ValueError
        If a mean or a dispersion is not positive.
    """
    centre, size, truth = floats(mean, dispersion, observed)
    _require_positive("mean", centre)
    _require_positive("dispersion", size)
    count = np.maximum(truth, 0)
    log_probability = (
        gammaln(count + size)
        - gammaln(size)
        - gammaln(count + 1)
        + size * np.log(size / (size + centre))
        + xlogy(count, centre / (size + centre))
    )
    return _whole_counts(-log_probability, truth)


def log_score_sample(samples: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Return the score of forecasts given as samples of a continuous quantity.

    Parameters
    ----------
    samples : array [..., sample]
        At least two that differ.
    observed : array [...]
        NaN where missing.

    Returns
    -------
    float array [...]

    Raises
    ------
    ValueError
        If the shapes do not fit or the samples of a forecast are all the same.

    Notes
    -----
    The density is a Gaussian kernel estimate with the bandwidth ``1.06 min(s, IQR / 1.34) n^(-1/5)``
    (Silverman 1986, equation 3.30), as in scoringRules. Few samples flatter wide kernels: prefer
    `crps_sample` below some hundred.
    """
    values, truth = floats(samples, observed)
    if values.shape[:-1] != truth.shape or values.ndim == 0 or values.shape[-1] < 2:
        raise ValueError(
            f"samples must be [..., sample] for observed [...], at least 2 (got {values.shape} and "
            f"{truth.shape}); put the samples on the last axis"
        )
    spread = np.std(values, axis=-1, ddof=1)
    upper, lower = np.quantile(values, [0.75, 0.25], axis=-1)
    narrow = np.minimum(spread, (upper - lower) / 1.34)
    narrow = np.where(narrow > 0, narrow, spread)
    if np.any(narrow <= 0):
        raise ValueError("samples of a forecast are all the same: it has no density; use crps_sample")
    width = 1.06 * narrow * values.shape[-1] ** -0.2
    z = (truth[..., None] - values) / width[..., None]
    log_kernel = -0.5 * z**2 - 0.5 * np.log(2 * np.pi) - np.log(width)[..., None]
    return np.asarray(np.log(values.shape[-1]) - logsumexp(log_kernel, axis=-1), dtype=np.float64)


def _whole_counts(score: FloatArray, observed: FloatArray) -> FloatArray:
    impossible = (observed < 0) | (observed != np.floor(observed))
    return np.where(np.isnan(observed), np.nan, np.where(impossible, np.inf, score))


def _require_positive(name: str, values: FloatArray) -> None:
    require_positive(name, values, "give the forecast some spread")
