"""Whole numbers divided in proportion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def apportion(weights: FloatArray, total: int) -> IntArray:
    """Divide a whole number in proportion to weights, largest remainders first; the sum is exact.

    Parameters
    ----------
    weights : float array
        0 or more, not all 0 unless the total is 0.
    total : int
        What is divided.

    Returns
    -------
    int64 array
        Of the shape of the weights.
    """
    if total <= 0 or weights.sum() <= 0:
        return np.zeros(weights.shape, dtype=np.int64)
    exact: FloatArray = weights / weights.sum() * total
    whole: IntArray = np.floor(exact).astype(np.int64)
    left = total - int(whole.sum())
    largest = np.argsort(-(exact - whole), kind="stable")[:left]
    whole[largest] += 1
    return whole
