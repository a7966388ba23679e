"""Delays drawn from tables of quantiles: one look-up a draw for every family.

The table is indexed by the probability x of a longer delay. Its first level holds 1024 equal cells of x from
0 to 1; a draw below 1/16 is multiplied by 16 and looked up in the next level, and so on, so that the far tail
is as finely divided as the middle. Inside a cell the delay is linear in x.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled_lean
from fangxian.science.agents.records import Delay
from fangxian.science.agents.whole import whole

CELLS = 1024
LEVELS = 8
_FIRST = np.uint64(1 << 28)
_CELL_SHIFT = np.uint64(22)
_CELL_MASK = np.uint64((1 << 22) - 1)
_LEVEL_SHIFT = np.uint64(4)
_CELL_SHARE = 2.0**-22


@lru_cache(maxsize=256)
def quantile_table(delay: Delay) -> NDArray[np.float32]:
    """Return the delays at the edges of every cell of every level.

    Parameters
    ----------
    delay : Delay

    Returns
    -------
    float32 array [LEVELS * (CELLS + 1)], in days
    """
    edge = np.maximum(np.arange(CELLS + 1) / CELLS, 2.0**-13)
    longer = (edge[None, :] * 16.0 ** -np.arange(LEVELS)[:, None]).ravel()
    return quantile(delay, longer).astype(np.float32)


def quantile(delay: Delay, longer: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the delays, in days, that are exceeded with each probability."""
    mean, sd = delay.mean_days, delay.sd_days
    if delay.shape == "fixed" or mean == 0.0:
        return np.full(longer.shape, mean)
    if delay.shape == "exponential":
        return np.asarray(-mean * np.log(longer))
    from scipy.special import gammainccinv, ndtri  # takes longer to import than a small run

    if delay.shape == "gamma":
        shape = (mean / sd) ** 2
        return np.asarray(gammainccinv(shape, longer) * (mean / shape))
    spread = np.log1p((sd / mean) ** 2)
    log_delay = np.log(mean) - spread / 2.0 - np.sqrt(spread) * ndtri(longer)
    return np.asarray(np.where(longer >= 1.0, 0.0, np.exp(log_delay)))


@compiled_lean(forceinline=True)
def delay_at(table: NDArray[np.float32], half: np.uint64) -> float:
    """Return the delay of a random number of 32 bits.

    Parameters
    ----------
    table : float32 array
        From :func:`quantile_table`.
    half : numpy.uint64
        0 to 2**32 - 1, uniform.
    """
    base = 0
    while half < _FIRST and base < (LEVELS - 1) * (CELLS + 1):
        half = half << _LEVEL_SHIFT
        base += CELLS + 1
    cell = base + whole(half >> _CELL_SHIFT)
    share = (np.float64(half & _CELL_MASK) + 0.5) * _CELL_SHARE
    low = np.float64(table[cell])
    return low + share * (np.float64(table[cell + 1]) - low)
