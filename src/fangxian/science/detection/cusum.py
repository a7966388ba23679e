"""The one-sided cumulative sum of transformed counts, for many series at once.

Rossi G, Lampugnani L, Marchi M. An approximate CUSUM procedure for surveillance of health events. Stat Med
1999;18:2111-22. DOI 10.1002/(SICI)1097-0258(19990830)18:16<2111::AID-SIM171>3.0.CO;2-Q.
Pierce DA, Schafer DW. Residuals in generalized linear models. J Am Stat Assoc 1986;81:977-86.
DOI 10.1080/01621459.1986.10478361.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import hyp2f1

FloatArray = NDArray[np.float64]


class CusumTransform(StrEnum):
    """What a count becomes before it is added up."""

    STANDARD = "standard"  # (x - m) / sqrt(m)
    ROSSI = "rossi"  # halfway between the standardised count and its square root
    ANSCOMBE = "anscombe"  # power two thirds
    ANSCOMBE_SECOND_ORDER = "anscombe2nd"  # the same, its mean to second order
    PEARSON_NEGATIVE_BINOMIAL = "pearsonNegBin"
    ANSCOMBE_NEGATIVE_BINOMIAL = "anscombeNegBin"
    NONE = "none"


_WITHOUT_INVERSE = (CusumTransform.NONE, CusumTransform.ANSCOMBE_NEGATIVE_BINOMIAL)


@dataclass(frozen=True)
class CusumOptions:
    """When the sum alarms.

    Parameters
    ----------
    reference_value : float
        k, what is taken off each transformed count.
    decision_limit : float
        h, positive: an alarm stands while the sum is at least this.
    transform : CusumTransform
    alpha : float
        Over-dispersion of the negative binomial transforms: variance = mean + alpha mean^2.
    """

    reference_value: float = 1.04
    decision_limit: float = 2.26
    transform: CusumTransform = CusumTransform.STANDARD
    alpha: float = 0.0

    def __post_init__(self) -> None:
        if not self.decision_limit > 0:
            raise ValueError(f"decision_limit must be positive (got {self.decision_limit}); 2.26 is usual")
        if self.alpha < 0:
            raise ValueError(f"alpha must not be negative (got {self.alpha}); 0 is Poisson")


class CusumResult(NamedTuple):
    """Arrays have the shape of the counts.

    Attributes
    ----------
    sum : float array
        The cumulative sum after the step.
    upper : float array
        Smallest count that would have raised or kept an alarm; NaN where the count is missing. For the
        transforms ``none`` and ``anscombeNegBin`` R surveillance prints what the sum lacks, and so do we;
        its bound for ``anscombe2nd`` takes the second term of the mean as mean^(1/3) / 9, and so do we.
        For ``rossi`` it is the square of the root even where that is negative and any count would do.
    alarm : bool array
    """

    sum: FloatArray
    upper: FloatArray
    alarm: NDArray[np.bool_]


def detect_cusum(counts: ArrayLike, expected: ArrayLike, options: CusumOptions | None = None) -> CusumResult:
    """Add up by how much transformed counts exceed their expectation and a reference value.

    Parameters
    ----------
    counts : array [time] or [time, place]
        NaN is missing: the sum stands still.
    expected : array that broadcasts to ``counts``
        In-control means, positive.
    options : CusumOptions, optional

    Notes
    -----
    ``S_t = max(0, S_(t-1) + z(x_t) - k)``, alarm while ``S_t >= h``. The sum is not set back after an alarm.
    """
    chosen = options or CusumOptions()
    observed = np.asarray(counts, dtype=np.float64)
    mean = np.broadcast_to(np.asarray(expected, dtype=np.float64), observed.shape)
    if np.any(~(mean > 0)):
        raise ValueError("expected counts must be positive; a series without a case has no CUSUM chart")
    score = transform_counts(observed, mean, chosen)
    total = np.zeros(observed.shape)
    before = np.zeros(observed.shape)
    running = np.zeros(observed.shape[1:])
    for step in range(len(observed)):
        before[step] = running
        added = np.maximum(0.0, running + score[step] - chosen.reference_value)
        running = np.where(np.isnan(score[step]), running, added)
        total[step] = running
    missing = np.isnan(observed)
    if chosen.transform in _WITHOUT_INVERSE:
        upper = np.maximum(chosen.decision_limit - total, 0.0)
    else:
        needed = chosen.decision_limit + chosen.reference_value - before
        upper = _count_of_score(needed, mean, chosen)
    upper = np.where(missing, np.nan, upper)
    alarm = (total >= chosen.decision_limit) & ~missing
    return CusumResult(total, upper, alarm)


def transform_counts(counts: FloatArray, mean: FloatArray, options: CusumOptions) -> FloatArray:
    """Return the transformed counts, about standard normal in control, in the shape of ``counts``."""
    kind, alpha = options.transform, options.alpha
    if kind is CusumTransform.STANDARD:
        standard: FloatArray = (counts - mean) / np.sqrt(mean)
        return standard
    if kind is CusumTransform.ROSSI:
        rossi: FloatArray = (counts - 3 * mean + 2 * np.sqrt(counts * mean)) / (2 * np.sqrt(mean))
        return rossi
    if kind is CusumTransform.ANSCOMBE:
        power: FloatArray = counts ** (2 / 3) - mean ** (2 / 3)
        return 1.5 * power / mean ** (1 / 6)
    if kind is CusumTransform.ANSCOMBE_SECOND_ORDER:
        centre = mean ** (2 / 3) - mean ** (-1 / 3) / 9
        return 1.5 * (counts ** (2 / 3) - centre) / mean ** (1 / 6)
    if kind is CusumTransform.PEARSON_NEGATIVE_BINOMIAL:
        return (counts - mean) / np.sqrt(mean + alpha * mean**2)
    if kind is CusumTransform.ANSCOMBE_NEGATIVE_BINOMIAL:
        spread = (mean + alpha * mean**2) ** (1 / 6)
        found: FloatArray = (_anscombe_integral(counts, alpha) - _anscombe_integral(mean, alpha)) / spread
        return found
    return counts


def _anscombe_integral(value: FloatArray, alpha: float) -> FloatArray:
    """Return the integral of variance^(-1/3) from 0, which is close to normal for a negative binomial."""
    found: FloatArray = 1.5 * value ** (2 / 3) * hyp2f1(1 / 3, 2 / 3, 5 / 3, -alpha * value)
    return found


def _count_of_score(score: FloatArray, mean: FloatArray, options: CusumOptions) -> FloatArray:
    """Return the count whose transformed value is ``score``, at least 0."""
    kind = options.transform
    if kind is CusumTransform.STANDARD:
        return np.ceil(np.maximum(mean + np.sqrt(mean) * score, 0.0))
    if kind is CusumTransform.ROSSI:
        root = np.sqrt(np.maximum(4 * mean + 2 * np.sqrt(mean) * score, 0.0)) - np.sqrt(mean)
        return np.where(4 * mean + 2 * np.sqrt(mean) * score > 0, root, 0.0) ** 2
    if kind is CusumTransform.ANSCOMBE:
        return np.maximum(mean ** (2 / 3) + 2 / 3 * score * mean ** (1 / 6), 0.0) ** 1.5
    if kind is CusumTransform.ANSCOMBE_SECOND_ORDER:
        centre = mean ** (2 / 3) - mean ** (1 / 3) / 9
        return np.maximum(centre + score * 2 / 3 * mean ** (1 / 6), 0.0) ** 1.5
    if kind is CusumTransform.PEARSON_NEGATIVE_BINOMIAL:
        return np.maximum(mean + np.sqrt(mean + options.alpha * mean**2) * score, 0.0)
    raise AssertionError(kind)
