"""Distances where tables give coordinates and no roads."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.tables import Column

SPOT = (Column("x_km", "number"), Column("y_km", "number"))
"""Columns of a place on a plane."""


def straight_km(first: pl.DataFrame, second: pl.DataFrame) -> NDArray[np.float64]:
    """Return float[len(first), len(second)]: kilometres in a straight line between rows with ``SPOT``."""
    here, there = (each.select("x_km", "y_km").to_numpy() for each in (first, second))
    return np.asarray(np.hypot(*np.moveaxis(here[:, None] - there[None], -1, 0)))
