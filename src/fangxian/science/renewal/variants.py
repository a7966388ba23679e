"""Which lineage replaces which, and how much faster it grows: multinomial logistic regression on time.

Davies NG, Abbott S, Barnard RC, et al. Estimated transmissibility and impact of SARS-CoV-2 lineage B.1.1.7 in
England. Science 2021;372:eabg3055. DOI 10.1126/science.abg3055. Growth rates become ratios of reproduction
numbers through the generation interval: Wallinga J, Lipsitch M. Proc R Soc B 2007;274:599-604.
DOI 10.1098/rspb.2006.3754.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

FloatArray = NDArray[np.float64]

_STEPS = 100
_RIDGE = 1e-4  # on slopes: a lineage seen once has a slope near that of the others, and a wide interval


class Replacement(NamedTuple):
    """How each lineage grows against the reference lineage.

    Attributes
    ----------
    advantage : float array [lineage]
        Growth rate a day less that of the reference, 0 for the reference itself.
    deviation : float array [lineage]
        Standard error of the advantage, scaled by the dispersion.
    lower, upper : float arrays [lineage]
        Interval of the advantage.
    share : float array [time, lineage]
        Fitted shares, which sum to 1.
    dispersion : float
        Pearson's, at least 1: samples cluster more than a multinomial says.
    """

    advantage: FloatArray
    deviation: FloatArray
    lower: FloatArray
    upper: FloatArray
    share: FloatArray
    dispersion: float

    def doubling_days(self, lineage: int) -> float:
        """Return in how many days the odds against the reference double; infinite without growth."""
        rate = float(self.advantage[lineage])
        return float(np.log(2) / rate) if rate > 0 else float("inf")

    def reproduction_ratio(self, lineage: int, generation_days: float, shape: float) -> float:
        """Return the ratio of reproduction numbers if both have one gamma generation interval.

        Parameters
        ----------
        lineage : int
        generation_days : float
            Mean generation interval, positive.
        shape : float
            Of its gamma distribution, positive; large is a fixed interval.
        """
        if not (generation_days > 0 and shape > 0):
            raise ValueError(
                f"generation_days and shape must be positive (got {generation_days}, {shape}); "
                "COVID-19 has about 5 days and shape 4"
            )
        return float((1 + max(float(self.advantage[lineage]) * generation_days / shape, -0.999)) ** shape)


def estimate_replacement(
    counts: ArrayLike, days: ArrayLike, *, reference: int = 0, coverage: float = 0.95
) -> Replacement:
    """Estimate growth advantages from counts by lineage.

    Parameters
    ----------
    counts : array [time, lineage]
        Sequences of each lineage; a row of zeros is a day without sequences and says nothing.
    days : array [time]
        When the samples were taken.
    reference : int
        The lineage that the others are compared with.
    coverage : float
        Of the intervals.

    Raises
    ------
    ValueError
        For negative counts, fewer than two lineages or two days with sequences, or a reference never seen.

    Notes
    -----
    ``log(p_i / p_reference) = a_i + s_i t``; s is the growth advantage a day. Newton's method on the
    likelihood with a slight penalty on s. Sampling is taken for random among cases: a lineage that is looked
    for on purpose seems to grow.
    """
    observed, time = np.asarray(counts, dtype=np.float64), np.asarray(days, dtype=np.float64)
    _check(observed, time, reference)
    lineages = observed.shape[1]
    others = [lineage for lineage in range(lineages) if lineage != reference]
    centre = float(np.average(time, weights=observed.sum(axis=1)))
    scale = max(float(np.std(time)), 1.0)
    design = np.column_stack([np.ones(len(time)), (time - centre) / scale])
    start = np.log((observed[:, others].sum(axis=0) + 0.5) / (observed[:, reference].sum() + 0.5))
    beta = np.column_stack([start, np.zeros(len(others))])
    total = observed.sum(axis=1)
    information = np.eye(2 * len(others))
    for _ in range(_STEPS):
        share = _shares(design, beta)
        information = _information(design, share, total)
        score = (design.T @ (observed[:, others] - total[:, None] * share[:, 1:])).T
        score[:, 1] -= _RIDGE * beta[:, 1]
        step = np.linalg.solve(information, score.ravel()).reshape(beta.shape)
        beta = beta + np.clip(step, -2, 2)
        if np.max(np.abs(step)) < 1e-10:
            break
    share = _shares(design, beta)
    full = np.empty((len(time), lineages))
    full[:, reference], full[:, others] = share[:, 0], share[:, 1:]
    dispersion = _dispersion(observed, total, full)
    error = np.sqrt(np.diag(np.linalg.inv(information))[1::2] * dispersion) / scale
    advantage, deviation = np.zeros(lineages), np.zeros(lineages)
    advantage[others], deviation[others] = beta[:, 1] / scale, error
    width = float(ndtri(0.5 + coverage / 2)) * deviation
    return Replacement(advantage, deviation, advantage - width, advantage + width, full, dispersion)


def _check(observed: FloatArray, time: FloatArray, reference: int) -> None:
    if observed.ndim != 2 or len(observed) != len(time) or observed.shape[1] < 2:
        raise ValueError(
            f"counts must be [time, lineage] with two lineages or more and a day for each row "
            f"(got {observed.shape} and {len(time)} days)"
        )
    if np.any(~(observed >= 0)):
        raise ValueError(
            "counts by lineage must be known and not negative; leave a day out that is not known"
        )
    seen = observed.sum(axis=1) > 0
    if len(np.unique(time[seen])) < 2:
        raise ValueError(
            f"growth needs two days with sequences or more (got {len(np.unique(time[seen]))}); add samples"
        )
    if observed[:, reference].sum() == 0:
        raise ValueError(f"the reference lineage {reference} was never seen; choose one with sequences")


def _shares(design: FloatArray, beta: FloatArray) -> FloatArray:
    """Return shares [time, reference and others]."""
    logit = np.column_stack([np.zeros(len(design)), design @ beta.T])
    logit -= logit.max(axis=1, keepdims=True)
    raised = np.exp(logit)
    found: FloatArray = raised / raised.sum(axis=1, keepdims=True)
    return found


def _information(design: FloatArray, share: FloatArray, total: FloatArray) -> FloatArray:
    """Return the information of the coefficients, the penalty included."""
    others = share.shape[1] - 1
    found = np.zeros((2 * others, 2 * others))
    for i in range(others):
        for j in range(others):
            weight = total * share[:, i + 1] * ((i == j) - share[:, j + 1])
            found[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = design.T @ (design * weight[:, None])
    found[1::2, 1::2] += _RIDGE * np.eye(others)
    return found + 1e-9 * np.eye(2 * others)


def _dispersion(observed: FloatArray, total: FloatArray, share: FloatArray) -> float:
    """Return Pearson's dispersion over the cells in which a sequence can be expected."""
    expected = total[:, None] * share
    used = expected >= 1
    freedom = used.sum() - total.astype(bool).sum() - 2 * (observed.shape[1] - 1)
    if freedom < 1:
        return 1.0
    return max(float(np.sum((observed[used] - expected[used]) ** 2 / expected[used]) / freedom), 1.0)
