"""The reproduction number of Cori et al. 2013 where the serial interval itself is uncertain.

The paper draws pairs of mean and standard deviation from truncated normals and mixes the posteriors by
simulation (DOI 10.1093/aje/kwt133, web appendix 4). The mixture is computed here without simulation, by
Gauss-Legendre quadrature over both: the value to which the simulation tends as its draws grow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, gammaincinv, gammaln

from fangxian.science.renewal.cori import (
    FloatArray,
    GammaPrior,
    ReproductionNumber,
    discretised_gamma,
    estimate_reproduction_number,
)

NODES = 16
ROUNDS = 60


@dataclass(frozen=True)
class TruncatedNormal:
    """A normal distribution cut at both ends, in days.

    Parameters
    ----------
    mean, standard_deviation : float
        Of the normal before it is cut.
    least, most : float
        Ends; ``least < most``.
    """

    mean: float
    standard_deviation: float
    least: float
    most: float

    def __post_init__(self) -> None:
        if not (self.standard_deviation > 0 and self.least < self.most):
            raise ValueError(
                "TruncatedNormal: standard deviation must be positive and least below most "
                f"(got {self.standard_deviation}, {self.least} and {self.most}); "
                "for a certain interval use estimate_reproduction_number"
            )

    def nodes(self) -> tuple[FloatArray, FloatArray]:
        """Return quadrature points [node] and their weights, which sum to 1."""
        unit, weight = np.polynomial.legendre.leggauss(NODES)
        # beyond eight standard deviations the density is nothing: the nodes go where it is
        low = max(self.least, self.mean - 8 * self.standard_deviation)
        high = min(self.most, self.mean + 8 * self.standard_deviation)
        if low >= high:
            low, high = self.least, self.most
        point = low + (unit + 1) / 2 * (high - low)
        square = ((point - self.mean) / self.standard_deviation) ** 2
        mass = weight * np.exp(-(square - square.min()) / 2)
        return point, mass / mass.sum()


@dataclass(frozen=True)
class UncertainInterval:
    """Mean and standard deviation of the serial interval, each uncertain and independent of the other."""

    mean_days: TruncatedNormal
    standard_deviation_days: TruncatedNormal

    def __post_init__(self) -> None:
        if self.mean_days.least < 1 or self.standard_deviation_days.least <= 0:
            raise ValueError(
                "UncertainInterval: the mean must stay above 1 day and the standard deviation above 0 "
                f"(got least {self.mean_days.least} and {self.standard_deviation_days.least}); raise them"
            )


def estimate_with_uncertain_interval(
    incidence: ArrayLike,
    interval: UncertainInterval,
    *,
    window_days: int = 7,
    prior: GammaPrior | None = None,
    probabilities: tuple[float, ...] = (0.025, 0.5, 0.975),
) -> ReproductionNumber:
    """Estimate the reproduction number in every window, over what the serial interval may be.

    Parameters
    ----------
    incidence : array [time]
        New cases a day; NaN is a missing day.
    interval : UncertainInterval
        Of the gamma that :func:`discretised_gamma` cuts into days.
    window_days, prior, probabilities
        As in :func:`estimate_reproduction_number`.

    Returns
    -------
    ReproductionNumber
        Mean, standard deviation and quantiles of the mixture of posteriors.

    Notes
    -----
    As in the paper the interval is not learned from the counts: every pair keeps its prior weight.
    """
    series = np.asarray(incidence, dtype=np.float64)
    means, mean_weight = interval.mean_days.nodes()
    spreads, spread_weight = interval.standard_deviation_days.nodes()
    pairs = np.array([(mean, spread) for mean in means for spread in spreads])
    each = list(posteriors_of_pairs(series, pairs, window_days, prior))
    single = each[-1].windows
    shapes, scales, passed = (np.array(of_pair).T for of_pair in list(zip(*each, strict=True))[1:])
    known = passed & ~np.isnan(shapes)
    mass = np.where(known, np.outer(mean_weight, spread_weight).ravel(), 0.0)
    total = mass.sum(axis=1, keepdims=True)
    mass = np.divide(mass, total, out=np.full_like(mass, np.nan), where=total > 0)
    shapes, scales = np.where(known, shapes, 1.0), np.where(known, scales, 1.0)
    average = (shapes * scales * mass).sum(axis=1)
    second = (shapes * (shapes + 1) * scales**2 * mass).sum(axis=1)
    return single._replace(
        mean=average,
        standard_deviation=np.sqrt(np.maximum(second - average**2, 0)),
        quantiles=_mixture_quantiles(shapes, scales, mass, probabilities),
        probabilities=probabilities,
    )


class PairPosterior(NamedTuple):
    """Gamma posteriors of the windows for one mean and standard deviation of the interval, each [window].

    Attributes
    ----------
    windows : ReproductionNumber
    shape, scale : float array [window]
    passed : bool array [window]
        Whether the mean interval has passed by the end of the window; others have no part in it.
    """

    windows: ReproductionNumber
    shape: FloatArray
    scale: FloatArray
    passed: NDArray[np.bool_]


def posteriors_of_pairs(
    series: FloatArray, pairs: FloatArray, window_days: int, prior: GammaPrior | None
) -> Iterator[PairPosterior]:
    """Give the posteriors for each pair of mean and standard deviation.

    Parameters
    ----------
    series : float array [time]
    pairs : float array [pair, 2]
        Mean and standard deviation of the interval in days.
    window_days, prior
        As in :func:`estimate_reproduction_number`.

    Yields
    ------
    PairPosterior
    """
    longest = max(len(series), int(pairs[:, 0].max() + 40 * pairs[:, 1].max()))
    for mean, spread in pairs:
        weight = discretised_gamma(float(mean), float(spread), maximum_days=longest)
        single = estimate_reproduction_number(
            series, weight, window_days=window_days, prior=prior, probabilities=()
        )
        shape = (single.mean / single.standard_deviation) ** 2
        scale = single.standard_deviation**2 / single.mean
        yield PairPosterior(single, shape, scale, single.window_end + 1 > mean)


def _mixture_quantiles(
    shapes: FloatArray, scales: FloatArray, mass: FloatArray, probabilities: tuple[float, ...]
) -> FloatArray:
    """Return quantiles [window, probability] of mixtures of gammas, by Newton's method held in a bracket.

    The arrays are [window, pair]; a pair whose mass is 0 has no part.
    """
    result = np.full((len(shapes), len(probabilities)), np.nan)
    for column, level in enumerate(probabilities):
        each = gammaincinv(shapes, level) * scales
        low, high = each.min(axis=1), each.max(axis=1)
        point = (each * mass).sum(axis=1)
        for _ in range(ROUNDS):
            ratio = point[:, None] / scales
            miss = (gammainc(shapes, ratio) * mass).sum(axis=1) - level
            high = np.where(miss > 0, point, high)
            low = np.where(miss > 0, low, point)
            each = np.exp((shapes - 1) * np.log(ratio) - ratio - gammaln(shapes)) / scales
            density = (each * mass).sum(axis=1)
            step = point - miss / density
            inside = (step > low) & (step < high)
            new = np.where(inside, step, (low + high) / 2)
            settled = bool(np.all((np.abs(new - point) <= 1e-13 * point) | np.isnan(new)))
            point = new
            if settled:
                break
        result[:, column] = point
    return result
