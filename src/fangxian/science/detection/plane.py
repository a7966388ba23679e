"""Places on a plane: near each other, a degree is so many kilometres."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_KM_PER_DEGREE = 111.195


def kilometres(degrees: FloatArray, middle_latitude: float) -> FloatArray:
    """Return kilometres east and north, [..., 2].

    Parameters
    ----------
    degrees : float array [..., 2]
        Longitude and latitude.
    middle_latitude : float
        Degrees; there distances are true, and a region around it is taken to be flat.
    """
    squeeze = np.cos(np.radians(middle_latitude))
    return np.asarray(degrees * _KM_PER_DEGREE * np.array([squeeze, 1.0]))
