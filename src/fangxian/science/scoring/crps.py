"""The continuous ranked probability score, from samples and in closed form.

The score is ``integral (F(x) - 1{x >= y})^2 dx`` for a forecast distribution F and an observation y: the mean
absolute error of a distribution, in the unit of the observation.

Gneiting T, Raftery AE. Strictly proper scoring rules, prediction, and estimation. J Am Stat Assoc
2007;102:359-78, DOI 10.1198/016214506000001437. Closed forms: Jordan A, Krueger F, Lerch S. Evaluating
probabilistic forecasts with scoringRules. J Stat Softw 2019;90(12), DOI 10.18637/jss.v090.i12.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import beta as beta_function
from scipy.special import gammainc, hyp2f1, ive, ndtr, pdtr
from scipy.stats import nbinom, poisson

from fangxian.science.scoring.arrays import FloatArray, floats, require_positive


def crps_sample(samples: ArrayLike, observed: ArrayLike, *, fair: bool = False) -> FloatArray:
    """Return the score of forecasts given as samples.

    Parameters
    ----------
    samples : array [..., sample]
        Equally likely outcomes, in any order; at least 1, at least 2 if ``fair``.
    observed : array [...]
        NaN where missing.
    fair : bool
        Estimate the score of the distribution from which the samples come, without the penalty for having
        few of them (Ferro CAT, DOI 10.1002/qj.2270); otherwise score the samples as they are.

    Returns
    -------
    float array [...]

    Raises
    ------
    ValueError
        If the shapes do not fit or the samples are too few.

    Notes
    -----
    ``mean|X - y| - mean|X - X'| / 2``; the second mean over all pairs, or over pairs of different samples if
    ``fair``. With sorted samples the sum over pairs is ``2 sum_i (2 i - m + 1) x_(i)``, i from 0.
    """
    values = np.sort(np.asarray(samples, dtype=np.float64), axis=-1)
    truth = np.asarray(observed, dtype=np.float64)
    count = values.shape[-1] if values.ndim else 0
    if values.shape[:-1] != truth.shape or count < 1 + fair:
        raise ValueError(
            f"samples must be [..., sample] for observed [...], at least {1 + fair} of them "
            f"(got {values.shape} and {truth.shape}); put the samples on the last axis"
        )
    error = np.mean(np.abs(values - truth[..., None]), axis=-1)
    rank = 2.0 * np.arange(count) - count + 1
    spread = np.sum(rank * values, axis=-1) / (count * (count - fair))
    return np.asarray(error - spread, dtype=np.float64)


def crps_normal(mean: ArrayLike, standard_deviation: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Return the score of normal forecasts; arrays of one shape, standard deviations positive.

    Raises
    ------
    ValueError
        If a standard deviation is not positive.

    Notes
    -----
    ``s (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi))`` with ``z = (y - m) / s``.
    """
    centre, spread, truth = floats(mean, standard_deviation, observed)
    _require_positive("standard_deviation", spread)
    z = (truth - centre) / spread
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    return np.asarray(spread * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi)), dtype=np.float64)


def crps_lognormal(log_mean: ArrayLike, log_standard_deviation: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Return the score of log-normal forecasts, given mean and standard deviation of the logarithm.

    Raises
    ------
    ValueError
        If a standard deviation is not positive.

    Notes
    -----
    ``y (2 F(y) - 1) - 2 e^(m + s^2/2) (Phi((log y - m - s^2) / s) + Phi(s / sqrt 2) - 1)``.
    """
    centre, spread, truth = floats(log_mean, log_standard_deviation, observed)
    _require_positive("log_standard_deviation", spread)
    logarithm = np.log(np.maximum(truth, np.finfo(np.float64).tiny))
    below = ndtr((logarithm - centre) / spread)
    shifted = ndtr((logarithm - centre - spread**2) / spread)
    mean = np.exp(centre + 0.5 * spread**2)
    return np.asarray(
        truth * (2 * below - 1) - 2 * mean * (shifted + ndtr(spread / np.sqrt(2)) - 1), dtype=np.float64
    )


def crps_gamma(shape: ArrayLike, scale: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Return the score of gamma forecasts of given shape and scale (the mean is their product).

    Raises
    ------
    ValueError
        If a shape or a scale is not positive.

    Notes
    -----
    ``y (2 F(y; a) - 1) - a b (2 F(y; a + 1) - 1) - b / B(1/2, a)`` for shape a and scale b.
    """
    order, unit, truth = floats(shape, scale, observed)
    _require_positive("shape", order)
    _require_positive("scale", unit)
    x = np.maximum(truth, 0) / unit
    return np.asarray(
        truth * (2 * gammainc(order, x) - 1)
        - order * unit * (2 * gammainc(order + 1, x) - 1)
        - unit / beta_function(0.5, order),
        dtype=np.float64,
    )


def crps_poisson(mean: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Return the score of Poisson forecasts.

    Raises
    ------
    ValueError
        If a mean is not positive.

    Notes
    -----
    ``(y - m) (2 F(y) - 1) + 2 m f(floor y) - m e^(-2m) (I0(2m) + I1(2m))``.
    """
    rate, truth = floats(mean, observed)
    _require_positive("mean", rate)
    whole = np.floor(truth)
    below = np.where(whole < 0, 0.0, pdtr(np.maximum(whole, 0), rate))
    at = poisson.pmf(whole, rate)
    return np.asarray(
        (truth - rate) * (2 * below - 1) + 2 * rate * at - rate * (ive(0, 2 * rate) + ive(1, 2 * rate)),
        dtype=np.float64,
    )


def crps_negative_binomial(mean: ArrayLike, dispersion: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Return the score of negative-binomial forecasts.

    Parameters
    ----------
    mean : array [...]
        Positive.
    dispersion : array [...]
        The size k: the variance is ``mean + mean^2 / k``. Positive.
    observed : array [...]
        NaN where missing.

    Returns
    -------
    float array [...]

    Raises
    ------
    ValueError
        If a mean or a dispersion is not positive.

    Notes
    -----
    With ``p = k / (k + mean)``: ``y (2 F(y; k) - 1) - k (1 - p) / p^2 (p (2 F(y - 1; k + 1) - 1) +
    2F1(k + 1, 1/2; 2; -4 (1 - p) / p^2))`` (Wei W, Held L. Test 2014;23:787-805,
    DOI 10.1007/s11749-014-0380-8).
    """
    centre, size, truth = floats(mean, dispersion, observed)
    _require_positive("mean", centre)
    _require_positive("dispersion", size)
    p = size / (size + centre)
    below = nbinom.cdf(np.floor(truth), size, p)
    before = nbinom.cdf(np.floor(truth) - 1, size + 1, p)
    series = hyp2f1(size + 1, 0.5, 2, -4 * (1 - p) / p**2)
    return np.asarray(
        truth * (2 * below - 1) - size * (1 - p) / p**2 * (p * (2 * before - 1) + series), dtype=np.float64
    )


def _require_positive(name: str, values: FloatArray) -> None:
    require_positive(name, values, "a certain forecast is scored by its error")
