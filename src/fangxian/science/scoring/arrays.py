"""What every score does with its arguments first."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def floats(*values: ArrayLike) -> tuple[FloatArray, ...]:
    """Return each argument as an array of floating-point numbers."""
    return tuple(np.asarray(value, dtype=np.float64) for value in values)


def require_positive(name: str, values: FloatArray, remedy: str) -> None:
    """Refuse a parameter of a distribution that is not positive.

    Raises
    ------
    ValueError
        With the name, the least value received and the remedy.
    """
    if np.any(values <= 0):
        raise ValueError(f"{name} must be positive (got {float(np.min(values)):g}); {remedy}")
