"""How many of a day's alarms may be false, when many series are watched."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def adjusted_probabilities(probabilities: ArrayLike, *, any_dependence: bool = False) -> FloatArray:
    """Return the smallest false discovery rate at which each test of one day would be an alarm.

    Parameters
    ----------
    probabilities : array
        Chance of each observation under the null hypothesis; NaN is a test that was not made. Any shape: all
        of them are one family.
    any_dependence : bool
        False is Benjamini and Hochberg 1995, which holds for independent and for positively dependent tests;
        True is Benjamini and Yekutieli 2001, which holds for all.

    Returns
    -------
    float array
        In the shape of the input, NaN where that is NaN. Alarms where it is at most q have an expected share
        of false ones of at most q; on a day on which nothing happens anywhere, the chance of any alarm is at
        most q.

    Notes
    -----
    Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289-300. DOI 10.1111/j.2517-6161.1995.tb02031.x.
    Benjamini Y, Yekutieli D. Ann Stat 2001;29:1165-88. DOI 10.1214/aos/1013699998.
    """
    given = np.asarray(probabilities, dtype=np.float64)
    flat = given.ravel()
    if np.any((flat < 0) | (flat > 1)):
        raise ValueError(
            f"probabilities must lie between 0 and 1 (got {np.nanmin(flat)} to {np.nanmax(flat)})"
        )
    adjusted = np.full(flat.shape, np.nan)
    made = np.flatnonzero(~np.isnan(flat))
    if len(made) == 0:
        return adjusted.reshape(given.shape)
    order = made[np.argsort(flat[made], kind="stable")]
    rank = np.arange(1, len(order) + 1)
    factor = float(np.sum(1 / rank)) if any_dependence else 1.0
    raised = flat[order] * len(order) * factor / rank
    adjusted[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return adjusted.reshape(given.shape)
